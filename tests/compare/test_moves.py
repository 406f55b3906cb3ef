"""Moves from one plan to another, on random pairs of plans; figures of evenness by their definition."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.compare.fairness import evenness, gini
from allocator.compare.moves import Move, applied, distance, moves
from allocator.load import load
from allocator.model.allocation import Allocation

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
cells = st.tuples(st.sampled_from("abc"), st.sampled_from(["p", "q"]), st.integers(2013, 2015))
plans = st.dictionaries(cells, st.integers(1, 4)).map(lambda held: Allocation.of((*c, a) for c, a in held.items()))


@given(plans, plans)
def test_the_moves_applied_to_the_first_plan_give_the_second(first, second):
    found = moves(first, second)
    assert applied(first, found) == second
    assert applied(second, [Move(m.unit, m.program, m.after, m.before) for m in found]) == first
    assert (found == ()) == (first == second) == (distance(first, second) == 0)


@given(plans, plans)
def test_a_move_is_told_once_and_its_kind_follows_from_the_amounts(first, second):
    found = moves(first, second)
    assert len({(move.unit, move.program) for move in found}) == len(found)
    for move in found:
        before, after = (sum(a for _, a in years) for years in (move.before, move.after))
        kind = "gains" if not before else "loses" if not after else None
        assert move.kind == (
            kind or ("changes year" if before == after else "gets more" if after > before else "gets less")
        )
    assert sum(m.change for m in found) == sum(a.amount for a in second.awards) - sum(a.amount for a in first.awards)


def test_moves_that_begin_elsewhere_are_refused():
    plan = Allocation.of([("a", "p", 2013, 1)])
    with pytest.raises(ValueError, match="a, p"):
        applied(plan, [Move("a", "p", ((2014, 1),), ())])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=6))
def test_gini_is_the_mean_difference_over_twice_the_mean(held):
    values, weights = [Fraction(x) for x, _ in held], [Fraction(w) for _, w in held]
    whole = sum(weights)
    mean = sum(x * w for x, w in zip(values, weights, strict=True)) / whole
    pairs = [(x - y, v * w) for x, v in zip(values, weights, strict=True) for y, w in zip(values, weights, strict=True)]
    wanted = sum(abs(d) * w for d, w in pairs) / (2 * whole**2 * mean) if mean else 0
    assert gini(values, weights) == wanted


def test_evenness_of_the_tutorial_by_hand():
    model = load(TUTORIAL)
    units = model.units.columns["unit"].values
    prefecture = dict(zip(units, model.units.columns["prefecture"].values, strict=True))
    plan = Allocation.of([(units[0], "model_county", 2026, 1), (units[0], "training", 2026, 9)])
    found = evenness(model, plan, "prefecture")
    size = Counter(prefecture.values())
    assert found.rates[prefecture[units[0]]] == Fraction(1, size[prefecture[units[0]]])  # places are no selections
    assert found.gap == Fraction(1, 3) and found.gini == Fraction(1, 2)
