# mypy: disable-error-code="union-attr,arg-type,attr-defined,call-overload,operator"
"""What a person does in Python without writing a file: tables, other values, conflicts, plans of their own."""

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import allocator
from allocator import Allocation, InputError, audit, compare, compile, conflict, load, read_run, solve, write_run
from allocator.solve import Solution

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


@pytest.fixture(scope="module")
def model():
    return load(TUTORIAL)


@pytest.fixture(scope="module")
def solution(model) -> Solution:
    return solve(model)


def test_every_name_of_the_package_is_there():
    assert {"Allocation", "audit", "compare", "compile", "conflict", "load", "solve"} <= set(dir(allocator))
    for name in allocator.__all__:
        assert getattr(allocator, name) is not None


def test_tables_of_a_model_are_frames(model):
    units = model.units.frame()
    assert list(units.columns) == list(model.units.columns) and len(units) == 6 and "oak" in set(units.unit)
    assert len(model.tables["reviews"].frame()) == model.tables["reviews"].height


def test_another_value_needs_no_file(model, solution):
    more = solve(
        load(TUTORIAL, scenario={"set": {"programs.training.quota": 14, "parameters.reach_goal": Decimal("0.8")}})
    )
    made = more.allocation.frame()
    assert made[made.program == "training"].amount.sum() == 28
    assert more.stages[0].value == solution.stages[0].value
    pinned = load(
        TUTORIAL,
        scenario={"pins": [{"unit": "oak", "program": "model_county", "award": "out", "reason": "r", "name": "Li"}]},
    )
    assert any(rule.by_hand() for rule in pinned.rules)


def test_a_model_is_changed_without_its_files(tmp_path, solution):
    copied = tmp_path / "m"
    shutil.copytree(TUTORIAL, copied)
    model = load(copied, scenario={"set": {"programs.training.quota": 14}})
    shutil.rmtree(copied)  # what it was made of is in it
    less = model.with_parameters(reach_goal=0.7)
    assert less.policy.parameters["reach_goal"].value == Decimal("0.7")
    assert model.policy.parameters["reach_goal"].value == Decimal("0.8")
    pinned = model.pinned("oak", "model_county", award="out", reason="r", name="Li")
    found = solve(pinned)
    chosen = {(award.unit, award.program) for award in found.allocation.awards}
    assert chosen and ("oak", "model_county") not in chosen
    run = read_run(write_run(pinned, found, audit(pinned, found.allocation), tmp_path / "run"))
    assert run.model.rules == pinned.rules and run.allocation == found.allocation
    with pytest.raises(InputError, match="reach_gaol"):
        model.with_parameters(reach_gaol=1)
    with pytest.raises(ValueError, match="loaded"):
        replace(model, otherwise=None).changed({})


def test_a_wrong_value_is_told_as_in_a_file():
    with pytest.raises(InputError) as told:
        load(TUTORIAL, scenario={"set": {"programs.trainin.quota": 14}, "pin": []})
    assert {(fault.code, fault.nearest) for fault in told.value.faults} == {
        ("unknown-key", "pins"),
        ("override-nowhere", "training"),
    }
    assert "training" in str(told.value)


def test_a_folder_is_solved_by_its_name(solution):
    for path in (TUTORIAL, str(TUTORIAL)):
        assert solve(path).allocation == solution.allocation


def test_what_cannot_hold_together_is_a_frame(model, solution):
    wrong = load(TUTORIAL, scenario={"set": {"programs.training.quota": 5}})  # six counties, one place each at least
    found = conflict(wrong, solve(wrong))
    frame = found.frame()
    assert set(frame.rule) == {"training.per_unit", "training.quota"}
    told = frame.dropna(subset=["possible"]).iloc[0]
    assert told.at_most == 5 and told.possible == 6
    with pytest.raises(ValueError, match="nothing is in conflict"):
        conflict(model, solution)


def test_a_frame_is_a_plan(model, solution):
    plan = solution.allocation.frame()
    assert Allocation.from_frame(plan.sample(frac=1, random_state=1).assign(remark="x")) == solution.allocation
    assert audit(model, Allocation.from_frame(plan[plan.unit != "oak"])).violations
    as_text = plan.astype(str)
    assert Allocation.from_frame(as_text) == solution.allocation


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plan: plan.drop(columns="amount"), "no column amount"),
        (lambda plan: plan.assign(amount=1.5), "amount is no whole number"),
        (lambda plan: plan.assign(amount=-1), "amount is no whole number"),
        (lambda plan: plan.assign(period="soon"), "period is no whole number"),
        (lambda plan: plan.assign(amount=[float("nan")] * len(plan)), "an empty cell"),
        (lambda plan: plan.assign(unit=None), "an empty cell"),
        (lambda plan: pd.concat([plan, plan]), "named twice"),
    ],
)
def test_a_frame_that_is_no_plan_is_told(solution, change, said):
    with pytest.raises(ValueError, match=said):
        Allocation.from_frame(change(solution.allocation.frame()))


def test_models_runs_and_plans_are_compared_as_they_are(model, solution, tmp_path):
    plan = solution.allocation.frame()
    found = compare([model, Allocation.from_frame(plan[plan.unit != "oak"])], tmp_path)
    assert [party.status for party in found.parties] == ["optimal", "by hand"]
    assert set(found.moves_frame().kind) == {"loses"}
    with pytest.raises(ValueError, match="needs a model"):
        compare([solution.allocation, solution.allocation], tmp_path)


def test_nothing_fills_the_screen_with_its_contents(model, solution, tmp_path):
    wrong = load(TUTORIAL, scenario={"set": {"programs.training.quota": 5}})
    shown = [model, model.units, compile(model), solution, solution.allocation, audit(model, solution.allocation)]
    shown += [conflict(wrong, solve(wrong))]
    run = read_run(write_run(model, solution, shown[5], tmp_path / "run"))
    shown += [run, compare([run, solution.allocation], tmp_path)]
    for value in shown:
        assert len(repr(value)) < 300, type(value)
