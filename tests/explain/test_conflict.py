"""Conflicts: what cannot hold together is found, is minimal, and nothing more is claimed than was tried."""

import shutil
from pathlib import Path

import pytest

from allocator.explain.conflict import _filtered, conflict
from allocator.load import load
from allocator.model.status import Status
from allocator.problem import compile
from allocator.solve import Limits, solve

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def found(folder, *changes, rules="", solver="highs", seconds=30.0):
    shutil.copytree(TUTORIAL, folder)
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text = text.replace("\nrules:\n", f"\nrules:\n{rules}")
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    problem = compile(load(folder))
    solution = solve(problem, solver=solver, limits=Limits(threads=1))
    assert solution.status == "infeasible"
    return conflict(problem, solution, seconds=seconds)


def ids(conflict):
    return [rule.id for rule in conflict.rules]


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
def test_two_in_every_prefecture_need_four_places(tmp_path, solver):
    # two prefectures, two each, and one place in each of two years
    held = found(tmp_path / "m", ("by: prefecture, at_least: 1}", "by: prefecture, at_least: 2}"), solver=solver)
    assert ids(held) == ["model_county.quota", "one-in-every-prefecture"]
    assert held.proved and held.minimal and held.groups_minimal
    assert sorted(group.label for group in held.groups if group.rule == "model_county.quota") == [(2026,), (2027,)]


def test_limits_of_single_units_count_as_rules_of_their_own(tmp_path):
    # six counties, three places each at least: 18 > 12. The quota also bounds every cell; that may not hide the conflict.
    held = found(tmp_path / "m", ('per_unit: {at_least: "1"}', 'per_unit: {at_least: "3"}'))
    assert ids(held) == ["training.per_unit", "training.quota"]
    assert held.minimal
    # one year is enough, and five of its six counties: 15 > 12
    assert sorted(len(group.label) for group in held.groups) == [1, 3, 3, 3, 3, 3]
    assert len({group.label[-1] for group in held.groups}) == 1


FIX = "  - {{id: pin-{id}, fix: {{unit: {unit}, program: {program}, period: {period}, award: {award}, reason: r, name: n}}}}\n"


def test_two_hand_decisions_that_contradict_each_other(tmp_path):
    pins = FIX.format(id="a", unit="oak", program="training", period=2026, award=2)
    pins += FIX.format(id="b", unit="oak", program="training", period=2026, award=5)
    pins += FIX.format(id="c", unit="oak", program="training", period=2027, award=2)
    held = found(tmp_path / "m", rules=pins)
    assert ids(held) == ["pin-a", "pin-b"] and held.minimal


def test_a_rule_that_nobody_eligible_can_satisfy_stands_alone(tmp_path):
    # Maple never applied: there is no cell to award
    held = found(
        tmp_path / "m", rules=FIX.format(id="maple", unit="maple", program="model_county", period=2026, award="in")
    )
    assert ids(held) == ["pin-maple"] and held.minimal and held.proved


@pytest.mark.parametrize(
    ("amount", "limit", "rule"),
    [(13, '"1"', "training.quota"), (5, '"1", at_most: "4"', "training.per_unit")],
)
def test_what_bounds_every_cell_is_named_where_it_is_the_reason(tmp_path, amount, limit, rule):
    # 13 places for Oak where a year has 12, or 5 where a county gets 4 at most: the hand decision alone could well hold
    pin = FIX.format(id="oak", unit="oak", program="training", period=2026, award=amount)
    held = found(tmp_path / "m", ('per_unit: {at_least: "1"}', f"per_unit: {{at_least: {limit}}}"), rules=pin)
    assert ids(held) == ["pin-oak", rule] and held.minimal


def test_what_was_not_decided_in_time_stays_and_makes_no_minimal_conflict():
    def status(items):  # 1 and 2 conflict; whether they need 3 nobody knows
        return Status.INFEASIBLE if items == [1, 2, 3] else Status.NO_PLAN if {1, 2} <= set(items) else Status.OPTIMAL

    assert _filtered([1, 2, 3], status) == ([1, 2, 3], False)
    assert _filtered([1, 2, 3], lambda items: Status.INFEASIBLE if {1, 2} <= set(items) else Status.OPTIMAL) == (
        [1, 2],
        True,
    )
    assert _filtered([], status) == ([], True)


def test_amounts_with_a_share_need_room_beyond_the_quota(tmp_path):
    # at least 9 places to the north and at most half of all: 18 places, and the quota is 12
    rules = (
        "  - {id: north, total: {of: training, by: period, where: \"prefecture = 'north'\", at_least: 9}}\n"
        "  - {id: half, share: {of: training, by: prefecture, within: period, at_most: 0.5}}\n"
    )
    held = found(tmp_path / "m", rules=rules)
    assert ids(held) == ["half", "north", "training.quota"] and held.minimal


def test_without_time_nothing_is_claimed(tmp_path):
    held = found(tmp_path / "m", ("by: prefecture, at_least: 1}", "by: prefecture, at_least: 2}"), seconds=0.0)
    assert not held.proved and not held.minimal and not held.groups_minimal
    assert {"model_county.quota", "one-in-every-prefecture"} <= set(ids(held))
