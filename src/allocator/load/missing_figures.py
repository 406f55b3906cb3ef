"""Which cell of a table is to blame for a figure that is not known, and what is told of it: each cell once.

Lives here: empty cells behind a bound or a measure, rows that a table lacks, rows left out for faults of their own.
Not here: which figures are asked for (evaluation.py, bounds.py), the SQL that finds what is empty (database/missing.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allocator.database import Database, Empty
from allocator.database.expression import needed, parse
from allocator.database.missing import empty_cells
from allocator.faults import Fault, Place
from allocator.load.bad_expressions import label_text, short
from allocator.load.row_checks import Data
from allocator.load.rows import RowFinder
from allocator.load.shaped import Shaped
from allocator.model.model import DIMS, Model
from allocator.model.query import Groups, Label
from allocator.model.source import CELL
from allocator.read.fault_collector import FirstFaults, most_faults
from allocator.read.places import KeyPath


def most_rows() -> int:
    """How many rows are looked at: one more than is told."""
    return most_faults() + 1


class Blame:
    """`empty`: the empty cells that are told already."""

    def __init__(self, shaped: Shaped, model: Model, data: Data, db: Database, few: FirstFaults) -> None:
        self.shaped, self.model, self.data, self.db, self.few = shaped, model, data, db, few
        self.empty: set[Place] = set(data.spoiled)
        self.no_row: set[tuple[str, str]] = set()
        self.rows = RowFinder(model)

    def of_group(self, path: KeyPath, sql: str, groups: Groups, g: int) -> bool:
        """Whether there are empty cells that leave a bound unknown for a group; tells those that are not told yet."""
        return self._tell_cells(path, sql, empty_cells(self.db, groups, g, sql, most_rows()))

    def _tell_cells(self, path: KeyPath, sql: str, empties: Sequence[Empty]) -> bool:
        """Whether cells are to blame for what is not known. Of a row that is not there, the table is."""
        blamed = False
        for empty in empties:
            key = ", ".join(str(value) for value in empty.key.values() if value is not None)
            place = self.rows.place_of(empty)
            params = {"expression": short(sql), "label": key, "needed": self.shaped.place(*path)}
            if place is not None:
                blamed = True
                if place not in self.empty:
                    self.empty.add(place)
                    self.few.add(Fault("figure-empty-cell", place, params))
            elif empty.source.kind == "table":
                blamed = True
                file = self.model.table_of(empty.source).files[0]
                if (file, key) not in self.no_row and file not in self.data.partial:
                    self.no_row.add((file, key))
                    self.few.add(Fault("figure-no-row", Place(file, field=empty.column), params))
        return blamed

    def of_cell(self, path: KeyPath, sql: str, label: Label) -> bool:
        """Whether an empty cell of a table is to blame for a measure that is not known for a cell of the plan; tells it."""
        place = self.find(sql, dict(zip(DIMS, label, strict=True)))
        if place is not None and place not in self.empty:  # one empty cell is missed by many cells of the plan
            self.empty.add(place)
            params = {"expression": short(sql), "label": label_text(label), "needed": self.shaped.place(*path)}
            self.few.add(Fault("figure-empty", place, params))
        return place is not None

    def find(self, sql: str, cell: Mapping[str, Any]) -> Place | None:
        """The empty cell of a table that leaves an expression unknown for a candidate; None where a row is lacking."""
        for column in needed(parse(sql)):
            ref = self.db.names.look_up(column)
            if ref.source is not None and ref.source.kind in ("units", "table", "family") and not ref.many:
                place = self.rows.place(ref.source, ref.column, cell, empty=True)
                if place is not None:
                    return place
        return None

    def rows_left_out(self, sql: str) -> bool:
        """Whether rows are left out of a table that an expression reads, since they have faults of their own."""
        return any(not self.data.partial.isdisjoint(self._files(column)) for column in parse(sql).columns)

    def _files(self, column: str) -> tuple[str, ...]:
        source = self.db.names.look_up(column).source
        return self.model.table_of(source).files if source is not None and source != CELL else ()
