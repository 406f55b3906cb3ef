"""A program's minimum and maximum for one unit in one period.

Lives here: all of this property - its rows, its audit, its sentence.
Not here: how it is written in a program (model/program.py).
Rows: for every cell:  at_least(cell) <= x <= at_most(cell)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from allocator.model.eased import Move, key_of, plain, shifted
from allocator.model.phrases import limits
from allocator.model.program import UnitLimits
from allocator.model.query import NO_LIMIT, Figures, Ints, Label, Labels, Rows, Tables
from allocator.model.rule import Cap, Judged, Rule
from allocator.model.view import ModelView
from allocator.words import Say


class PerUnit(Rule):
    """What each eligible unit gets at least and at most, each period."""

    kind: ClassVar[str] = "per_unit"
    is_property: ClassVar[bool] = True
    limits_amounts: ClassVar[bool] = True

    program: str
    limits: UnitLimits

    @classmethod
    def declared_in(cls, model: ModelView) -> Iterable[Rule]:
        for name, program in model.programs.items():
            if program.per_unit is not None:
                yield cls(
                    id=f"{name}.per_unit",
                    program=name,
                    limits=program.per_unit,
                    text=program.per_unit.text,
                    clause=program.clause,
                    **program.change,
                )

    def bounds(self, q: Tables) -> Iterable[tuple[str, Figures]]:
        groups = q.groups((self.program,), ())
        for bound in filter(None, (self.limits.at_least, self.limits.at_most)):
            cells = q.possible(groups, bound)
            ends = q.rows(f"select min(value), max(value) from {cells.sql}")[0]
            given = np.array([end is not None for end in ends], np.bool_)
            yield bound, Figures(np.array([int(end or 0) for end in ends], np.int64), given, cells.scale)

    def counts_whole(self, q: Tables) -> bool:
        return True

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return () if self.limits.at_least is None else (self.program,)  # every eligible unit gets its least

    def rows(self, q: Tables) -> Rows:
        groups = q.groups((self.program,), ())
        low, high = self.limits.at_least, self.limits.at_most
        table = q.entries(groups)

        def side(expression: str | None, none: int, up: bool) -> Ints:
            if expression is None:
                return np.full(len(table.col), none, dtype=np.int64)
            cells = q.entries(groups, expression)
            return -((-cells.value) // cells.scale) if up else cells.value // cells.scale

        def labels() -> Iterable[Label]:
            for unit, period in zip(table.unit.tolist(), table.period.tolist(), strict=True):
                yield q.axes["unit"][unit], self.program, period

        rows = np.arange(len(table.col), dtype=np.int64)
        return Rows(
            Labels(len(rows), labels),
            side(low, -NO_LIMIT, True),
            side(high, NO_LIMIT, False),
            rows,
            table.col,
            np.ones(len(table.col), np.int64),
        )

    def _declared(self, q: Tables, expression: str | None) -> dict[tuple[str, int], Fraction | None]:
        """The bound of each unit and period."""
        if expression is None:
            return {}
        cells = q.possible(q.groups((self.program,), ()), expression)
        rows = q.rows(f"select unit, period, value from {cells.sql} order by all")
        return {(u, t): None if v is None else Fraction(int(v), cells.scale) for u, t, v in rows}

    def caps(self, q: Tables) -> Iterable[Cap]:
        low, high = self._declared(q, self.limits.at_least), self._declared(q, self.limits.at_most)
        for unit, period in sorted({*low, *high}):
            cell = frozenset({(unit, self.program, period)})
            yield Cap(cell, low.get((unit, period)), high.get((unit, period)))

    def audit(self, q: Tables) -> list[Judged]:
        groups = q.groups((self.program,), ())
        made = q.awards(groups)
        low, high = self._declared(q, self.limits.at_least), self._declared(q, self.limits.at_most)
        rows = q.rows(
            f"select c.unit, c.program, c.period, coalesce(a.amount, 0) from {q.possible(groups).sql} c left join {made.sql} a "
            f"on a.unit = c.unit and a.period = c.period order by all"
        )
        return [Judged((u, p, t), Fraction(int(amount)), low.get((u, t)), high.get((u, t))) for u, p, t, amount in rows]

    def eased(self, q: Tables, model: ModelView, moves: Sequence[Move]) -> Iterator[Mapping[str, Any]]:
        family = model.family_of.get(self.program)
        told: dict[str, str | int] = {}
        for side in ("at_least", "at_most"):
            own = [move for move in moves if move.side == side]
            old = getattr(self.limits, side)
            if own and old is not None:
                every = family is None and len(own) == len(self._declared(q, old))
                named = [replace(move, label=move.label if family else (move.label[0], move.label[2])) for move in own]
                by = ("unit", "program", "period") if family else ("unit", "period")
                told[key_of("programs", family or self.program, "per_unit", side)] = plain(
                    shifted(old, by, named, every)
                )
        yield {"set": told}

    def sentence(self) -> Say:
        return Say("rules.per_unit", {"program": self.program, "limits": limits(self.limits)})
