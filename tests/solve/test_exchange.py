"""Plans one step away: what is said to be tied is, by two plans that exist; the steps that plain counting finds are found."""

from itertools import product
from random import Random

import numpy as np
import pytest

from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Matrix
from allocator.solve import exchange
from allocator.solve.exchange import exchanged
from allocator.solve.state import State


def state_of(entries, plan, lower, upper, row_lower, row_upper):
    """entries: (row, column, value)."""
    row, column, value = (np.array(one, np.int64) for one in zip(*entries, strict=True))
    arrays = [np.array(one, np.int64) for one in (lower, upper, row_lower, row_upper, plan)]
    matrix = Matrix.of(len(row_lower), row, column, value)
    return State(arrays[0], arrays[1], matrix, arrays[2], arrays[3], arrays[4], np.zeros(len(row_lower), np.bool_))


def random_state(seed, columns=6, rows=3):
    random = Random(seed)
    lower = [random.randint(0, 1) for _ in range(columns)]
    upper = [low + random.choice([0, 1, 1, 2]) for low in lower]
    plan = [random.randint(low, high) for low, high in zip(lower, upper, strict=True)]
    entries = [
        (r, c, random.choice([-2, -1, 1, 1, 1, 2]))
        for r in range(rows)
        for c in range(columns)
        if random.random() < 0.6
    ]
    entries = entries or [(0, 0, 1)]
    activity = [sum(v * plan[c] for r, c, v in entries if r == row) for row in range(rows)]
    low = [random.choice([-NO_LIMIT, a, a, a - 1]) for a in activity]
    high = [random.choice([NO_LIMIT, a, a, a + 1]) for a in activity]
    return state_of(entries, plan, lower, upper, low, high)


def fits(state, plan):
    activity = state.matrix.times(plan)
    inside = np.all((state.lower <= plan) & (plan <= state.upper))
    return inside and np.all((state.row_lower <= activity) & (activity <= state.row_upper))


def by_counting(state, cells):
    """Every plan whose cells differ from the one at hand by one unit up, one down, or one of each."""
    moved, tied = set(), set()
    spans = [range(low, high + 1) for low, high in zip(state.lower.tolist(), state.upper.tolist(), strict=True)]
    for plan in map(np.array, product(*spans)):
        steps = plan - state.plan
        own = np.flatnonzero(steps)
        if not len(own) or not fits(state, plan):
            continue
        tied |= set(own.tolist())
        if own.max() < cells and np.all(np.abs(steps) <= 1) and len(own) <= 2 and (np.sum(steps) == 0 or len(own) == 1):
            moved |= set(own.tolist())
    return moved, tied


@pytest.mark.parametrize("seed", range(300))
def test_what_is_moved_is_tied(seed):
    state = random_state(seed)
    _, tied = by_counting(state, 6)
    assert set(np.flatnonzero(exchanged(state, 6)).tolist()) <= tied


@pytest.mark.parametrize("seed", range(100))
def test_between_cells_of_one_unit_every_step_is_found(seed):
    """Amounts of 0 and 1, sums of them with limits: who can change places with somebody does."""
    random = Random(seed)
    plan = [random.randint(0, 1) for _ in range(7)]
    entries = [(r, c, 1) for r in range(3) for c in range(7) if random.random() < 0.7] or [(0, 0, 1)]
    activity = [sum(plan[c] for r, c, _ in entries if r == row) for row in range(3)]
    low = [random.choice([-NO_LIMIT, a]) for a in activity]
    state = state_of(entries, plan, [0] * 7, [1] * 7, low, activity)
    moved, _ = by_counting(state, 7)
    assert set(np.flatnonzero(exchanged(state, 7)).tolist()) >= moved


def test_two_that_change_places_are_both_tied_and_others_are_not():
    """A quota of one, held by the first; the second may have it, the third would be one too many in its prefecture."""
    entries = [(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 2, 1)]
    state = state_of(entries, [1, 0, 0], [0, 0, 0], [1, 1, 1], [1, -NO_LIMIT], [1, 0])
    assert exchanged(state, 3).tolist() == [True, True, False]


def test_only_cells_take_part():
    """The third column is a helper: that it could make room says nothing of a cell."""
    state = state_of([(0, 0, 1), (0, 2, 1)], [0, 0, 1], [0, 0, 0], [1, 1, 1], [1], [1])
    assert exchanged(state, 2).tolist() == [False, True]


def test_what_is_decided_does_not_move():
    state = state_of([(0, 0, 1), (0, 1, 1)], [1, 0], [1, 0], [1, 1], [0], [1])
    assert exchanged(state, 2).tolist() == [False, False]


def test_a_cell_is_tried_with_as_many_partners_as_there_are(monkeypatch):
    """Nine hold the quota, eight of them cannot do without it: only the ninth can give it to the tenth."""
    entries = [(0, c, 1) for c in range(10)] + [(1 + c, c, 1) for c in range(8)]
    state = state_of(entries, [1] * 9 + [0], [0] * 10, [1] * 10, [9] + [1] * 8, [9] + [NO_LIMIT] * 8)
    assert np.flatnonzero(exchanged(state, 10)).tolist() == [8, 9]
    monkeypatch.setattr(exchange, "TRIES", 0)
    assert not exchanged(state, 10).any()
