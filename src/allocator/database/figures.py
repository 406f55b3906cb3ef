"""Figures: bounds of groups, sums over groups, settings, measures, figures of tables, indicators.

Lives here: `Figured`; what makes a figure unknown or inexact is NotKnown, TooFine or BadExpression, never a number.
Not here: which empty cell is the cause (missing.py), the SQL of an expression (expression.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from allocator.database.cells import Celled
from allocator.database.connection import Failed, about
from allocator.database.expression import (
    BadExpression,
    Expression,
    bind,
    parse,
)
from allocator.database.frames import scale_of, scaled
from allocator.database.names import Ref, constant, quoted
from allocator.model.allocation import Allocation
from allocator.model.model import DIMS, Model
from allocator.model.query import Figures, Groups, Label, NotKnown, Relation, TooFine
from allocator.model.source import CELL, UNITS, Source


class Figured(Celled):
    """The same with figures."""

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        super().__init__(model, allocation)
        self._constants: dict[str, tuple[int, int]] = {}

    def bound(self, groups: Groups, expression: str | None, *, missing: bool = False) -> Figures:
        """The expression for each group, over the group's units (those with a candidate that passes `where`).

        Raises NotKnown where it gives NULL, unless `missing` ones may stay open.
        """
        if expression is None:
            return Figures.none(len(groups))
        parsed = parse(expression)
        if not parsed.aggregates and all(not self._in_group(groups, c) for c in parsed.columns):
            number, scale = self._constant(expression)
            return Figures(np.full(len(groups), number, np.int64), np.ones(len(groups), np.bool_), scale)
        value, checks, source = self._bound_sql(groups, parsed)
        return self.figures_of(groups, expression, value, source, checks, missing=missing)

    def _in_group(self, groups: Groups, column: str) -> bool:
        """Whether a name in a bound is a column, not a parameter."""
        return column in groups.by or bool(self.names.look_up(column).source)

    def _constant(self, expression: str) -> tuple[int, int]:
        """An expression of parameters alone: its value times its scale. Raises NotKnown."""
        if expression not in self._constants:
            value = int(expression) if expression.isascii() and expression.isdigit() else self.setting(expression)
            if value is None:
                raise NotKnown(expression, ())
            if isinstance(value, (float, str)):
                raise BadExpression(
                    "expression-number", "VARCHAR" if isinstance(value, str) else "DOUBLE", expected=expression
                )
            exact = Fraction(value)
            scale = 1
            while scale % exact.denominator:
                scale *= 10
            if abs(exact * scale) >= 2**63:
                raise TooFine(expression)
            self._constants[expression] = (int(exact * scale), scale)
        return self._constants[expression]

    def _bound_sql(self, groups: Groups, parsed: Expression) -> tuple[str, list[tuple[str, str]], str]:
        """A bound's SQL, checks (column as written, SQL that is true where it has two values), and what it is selected from."""
        joined: list[Ref] = []
        checks: list[tuple[str, str]] = []
        by = {column: f"g.k{i}" for i, column in enumerate(groups.by)}
        has = {"unit", *(d for d in ("program", "period") if d in groups.by)}
        if len(groups.of) == 1:
            has.add("program")
        joins: list[str] = []

        def name(column: str, inside: bool) -> str:
            if column in by:
                return self.names.look_up(column).value_of(by[column])
            if column == "program" and len(groups.of) == 1:
                return constant(groups.of[0])
            ref = self.names.look_up(column)
            if ref.source is None:
                return ref.sql
            group = ref.source.name
            if ref.source.kind == "group" and group in groups.by:
                alias = quoted("own:" + group)
                joins.append(f"left join {quoted(ref.source.relation)} {alias} on {alias}.id = {by[group]}")
                sql = f"{alias}.{quoted(ref.column)}"
            else:
                if not ref.dims <= has:
                    raise BadExpression("bound-too-fine", column, expected=", ".join(groups.by))
                joined.append(ref)
                sql = ref.sql
            if inside:
                return sql
            checks.append((column, f"count(distinct {sql}) > 1"))
            there = "g.gid" if sql != ref.sql else self.there(column) or "c.unit"  # a group's own row is always there
            lacking = f"count(*) filter (where {there} is not null and {sql} is null) > 0"
            return f"case when {lacking} then null else any_value({sql}) end"

        body = bind(parsed, name, count="c.unit", there=self.there, wide=self.names.wide)
        keys = "".join(f", g.k{i}" for i in range(len(groups.by)))
        needs_units = parsed.aggregates or joined
        own: dict[Source, list[str]] = {}  # of a one-to-many table, only the rows of the group itself
        for column, key in by.items():
            ref = self.names.look_up(column)
            if ref.many and ref.source is not None:
                own.setdefault(ref.source, []).append(f"{ref.label} = {key}")
        members = (
            f"left join {self.members_of(groups)} c on c.gid = g.gid {self.joins(joined, own)}" if needs_units else ""
        )
        source = " ".join([f"from {groups.relation} g", *dict.fromkeys(joins), members])
        return body, checks, f"{source} group by g.gid{keys}"

    def figures_of(
        self,
        groups: Groups,
        expression: str,
        value: str,
        source: str,
        checks: Sequence[tuple[str, str]] = (),
        *,
        missing: bool = False,
    ) -> Figures:
        """`value` for each group of `source`, which groups by g.gid. Raises BadExpression where a check is true."""
        broken = " or ".join(check for _, check in checks) or "false"
        with about(expression):
            scale = scale_of(self.con.types(f"select {value} as value {source}")[0], expression) or 1
            rows = self.con.arrays(
                f"select gid, {scaled('value', scale)}, broken "
                f"from (select g.gid, {value} as value, {broken} as broken {source}) order by gid"
            )
        gid, found, two_values = (np.ma.asarray(column) for column in rows.values())
        if np.any(two_values):
            first = int(gid[np.argmax(two_values)])
            raise BadExpression("bound-two-values", checks[0][0], expected=label_text(groups.labels[first]))
        unknown = np.ma.getmaskarray(found)
        if unknown.any() and not missing:
            raise NotKnown(expression, groups.labels[int(gid[np.argmax(unknown)])])
        return Figures(np.ma.filled(found, 0).astype(np.int64), ~unknown, scale)

    def summary(self, groups: Groups, weight: Figures, within: Groups, expression: str | None) -> Figures:
        """For each group of `within`: the expression over those `groups` whose label begins with its label."""
        if expression is None:
            return Figures.none(len(within))
        index = {label: i for i, label in enumerate(within.labels)}
        wid = np.array([index[label[: len(within.by)]] for label in groups.labels], dtype=np.int64)
        places = len(str(weight.scale)) - 1
        unit = constant(1) if places == 0 else f"0.{'0' * (places - 1)}1"
        self.create("reached", wid=wid, gid=np.arange(len(groups), dtype=np.int64), weight=weight.number)
        columns = {c: self.names.look_up(c).value_of(f"g.k{i}") for i, c in enumerate(within.by)}

        def name(column: str, inside: bool) -> str:
            if column == "weight":
                return f"(r.weight * {unit})" if inside else f"any_value(r.weight * {unit})"
            if column in columns:
                return columns[column]
            ref = self.names.look_up(column)
            if ref.source:
                raise BadExpression("bound-too-fine", column, expected="count(*), sum(weight)")
            return ref.sql

        body = bind(parse(expression), name, count="r.gid", wide=self.names.wide)
        keys = "".join(f", g.k{i}" for i in range(len(within.by)))
        source = f"from {within.relation} g left join reached r on r.wid = g.gid group by g.gid{keys}"
        return self.figures_of(within, expression, body, source)

    def places(self, of: Sequence[str], within: Sequence[str]) -> dict[Label, int | None]:
        """The exact total of the programs' quotas for each group of `within` (program, period); None where it is open."""
        totals: dict[Label, int | None] = {}
        for program in self.programs(of):
            quota = self.model.programs[program].quota
            for period in self.model.policy.periods:
                label = tuple(program if column == "program" else period for column in within)
                limits = quota.of(period) if quota else None
                if limits is None or limits.exactly is None:
                    totals[label] = None
                    continue
                groups = self.groups((program,), ("period",))
                places = self.bound(groups, limits.exactly).at(groups.labels.index((period,)))
                before = totals.setdefault(label, 0)
                totals[label] = None if before is None or places is None else before + int(places)
        return totals

    def measure(self, program: str, expression: str) -> Relation:
        """(unit, program, period, value): a measure over every candidate of a program; NULL where it is not known.

        Where it cannot be worked out for some that are not eligible, over those that are.
        """
        parsed = parse(expression)
        refs = self.refs(parsed)
        scale = self.scale(parsed, refs)
        sql = (
            f"(select c.unit, c.program, c.period, {scaled(self.sql_of(parsed), scale)} as value "
            f"from {self.candidate_rows((program,), DIMS)} c {self.joins(refs)})"
        )
        try:
            self.con.rows(f"select min(value), max(value) from {sql}")
        except Failed:
            return self.possible(self.groups((program,), ()), expression)
        return Relation(sql, scale or 1)

    def figure(self, expression: str) -> Any:
        """An aggregate over the rows of the one table whose columns it reads. Raises BadExpression, NotKnown."""
        parsed = parse(expression)
        refs = self.refs(parsed)
        sources = sorted({r.source for r in refs if r.source}) or [UNITS]
        if len(sources) > 1 or sources == [CELL]:
            raise BadExpression("figure-of-tables", ", ".join(source.called for source in sources))
        if not parsed.aggregates:
            raise BadExpression("figure-not-aggregate", expression)
        sql = f"select {self.sql_of(parsed)} from {self.table(sources[0])}"
        with about(expression):
            (kind,) = self.con.types(sql)
            ((value,),) = self.con.rows(sql)
        scale_of(kind, expression)
        if value is None:
            raise NotKnown(expression, ())
        return value

    def setting(self, expression: str) -> Any:
        """The value of an expression over the parameters alone."""
        parsed = parse(expression)

        def name(column: str, _inside: bool) -> str:
            ref = self.names.look_up(column)
            if ref.source:
                raise BadExpression("setting-column", column)
            return ref.sql

        with about(expression):
            ((value,),) = self.con.rows(f"select {bind(parsed, name, wide=self.names.wide)}")
        return value

    def indicator(self, value: str, where: str, by: Sequence[str]) -> list[tuple[tuple[Any, ...], Fraction | None]]:
        """An aggregate over the units that pass `where`, a figure a group of `by`; None where a figure is missing.

        `awarded.<program>` and `past.<program>` are the unit's summed amounts (0 if none). Raises BadExpression.
        """
        parsed, condition = parse(value), parse(where)
        joins: dict[str, str] = {}
        refs = self.refs(condition, *by)

        def name(column: str, _inside: bool) -> str:
            table, _, program = column.partition(".")
            if table in ("awarded", "past") and program:
                members = self.programs((program,), planned=table == "awarded")
                if not members:
                    raise BadExpression("unknown-program", program, (*self.model.programs, *self.model.past_programs))
                alias = quoted(column)
                source = "awards" if table == "awarded" else "past"
                joins[column] = (
                    f"left join (select unit, sum(amount) as amount from {source} where program in "
                    f"{self.program_list(members)} group by unit) {alias} on {alias}.unit = c.unit"
                )
                sql = f"coalesce({alias}.amount, 0)"
            else:
                ref = self.names.look_up(column)
                if ref.many or not ref.dims <= {"unit"}:
                    raise BadExpression("bound-too-fine", column, expected="unit")
                refs.append(ref)
                sql = ref.sql
            return sql

        body = bind(parsed, name, wide=self.names.wide)
        keys = [self.names.look_up(column).label for column in by]
        frame = f"from {self.candidate_rows((), ('unit',))} c {self.joins(refs)} {' '.join(joins.values())}"
        selected = ", ".join([*keys, f"{body} as value"])
        sql = f"select {selected} {frame} where {self.condition_sql(condition)}"
        sql += f" group by {', '.join(keys)} order by {', '.join(keys)}" if keys else ""
        try:
            scale_of(self.con.types(sql)[len(keys)], value)
            found = self.rows(sql)
        except Failed as failed:
            with about(where):
                self.units_where(where)
            raise Failed(failed.code, value, failed.found) from failed
        return [(row[:-1], None if row[-1] is None else Fraction(row[-1])) for row in found]

    def units_where(self, where: str) -> int:
        """How many units pass a condition over their own columns."""
        condition = parse(where)
        frame = f"{self.candidate_rows((), ('unit',))} c {self.joins(self.refs(condition))}"
        return int(self.rows(f"select count(*) from {frame} where {self.condition_sql(condition)}")[0][0])


def label_text(label: Sequence[Any]) -> str:
    return ", ".join(str(part) for part in label) or "-"
