"""Expressions as arrays over all cells: each is evaluated once, however many rules read it.

Lives here: the cells as arrays, the value of an expression for every cell, the group of every cell.
Not here: which cells exist (problem/cells.py), the SQL of an expression (frames.py).

An expression that reads the units alone is evaluated for each unit and spread over its cells; so for programs and periods,
and so for the rows of one table: no join. Columns of one-to-many tables are no vectors: a cell has several values there.
Those stay with SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

import numpy as np
from numpy import ma
from numpy.typing import NDArray

from allocator.database import plain
from allocator.database.expression import parse
from allocator.database.groups import Grouped
from allocator.database.names import Ref
from allocator.model.query import CellArrays, Entries, Flags, Groups, Ints

AXES = {"unit": "all_units", "program": "all_programs", "period": "all_periods"}


MOST_CODES = 4_000_000  # combinations of grouping values up to which a table of them is looked up


class NoVector(Exception):
    """What needs a join over all cells: a column of a one-to-many table (several values a cell), or columns of two tables."""


class Combinations:
    """Units, programs and periods in combination; codes are places in `units`, `programs`, `periods`."""

    def __init__(self, db: Grouped, codes: dict[str, Ints]) -> None:
        self.db, self.codes = db, codes
        self.size = len(codes["unit"])
        self._holds: dict[str, Flags] = {}
        self._values: dict[str, tuple[Ints, Flags]] = {}

    def holds(self, expression: str) -> Flags:
        """Where a condition holds; not where it is not known. Raises NoVector, Failed."""
        if expression not in self._holds:
            parsed = parse(expression)
            value, known = self._evaluated(self.db.condition_sql(parsed), self.db.refs(parsed))
            self._holds[expression] = value.astype(np.bool_) & known
        return self._holds[expression]

    def measure(self, expression: str) -> tuple[Ints, Flags]:
        """A measure as whole numbers, the declared one times its scale, and where it is known. Raises NoVector, Failed."""
        if expression not in self._values:
            parsed = parse(expression)
            if (found := plain.measure(self.db, parsed, self.codes)) is not None:
                self._values[expression] = found, np.ones(self.size, np.bool_)
                return self._values[expression]
            value, known = self._evaluated(f"cast({self.db.scaled_sql(parsed)} as bigint)", self.db.refs(parsed))
            self._values[expression] = value.astype(np.int64, copy=False), known
        return self._values[expression]

    def _evaluated(self, sql: str, refs: Sequence[Ref]) -> tuple[NDArray[Any], Flags]:
        """The values (numbers, truth values) for all, and where there is one."""
        place, value, known = self._spread(sql, refs, self._asked)
        return value[place], np.ones(self.size, np.bool_) if known.all() else known[place]

    def _asked(self, select: str) -> tuple[NDArray[Any], Flags]:
        value = ma.asarray(self.db.con.arrays(select)["value"])
        return ma.filled(value, 0), ~ma.getmaskarray(value)

    def _spread(
        self, sql: str, refs: Sequence[Ref], ask: Callable[[str], tuple[NDArray[Any], Flags]]
    ) -> tuple[NDArray[np.integer] | slice, NDArray[Any], Flags]:
        """`ask` answers a select of values in order of their places; with it, the place of every combination."""
        if any(ref.many for ref in refs):
            raise NoVector
        dims = {d for ref in refs for d in ref.dims}
        if not dims:
            return np.zeros(self.size, np.int64), *ask(f"select {sql} as value")
        if len(dims) == 1:
            (dim,) = dims
            joins = self.db.joins(refs)
            return self.codes[dim], *ask(f"select {sql} as value from {AXES[dim]} c {joins} order by c.place")
        row = self.db.row_of({ref.source for ref in refs if ref.source}, self.codes)
        if row is None:
            return slice(None), *ask(self._joined(sql, refs))
        answers = [ask(f"select {sql} as value from {source}") for source in self.db.by_row(refs)]
        value, known = (np.concatenate(parts) for parts in zip(*answers, strict=True))
        return row, value, known

    def _joined(self, sql: str, refs: Sequence[Ref]) -> str:
        """A select of the values over all combinations in their order."""
        raise NoVector


class Vectors(Combinations):
    """The cells of a problem as arrays in the order of their columns."""

    def __init__(
        self, db: Grouped, codes: dict[str, Ints], mark: Ints, lower: Ints, upper: Ints, relation: Callable[[], str]
    ) -> None:
        """`relation` gives the same cells as a relation of SQL, in which `col` is their number."""
        super().__init__(db, codes)
        self._relation = relation
        self.mark, self.lower, self.upper = mark, lower, upper
        self.own = (lower, upper)  # the bounds that eligibility and quota give, before any row tightens them
        self.period = np.array(db.axes["period"], dtype=np.int64)[codes["period"]]
        self._keys: dict[str, tuple[Ints, dict[Any, int]]] = {}
        self._group_of: dict[tuple[str, tuple[str, ...]], Ints] = {}
        self._cells_of: dict[tuple[str, ...], Ints] = {}

    def entries(self, groups: Groups, measure: str) -> tuple[Entries, Flags]:
        """The cells in their groups, ascending, with the measure; and where that is known. Raises NoVector, Failed."""
        scale = self.db.scale(parse(measure)) or 1
        cells = self._of(groups.of)
        if groups.where != "true":
            cells = cells[self.holds(groups.where)[cells]]
        gid = np.zeros(len(cells), np.int64)
        if groups.by:
            gid = self._groups(groups)[cells]
            cells, gid = cells[gid >= 0], gid[gid >= 0]
        value, known = self.measure(measure)
        return self.at(gid, cells, value[cells], scale), known[cells]

    def at(self, gid: Ints, cells: Ints, value: Ints, scale: int) -> Entries:
        """Entries of some cells with all that is known of these."""
        return Entries(gid, cells, value, scale, self.arrays)

    @property
    def arrays(self) -> CellArrays:
        return CellArrays(self.mark, self.codes["unit"], self.period, self.lower, self.upper)

    def name(self, cell: int) -> tuple[str, str, int]:
        """The unit, program and period of a cell."""
        unit, program = (self.db.axes[dim][self.codes[dim][cell]] for dim in ("unit", "program"))
        return unit, program, int(self.period[cell])

    def names(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """The unit and the program of every cell."""
        unit, program = (np.array(self.db.axes[d], dtype=object)[self.codes[d]] for d in ("unit", "program"))
        return unit, program

    def _of(self, programs: tuple[str, ...]) -> Ints:
        """The cells of some programs, ascending."""
        if programs not in self._cells_of:
            wanted = np.isin(np.array(self.db.axes["program"], dtype=object), np.array(programs, dtype=object))
            self._cells_of[programs] = np.flatnonzero(wanted[self.codes["program"]])
        return self._cells_of[programs]

    def _key(self, column: str) -> tuple[Ints, dict[Any, int]]:
        """The code of a grouping column for every cell (-1: none), and the code of each value."""
        if column not in self._keys and (found := plain.codes(self.db, column, self.codes)) is not None:
            self._keys[column] = found
        if column not in self._keys:
            codes: dict[Any, int] = {}

            def coded(select: str) -> tuple[Ints, Flags]:
                values = [row[0] for row in self.db.rows(select)]
                code = np.array([-1 if v is None else codes.setdefault(v, len(codes)) for v in values], np.int64)
                return code, code >= 0

            refs = self.db.refs(column)
            place, value, _ = self._spread(refs[0].label, refs, coded)
            self._keys[column] = value[place], codes
        return self._keys[column]

    def _joined(self, sql: str, refs: Sequence[Ref]) -> str:
        return f"select {sql} as value from {self._relation()} c {self.db.joins(refs)} order by c.col"

    def _groups(self, groups: Groups) -> Ints:
        """The group of every cell; -1 where it is in none."""
        key = (groups.name, groups.by)
        if key not in self._group_of:
            code, of_label = np.zeros(len(self.mark), np.int64), np.zeros(len(groups), np.int64)
            lost = np.zeros(len(self.mark), np.bool_)
            combinations = 1
            for i, column in enumerate(groups.by):
                own, codes = self._key(column)
                size = max(codes.values(), default=-1) + 2  # the last code: a value that no cell has
                combinations *= size
                code = code * size + np.maximum(own, 0)
                lost |= own < 0
                values = map(itemgetter(i), groups.labels)
                of_label = of_label * size + np.fromiter(
                    map(codes.get, values, repeat(size - 1)), np.int64, len(groups)
                )
            self._group_of[key] = np.where(lost, -1, _looked_up(of_label, code, combinations))
        return self._group_of[key]


def _looked_up(labels: Ints, code: Ints, combinations: int) -> Ints:
    """The place of each code among the labels; -1 where there is none. Both are below `combinations`."""
    if combinations <= MOST_CODES:
        place = np.full(combinations, -1, np.int64)
        place[labels] = np.arange(len(labels))
        return place[code]
    if not len(labels):
        return np.full(len(code), -1, np.int64)
    order = np.argsort(labels, kind="stable")
    found = order[np.minimum(np.searchsorted(labels, code, sorter=order), len(order) - 1)]
    return np.where(labels[found] == code, found, -1)
