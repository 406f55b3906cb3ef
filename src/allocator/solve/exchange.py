"""Plans one step away: a unit moved from one cell to another. Where such a plan keeps every row, both cells are tied.

Lives here: finding such steps, in whole numbers and without a solver, many at once.
Not here: cells that only longer steps move, and the proof that nothing moves the others (draw.py).

Where thousands of cells are tied, the best plans mostly differ by such steps, and each question to a solver shows few of them.
"""

from __future__ import annotations

import numpy as np

from allocator.model.query import NO_LIMIT, Flags, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.state import State

TRIES = 64  # partners that a cell is tried with


def exchanged(state: State, cells: int) -> Flags:
    """Of each cell (the first columns) whether such a step from the plan at hand moves it; of the others nothing is known.
    A cell that can go up is tried upwards, any other downwards."""
    moves = _Moves(state)
    way = np.where(state.plan < state.upper, 1, -1)[:cells]
    moved: Flags = (state.lower < state.upper)[:cells]
    free = np.flatnonzero(moved)
    place, row, effect = moves.effects(free, way[free])
    cell, blocked = free[place], (effect > moves.above[row]) | (-effect > moves.below[row])
    moved[cell[blocked]] = False
    partners = _partners(state, cells)
    count = np.diff(partners.start)
    waiting, line = _fewest(cell[blocked], 2 * row[blocked] + (effect[blocked] > 0), count)
    for attempt in range(TRIES):
        still = ~moved[waiting] & (attempt < count[line])
        waiting, line = waiting[still], line[still]
        if not len(waiting):
            break
        entry = partners.start[line] + (waiting + attempt) % count[line]
        other, back = partners.column[entry], partners.value[entry]
        holds = moves.hold((waiting, way[waiting]), (other, back)) & (other != waiting)
        moved[waiting[holds]] = moved[other[holds]] = True
    return moved


def _partners(state: State, cells: int) -> Matrix:
    """Of each row the steps of cells that raise its sum (line 2r) and that lower it (line 2r + 1): the cell, 1 (up) or -1."""
    row, column, value = state.matrix.row, state.matrix.column, state.matrix.value
    can = [(column < cells) & room[column] for room in (state.plan < state.upper, state.plan > state.lower)]
    lines = [2 * row[can[0]] + (value[can[0]] < 0), 2 * row[can[1]] + (value[can[1]] > 0)]
    steps = [np.full(len(line), step) for line, step in zip(lines, (1, -1), strict=True)]
    columns = [column[one] for one in can]
    return Matrix.of(2 * state.matrix.height, *map(np.concatenate, (lines, columns, steps)))


def _fewest(cell: Ints, line: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Each cell, and the one of its lines that has the fewest partners."""
    order = np.lexsort((count[line], cell))
    cells, first = np.unique(cell[order], return_index=True)
    return cells, line[order][first]


class _Moves:
    """The entries column by column; the room of each row above and below what the plan comes to."""

    def __init__(self, state: State) -> None:
        matrix = state.matrix
        activity = matrix.times(state.plan)
        high, low = state.row_upper, state.row_lower
        self.above = np.where(high == NO_LIMIT, NO_LIMIT, np.where(high == NO_LIMIT, 0, high) - activity)
        self.below = np.where(low == -NO_LIMIT, NO_LIMIT, activity - np.where(low == -NO_LIMIT, 0, low))
        order = np.argsort(matrix.column, kind="stable")
        self.row, self.value = matrix.row[order], matrix.value[order]
        self.count = np.bincount(matrix.column, minlength=len(state.plan))
        self.start = np.cumsum(self.count) - self.count

    def effects(self, columns: Ints, steps: Ints) -> tuple[Ints, Ints, Ints]:
        """What the step of each column does to its rows: the place of the step, the row, by how much."""
        count = self.count[columns]
        place = np.repeat(np.arange(len(columns), dtype=np.int64), count)
        entry = np.arange(len(place)) + np.repeat(self.start[columns] - (np.cumsum(count) - count), count)
        return place, self.row[entry], self.value[entry] * steps[place]

    def hold(self, one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> Flags:
        """Whether every row keeps its bounds where two columns step together, pair by pair."""
        pair, row, effect = map(np.concatenate, zip(self.effects(*one), self.effects(*other), strict=True))
        sums = Matrix.of(len(one[0]), pair, row, effect)
        bad = (sums.value > self.above[sums.column]) | (-sums.value > self.below[sums.column])
        holds = np.ones(len(one[0]), np.bool_)
        holds[sums.row[bad]] = False
        return holds
