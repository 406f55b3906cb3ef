"""Tables of a model: columns of Python values, with the place of each row.

Lives here: `Column`, `DataTable`, the places of rows, a table as a frame.
Not here: reading files (read/), how a column is read (load/readings.py), the model (model.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from allocator.faults import Place

if TYPE_CHECKING:
    import pandas as pd

ColumnKind = Literal["text", "whole", "decimal", "yes_no", "date"]


@dataclass(frozen=True)
class Column:
    """One column as it is read: Python values (str, int, Decimal, bool, date), None for an empty cell.

    Decimals have `digits` places. `texts`: the cells as they are written, where groups are formed by a column of numbers,
    dates or truth values: `1.1` and `1.10` are one number and two groups.
    """

    kind: ColumnKind
    values: tuple[Any, ...]
    digits: int = 0
    texts: tuple[str | None, ...] | None = None

    @property
    def labels(self) -> tuple[Any, ...]:
        """What groups are formed by, and what is compared with an id."""
        return self.values if self.texts is None else self.texts

    @classmethod
    def of(cls, kind: ColumnKind, coded: Coded) -> Column:
        """A column whose distinct values are known already."""
        column = cls(kind, tuple(coded.values()))
        vars(column)["coded"] = coded
        return column

    @cached_property
    def array(self) -> NDArray[Any]:
        """The values as an array: int64 for whole numbers of which none is empty, else objects, decimals as text."""
        if self.kind == "text":
            return np.array(self.values, dtype=object)
        if self.kind == "whole" and None not in self.values:
            return np.array(self.values, dtype=np.int64)
        return np.array([None if value is None else str(value) for value in self.values], dtype=object)

    @cached_property
    def coded(self) -> Coded:
        """The distinct values, and which of them each row has: keys of long tables are few."""
        return Coded.of(self.values)


@dataclass(frozen=True)
class Coded:
    """The distinct values of a column as they first appear; `code[row]` is the place of the row's value among them."""

    distinct: tuple[Any, ...]
    code: NDArray[np.int32]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Coded:
        number = {value: i for i, value in enumerate(dict.fromkeys(values))}
        return cls(tuple(number), np.fromiter(map(number.__getitem__, values), np.int32, len(values)))

    def values(self) -> Iterator[Any]:
        """The value of each row."""
        return map(self.distinct.__getitem__, self.code.tolist())


@dataclass(frozen=True)
class Places(Sequence[tuple[str, int]]):
    """(file, line) of each row of a table: the rows of its files one after another, or those `rows` of them."""

    parts: tuple[tuple[str, Sequence[int]], ...] = ()
    rows: Sequence[int] | None = None

    def __len__(self) -> int:
        return sum(len(lines) for _, lines in self.parts) if self.rows is None else len(self.rows)

    def __getitem__(self, row: Any) -> Any:
        place = row if self.rows is None else self.rows[row]
        for file, lines in self.parts:
            if place < len(lines):
                return file, lines[place]
            place -= len(lines)
        raise IndexError(row)


@dataclass(frozen=True)
class DataTable:
    """A table of the model, typed and checked. `columns` in the order of the file; `file` and `lines` are for messages."""

    columns: Mapping[str, Column]
    files: tuple[str, ...] = ()
    places: Places = Places()  # empty for tables made in memory

    def place(self, row: int, column: str) -> Place:
        """Where a cell stands in its file."""
        file, line = self.places[row]
        return Place(file, row=line, field=column)

    @property
    def height(self) -> int:
        return len(next(iter(self.columns.values())).values) if self.columns else 0

    def frame(self) -> pd.DataFrame:
        """A pandas table: keys and codes are text, decimals exact, an empty cell None."""
        import pandas as pd

        return pd.DataFrame({name: pd.Series(list(c.values), dtype=object) for name, c in self.columns.items()})

    def __repr__(self) -> str:
        return f"<table: {self.height} rows; {', '.join(self.columns)}>"
