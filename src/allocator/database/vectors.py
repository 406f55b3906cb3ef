"""Expressions as arrays over all cells: each is evaluated once, however many rules read it.

Lives here: the cells as arrays, the value of an expression for every cell, the group of every cell.
Not here: which cells exist (problem/cells.py), the SQL of an expression (tables.py).

An expression that reads the units alone is evaluated for each unit and spread over its cells; so for programs and periods.
Columns of one-to-many tables are no vectors: a cell has several values there. Those stay with SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allocator.database.expression import parse
from allocator.database.names import Ref
from allocator.model.query import CellArrays, Entries, Flags, Groups, Ints

if TYPE_CHECKING:
    from allocator.database.tables import Database

AXES = {"unit": "all_units", "program": "all_programs", "period": "all_periods"}


class NoVector(Exception):
    """A column of a one-to-many table: its values are not one a cell."""


class Vectors:
    """The cells of a problem as arrays in the order of their columns; codes are places in `units`, `programs`, `periods`."""

    def __init__(self, db: Database, codes: dict[str, Ints], mark: Ints, lower: Ints, upper: Ints) -> None:
        self.db = db
        self.codes, self.mark, self.lower, self.upper = codes, mark, lower, upper
        self.own = (lower, upper)  # the bounds that eligibility and quota give, before any row tightens them
        self.period = np.array(db.axes["period"], dtype=np.int64)[codes["period"]]
        self._values: dict[str, tuple[Ints, Flags]] = {}
        self._holds: dict[str, Flags] = {}
        self._keys: dict[str, tuple[Ints, dict[Any, int]]] = {}
        self._group_of: dict[tuple[str, tuple[str, ...]], Ints] = {}
        self._cells_of: dict[tuple[str, ...], Ints] = {}

    def entries(self, groups: Groups, measure: str) -> tuple[Entries, Flags]:
        """The cells in their groups, ascending, with the measure; and where that is known. Raises NoVector, duckdb.Error."""
        scale = self.db.scale(parse(measure)) or 1
        cells = self._of(groups.of)
        if groups.where != "true":
            cells = cells[self._condition(groups.where)[cells]]
        gid = np.zeros(len(cells), np.int64)
        if groups.by:
            gid = self._groups(groups)[cells]
            cells, gid = cells[gid >= 0], gid[gid >= 0]
        value, known = self._measure(measure)
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

    def _measure(self, expression: str) -> tuple[Ints, Flags]:
        if expression not in self._values:
            parsed = parse(expression)
            sql, refs = self.db.scaled_sql(parsed), self.db.refs(parsed)
            found = self._evaluated(f"cast({sql} as bigint)", refs)
            value = np.ma.asarray(found)
            self._values[expression] = np.ma.filled(value, 0).astype(np.int64), ~np.ma.getmaskarray(value)
        return self._values[expression]

    def _condition(self, expression: str) -> Flags:
        if expression not in self._holds:
            parsed = parse(expression)
            found = self._evaluated(self.db.condition_sql(parsed), self.db.refs(parsed))
            self._holds[expression] = np.ma.filled(np.ma.asarray(found), False).astype(np.bool_)
        return self._holds[expression]

    def _evaluated(self, sql: str, refs: Sequence[Ref]) -> Any:
        """The values (numbers, truth values; masked where NULL) for all cells."""
        return self._spread(sql, refs, lambda select: self.db.con.execute(select).fetchnumpy()["value"])

    def _key(self, column: str) -> tuple[Ints, dict[Any, int]]:
        """The code of a grouping column for every cell (-1: none), and the code of each value."""
        if column not in self._keys:
            codes: dict[Any, int] = {}

            def coded(select: str) -> Ints:
                values = [row[-1] for row in self.db.con.execute(select).fetchall()]
                return np.array([-1 if v is None else codes.setdefault(v, len(codes)) for v in values], np.int64)

            refs = self.db.refs(column)
            self._keys[column] = self._spread(refs[0].sql, refs, coded), codes
        return self._keys[column]

    def _spread(self, sql: str, refs: Sequence[Ref], ask: Any) -> Any:
        """`ask` answers a select of (place, value) with the values in order of the places: of the cells, or of the few
        units, programs or periods that the expression depends on."""
        if any(ref.many for ref in refs):
            raise NoVector
        dims = {d for ref in refs for d in ref.dims}
        joins = self.db.joins(refs)
        if not dims:
            return ask(f"select 0 as place, {sql} as value")[np.zeros(len(self.mark), np.int64)]
        if len(dims) == 1:
            (dim,) = dims
            return ask(f"select c.place, {sql} as value from {AXES[dim]} c {joins} order by c.place")[self.codes[dim]]
        return ask(f"select c.col, {sql} as value from {self.db.cells_table()} c {joins} order by c.col")

    def _groups(self, groups: Groups) -> Ints:
        """The group of every cell; -1 where it is in none."""
        key = (groups.relation, groups.by)
        if key not in self._group_of:
            code, of_label = np.zeros(len(self.mark), np.int64), np.zeros(len(groups), np.int64)
            lost = np.zeros(len(self.mark), np.bool_)
            for i, column in enumerate(groups.by):
                own, codes = self._key(column)
                size = len(codes) + 1  # a value that no cell has: the last code
                code = code * size + np.maximum(own, 0)
                lost |= own < 0
                of_label = of_label * size + np.array(
                    [codes.get(label[i], size - 1) for label in groups.labels], np.int64
                )
            order = np.argsort(of_label, kind="stable")
            place = np.searchsorted(of_label, code, sorter=order)
            gid = order[np.minimum(place, max(len(order) - 1, 0))] if len(order) else np.full(len(code), -1)
            known = ~lost & (of_label[gid] == code) if len(order) else lost & False
            self._group_of[key] = np.where(known, gid, -1)
        return self._group_of[key]
