"""A policy that no plan keeps: planted conflicts are found, repairs work, planted typing mistakes are suspected."""

from fractions import Fraction
from pathlib import Path

import pytest
from benchmarks.planted.impossible import PLANTED
from tests.load.small import written

from allocator.explain.impossible import Wanted, impossible
from allocator.load import load
from allocator.model.status import Status
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve
from allocator.solve.subproblem import silent

MODELS = Path(__file__).parents[2] / "models"

# Two published panels. The respondents and targets: the sample of OpenDLP (invented people); example 4 of the tests of
# sortition-algorithms (Sortition Foundation).
RESPONDENTS = """
    id,gender,age,region
    1,Female,18-35,North
    2,Male,36-55,South
    3,Female,56+,East
    4,Male,18-35,West
    5,Female,36-55,North
    6,Male,56+,South
    7,Female,18-35,East
    8,Male,36-55,West
    9,Female,56+,North
    10,Male,18-35,South
    11,Female,36-55,East
    12,Male,56+,West
    13,Female,18-35,North
    14,Male,36-55,South
    15,Female,56+,East
    16,Male,18-35,West
    17,Female,36-55,North
    18,Male,56+,South
    19,Female,18-35,East
    20,Male,36-55,West
"""
TARGETS = [
    ("gender", "Male", 4, 6),
    ("gender", "Female", 4, 6),
    ("age", "18-35", 3, 5),
    ("age", "36-55", 3, 5),
    ("age", "56+", 2, 4),
    *(("region", region, 2, 4) for region in ("North", "South", "East", "West")),
]
FOUR = "id,f1,f2,f3\na,v1,v1,v1\nb,v1,v2,v2\nc,v2,v1,v2\nd,v2,v2,v1\n"


def panel(folder, people, size, targets):
    rules = "".join(
        f"  - id: {feature}-{value.strip('+')}\n"
        f"    total: {{of: panel, where: \"{feature} = '{value}'\", at_least: {low}, at_most: {high}}}\n"
        for feature, value, low, high in targets
    )
    policy = (
        "model: m\ntitle: t\nperiods: [1]\nunits: {file: people.csv, id: id}\n"
        f"programs:\n  panel: {{decides: selection, quota: {size}, waivable: false}}\nrules:\n{rules}"
    )
    return load(written(folder, {"people.csv": people, "model.yaml": policy}))


def explained(model, **wanted):
    return impossible(compile(model), Clock(Limits(threads=1)), Wanted(**wanted), solver="highs", reporter=silent)


def sets(found):
    return {frozenset(rule.id for rule in one.rules) for one in found.conflicts.found}


def test_a_panel_of_seven_needs_three_bounds_lower_by_one_each(tmp_path):
    # two genders of 4, ages of 3 + 3 + 2, four regions of 2 make 8 each: one more than 7
    found = explained(panel(tmp_path, RESPONDENTS, 7, TARGETS), conflicts=None, equal=200)
    by = {
        kind: frozenset(f"{f}-{value.strip('+')}" for f, value, *_ in TARGETS if f == kind)
        for kind in ("gender", "age", "region")
    }
    assert sets(found) >= {held | {"panel.quota"} for held in by.values()}
    assert found.conflicts.complete and found.repairs.cost == 3
    for repair in found.repairs.found:
        assert sorted(change.rule.id.split("-")[0] for change in repair.changes) == ["age", "gender", "region"]
        assert {change.new - change.bound for change in repair.changes} == {-1}
        assert repair.scenario is not None
    assert found.equal_complete and len(found.equal) == len(set(found.equal))


def test_no_single_quota_shows_why_the_fourth_example_has_no_panel(tmp_path):
    # whoever has v1 in two features has it in the third: one person of each feature, and two of them
    targets = [(f, v, *ends) for f in ("f1", "f2", "f3") for v, ends in (("v1", (1, 1)), ("v2", (0, 2)))]
    found = explained(panel(tmp_path, FOUR, 2, targets), conflicts=None)
    assert sets(found) == {frozenset({"panel.quota", "f1-v1", "f2-v1", "f3-v1"})}
    assert found.conflicts.complete


QUICK = ("quota",)  # the others are among the thorough tests


def holds(changes, rule):
    model = load(MODELS / "guangxi-2013-2015", look=False).changed(changes)
    found = explained(model, conflicts=3, repairs=2)
    assert rule in set().union(*sets(found))
    assert all(one.proved and one.minimal for one in found.conflicts.found)
    assert found.repairs.found
    for repair in found.repairs.found:
        assert repair.scenario is not None
    assert found.suspects.found == ()
    return model, found


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_conflict_is_named_and_mended(name):
    model, found = holds(*PLANTED[name])
    mended = solve(compile(model.changed(found.repairs.found[0].scenario)), limits=Limits(30.0, threads=1))
    assert mended.status.planned


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in PLANTED if name not in QUICK])
def test_more_planted_conflicts_are_named_and_mended(name):
    holds(*PLANTED[name])


def mistyped(folder, unit, column, text, table="rural"):
    """Guangxi with one cell otherwise, as a scenario changes it."""
    (folder / "patch.csv").write_text(f"unit,{column}\n{unit},{text}\n", encoding="utf-8")
    (folder / "mistyped.yaml").write_text(
        f"scenario: mistyped\nmodel: {MODELS / 'guangxi-2013-2015'}\ntables: {{{table}: {{patch: patch.csv}}}}\n",
        encoding="utf-8",
    )
    return load(folder / "mistyped.yaml", look=False)


