"""Proofs in whole numbers, against every plan of small integer programmes: a bound never lies, a face loses no optimum."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.solve.parts import part_of, plans_of

from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Matrix
from allocator.problem.assemble import reduced, tightened
from allocator.solve import Clock, Limits, backend
from allocator.solve.duality import centred, face, propagated, proved
from allocator.solve.highs import linear_prices
from allocator.solve.neighbourhood_search import _BlockBounds, restricted
from allocator.solve.state import components
from allocator.solve.subproblem import Subproblem

seeds = st.integers(0, 10**6)


def some_duals(part, random):
    """Prices from nowhere, or those of the linear programme, or those a little wrong."""
    exact = linear_prices(part, Clock(Limits())) if random.random() < 0.6 else None
    if exact is None:
        return np.array([random.uniform(-3, 3) * random.choice([0, 1, 1000]) for _ in range(part.matrix.height)])
    return exact + np.array([random.choice([0, 0, 1e-9, 0.3]) for _ in exact])


@given(seeds)
def test_no_plan_costs_less_than_the_price_bound(seed):
    part = part_of(seed)
    prices = proved(part, some_duals(part, Random(seed)))
    assert prices is not None
    for x in plans_of(part):
        assert part.value(x) >= prices.least
        assert part.value(x) * prices.scale >= prices.bound


@given(seeds)
def test_the_face_holds_every_optimal_plan_and_where_it_is_closed_no_other(seed):
    part = part_of(seed)
    plans = plans_of(part)
    prices = proved(part, some_duals(part, Random(seed)))
    if not len(plans) or prices is None:
        return
    best = min(part.value(x) for x in plans)
    kept = face(part, prices, best)
    narrowed = Subproblem(part.matrix, kept.row_lower, kept.row_upper, kept.lower, kept.upper, part.cost)
    for x in plans:
        if part.value(x) == best:
            assert narrowed.feasible(x)
        elif kept.closed:
            assert not narrowed.feasible(x)


@given(seeds)
def test_a_face_with_room_keeps_every_plan_within_that_room(seed):
    part = part_of(seed)
    plans = plans_of(part)
    prices = proved(part, some_duals(part, Random(seed)))
    if not len(plans) or prices is None:
        return
    most = min(part.value(x) for x in plans) + Random(seed).randint(0, 5)
    kept = face(part, prices, most)
    narrowed = Subproblem(part.matrix, kept.row_lower, kept.row_upper, kept.lower, kept.upper, part.cost)
    for x in plans:
        assert narrowed.feasible(x) or part.value(x) > most


@given(seeds)
def test_propagation_loses_no_plan(seed):
    part = part_of(seed)
    plans, bounds = plans_of(part), propagated(part)
    if bounds is None:
        assert not len(plans)
        return
    lower, upper = bounds
    assert np.all(lower >= part.lower) and np.all(upper <= part.upper)
    for x in plans:
        assert np.all(x >= lower) and np.all(x <= upper)


def test_propagation_says_what_single_rows_say():
    # 2 x + 3 y >= 5 with 0 <= x, y <= 1: both must be 1.  x + y <= 0 besides: nothing is left.
    rows = Matrix.of(1, np.array([0, 0]), np.array([0, 1]), np.array([2, 3]))
    zero, one = np.zeros(2, np.int64), np.ones(2, np.int64)
    found = propagated(Subproblem(rows, np.array([5]), np.array([NO_LIMIT]), zero, one, zero))
    assert found is not None and found[0].tolist() == [1, 1] and found[1].tolist() == [1, 1]
    both = Matrix.of(2, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([2, 3, 1, 1]))
    assert propagated(Subproblem(both, np.array([5, -NO_LIMIT]), np.array([NO_LIMIT, 0]), zero, one, zero)) is None


def test_prices_that_prove_the_optimum_close_the_face():
    # x + y >= 1, costs 1 and 1, 0 <= x, y <= 1: the price 1 proves 1; the face is x + y = 1, both plans of it.
    part = Subproblem(
        Matrix.of(1, np.array([0, 0]), np.array([0, 1]), np.array([1, 1])),
        np.array([1]),
        np.array([NO_LIMIT]),
        np.zeros(2, np.int64),
        np.ones(2, np.int64),
        np.ones(2, np.int64),
    )
    prices = proved(part, np.array([1.0]), 1)
    assert prices is not None and prices.price.tolist() == [1] and prices.reduced.tolist() == [0, 0]
    assert prices.least == 1
    kept = face(part, prices, 1)
    assert kept.closed and kept.row_lower.tolist() == kept.row_upper.tolist() == [1]
    assert kept.upper.tolist() == [1, 1]


def test_figures_that_64_bits_would_not_hold_prove_nothing():
    """Not even where one column stands in many rows, each of them harmless."""
    m = 1000
    part = Subproblem(
        Matrix.of(m, np.arange(m), np.zeros(m, np.int64), np.full(m, 2**30)),
        np.full(m, 1),
        np.full(m, NO_LIMIT),
        np.zeros(1, np.int64),
        np.full(1, 2**20),
        np.ones(1, np.int64),
    )
    assert proved(part, np.full(m, float(2**10))) is None


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
@pytest.mark.parametrize("seed", range(60))
def test_a_backend_finds_the_optimum_of_a_small_part(seed, solver):
    part = part_of(seed)
    plans = plans_of(part)
    outcome = backend(solver)(part, Clock(Limits(threads=1)), lambda *_: None)
    if not len(plans):
        assert outcome.status == "infeasible"
        return
    assert outcome.status == "optimal"
    assert outcome.x is not None and part.feasible(outcome.x)
    assert part.value(outcome.x) == outcome.bound == min(part.value(x) for x in plans)


@given(seeds)
def test_reduced_rows_and_tightened_bounds_keep_exactly_the_plans(seed):
    part = part_of(seed)
    matrix, low, high = reduced(part.matrix, part.row_lower, part.row_upper)
    lower, upper = tightened(matrix, low, high, part.lower, part.upper)
    after = Subproblem(matrix, low, high, lower, upper, part.cost)
    assert plans_of(after).tolist() == plans_of(part).tolist()


@given(seeds)
def test_components_are_what_rows_tie_together(seed):
    part = part_of(seed)
    free = np.array([Random(seed).random() < 0.8 for _ in part.cost])
    found = components(part.matrix, free)
    expected = {c: {c} for c in np.flatnonzero(free).tolist()}
    for r in range(part.matrix.height):
        span = slice(int(part.matrix.start[r]), int(part.matrix.start[r + 1]))
        tied = [c for c in part.matrix.column[span].tolist() if free[c]]
        union = set().union(*(expected[c] for c in tied)) if tied else set()
        for c in union:
            expected[c] = union
    assert found.tolist() == [min(expected[c]) if free[c] else -1 for c in range(len(free))]


@given(seeds)
def test_a_restricted_part_is_the_part_with_the_others_fixed(seed):
    part, random = part_of(seed), Random(seed)
    plans = plans_of(part)
    if not len(plans):
        return
    base = plans[random.randrange(len(plans))]
    columns = np.array(sorted(random.sample(range(len(base)), random.randint(1, len(base)))), np.int64)
    small, _ = restricted(part, columns, base)
    others = np.setdiff1d(np.arange(len(base)), columns)
    same = plans[np.all(plans[:, others] == base[others], axis=1)]
    assert sorted(plans_of(small).tolist()) == sorted(same[:, columns].tolist())


@given(seeds)
def test_the_bounds_of_blocks_never_lie(seed):
    part, random = part_of(seed), Random(seed)
    plans, prices = plans_of(part), proved(part, some_duals(part, Random(seed)))
    if not len(plans) or prices is None or np.any(np.diff(part.matrix.start) == 0) or not part.matrix.height:
        return
    _, block = np.unique([random.randint(0, 2) for _ in part.cost], return_inverse=True)
    bounds = _BlockBounds(part, prices, block.astype(np.int64))
    best = min(part.value(x) for x in plans)
    for b in range(int(block.max()) + 1):
        assert bounds.tighten(
            b, lambda small, *_: backend("cpsat")(small, Clock(Limits(threads=1)), lambda *_: None), 1.0
        )
        assert bounds.least <= best


@given(seeds)
def test_a_cost_said_by_prices_ranks_every_plan_as_before(seed):
    part = part_of(seed)
    plans, prices = plans_of(part), proved(part, some_duals(part, Random(seed)))
    if not len(plans) or prices is None:
        return
    said = centred(part, prices)
    for x in plans:
        slack = []
        for r in np.flatnonzero((prices.price != 0) & (part.row_lower < part.row_upper)):
            end = part.row_lower[r] if prices.price[r] > 0 else part.row_upper[r]
            slack.append(abs(int(part.matrix.times(x)[r]) - int(end)))
        whole = np.append(x, np.array(slack, np.int64))
        assert said.feasible(whole)
        assert said.value(whole) + prices.constant(part) == part.value(x) * prices.scale
