"""A large part whose linear programme is not whole: a plan from its core, better ones piece by piece, a bound from prices.

Lives here: the core, the blocks, neighbourhoods, the bound by blocks.
Not here: any solver: whole-number programmes of a few thousand columns are given to `branch` (solve/highs.py).

Rows that tie blocks (provinces, say) together are few. Priced by the linear programme they fall away, and each block is a
whole-number programme of its own: the sum of their bounds is at least the bound of the linear programme (Geoffrion 1974).
Plans: first the core, the columns whose reduced cost is nearest to 0, all others where the linear programme has them; then
neighbourhoods, some groups of one grouping free at a time (a year, a few provinces), every other column as in the best plan.
What a plan loses against the prices, slack times price and reduced cost times distance, says in which groups to look; what
a grouping has gained lately, per second, says which to take (adaptive large neighbourhoods: Ropke and Pisinger 2006).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import NO_LIMIT, Flags, Ints
from allocator.model.status import Status
from allocator.problem.arrays import Matrix
from allocator.solve.subproblem import Clock, Prices, Report, SolverResult, Subproblem, untold

LARGE = 20_000  # columns from which on a part is worth the effort
CORE = 2_500  # columns of the core: what branch and cut can look through in seconds
NEARBY = 800  # columns of a neighbourhood
CORE_S, NEIGHBOURHOOD_S, BLOCK_S = 10.0, 3.0, 8.0
PORTION = 0.2  # of the columns that a neighbourhood looks at
STALE = 100  # neighbourhoods in a row that gave nothing, after which plain branch and cut may try
FEWEST_BLOCKS = 4
FLOAT_SLACK = 1e-6  # what a solver's float bound may be off by, relative

Branch = Callable[[Subproblem, float, Report], SolverResult]


def solve_large(
    part: Subproblem, prices: Prices, relaxed: NDArray[np.float64], clock: Clock, report: Report, branch: Branch
) -> SolverResult:
    """The best plan that the time allows, and a bound. `relaxed`: the linear programme's plan, `prices`: what it proves.

    Without a limit it ends when neighbourhoods give nothing any more.
    """
    search = _NeighbourhoodSearch(part, prices, relaxed, clock, report, branch)
    search.start()
    if search.x is None:
        return SolverResult(Status.NO_PLAN, None, search.bound)
    search.improve()
    value = part.value(search.x)
    return SolverResult(
        Status.OPTIMAL if search.bound >= value else Status.NOT_PROVED, search.x, min(search.bound, value)
    )


class _NeighbourhoodSearch:
    def __init__(
        self,
        part: Subproblem,
        prices: Prices,
        relaxed: NDArray[np.float64],
        clock: Clock,
        report: Report,
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
        self.failed = 0

    @property
    def done(self) -> bool:
        """Proved, near enough, or out of time."""
        if self.clock.over:
            return True
        target = self.part.target
        if target is not None and self.bound > target:
            return True
        if self.x is None:
            return False
        value = self.part.value(self.x)
        return (target is not None and value <= target) or value - self.bound <= self.clock.limits.gap * abs(value)

    @property
    def stale(self) -> bool:
        """Without a limit, neighbourhoods have an end; with one, the time is theirs."""
        return self.failed >= STALE and self.clock.left is None

    def time(self, most: float) -> float:
        return most if self.clock.left is None else max(min(most, self.clock.left), 0.01)

    def _told(self, better: Ints | None = None) -> None:
        self.report(None if self.x is None else self.part.value(self.x), self.bound, better)

    # Plans ------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A first plan: the core, wider each time that it has none."""
        size = max(CORE, 8 * int(self.fractional.sum()))
        while self.x is None and not self.clock.over:
            columns = self.nearest(np.arange(len(self.near)), size)

            def told(_found: int | None, _least: int | None, values: Ints | None = None, own: Ints = columns) -> None:
                if values is not None:
                    self.report(None, None, self.with_values(own, values))

            self.take(columns, self.solved(columns, self.relaxed, None, CORE_S, told))
            if size >= len(self.near):
                return
            size *= 3

    def solved(
        self, columns: Ints, base: Ints, start: Ints | None, seconds: float, report: Report = untold
    ) -> Ints | None:
        """The best values of some columns, all others as in `base`, that these seconds give."""
        small, _ = restricted(self.part, columns, base)
        return self.branch(replace(small, start=start), self.time(seconds), report).x

    def take(self, columns: Ints, values: Ints | None) -> int:
        """Put new values into the best plan if that makes it a better one; by how much."""
        if values is None:
            return 0
        plan = self.with_values(columns, values)
        if not self.part.feasible(plan):  # another neighbourhood was quicker, and the two do not go together
            return 0
        gain = 1 if self.x is None else self.part.value(self.x) - self.part.value(plan)
        if gain > 0:
            self.x = plan
            self._told(plan)
        return max(gain, 0)

    def with_values(self, columns: Ints, values: Ints) -> Ints:
        """The best plan, or what the linear programme has, with new values of some columns."""
        plan = (self.relaxed if self.x is None else self.x).copy()
        plan[columns] = values
        return plan

    def nearest(self, columns: Ints, size: int) -> Ints:
        """Those of some columns whose reduced cost is nearest to 0, ascending."""
        if len(columns) <= size:
            return columns
        nearest: Ints = np.sort(columns[np.argpartition(self.near[columns], size)[:size]])
        return nearest

    # Improvement ------------------------------------------------------------------------------------------------------

    def improve(self) -> None:
        """Neighbourhoods and bounds of blocks, half the time each, side by side in threads, until done or stale."""
        block = partition(self.part)
        groupings = [_Grouping(self.part.matrix, code) for code in self.part.hints or (self._scattered(),)]
        bounds = [] if block is None else [_BlockBounds(self.part, self.prices, block)]
        all_of = [*groupings, *bounds]
        workers = max(1, self.clock.limits.threads)
        under_way: set[Future[Callable[[], None]]] = set()
        with ThreadPoolExecutor(workers) as pool:
            while True:
                while len(under_way) < workers and not self.done and not self.stale:
                    means: _Means | None = next(
                        (b for b in bounds if b.waiting and 2 * b.seconds <= sum(g.seconds for g in all_of)), None
                    )
                    means = means or self.random.choices(groupings, _chances(groupings))[0]
                    under_way.add(pool.submit(means.work(self)))
                if not under_way:
                    return
                try:
                    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                        under_way.remove(future)
                        future.result()()
                except KeyboardInterrupt:
                    self.clock.stop.set()

    def _scattered(self) -> Ints:
        """Ten groups of columns by chance, where nothing is known of them."""
        return np.array([self.random.randrange(10) for _ in self.near], dtype=np.int64)

    def raised(self, bound: int) -> int:
        """A bound that was proved; by how much it is the better one."""
        gain = max(bound - self.bound, 0)
        self.bound += gain
        if gain:
            self._told()
        return gain

    def losses(self) -> tuple[Ints, Ints]:
        """What the plan at hand loses against the prices: in each row by its slack, in each column by its distance."""
        part, prices = self.part, self.prices
        assert self.x is not None
        activity = part.matrix.times(self.x)
        slack = np.where(prices.price > 0, activity - part.row_lower, part.row_upper - activity)
        distance = np.where(prices.reduced > 0, self.x - part.lower, part.upper - self.x)
        free_row = prices.price == 0
        return np.where(free_row, 0, np.abs(prices.price) * np.where(free_row, 0, slack)), np.abs(
            prices.reduced
        ) * distance


