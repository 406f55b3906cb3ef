"""An award of one program needs an award of another: earlier, in the same period, or within n periods.

The award that is needed is to the same unit, or to the unit that a column names (`at`): a project that needs another one.

Lives here: all of this kind - its fields, its rows, its audit, its sentence.
Not here: which cells exist (problem/cells.py), how past awards are read (load/), any solver.
Rows: for every cell (u, a, t) and the unit v that it needs (u itself, or each that `at` names):
      sum of marks (v, b, s), b in `needs`, s as asked  -  mark (u, a, t)  >=  - past(v, b, s)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from allocator.model.fields import Condition, Declared, Flag, Programs, UnitsColumn, Whole
from allocator.model.periods import place_sql
from allocator.model.phrases import scope
from allocator.model.query import NO_LIMIT, Groups, Relation, Rows, Tables
from allocator.model.rule import Judged, Rule
from allocator.model.view import ModelView
from allocator.words import Say


class Within(Declared):
    """1 to `within` periods earlier (a period is a place in the plan's list of periods: model/periods.py)."""

    within: Annotated[Whole, Field(ge=1)]


class Requires(Rule):
    """Rolling support, prerequisites. A column `at` of a one-to-many table may name several units: all of them are needed."""

    kind: ClassVar[str] = "requires"
    weighed: ClassVar[bool] = False

    of: Programs
    needs: Programs
    at: UnitsColumn | None = None
    when: Literal["earlier", "same", "by_then"] | Within = "earlier"
    where: Condition = "true"
    past: Flag = False

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        same_unit = self.at is None and self.when in ("same", "by_then")
        for program in sorted(set(self.of) & set(self.needs)) if same_unit else ():
            yield "needs-itself", "needs", {"program": program}

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """Nobody who could be awarded can have what it needs, in time."""
        groups = q.groups(self.needs, ())
        wanting = self._wanting(q, q.possible)
        if not q.rows(f"select 1 from {wanting} w limit 1"):
            return
        for helping in (q.possible(groups), *([q.past(groups)] if self.past else [])):
            met = (
                f"select 1 from {wanting} w join {helping.sql} h on h.unit = w.needed and {self._in_time(q, 'w', 'h')}"
            )
            if q.rows(f"{met} limit 1"):
                return
        yield "never-in-time", "needs", {"of": list(self.of), "needs": list(self.needs)}

    def asks_whether(self) -> Programs:
        return (*self.of, *self.needs)

    def _in_time(self, q: Tables, wanting: str, helping: str) -> str:
        """SQL: the helping award comes when it must, seen from the wanting one."""
        if isinstance(self.when, Within):
            helps, wants = (place_sql(q.axes["period"], f"{name}.period") for name in (helping, wanting))
            return f"{helps} between {wants} - {self.when.within} and {wants} - 1"
        return f"{helping}.period { ({'earlier': '<', 'same': '=', 'by_then': '<='}[self.when]) } {wanting}.period"

    def _wanting(self, q: Tables, relation: Callable[[Groups], Relation]) -> str:
        """The cells or awards that need another one, each with the unit (`needed`) that it needs it at."""
        groups = q.groups(self.of, () if self.at is None else (self.at,), self.where)
        needed = "w.unit" if self.at is None else "cast(g.k0 as varchar)"
        return (
            f"(select w.*, {needed} as needed from {relation(groups).sql} w join {groups.relation} g on g.gid = w.gid)"
        )

    @property
    def _label(self) -> str:
        """SQL: the columns that name one award and what it needs."""
        return "w.unit, w.program, w.period" if self.at is None else "w.unit, w.program, w.period, w.needed"

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        helping = q.cells(q.groups(self.needs, ()))
        fact = q.past(q.groups(self.needs, ()))
        wanting = self._wanting(q, q.cells)
        held = f"select distinct w.unit, w.program, w.period, w.needed, w.col, w.mark from {wanting} w"
        if self.past:
            held += f" where not exists (select 1 from {fact.sql} p where p.unit = w.needed and {self._in_time(q, 'w', 'p')})"
        numbered = f"(select row_number() over (order by col, needed) - 1 as r, * from ({held}))"
        found = q.fetch(
            f"select r, mark as col, -1::bigint as coef from {numbered} union all "
            f"select w.r, h.mark, 1::bigint from {numbered} w join {helping.sql} h "
            f"on h.unit = w.needed and {self._in_time(q, 'w', 'h')} order by all"
        )
        labels = q.rows(f"select {self._label} from {numbered} w order by r")
        count = len(labels)
        return Rows(
            tuple(labels),
            np.zeros(count, np.int64),
            np.full(count, NO_LIMIT),
            found["r"],
            found["col"],
            found["coef"],
        )

    def audit(self, q: Tables) -> list[Judged]:
        helping = q.awards(q.groups(self.needs, ()), past=self.past)
        rows = q.rows(
            f"select distinct {self._label}, (select count(*) from {helping.sql} h where h.unit = w.needed and h.amount > 0 "
            f"and {self._in_time(q, 'w', 'h')}) from {self._wanting(q, q.awards)} w where w.amount > 0 order by all"
        )
        return [Judged(tuple(label), Fraction(min(n, 1)), at_least=Fraction(1)) for *label, n in rows]

    def sentence(self) -> Say:
        times = {"count": self.when.within} if isinstance(self.when, Within) else {}
        when = Say(f"rules.when.{'within' if times else self.when}", times)
        told = {**scope(self), "of": self.of, "needs": self.needs, "when": when, "at": self.at}
        return Say("rules.requires" if self.at is None else "rules.requires-at", told)
