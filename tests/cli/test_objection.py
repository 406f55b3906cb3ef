"""objection and gaming on the tutorial: what they say, what they write, what they refuse."""

import csv
import json
import shutil

import pytest
from tests.conftest import once
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.commands import objection as command
from allocator.cli.main import main
from allocator.load import load
from allocator.runs.folder import amend

OAK = ["--unit", "oak", "--program", "model_county", "--period", "2026"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("objection") / "a")


def told(run, capsys, *words):
    assert main(["objection", str(run), *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_figure_that_changes_nothing_is_told_with_the_values_for_which_that_holds(run, capsys, monkeypatch):
    once(monkeypatch, command, "objection")
    found = told(run, capsys, "--unit", "oak", "--set", "rural_population_thousand=44")
    assert not found["changes"] and found["moves"] == []
    assert found["stays"] == found["holds"] == {"from": "34", "to": "59", "proved": True}
    for lang, words in (("en", "same for any value from 34 to 59"), ("zh", "取34至59之间的任何值")):
        assert (
            main(["objection", str(run), "--unit", "oak", "--set", "rural_population_thousand=44", "--lang", lang]) == 0
        )
        assert words in capsys.readouterr().out.replace("\n    ", "")


def test_who_comes_in_and_who_drops_out(run, capsys):
    found = told(run, capsys, *OAK, "--set", "score=90")
    assert {(m["unit"], m["program"]) for m in found["moves"]} == {
        (unit, program) for unit in ("oak", "pine") for program in ("model_county", "upgrade")
    }
    assert found["stays"]["to"] == "89" and found["holds"]["from"] == "90" and found["turns"] == ["90"]


@pytest.mark.parametrize("said", ["prefecture=north", "score=", "name=x"])
def test_a_text_and_an_empty_cell_have_the_answer_at_the_value_alone(run, capsys, said):
    found = told(run, capsys, *OAK, "--set", said)
    assert found["stays"] is None and found["complete"]
    assert found["changes"] == (said == "prefecture=north")


def test_the_page_and_the_scenario_are_written_and_the_scenario_makes_the_plan_that_was_told(run, tmp_path, capsys):
    files = ["-o", str(tmp_path / "page.md"), "--accepted", str(tmp_path / "accepted.yaml")]
    found = told(run, capsys, *OAK, "--set", "score=90", *files)
    assert found["accepted"] == {"file": str(tmp_path / "accepted.yaml"), "status": "optimal", "changes": 4}
    assert "| Oak County (oak) | Model counties | – | 2026 |" in (tmp_path / "page.md").read_text(encoding="utf-8")
    model = load(tmp_path / "accepted.yaml")
    assert [objective.id for objective in model.policy.objectives] == ["merit", "need", "fewest-changes"]
    again = run_of(tmp_path / "accepted.yaml", tmp_path / "again")
    with (again / "allocation.csv").open(encoding="utf-8", newline="") as file:
        rows = [[r["unit"], r["program"], int(r["period"]), int(r["amount"])] for r in csv.DictReader(file)]
    assert sorted(rows) == sorted(found["plan"])


def test_a_unit_and_a_program_go_by_code_or_by_name(run, reporting, capsys, monkeypatch):
    calls = once(monkeypatch, command, "objection")
    by_code = told(run, capsys, *OAK, "--set", "score=90")
    for unit, program in (("Oak County", "Model counties"), ("橡林县", "示范县"), ("oak county", "model_county")):
        named = ["--unit", unit, "--program", program, "--period", "2026"]
        assert told(run, capsys, *named, "--set", "score=90") == by_code
    assert len(calls) == 4 and len({(along.datum, value) for along, value in calls}) == 1
    of_oak = []
    for unit in ("oak", "Oak County"):
        assert main(["gaming", str(reporting), "--unit", unit, "--json", "--time-limit", "1e-9"]) == 5
        of_oak.append(json.loads(capsys.readouterr().out)["figures"])
    assert of_oak[0] == of_oak[1] and {one["unit"] for one in of_oak[0]} == {"oak"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unit", "oka", "--set", "score=1"], "oak"),
        (["--unit", "oak", "--set", "scor=1"], 'did you mean "score"'),
        (["--unit", "oak", "--set", "score=1"], "--program"),
        (["--unit", "oak", "--set", "score"], "column=value"),
        (["--unit", "oak", "--set", "unit=elm"], "unit"),
        (["--unit", "oak", "--set", "reach_goal=1"], "reach_goal"),
        (["--unit", "oak", "--set", "villages=1"], "villages"),
        (["--unit", "maple", "--set", "score=1"], "no row"),
        (["--unit", "oak", "--set", "prefecture=nort"], 'did you mean "north"'),
        (["--unit", "oak", "--set", "rural_population_thousand=4O"], 'did you mean "40"'),
        (["--unit", "oak", "--set", "rural_population_thousand=40"], "already"),
        (["--unit", "oak", "--set", "score=1", "--program", "upgrad"], 'did you mean "upgrade"'),
        (["--unit", "oak", "--set", "score=1", "--period", "2030"], "2030"),
    ],
)
def test_what_stands_for_no_figure_is_refused_with_the_nearest_right_name(run, capsys, words, said):
    assert main(["objection", str(run), *words, "--lang", "en"]) == 2
    assert said in capsys.readouterr().err


def test_only_the_one_best_plan_can_be_asked(tmp_path, capsys):
    run = run_of(TUTORIAL, tmp_path / "a")
    amend(run, lambda manifest: {**manifest, "status": "not proved"})
    assert main(["objection", str(run), "--unit", "oak", "--set", "name=x", "--lang", "en"]) == 2
    assert "proved to be the best" in capsys.readouterr().err


@pytest.fixture(scope="module")
def reporting(tmp_path_factory):
    """The tutorial with what the units report."""
    folder = tmp_path_factory.mktemp("gaming")
    shutil.copytree(TUTORIAL, folder / "model")
    file = folder / "model" / "model.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(
        "id: unit, name", "id: unit, columns: {rural_population_thousand: {reported_by: unit}}, name", 1
    )
    text = text.replace("past: {file: past.csv,", "past: {file: past.csv, reported_by: unit,", 1)
    file.write_text(text, encoding="utf-8")
    return run_of(folder / "model", folder / "run")