class _Means:
    """A means to close the gap, and what it has gained of late: units of the cost per second."""

    rate: float | None = None
    seconds = 0.0  # spent on it

    def work(self, search: _NeighbourhoodSearch) -> Callable[[], Callable[[], None]]:
        """Work for a thread, which gives what the search then does with its result."""
        raise NotImplementedError

    def learn(self, gain: int, seconds: float) -> None:
        rate = gain / max(seconds, 0.01)
        self.seconds += seconds
        self.rate = rate if self.rate is None else 0.7 * self.rate + 0.3 * rate


def _chances(means: Sequence[_Means]) -> list[float]:
    """Of being taken: by the gain of late, never less than a twentieth of the best; the untried count as the best."""
    best = max((m.rate for m in means if m.rate is not None), default=0.0) or 1.0
    return [best if m.rate is None else max(m.rate, best / 20) for m in means]


class _Grouping(_Means):
    """One way to cut the columns into groups; neighbourhoods are some of these."""

    def __init__(self, matrix: Matrix, code: Ints) -> None:
        self.code, self.size = code, np.bincount(code[code >= 0])
        self.row = _own(matrix, code)

    def work(self, search: _NeighbourhoodSearch) -> Callable[[], Callable[[], None]]:
        columns = search.nearest(self.some(search.losses(), search.random), NEARBY)
        base = search.x
        assert base is not None

        def neighbourhood() -> Callable[[], None]:
            began = time.monotonic()
            values = search.solved(columns, base, base[columns], NEIGHBOURHOOD_S)
            seconds = time.monotonic() - began

            def then() -> None:
                gain = search.take(columns, values)
                search.failed = 0 if gain else search.failed + 1
                self.learn(gain, seconds)

            return then

        return neighbourhood

    def some(self, losses: tuple[Ints, Ints], chance: random.Random) -> Ints:
        """The columns of groups drawn by what they lose, until they are a portion of all."""
        loss = np.zeros(len(self.size))
        for of, lost in zip((self.row, self.code), losses, strict=True):
            np.add.at(loss, of[of >= 0], lost[of >= 0].astype(np.float64))
        weight = loss + loss.sum() / (10 * len(loss)) + 1.0
        order = sorted(range(len(loss)), key=lambda g: -(chance.random() ** (1.0 / weight[g] * weight.mean())))
        enough = int(np.searchsorted(np.cumsum(self.size[order]), PORTION * len(self.code))) + 1
        return np.flatnonzero(np.isin(self.code, order[:enough]))