def large_counties(least):
    table = load(MODELS / "guangxi-2013-2015", look=False).tables["rural"].columns
    pairs = zip(table["unit"].values, table["townships"].values, strict=True)
    return [(unit, townships) for unit, townships in pairs if townships is not None and townships >= least]


def suspected(folder, unit, townships):
    found = explained(mistyped(folder, unit, "townships", 10 * townships), conflicts=2, repairs=1)
    cells = [(one.key[0], one.column, one.found, one.instead) for one in found.suspects.found]
    assert (unit, "townships", 10 * townships, townships) in cells[:3]
    assert found.suspects.found[0].all_mended


def test_a_figure_typed_ten_times_too_large_is_suspected(tmp_path):
    suspected(tmp_path, *large_counties(17)[0])


@pytest.mark.thorough
@pytest.mark.parametrize("number", range(20))
def test_figures_typed_ten_times_too_large_are_suspected(tmp_path, number):
    suspected(tmp_path, *large_counties(4)[number * 4])


def test_nothing_is_suspected_where_there_is_a_plan():
    found = explained(load(MODELS / "tutorial"))
    assert found.conflicts.status == Status.OPTIMAL and found.conflicts.found == ()
    assert found.suspects is None and found.repairs is None


SMALL = {
    "units.csv": "unit,zone\na,n\nb,n\nc,s\n",
    "model.yaml": """
        model: m
        title: t
        periods: [1]
        units: {file: units.csv, id: unit}
        programs: {p: {decides: selection, quota: 1%s}}
        rules:
          - {id: all, total: {of: p, at_least: 3}%s}
          - {id: each, total: {of: p, by: zone, at_least: 1}, waivable: false}
    """,
}


def small(folder, program="", rule=""):
    return load(written(folder, {**SMALL, "model.yaml": SMALL["model.yaml"] % (program, rule)}))


def changed(repair):
    return {(change.rule.id, change.label, int(change.new)) for change in repair.changes}


def test_what_is_protected_is_never_changed(tmp_path):
    # quota 1, two zones, three in all: the quota must be 2 at least, and then `all` gives way by one, or it is 3
    found = explained(small(tmp_path / "a")).repairs
    assert found.cost == 2
    assert {frozenset(changed(one)) for one in found.found} == {frozenset({("p.quota", (1,), 3)})}
    kept = explained(small(tmp_path / "b", ", waivable: false")).repairs
    assert kept.found == () and kept.status == Status.INFEASIBLE


def test_what_is_marked_is_changed_as_long_as_it_is_enough(tmp_path):
    enough = explained(small(tmp_path / "a", ", waivable: true")).repairs
    assert not enough.beyond and {change.rule.id for one in enough.found for change in one.changes} == {"p.quota"}
    beyond = explained(small(tmp_path / "b", rule=", waivable: true")).repairs
    assert beyond.beyond and beyond.found


def test_weights_decide_which_bound_moves(tmp_path):
    found = explained(small(tmp_path, ", change_weight: 5")).repairs
    assert found.cost == 5 + 1
    assert changed(found.found[0]) == {("p.quota", (1,), 2), ("all", (), 2)}
    assert found.found[0].cost == Fraction(6)


def test_repairs_say_who_can_decide_them(tmp_path):
    found = explained(small(tmp_path, ", decided_by: government")).repairs
    assert [one.decider for one in found.found] == ["government"]
    assert found.out_of_reach == ("panel", "department")


def test_each_promise_says_how_far_it_must_give_way(tmp_path):
    alone = {one.rule.id: one for one in explained(small(tmp_path)).repairs.promises}
    assert changed(alone["p.quota"]) == {("p.quota", (1,), 3)}
    assert alone["all"].changes is None and alone["all"].proved


def test_members_of_a_family_change_together_in_one_key(tmp_path):
    files = {
        "units.csv": "unit\na\nb\n",
        "agents.csv": "agent,capacity\nx,2\ny,1\n",
        "model.yaml": """
            model: m
            title: t
            periods: [1]
            units: {file: units.csv, id: unit}
            programs:
              f: {from: {file: agents.csv, id: agent}, decides: amount, quota: {at_most: capacity}}
            rules:
              - {id: x, total: {of: x, at_least: 3}, waivable: false}
              - {id: y, total: {of: y, at_least: 5}, waivable: false}
        """,
    }
    found = explained(load(written(tmp_path, files))).repairs
    assert found.cost == 1 + 4 and found.parts == 2
    assert found.found[0].scenario is not None and set(found.found[0].scenario["set"]) == {"programs.f.quota"}


def test_without_signed_years_or_eligibility_a_conflict_says_whether_it_would_stay(tmp_path):
    files = {
        "units.csv": "unit,applied\na,true\nb,false\n",
        "signed.csv": "unit,program,period,amount\na,p,1,1\n",
        "model.yaml": """
            model: m
            title: t
            periods: [1, 2]
            units: {file: units.csv, id: unit}
            frozen: {file: signed.csv, through: 1}
            programs:
              p: {decides: selection, repeat: never, eligible: [{if: applied, says: did not apply}]}
            rules:
              - {id: later, total: {of: p, where: period = 2, at_least: 1}}
        """,
    }
    found = explained(load(written(tmp_path, files)))
    (given,) = found.given
    assert [one.declared.condition for one in given.conditions] == ["applied"] and given.signed and given.complete
    assert sets(found) == {frozenset({"later", "p.repeat"})}
