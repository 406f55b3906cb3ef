"""What is handed over of a run, as plain tables in one language: every form (workbook, Word, PDF, page) is made of these.

Lives here: the tables as values, and their addresses.
Not here: what each table holds (tables.py, lists.py; all: made.py), what was found out about the run before (found.py), how a
figure is asked again (question.py), the forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from allocator.explain.names import Names
from allocator.publish.question import Question

Value = str | int | Fraction | None
CellKind = Literal["", "drawn", "broken", "by-hand", "same"]


@dataclass(frozen=True)
class Cell:
    """One cell. value: a text in the language asked for, a figure, or nothing.

    kind: how it is marked: the draw decided it, it is outside what is required, people decided it; `same`: as the cell above, of
    which it is a part. asked: how a figure is
    asked again; None for what is no figure. said: the figure in the words of the policy ("supports 10 counties").
    """

    value: Value = None
    kind: CellKind = ""
    asked: Question | None = None
    said: str = ""


@dataclass(frozen=True)
class Column:
    """width: in characters of Latin text, a Chinese one counted as two; texts longer than that are wrapped. code: what the
    column is, the same in every language (publish.head); "" for years, programs and groups.
    """

    title: str
    kind: Literal["text", "number", "percent"] = "text"
    width: int = 12
    code: str = ""


@dataclass(frozen=True)
class Row:
    """kind: "total" for sums below the others. about: the code of the unit that the row is about."""

    cells: tuple[Cell, ...]
    kind: Literal["", "total"] = ""
    about: str | None = None


@dataclass(frozen=True)
class Table:
    """id: Latin letters, digits and hyphens, the same in every language. about: the program or group that it is about."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    about: str | None = None


@dataclass(frozen=True)
class Content:
    """A run in one language. said: what every output says (what is illustrative, who chose the seed, what is proved).

    number: the plan's, eight hexadecimal digits of the hash of its awards; run: the name of its folder; id: of its model;
    written: the day of the run.
    """

    names: Names
    title: str
    said: tuple[str, ...]
    tables: tuple[Table, ...]
    number: str
    run: str
    id: str
    written: str

    def table(self, id: str) -> Table:
        """Raises KeyError."""
        return {table.id: table for table in self.tables}[id]

    def figures(self) -> Iterator[tuple[Table, int, int, Cell]]:
        """Every figure with its address: table, row and column, counted from 1."""
        for table in self.tables:
            for r, row in enumerate(table.rows, 1):
                for c, cell in enumerate(row.cells, 1):
                    if cell.asked is not None:
                        yield table, r, c, cell
