"""The sums of groups per denominator as whole numbers, and the levels that they can reach.

Lives here: f_g = S_g / d_g as a whole number T_g of equal steps; rows that hold it between two levels; the search for a level.
Not here: what is asked of the levels (objectives/fair.py, gap.py, leximin.py).

S_g goes in steps: the greatest common divisor of what its cells add. So f_g = low + unit T with T a whole number from 0 to size,
and f_g >= v says T >= ceil((v - low) / unit): a whole-number row, nothing rounded. A level is a value that some group can have.
There may be millions of them, so they are never listed: halving the interval between a level that has a plan and one that
has none takes as many questions as the number of levels has binary digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor, lcm

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Groups, Ints, Rows, Stage, Tables
from allocator.rules.total import known

FEW = 1000  # levels that halving alone gets through soon enough
FINE = 2**32  # of the scale on which the linear programme looks for a level
LISTED = 64  # so few levels are listed, and halved by number; more are halved by value
Guard = tuple[int, int | None]
NOTHING = Stage("maximize", np.zeros(0, np.int64), np.zeros(0, np.int64))  # any plan will do


@dataclass(frozen=True)
class Sums:
    """T_g = sum of entries over the cells + offset[g], from 0 to size[g]; f_g = low[g] + unit[g] T_g."""

    groups: Groups
    entries: tuple[Ints, Ints, Ints]
    offset: Ints
    size: Ints
    low: tuple[Fraction, ...]
    unit: tuple[Fraction, ...]

    @classmethod
    def of(cls, q: Tables, groups: Groups, measure: str, per: list[Fraction], past: bool) -> Sums:
        """The sums of a measure. Raises TooFine where 64 bits do not hold them."""
        cells = q.entries(groups, measure)
        n = len(groups)
        fact = known(q, q.past(groups, measure), n) if past else np.zeros(n, np.int64)
        least, most = cells.span(n)
        row, column, value = cells.sums()
        step = np.zeros(n, np.int64)
        np.gcd.at(step, row, value)
        step = np.maximum(step, 1)
        return cls(
            groups,
            (row, column, value // step[row]),
            -least // step,
            (most - least) // step,
            tuple(Fraction(int(s), cells.scale) / d for s, d in zip(fact + least, per, strict=True)),
            tuple(Fraction(int(s), cells.scale) / d for s, d in zip(step, per, strict=True)),
        )

    def flipped(self) -> Sums:
        """The same with -f_g in the place of f_g: the lowest largest value is the highest smallest one there."""
        row, column, coefficient = self.entries
        return Sums(
            self.groups,
            (row, column, -coefficient),
            self.size - self.offset,
            self.size,
            tuple(-self.top(g) for g in range(len(self.groups))),
            self.unit,
        )

    def __len__(self) -> int:
        return len(self.groups)

    def top(self, g: int) -> Fraction:
        """The largest value of a group by itself."""
        return self.low[g] + self.unit[g] * int(self.size[g])

    def values(self, amounts: Ints) -> list[Fraction]:
        """Each group's value under a plan."""
        found = self.offset.copy()
        np.add.at(found, self.entries[0], self.entries[2] * amounts[self.entries[1]])
        return [low + unit * t for low, unit, t in zip(self.low, self.unit, found.tolist(), strict=True)]

    # Levels -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _whole(self) -> list[tuple[int, int, int, int]]:
        """(a, b, c, size) of each group: f_g = (a + b T) / c in whole numbers."""
        found = []
        for low, unit, size in zip(self.low, self.unit, self.size.tolist(), strict=True):
            c = lcm(low.denominator, unit.denominator)
            found.append((low.numerator * (c // low.denominator), unit.numerator * (c // unit.denominator), c, size))
        return found

    def at_least(self, v: Fraction) -> Ints:
        """The least T with f >= v; 0 where any does, size + 1 where none does."""
        p, q = v.numerator, v.denominator
        return np.array(
            [min(max(-((a * q - p * c) // (q * b)), 0), size + 1) for a, b, c, size in self._whole], dtype=np.int64
        )

    def at_most(self, v: Fraction) -> Ints:
        """The most T with f <= v; size where any does, -1 where none does."""
        p, q = v.numerator, v.denominator
        return np.array(
            [min(max((p * c - a * q) // (q * b), -1), size) for a, b, c, size in self._whole], dtype=np.int64
        )

    def count(self, lo: Fraction, hi: Fraction) -> int:
        """How many values the groups can have from lo to hi, each group's counted by itself."""
        return int(np.sum(np.maximum(self.at_most(hi) - self.at_least(lo) + 1, 0)))

    def levels(self, lo: Fraction, hi: Fraction) -> list[Fraction]:
        """Every level from lo to hi, ascending."""
        first, last = self.at_least(lo).tolist(), self.at_most(hi).tolist()
        return sorted({self.low[g] + self.unit[g] * t for g in range(len(self)) for t in range(first[g], last[g] + 1)})

    def middle(self, lo: Fraction, hi: Fraction) -> Fraction | None:
        """A level above lo and not above hi, half-way between them; None where there is none."""
        while self.count(lo, hi) > LISTED:
            half = (lo + hi) / 2
            level = self.next(half)
            if level is not None and level <= hi:
                return level
            hi = half
        every = [v for v in self.levels(lo, hi) if v > lo]
        return every[len(every) // 2] if every else None

    def next(self, v: Fraction) -> Fraction | None:
        """The first level from v on."""
        at = self.at_least(v)
        return min((self.low[g] + self.unit[g] * int(at[g]) for g in np.flatnonzero(at <= self.size)), default=None)

    def first(self, lo: Fraction, hi: Fraction) -> Fraction | None:
        """The first level above lo, if it is not above hi."""
        at = self.at_most(lo) + 1
        level = min((self.low[g] + self.unit[g] * int(at[g]) for g in np.flatnonzero(at <= self.size)), default=None)
        return None if level is None or level > hi else level

    def last(self, v: Fraction) -> Fraction:
        """The last level up to v; there must be one."""
        at = self.at_most(v)
        return max(self.low[g] + self.unit[g] * int(at[g]) for g in np.flatnonzero(at >= 0))

    def below(self, v: Fraction) -> Fraction:
        """The last level below v; there must be one."""
        at = self.at_least(v) - 1
        return max(self.low[g] + self.unit[g] * int(at[g]) for g in np.flatnonzero(at >= 0))

    # Rows and questions -----------------------------------------------------------------------------------------------

    def hold(self, v: Fraction | None, w: Fraction | None) -> Rows:
        """Rows v <= f_g <= w."""
        n = len(self)
        low = np.full(n, -NO_LIMIT) if v is None else self.at_least(v) - self.offset
        high = np.full(n, NO_LIMIT) if w is None else self.at_most(w) - self.offset
        return Rows(self.groups.labels, low, high, *self.entries)

    def columns(self, solver: Asker) -> Ints:
        """Helper columns that carry T_g."""
        n = len(self)
        each = np.arange(n, dtype=np.int64)
        row, column, coefficient = self.entries
        return solver.require(
            Rows(
                self.groups.labels,
                -self.offset,
                -self.offset,
                np.concatenate([row, each]),
                np.concatenate([column, -1 - each]),
                np.concatenate([coefficient, np.full(n, -1, np.int64)]),
                helper_upper=self.size,
            )
        )

    def relaxed(
        self, solver: Asker, under: tuple[Rows, ...] = (), among: Sequence[Guard] | None = None
    ) -> Fraction | None:
        """About the highest smallest value of the linear programme: where to look first. It proves nothing.

        among: the groups that count, each with the column that is 1 where it does (None: it always does); None: all do.
        """
        n = len(self)
        among = [(g, None) for g in range(n)] if among is None else among
        chosen = [g for g, _ in among]
        base, top = min(self.low[g] for g in chosen), max(self.top(g) for g in chosen)
        if top == base:
            return base
        scale = FINE / (top - base)
        low = {g: floor((self.low[g] - base) * scale) for g in chosen}
        unit = {g: max(round(self.unit[g] * scale), 1) for g in chosen}
        row, column, coefficient = self.entries
        kept = np.isin(row, chosen)
        place, times = np.zeros(n, np.int64), np.zeros(n, np.int64)
        place[chosen], times[chosen] = np.arange(len(chosen)), [unit[g] for g in chosen]
        guards = [(r, column, -FINE) for r, (_, column) in enumerate(among) if column is not None]
        # unit T + low - t >= 0, or >= -FINE where a group need not count
        least = [-low[g] - unit[g] * int(self.offset[g]) - (0 if guard is None else FINE) for g, guard in among]
        rows = Rows(
            [self.groups.labels[g] for g in chosen],
            np.array(least, dtype=np.int64),
            np.full(len(chosen), NO_LIMIT),
            np.concatenate([place[row[kept]], np.arange(len(chosen)), np.array([r for r, _, _ in guards], np.int64)]),
            np.concatenate([column[kept], np.full(len(chosen), -1), np.array([c for _, c, _ in guards], np.int64)]),
            np.concatenate(
                [
                    coefficient[kept] * times[row[kept]],
                    np.full(len(chosen), -1),
                    np.array([m for _, _, m in guards], np.int64),
                ]
            ),
            helper_upper=np.array([FINE], np.int64),
        )
        found = solver.relaxed(Stage("maximize", np.array([-1]), np.array([1]), rows=rows), under=under)
        return None if found is None else base + Fraction(found) / scale

    def highest(
        self,
        worth: Callable[[Fraction], Fraction | None],
        lo: Fraction,
        hi: Fraction,
        near: Callable[[], Fraction | None],
    ) -> Fraction:
        """The highest level that has a plan. lo has one, nothing above hi has.

        worth(v): the level, v or above, that some plan reaches; None where no plan reaches v. near(): where to look first.
        """

        def reached(v: Fraction) -> bool:
            nonlocal lo, hi
            found = worth(v)
            lo, hi = (lo, self.below(v)) if found is None else (found, hi)
            return found is not None

        if self.count(lo, hi) > FEW and (guess := near()) is not None:
            step, above = sorted(self.unit)[len(self) // 2], True
            while guess > lo and not reached(self.last(min(guess, hi))):  # down to a plan, in steps that double
                above, guess, step = False, guess - step, 2 * step
            at = lo
            while above and (v := self.first(at, hi)) is not None and reached(v):  # up to none
                at, step = lo + step, 2 * step
        while (v := self.middle(lo, hi)) is not None:
            reached(v)
        return lo

    def smallest(
        self,
        solver: Asker,
        seen: Callable[[Ints], None] = lambda _: None,
        under: tuple[Rows, ...] = (),
        hi: Fraction | None = None,
    ) -> Fraction | None:
        """The highest smallest value under some rows; None where no plan keeps them.

        `seen` is told every plan found; it is known that no plan is above `hi`.
        """
        start = solver.ask(NOTHING, hold=False, under=under)
        if start is None:
            return None
        seen(start.amounts)

        def worth(v: Fraction) -> Fraction | None:
            answer = solver.ask(NOTHING, hold=False, under=(*under, self.hold(v, None)))
            if answer is None:
                return None
            seen(answer.amounts)
            return min(self.values(answer.amounts))

        tops = [self.top(g) for g in range(len(self))]
        hi = min([*tops, *([] if hi is None else [hi])])
        return self.highest(worth, min(self.values(start.amounts)), hi, lambda: self.relaxed(solver, under))


def at_best(solver: Asker, rows: Rows) -> None:
    """The plan at hand becomes one that keeps the rows, those of the best: what may be given is counted from it."""
    solver.ask(NOTHING, hold=False, under=(rows,))
