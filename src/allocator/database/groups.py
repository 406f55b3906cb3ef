"""The groups of a `by`, and awards in their groups.

Lives here: `Grouped`: which groups there are, their members, the awards made, possible, past and former in their groups.
Not here: groups that need no SQL (plain.py), cells (cells.py), figures of groups (figures.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from allocator.database import plain
from allocator.database.expression import (
    Expression,
    bind,
    parse,
    passes_null_on,
)
from allocator.database.frames import Frames, scaled
from allocator.database.names import constant, quoted
from allocator.model.allocation import Allocation
from allocator.model.model import DIMS, Model
from allocator.model.query import Groups, NotKnown, Relation
from allocator.model.source import Source


class Grouped(Frames):
    """The same with groups: relations of awards have the group of each row (`gid`) and its measure (`value`)."""

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        super().__init__(model, allocation)
        self._groups: dict[tuple[Any, ...], Groups] = {}
        self._unmade: dict[str, Callable[[], None]] = {}  # relations of groups that no question has joined yet
        self._members: dict[tuple[Any, ...], str] = {}
        self._eligible_made = False

    def groups(self, of: Sequence[str], by: Sequence[str], where: str = "true") -> Groups:
        """Every group of `by` over the candidates that pass `where`, in order of their keys; one group () for no `by`.

        A column that is a declared group stands with all rows of its own table (crossed with program and period only) that
        `where` does not rule out by themselves.
        """
        programs = self.programs(of, planned=False)
        condition = parse(where)
        by_program = any("program" in ref.dims for ref in self.refs(condition, *by))
        key = (programs if by_program else (), tuple(by), where)
        if key in self._groups:
            return replace(self._groups[key], of=programs)
        name = f"groups_{len(self._groups)}"
        if by:
            self._unmade[name] = lambda: self._make_groups(name, programs, by, condition)
        labels = plain.labels(self, by, programs) if where == "true" else None
        if labels is None:
            columns = ", ".join(f"k{i}" for i in range(len(by)))
            rows = self.rows(f"select {columns} from {self._made(name)} order by gid") if by else [()]
            labels = tuple(rows)
        self._groups[key] = Groups(name, labels, programs, tuple(by), where, self._made if by else _of_all)
        return self._groups[key]

    def _made(self, relation: str) -> str:
        if relation in self._unmade:
            self._unmade.pop(relation)()
        return relation

    def _make_groups(self, relation: str, programs: Sequence[str], by: Sequence[str], condition: Expression) -> None:
        refs = self.refs(condition, *by)
        keys = [self.names.look_up(column).label for column in by]
        dims = {d for r in refs for d in r.dims}
        named = ", ".join(f"{sql} as k{i}" for i, sql in enumerate(keys))
        known = " and ".join(f"k{i} is not null" for i in range(len(by)))
        distinct = (
            f"select distinct {named} from {self.candidate_rows(programs, dims)} c {self.joins(refs)} "
            f"where {self.condition_sql(condition)}"
        )
        own = [i for i, column in enumerate(by) if column in self.model.groups]
        others = [i for i in range(len(by)) if i not in own]
        free = {"program", "period"} - {d for i in own for d in self.names.look_up(by[i]).dims}
        order = ", ".join(f"k{i}" for i in range(len(by)))
        if own and all(by[i] in free for i in others):
            ids = " cross join ".join(
                f"(select id as k{i} from {quoted(Source('group', by[i]).relation)})" for i in own
            )
            rest = f" cross join (select distinct {', '.join(f'k{i}' for i in others)} from found)" if others else ""
            rest += self._can_have_units(condition, by)
            distinct = f"with found as ({distinct}) select * from found union select {order} from {ids}{rest}"
        self.con.make(
            relation, f"select row_number() over (order by {order}) - 1 as gid, * from ({distinct}) where {known}"
        )

    def _can_have_units(self, condition: Expression, by: Sequence[str]) -> str:
        """The rows of the groups' own tables that a `where` leaves: not those that it rules out by their own columns alone.

        What it says of other columns is not known here: NULL. Where it is false all the same, no unit can make it true.
        """
        found = {column: self.names.look_up(column) for column in by}
        keys = {found[column].sql: found[column].value_of(f"k{i}") for i, column in enumerate(by)}
        joins: dict[str, str] = {}
        unknown = False

        def name(column: str, _inside: bool) -> str:
            nonlocal unknown
            ref = self.names.look_up(column)
            if ref.source is None or ref.sql in keys:
                return keys.get(ref.sql, ref.sql)
            group = ref.source.name
            if ref.source.kind == "group" and group in by:
                own = quoted(ref.source.relation)
                joins[group] = f" left join {own} on {own}.id = k{list(by).index(group)}"
                return ref.sql
            unknown = True
            return "null"

        sql = bind(condition, name, wide=self.names.wide)
        if unknown and not passes_null_on(condition):
            return ""
        return "".join(joins.values()) + f" where coalesce(cast({sql} as boolean), {'true' if unknown else 'false'})"

    def members_of(self, groups: Groups) -> str:
        """(gid, unit, program, period): the units of each group, with those dimensions that `by` names."""
        key = (groups.name, groups.of)
        if key not in self._members:
            condition = parse(groups.where)
            refs = self.refs(condition, *groups.by)
            dims = {"unit", *(d for r in refs for d in r.dims)}
            on = " and ".join(f"g.k{i} = {self.names.look_up(by).label}" for i, by in enumerate(groups.by)) or "true"
            kept = {d: f"c.{d}" if d == "unit" or d in groups.by else "null" for d in DIMS}
            if len(groups.of) == 1:
                kept["program"] = constant(groups.of[0])
            columns = ", ".join(f"{sql} as {d}" for d, sql in kept.items())
            relation = f"members_{len(self._members)}"
            self.con.make(
                relation,
                f"select distinct g.gid, {columns} "
                f"from {self.candidate_rows(groups.of, dims)} c {self.joins(refs)} join {groups.relation} g on {on} "
                f"where {self.condition_sql(condition)}",
            )
            self._members[key] = relation
        return self._members[key]

    def grouped(self, base: str, columns: str, groups: Groups, measure: str) -> Relation:
        condition, value = parse(groups.where), parse(measure)
        refs = self.refs(condition, value, *groups.by)
        on = " and ".join(f"g.k{i} = {self.names.look_up(by).label}" for i, by in enumerate(groups.by)) or "true"
        frame = f"from {base} c {self.joins(refs)} join {groups.relation} g on {on}"
        scale = self.scale(value, refs)
        return Relation(
            f"(select g.gid, {columns}, {scaled(self.sql_of(value), scale)} as value {frame} "
            f"where c.program in {self.program_list(groups.of)} and {self.condition_sql(condition)})",
            scale or 1,
        )

    def possible(self, groups: Groups, measure: str = "1") -> Relation:
        """(gid, unit, program, period, value): the eligible candidates and the signed awards, recounted without any problem."""
        if not self._eligible_made:
            self._eligible_made = True
            each = [
                f"select unit, program, period from {self.conditions(*programs)} where {holds}"
                for programs, holds in self.of_one_eligibility(self.model.programs)
            ]
            each.append("select unit, program, period from frozen")  # a signed award stands, eligible or not
            self.con.make("eligible", " union ".join(each))
        return self.grouped("eligible", "c.unit, c.program, c.period", groups, measure)

    def awards(self, groups: Groups, measure: str = "1", *, past: bool = False) -> Relation:
        """(gid, unit, program, period, amount, is_past, value): the awards made, and those of the past if asked."""
        if not self.allocation.awards and not (past and self.model.past is not None):
            none = "(select 0::bigint as gid, *, false as is_past, 0::bigint as value from awards)"
            return Relation(none, self.scale(parse(measure)) or 1, empty=True)
        base = "(select *, false as is_past from awards"
        base += " union all select *, true as is_past from past)" if past else ")"
        return self.grouped(base, "c.unit, c.program, c.period, c.amount, c.is_past", groups, measure)

    def past(self, groups: Groups, measure: str = "1") -> Relation:
        """The same, of the past alone. Raises NotKnown."""
        columns = "c.unit, c.program, c.period, c.amount, true as is_past"
        return self.all_known(self.grouped("past", columns, groups, measure), measure)

    def all_known(self, relation: Relation, measure: str) -> Relation:
        """The relation, once it is sure that no figure of it is missing."""
        if parse(measure).columns:
            unknown = self.rows(
                f"select unit, program, period from {relation.sql} where value is null order by all limit 1"
            )
            if unknown:
                raise NotKnown(measure, unknown[0])
        return relation

    def formerly(self, groups: Groups, file: str) -> Relation:
        """(gid, unit, program, period, amount, value): the awards of an allocation file, in their groups."""
        return self.grouped(self.former(file), "c.unit, c.program, c.period, c.amount", groups, "1")

    def former(self, file: str) -> str:
        """The relation (unit, program, period, amount) of an allocation file that a rule or an objective names."""
        return quoted(Source("former", file).relation)


def _of_all(_name: str) -> str:
    """The relation of the one group of everything: it needs no table."""
    return "(select 0::bigint as gid)"
