"""Fairness between groups: awards per denominator, as exact fractions, over all groups, zeros included.

Lives here: all of this kind - its fields, its stages, its recount, its sentence.
Not here: how a stage is solved and held (solve/).

With f_g = S_g / d_g (S_g the group's awards, a whole number; d_g its denominator) every value that f can take is one of
finitely many fractions v_1 < v_2 < ...: they are compared by rank, so nothing is ever rounded. f_g >= v means
S_g >= ceil(v d_g), a whole-number row.
maximin: the largest v with S_g >= ceil(v d_g) for all g; minimax: the smallest w with S_g <= floor(w d_g).
gap: over the lower ends v from the maximin down, the least upper end w with ceil(v d_g) <= S_g <= floor(w d_g).
leximin: with y_{g,a} = 1 only if S_g >= a, the numbers N_k of groups with f_g <= v_k, minimised in the order k = 1, 2, ...
(the vector sorted from the smallest is lexicographically largest exactly then).
Where S_g is a sum of a measure it takes too many values to rank them: objectives/loads.py compares such sums.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
from pydantic import model_validator

from allocator.model.fields import Columns, Condition, Denominator, Flag, Measure, Programs
from allocator.model.objective import Objective, Value
from allocator.model.phrases import part, scope
from allocator.model.query import NO_LIMIT, Asker, Groups, Ints, NotKnown, Rows, Stage, Tables
from allocator.model.steps import Steps
from allocator.objectives.loads import even, loads
from allocator.rules.total import found_in, known
from allocator.words import Say


class Fair(Objective):
    """The worst-off group first (maximin, leximin), or the smallest gap between groups."""

    kind: ClassVar[str] = "fair"
    asks_its_value: ClassVar[bool] = False

    of: Programs
    by: Columns
    per: Denominator = "1"
    measure: Measure = "1"
    method: Literal["maximin", "minimax", "leximin", "gap"]
    where: Condition = "true"
    past: Flag = False

    @model_validator(mode="after")
    def _leximin_gives_nothing(self) -> Fair:
        if self.method == "leximin" and self.give:
            raise ValueError("give-leximin")
        return self

    def _denominators(self, q: Tables, groups: Groups) -> list[Fraction]:
        figures = q.bound(groups, self.per)
        per = [figures.at(g) or Fraction(0) for g in range(len(groups))]
        for g, d in enumerate(per):
            if d <= 0:
                raise NotKnown(f"per: {self.per} (= {d})", groups.labels[g])
        return per

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        groups = q.groups(self.of, self.by, self.where)
        if not len(groups):
            return
        if self.measure != "1":
            even(self.method, loads(q, groups, self.measure, self._denominators(q, groups), self.past), solver, give)
            return
        world = _World(q, groups, self._denominators(q, groups), self.past)
        {"maximin": _maximin, "minimax": _minimax, "leximin": _leximin, "gap": _gap}[self.method](world, solver, give)

    def recount(self, q: Tables) -> Value:
        groups = q.groups(self.of, self.by, self.where)
        per = self._denominators(q, groups)
        made = found_in(q, groups, q.awards(groups, self.measure, past=self.past))
        better = "less" if self.method in ("gap", "minimax") else "more"
        if any(m is None for m in made) or not made:
            return Value(None, better)
        values = sorted((m or Fraction(0)) / d for m, d in zip(made, per, strict=True))
        if self.method == "maximin":
            return Value((values[0],), better)
        if self.method == "minimax":
            return Value((values[-1],), better)
        if self.method == "gap":
            return Value((values[-1] - values[0],), better)
        return Value(tuple(values), better)

    def sentence(self) -> Say:
        per = part("objectives.per", unless="1", per=self.per)
        measure = part("rules.part.measure", unless="1", measure=self.measure)
        told = {**scope(self), "of": self.of, "by": self.by, "per": per, "measure": measure}
        return Say(f"objectives.{self.method}", told)


class _World:
    """The sums S_g of one fairness question: their cells, what is fact, the largest they can be, the levels."""

    def __init__(self, q: Tables, groups: Groups, per: list[Fraction], past: bool) -> None:
        self.groups, self.per = groups, per
        cells = q.entries(groups)
        self.entries = cells.sums()
        self.fact = known(q, q.past(groups), len(groups)) if past else np.zeros(len(groups), np.int64)
        least, most = cells.span(len(groups))
        self.lower, self.upper = self.fact + least, self.fact + most
        span = [(int(lo), int(up)) for lo, up in zip(self.lower, self.upper, strict=True)]
        self.levels = sorted(
            {Fraction(a) / d for (lo, up), d in zip(span, per, strict=True) for a in range(lo, up + 1)}
        )

    def sums(self, amounts: Ints) -> list[int]:
        found = self.fact.copy()
        np.add.at(found, self.entries[0], self.entries[2] * amounts[self.entries[1]])
        return [int(s) for s in found]

    def values(self, amounts: Ints) -> list[Fraction]:
        return [s / d for s, d in zip(self.sums(amounts), self.per, strict=True)]

    def at_least(self, v: Fraction) -> Ints:
        """ceil(v d_g), the smallest sums that reach v."""
        return np.array([-((-(v * d).numerator) // (v * d).denominator) for d in self.per], dtype=np.int64)

    def at_most(self, w: Fraction) -> Ints:
        """floor(w d_g), the largest sums that stay within w."""
        return np.array([(w * d).numerator // (w * d).denominator for d in self.per], dtype=np.int64)

    def hold(self, v: Fraction | None, w: Fraction | None) -> Rows:
        """Rows v <= f_g <= w."""
        n = len(self.groups)
        low = np.full(n, -NO_LIMIT) if v is None else self.at_least(v) - self.fact
        high = np.full(n, NO_LIMIT) if w is None else self.at_most(w) - self.fact
        return Rows(self.groups.labels, low, high, *self.entries)

    def ranked(self, levels: list[Fraction], *, up: bool) -> Stage:
        """One 0/1 helper a step between levels: the highest smallest value (up), or the lowest largest one."""
        n, m = len(self.groups), len(levels)
        thresholds = [self.at_least(v) if up else self.at_most(v) for v in levels]
        row, col, coef = [self.entries[0]], [self.entries[1]], [self.entries[2]]
        for k in range(1, m):
            step = thresholds[k] - thresholds[k - 1]
            g = np.flatnonzero(step)
            row.append(g)
            col.append(np.full(len(g), -k))
            coef.append(-step[g])
        order = np.arange(m - 2, dtype=np.int64)  # a step is taken only after the one below it
        row += [n + order, n + order]
        col += [-1 - order, -2 - order]
        coef += [np.ones(len(order), np.int64), -np.ones(len(order), np.int64)]
        base = thresholds[0] - self.fact
        extra = max(m - 2, 0)
        low = np.concatenate([base if up else np.full(n, -NO_LIMIT), np.zeros(extra, np.int64)])
        high = np.concatenate([np.full(n, NO_LIMIT) if up else base, np.full(extra, NO_LIMIT)])
        rows = Rows(
            (*self.groups.labels, *((f"step {k}",) for k in range(extra))),
            low.astype(np.int64),
            high.astype(np.int64),
            np.concatenate(row).astype(np.int64),
            np.concatenate(col).astype(np.int64),
            np.concatenate(coef).astype(np.int64),
            helper_upper=np.ones(m - 1, np.int64),
        )
        helpers = -1 - np.arange(m - 1, dtype=np.int64)
        return Stage("maximize" if up else "minimize", helpers, np.ones(m - 1, np.int64), rows=rows)


def _extreme(world: _World, solver: Asker, levels: list[Fraction], *, up: bool) -> Fraction:
    """The highest v with all f_g >= v (up), or the lowest w with all f_g <= w, among the levels."""
    if len(levels) < 2:
        return levels[0]
    answer = solver.ask(world.ranked(levels, up=up), hold=False)
    assert answer is not None
    values = world.values(answer.amounts)
    return min(values) if up else max(values)


def _ceiling(world: _World) -> Fraction:
    """No smallest value can be above the least of the groups' largest."""
    return min(Fraction(int(u)) / d for u, d in zip(world.upper, world.per, strict=True))


