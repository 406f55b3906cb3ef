# mypy: disable-error-code="no-untyped-call,no-untyped-def"
"""allocator show of scenarios: where every value comes from, and what differs from another model."""

import json
import shutil
from pathlib import Path

import pytest

from allocator.cli.main import main

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
LATE = """\
scenario: late
title: {zh: 更正, en: corrected}
extends: more.yaml
set:
  parameters.reach_goal: 0.9
  programs.model_county.quota: {2026: 1, 2027: 2}
rules:
  one-in-every-prefecture: drop
  reach-counties: {waivable: true}
  at-most-90: {total: {of: training, at_most: 90}, text: {zh: 至多九十, en: at most ninety}}
tables:
  reviews: {patch: late.csv}
objectives: [need, merit]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    shutil.copytree(TUTORIAL, tmp_path / "model")
    more = "scenario: more\ntitle: {zh: 多, en: more}\nmodel: model\nset:\n  programs.training.quota: {times: 1.5}\n"
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    (tmp_path / "late.yaml").write_text(LATE, encoding="utf-8")
    rows = "unit,program,period,score\nbirch,model_county,2027,97\ncedar,upgrade,2027,50\n"
    (tmp_path / "late.csv").write_text(rows, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(capsys, *args):
    assert main(["show", *args, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_value_of_a_scenario_with_the_file_and_line_that_says_it(here, capsys):
    told = document(capsys, "late.yaml", "--origin")
    spots = {one["path"]: (one["value"], one["file"], one["line"]) for one in told["values"]}
    assert spots == {
        "model": ("late", "late.yaml", 1),
        "title": ({"zh": "更正", "en": "corrected"}, "late.yaml", 2),
        "programs.training.quota": (18, "more.yaml", 5),
        "parameters.reach_goal.value": ("0.9", "late.yaml", 5),
        "programs.model_county.quota": ({"2026": 1, "2027": 2}, "late.yaml", 6),
        "rules.reach-counties.waivable": (True, "late.yaml", 9),
        "rules.at-most-90": (
            {
                "id": "at-most-90",
                "total": {"of": "training", "at_most": 90},
                "text": {"zh": "至多九十", "en": "at most ninety"},
            },
            "late.yaml",
            10,
        ),
        "objectives": (["need", "merit"], "late.yaml", 13),
    }
    rows = len((here / "model" / "reviews.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert told["tables"] == [{"table": "tables.reviews", "rows": {"late.csv": 2, "reviews.csv": rows - 1}}]
    every = document(capsys, "late.yaml", "--origin", "*")["values"]
    assert len([one for one in every if one["file"] == "model.yaml"]) == told["others"] > 0


def test_a_model_says_everything_itself(here, capsys):
    told = document(capsys, "model", "--origin")
    assert told["values"] == [] and told["tables"] == [] and told["file"] == "model.yaml"


def test_what_differs_from_another_model(here, capsys):
    told = document(capsys, "late.yaml", "--diff", "model")
    (value,) = told["values"]
    assert value["path"] == "parameters.reach_goal"
    assert (value["before"]["value"], value["after"]["value"]) == ("0.8", "0.9")
    assert (value["before"]["file"], value["after"]["file"], value["after"]["line"]) == ("model.yaml", "late.yaml", 5)
    quotas = {
        (q["program"], q["period"]): (q["before"]["at_most"], q["after"]["at_most"], q["now"]["file"])
        for q in told["quotas"]
    }
    assert quotas == {  # the quota of 2026 is written in another way, and is the same
        ("model_county", 2027): ("1", "2", "late.yaml"),
        ("training", 2026): ("12", "18", "more.yaml"),
        ("training", 2027): ("12", "18", "more.yaml"),
    }
    rules = told["rules"]
    assert [(r["id"], r["text"]["en"]) for r in rules["added"]] == [("at-most-90", "at most ninety")]
    assert [r["id"] for r in rules["dropped"]] == ["one-in-every-prefecture"]
    assert [(c["path"], c["before"]) for c in rules["changed"]] == [("rules.reach-counties.waivable", None)]
    assert told["objectives"]["order"] == [["merit", "need"], ["need", "merit"]]
    assert not told["objectives"]["changed"]
    (table,) = told["tables"]
    assert table["table"] == "tables.reviews" and [
        (cell["key"], cell["column"], cell["before"], cell["after"], cell["now"]["line"]) for cell in table["cells"]
    ] == [
        (["birch", "model_county", 2027], "score", 88, 97, 2),
        (["cedar", "upgrade", 2027], "score", None, 50, 3),
    ]


def test_the_other_way_round_swaps_both_sides(here, capsys):
    there, back = document(capsys, "late.yaml", "--diff", "model"), document(capsys, "model", "--diff", "late.yaml")
    assert [r["id"] for r in back["rules"]["dropped"]] == [r["id"] for r in there["rules"]["added"]]
    assert [(q["before"], q["after"]) for q in back["quotas"]] == [(q["after"], q["before"]) for q in there["quotas"]]
    cells = [table["cells"] for told in (there, back) for table in told["tables"]]
    assert [(c["before"], c["after"]) for c in cells[0]] == [(c["after"], c["before"]) for c in cells[1]]


def test_nothing_differs_from_oneself_nor_from_the_run(here, capsys):
    assert document(capsys, "late.yaml", "--diff", "late.yaml")["same"]
    assert main(["solve", "more.yaml", "--out", "runs/more"]) == 0
    capsys.readouterr()
    assert document(capsys, "runs/more", "--diff", "more.yaml")["same"]
    assert not document(capsys, "runs/more", "--diff", "model")["same"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_screen_tells_the_same(here, capsys, lang):
    assert main(["show", "late.yaml", "--origin", "--lang", lang]) == 0
    page = capsys.readouterr().out
    assert "more.yaml:5:28" in page and "late.yaml:5:" in page and "late.csv" in page
    assert main(["show", "late.yaml", "--diff", "model", "--lang", lang]) == 0
    page = capsys.readouterr().out
    for told in ("parameters.reach_goal", "late.csv:2", "reach-counties", "one-in-every-prefecture", "more.yaml:5:28"):
        assert told in page
    assert {"zh": "至多九十", "en": "at most ninety"}[lang] in page and "None" not in page
    assert main(["show", "model", "--diff", "model", "--lang", lang]) == 0
    assert {"zh": "没有不同", "en": "Nothing"}[lang] in capsys.readouterr().out


def test_long_tables_are_cut_on_the_screen_only(here, capsys):
    head, *rows = (here / "model" / "reviews.csv").read_text(encoding="utf-8").splitlines()
    units = (here / "model" / "units.csv").read_text(encoding="utf-8").splitlines()[1:]
    more = [
        f"{unit.split(',')[0]},{program},{year},50"
        for unit in units
        for program in ("upgrade", "model_county", "training")
        for year in (2026, 2027)
    ]
    (here / "all.csv").write_text("\n".join([head, *more]) + "\n", encoding="utf-8")
    (here / "wide.yaml").write_text("scenario: wide\nmodel: model\ntables: {reviews: {patch: all.csv}}\n")
    assert len(document(capsys, "wide.yaml", "--diff", "model")["tables"][0]["cells"]) == len(more) == 36 > len(rows)
    assert main(["show", "wide.yaml", "--diff", "model", "--lang", "en"]) == 0
    assert "… 16 more" in capsys.readouterr().out


def test_one_of_the_two(here, capsys):
    assert main(["show", "late.yaml", "--origin", "--diff", "model"]) == 2
    assert "--diff" in capsys.readouterr().err


def test_a_run_keeps_what_the_scenario_said(here, capsys):
    """The merged model is what replays; beside it, hashed, stand the files that were written."""
    assert main(["solve", "late.yaml", "--out", "runs/late"]) in (0, 3)
    kept = sorted(path.name for path in (here / "runs" / "late" / "scenario").iterdir())
    assert kept == ["1-more.yaml", "2-late.csv", "2-late.yaml"]
    assert (here / "runs" / "late" / "scenario" / "2-late.yaml").read_bytes() == (here / "late.yaml").read_bytes()
    shutil.copytree(here / "runs" / "late", here / "alone" / "late")
    capsys.readouterr()
    assert main(["replay", "alone/late", "--out", "alone/again", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["same"] and told["files"]["scenario/2-late.yaml"]
    with (here / "runs" / "late" / "scenario" / "1-more.yaml").open("a") as file:
        file.write("# edited\n")
    assert main(["replay", "runs/late"]) == 2
    assert "scenario/1-more.yaml run-file-edited" in capsys.readouterr().err
