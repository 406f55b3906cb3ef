"""The model's tables in a locked DuckDB, and the questions that rules and objectives ask of them (model/query.py: Tables).

Lives here: loading the tables, groups, cells, awards, bounds, conditions, indicators; exact figures out of SQL.
Not here: parsing expressions (database/expression.py), names (database/names.py), kinds of rules.

A *frame* is the FROM clause of a question: a base relation `c` of cells, candidates or awards, joined to just those
tables whose columns the question reads. All figures leave the database as integers times a power of ten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.database import plain
from allocator.database.connection import Connection, Failed, about
from allocator.database.expression import (
    BadExpression,
    Expression,
    bind,
    needed,
    parse,
    parts,
    passes_null_on,
)
from allocator.database.names import DIMS, Names, Ref, constant, quoted, sql_type, written_name
from allocator.database.vectors import Grid, NoVector, Vectors
from allocator.model.allocation import Allocation
from allocator.model.policy import Coded, DataTable, Model
from allocator.model.query import NO_LIMIT, Entries, Figures, Flags, Groups, Ints, Label, NotKnown, Relation, TooFine
from allocator.model.rule import Rule

MOST_PLACES = 50_000_000  # combinations of units, programs and periods up to which the row of each is kept
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


@dataclass(frozen=True)
class Empty:
    """An empty cell of a table: `key` names its row, as far as the keys are known."""

    source: str
    column: str
    key: Mapping[str, Any]


class Database:
    """One model (and, for an audit, one allocation) in memory: no files, no network, no extensions; settings locked."""

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        self.model = model
        self.names = Names(model)
        self.con = Connection()
        self._load("units", model.units)
        for name, table in model.groups.items():
            self._load(f"group:{name}", table)
        self._waiting = {f"table:{name}": table for name, table in model.tables.items()}  # until a question joins them
        for source, table in self._waiting.items():
            columns = [f"{quoted(name)} {sql_type(column)}" for name, column in table.columns.items()]
            columns += [f"{quoted(written_name(n))} varchar" for n, c in table.columns.items() if c.texts is not None]
            self.con.run(f"create table {quoted(source)} ({', '.join(columns)})")
        self._row_of: dict[str, NDArray[np.integer]] = {}
        for name, table in model.families.items():
            self._load(f"family:{name}", table)
        for name, held in (("past", model.past), ("frozen", model.frozen)):
            if held is not None:
                self._load(name, held)
            else:
                self._empty_awards(name)
        for file, held in model.allocations.items():
            self._load(f"former:{file}", held)
        self.axes: dict[str, list[Any]] = {
            "unit": sorted(model.units.columns["unit"].values),
            "program": [*model.programs, *model.past_programs],
            "period": sorted(model.policy.periods),
        }
        for dim, values in self.axes.items():
            self.create(f"all_{dim}s", **{dim: values}, place=np.arange(len(values), dtype=np.int64))
        self.vectors: Vectors | None = None
        if allocation is None:
            self._empty_awards("awards")
        else:
            self.load_awards("awards", allocation)
        self._groups: dict[tuple[Any, ...], Groups] = {}
        self._unmade: dict[str, Callable[[], None]] = {}  # relations of groups that no question has joined yet
        self._members: dict[tuple[Any, ...], str] = {}
        self._scales: dict[tuple[Any, ...], int | None] = {}
        self._bound_to: dict[str, str] = {}
        self._eligible_made = self._cells_made = False
        self._constants: dict[str, tuple[int, int]] = {}
        for name, figure in model.policy.figures.items():
            try:
                self.names.set_figure(name, self.figure(figure.value))
            except (BadExpression, NotKnown):  # the loader tells it with its place
                self.names.set_figure(name, None)
        self._bound_to.clear()  # a figure may have been null until now

    # Loading ----------------------------------------------------------------------------------------------------------

    def create(self, table: str, **columns: Sequence[Any] | np.ndarray[Any, Any]) -> None:
        """A table from columns of text, whole numbers, truth values or arrays."""
        arrays = {}
        for name, values in columns.items():
            if isinstance(values, np.ndarray):
                arrays[name] = values
            elif values and isinstance(values[0], int) and not isinstance(values[0], bool):
                arrays[name] = np.array(values, dtype=np.int64)
            else:
                arrays[name] = np.array(values, dtype=object)
        with self.con.holding("_new", arrays):
            self.con.run(f"create or replace table {quoted(table)} as select * from _new")

    def load_awards(self, table: str, allocation: Allocation) -> None:
        """An allocation as a table unit, program, period, amount."""
        if not allocation.awards:
            self._empty_awards(table)
            return
        unit, program, period, amount = zip(*allocation.awards, strict=True)
        self.create(table, unit=unit, program=program, period=period, amount=amount)

    def _empty_awards(self, table: str) -> None:
        self.con.run(f"create or replace table {table} (unit varchar, program varchar, period bigint, amount bigint)")

    def _load(self, table: str, data: DataTable) -> None:
        with self._in_memory(data, data.columns) as rows:
            self.con.run(f"create or replace table {quoted(table)} as {rows}")

    @contextmanager
    def _in_memory(self, data: DataTable, names: Iterable[str]) -> Iterator[str]:
        """A select of some columns of a table, the rows in their order; it lasts as long as the context."""
        arrays: dict[str, Any] = {}
        casts: list[str] = []
        written: list[str] = []
        for index, name in enumerate(names):
            column = data.columns[name]
            arrays[f"x{index}"] = column.array
            casts.append(f"cast(x{index} as {sql_type(column)}) as {quoted(name)}")
            if column.texts is not None:
                arrays[f"t{index}"] = np.array(column.texts, dtype=object)
                written.append(f"cast(t{index} as varchar) as {quoted(written_name(name))}")
        with self.con.holding("_new", arrays):
            yield f"select {', '.join([*casts, *written])} from _new"

    def table(self, source: str) -> str:
        """The relation of a source of names (`units`, `table:reviews`), with its rows."""
        self._fill([source])
        return quoted(source)

    def _fill(self, sources: Iterable[str]) -> None:
        """Put the rows into tables that so far have their columns only."""
        for source in set(sources) & set(self._waiting):
            self._load(source, self._waiting.pop(source))

    # Rows by place ----------------------------------------------------------------------------------------------------

    def row_of(self, sources: Collection[str], codes: Mapping[str, Ints]) -> NDArray[np.integer] | None:
        """Of every combination its row in a table with one row a key; the table's height where it has none.

        None where the sources are more than one table, or its key is not of units, programs and periods alone.
        """
        if len(sources) != 1:
            return None
        (source,) = sources
        kind, _, name = source.partition(":")
        if kind != "table" or not set(key := self.model.policy.tables[name].key) <= set(DIMS):
            return None
        size = prod(len(self.axes[dim]) for dim in key)
        if size > MOST_PLACES:
            return None
        if source not in self._row_of:
            data = self.model.tables[name]
            row, known = self.keyed(key, {dim: data.columns[dim].coded for dim in key})
            held = np.full(size, data.height, np.int32)
            held[row[known]] = np.flatnonzero(known)
            self._row_of[source] = held
        return self._row_of[source][self.place_of(key, codes)]

    def place_of(self, key: Sequence[str], codes: Mapping[str, Ints]) -> Ints:
        """The place of each key among all combinations of these dimensions."""
        place = np.zeros(1, np.int64)
        for dim in key:
            place = place * len(self.axes[dim]) + codes[dim]
        return place

    def codes_at(self, place: Ints) -> dict[str, Ints]:
        """The codes of places among all combinations of unit, program and period: the reverse of `place_of`."""
        codes = np.unravel_index(place, [len(self.axes[dim]) for dim in DIMS])
        return dict(zip(DIMS, codes, strict=True))

    def keyed(self, key: Sequence[str], columns: Mapping[str, Coded]) -> tuple[Ints, Flags]:
        """The place of each row's key, and whether every value of it is known."""
        codes = {}
        for dim in key:
            number = {value: i for i, value in enumerate(self.axes[dim])}
            held = columns[dim]
            codes[dim] = np.array([number.get(value, -1) for value in held.distinct], np.int64)[held.code]
        known = np.logical_and.reduce([code >= 0 for code in codes.values()])
        return self.place_of(key, codes), known

    def by_row(self, refs: Iterable[Ref]) -> Iterator[str]:
        """What to select from for the rows of the table whose columns these are; then for a row of it where all is missing."""
        wanted = {ref.column: ref.source for ref in refs if ref.source}
        (source,) = set(wanted.values())
        alias = quoted(source)
        if source in self._waiting:
            data = self._waiting[source]
            with self._in_memory(data, [c for c in data.columns if c in wanted]) as rows:
                yield f"({rows}) as {alias}"
        else:
            yield alias
        yield f"(select 1) left join {alias} on false"

    @cached_property
    def unit_rows(self) -> Ints:
        """The row of each unit, in the order of the axis, in the table of the units."""
        values = self.model.units.columns["unit"].values
        return np.array(sorted(range(len(values)), key=values.__getitem__), dtype=np.int64)

    # Frames -----------------------------------------------------------------------------------------------------------

    def refs(self, *expressions: Expression | str) -> list[Ref]:
        """The columns that expressions (or single column names) read."""
        names = [n for e in expressions for n in (e.columns if isinstance(e, Expression) else (e,))]
        return [self.names.look_up(n) for n in names]

    def joins(
        self,
        refs: Iterable[Ref],
        keys: Mapping[str, Sequence[str]] | None = None,
        *,
        filled: bool = True,
        unit: str = "c.unit",
    ) -> str:
        """The joins that the columns need, from a base relation `c` that has unit, program, period as needed.

        `keys`: what else the rows of a one-to-many source must meet. `filled`: False where only the types are asked.
        `unit`: the SQL of the unit in the base relation.
        """
        sources = {r.source for r in refs} - {"", "cell"}
        groups = {
            s.partition(":")[2]: self.names.group_column(s.partition(":")[2]) for s in sources if s.startswith("group:")
        }
        sources |= {column.source for column in groups.values() if column is not None}
        on: dict[str, str] = {}
        for source in sorted(s for s in sources if s.startswith(("family:", "table:"))):
            kind, name = source.split(":", 1)
            key = ("program",) if kind == "family" else self.model.policy.tables[name].key
            shared = [k for k in key if k not in DIMS and k in self.model.units.columns]
            equal = [f"{quoted(source)}.{k} = c.{k}" for k in key if k in DIMS]
            equal += (keys or {}).get(source, ())
            labels = {k: self.names.look_up(f"units.{k}").label for k in shared}
            equal += [f"{quoted(source)}.{quoted(k)} = cast({labels[k]} as varchar)" for k in shared]
            sources |= {"units"} if shared else set()
            on[source] = " and ".join(equal) or "true"
        on |= {
            f"group:{g}": f"{quoted(f'group:{g}')}.id = {column.label}"
            for g, column in groups.items()
            if column is not None
        }
        if filled:
            self._fill(on)
        joins = [f"left join units on units.unit = {unit}"] if "units" in sources else []
        return " ".join([*joins, *(f"left join {quoted(source)} on {equal}" for source, equal in on.items())])

    def _sql(self, expression: Expression) -> str:
        if expression.sql not in self._bound_to:
            self._bound_to[expression.sql] = bind(
                expression, lambda name, _inside: self.names.look_up(name).sql, wide=self.names.wide
            )
        return self._bound_to[expression.sql]

    def scaled_sql(self, expression: Expression) -> str:
        """The SQL of a measure as a whole number: the declared one times its scale."""
        return _scaled(self._sql(expression), self.scale(expression))

    def condition_sql(self, expression: Expression) -> str:
        return f"coalesce(cast({self._sql(expression)} as boolean), false)"

    def _program_list(self, of: Sequence[str]) -> str:
        return "(" + ", ".join(constant(p) for p in of) + ")" if of else "(null)"

    def _candidates(self, of: Sequence[str], dims: Iterable[str]) -> str:
        """Every combination of the asked dimensions: units, the programs `of`, the plan's periods."""
        parts = {
            "unit": "(select unit from units)",
            "program": f"(select program from all_programs where program in {self._program_list(of)})",
            "period": "(select period from all_periods)",
        }
        chosen = [d for d in DIMS if d in set(dims)] or ["unit"]
        return "(select * from " + " cross join ".join(parts[d] for d in chosen) + ")"

    def programs(self, names: Sequence[str], *, planned: bool = True) -> tuple[str, ...]:
        """Program ids behind names, families and `all`, sorted; with planned=False those that only the past knows too."""
        known = self.model.programs
        found: set[str] = set()
        for name in names:
            if name == "all":
                found |= set(known)
            elif name in known or (not planned and name in self.model.past_programs):
                found.add(name)
            else:
                found |= {p for p, family in self.model.family_of.items() if family == name}
        return tuple(sorted(found))

    # Groups -----------------------------------------------------------------------------------------------------------

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
        self._unmade[name] = lambda: self._make_groups(name, programs, by, condition)
        labels = plain.labels(self, by, programs) if where == "true" else None
        if labels is None:
            columns = ", ".join(f"k{i}" for i in range(len(by)))
            rows = self.rows(f"select {columns} from {self._made(name)} order by gid") if by else [()]
            labels = tuple(rows)
        self._groups[key] = Groups(name, labels, programs, tuple(by), where, self._made)
        return self._groups[key]

    def _made(self, relation: str) -> str:
        if relation in self._unmade:
            self._unmade.pop(relation)()
        return relation

    def _make_groups(self, relation: str, programs: Sequence[str], by: Sequence[str], condition: Expression) -> None:
        if not by:
            self.con.run(f"create table {relation} as select 0::bigint as gid")
            return
        refs = self.refs(condition, *by)
        keys = [self.names.look_up(column).label for column in by]
        dims = {d for r in refs for d in r.dims}
        named = ", ".join(f"{sql} as k{i}" for i, sql in enumerate(keys))
        known = " and ".join(f"k{i} is not null" for i in range(len(by)))
        distinct = (
            f"select distinct {named} from {self._candidates(programs, dims)} c {self.joins(refs)} "
            f"where {self.condition_sql(condition)}"
        )
        own = [i for i, column in enumerate(by) if column in self.model.groups]
        others = [i for i in range(len(by)) if i not in own]
        free = {"program", "period"} - {d for i in own for d in self.names.look_up(by[i]).dims}
        order = ", ".join(f"k{i}" for i in range(len(by)))
        if own and all(by[i] in free for i in others):
            ids = " cross join ".join(f"(select id as k{i} from {quoted('group:' + by[i])})" for i in own)
            rest = f" cross join (select distinct {', '.join(f'k{i}' for i in others)} from found)" if others else ""
            rest += self._can_have_units(condition, by)
            distinct = f"with found as ({distinct}) select * from found union select {order} from {ids}{rest}"
        self.con.run(
            f"create table {relation} as select row_number() over (order by {order}) - 1 as gid, * "
            f"from ({distinct}) where {known}"
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
            group = ref.source.removeprefix("group:")
            if not ref.source or ref.sql in keys:
                return keys.get(ref.sql, ref.sql)
            if ref.source.startswith("group:") and group in by:
                joins[group] = f" left join {quoted(ref.source)} on {quoted(ref.source)}.id = k{list(by).index(group)}"
                return ref.sql
            unknown = True
            return "null"

        sql = bind(condition, name, wide=self.names.wide)
        if unknown and not passes_null_on(condition):
            return ""
        return "".join(joins.values()) + f" where coalesce(cast({sql} as boolean), {'true' if unknown else 'false'})"

    def _grouped(self, base: str, columns: str, groups: Groups, measure: str) -> Relation:
        condition, value = parse(groups.where), parse(measure)
        refs = self.refs(condition, value, *groups.by)
        on = " and ".join(f"g.k{i} = {self.names.look_up(by).label}" for i, by in enumerate(groups.by)) or "true"
        frame = f"from {base} c {self.joins(refs)} join {groups.relation} g on {on}"
        scale = self.scale(value, refs)
        return Relation(
            f"(select g.gid, {columns}, {_scaled(self._sql(value), scale)} as value {frame} "
            f"where c.program in {self._program_list(groups.of)} and {self.condition_sql(condition)})",
            scale or 1,
        )

    def cells(self, groups: Groups, measure: str = "1", *, missing: bool = False) -> Relation:
        """(gid, unit, program, period, col, mark, lower, upper, value): the columns of the problem. Raises NotKnown."""
        columns = "c.unit, c.program, c.period, c.col, c.mark, c.lower, c.upper"
        return self._known(self._grouped(self.cells_table(), columns, groups, measure), "true" if missing else measure)

    def entries(self, groups: Groups, measure: str = "1", *, missing: bool = False) -> Entries:
        """The same as arrays, in order of the columns; without the entries whose measure is missing, if those may be."""
        assert self.vectors is not None
        try:
            found, known = self.vectors.entries(groups, measure)
        except (NoVector, Failed):  # several values a cell; or an expression that fails for other programs' cells
            found, known = self._entries_by_sql(groups, measure)
        if int(found.value.min(initial=0)) < -NO_LIMIT:  # the one number of 64 bits that has no opposite
            raise TooFine(measure)
        if known.all():
            return found
        if not missing:
            raise NotKnown(measure, self.vectors.name(int(found.col[np.argmin(known)])))
        return found.where(known)

    def _entries_by_sql(self, groups: Groups, measure: str) -> tuple[Entries, Flags]:
        relation = self._grouped(self.cells_table(), "c.col", groups, measure)
        with about(measure):
            table = self.con.arrays(f"select gid, col, value from {relation.sql} order by col, gid")
        value = np.ma.asarray(table["value"])
        assert self.vectors is not None
        gid, col = (np.asarray(table[name], dtype=np.int64) for name in ("gid", "col"))
        found = self.vectors.at(gid, col, np.ma.filled(value, 0).astype(np.int64), relation.scale)
        return found, ~np.ma.getmaskarray(value)

    def candidates(self, programs: Sequence[str]) -> Grid:
        """Every combination of a unit, one of these programs and a period, in this order."""
        program = np.array([self.axes["program"].index(p) for p in programs], dtype=np.int64)
        sizes = (len(self.axes["unit"]), len(program), len(self.axes["period"]))
        unit, own, period = (code.ravel() for code in np.indices(sizes, dtype=np.int64))
        return Grid(self, {"unit": unit, "program": program[own], "period": period})

    def set_cells(self, codes: Mapping[str, Ints], mark: Ints, lower: Ints, upper: Ints) -> None:
        """The columns of the problem, in their order: codes into `axes`, the mark's column, the bounds of the amounts."""
        self.vectors = Vectors(self, dict(codes), mark, lower, upper)
        self._cells_made = False

    def set_cell_bounds(self, lower: Ints, upper: Ints) -> None:
        """The same cells with tighter bounds."""
        assert self.vectors is not None
        self.vectors.lower, self.vectors.upper = lower, upper
        self._cells_made = False

    def cells_table(self) -> str:
        """The cells as a table (col, mark, unit, program, period, lower, upper), made when SQL first asks for it."""
        held = self.vectors
        assert held is not None
        if not self._cells_made:
            number = np.arange(len(held.mark), dtype=np.int64)
            self.create("_cells", col=number, mark=held.mark, **held.codes, lower=held.lower, upper=held.upper)
            names = ", ".join(f"{dim}s.{dim}" for dim in DIMS)
            joins = " ".join(f"join all_{dim}s {dim}s on {dim}s.place = c.{dim}" for dim in DIMS)
            self.con.run(
                f"create or replace table cells as select c.col, c.mark, {names}, c.lower, c.upper from _cells c {joins}"
            )
            self._cells_made = True
        return "cells"

    def history(self, program: str) -> list[tuple[str, int]]:
        """The unit and year of each award of a program before the plan."""
        past = self.model.past
        if past is None:
            return []
        rows = zip(*(past.columns[name].values for name in DIMS), strict=True)
        return [(unit, period) for unit, of, period in rows if of == program]

    def possible(self, groups: Groups, measure: str = "1") -> Relation:
        """(gid, unit, program, period, value): the eligible candidates and the signed awards, recounted without any problem."""
        if not self._eligible_made:
            self._eligible_made = True
            each = [
                f"select unit, program, period from {self.conditions(*programs)} where {holds}"
                for programs, holds in self.of_one_eligibility(self.model.programs)
            ]
            each.append("select unit, program, period from frozen")  # a signed award stands, eligible or not
            self.con.run("create table eligible as " + " union ".join(each))
        return self._grouped("eligible", "c.unit, c.program, c.period", groups, measure)

    def awards(self, groups: Groups, measure: str = "1", *, past: bool = False) -> Relation:
        """(gid, unit, program, period, amount, is_past, value): the awards made, and those of the past if asked."""
        base = "(select *, false as is_past from awards"
        base += " union all select *, true as is_past from past)" if past else ")"
        return self._grouped(base, "c.unit, c.program, c.period, c.amount, c.is_past", groups, measure)

    def past(self, groups: Groups, measure: str = "1") -> Relation:
        """The same, of the past alone. Raises NotKnown."""
        columns = "c.unit, c.program, c.period, c.amount, true as is_past"
        return self._known(self._grouped("past", columns, groups, measure), measure)

    def _known(self, relation: Relation, measure: str) -> Relation:
        """The relation, once it is sure that no figure of it is missing."""
        if parse(measure).columns:
            unknown = self.rows(
                f"select unit, program, period from {relation.sql} where value is null order by all limit 1"
            )
            if unknown:
                raise NotKnown(measure, unknown[0])
        return relation

    # Figures ----------------------------------------------------------------------------------------------------------

    def scale(self, expression: Expression, refs: Iterable[Ref] | None = None) -> int | None:
        """10 to the power of the expression's decimal places; None for a truth value. Raises BadExpression if not exact."""
        key = (expression.sql,)
        if key not in self._scales:
            joined = self.joins(refs if refs is not None else self.refs(expression), filled=False)
            base = "(select ''::varchar as unit, ''::varchar as program, 0::bigint as period)"
            with about(expression.sql):
                (kind,) = self.con.types(f"select {self._sql(expression)} as value from {base} c {joined}")
            self._scales[key] = _scale_of(kind, expression.sql)
        return self._scales[key]

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
        return self._figures(groups, expression, value, source, checks, missing=missing)

    def empty_cells(self, groups: Groups, g: int, expression: str, most: int) -> list[Empty]:
        """The empty cells that leave a bound unknown for a group: at most `most` of each column."""

        def frame(refs: Sequence[Ref]) -> str:
            own = {
                r.source: [f"{self.names.look_up(b).label} = g.k{i}"]
                for i, b in enumerate(groups.by)
                if (r := self.names.look_up(b)).many
            }
            return (
                f"{groups.relation} g join {self._members_of(groups)} c on c.gid = g.gid and g.gid = {g} "
                f"{self.joins(refs, own)}"
            )

        return self._empty(expression, frame, most, {"unit": "c.unit", "program": "c.program", "period": "c.period"})

    def empty_in_table(self, expression: str, most: int) -> list[Empty]:
        """The empty cells that leave a figure of a table's rows unknown."""
        (source,) = {r.source for r in self.refs(parse(expression)) if r.source} or {"units"}
        alias = quoted(source)
        keys = {name: f"{alias}.{quoted(name)}" for name in self.model.key_of(source)}
        return self._empty(expression, lambda _: self.table(source), most, keys)

    def empty_of_units(self, expression: str, where: str, most: int) -> list[Empty]:
        """The empty cells of the units that pass `where` which leave an indicator unknown."""
        condition = parse(where)

        def frame(refs: Sequence[Ref]) -> str:
            joined = self.joins([*refs, *self.refs(condition)])
            return f"(select * from {self._candidates((), ('unit',))} c) c {joined}"

        return self._empty(expression, frame, most, {"unit": "c.unit"}, self.condition_sql(condition))

    def _empty(
        self,
        expression: str,
        frame: Callable[[Sequence[Ref]], str],
        most: int,
        cell: Mapping[str, str],
        also: str = "true",
    ) -> list[Empty]:
        found: list[Empty] = []
        for part in parts(parse(expression)):
            argument, condition = parse(part.sql), parse(part.condition)
            if any(name not in self.names.found for name in (*argument.columns, *condition.columns)):
                continue
            refs = self.refs(argument, condition)
            for column in needed(argument) if argument.root["class"] != "COLUMN_REF" else argument.columns:
                ref = self.names.look_up(column)
                if ref.source in ("", "cell"):
                    continue
                own = [k for k in self.model.key_of(ref.source) if k not in DIMS]
                keys = {k: f"{quoted(ref.source)}.{quoted(k)}" for k in own} | dict(cell)
                there = self.there(column)
                wanted = [f"{self._sql(argument)} is null", f"{ref.sql} is null", self.condition_sql(condition), also]
                wanted += [f"{there} is not null"] if there else []
                rows = self.rows(
                    f"select distinct {', '.join(keys.values())} from {frame(refs)} where {' and '.join(wanted)} "
                    f"order by all limit {most}"
                )
                found += [Empty(ref.source, ref.column, dict(zip(keys, row, strict=True))) for row in rows]
        return found

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
            if not ref.source:
                return ref.sql
            kind, _, source = ref.source.partition(":")
            if kind == "group" and source in groups.by:
                alias = quoted("own:" + source)
                joins.append(f"left join {quoted(ref.source)} {alias} on {alias}.id = {by[source]}")
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
        own: dict[str, list[str]] = {}  # of a one-to-many table, only the rows of the group itself
        for column, key in by.items():
            ref = self.names.look_up(column)
            if ref.many:
                own.setdefault(ref.source, []).append(f"{ref.label} = {key}")
        members = (
            f"left join {self._members_of(groups)} c on c.gid = g.gid {self.joins(joined, own)}" if needs_units else ""
        )
        source = " ".join([f"from {groups.relation} g", *dict.fromkeys(joins), members])
        return body, checks, f"{source} group by g.gid{keys}"

    def there(self, column: str) -> str | None:
        """The SQL of a column that is NULL where a one-to-many table has no row; None for a column of another table."""
        ref = self.names.look_up(column)
        if not ref.many or not ref.source.startswith("table:"):
            return None
        key = next(k for k in self.model.policy.tables[ref.source.partition(":")[2]].key if k not in DIMS)
        return f"{quoted(ref.source)}.{quoted(key)}"

    def _members_of(self, groups: Groups) -> str:
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
            self.con.run(
                f"create table {relation} as select distinct g.gid, {columns} "
                f"from {self._candidates(groups.of, dims)} c {self.joins(refs)} join {groups.relation} g on {on} "
                f"where {self.condition_sql(condition)}"
            )
            self._members[key] = relation
        return self._members[key]

    def _figures(
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
            scale = _scale_of(self.con.types(f"select {value} as value {source}")[0], expression) or 1
            rows = self.con.arrays(
                f"select gid, {_scaled('value', scale)}, broken "
                f"from (select g.gid, {value} as value, {broken} as broken {source}) order by gid"
            )
        gid, found, two_values = (np.ma.asarray(column) for column in rows.values())
        if np.any(two_values):
            first = int(gid[np.argmax(two_values)])
            raise BadExpression("bound-two-values", checks[0][0], expected=_label(groups.labels[first]))
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
        return self._figures(within, expression, body, source)

    def fetch(self, sql: str) -> dict[str, Ints]:
        """The columns of a query as int64 arrays. Raises NotKnown for an empty figure."""
        found = self.con.arrays(sql)
        for name, values in found.items():
            if np.ma.isMaskedArray(values) and values.mask.any():
                raise NotKnown(name, ())
        return {name: np.asarray(values, dtype=np.int64) for name, values in found.items()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query as Python values. Raises Failed."""
        return self.con.rows(sql)

    # The policy's own words -------------------------------------------------------------------------------------------

    def rules_in_force(self) -> tuple[Rule, ...]:
        """The rules whose `applies` holds, sorted by id."""
        return tuple(r for r in self.model.rules if r.applies is None or bool(self.setting(r.applies)))

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

    def selections(self, of: Sequence[str]) -> tuple[str, ...]:
        """Those of the programs that decide a selection."""
        return tuple(p for p in self.programs(of) if self.model.programs[p].decides == "selection")

    def formerly(self, groups: Groups, file: str) -> Relation:
        """(gid, unit, program, period, amount, value): the awards of an allocation file, in their groups."""
        return self._grouped(self.former(file), "c.unit, c.program, c.period, c.amount", groups, "1")

    def former(self, file: str) -> str:
        """The relation (unit, program, period, amount) of an allocation file that a rule or an objective names."""
        return quoted(f"former:{file}")

    # Conditions, settings, indicators ---------------------------------------------------------------------------------

    def of_one_eligibility(self, programs: Iterable[str]) -> list[tuple[list[str], str]]:
        """The programs put together that have the same conditions, and the SQL that all of these hold."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for program in programs:
            conditions = tuple(e.condition for e in self.model.programs[program].eligible)
            alike.setdefault(conditions, []).append(program)
        return [
            (names, " and ".join(f"c{i}" for i in range(len(conditions))) or "true")
            for conditions, names in alike.items()
        ]

    def conditions(self, *programs: str) -> str:
        """(unit, program, period, c0, c1, ...): every candidate with each condition true, false or NULL (not known).

        Of one program, or of several that have the same conditions.
        """
        parsed = [parse(e.condition) for e in self.model.programs[programs[0]].eligible]
        refs = self.refs(*parsed)
        held = "".join(f", cast({self._sql(p)} as boolean) as c{i}" for i, p in enumerate(parsed))
        return (
            f"(select c.unit, c.program, c.period{held} from {self._candidates(programs, DIMS)} c {self.joins(refs)})"
        )

    def measure(self, program: str, expression: str) -> Relation:
        """(unit, program, period, value): a measure over every candidate of a program; NULL where it is not known.

        Where it cannot be worked out for some that are not eligible, over those that are.
        """
        parsed = parse(expression)
        refs = self.refs(parsed)
        scale = self.scale(parsed, refs)
        sql = (
            f"(select c.unit, c.program, c.period, {_scaled(self._sql(parsed), scale)} as value "
            f"from {self._candidates((program,), DIMS)} c {self.joins(refs)})"
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
        sources = sorted({r.source for r in refs if r.source}) or ["units"]
        if len(sources) > 1 or sources == ["cell"]:
            raise BadExpression("figure-of-tables", ", ".join(s.partition(":")[2] or s for s in sources))
        if not parsed.aggregates:
            raise BadExpression("figure-not-aggregate", expression)
        sql = f"select {self._sql(parsed)} from {self.table(sources[0])}"
        with about(expression):
            (kind,) = self.con.types(sql)
            ((value,),) = self.con.rows(sql)
        _scale_of(kind, expression)
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

    def units_where(self, where: str) -> int:
        """How many units pass a condition over their own columns."""
        condition = parse(where)
        frame = f"{self._candidates((), ('unit',))} c {self.joins(self.refs(condition))}"
        return int(self.rows(f"select count(*) from {frame} where {self.condition_sql(condition)}")[0][0])

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
                    f"{self._program_list(members)} group by unit) {alias} on {alias}.unit = c.unit"
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
        frame = f"from {self._candidates((), ('unit',))} c {self.joins(refs)} {' '.join(joins.values())}"
        selected = ", ".join([*keys, f"{body} as value"])
        sql = f"select {selected} {frame} where {self.condition_sql(condition)}"
        sql += f" group by {', '.join(keys)} order by {', '.join(keys)}" if keys else ""
        try:
            _scale_of(self.con.types(sql)[len(keys)], value)
            found = self.rows(sql)
        except Failed as failed:
            with about(where):
                self.units_where(where)
            raise Failed(failed.code, value, failed.found) from failed
        return [(row[:-1], None if row[-1] is None else Fraction(row[-1])) for row in found]


def _scale_of(kind: str, expression: str) -> int | None:
    """The scale of a column type; None for a truth value. Raises BadExpression for anything that is not an exact number."""
    if kind == "BOOLEAN":
        return None
    if kind in _WHOLE:
        return 1
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind)
    if decimal is None:
        raise BadExpression("expression-number", kind, expected=expression)
    if int(decimal[2]) > 18:
        raise TooFine(expression)
    return int(10 ** int(decimal[2]))


def _scaled(sql: str, scale: int | None) -> str:
    """A figure as a whole number: the declared one times `scale`."""
    if scale is None or scale == 1:
        return f"cast({sql} as bigint)"
    places = len(str(scale)) - 1
    return f"cast(cast({sql} as decimal(38, {places})) * {scale}::bigint as bigint)"


def _label(label: Sequence[Any]) -> str:
    return ", ".join(str(part) for part in label) or "-"