def _floor(world: _World) -> Fraction:
    """No largest value can be below the greatest of the groups' smallest."""
    return max(Fraction(int(lo)) / d for lo, d in zip(world.lower, world.per, strict=True))


def _maximin(world: _World, solver: Asker, give: Fraction) -> None:
    best = _extreme(world, solver, [v for v in world.levels if v <= _ceiling(world)], up=True)
    solver.require(world.hold(best - give, None))


def _minimax(world: _World, solver: Asker, give: Fraction) -> None:
    best = _extreme(world, solver, [w for w in world.levels if w >= _floor(world)], up=False)
    solver.require(world.hold(None, best + give))


def _gap(world: _World, solver: Asker, give: Fraction) -> None:
    levels = world.levels
    highest_low = _extreme(world, solver, [v for v in levels if v <= _ceiling(world)], up=True)
    lowest_high = _extreme(world, solver, [w for w in levels if w >= _floor(world)], up=False)
    best: Fraction | None = None
    for v in reversed(levels[: bisect_left(levels, highest_low) + 1]):
        least = max(lowest_high, v)
        if best is not None and least - v >= best:
            break  # every lower end from here on leaves at least this gap
        above = [w for w in levels if w >= least and (best is None or w - v <= best)]
        if len(above) == 1:
            above.insert(0, above[0])
        answer = solver.ask(world.ranked(above, up=False), hold=False, under=[world.hold(v, None)]) if above else None
        if answer is not None:
            values = world.values(answer.amounts)
            gap = max(values) - min(values)
            best = gap if best is None else min(best, gap)
    if best is not None:
        solver.require(_within_gap(world, best + give))


