"""The most (or least) of a measure over all awards: sum of measure x amount.

Lives here: all of this kind - its fields, its stage, its recount, its sentence.
Not here: how a stage is solved and held (solve/).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from allocator.model.fields import Condition, Measure, Programs
from allocator.model.objective import Objective, Value, held_at
from allocator.model.phrases import scope
from allocator.model.query import Asker, Ints, Stage, Tables
from allocator.words import Say


class Total(Objective):
    """Merit of the chosen, cost of the places: exactly one of `maximize` and `minimize` names the measure."""

    kind: ClassVar[str] = "total"

    of: Programs
    maximize: Measure | None = None
    minimize: Measure | None = None
    where: Condition = "true"

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, value: Any) -> Any:
        if isinstance(value, dict) and ("maximize" in value) == ("minimize" in value):
            raise ValueError("one-of: maximize, minimize")
        return value

    @property
    def measure(self) -> str:
        return self.maximize or self.minimize or ""

    def weighs(self) -> str:
        return self.measure

    def follows(self, path: tuple[str | int, ...]) -> Literal["", "sum"]:
        return "sum" if path[0] in ("maximize", "minimize") else ""

    def function(self, q: Tables, *, both_ways: bool = False) -> Stage:
        """What is summed, as a stage."""
        cells = q.entries(q.groups(self.of, (), self.where), self.measure)
        sense: Literal["maximize", "minimize"] = "maximize" if self.maximize is not None else "minimize"
        return Stage(sense, cells.col, cells.value, scale=cells.scale)

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        solver.ask(self.function(q), give=give)

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        worst = figures[0] + (-loss if self.maximize is not None else loss)
        solver.require(held_at(self.function(q), worst))
        return True

    def recount(self, q: Tables) -> Value:
        made = q.awards(q.groups(self.of, (), self.where), self.measure)
        total, missing = q.rows(f"select coalesce(sum(amount * value), 0), count(*) - count(value) from {made.sql}")[0]
        better = "more" if self.maximize is not None else "less"
        return Value(None if missing else (Fraction(int(total), made.scale),), better)

    def moved_by(self, q: Tables) -> Iterable[tuple[str, str, int]]:
        made = q.awards(q.groups(self.of, (), self.where), self.measure)
        return ((u, p, int(t)) for u, p, t in q.rows(f"select unit, program, period from {made.sql} where value <> 0"))

    def sentence(self) -> Say:
        way = "maximize" if self.maximize is not None else "minimize"
        return Say(f"objectives.{way}", {**scope(self), "of": self.of, "measure": self.measure})
