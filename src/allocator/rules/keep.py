"""At most so many changes from a given allocation: the sum of |x - x0| in each group.

Lives here: all of this kind - its fields, its rows, its audit, its sentence.
Not here: reading the allocation (load/), the objective that wants the fewest changes (objectives/keep.py).
Rows: those of a change (model/deviation.py);
      for every group:  sum of changes  <=  at_most - what has no cell any more
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import numpy as np

from allocator.model.deviation import Deviations
from allocator.model.fields import Bound, Columns, Condition, FileRef, Programs
from allocator.model.phrases import limits, scope
from allocator.model.query import NO_LIMIT, Figures, Groups, Rows, Tables, TooFine
from allocator.model.rule import Judged, Rule
from allocator.words import Say


class KeepRule(Rule):
    """Few changes: an award that goes from one unit to another changes two cells by one each."""

    kind: ClassVar[str] = "keep"

    file: FileRef
    of: Programs = ("all",)
    by: Columns = ()
    where: Condition = "true"
    at_most: Bound

    def _asked(self, q: Tables) -> tuple[Groups, Figures]:
        groups = q.groups(self.of, self.by, self.where)
        return groups, q.bound(groups, self.at_most)

    def counts_whole(self, q: Tables) -> bool:
        return True

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        groups, most = self._asked(q)
        cells, former = q.cells(groups).sql, q.formerly(groups, self.file).sql
        on = "o.gid = c.gid and o.unit = c.unit and o.program = c.program and o.period = c.period"
        table = q.rows(
            f"select distinct c.gid, c.col, c.upper, coalesce(o.amount, 0), c.unit, c.program, c.period "
            f"from {cells} c left join {former} o on {on} order by c.gid, c.col"
        )
        gone = q.rows(
            f"select gid, sum(amount) from (select distinct o.gid, o.unit, o.program, o.period, o.amount from {former} o "
            f"where not exists (select 1 from {cells} c where {on})) group by gid"
        )
        constant = dict(gone)
        changes = Deviations()
        bound: list[tuple[int, int, int]] = []
        for gid, col, upper, was, *cell in table:
            column, coefficient, fixed = changes.of(col, upper, was, tuple(cell))
            constant[gid] = constant.get(gid, 0) + fixed
            bound.append((gid, column, coefficient))
        first, scale = len(changes.labels), most.scale
        if max([0, *constant.values()]) * scale >= NO_LIMIT // 4:
            raise TooFine(self.at_most)
        high = [int(most.number[g]) - int(constant.get(g, 0)) * scale for g in range(len(groups))]
        triplets = [(row, col, value * scale) for row, col, value in changes.triplets]
        triplets += [(first + gid, col, value * scale) for gid, col, value in bound]
        return Rows.build(
            (*changes.labels, *groups.labels),
            [*(low * scale for low in changes.lower), *(-NO_LIMIT for _ in high)],
            [*(NO_LIMIT for _ in changes.lower), *high],
            triplets,
            scale=scale,
            bounds=np.arange(first + len(high)) >= first,
            helper_upper=changes.room,
        )

    def audit(self, q: Tables) -> list[Judged]:
        groups, most = self._asked(q)
        key = "gid, unit, program, period, amount"
        changed = dict(
            q.rows(
                f"select coalesce(a.gid, o.gid), sum(abs(coalesce(a.amount, 0) - coalesce(o.amount, 0))) from "
                f"(select distinct {key} from {q.awards(groups).sql}) a full join "
                f"(select distinct {key} from {q.formerly(groups, self.file).sql}) o "
                f"on o.gid = a.gid and o.unit = a.unit and o.program = a.program and o.period = a.period group by 1"
            )
        )
        return [
            Judged(label, Fraction(int(changed.get(g, 0))), at_most=most.at(g)) for g, label in enumerate(groups.labels)
        ]

    def sentence(self) -> Say:
        return Say("rules.keep", {**scope(self), "file": self.file, "of": self.of, "limits": limits(self)})
