"""Fairness between groups: awards per denominator, as exact fractions, over all groups, zeros included.

Lives here: all of this kind - its fields, its stages, its recount, its sentence.
Not here: how a stage is solved and held (solve/); the levels that sums reach (levels.py), the methods leximin and gap
(leximin.py, gap.py).

With f_g = S_g / d_g (S_g the group's sum; d_g its denominator) every value that f can take is one of finitely many fractions,
compared as such, so nothing is ever rounded. f_g >= v means S_g >= ceil(v d_g), a whole-number row.
maximin: the largest v with S_g >= ceil(v d_g) for all g; minimax: the smallest w with S_g <= floor(w d_g).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import model_validator

from allocator.model.fields import Columns, Condition, Denominator, Flag, Measure, Programs
from allocator.model.objective import Objective, Value
from allocator.model.phrases import part, scope
from allocator.model.query import Asker, Groups, Ints, NotKnown, Tables
from allocator.objectives.gap import by_pairs, smallest_gap
from allocator.objectives.levels import Sums, at_best
from allocator.objectives.leximin import levels_kept, leximin
from allocator.rules.total import found_in
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
        sums = Sums.of(q, groups, self.measure, self._denominators(q, groups), self.past)
        if self.method == "leximin":
            leximin(sums, solver)
        elif self.method == "gap":
            smallest_gap(sums, solver, give)
        elif self.method == "maximin":
            best = sums.smallest(solver)
            assert best is not None
            if give:
                at_best(solver, sums.hold(best, None))
            solver.require(sums.hold(best - give, None))
        else:
            best = sums.flipped().smallest(solver)
            assert best is not None
            if give:
                at_best(solver, sums.hold(None, -best))
            solver.require(sums.hold(None, give - best))

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        groups = q.groups(self.of, self.by, self.where)
        sums = Sums.of(q, groups, self.measure, self._denominators(q, groups), self.past)
        if self.method == "leximin":
            levels_kept(sums, solver, [figure - loss for figure in figures])
        elif self.method == "gap":
            tops = [sums.top(g) for g in range(len(sums))]
            most, ends = figures[0] + loss, (min(sums.low), max(tops))
            solver.require(by_pairs(sums, sums.columns(solver), most, *ends, False, solver.go_on))
        elif self.method == "maximin":
            solver.require(sums.hold(figures[0] - loss, None))
        else:
            solver.require(sums.hold(None, figures[0] + loss))
        return True

    def recount(self, q: Tables) -> Value:
        groups = q.groups(self.of, self.by, self.where)
        per = self._denominators(q, groups)
        made = found_in(q, groups, q.awards(groups, self.measure, past=self.past)).each()
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
