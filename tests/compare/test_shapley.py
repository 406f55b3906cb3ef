# mypy: disable-error-code="comparison-overlap"
"""Shapley's split: by its definition over all orders, and by the properties that single it out."""

from fractions import Fraction
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.compare.shapley import NoValue, in_order, sampled, shapley, subsets


def game(keys, table):
    """A function of subsets from a list of figures, one a subset."""
    place = {subset: number for number, subset in enumerate(subsets(keys))}
    return lambda subset: [Fraction(table[place[subset]])]


games = st.integers(1, 4).flatmap(
    lambda keys: st.tuples(st.just(keys), st.lists(st.integers(-20, 20), min_size=2**keys, max_size=2**keys))
)


@given(games)
def test_the_shares_are_the_means_over_all_orders_and_add_up(held):
    keys, table = held
    value = game(keys, table)
    found = shapley(keys, value)
    orders = list(permutations(range(keys)))
    for key in range(keys):
        changes = []
        for order in orders:
            before = frozenset(order[: order.index(key)])
            changes.append(value(before | {key})[0] - value(before)[0])
        assert found.share[key][0] == sum(changes) / Fraction(len(orders))
    whole = value(frozenset(range(keys)))[0] - value(frozenset())[0]
    assert sum(row[0] for row in found.share) == whole
    assert sum(row[0] for row in sampled(keys, value, seed=3, orders=7).share) == whole


@given(games, st.integers(-9, 9))
def test_a_planted_single_cause_gets_all_and_the_others_nothing(held, size):
    keys, _ = held

    def value(subset):
        return [Fraction(size if keys - 1 in subset else 0)]

    for found in (shapley(keys, value), sampled(keys, value, seed=1, orders=5)):
        assert [row[0] for row in found.share] == [0] * (keys - 1) + [size]
        assert all(error == (0.0,) for error in found.error) and not found.interaction


def test_two_keys_that_act_only_together_share_alike_and_interact():
    found = shapley(3, lambda s: [Fraction(6 if {0, 1} <= s else 0)])
    assert [row[0] for row in found.share] == [3, 3, 0]
    assert found.interaction == {(0, 1): (Fraction(6),)}


def test_a_subset_without_a_value_is_told_and_the_order_of_the_keys_remains():
    def value(subset):
        if subset == frozenset({1}):
            raise NoValue(subset)
        return [Fraction(sum(subset) * 10)]

    with pytest.raises(NoValue):
        shapley(2, value)
    assert in_order(2, value) == [(0,), (10,)]
    bad = frozenset({0})

    def other(subset):
        if subset == bad:
            raise NoValue(subset)
        return [Fraction(len(subset))]

    assert in_order(2, other) == [None, None]


def test_sampled_errors_shrink_with_more_orders():
    def value(subset):
        return [Fraction(sum(1 for pair in combinations(range(9), 2) if set(pair) <= subset))]

    few, many = (sampled(9, value, seed=0, orders=n) for n in (20, 320))
    assert max(e[0] for e in many.error) < max(e[0] for e in few.error)
    assert all(abs(float(row[0]) - 4) < 5 * error[0] for row, error in zip(many.share, many.error, strict=True))
