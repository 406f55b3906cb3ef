"""The most, or the least, of a weighted sum of figures: what is awarded, what is reached, what is changed.

Lives here: all of this kind - its fields, its stage, its recount, its sentence.
Not here: the figures themselves: the objectives total, reach and keep have them.
Stage: sum over the parts of times x (scale / scale of the part) x its function, with the helpers and rows of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator

from allocator.model.fields import Bound, Columns, Condition, Declared, FileRef, Flag, Measure, Number, Programs
from allocator.model.objective import Objective, Value, held_at
from allocator.model.phrases import part
from allocator.model.query import Asker, Ints, Label, Rows, Stage, Tables, TooFine
from allocator.model.view import ModelView
from allocator.objectives.keep import Keep
from allocator.objectives.reach import Reach
from allocator.objectives.total import Total
from allocator.rules.reach import Needs
from allocator.words import Say

_MOST = 2**62


class TotalFigure(Declared):
    """The sum of measure x amount."""

    of: Programs
    measure: Measure = "1"
    where: Condition = "true"


class ReachFigure(Declared):
    """What the groups weigh that have at least `needs` of their awards."""

    of: Programs
    by: Columns = ("unit",)
    needs: Needs = 1
    weight: Bound = "1"
    where: Condition = "true"
    past: Flag = False


class KeepFigure(Declared):
    """The changes from a given allocation."""

    file: FileRef
    of: Programs = ("all",)


class SumPart(Declared):
    """One figure of a sum, `times` a number."""

    total: TotalFigure | None = None
    reach: ReachFigure | None = None
    keep: KeepFigure | None = None
    times: Number = 1

    @model_validator(mode="before")
    @classmethod
    def _one_figure(cls, value: Any) -> Any:
        if isinstance(value, dict) and len([f for f in ("total", "reach", "keep") if f in value]) != 1:
            raise ValueError("one-of: total, reach, keep")
        return value

    @property
    def figure(self) -> Total | Reach | Keep:
        """The objective that has this figure."""
        if self.total is not None:
            return Total(of=self.total.of, maximize=self.total.measure, where=self.total.where)
        if self.reach is not None:
            return Reach(**self.reach.model_dump())
        assert self.keep is not None
        return Keep(**self.keep.model_dump())


class Sum(Objective):
    """The cost of what is awarded and of what is opened for it, in one figure: exactly one of `maximize` and `minimize`."""

    kind: ClassVar[str] = "sum"

    maximize: tuple[SumPart, ...] | None = None
    minimize: tuple[SumPart, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, value: Any) -> Any:
        if isinstance(value, dict) and len([way for way in ("maximize", "minimize") if value.get(way)]) != 1:
            raise ValueError("one-of: maximize, minimize")
        return value

    @property
    def way(self) -> Literal["maximize", "minimize"]:
        return "maximize" if self.maximize is not None else "minimize"

    @property
    def parts(self) -> tuple[SumPart, ...]:
        return self.maximize or self.minimize or ()

    def follows(self, path: tuple[str | int, ...]) -> Literal["", "sum"]:
        return "sum" if path[-2:] == ("total", "measure") else ""

    def asks_whether(self) -> Programs:
        return tuple(program for p in self.parts for program in p.figure.asks_whether())

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        for p in self.parts:
            if p.keep is not None and (p.times < 0) != (self.way == "maximize"):
                yield "sum-of-changes", self.way, {"file": p.keep.file}

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        for p in self.parts:
            yield from ((code, self.way, params) for code, _, params in p.figure.out_of_reach(q))

    def function(self, q: Tables) -> Stage:
        """What is summed, as a stage."""
        stages = [p.figure.function(q, both_ways=True) for p in self.parts]
        times = [Fraction(p.times) for p in self.parts]
        scale = lcm(*(t.denominator * s.scale for t, s in zip(times, stages, strict=True)))
        column: list[Ints] = []
        coefficient: list[Ints] = []
        rows: list[Rows] = []
        constant = helpers = 0
        for t, stage in zip(times, stages, strict=True):
            price = int(t * scale / stage.scale)
            if price and int(np.abs(stage.coefficient).max(initial=0)) >= _MOST // abs(price):
                raise TooFine(self.id)
            column.append(np.where(stage.column < 0, stage.column - helpers, stage.column))
            coefficient.append(stage.coefficient * price)
            constant += stage.constant * price
            if stage.rows is not None:
                rows.append(_after(stage.rows, helpers))
                helpers += len(stage.rows.helper_upper)
        return Stage(
            self.way,
            np.concatenate(column),
            np.concatenate(coefficient),
            constant=constant,
            scale=scale,
            rows=_stacked(rows) if rows else None,
        )

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        solver.ask(self.function(q), give=give)

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        worst = figures[0] + (-loss if self.way == "maximize" else loss)
        solver.require(held_at(self.function(q), worst))
        return True

    def recount(self, q: Tables) -> Value:
        better = "more" if self.way == "maximize" else "less"
        values = [(Fraction(p.times), p.figure.recount(q).figures) for p in self.parts]
        if any(found is None for _, found in values):
            return Value(None, better)
        return Value((sum((t * found[0] for t, found in values if found), Fraction(0)),), better)

    def sentence(self) -> Say:
        return Say(f"objectives.sum-{self.way}", {"parts": tuple(map(_told, self.parts))})


def _told(p: SumPart) -> Say:
    figure = p.figure
    held: dict[str, object] = {"times": part("objectives.times", unless=1, times=p.times)}
    if p.total is not None:
        return Say("objectives.sum-total", {**figure.sentence().params, **held})
    return Say(
        "objectives.sum-reach" if p.reach is not None else "objectives.sum-keep", {**figure.sentence().params, **held}
    )


def _after(rows: Rows, helpers: int) -> Rows:
    """The rows with their helpers counted from `helpers` on."""
    column = np.where(rows.column < 0, rows.column - helpers, rows.column)
    return Rows(rows.labels, rows.lower, rows.upper, rows.row, column, rows.coefficient, helper_upper=rows.helper_upper)


def _stacked(rows: list[Rows]) -> Rows:
    """One block of rows below the other."""
    labels: tuple[Label, ...] = tuple(label for block in rows for label in block.labels)
    first = np.cumsum([0, *(len(block.labels) for block in rows)])
    return Rows(
        labels,
        np.concatenate([block.lower for block in rows]),
        np.concatenate([block.upper for block in rows]),
        np.concatenate([block.row + at for block, at in zip(rows, first, strict=False)]),
        np.concatenate([block.column for block in rows]),
        np.concatenate([block.coefficient for block in rows]),
        helper_upper=np.concatenate([block.helper_upper for block in rows]),
    )
