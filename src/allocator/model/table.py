"""Tables of a model: columns of Python values, with the place of each row.

Lives here: `Column`, `DataTable`, the places of rows, a table as a frame.
Not here: reading files (read/), how a column is read (load/readings.py), the model (model.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    def of(cls, kind: ColumnKind, coded: Coded, digits: int = 0, texts: tuple[str | None, ...] | None = None) -> Column:
        """A column whose distinct values are known already; `values` are made where somebody asks for them."""
        column = cls(kind, (), digits, texts)
        del vars(column)["values"]
        vars(column)["coded"] = coded
        return column

    def __getattr__(self, name: str) -> Any:
        if name != "values" or "coded" not in vars(self):
            raise AttributeError(name)
        made = vars(self)["values"] = tuple(self.coded)
        return made

    @cached_property
    def array(self) -> NDArray[Any]:
        """The values as an array: int64 for whole numbers of which none is empty, else objects, decimals as text."""
        coded = vars(self).get("coded")
        values, rows = (self.values, slice(None)) if coded is None else (coded.distinct, coded.code)
        if self.kind == "whole" and None not in values:
            return np.array(values, dtype=np.int64)[rows]
        texts = values if self.kind == "text" else [None if value is None else str(value) for value in values]
        return np.array(texts, dtype=object)[rows]

    @cached_property
    def coded(self) -> Coded:
        """The distinct values, and which of them each row has: keys of long tables are few."""
        return Coded.of(self.values)


@dataclass(frozen=True, eq=False)
class Coded(Sequence[Any]):
    """The value of each row, as the distinct ones in the order in which they first appear, and each row's place among them."""

    distinct: tuple[Any, ...]
    code: NDArray[np.int32]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Coded:
        if isinstance(values, Coded):
            return values
        number = {value: i for i, value in enumerate(dict.fromkeys(values))}
        return cls(tuple(number), np.fromiter(map(number.__getitem__, values), np.int32, len(values)))

    def mapped(self, values: Sequence[Any]) -> Coded:
        """The same rows with these in place of the distinct values; those that are then equal are one."""
        known = Coded.of(values)
        return Coded(known.distinct, known.code[self.code])

    def __len__(self) -> int:
        return len(self.code)

    def __iter__(self) -> Iterator[Any]:
        return map(self.distinct.__getitem__, self.code.tolist())

    def __getitem__(self, row: Any) -> Any:
        return self.distinct[self.code[row]]

    def __contains__(self, value: object) -> bool:
        return value in self.distinct

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def distinct(values: Sequence[Any]) -> Collection[Any]:
    """The different values of a column, in the order in which they first appear."""
    return values.distinct if isinstance(values, Coded) else dict.fromkeys(values)


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