def _own(matrix: Matrix, code: Ints) -> Ints:
    """The group that holds all columns of a row; -1 where there is none."""
    least = np.minimum.reduceat(code[matrix.column], matrix.start[:-1])
    most = np.maximum.reduceat(code[matrix.column], matrix.start[:-1])
    return np.where(least == most, least, -1)


class _BlockBounds(_Means):
    """The bound of each block once the rows that tie blocks together are priced; in units of 1 / prices.scale.

    `waiting`: the blocks whose own optimum is not known yet, and the seconds that they get, the quickest last.
    """

    def __init__(self, part: Subproblem, prices: Prices, block: Ints) -> None:
        self.part, self.prices, self.block = part, prices, block
        matrix = part.matrix
        self.own = _own(matrix, block)  # the block of each row; -1: it ties blocks together
        price = prices.price
        rows = np.where(price > 0, part.row_lower, np.where(price < 0, part.row_upper, 0)) * price
        columns = np.where(prices.reduced > 0, part.lower, part.upper) * prices.reduced
        count = int(block.max()) + 1
        self.tied = int(rows[self.own < 0].sum())
        self.of = np.zeros(count, np.int64)
        np.add.at(self.of, block, columns)
        np.add.at(self.of, self.own[self.own >= 0], rows[self.own >= 0])
        self.waiting = [(b, BLOCK_S) for b in np.argsort(-np.bincount(block), kind="stable").tolist()]

    def work(self, search: _NeighbourhoodSearch) -> Callable[[], Callable[[], None]]:
        b, most = self.waiting.pop()
        limit = search.time(most)

        def tightened() -> Callable[[], None]:
            began = time.monotonic()
            closed = self.tighten(b, search.branch, limit)
            seconds = time.monotonic() - began

            def then() -> None:
                if not closed:
                    self.waiting.insert(0, (b, 2 * most))
                self.learn(search.raised(self.least), seconds)

            return then

        return tightened

    @property
    def least(self) -> int:
        """No plan of the whole costs less than this, in units of the cost."""
        return -(-(self.tied + int(self.of.sum())) // self.prices.scale)

    def tighten(self, b: int, branch: Branch, seconds: float) -> bool:
        """Solve block b by itself at these prices; whether to its optimum."""
        part, scale = self.part, self.prices.scale
        columns, rows = np.flatnonzero(self.block == b), np.flatnonzero(self.own == b)
        priced = np.where(self.own < 0, self.prices.price, 0)
        cost = part.cost * scale
        np.subtract.at(cost, part.matrix.column, part.matrix.value * priced[part.matrix.row])
        place = np.full(len(part.cost), -1, np.int64)
        place[columns] = np.arange(len(columns))
        own = part.matrix.select(rows)
        small = Subproblem(
            Matrix(own.start, place[own.column], own.value),
            part.row_lower[rows],
            part.row_upper[rows],
            part.lower[columns],
            part.upper[columns],
            cost[columns],
        )
        outcome = branch(small, seconds, untold)
        if outcome.bound is not None:
            safe = outcome.bound - int(abs(outcome.bound) * FLOAT_SLACK)
            self.of[b] = max(int(self.of[b]), safe)
        return outcome.status in (Status.OPTIMAL, Status.INFEASIBLE)


def restricted(part: Subproblem, columns: Ints, base: Ints) -> tuple[Subproblem, Ints]:
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
    small = Subproblem(
        Matrix.of(len(rows), number[row[live]], place[matrix.column[live]], matrix.value[live]),
        np.where(low > -NO_LIMIT, low - fixed[rows], -NO_LIMIT),
        np.where(high < NO_LIMIT, high - fixed[rows], NO_LIMIT),
        part.lower[columns],
        part.upper[columns],
        part.cost[columns],
    )
    return small, rows


def partition(part: Subproblem) -> Ints | None:
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
        ties = int(np.sum(_own(matrix, block) < 0))
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
