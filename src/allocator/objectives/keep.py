"""The fewest changes from a given allocation: the least sum of |x - x0|.

Lives here: all of this kind - its fields, its stage, its recount, its sentence.
Not here: reading the allocation (load/).
Rows: those of a change (model/deviation.py).  What was awarded where no cell exists now is a change of its whole amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import ClassVar

import numpy as np

from allocator.model.deviation import Deviations
from allocator.model.fields import FileRef, Programs
from allocator.model.objective import Change, Objective, Value, held_at
from allocator.model.query import NO_LIMIT, Asker, Ints, Rows, Stage, Tables, literal
from allocator.words import Say


class Keep(Objective):
    """Stay as near to a former plan as the rules allow."""

    kind: ClassVar[str] = "keep"
    counts_changes: ClassVar[bool] = True

    file: FileRef
    of: Programs = ("all",)

    def function(self, q: Tables, *, both_ways: bool = False) -> Stage:
        """What is changed, as a stage."""
        cells, former = q.cells(q.groups(self.of, ())), q.former(self.file)
        on = "o.unit = c.unit and o.program = c.program and o.period = c.period"
        table = q.rows(
            f"select c.unit, c.program, c.period, c.col, c.upper, coalesce(o.amount, 0) from {cells.sql} c "
            f"left join {former} o on {on} order by c.col"
        )
        chosen = ", ".join(map(literal, q.programs(self.of)))
        gone = q.rows(
            f"select coalesce(sum(o.amount), 0) from {former} o where o.program in ({chosen}) and not exists "
            f"(select 1 from {cells.sql} c where {on})"
        )
        column, coefficient, constant = [], [], int(gone[0][0])
        changes = Deviations()
        for unit, program, period, col, upper, was in table:
            own, price, fixed = changes.of(col, upper, was, (unit, program, period))
            column.append(own)
            coefficient.append(price)
            constant += fixed
        rows = Rows.build(
            changes.labels,
            changes.lower,
            [NO_LIMIT] * len(changes.labels),
            changes.triplets,
            helper_upper=changes.room,
        )
        return Stage(
            "minimize", np.array(column, np.int64), np.array(coefficient, np.int64), constant=constant, rows=rows
        )

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        solver.ask(self.function(q), give=give)

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        solver.require(held_at(self.function(q), figures[0] + loss))
        return True

    def recount(self, q: Tables) -> Value:
        chosen = ", ".join(map(literal, q.programs(self.of)))
        changed = q.rows(
            f"select coalesce(sum(abs(coalesce(a.amount, 0) - coalesce(o.amount, 0))), 0) from "
            f"(select * from awards where program in ({chosen})) a full join "
            f"(select * from {q.former(self.file)} where program in ({chosen})) o "
            f"on o.unit = a.unit and o.program = a.program and o.period = a.period"
        )
        return Value((Fraction(int(changed[0][0])),), "less")

    def changes(self, q: Tables) -> Iterable[Change]:
        chosen = ", ".join(map(literal, q.programs(self.of)))
        rows = q.rows(
            f"select coalesce(a.unit, o.unit), coalesce(a.program, o.program), coalesce(a.period, o.period), "
            f"coalesce(o.amount, 0)::bigint as was, coalesce(a.amount, 0)::bigint as now from "
            f"(select * from awards where program in ({chosen})) a full join "
            f"(select * from {q.former(self.file)} where program in ({chosen})) o "
            f"on o.unit = a.unit and o.program = a.program and o.period = a.period order by all"
        )
        return [Change(str(u), str(p), int(t), was, now) for u, p, t, was, now in rows if was != now]

    def sentence(self) -> Say:
        return Say("objectives.keep", {"file": self.file, "of": self.of})
