"""A large part whose linear programme is not whole: a plan from its core, better ones block by block, a bound from prices.

Lives here: the core, the blocks, neighbourhoods, the bound by blocks.
Not here: any solver: whole-number programmes of a few thousand columns are given to `branch` (solve/highs.py).

Rows that tie blocks (provinces, say) together are few. Priced by the linear programme they fall away, and each block is a
whole-number programme of its own: the sum of their bounds is at least the bound of the linear programme (Geoffrion 1974).
Plans: first the core, the columns whose reduced cost is nearest to 0, all others where the linear programme has them; then
neighbourhoods, a few blocks free at a time, every other column as in the best plan.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import NO_LIMIT, Flags, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.exact import Prices
from allocator.solve.part import Clock, Outcome, Part

LARGE = 20_000  # columns from which on a part is worth the effort
CORE = 2_500  # columns of the core and of a neighbourhood: what branch and cut can look through in seconds
CORE_S, NEIGHBOURHOOD_S, BLOCK_S = 25.0, 5.0, 8.0
FEWEST_BLOCKS = 4
FLOAT_SLACK = 1e-6  # what a solver's float bound may be off by, relative

Branch = Callable[[Part, float], Outcome]


def solve_large(
    part: Part,
    prices: Prices,
    relaxed: NDArray[np.float64],
    clock: Clock,
    report: Callable[[int | None, int | None], None],
    branch: Branch,
) -> Outcome:
    """The best plan that the time allows, and a bound. `relaxed`: the linear programme's plan, `prices`: what it proves."""
    search = _Search(part, prices, relaxed, clock, report, branch)
    search.start()
    if search.x is None:
        return Outcome("unknown", None, search.bound)
    search.improve()
    value = part.value(search.x)
    return Outcome("optimal" if search.bound >= value else "feasible", search.x, min(search.bound, value))


class _Search:
    def __init__(
        self,
        part: Part,
        prices: Prices,
        relaxed: NDArray[np.float64],
        clock: Clock,
        report: Callable[[int | None, int | None], None],
        branch: Branch,
    ) -> None:
        self.part, self.prices, self.clock, self.report, self.branch = part, prices, clock, report, branch
        self.near = np.abs(prices.reduced)
        whole = np.rint(relaxed)
        self.fractional: Flags = np.abs(relaxed - whole) > 1e-6
        self.near[self.fractional] = -1
        self.relaxed = np.clip(
            np.where(self.fractional, np.floor(relaxed), whole).astype(np.int64), part.lower, part.upper
        )
        self.x = part.start
        self.bound = prices.least
        self.random = random.Random(clock.limits.seed)

    @property
    def done(self) -> bool:
        """Proved, near enough, or out of time."""
        if self.clock.over:
            return True
        if self.x is None:
            return False
        value = self.part.value(self.x)
        return value - self.bound <= self.clock.limits.gap * abs(value)

    def _time(self, most: float) -> float:
        return most if self.clock.left is None else max(min(most, self.clock.left), 0.01)

    def _told(self) -> None:
        self.report(None if self.x is None else self.part.value(self.x), self.bound)

    def _take(self, free: Flags, base: Ints, seconds: float) -> bool:
        """Solve for the free columns, all others as in `base`; True if that gave a better plan."""
        columns = np.flatnonzero(free)
        small, _ = restricted(self.part, columns, base)
        start = base[columns]
        outcome = self.branch(replace(small, start=start if self.x is not None else None), self._time(seconds))
        if outcome.x is None:
            return False
        plan = base.copy()
        plan[columns] = outcome.x
        better = self.part.feasible(plan) and (self.x is None or self.part.value(plan) < self.part.value(self.x))
        if better:
            self.x = plan
            self._told()
        return better

    def start(self) -> None:
        """A first plan: the core, wider each time that it has none."""
        size = max(CORE, 8 * int(self.fractional.sum()))
        while self.x is None and not self.clock.over:
            self._take(self._nearest(np.ones(len(self.near), np.bool_), size), self.relaxed, CORE_S)
            if size >= len(self.near):
                return
            size *= 3

    def _nearest(self, among: Flags, size: int) -> Flags:
        """The columns among some whose reduced cost is nearest to 0."""
        if int(among.sum()) <= size:
            return among
        limit = max(float(np.partition(self.near[among], size)[size]), 0.0)
        nearest: Flags = among & (self.near < limit)
        return nearest

    def improve(self) -> None:
        """Neighbourhoods and bounds of blocks in turn, until done; wider neighbourhoods when nothing comes of them."""
        block = partition(self.part)
        waiting = [] if block is None else sorted(range(int(block.max()) + 1), key=lambda b: int(np.sum(block == b)))
        bounds = None if block is None else _BlockBounds(self.part, self.prices, block)
        size, failed, several = CORE, 0, 2
        while not self.done:
            if bounds is not None and waiting:
                self.bound = max(self.bound, bounds.tighten(waiting.pop(), self.branch, self._time(BLOCK_S)))
                self._told()
            assert self.x is not None
            if block is None:
                among = np.array([self.random.random() < 0.3 for _ in range(len(self.near))])
            else:
                among = np.isin(
                    block, self.random.sample(range(int(block.max()) + 1), min(several, int(block.max()) + 1))
                )
            if self._take(self._nearest(among, size), self.x, NEIGHBOURHOOD_S):
                failed = 0
                continue
            failed += 1
            if failed % 10 == 0:
                several, size = min(several + 1, 6), int(size * 1.2)


