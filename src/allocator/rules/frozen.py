"""Signed years: their awards are facts of the plan, unit for unit.

Lives here: the audit and the sentence. It has no rows: the cells of a closed period are fixed (problem/cells.py).
Not here: reading the file of signed awards (load/).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import ClassVar

from allocator.model.query import Tables
from allocator.model.rule import Cap, Judged, Rule
from allocator.model.view import ModelView
from allocator.words import Say


class Frozen(Rule):
    """Every period up to `through` stands as it was signed."""

    kind: ClassVar[str] = "frozen"
    weighed: ClassVar[bool] = False
    is_property: ClassVar[bool] = True

    through: int

    @classmethod
    def declared_in(cls, model: ModelView) -> Iterable[Rule]:
        if model.policy.frozen is not None:
            yield cls(id="frozen", through=model.policy.frozen.through)

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> None:
        return None

    def caps(self, q: Tables) -> Iterable[Cap]:
        groups = q.groups(("all",), ())
        rows = q.rows(
            f"select p.unit, p.program, p.period, coalesce(f.amount, 0) from {q.possible(groups).sql} p left join frozen f "
            f"on f.unit = p.unit and f.program = p.program and f.period = p.period where p.period <= {self.through} order by all"
        )
        for unit, program, period, amount in rows:
            yield Cap(frozenset({(unit, program, period)}), Fraction(int(amount)), Fraction(int(amount)))

    def audit(self, q: Tables) -> list[Judged]:
        rows = q.rows(
            f"select coalesce(a.unit, f.unit), coalesce(a.program, f.program), coalesce(a.period, f.period), "
            f"coalesce(a.amount, 0), coalesce(f.amount, 0) from (select * from awards where period <= {self.through}) a "
            f"full join frozen f on a.unit = f.unit and a.program = f.program and a.period = f.period order by all"
        )
        return [
            Judged((u, p, t), Fraction(int(made)), Fraction(int(signed)), Fraction(int(signed)))
            for u, p, t, made, signed in rows
        ]

    def sentence(self) -> Say:
        return Say("rules.frozen", {"through": self.through})
