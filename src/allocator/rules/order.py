"""Amounts follow the order of a measure, or of given pairs, within one program and period.

Lives here: all of this kind - its fields, its rows, its audit, its sentence.
Not here: any solver.
Rows: for cells i, j of one program and period whose measures stand next to each other in the order, m_i > m_j:
      x_i - x_j >= 0;  between two large levels a helper h carries the step:  x_i - h >= 0,  h - x_j >= 0.
A soft order counts every pair with a strictly larger measure: there the rows are all pairs.
Pairs: for every cell i and each unit that the column `than` names for it, with its cell j:  x_i - x_j >= 0.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise
from typing import ClassVar

from pydantic import model_validator

from allocator.model.fields import Condition, Measure, Programs, UnitsColumn
from allocator.model.phrases import scope
from allocator.model.query import NO_LIMIT, Groups, Label, Rows, Tables
from allocator.model.rule import Judged, Rule
from allocator.words import Say


class Order(Rule):
    """A bigger county gets no fewer places. Equal or missing measures and units without a cell set no condition."""

    kind: ClassVar[str] = "order"
    weighed: ClassVar[bool] = False
    may_be_missing: ClassVar[tuple[str, ...]] = ("measure",)

    of: Programs
    measure: Measure | None = None
    than: UnitsColumn | None = None
    where: Condition = "true"

    @model_validator(mode="after")
    def _by_one(self) -> Order:
        if (self.measure is None) == (self.than is None):
            raise ValueError("order-by-one")
        return self

    def depends_on_unawarded_cells(self) -> Programs:
        return self.of  # whoever has a cell and no award must have the smaller measure

    def rows(self, q: Tables) -> Rows:
        return self._measure_rows(q, self.measure) if self.measure is not None else self._pair_rows(q)

    def audit(self, q: Tables) -> list[Judged]:
        return self._measure_audit(q, self.measure) if self.measure is not None else self._pair_audit(q)

    # Pairs ------------------------------------------------------------------------------------------------------------

    def _pairs(self, q: Tables) -> Groups:
        """Groups by program, period and the unit that gets no more (k2)."""
        assert self.than is not None
        return q.groups(self.of, ("program", "period", self.than), self.where)

    def _pair_rows(self, q: Tables) -> Rows:
        groups = self._pairs(q)
        more, less = q.cells(groups), q.cells(q.groups(self.of, ()))
        table = q.rows(
            f"select distinct m.program, m.period, m.unit, l.unit, m.col, l.col from {more.sql} m "
            f"join {groups.relation} g on g.gid = m.gid join {less.sql} l on l.unit = cast(g.k2 as varchar) "
            f"and l.program = m.program and l.period = m.period where l.unit <> m.unit order by all"
        )
        labels = [tuple(label) for *label, _, _ in table]
        triplets = [(r, col, sign) for r, row in enumerate(table) for col, sign in ((row[-2], 1), (row[-1], -1))]
        return Rows.build(labels, [0] * len(labels), [NO_LIMIT] * len(labels), triplets)

    def _pair_audit(self, q: Tables) -> list[Judged]:
        groups, every = self._pairs(q), q.groups(self.of, ())
        amount = f"(select unit, program, period, amount from {q.awards(every).sql})"
        rows = q.rows(
            f"select distinct m.program, m.period, m.unit, l.unit, coalesce(a.amount, 0) - coalesce(b.amount, 0) "
            f"from {q.possible(groups).sql} m join {groups.relation} g on g.gid = m.gid "
            f"join {q.possible(every).sql} l on l.unit = cast(g.k2 as varchar) and l.program = m.program "
            f"and l.period = m.period "
            f"left join {amount} a on a.unit = m.unit and a.program = m.program and a.period = m.period "
            f"left join {amount} b on b.unit = l.unit and b.program = l.program and b.period = l.period "
            f"where l.unit <> m.unit order by all"
        )
        return [Judged(tuple(label), Fraction(int(gap)), at_least=Fraction(0)) for *label, gap in rows]

    # A measure --------------------------------------------------------------------------------------------------------

    def _measure_rows(self, q: Tables, measure: str) -> Rows:
        groups = q.groups(self.of, ("program", "period"), self.where)
        cells = q.cells(groups, measure, missing=True)
        table = q.rows(
            f"select distinct gid, value, col, upper, unit from {cells.sql} where value is not null order by gid, value, unit"
        )
        labels: list[Label] = []
        triplets: list[tuple[int, int, int]] = []
        helpers: list[int] = []

        def at_least(label: Label, more: int, less: int) -> None:
            triplets.extend([(len(labels), more, 1), (len(labels), less, -1)])
            labels.append(label)

        for gid, members in groupby(table, key=lambda cell: cell[0]):
            label = groups.labels[gid]
            levels = [list(level) for _, level in groupby(members, key=lambda cell: cell[1])]
            pairs = (
                [(i, j) for j in range(len(levels)) for i in range(j)]
                if self.soft
                else list(pairwise(range(len(levels))))
            )
            for lower, higher in pairs:
                small, large = levels[lower], levels[higher]
                if self.soft or min(len(small), len(large)) == 1:
                    for one in large:
                        for other in small:
                            at_least((*label, one[4], other[4]), one[2], other[2])
                else:
                    helpers.append(max(cell[3] for cell in (*small, *large)))
                    for cell in large:
                        at_least((*label, cell[4]), cell[2], -len(helpers))
                    for cell in small:
                        at_least((*label, cell[4]), -len(helpers), cell[2])
        count = len(labels)
        return Rows.build(labels, [0] * count, [NO_LIMIT] * count, triplets, helper_upper=helpers)

    def _measure_audit(self, q: Tables, measure: str) -> list[Judged]:
        groups = q.groups(self.of, ("program", "period"), self.where)
        cells, made = q.possible(groups, measure), q.awards(groups)
        amounts = (
            f"(select distinct c.gid, c.unit, c.value, coalesce(a.amount, 0) as amount from {cells.sql} c left join {made.sql} a "
            f"on a.gid = c.gid and a.unit = c.unit where c.value is not null)"
        )
        rows = q.rows(
            f"select i.gid, i.unit, j.unit, i.amount - j.amount from {amounts} i join {amounts} j "
            f"on i.gid = j.gid and i.value > j.value and i.amount < j.amount order by all"
        )
        broken = [
            Judged((*groups.labels[g], large, small), Fraction(int(gap)), at_least=Fraction(0))
            for g, large, small, gap in rows
        ]
        return broken or [Judged((), Fraction(0), at_least=Fraction(0))]

    def sentence(self) -> Say:
        told = {**scope(self), "of": self.of, "measure": self.measure, "than": self.than}
        return Say("rules.order" if self.than is None else "rules.order-than", told)
