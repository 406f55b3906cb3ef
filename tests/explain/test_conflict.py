"""Conflicts: what cannot hold together is found, is minimal, and nothing more is claimed than was tried."""

import io
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from rich.console import Console

from allocator.explain.conflict import conflict, filtered
from allocator.explain.names import Names
from allocator.load import load
from allocator.model.status import Status
from allocator.problem import compile
from allocator.report.conflict import show_conflict
from allocator.report.screen import Screen
from allocator.solve import Limits, solve
from allocator.words import LANGUAGES

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

    assert filtered([1, 2, 3], status) == ([1, 2, 3], False)
    assert filtered([1, 2, 3], lambda items: Status.INFEASIBLE if {1, 2} <= set(items) else Status.OPTIMAL) == (
        [1, 2],
        True,
    )
    assert filtered([], status) == ([], True)


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


UNITS = "unit,zone,cost\na,n,3\nb,n,4\nc,s,5\nd,s,6\n"
SELECT, CAPPED = "{p: {decides: selection%s}}", "{p: {decides: amount, quota: 12, per_unit: {at_most: cost}}}"


@pytest.mark.parametrize(
    ("programs", "rules", "claims"),
    [
        # the three cheapest cost 12, and for 10 there are two
        (SELECT % "", "{id: a, total: {of: p, measure: cost, at_most: 10}}, {id: b, total: {of: p, at_least: 3}}",
            {("a", None, 10, 12), ("b", 3, None, 2)}),
        # one in the north and one in the south: it takes all three rules
        (SELECT % ", quota: 3",
            "{id: a, total: {of: p, where: zone = 'n', at_most: 1}}, {id: b, total: {of: p, where: zone = 's', at_most: 1}}",
            {("a", None, 1, 2), ("b", None, 1, 2), ("p.quota", 3, None, 2)}),
        # nobody of the north, so one zone is reached of two
        (SELECT % "",
            "{id: a, total: {of: p, where: zone = 'n', at_most: 0}}, {id: b, reach: {of: p, by: zone, at_least: 2}}",
            {("a", None, 0, 1), ("b", 2, None, 1)}),
        # 3 + 4 in the north, 90 % of 12 needed: 3.8 short; with 90 % of all that is awarded 7 at most are
        (CAPPED, "{id: a, share: {of: p, part: zone = 'n', at_least: 0.9}}",
            {("a", 0, None, "19/5"), ("p.quota", 12, None, 7)}),
    ],
)  # fmt: skip
def test_a_conflict_of_two_or_more_rules_says_by_how_much(tmp_path, programs, rules, claims):
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    policy = f"units: {{file: units.csv, id: unit}}\nprograms: {programs}\nrules: [{rules}]\n"
    (tmp_path / "model.yaml").write_text(f"model: m\ntitle: t\nperiods: [1]\n{policy}", encoding="utf-8")
    problem = compile(load(tmp_path))
    held = conflict(problem, solve(problem))
    told = {
        (one.rule.id, one.bound if one.needs_more else None, None if one.needs_more else one.bound, one.possible)
        for one in held.short
        if one.label is not None
    }
    assert told == {(rule, low, high, Fraction(possible)) for rule, low, high, possible in claims}
    for lang in LANGUAGES:
        stream = io.StringIO()
        show_conflict(Screen(Names(problem.model, lang), Console(file=stream, width=100)), held)
        assert ("possible while" in stream.getvalue()) or ("certain while" in stream.getvalue()) or lang == "zh"
