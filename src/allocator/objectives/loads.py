"""Fairness between sums of a measure: the load of an agent, the money of a district, per denominator.

Lives here: maximin, minimax, gap, leximin of f_g = S_g / d_g where S_g, a sum of measure x amount, has too many values to rank.
Not here: the objective's fields (objectives/fair.py), sums that count awards (there, by ranks).

A common grid: with whole numbers a_g and L, f_g is a_g S_g / L. Where the denominators allow it that is exact, and one
question finds the least t >= a_g S_g. Otherwise a_g is rounded, the answer is near the optimum, and the same question is
asked again under rows that only a plan strictly better than the last one satisfies, until there is none: exact all the same.

Leximin: the sum of the k smallest is the most that k r - sum of d_g can be with d_g >= r - f_g, d_g >= 0. To make it as large
as possible for k = 1, 2, ... one after the other is to compare the sorted vector from the smallest up.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Groups, Ints, Rows, Stage, Tables, TooFine
from allocator.rules.total import known

FINEST = 2**45  # t stays below this: a float holds it, and what is added to it


@dataclass(frozen=True)
class Loads:
    """Each group's sum: entries over the cells, what is fact, its least and its most; f_g = S_g / per[g]."""

    groups: Groups
    entries: tuple[Ints, Ints, Ints]
    fact: Ints
    least: Ints
    most: Ints
    per: list[Fraction]
    measure: str

    def values(self, amounts: Ints) -> list[Fraction]:
        """Each group's f_g under a plan, exact."""
        found = self.fact.copy()
        np.add.at(found, self.entries[0], self.entries[2] * amounts[self.entries[1]])
        return [int(s) / d for s, d in zip(found, self.per, strict=True)]

    def hold(self, low: Fraction | None, high: Fraction | None, *, strictly: bool = False) -> Rows:
        """Rows low <= f_g <= high (strictly: < and >): on the whole numbers that S_g can be."""
        least, most = np.full(len(self.per), -NO_LIMIT), np.full(len(self.per), NO_LIMIT)
        for g, d in enumerate(self.per):
            if low is not None:
                least[g] = (floor(low * d) + 1 if strictly else ceil(low * d)) - self.fact[g]
            if high is not None:
                most[g] = (ceil(high * d) - 1 if strictly else floor(high * d)) - self.fact[g]
        return Rows(self.groups.labels, least, most, *self.entries)

    def grid(self) -> tuple[Ints, int, bool]:
        """(a_g, L, exact): f_g = a_g S_g / L, or nearly."""
        size = lcm(*(d.numerator for d in self.per))
        reach = max(1, *(abs(int(s)) for s in (*self.least, *self.most)))
        exact = [size // d.numerator * d.denominator for d in self.per]
        if max(exact) * reach < FINEST:
            return np.array(exact, np.int64), size, True
        size = int(FINEST // 2 // (reach * max(1 / d for d in self.per)))
        near = [round(size / d) for d in self.per]
        if min(near) < 1:
            raise TooFine(self.measure)
        return np.array(near, np.int64), size, False


def loads(q: Tables, groups: Groups, measure: str, per: list[Fraction], past: bool) -> Loads:
    """The sums of a measure in each group."""
    cells = q.entries(groups, measure)
    fact = known(q, q.past(groups, measure), len(groups)) if past else np.zeros(len(groups), np.int64)
    least, most = cells.span(len(groups))
    return Loads(groups, cells.sums(), fact, fact + least, fact + most, [d * cells.scale for d in per], measure)


def even(method: str, world: Loads, solver: Asker, give: Fraction) -> None:
    """Pursue the method, and hold its optimum less `give`."""
    if method in ("gap", "leximin"):
        _gap(world, solver, give) if method == "gap" else _leximin(world, solver)
        return
    best = _extreme(world, solver, up=method == "maximin")
    solver.require(world.hold(best - give, None) if method == "maximin" else world.hold(None, best + give))


def _extreme(world: Loads, solver: Asker, *, up: bool) -> Fraction:
    """The highest smallest f_g (up), or the lowest largest one."""
    factor, size, exact = world.grid()
    stage = _stage(world, factor, size, ends=("low",) if up else ("high",))
    best: Fraction | None = None
    while True:
        under = (
            []
            if best is None
            else [world.hold(best, None, strictly=True) if up else world.hold(None, best, strictly=True)]
        )
        answer = solver.ask(stage, hold=False, under=under)
        if answer is None:
            assert best is not None
            return best
        values = world.values(answer.amounts)
        best = min(values) if up else max(values)
        if exact or not answer.proved:
            return best


def _gap(world: Loads, solver: Asker, give: Fraction) -> None:
    """Both ends at once: that needs the exact grid."""
    factor, size, exact = world.grid()
    if not exact:
        raise TooFine(world.measure)
    solver.ask(_stage(world, factor, size, ends=("low", "high")), give=give)


def _leximin(world: Loads, solver: Asker) -> None:
    """The sums of the k smallest, one after the other: that needs the exact grid."""
    factor, size, exact = world.grid()
    n = len(world.groups)
    if not exact or FINEST // n < int(np.max(np.abs(factor * np.maximum(-world.least, world.most)))):
        raise TooFine(world.measure)
    solver.ask(_stage(world, factor, size, ends=("low",)))
    for k in range(2, n):
        solver.ask(_smallest(world, factor, size, k))
    row, column, coefficient = world.entries
    known_sum = int(np.sum(factor * world.fact))
    solver.ask(Stage("maximize", column, coefficient * factor[row], constant=known_sum, scale=size))


def _smallest(world: Loads, factor: Ints, size: int, k: int) -> Stage:
    """The largest sum of the k smallest a_g S_g. Helpers: r, counted from `base`, then d_g."""
    n = len(world.groups)
    base = int(np.min(factor * world.least))
    room = int(np.max(factor * world.most)) - base
    row, column, coefficient = world.entries
    each = np.arange(n, dtype=np.int64)
    one = np.ones(n, np.int64)
    rows = Rows(
        world.groups.labels,
        base - factor * world.fact,
        np.full(n, NO_LIMIT),
        np.concatenate([row, each, each]),
        np.concatenate([column, -one, -2 - each]),
        np.concatenate([coefficient * factor[row], -one, one]),
        helper_upper=np.full(n + 1, room, np.int64),
    )
    helpers = -1 - np.arange(n + 1, dtype=np.int64)
    price = np.concatenate([[k], -one])
    return Stage("maximize", helpers, price, constant=k * base, scale=size, rows=rows)


def _stage(world: Loads, factor: Ints, size: int, *, ends: tuple[str, ...]) -> Stage:
    """Helpers low <= a_g S_g <= high: the highest low, the lowest high, or the least of high - low. Each counts from `base`."""
    n = len(world.groups)
    base = int(np.min(factor * world.least))
    room = int(np.max(factor * world.most)) - base
    row, column, coefficient = world.entries
    each = np.arange(n, dtype=np.int64)
    own = base - factor * world.fact
    lower, upper, parts = [], [], []
    for k, end in enumerate(ends):
        parts += [(row + k * n, column, coefficient * factor[row]), (each + k * n, np.full(n, -1 - k), np.full(n, -1))]
        lower.append(own if end == "low" else np.full(n, -NO_LIMIT))
        upper.append(np.full(n, NO_LIMIT) if end == "low" else own)
    rows = Rows(
        world.groups.labels * len(ends),
        np.concatenate(lower),
        np.concatenate(upper),
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
        helper_upper=np.full(len(ends), room, np.int64),
    )
    helpers = -1 - np.arange(len(ends), dtype=np.int64)
    if len(ends) == 2:
        return Stage("minimize", helpers, np.array([-1, 1]), scale=size, rows=rows)
    return Stage(
        "maximize" if ends == ("low",) else "minimize", helpers, np.array([1]), constant=base, scale=size, rows=rows
    )
