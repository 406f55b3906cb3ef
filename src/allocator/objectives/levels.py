"""The sums of groups per denominator as whole numbers, and the levels that they can reach.

Lives here: f_g = S_g / d_g as a whole number T_g of equal steps; rows that hold it between two levels; the search for a level.
Not here: what is asked of the levels (objectives/fair.py, gap.py, leximin.py).

S_g goes in steps: the greatest common divisor of what its cells add. So f_g = low + unit T with T a whole number from 0 to size,
and f_g >= v says T >= ceil((v - low) / unit): a whole-number row, nothing rounded. A level is a value that some group can have.
There may be millions of them, so they are never listed: halving the interval between a level that has a plan and one that
has none takes as many questions as the number of levels has binary digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Groups, Ints, Rows, Stage, Tables
from allocator.rules.total import known

LISTED = 64  # so few levels are listed, and halved by number; more are halved by value
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

    def highest(self, worth: Callable[[Fraction], Fraction | None], lo: Fraction, hi: Fraction) -> Fraction:
        """The highest level that has a plan. lo has one, nothing above hi has.

        worth(v): the level, v or above, that some plan reaches; None where no plan reaches v.
        """
        while (v := self.middle(lo, hi)) is not None:
            found = worth(v)
            if found is None:
                hi = self.below(v)
            else:
                lo = found
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
        return self.highest(worth, min(self.values(start.amounts)), min([*tops, *([] if hi is None else [hi])]))