def _within_gap(world: _World, gap: Fraction) -> Rows:
    """Rows that allow exactly the plans with largest - smallest <= gap: both ends by ranks, the upper tied to the lower."""
    levels = world.levels
    low, high = world.ranked(levels, up=True).rows, world.ranked(levels, up=False).rows
    assert low is not None and high is not None
    steps, first = len(levels) - 1, len(low.labels)
    row: list[int] = []
    col: list[int] = []
    coef: list[int] = []
    upper: list[int] = []
    for i, v in enumerate(levels):
        j = bisect_right(levels, v + gap)  # the first level too high where v is the lower end
        if j < len(levels):
            r = first + len(high.labels) + len(upper)
            row.append(r)
            col.append(-1 - steps - (j - 1))
            coef.append(1)
            if i < steps:
                row.append(r)
                col.append(-1 - i)
                coef.append(-1)
            upper.append(0)
    shifted = np.where(high.column < 0, high.column - steps, high.column)
    return Rows(
        (*low.labels, *high.labels, *(("gap", str(v)) for v in range(len(upper)))),
        np.concatenate([low.lower, high.lower, np.full(len(upper), -NO_LIMIT)]),
        np.concatenate([low.upper, high.upper, np.array(upper, np.int64)]),
        np.concatenate([low.row, high.row + first, np.array(row, np.int64)]),
        np.concatenate([low.column, shifted, np.array(col, np.int64)]),
        np.concatenate([low.coefficient, high.coefficient, np.array(coef, np.int64)]),
        helper_upper=np.ones(2 * steps, np.int64),
    )


def _leximin(world: _World, solver: Asker, _give: Fraction) -> None:
    nothing = np.zeros(len(world.groups), np.int64)
    steps = Steps(world.groups, world.entries, world.fact, world.lower, world.upper, nothing, nothing)
    column = solver.require(steps.rows(ordered=True))
    n, held, run = len(world.groups), 0, None
    current: list[Fraction] | None = None
    for v in world.levels[:-1]:
        if held == n:
            return
        if current is not None and sum(f <= v for f in current) == held:
            run = v  # the plan at hand has no more groups at or below v: nothing to ask, to be held when the run ends
            continue
        if run is not None:
            above = _above(world, steps, column, run)
            solver.require(_at_least(above[0], n - held - above[1]))
            run = None
        columns, sure = _above(world, steps, column, v)
        answer = solver.ask(Stage("maximize", columns, np.ones(len(columns), np.int64), constant=sure))
        assert answer is not None
        current = world.values(answer.amounts)
        held = sum(f <= v for f in current)
    if run is not None:
        above = _above(world, steps, column, run)
        solver.require(_at_least(above[0], n - held - above[1]))


def _above(world: _World, steps: Steps, column: Ints, v: Fraction) -> tuple[Ints, int]:
    """The steps that say f_g > v, and how many groups are above v whatever happens."""
    needed = world.at_most(v) + 1
    sure = int(np.sum(needed <= world.lower))
    open_ = np.flatnonzero((needed > world.lower) & (needed <= world.upper))
    return column[steps.first[open_] + needed[open_] - world.lower[open_] - 1], sure


def _at_least(columns: Ints, count: int) -> Rows:
    n = len(columns)
    zero, one = np.zeros(n, np.int64), np.ones(n, np.int64)
    return Rows((("held",),), np.array([count]), np.array([NO_LIMIT]), zero, columns, one)
