"""How often one unit may be awarded a program: never again, or with a gap of years; the program's own past counts.

Lives here: all of this property - its rows, its audit, its sentence.
Not here: how it is written in a program (model/policy.py).
Rows: never: for every unit: sum of marks + past <= 1 (0 if it has one already);
      gap n: for every unit and every window of n years: the same within the window.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from allocator.model.query import NO_LIMIT, Rows, Tables
from allocator.model.rule import Judged, Rule
from allocator.words import Say

if TYPE_CHECKING:
    from allocator.model.policy import Model

EVER = 10_000  # a gap longer than any plan and its past


class Repeat(Rule):
    """Award years of one unit differ by at least `gap`."""

    kind: ClassVar[str] = "repeat"
    is_property: ClassVar[bool] = True

    program: str
    gap: int

    @classmethod
    def declared_in(cls, model: Model) -> Iterable[Rule]:
        for name, program in model.programs.items():
            if program.repeat != "yearly":
                gap = EVER if isinstance(program.repeat, str) else program.repeat.gap
                yield cls(id=f"{name}.repeat", program=name, gap=gap, clause=program.clause)

    def asks_whether(self) -> tuple[str, ...]:
        return (self.program,)

    def rows(self, q: Tables) -> Rows:
        groups = q.groups((self.program,), ())
        cells, past = q.cells(groups), q.past(groups)
        # A window begins at the year of a cell (or of the past) and is `gap` years long; with `never` one window is all.
        starts = f"select distinct unit, period as start from {cells.sql} union select unit, period from {past.sql}"
        if self.gap == EVER:
            starts = f"select distinct unit, -{EVER} as start from {cells.sql}"
        length = 3 * EVER if self.gap == EVER else self.gap
        facts = (
            f"(select s.unit, s.start, count(p.unit) as fact from ({starts}) s left join {past.sql} p on p.unit = s.unit "
            f"and p.period >= s.start and p.period < s.start + {length} group by s.unit, s.start)"
        )
        windows = f"(select row_number() over (order by unit, start) - 1 as r, * from {facts})"
        found = q.fetch(
            f"select w.r, c.mark as col, 1::bigint as coef from {windows} w join {cells.sql} c on c.unit = w.unit "
            f"and c.period >= w.start and c.period < w.start + {length} order by all"
        )
        names = q.rows(f"select unit, start, fact from {windows} order by r")
        labels = tuple((unit,) if self.gap == EVER else (unit, start) for unit, start, _ in names)
        upper = np.array([max(1 - int(fact), 0) for *_, fact in names], dtype=np.int64)
        return Rows(labels, np.full(len(names), -NO_LIMIT), upper, found["r"], found["col"], found["coef"])

    def audit(self, q: Tables) -> list[Judged]:
        made = q.awards(q.groups((self.program,), ()), past=True)
        rows = q.rows(
            f"select a.unit, a.period, (select count(*) from {made.sql} b where b.unit = a.unit and b.amount > 0 "
            f"and b.period <> a.period and abs(b.period - a.period) < {self.gap}) from {made.sql} a "
            f"where a.amount > 0 and not a.is_past order by all"
        )
        return [Judged((unit, period), Fraction(int(others)), at_most=Fraction(0)) for unit, period, others in rows]

    def sentence(self) -> Say:
        never = self.gap == EVER
        return Say("rules.repeat-never" if never else "rules.repeat", {"program": self.program, "gap": self.gap})
