"""The rows of a model's tables by their keys: where the cell stands that a fault is about.

Lives here: the row of a key, the place of a cell.
Not here: which cells are at fault (missing_figures.py, references.py), the SQL that finds them (database/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocator.database import Empty
from allocator.faults import Place
from allocator.model.model import Model
from allocator.model.source import Source


class RowFinder:
    """Looks up rows; the keys of a table are numbered when it is first asked for."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._by_key: dict[Source, dict[tuple[Any, ...], int]] = {}

    def row(self, source: Source, cell: Mapping[str, Any]) -> int | None:
        """The row whose key is what a cell says; None where there is none, or the cell does not say it all."""
        key = self.model.key_of(source)
        if any(k not in cell for k in key):
            return None
        if source not in self._by_key:
            columns = [self.model.table_of(source).columns[k].values for k in key]
            self._by_key[source] = {row: i for i, row in enumerate(zip(*columns, strict=True))}
        return self._by_key[source].get(tuple(cell[k] for k in key))

    def place(self, source: Source, column: str, cell: Mapping[str, Any], *, empty: bool = False) -> Place | None:
        """Where the cell of a column stands in its file; `empty`: only if nothing is in it."""
        table, row = self.model.table_of(source), self.row(source, cell)
        if row is None or not table.places or (empty and table.columns[column].values[row] is not None):
            return None
        return table.place(row, column)

    def place_of(self, empty: Empty) -> Place | None:
        """Where an empty cell stands; None where its whole row is lacking."""
        return self.place(empty.source, empty.column, empty.key)
