"""Apportionment: places in proportion to weights, by one of the classical methods, together with every other rule.

Lives here: all of this kind - its fields, its stages, its recount, its sentence.
Not here: how a stage is solved and held (solve/).

A divisor method maximises the sum over groups g and steps k = 1..x_g of ln(w_g / d(k)): d(k) = k - 1/2 Webster,
sqrt(k(k-1)) Huntington-Hill, k Jefferson, k - 1 Adams (N. Gaffke, F. Pukelsheim: Divisor methods for proportional
representation systems, 2008). Where d(1) = 0, first as many groups as possible get one; among them the first step is worth
ln(w_g). Largest remainder: the least sum of |x_g - exact share|, in exact fractions.
The logarithm of a quotient w / d(k) is rounded once, to nine decimal places (LN_SCALE): a tie of quotients stays a tie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from allocator.model.fields import Columns, Condition, Programs, WeightBound
from allocator.model.objective import Objective, Value
from allocator.model.phrases import scope
from allocator.model.query import MOST, Answer, Asker, Flags, Groups, Ints, NotKnown, Stage, Tables, TooFine
from allocator.model.steps import Steps
from allocator.rules.total import found_in
from allocator.words import Say

if TYPE_CHECKING:
    from allocator.model.policy import Model

LN_SCALE = 10**9
EDGE = 2  # a sum this near to the edge of its window widens it
Method = Literal["largest_remainder", "webster", "huntington_hill", "jefferson", "adams"]


def square(method: str, k: int) -> Fraction:
    """d(k) squared, exact (so that Huntington-Hill's root stays a fraction)."""
    if method == "webster":
        return Fraction(2 * k - 1, 2) ** 2
    if method == "huntington_hill":
        return Fraction(k * (k - 1))
    return Fraction(k if method == "jefferson" else k - 1) ** 2


@lru_cache(maxsize=100_000)
def ln(value: Fraction) -> Decimal:
    """The natural logarithm to some 40 digits."""
    with localcontext() as context:
        context.prec = 40
        return Decimal(value.numerator).ln() - Decimal(value.denominator).ln()


@lru_cache(maxsize=100_000)
def ln_divisor(method: str, k: int) -> Decimal:
    """ln d(k) to some 40 digits; 0 for d(k) = 0 (the first step is then worth ln(weight))."""
    exact = square(method, k)
    with localcontext() as context:
        context.prec = 40
        return ln(exact) / 2 if exact else Decimal(0)


@lru_cache(maxsize=100_000)
def worth(method: str, weight: Fraction, k: int) -> int:
    """The worth of a group's k-th place: ln(weight / d(k)) times LN_SCALE, rounded once: equal quotients are equal."""
    with localcontext() as context:
        context.prec = 40
        return int(((ln(weight) - ln_divisor(method, k)) * LN_SCALE).to_integral_value(ROUND_HALF_EVEN))


class Apportion(Objective):
    """Places by need: townships, population, staff."""

    kind: ClassVar[str] = "apportion"

    of: Programs
    by: Columns = ("unit",)
    weight: WeightBound
    method: Method
    within: Columns = ()
    where: Condition = "true"

    def sanity(self, model: Model) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        if self.method != "largest_remainder":
            return
        chosen = [p for p in model.programs if {p, "all", model.family_of.get(p)} & set(self.of)]
        for program in chosen:
            quota = model.programs[program].quota
            limits = [quota.of(period) if quota else None for period in model.policy.periods]
            if any(limit is None or limit.exactly is None for limit in limits):
                yield "needs-exact-quota", "of", {"program": program}

    def _groups(self, q: Tables) -> Groups:
        return q.groups(self.of, (*self.within, *self.by), self.where)

    def _weights(self, q: Tables, groups: Groups, needed: Ints) -> list[Fraction]:
        figures = q.bound(groups, self.weight, missing=True)
        weights = [figures.at(g) or Fraction(0) for g in range(len(groups))]
        for g in np.flatnonzero(needed):
            if weights[g] <= 0:
                raise NotKnown(f"weight: {self.weight} (= {weights[g]})", groups.labels[g])
        return weights

    def _whole(self, groups: Groups, g: int) -> tuple[str | int, ...]:
        return groups.labels[g][: len(self.within)]

    def _shares(self, q: Tables, groups: Groups, weights: list[Fraction]) -> list[Fraction]:
        """The exact share of each group in the places of its whole (the quotas of the programs, which must be exact)."""
        places = q.places(self.of, self.within)
        totals: dict[tuple[str | int, ...], Fraction] = {}
        for g, weight in enumerate(weights):
            totals[self._whole(groups, g)] = totals.get(self._whole(groups, g), Fraction(0)) + weight
        shares = []
        for g, weight in enumerate(weights):
            whole = self._whole(groups, g)
            if places.get(whole) is None:
                raise NotKnown("largest_remainder: quota", whole)
            shares.append((places[whole] or 0) * weight / totals[whole])
        return shares

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        groups = self._groups(q)
        cells = q.entries(groups)
        lower, upper = cells.span(len(groups))
        entries, zero = cells.sums(), np.zeros(len(groups), np.int64)
        weights = self._weights(q, groups, upper)
        shares = self._shares(q, groups, weights) if self.method == "largest_remainder" else []
        low, high = self._window(q, groups, weights, lower, upper)
        every = q.entries(q.groups(self.of, ())).col
        whole = bool(np.array_equal(np.sort(entries[1]), every))  # each cell is in one group
        if not shares and square(self.method, 1) == 0:
            steps = Steps(groups, entries, zero, np.minimum(lower, 1), np.minimum(upper, 1), zero, upper)
            column = solver.require(steps.rows(ordered=False))
            ones = column[: int(steps.size.sum())]
            solver.ask(Stage("maximize", ones, np.ones(len(ones), np.int64), constant=int(np.sum(lower > 0))))
        while True:
            steps = Steps(groups, entries, zero, low, high, low - lower, upper - high)
            total, cut = zero.copy(), np.zeros(len(groups), np.bool_)

            def inside(
                answer: Answer, low: Ints = low, high: Ints = high, total: Ints = total, cut: Flags = cut
            ) -> bool:
                """No sum is near the edge of its window: the tangents beyond the edges were not touched."""
                np.add.at(total, entries[0], entries[2] * answer.amounts[entries[1]])
                cut |= ((total <= low + EDGE) & (low > lower)) | ((total >= high - EDGE) & (high < upper))
                return not cut.any()

            solver.ask(self._stage(steps, weights, shares, whole=whole), give=give, accept=inside)
            if not cut.any():
                return
            width = np.where(cut, 2 * (high - low) + EDGE, 0)
            low, high = (
                np.maximum(np.minimum(low, total) - width, lower),
                np.minimum(np.maximum(high, total) + width, upper),
            )

    def _window(
        self, q: Tables, groups: Groups, weights: list[Fraction], lower: Ints, upper: Ints
    ) -> tuple[Ints, Ints]:
        """Where each sum is expected: around its exact share, if the places are known; else all that it can be."""
        places = q.places(self.of, self.within)
        totals: dict[tuple[str | int, ...], Fraction] = {}
        for g, weight in enumerate(weights):
            totals[self._whole(groups, g)] = totals.get(self._whole(groups, g), Fraction(0)) + weight
        low, high = lower.copy(), upper.copy()
        for g, weight in enumerate(weights):
            whole = self._whole(groups, g)
            seats = places.get(whole)
            if seats is not None and totals[whole]:
                share = float(seats * weight / totals[whole])
                low[g] = min(max(int(share * 0.9) - 2 * EDGE, lower[g]), upper[g])
                high[g] = max(min(int(share * 1.1) + 2 * EDGE, upper[g]), low[g])
        return low, high

    def _stage(self, steps: Steps, weights: list[Fraction], shares: list[Fraction], *, whole: bool) -> Stage:
        """The steps inside the windows at their worth; below and above, the tangent: never less than the true worth.

        `whole`: the groups have all places between them, so that what some have too much others have too little: the
        deviations are twice what is too little, and the figures stay small.
        """
        n, total = len(steps.groups), int(steps.size.sum())
        group_of = np.repeat(np.arange(n), steps.size)
        k_of = np.arange(total) - steps.first[group_of] + steps.lower[group_of] + 1
        if shares:
            scale = lcm(1, *(s.denominator for s in shares))

            def off(g: int, x: int) -> Fraction:
                return 2 * max(shares[g] - x, Fraction(0)) if whole else abs(shares[g] - x)

            def gain(g: int, k: int) -> int:
                return int((off(g, k - 1) - off(g, k)) * scale)

            start = -sum((off(g, int(low)) for g, low in enumerate(steps.lower)), Fraction(0)) * scale
            if float(abs(start)) >= MOST or float(scale) >= MOST:
                raise TooFine(self.weight)
        else:
            scale = LN_SCALE

            def gain(g: int, k: int) -> int:
                return worth(self.method, weights[g], k) if weights[g] > 0 else 0

            start = Fraction(sum(gain(g, k) for g in range(n) for k in range(1, int(steps.lower[g]) + 1)))
        inside = [gain(int(g), int(k)) for g, k in zip(group_of, k_of, strict=True)]
        below = [-gain(g, int(low)) if low > 0 else 0 for g, low in enumerate(steps.lower)]
        above = [
            gain(g, int(high) + 1) if room else 0
            for g, (high, room) in enumerate(zip(steps.upper, steps.room_above, strict=True))
        ]
        sign = -1 if shares else 1
        coefficient = sign * np.array([*inside, *below, *above], dtype=np.int64)
        helpers = -1 - np.arange(len(coefficient), dtype=np.int64)
        return Stage(
            "minimize" if shares else "maximize",
            helpers,
            coefficient,
            constant=sign * int(start),
            scale=scale,
            rows=steps.rows(ordered=False),
        )

    def recount(self, q: Tables) -> Value:
        groups = self._groups(q)
        made = found_in(q, groups, q.awards(groups))
        amounts = [int(m or 0) for m in made]
        weights = self._weights(q, groups, np.array(amounts, np.int64))
        if self.method == "largest_remainder":
            shares = self._shares(q, groups, weights)
            return Value((sum((abs(a - s) for a, s in zip(amounts, shares, strict=True)), Fraction(0)),), "less")
        total = sum(worth(self.method, weights[g], k) for g, a in enumerate(amounts) for k in range(1, a + 1))
        figures: tuple[Fraction, ...] = (Fraction(total, LN_SCALE),)
        if square(self.method, 1) == 0:
            figures = (Fraction(sum(a > 0 for a in amounts)), *figures)
        return Value(figures)

    def sentence(self) -> Say:
        told = {"of": self.of, "weight": self.weight, "by": self.by}
        return Say(f"objectives.{self.method}", {**scope(self), **told})
