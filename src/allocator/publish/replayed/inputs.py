"""Which lines of which files a question reads.

Lives here: the lines of allocation.csv behind a query, the cell behind a score, the columns behind a rule.
Not here: the answers (recount.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allocator.database import Database, Failed
from allocator.database.expression import parse
from allocator.explain import read_columns
from allocator.model.source import CELL, UNITS, Source
from allocator.read.stored import ALLOCATION
from allocator.runs.read import Run

# What is selected, up to the table of awards: with the keys in its place the query gives the awards themselves.
_OF_AWARDS = re.compile(r"select .+? from awards\b", re.DOTALL)


@dataclass(frozen=True)
class Read:
    """A file that is read: its lines, its column; none where all of it counts."""

    file: str
    lines: tuple[int, ...] = ()
    column: str = ""


class Inputs:
    """Of one run. tables: with its awards."""

    def __init__(self, run: Run, tables: Database) -> None:
        self.run, self.model, self.tables = run, run.model, tables

    @cached_property
    def _line(self) -> dict[tuple[str, str, int], int]:
        """Where each award stands in allocation.csv, whose first line is the head."""
        assert self.run.allocation is not None
        return {award[:3]: line for line, award in enumerate(self.run.allocation.awards, 2)}

    def of_sql(self, sql: str) -> Iterator[Read]:
        """The awards that a query counts, and the files of the tables that it names beside them."""
        keys, count = _OF_AWARDS.subn("select unit, program, period from awards", sql, count=1)
        if count:
            try:
                rows = self.tables.rows(keys)
            except Failed:
                rows = []
            yield Read(ALLOCATION, tuple(sorted(self._line[row] for row in rows if row in self._line)))
        sources = [UNITS, *(Source("table", name) for name in self.model.tables)]
        rest = sql[re.match(_OF_AWARDS, sql).end() :] if count and re.match(_OF_AWARDS, sql) else sql  # type: ignore[union-attr]
        for source in sources:
            if re.search(rf"from \"?{re.escape(source.relation)}\b", rest):
                yield from (Read(file) for file in self.model.table_of(source).files)

    def of_columns(self, columns: Iterable[read_columns.Read]) -> Iterator[Read]:
        """The awards, and the columns of tables that a declaration names."""
        yield Read(ALLOCATION)
        for source, column in sorted(columns):
            yield from (Read(file, column=column) for file in self.model.table_of(source).files)

    def of_measure(self, expression: str, keys: Mapping[str, Any]) -> Iterator[Read]:
        """The cells that a measure reads for one unit, program and year."""
        for name in parse(expression).columns:
            ref = self.tables.names.found.get(name)
            if ref is None or ref.source is None or ref.source == CELL:
                continue
            table = self.model.table_of(ref.source)
            rows = self._rows(ref.source, keys)
            if not rows or not len(table.places):
                yield from (Read(file, column=ref.column) for file in table.files)
            for row in rows if len(table.places) else ():
                file, line = table.places[row]
                yield Read(file, (line,), ref.column)

    def _rows(self, source: Source, keys: Mapping[str, Any]) -> list[int]:
        """The rows of a table that belong to a unit, a program and a year."""
        table, found = self.model.table_of(source), None
        for column in self.model.key_of(source):
            wanted = keys.get(column, self._of_unit(str(keys["unit"]), column))
            own = {row for row, value in enumerate(table.columns[column].values) if str(value) == str(wanted)}
            found = own if found is None else found & own
        return sorted(found or ())

    def _of_unit(self, unit: str, column: str) -> Any:
        """What a unit has in a column of its own table, by which other tables are joined to it."""
        units = self.model.units.columns
        if column == "id":  # of a group: a unit lies in the one that its column names; told as the whole file
            return None
        row = units["unit"].values.index(unit)
        return units[column].values[row] if column in units else None
