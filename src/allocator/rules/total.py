"""lower <= sum of measure x amount <= upper, for each group of `by`.

Lives here: all of this kind - its fields, its rows, its audit, its sentence.
Not here: what a group is (database/), any solver.
Rows: for every group g:  at_least(g) - past(g)  <=  sum over cells in g of measure * x  <=  at_most(g) - past(g)
      with `or_none` and a 0/1 helper y:  sum + past >= at_least * y  and  sum + past <= at_most * y
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

import numpy as np

from allocator.model.fields import Bound, Columns, Condition, Flag, Measure, Programs
from allocator.model.phrases import limits, part, scope
from allocator.model.query import MOST, NO_LIMIT, Entries, Figures, Groups, Ints, Relation, Rows, Tables, between
from allocator.model.rule import Cap, Judged, Rule, Tally
from allocator.words import Say


def known(q: Tables, relation: Relation, count: int) -> Ints:
    """What is fact already in each group: the past's sum, at the relation's scale."""
    fact = np.zeros(count, np.int64)
    found = q.fetch(f"select gid, sum(amount * value)::bigint as value from {relation.sql} group by gid")
    fact[found["gid"]] = found["value"]
    return fact


def found_in(q: Tables, groups: Groups, relation: Relation) -> Figures:
    """What was awarded in each group, groups without an award included; none where a measure is missing."""
    if relation.empty:
        return Figures(np.zeros(len(groups), np.int64), np.ones(len(groups), np.bool_), relation.scale)
    rows = q.rows(
        f"select g.gid, coalesce(sum(a.amount * a.value), 0), count(a.unit) - count(a.value) "
        f"from {groups.relation} g left join {relation.sql} a on a.gid = g.gid group by g.gid order by g.gid"
    )
    totals = [int(total) for _, total, _ in rows]
    wide = any(abs(total) >= MOST for total in totals)
    given = np.array([not missing for *_, missing in rows], np.bool_)
    return Figures(np.array(totals, object if wide else np.int64), given, relation.scale)


def cells_in(q: Tables, groups: Groups) -> list[frozenset[tuple[str, str, int]]]:
    """The candidates that each group has, read without any problem."""
    found: list[set[tuple[str, str, int]]] = [set() for _ in groups.labels]
    for gid, unit, program, period in q.rows(
        f"select gid, unit, program, period from {q.possible(groups).sql} order by all"
    ):
        found[gid].add((unit, program, period))
    return list(map(frozenset, found))


class TotalRule(Rule):
    """A bound on the sum of measure x amount in each group: budgets, coverage, caps, exclusion, two-way tables."""

    kind: ClassVar[str] = "total"

    of: Programs
    by: Columns = ()
    measure: Measure = "1"
    where: Condition = "true"
    at_least: Bound | None = None
    at_most: Bound | None = None
    exactly: Bound | None = None
    or_none: Flag = False
    past: Flag = False

    def counts_whole(self, q: Tables) -> bool:
        return q.awards(q.groups(self.of, self.by, self.where), self.measure).scale == 1

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        groups = q.groups(self.of, self.by, self.where)
        cells = q.entries(groups, self.measure)
        fact = known(q, q.past(groups, self.measure), len(groups)) if self.past else None
        lower = q.bound(groups, self.exactly or self.at_least)
        upper = q.bound(groups, self.exactly or self.at_most)
        rows = between(groups.labels, cells.sums(), cells.scale, lower, upper, fact)
        return _or_none(cells, rows, fact) if self.or_none else rows

    def caps(self, q: Tables) -> Iterable[Cap]:
        if self.measure != "1" or self.past or self.or_none:
            return
        groups = q.groups(self.of, self.by, self.where)
        lower, upper = (q.bound(groups, self.exactly or limit) for limit in (self.at_least, self.at_most))
        for g, cells in enumerate(cells_in(q, groups)):
            yield Cap(cells, lower.at(g), upper.at(g))

    def audit(self, q: Tables) -> Sequence[Judged]:
        groups = q.groups(self.of, self.by, self.where)
        made = found_in(q, groups, q.awards(groups, self.measure, past=self.past))
        lower, upper = (q.bound(groups, self.exactly or limit) for limit in (self.at_least, self.at_most))
        found = Tally(groups.labels, made, lower, upper)
        return [_or_none_judged(group) for group in found] if self.or_none else found

    def sentence(self) -> Say:
        measure = part("rules.part.measure", unless="1", measure=self.measure)
        told = {**scope(self), "of": self.of, "measure": measure, "limits": limits(self)}
        return Say("rules.total-or-none" if self.or_none else "rules.total", told)


def _or_none(cells: Entries, rows: Rows, fact: Ints | None) -> Rows:
    """The rows of `between`, which a group may also satisfy by the sum 0 (what is fact already included)."""
    n = len(rows.labels)
    grow = rows.scale // cells.scale
    none = np.zeros(n, np.int64) if fact is None else -fact * grow
    least, most = (end * grow for end in cells.span(n))
    low = np.where(rows.lower > -NO_LIMIT, rows.lower, np.minimum(least, none))
    high = np.where(rows.upper < NO_LIMIT, rows.upper, np.maximum(most, none))
    each = np.arange(n, dtype=np.int64)
    return Rows(
        (*rows.labels, *rows.labels),
        np.concatenate([none, np.full(n, -NO_LIMIT)]),
        np.concatenate([np.full(n, NO_LIMIT), none]),
        np.concatenate([rows.row, each, n + rows.row, n + each]),
        np.concatenate([rows.column, -1 - each, rows.column, -1 - each]),
        np.concatenate([rows.coefficient, none - low, rows.coefficient, none - high]),
        scale=rows.scale,
        helper_upper=np.ones(n, np.int64),
    )


def _or_none_judged(group: Judged) -> Judged:
    """The group under its bounds, or under "nothing at all" where that is nearer to what was found."""
    if group.found is None or abs(group.found) > group.miss:
        return group
    zero = Fraction(0)
    return replace(group, at_least=zero if group.found < 0 else None, at_most=zero if group.found > 0 else None)
