"""The tables of a model, and the awards of one allocation, loaded into a database; their rows by their keys.

Lives here: `Loaded`: loading, the axes (units, programs, periods), the place of a key, plain questions.
Not here: joins (frames.py), groups (groups.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from allocator.database.connection import MOST_GIVEN, Connection, Filled, read_from
from allocator.database.names import ColumnNames, Ref, quoted, sql_type, written_name
from allocator.model.allocation import Allocation
from allocator.model.model import DIMS, Model
from allocator.model.query import Flags, Ints, NotKnown
from allocator.model.source import EARLIER, FROZEN, PAST, UNITS, Source
from allocator.model.table import Coded, DataTable

MOST_PLACES = 50_000_000  # combinations of units, programs and periods up to which the row of each is kept


class Loaded:
    """The tables of a model in a database of its own.

    axes: the units, programs and periods, each in order; codes are places in these.
    """

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        self.model = model
        self.names = ColumnNames(model)
        self.allocation = allocation or Allocation(())
        self._shared = Connection(rows=_rows(model))
        self._load(UNITS, model.units)
        for name, table in model.groups.items():
            self._load(Source("group", name), table)
        waiting = {Source("table", name): table for name, table in model.tables.items()}
        self._waiting = {EARLIER: model.earlier, **waiting}  # until a question joins them
        for source, table in self._waiting.items():
            columns = [f"{quoted(name)} {sql_type(column)}" for name, column in table.columns.items()]
            columns += [f"{quoted(written_name(n))} varchar" for n, c in table.columns.items() if c.texts is not None]
            self.con.make(quoted(source.relation), f"({', '.join(columns)})")
        self._row_of: dict[Source, NDArray[np.integer]] = {}
        for name, table in model.families.items():
            self._load(Source("family", name), table)
        for awards, held in ((PAST, model.past), (FROZEN, model.frozen)):
            if held is not None:
                self._load(awards, held)
            else:
                self._empty_awards(awards.relation)
        for file, held in model.allocations.items():
            self._load(Source("former", file), held)
        self.axes: dict[str, list[Any]] = {
            "unit": sorted(model.units.columns["unit"].values),
            "program": [*model.programs, *model.past_programs],
            "period": sorted(model.policy.periods),
        }
        for dim, values in self.axes.items():
            self.create(f"all_{dim}s", **{dim: values}, place=np.arange(len(values), dtype=np.int64))

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
        self.con.fill(quoted(table), [Filled(quoted(name), array) for name, array in arrays.items()])

    def with_awards(self, allocation: Allocation) -> Self:
        """The same tables with other awards; this one keeps its own."""
        view = copy(self)
        view.allocation = allocation
        return view

    @property
    def con(self) -> Connection:
        """The connection, whose table `awards` has the awards of this view."""
        if self._shared.awards is not self.allocation:
            self._shared.awards = self.allocation
            self._load_awards()
        return self._shared

    def _load_awards(self) -> None:
        if not self.allocation.awards:
            self._empty_awards("awards")
            return
        unit, program, period, amount = zip(*self.allocation.awards, strict=True)
        self.create("awards", unit=unit, program=program, period=period, amount=amount)

    def _empty_awards(self, table: str) -> None:
        self.con.make(table, "(unit varchar, program varchar, period bigint, amount bigint)")

    def _load(self, source: Source, data: DataTable) -> None:
        self.con.fill(quoted(source.relation), _columns(data, data.columns))

    def table(self, source: Source) -> str:
        """The relation of a source, with its rows."""
        self._fill([source])
        return quoted(source.relation)

    def _fill(self, sources: Iterable[Source]) -> None:
        """Put the rows into tables that so far have their columns only."""
        for source in set(sources) & set(self._waiting):
            self._load(source, self._waiting.pop(source))

    def row_of(self, sources: Collection[Source], codes: Mapping[str, Ints]) -> NDArray[np.integer] | None:
        """Of every combination its row in a table with one row a key; the table's height where it has none.

        None where the sources are more than one table, or its key is not of units, programs and periods alone.
        """
        if len(sources) != 1:
            return None
        (source,) = sources
        if source.kind != "table" or not set(key := self.model.key_of(source)) <= set(DIMS):
            return None
        size = prod(len(self.axes[dim]) for dim in key)
        if size > MOST_PLACES:
            return None
        if source not in self._row_of:
            data = self.model.table_of(source)
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
        alias = quoted(source.relation)
        data = self._waiting.get(source)
        if data is not None and data.height > MOST_GIVEN:
            arrays, rows = read_from(_columns(data, [c for c in data.columns if c in wanted]))
            with self.con.holding("_new", arrays):
                yield f"({rows}) as {alias}"
        else:
            yield self.table(source)
        yield f"(select 1) left join {alias} on false"

    @cached_property
    def unit_rows(self) -> Ints:
        """The row of each unit, in the order of the axis, in the table of the units."""
        values = self.model.units.columns["unit"].values
        return np.array(sorted(range(len(values)), key=values.__getitem__), dtype=np.int64)

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

    def selections(self, of: Sequence[str]) -> tuple[str, ...]:
        """Those of the programs that decide a selection."""
        return tuple(p for p in self.programs(of) if self.model.programs[p].decides == "selection")

    def history(self, program: str) -> list[tuple[str, int]]:
        """The unit and year of each award of a program before the plan."""
        past = self.model.past
        if past is None:
            return []
        rows = zip(*(past.columns[name].values for name in DIMS), strict=True)
        return [(unit, period) for unit, of, period in rows if of == program]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query as Python values. Raises Failed."""
        return self.con.rows(sql)

    def fetch(self, sql: str) -> dict[str, Ints]:
        """The columns of a query as int64 arrays. Raises NotKnown for an empty figure."""
        found = self.con.arrays(sql)
        for name, values in found.items():
            if np.ma.isMaskedArray(values) and values.mask.any():
                raise NotKnown(name, ())
        return {name: np.asarray(values, dtype=np.int64) for name, values in found.items()}


def _rows(model: Model) -> int:
    """How many rows a statement can meet: every combination of units, programs and periods, and those of all tables."""
    tables = [*model.groups.values(), *model.tables.values(), *model.families.values(), *model.allocations.values()]
    tables += [held for held in (model.past, model.frozen) if held is not None]
    cells = model.units.height * (len(model.programs) + len(model.past_programs)) * len(model.policy.periods)
    return cells + sum(table.height for table in tables)


def _columns(data: DataTable, names: Iterable[str]) -> list[Filled]:
    """Some columns of a table, then the cells of those that have them as they are written."""
    columns = [(name, data.columns[name]) for name in names]
    found = [Filled(quoted(name), column.array, sql_type(column)) for name, column in columns]
    written = [(name, column.texts) for name, column in columns if column.texts is not None]
    return found + [
        Filled(quoted(written_name(name)), np.array(texts, dtype=object), "varchar") for name, texts in written
    ]
