"""allocator guard on the command line: its verdicts and exit codes, the counter-example as files, every fault at once."""

import json
from pathlib import Path

import pytest
from tests.explain.test_guard import many

from allocator.cli.main import main
from allocator.faults import Exit
from allocator.load import load

OPEN = "open: x\ntitle: {zh: 考核, en: The rating}\nfacts:\n  - column: rated\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two prefectures of two counties, both years for whoever is rated; one place a year and one county of each asked for."""
    many(tmp_path / "m", 2, 2)
    text = (tmp_path / "m" / "model.yaml").read_text()
    text = text.replace("quota: {1: 0, 2: 2}", "quota: {1: 1, 2: 1}").replace("rated = 1", "rated = 1 or period = 1")
    (tmp_path / "m" / "model.yaml").write_text(text)
    (tmp_path / "m" / "units.csv").write_text("unit,prefecture,rated\na1,a,1\na2,a,1\nb1,b,1\nb2,b,0\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys, *arguments):
    code = main(["guard", *arguments, "--lang", "en"])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_model_is_solved_and_the_door_shown_as_a_scenario_that_solves_to_the_same(folder, capsys):
    Path("open.yaml").write_text(OPEN)
    code, out, _ = told(capsys, "m", "--through", "1", "--open", "open.yaml", "--out", "door")
    assert code == Exit.INFEASIBLE
    assert "The rating, 4 facts" in out and "The award that closes the door" not in out.splitlines()[0]
    assert sorted(path.name for path in Path("door").iterdir()) == ["counter-example-units.csv", "counter-example.yaml"]
    assert main(["solve", "door/counter-example.yaml", "--out", "again"]) == Exit.INFEASIBLE
    model = load("door/counter-example.yaml")
    assert model.policy.frozen is not None and model.policy.frozen.through == 1
    assert model.frozen is not None and model.frozen.height == 1


def test_safe_is_0_and_the_document_has_the_same_facts(folder, capsys):
    assert main(["solve", "m", "--out", "runs/m"]) == Exit.DONE
    Path("open.yaml").write_text(OPEN + "    known: [{by: prefecture, at_least: 1}]\n")
    capsys.readouterr()
    code, out, _ = told(capsys, "runs/m", "--through", "1", "--open", "open.yaml")
    assert code == Exit.DONE and out.splitlines()[1].startswith("Safe:")
    code, out, _ = told(capsys, "runs/m", "--through", "1", "--open", "open.yaml", "--json", "--solver", "cpsat")
    document = json.loads(out)
    assert code == Exit.DONE
    assert (document["verdict"], document["facts"], document["solvers"]) == ("safe", 4, ["cpsat", "highs"])
    assert [known["in"] for known in document["known"]] == [["a"], ["b"]]


def test_the_document_of_a_closed_door_names_the_outcome_the_rules_and_the_award(folder, capsys):
    Path("open.yaml").write_text(OPEN + "    known: [{where: \"prefecture = 'a'\", at_least: 1}]\n")
    Path("pin.yaml").write_text(
        "scenario: pin\nmodel: m\npins: [{unit: a1, program: demo, period: 1, award: in, reason: r, name: n}]\n"
    )
    code, out, _ = told(capsys, "pin.yaml", "--through", "1", "--open", "open.yaml", "--json")
    document = json.loads(out)
    assert code == Exit.INFEASIBLE
    against = [flag["row"] for flag in document["counter_example"]["against"]]
    assert against == [["b1"], ["b2"]] and document["counter_example"]["minimal"]
    assert [rule["rule"] for rule in document["conflict"]["rules"]] == ["every"]
    assert document["award"]["blame"] == "promise"  # the pin itself holds a1: nobody else can have the place


def test_a_limit_is_6(folder, capsys):
    assert main(["solve", "m", "--out", "runs/m"]) == Exit.DONE
    Path("open.yaml").write_text(OPEN)
    capsys.readouterr()
    code, out, _ = told(capsys, "runs/m", "--through", "1", "--open", "open.yaml", "--time-limit", "0.000001")
    assert code == Exit.LIMIT_NO_PLAN and out.splitlines()[1].startswith("Not proved:")


def test_every_fault_of_the_call_at_once(folder, capsys):
    assert main(["solve", "m", "--out", "runs/m"]) == Exit.DONE
    Path("open.yaml").write_text(OPEN.replace("rated", "ratd"))
    capsys.readouterr()
    code, out, err = told(capsys, "runs/m", "--through", "7", "--open", "open.yaml")
    assert (code, out) == (Exit.INPUT, "")
    assert "open.yaml:4:13 open-no-column:" in err and 'did you mean "rated"' in err
    assert "runs/m sign-no-year: the plan has no year 7; expected 1 and 2" in err
    assert told(capsys, "runs/m", "--through", "1", "--open", "none.yaml")[0] == Exit.INPUT
    Path("open.yaml").write_text(OPEN + "    known: [{at_most: 1}, {by: prefecture, at_least: 1}]\n")
    code, _, err = told(capsys, "runs/m", "--through", "1", "--open", "open.yaml")
    assert code == Exit.INPUT and "open-no-outcome" in err
