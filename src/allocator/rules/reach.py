"""How many groups have at least k (1, k or all) of their awards.

Lives here: all of this kind - its fields, its rows, its audit, its sentence; and the helper rows that the objective shares.
Not here: what a group is (database/), any solver.
Rows: y_g is 1 only if g is reached:      sum of marks in g + past(g)  >=  k * y_g
      where an upper bound is asked, also  sum of marks in g + past(g)  <=  k - 1 + (n_g - k + 1) * y_g
      Cell by cell where that says the same and more to a solver: `all`:  mark >= y_g;  k = 1:  mark <= y_g
      and for each `within`:               at_least  <=  sum of weight * y  <=  at_most
A mark is 1 where a cell has an award; `all` asks for every cell of the group that exists, and at least one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from allocator.model.fields import Bound, Columns, Condition, Flag, GroupsBound, Programs, Whole
from allocator.model.periods import place
from allocator.model.phrases import limits, part, scope
from allocator.model.query import NO_LIMIT, Figures, Groups, Ints, Rows, Served, Tables, between
from allocator.model.rule import Judged, Rule
from allocator.rules.repeat import Repeat
from allocator.words import Say

Needs = Annotated[Whole, Field(ge=1)] | Literal["all"]


def links(q: Tables, groups: Groups, needs: int | str, past: bool, *, both_ways: bool) -> Rows:
    """One helper y a group, 1 only if (with both_ways: exactly if) the group is reached; the rows that say so."""
    n = len(groups)
    marks = q.entries(groups)
    group, column = np.unique(np.stack([marks.gid, marks.mark]), axis=1)
    size = np.bincount(group, minlength=n).astype(np.int64)
    fact = np.zeros(n, np.int64)
    if past and needs != "all":
        counted = q.fetch(
            f"select gid, count(distinct (unit, program, period))::bigint as value from {q.past(groups).sql} group by gid"
        )
        fact[counted["gid"]] = counted["value"]
    every, cell, none = (np.arange(count, dtype=np.int64) for count in (n, len(group), 0))
    given = np.flatnonzero(fact)
    rows = _Links(groups, column)
    if needs == "all":
        rows.add(group, cell, -1, low=0)
        rows.add(np.flatnonzero(size == 0), none, -1, low=0)
    else:
        rows.add(every, group, -int(needs), low=-fact)
    if both_ways and needs == 1:
        rows.add(group, cell, -1, high=0)
        rows.add(given, none, -1, high=-1)
    elif both_ways:
        k = np.maximum(size, 1) if needs == "all" else np.full(n, int(needs), np.int64)
        rows.add(every, group, -np.maximum(size + fact - k + 1, 0), high=k - 1 - fact)
    return rows.rows()


class _Links:
    """Rows  low <= marks + weight * y_g <= high, put together block by block."""

    def __init__(self, groups: Groups, column: Ints) -> None:
        self.groups, self.column = groups, column
        self.of: list[Ints] = []
        self.entries: list[tuple[Ints, Ints, Ints]] = []
        self.limits: list[tuple[Ints, Ints]] = []

    def add(
        self, of: Ints, row_of_mark: Ints, weight: Ints | int, low: Ints | int = -NO_LIMIT, high: Ints | int = NO_LIMIT
    ) -> None:
        """One row each for the groups `of`; `row_of_mark` says in which of them each mark stands (empty: in none)."""
        start, own = sum(map(len, self.of)), np.arange(len(of), dtype=np.int64)
        one = np.ones(len(row_of_mark), np.int64)
        self.entries.append((start + row_of_mark, self.column[: len(row_of_mark)], one))
        self.entries.append((start + own, -1 - of, np.zeros(len(of), np.int64) + weight))
        self.limits.append((np.zeros(len(of), np.int64) + low, np.zeros(len(of), np.int64) + high))
        self.of.append(of)

    def rows(self) -> Rows:
        row, column, coefficient = (np.concatenate([e[i] for e in self.entries]) for i in range(3))
        lower, upper = (np.concatenate([limit[i] for limit in self.limits]) for i in range(2))
        labels = tuple(self.groups.labels[g] for g in np.concatenate(self.of).tolist())
        return Rows(
            labels,
            lower,
            upper,
            row,
            column,
            coefficient,
            bounds=np.zeros(len(labels), np.bool_),
            helper_upper=np.ones(len(self.groups), np.int64),
        )


def reached(q: Tables, groups: Groups, needs: int | str, past: bool) -> list[bool]:
    """Which groups are reached by the awards that were made: counted award by award, from the clause."""
    made = q.awards(groups, past=past and needs != "all")
    counts = dict(
        q.rows(f"select gid, count(distinct (unit, program, period)) from {made.sql} where amount > 0 group by gid")
    )
    if needs == "all":
        exist = dict(
            q.rows(f"select gid, count(distinct (unit, program, period)) from {q.possible(groups).sql} group by gid")
        )
        return [exist.get(g, 0) > 0 and counts.get(g, 0) >= exist[g] for g in range(len(groups))]
    return [counts.get(g, 0) >= int(needs) for g in range(len(groups))]


def unreachable(q: Tables, groups: Groups, needs: int | str, past: bool) -> Iterator[Mapping[str, object]]:
    """Groups that no plan reaches, since a unit's awards of one program must lie apart in time: what the notice says.

    With `all` each such group is told of; a number may be out of reach of small groups, and is told where all are small.
    """
    gap = {rule.program: rule.gap for rule in q.rules_in_force() if isinstance(rule, Repeat)}
    if needs == 1 or (needs == "all" and not gap):
        return
    years: dict[int, dict[tuple[str, str], list[int]]] = {}
    for gid, unit, program, period in q.rows(
        f"select distinct gid, unit, program, period from {q.possible(groups).sql} order by all"
    ):
        years.setdefault(gid, {}).setdefault((unit, program), []).append(period)
    made: dict[tuple[str, str], list[int]] = {}
    for program in gap:
        for unit, period in q.history(program):
            made.setdefault((unit, program), []).append(period)
    listed = q.axes["period"]
    at = {period: place(listed, period) for period in listed}
    before = dict(q.rows(f"select gid, count(*) from {q.past(groups).sql} group by gid")) if past else {}
    short = []
    for gid, held in years.items():
        most = [
            _apart([at[t] for t in periods], [place(listed, t) for t in made.get(key, [])], gap.get(key[1], 1))
            for key, periods in held.items()
        ]
        wanted = sum(map(len, held.values())) if needs == "all" else int(needs)
        there = sum(most) + (0 if needs == "all" else int(before.get(gid, 0)))
        if there < wanted:
            short.append((gid, wanted, there))
    if short and (needs == "all" or len(short) == len(years)):
        gid, wanted, there = short[0]
        label = ", ".join(map(str, groups.labels[gid])) or "-"
        yield {"label": label, "needs": wanted, "possible": there, "count": len(short)}


def _apart(periods: list[int], made: list[int], gap: int) -> int:
    """How many of ascending places of periods can be chosen at least `gap` apart, from each other and from awards made before."""
    count, last = 0, -NO_LIMIT
    for period in periods:
        if period - last >= gap and all(abs(period - other) >= gap for other in made):
            count, last = count + 1, period
    return count


class ReachRule(Rule):
    """90 % of the counties are covered; a township is served when ...; a bundle is complete."""

    kind: ClassVar[str] = "reach"

    of: Programs
    by: Columns = ("unit",)
    needs: Needs = 1
    weight: Bound = "1"
    where: Condition = "true"
    within: Columns = ()
    at_least: GroupsBound | None = None
    at_most: GroupsBound | None = None
    exactly: GroupsBound | None = None
    past: Flag = False

    def asks_whether(self) -> Programs:
        return self.of

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        groups = q.groups(self.of, (*self.within, *self.by), self.where)
        for params in unreachable(q, groups, self.needs, self.past):
            yield "group-never-reached", "needs", params

    def bounds(self, q: Tables) -> Iterable[tuple[str, Figures]]:
        groups = q.groups(self.of, (*self.within, *self.by), self.where)
        within = q.groups(self.of, self.within, self.where)
        weight = q.bound(groups, self.weight)
        for bound in (self.at_least, self.at_most, self.exactly):
            if bound is not None:
                yield bound, q.summary(groups, weight, within, bound)

    def counts_whole(self, q: Tables) -> bool:
        return q.bound(q.groups(self.of, (*self.within, *self.by), self.where), self.weight).scale == 1

    def depends_on_unawarded_cells(self) -> Programs:
        return self.of if self.needs == "all" else ()

    def _groups(self, q: Tables) -> tuple[Groups, Groups, Figures, Figures, Figures]:
        groups = q.groups(self.of, (*self.within, *self.by), self.where)
        within = q.groups(self.of, self.within, self.where)
        weight = q.bound(groups, self.weight)
        lower = q.summary(groups, weight, within, self.exactly or self.at_least)
        upper = q.summary(groups, weight, within, self.exactly or self.at_most)
        return groups, within, weight, lower, upper

    def _within(self, groups: Groups, within: Groups) -> Ints:
        index = {label: i for i, label in enumerate(within.labels)}
        return np.array([index[label[: len(self.within)]] for label in groups.labels], dtype=np.int64)

    def rows(self, q: Tables) -> Rows:
        groups, within, weight, lower, upper = self._groups(q)
        link = links(
            q,
            groups,
            self.needs,
            self.past,
            both_ways=bool(upper.given.any() or self.soft or (weight.number < 0).any()),
        )
        first = len(link.labels)
        n = np.arange(len(groups), dtype=np.int64)
        bounds = between(
            within.labels, (self._within(groups, within), -1 - n, weight.number), weight.scale, lower, upper
        )
        return Rows(
            (*link.labels, *within.labels),
            np.concatenate([link.lower, bounds.lower]),
            np.concatenate([link.upper, bounds.upper]),
            np.concatenate([link.row, first + bounds.row]),
            np.concatenate([link.column, bounds.column]),
            np.concatenate([link.coefficient, bounds.coefficient]),
            scale=bounds.scale,
            bounds=np.arange(first + len(within)) >= first,
            helper_upper=link.helper_upper,
        )

    def audit(self, q: Tables) -> list[Judged]:
        groups, within, weight, lower, upper = self._groups(q)
        found, whole = [Fraction(0)] * len(within), [Fraction(0)] * len(within)
        for g, (hit, w) in enumerate(
            zip(reached(q, groups, self.needs, self.past), self._within(groups, within), strict=True)
        ):
            own = weight.at(g) or Fraction(0)
            whole[w] += own
            found[w] += own if hit else 0
        return [
            Judged(label, found[w], lower.at(w), upper.at(w), whole=whole[w]) for w, label in enumerate(within.labels)
        ]

    def bound_columns(self) -> tuple[str, ...]:
        return self.within

    def served(self, q: Tables) -> Iterable[Served]:
        groups, split = q.groups(self.of, (*self.within, *self.by), self.where), len(self.within)
        for label, hit in zip(groups.labels, reached(q, groups, self.needs, self.past), strict=True):
            yield Served(label[:split], label[split:], hit)

    def sentence(self) -> Say:
        needs = (
            Say("rules.part.needs-all") if self.needs == "all" else part("rules.part.needs", unless=1, count=self.needs)
        )
        weight = part("rules.part.weight", unless="1", weight=self.weight)
        told = {"of": self.of, "by": self.by, "needs": needs, "weight": weight, "limits": limits(self)}
        return Say("rules.reach", {**scope(self), **told})
