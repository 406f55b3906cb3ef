"""All minimal conflicts, over rules and over their groups, and all cheapest repairs of small worlds are those of enumeration."""

from fractions import Fraction

import pytest
from tests.explain.impossible_worlds import Enumerated, world

from allocator.explain.conflicts import conflicts
from allocator.explain.repairs import cheapest
from allocator.load import load
from allocator.problem import compile
from allocator.solve import Clock, Limits, backend

MOST_ALLOCATIONS = 40_000
MOST_REPAIRS = 80  # that cost the least: where there are more, the cost alone is compared


MOST_SWITCHED = 14  # groups of rules of one world, where conflicts are sets of them


def small_world(number, rules):
    """The world with every allocation written down; None where there are too many, or where some allocation keeps all."""
    small = Enumerated(world(number, rules))
    if small.size > MOST_ALLOCATIONS:
        return None
    broken = list(small.broken().values())
    return small if broken and sum(broken).all() else None


def rules_agree(small, folder):
    problem = compile(load(small.world.write(folder)))
    found = conflicts(problem, Clock(Limits(threads=1)))
    assert {frozenset(rule.id for rule in one.rules) for one in found.found} == small.conflicts()
    assert found.complete
    assert all(one.minimal and one.proved for one in found.found)
    least, ways = small.repairs()
    told, complete = cheapest(problem, backend("highs"), Clock(Limits(threads=1)), MOST_REPAIRS)
    if least is None:
        assert told == []
        return
    costs = {sum(one.move.by * Fraction(one.rule.change_weight or 1) for one in changes) for changes in told}
    assert costs == {least}
    if complete:
        assert {frozenset(map(named, changes)) for changes in told} == ways


def groups_agree(small, folder):
    """Whether the groups were few enough to try all sets of them."""
    if len(small.broken(by_groups=True)) > MOST_SWITCHED:
        return False
    problem = compile(load(small.world.write(folder)))
    found = conflicts(problem, Clock(Limits(threads=1)), by_groups=True)
    told = {
        frozenset(
            (group.rule, () if group.rule in by_hand(problem) else tuple(map(str, group.label))) for group in one.groups
        )
        for one in found.found
    }
    assert told == small.conflicts(by_groups=True)
    assert found.complete and len(told) == len(found.found)
    assert all(one.groups_minimal and one.proved for one in found.found)
    return True


def by_hand(problem):
    return {rule.id for rule in problem.rules if rule.kind == "fix"}


def named(change):
    label = () if change.rule.kind == "fix" else tuple(map(str, change.label))
    return change.rule.id, label, change.move.side, int(change.move.by)


def compared(first, rules, wanted, folder):
    """So many worlds that no plan keeps, from a number on: of each the rules, and the groups where they are few."""
    count = grouped = 0
    number = first
    while count < wanted:
        small = small_world(number, rules(number))
        if small is not None:
            rules_agree(small, folder / str(number))
            grouped += groups_agree(small, folder / str(number))
            count += 1
        number += 1
    return grouped


@pytest.mark.parametrize(("first", "least", "wanted"), [(0, 5, 4), (1000, 5, 3), (8001, 8, 1)])
def test_conflicts_and_repairs_are_those_of_enumeration(tmp_path, first, least, wanted):
    """The last one: a share of which one amount must be larger than any bound says."""
    assert compared(first, lambda n: least + n % (6 if least == 5 else 7), wanted, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(2000, 12_000, 1000))
def test_conflicts_and_repairs_of_more_rules_are_those_of_enumeration(tmp_path, first):
    """A hundred worlds with 8 to 14 rules."""
    assert compared(first, lambda n: 8 + n % 7, 10, tmp_path) >= 2
