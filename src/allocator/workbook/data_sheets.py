"""The tables of a model as sheets: which columns hold numbers, dates or texts, so that every cell reads back as it was.

Lives here: the form of each column, the titles of the sheets.
Not here: what is read of a cell (read/book/cells.py), the file (write.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from allocator.read.book.form import plain, sheets_by_title
from allocator.read.book.number_formats import number_text
from allocator.read.tables import Table

Form = Literal["text", "number", "date"]
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,14})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY = date(1900, 3, 1)  # before, spreadsheets count the days otherwise
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
_MOST_OF_A_TITLE = 31


@dataclass(frozen=True)
class DataColumn:
    """One column. `places`: of a number, decimals that its format shows; None: as many as it has."""

    name: str
    cells: Sequence[str | None]
    form: Form = "text"
    places: int | None = None


@dataclass(frozen=True)
class DataSheet:
    """The table of a file, under the title of its sheet."""

    file: str
    title: str
    what: str
    columns: tuple[DataColumn, ...]

    @property
    def height(self) -> int:
        return len(self.columns[0].cells) if self.columns else 0


def data_sheet(table: Table, file: str, title: str, what: str, codes: Collection[str]) -> DataSheet:
    """A table as a sheet; columns of `codes` are texts, whatever stands in them."""
    columns = (
        DataColumn(name, cells) if name in codes else _column(name, cells) for name, cells in table.columns.items()
    )
    return DataSheet(file, title, what, tuple(columns))


def _column(name: str, cells: Sequence[str | None]) -> DataColumn:
    distinct = {cell for cell in cells if cell is not None}
    if not distinct:
        return DataColumn(name, cells)
    if all(map(_is_day, distinct)):
        return DataColumn(name, cells, "date")
    if all(map(_NUMBER.fullmatch, distinct)):
        behind = {len(cell.partition(".")[2]) for cell in distinct}
        for places in [min(behind)] if len(behind) == 1 else []:
            if all(number_text(float(cell), 0, places) == cell for cell in distinct):
                return DataColumn(name, cells, "number", places)
        if all(number_text(float(cell), 0, 0) == cell for cell in distinct):
            return DataColumn(name, cells, "number")
    return DataColumn(name, cells)


def _is_day(cell: str) -> bool:
    if not _DATE.fullmatch(cell):
        return False
    try:
        return date.fromisoformat(cell) >= _FIRST_DAY
    except ValueError:
        return False


def titles(files: Iterable[str]) -> dict[str, str]:
    """A title for the sheet of each file: its name without its ending, none twice, none that a sheet of the model has."""
    taken = {*sheets_by_title(), "history"}
    found: dict[str, str] = {}
    for file in files:
        stem = _NOT_IN_TITLES.sub("-", PurePosixPath(file).stem).strip() or "table"
        number, title = 1, stem[:_MOST_OF_A_TITLE]
        while plain(title) in taken:
            number += 1
            end = f" {number}"
            title = f"{stem[: _MOST_OF_A_TITLE - len(end)]}{end}"
        taken.add(plain(title))
        found[file] = title
    return found
