"""A program's eligibility: named conditions that must all hold; "not known" is not eligible.

Lives here: the audit and the sentence. It has no rows: a candidate that fails a condition has no cell.
Not here: how cells are made from the conditions (problem/cells.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import ClassVar

from allocator.model.program import Eligibility
from allocator.model.query import Tables, literal
from allocator.model.rule import Judged, Rule
from allocator.model.view import ModelView
from allocator.words import Say


class Eligible(Rule):
    """Who may be awarded; also: an award is of a plan period, and a selection is 0 or 1."""

    kind: ClassVar[str] = "eligible"
    weighed: ClassVar[bool] = False
    decides_cells: ClassVar[bool] = True
    is_property: ClassVar[bool] = True

    program: str
    conditions: tuple[Eligibility, ...]
    selection: bool
    closed_through: int | None = None

    @classmethod
    def declared_in(cls, model: ModelView) -> Iterable[Rule]:
        through = model.policy.frozen.through if model.policy.frozen else None
        for name, program in model.programs.items():
            yield cls(
                id=f"{name}.eligible",
                program=name,
                conditions=program.eligible,
                selection=program.decides == "selection",
                closed_through=through,
                clause=program.clause,
            )

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> None:
        return None

    def audit(self, q: Tables) -> list[Judged]:
        held = q.conditions(self.program)
        names = [f"c.c{i}" for i in range(len(self.conditions))]
        rows = q.rows(
            f"select {', '.join(['a.unit', 'a.period', 'a.amount', 'c.unit is not null', *names])} from awards a left join "
            f"{held} c on c.unit = a.unit and c.period = a.period where a.program = {literal(self.program)} order by all"
        )
        found = []
        for unit, period, amount, exists, *holds in rows:
            because: list[Say] = []
            if not exists:
                because.append(Say("audit.no-such-cell", {"unit": unit, "period": period}))
            for condition, value in zip(self.conditions, holds, strict=True):
                if exists and value is not True:
                    because.append(Say("audit.not-known" if value is None else "audit.fails", {"says": condition.says}))
            if self.closed_through is not None and period <= self.closed_through:
                if because:  # what was signed stands; it is said all the same
                    found.append(Judged((unit, self.program, period), Fraction(0), because=because[0]))
                continue
            if amount < 0 or (self.selection and amount > 1):
                because.append(Say("audit.not-selection", {"amount": amount}))
            found.append(
                Judged(
                    (unit, self.program, period),
                    Fraction(len(because)),
                    at_most=Fraction(0),
                    because=because[0] if because else None,
                )
            )
        return found

    def sentence(self) -> Say:
        return Say("rules.eligible", {"program": self.program})
