"""All minimal conflicts and all cheapest repairs of small worlds are those that enumeration finds."""

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


def agree(number, rules, folder):
    """Whether there was anything to compare."""
    small = Enumerated(world(number, rules))
    if small.size > MOST_ALLOCATIONS:
        return False
    expected = small.conflicts()
    problem = compile(load(small.world.write(folder)))
    found = conflicts(problem, Clock(Limits(threads=1)))
    assert {frozenset(rule.id for rule in one.rules) for one in found.found} == expected
    assert found.complete
    assert all(one.minimal and one.proved for one in found.found)
    if not expected:
        return False
    least, ways = small.repairs()
    told, complete = cheapest(problem, backend("highs"), Clock(Limits(threads=1)), MOST_REPAIRS)
    if least is None:
        assert told == []
        return True
    costs = {sum(one.move.by * Fraction(one.rule.change_weight or 1) for one in changes) for changes in told}
    assert costs == {least}
    if complete:
        assert {frozenset(map(named, changes)) for changes in told} == ways
    return True


def named(change):
    label = () if change.rule.kind == "fix" else tuple(map(str, change.label))
    return change.rule.id, label, change.move.side, int(change.move.by)


@pytest.mark.parametrize("first", range(0, 16, 8))
def test_conflicts_and_repairs_are_those_of_enumeration(tmp_path, first):
    compared = [agree(n, 5 + n % 6, tmp_path / str(n)) for n in range(first, first + 8)]
    assert sum(compared) >= 3


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(1000, 1200, 20))
def test_conflicts_and_repairs_of_more_rules_are_those_of_enumeration(tmp_path, first):
    compared = [agree(n, 8 + n % 7, tmp_path / str(n)) for n in range(first, first + 20)]
    assert sum(compared) >= 8
