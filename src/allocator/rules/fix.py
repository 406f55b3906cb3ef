"""A hand decision: a cell is in, out, or at an amount, with a reason and a name.

Lives here: all of this kind - its fields, its rows, its audit, its sentence.
Not here: eligibility, which a fix never beats: `in` without a cell is infeasible, and says so.
Rows: in: marks >= 1;  out: marks <= 0;  amount: sum of x = amount   (over all plan periods where none is named)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from allocator.model.eased import Move, dropped
from allocator.model.fields import PeriodRef, ProgramRef, Text, UnitRef, Whole
from allocator.model.phrases import part
from allocator.model.query import NO_LIMIT, Label, Relation, Rows, Tables, literal
from allocator.model.rule import ByHand, Cap, Judged, Rule
from allocator.model.view import ModelView
from allocator.words import Say


class Fix(Rule):
    """A pin, with the reason and the name of who decided."""

    kind: ClassVar[str] = "fix"

    unit: UnitRef
    program: ProgramRef
    period: PeriodRef | None = None
    award: Literal["in", "out"] | Annotated[Whole, Field(ge=0)]
    reason: Text
    name: str

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        program = model.programs.get(self.program)
        if program and program.decides == "selection" and isinstance(self.award, int) and self.award > 1:
            yield "selection-amount", "award", {"program": self.program}

    def asks_whether(self) -> tuple[str, ...]:
        return (self.program,) if isinstance(self.award, str) else ()

    @property
    def label(self) -> Label:
        return (self.unit, self.program) if self.period is None else (self.unit, self.program, self.period)

    def _only(self, relation: Relation) -> str:
        when = "" if self.period is None else f" and period = {self.period}"
        return f"{relation.sql} where unit = {literal(self.unit)}{when}"

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        column = "mark" if isinstance(self.award, str) else "col"
        found = q.rows(f"select distinct {column} from {self._only(q.cells(q.groups((self.program,), ())))} order by 1")
        low, high = {"in": (1, NO_LIMIT), "out": (-NO_LIMIT, 0)}.get(str(self.award), (self.award, self.award))
        return Rows.build([self.label], [int(low)], [int(high)], [(0, int(column), 1) for (column,) in found])

    def caps(self, q: Tables) -> Iterable[Cap]:
        if self.award == "in":  # some award, in some period
            return
        amount = Fraction(0 if self.award == "out" else self.award)
        found = q.rows(
            f"select distinct period from {self._only(q.possible(q.groups((self.program,), ())))} order by 1"
        )
        yield Cap(frozenset((self.unit, self.program, period) for (period,) in found), amount, amount)

    def audit(self, q: Tables) -> list[Judged]:
        each = "count(*)" if isinstance(self.award, str) else "sum(amount)"
        made = q.rows(
            f"select coalesce({each}, 0) from {self._only(q.awards(q.groups((self.program,), ())))} and amount > 0"
        )
        found = Fraction(int(made[0][0]))
        if self.award == "in":
            return [Judged(self.label, found, at_least=Fraction(1))]
        if self.award == "out":
            return [Judged(self.label, found, at_most=Fraction(0))]
        return [Judged(self.label, found, Fraction(self.award), Fraction(self.award))]

    def eased(self, q: Tables, model: ModelView, moves: Sequence[Move]) -> Iterator[Mapping[str, Any]]:
        if isinstance(self.award, int) and len(moves) == 1:
            yield {"rules": {self.id: {self.kind: {"award": int(self.award + moves[0].signed)}}}}
        yield dropped(self.id)

    def by_hand(self) -> ByHand:
        least, most = {"in": (1, None), "out": (None, 0)}.get(str(self.award), (self.award, self.award))
        return ByHand(self.unit, self.program, self.period, least, most, self.name, self.reason)  # type: ignore[arg-type]

    def sentence(self) -> Say:
        award = (
            Say(f"rules.fix-{self.award}")
            if isinstance(self.award, str)
            else Say("rules.fix-amount", {"amount": self.award})
        )
        when = part("rules.part.period", period=self.period)
        told = {"unit": self.unit, "program": self.program, "reason": self.reason, "name": self.name}
        return Say("rules.fix", {**told, "award": award, "when": when})