def test_the_smallest_lie_who_loses_and_what_brings_nothing(reporting, tmp_path, capsys):
    words = ["gaming", str(reporting), "--unit", "ash", "--csv", str(tmp_path / "list.csv")]
    assert main([*words, "--json"]) == 0
    figures = {one["column"]: one for one in json.loads(capsys.readouterr().out)["figures"]}
    people = figures["rural_population_thousand"]
    assert (people["verdict"], people["value"], people["lie"], people["proved"]) == ("gain", "10", "25", True)
    assert {move["unit"] for move in people["moves"]} == {"ash", "oak"}
    assert (figures["past.pilot"]["verdict"], figures["past.pilot"]["proved"]) == ("none", True)
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 3
    for lang, said in (("en", "25 instead of 10 brings a gain"), ("zh", "报25而不报10即获利")):
        assert (
            main(["gaming", str(reporting), "--unit", "ash", "--column", "rural_population_thousand", "--lang", lang])
            == 0
        )
        assert said in capsys.readouterr().out


def test_a_limit_leaves_figures_open_and_says_so(reporting, capsys):
    assert main(["gaming", str(reporting), "--time-limit", "0.001", "--lang", "en"]) == 5
    assert "not settled" in capsys.readouterr().out


def test_where_nothing_is_reported_or_no_such_column_is_there_it_is_refused(run, reporting, capsys):
    assert main(["gaming", str(run), "--lang", "en"]) == 2
    assert "reported_by" in capsys.readouterr().err
    assert main(["gaming", str(reporting), "--column", "rural_population", "--lang", "en"]) == 2
    assert "rural_population_thousand" in capsys.readouterr().err


def test_who_reports_a_column_changes_no_plan_and_a_plain_word_still_says_how_it_is_read(reporting):
    policy = load(reporting).policy
    assert policy.units.columns["rural_population_thousand"].reported_by == "unit"
    assert policy.model_dump(mode="json")["units"]["columns"] == {"rural_population_thousand": {"reported_by": "unit"}}
