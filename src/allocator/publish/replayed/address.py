"""The address of a figure as it is typed: a file, and where in it.

Lives here: telling `report.xlsx!Annex!D7` and `report.html#annex.7.4` from the folder of a run; the names of cells.
Not here: what stands there (in_book.py, in_page.py, in_letter.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from allocator.faults import column_letters, column_number

_BOOK = re.compile(r"(?P<file>.+?\.xlsx)(!(?P<inside>.*))?", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"(?P<file>.+?\.html?)(#(?P<inside>.*))?", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True)
class Address:
    """file; inside: what stands behind it, None where the whole file is meant; book: a workbook, else a page or a letter."""

    file: Path
    inside: str | None
    book: bool

    @property
    def sheet(self) -> str:
        """The sheet that a book's address names, in quotes or without."""
        name = (self.inside or "").rpartition("!")[0]
        return name[1:-1].replace("''", "'") if len(name) > 1 and name[0] == name[-1] == "'" else name

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column from 0; None for what is no name of a cell."""
        return cell_of((self.inside or "").rpartition("!")[2])


def address_of(text: str) -> Address | None:
    """None for what names no file of ours: the folder of a run."""
    if Path(text).is_dir():
        return None
    for pattern, book in ((_BOOK, True), (_PAGE, False)):
        if found := pattern.fullmatch(text):
            return Address(Path(found["file"]), found["inside"], book)
    return None


def cell_of(name: str) -> tuple[int, int] | None:
    found = _CELL.fullmatch(name.strip())
    if found is None or int(found[2]) == 0:
        return None
    return int(found[2]) - 1, column_number(found[1]) - 1


def cell_name(row: int, column: int) -> str:
    """`D7` for row 6 and column 3, counted from 0."""
    return f"{column_letters(column + 1)}{row + 1}"
