"""Without a draw the plan is openly one of the best: nothing is drawn, values are compared and not plans, every page says it."""

import json
from fractions import Fraction

import pytest
from tests.answer.test_hints import forged
from tests.load.small import written

from allocator.answer import answer
from allocator.answer.verification import proved_again
from allocator.audit import audit
from allocator.cli.main import main
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.runs.manifest import exact
from allocator.runs.read import read_run, read_stored
from allocator.solve import solve

# Three units of one score, two places: three plans are as good as each other.
FILES = {
    "units.csv": "unit,score\na,5\nb,5\nc,5\n",
    "m.yaml": """
        model: m
        title: t
        periods: [2026]
        units: {file: units.csv, id: unit}
        programs: {p: {decides: selection, quota: 2}}
        objectives: [{id: merit, total: {maximize: score, of: p}}]
        ties: none
    """,
}
SIGN = ["--through", "2026", "--name", "Li", "--date", "2026-01-31", "--lang", "en"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    written(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(*units):
    return Allocation.of((unit, "p", 2026, 1) for unit in units)


def of(run, units):
    """The same run with another plan, hashes and seal that fit, and all else left as it was."""
    held = plan(*units)
    counted = audit(read_run(run).model, held)

    def said(told):
        stages = [
            {**s, "value": [exact(f) for f in v.figures or ()]} for s, v in zip(told["stages"], counted.objectives)
        ]
        return {**told, "stages": stages}

    forged(run, said, {"allocation.csv": held.csv().encode()})


def another(run):
    """Two units of which a run awards one only."""
    held = read_stored(run).allocation
    assert held is not None
    return sorted({"a", "b", "c"} - {min(award.unit for award in held.awards)})


def test_nothing_is_drawn_and_every_objective_is_proved(folder):
    found = solve(load("m.yaml"))
    assert found.status == "optimal" and found.drawn == () and found.stages[0].value == (Fraction(10),)
    assert solve(load("m.yaml")).allocation == found.allocation


def test_a_store_does_not_choose_which_of_the_best_plans_is_taken(folder):
    first = answer(load("m.yaml"), folder / "runs")
    again = answer(load("m.yaml"), folder / "runs")
    assert not again.known and again.allocation == first.allocation


def test_another_of_the_best_plans_is_as_proved_and_a_worse_one_is_not(folder):
    found = answer(load("m.yaml"), folder / "runs").run
    assert found is not None
    of(found, another(found))
    assert proved_again(read_run(found)) == "optimal"
    of(found, ["a"])
    assert proved_again(read_run(found)) == "not proved"


def test_replay_says_that_another_plan_is_one_of_the_best(folder, capsys):
    found = answer(load("m.yaml"), folder / "runs", lang="en").run
    assert main(["replay", str(found), "--lang", "en"]) == 0
    assert found is not None
    of(found, another(found))
    capsys.readouterr()
    assert main(["replay", str(found), "--lang", "en"]) == 0
    assert "another of the best plans" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_says_that_it_is_one_of_the_best(folder, capsys, lang):
    told = {"en": "neofthebest", "zh": "最优方案之一"}[lang]
    for command in (
        ["solve", "m.yaml", "--out", "runs/a", "--certify"],
        ["runs", "runs"],
        ["show", "m.yaml"],
        ["compare", "m.yaml", "runs/a"],
        ["sign", "runs/a", *SIGN[:-1], lang],
    ):
        code = main([*command, *(() if command[0] == "sign" else ("--lang", lang))])
        out = capsys.readouterr().out
        assert code == 0 and told in "".join(out.split()), (command, out)  # wherever its lines end


def test_the_record_says_that_no_draw_was_made(folder, capsys):
    assert main(["solve", "m.yaml", "--out", "runs/a", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["draw"]["made"] is False
    assert read_stored(folder / "runs" / "a").manifest["draw"] == {
        "seed": None,
        "public": None,
        "status": "not proved",
        "cells": [],
    }


def test_a_scenario_takes_the_draw_away_and_brings_it_back(folder):
    drawn = FILES["m.yaml"].replace("ties: none", "ties: {lottery: 3}")
    written(folder, {"d.yaml": drawn, "no.yaml": "scenario: no\nmodel: d.yaml\nset: {ties: none}\n"})
    written(folder, {"yes.yaml": "scenario: yes\nmodel: m.yaml\nset: {ties: {lottery: 3}}\n"})
    assert load("no.yaml").policy.seed is None and load("yes.yaml").policy.seed == 3
    model = load("d.yaml")
    assert solve(load("yes.yaml")).allocation == solve(model).allocation


def test_without_objectives_any_plan_will_do_and_it_is_said(folder, capsys):
    bare = "\n".join(line for line in FILES["m.yaml"].splitlines() if "objectives" not in line)
    written(folder, {"bare.yaml": bare})
    assert main(["solve", "bare.yaml", "--out", "runs/b", "--lang", "en"]) == 0
    assert "no objective is stated, and no draw was made" in capsys.readouterr().out
