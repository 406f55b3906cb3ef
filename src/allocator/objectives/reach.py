"""The most groups reached: the weight of the groups that have at least k (1, k, all) of their awards.

Lives here: all of this kind - its fields, its stage, its recount, its sentence.
Not here: the rows that say when a group is reached: the rule of the same name has them (rules/reach.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np

from allocator.model.fields import Bound, Columns, Condition, Flag, Programs
from allocator.model.objective import Objective, Value, held_at
from allocator.model.phrases import part, scope
from allocator.model.query import Asker, Ints, Served, Stage, Tables
from allocator.rules.reach import Needs, links, reached, unreachable
from allocator.words import Say


class Reach(Objective):
    """Voters with at least one funded project; counties that any action reaches."""

    kind: ClassVar[str] = "reach"

    of: Programs
    by: Columns = ("unit",)
    needs: Needs = 1
    weight: Bound = "1"
    where: Condition = "true"
    past: Flag = False

    def asks_whether(self) -> Programs:
        return self.of

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        for params in unreachable(q, q.groups(self.of, self.by, self.where), self.needs, self.past):
            yield "group-never-reached", "needs", params

    def function(self, q: Tables, *, both_ways: bool = False) -> Stage:
        """What is reached, as a stage; with both_ways also where a reached group is a loss."""
        groups = q.groups(self.of, self.by, self.where)
        weight = q.bound(groups, self.weight)
        rows = links(q, groups, self.needs, self.past, both_ways=both_ways or bool((weight.number < 0).any()))
        helpers = -1 - np.arange(len(groups), dtype=np.int64)
        return Stage("maximize", helpers, weight.number, scale=weight.scale, rows=rows)

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        solver.ask(self.function(q), give=give)

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        solver.require(held_at(self.function(q), figures[0] - loss))
        return True

    def recount(self, q: Tables) -> Value:
        groups = q.groups(self.of, self.by, self.where)
        weight = q.bound(groups, self.weight)
        hits = reached(q, groups, self.needs, self.past)
        return Value((sum((weight.at(g) or Fraction(0) for g, hit in enumerate(hits) if hit), Fraction(0)),))

    def served(self, q: Tables) -> Iterable[Served]:
        groups = q.groups(self.of, self.by, self.where)
        for label, hit in zip(groups.labels, reached(q, groups, self.needs, self.past), strict=True):
            yield Served((), label, hit)

    def sentence(self) -> Say:
        needs = (
            Say("rules.part.needs-all") if self.needs == "all" else part("rules.part.needs", unless=1, count=self.needs)
        )
        weight = part("rules.part.weight", unless="1", weight=self.weight)
        return Say("objectives.reach", {**scope(self), "of": self.of, "by": self.by, "needs": needs, "weight": weight})