class _BlockBounds:
    """The bound of each block once the rows that tie blocks together are priced; in units of 1 / prices.scale."""

    def __init__(self, part: Part, prices: Prices, block: Ints) -> None:
        self.part, self.prices, self.block = part, prices, block
        matrix = part.matrix
        least = np.minimum.reduceat(block[matrix.column], matrix.start[:-1])
        most = np.maximum.reduceat(block[matrix.column], matrix.start[:-1])
        self.own = np.where(least == most, least, -1)  # the block of each row; -1: it ties blocks together
        price = prices.price
        rows = np.where(price > 0, part.row_lower, np.where(price < 0, part.row_upper, 0)) * price
        columns = np.where(prices.reduced > 0, part.lower, part.upper) * prices.reduced
        count = int(block.max()) + 1
        self.tied = int(rows[self.own < 0].sum())
        self.of = np.zeros(count, np.int64)
        np.add.at(self.of, block, columns)
        np.add.at(self.of, self.own[self.own >= 0], rows[self.own >= 0])

    def tighten(self, b: int, branch: Branch, seconds: float) -> int:
        """Solve block b by itself at these prices; gives the bound of the whole, in units of the cost."""
        part, scale = self.part, self.prices.scale
        columns, rows = np.flatnonzero(self.block == b), np.flatnonzero(self.own == b)
        priced = np.where(self.own < 0, self.prices.price, 0)
        cost = part.cost * scale
        np.subtract.at(cost, part.matrix.column, part.matrix.value * priced[part.matrix.row])
        place = np.full(len(part.cost), -1, np.int64)
        place[columns] = np.arange(len(columns))
        own = part.matrix.select(rows)
        small = Part(
            Matrix(own.start, place[own.column], own.value),
            part.row_lower[rows],
            part.row_upper[rows],
            part.lower[columns],
            part.upper[columns],
            cost[columns],
        )
        outcome = branch(small, seconds)
        if outcome.bound is not None:
            safe = outcome.bound - int(abs(outcome.bound) * FLOAT_SLACK)
            self.of[b] = max(int(self.of[b]), safe)
        total = self.tied + int(self.of.sum())
        return -((-total) // scale)


def restricted(part: Part, columns: Ints, base: Ints) -> tuple[Part, Ints]:
    """The part of some columns, all others at their value in `base`; and its rows as numbers of the whole."""
    matrix = part.matrix
    place = np.full(len(part.cost), -1, np.int64)
    place[columns] = np.arange(len(columns))
    live = place[matrix.column] >= 0
    row = matrix.row
    rows = np.unique(row[live])
    number = np.full(matrix.height, -1, np.int64)
    number[rows] = np.arange(len(rows))
    fixed = np.zeros(matrix.height, np.int64)
    np.add.at(fixed, row[~live], matrix.value[~live] * base[matrix.column[~live]])
    low, high = part.row_lower[rows], part.row_upper[rows]
    small = Part(
        Matrix.of(len(rows), number[row[live]], place[matrix.column[live]], matrix.value[live]),
        np.where(low > -NO_LIMIT, low - fixed[rows], -NO_LIMIT),
        np.where(high < NO_LIMIT, high - fixed[rows], NO_LIMIT),
        part.lower[columns],
        part.upper[columns],
        part.cost[columns],
    )
    return small, rows


def partition(part: Part) -> Ints | None:
    """Blocks of columns that few rows tie together, among the partitions that `part.hints` suggest; None if none does."""
    best: tuple[int, Ints] | None = None
    matrix = part.matrix
    for hint in part.hints:
        block = _spread(matrix, hint)
        if block is None:
            continue
        _, block = np.unique(block, return_inverse=True)
        sizes = np.bincount(block)
        if len(sizes) < FEWEST_BLOCKS or sizes.max() > 0.4 * len(block):
            continue
        least = np.minimum.reduceat(block[matrix.column], matrix.start[:-1])
        most = np.maximum.reduceat(block[matrix.column], matrix.start[:-1])
        ties = int(np.sum(least != most))
        if best is None or ties < best[0]:
            best = (ties, block.astype(np.int64))
    return None if best is None or best[0] > 0.05 * matrix.height else best[1]


def _spread(matrix: Matrix, hint: Ints) -> Ints | None:
    """A hint for every column: a column without one (a helper) takes that of a column it shares a row with."""
    block = hint.copy()
    for _ in range(4):
        if np.all(block >= 0):
            return block
        of_row = np.maximum.reduceat(block[matrix.column], matrix.start[:-1])
        given = block.copy()
        np.maximum.at(given, matrix.column, of_row[matrix.row])
        block = np.where(block < 0, given, block)
    return None
