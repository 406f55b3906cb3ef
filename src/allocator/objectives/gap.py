"""The largest value less the smallest, as small as possible.

Lives here: that search, and the rows that hold a gap.
Not here: the groups' values and their levels (objectives/levels.py), the objective's fields (objectives/fair.py).

No smallest value lies above the maximin, no largest one below the minimax: so a plan with a gap of g has its smallest value
between minimax - g and the maximin. Where few levels lie in this window, it is searched: if no plan has all values from a to
below b + g, no plan with its smallest value between a and b has a gap below g; otherwise the plan found may have a smaller
gap, and the interval is halved. A gap is then held by steps: one 0/1 column for each level that an end can be at, the upper
end's step tied to the lower end's.

Where the window holds more levels than there are pairs of groups, each pair has a row f_g - f_h <= gap instead: to hold it, and
to ask for a plan with a smaller one until there is none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor, gcd, lcm

import numpy as np

from allocator.model.query import MOST, NO_LIMIT, Asker, Ints, Rows, TooFine
from allocator.objectives.levels import NOTHING, Sums, at_best

MOST_STEPS = 20_000  # where rows of pairs do not fit


def smallest_gap(sums: Sums, solver: Asker, give: Fraction) -> None:
    """Find the smallest gap and hold it less `give`."""
    search = _GapSearch(sums, solver)
    search.run()
    if give:
        at_best(solver, search.rows(search.best))
    solver.require(search.rows(search.best + give))


class _GapSearch:
    """`best`: the smallest gap of a plan found so far."""

    def __init__(self, sums: Sums, solver: Asker) -> None:
        self.sums, self.flipped, self.solver = sums, sums.flipped(), solver
        self.total: Ints | None = None
        self.best = max(sums.top(g) for g in range(len(sums))) - min(sums.low)
        low, high = sums.smallest(solver, self.seen), self.flipped.smallest(solver, self.seen)
        assert low is not None and high is not None
        self.highest_low, self.lowest_high = low, -high

    def seen(self, amounts: Ints) -> None:
        """A plan was found: its gap may be the best."""
        values = self.sums.values(amounts)
        self.best = min(self.best, max(values) - min(values))

    def run(self) -> None:
        """Find the smallest gap."""
        if self.open:
            self.with_low(self.highest_low)
        if self.open and self.by_pairs(self.best):
            while self.open and self.possible(self.pairs(self.best, strictly=True)):
                pass
        elif self.open:
            self.halve()

    def halve(self) -> None:
        """Search the window of lower ends (above the first figure, up to the second), its upper half first."""
        window = [(self.lowest_high - self.best, self.highest_low)]
        while window and self.open:
            a, b = window.pop()
            a = max(a, self.lowest_high - self.best)
            first = self.sums.first(a, b)
            if first == b:
                self.with_low(b)
            elif first is not None and self.possible(self.between(first, b)):
                middle = self.sums.middle(first, b)
                assert middle is not None  # b at least
                window += [(a, self.sums.below(middle)), (self.sums.below(middle), b)]

    @property
    def open(self) -> bool:
        """Whether a smaller gap than the best is not ruled out yet: by the two ends, or as one below 0."""
        return 0 < self.best > self.lowest_high - self.highest_low

    def possible(self, *under: Rows) -> bool:
        """Whether some plan keeps the rows; its gap may be the best."""
        answer = self.solver.ask(NOTHING, hold=False, under=under)
        if answer is not None:
            self.seen(answer.amounts)
        return answer is not None

    def with_low(self, v: Fraction) -> None:
        """The smallest gap with v as the lower end, if it is below the best."""
        self.flipped.smallest(self.solver, self.seen, (self.between(v, v),), -max(self.lowest_high, v))

    def between(self, a: Fraction, b: Fraction) -> Rows:
        """Rows for all that has a smallest value from a to b, and a gap below the best."""
        return self.sums.hold(a, self.sums.below(b + self.best))

    def rows(self, gap: Fraction) -> Rows:
        """Rows that allow exactly the plans whose largest value is not above the smallest one by more than `gap`."""
        if self.by_pairs(gap):
            return self.pairs(gap)
        low, high = self.ends(gap)
        return by_steps(self.sums, self.sums.levels(*low), self.sums.levels(*high), gap)

    def ends(self, gap: Fraction) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
        """Between what the smallest value lies in a plan with this gap, and the largest."""
        return (self.lowest_high - gap, self.highest_low), (self.lowest_high, self.highest_low + gap)

    def by_pairs(self, gap: Fraction) -> bool:
        """Whether pairs of groups are fewer than the levels that the ends can be at, and their rows fit in 64 bits.

        Raises TooFine where neither way is open.
        """
        levels = sum(self.sums.count(*end) for end in self.ends(gap))
        if levels <= len(self.sums) ** 2:
            return False
        try:
            self.pairs(gap)
        except TooFine:
            if levels > MOST_STEPS:
                raise
            return False
        return True

    def pairs(self, gap: Fraction, *, strictly: bool = False) -> Rows:
        """The rows of all pairs; strictly: for a smaller gap only."""
        if self.total is None:
            self.total = self.sums.columns(self.solver)
        low, high = self.ends(gap)
        return by_pairs(self.sums, self.total, gap, low[0], high[1], strictly, self.solver.go_on)


def by_steps(sums: Sums, low: list[Fraction], high: list[Fraction], gap: Fraction) -> Rows:
    """The smallest value is one of `low`, the largest one of `high`: a step for each but the first of either.

    All values are at least low[i] where step i of the lower end is taken, at most high[j] where the upper end's step j + 1
    is not; and the upper end takes no step that leaves the gap behind.
    """
    n = len(sums)
    ends = [np.array([sums.at_least(v) for v in low]), np.array([sums.at_most(v) for v in high])]
    row, column, coefficient = ([part] for part in sums.entries)
    row.append(sums.entries[0] + n)
    column.append(sums.entries[1])
    coefficient.append(sums.entries[2])
    first = 0
    for k, at in enumerate(ends):
        step, g = np.nonzero(np.diff(at, axis=0))
        row.append(g + k * n)
        column.append(-1 - first - step)
        coefficient.append(-np.diff(at, axis=0)[step, g])
        first += len(at) - 1
    base = [ends[0][0] - sums.offset, ends[1][0] - sums.offset]
    links: list[tuple[int, int, int]] = []
    upper: list[int] = []
    for first, count in ((0, len(low) - 1), (len(low) - 1, len(high) - 1)):
        for k in range(first + 1, first + count):  # a step is taken only after the one below it
            links += [(2 * n + len(upper), -1 - k, 1), (2 * n + len(upper), -k, -1)]
            upper.append(0)
    for i, v in enumerate(low):
        j = bisect_right(high, v + gap)  # the first upper end too high where v is the lower one
        if j < len(high):
            links.append((2 * n + len(upper), -len(low) - (j - 1), 1))
            links += [(2 * n + len(upper), -1 - i, -1)] if i < len(low) - 1 else []
            upper.append(0)
    more = np.array(links, dtype=np.int64).reshape(-1, 3)
    free = np.full(n, NO_LIMIT)
    return Rows(
        (*sums.groups.labels, *sums.groups.labels, *(("gap", k) for k in range(len(upper)))),
        np.concatenate([base[0], -free, np.full(len(upper), -NO_LIMIT)]),
        np.concatenate([free, base[1], np.array(upper, np.int64)]),
        np.concatenate([*row, more[:, 0]]),
        np.concatenate([*column, more[:, 1]]),
        np.concatenate([*coefficient, more[:, 2]]),
        helper_upper=np.ones(len(low) + len(high) - 2, np.int64),
    )


def by_pairs(
    sums: Sums,
    total: Ints,
    gap: Fraction,
    least: Fraction,
    most: Fraction,
    strictly: bool,
    go_on: Callable[[], None],
) -> Rows:
    """A row f_g - f_h <= gap (strictly: <) for each pair of groups that could break it, and least <= f_g <= most.

    total[g] is the column of T_g; `go_on` ends it when the time is over. Raises TooFine where 64 bits do not hold a row.
    """
    n = len(sums)
    labels = list(sums.groups.labels)
    lower, upper = sums.at_least(least).tolist(), sums.at_most(most).tolist()
    triplets = [(g, int(total[g]), 1) for g in range(n)]
    for g in range(n):
        go_on()
        for h in range(n):
            if g == h or min(sums.top(g), most) - max(sums.low[h], least) < gap:
                continue
            # unit[g] T_g - unit[h] T_h <= gap - low[g] + low[h], in whole numbers
            scale = lcm(sums.unit[g].denominator, sums.unit[h].denominator)
            a, b = int(sums.unit[g] * scale), int(sums.unit[h] * scale)
            common = gcd(a, b)
            bound = (gap - sums.low[g] + sums.low[h]) * scale / common
            if max(a // common * int(sums.size[g]), b // common * int(sums.size[h]), abs(floor(bound))) >= MOST / 2:
                raise TooFine("gap")
            triplets += [(len(labels), int(total[g]), a // common), (len(labels), int(total[h]), -b // common)]
            labels.append(sums.groups.labels[g])
            lower.append(-NO_LIMIT)
            upper.append(ceil(bound) - 1 if strictly else floor(bound))
    return Rows.build(labels, lower, upper, triplets)
