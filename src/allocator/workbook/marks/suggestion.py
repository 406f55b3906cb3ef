"""What to write into a faulty cell: the whole of it, where a fault names what was most likely meant.

Lives here: the texts of the cells, the right name put in the place of the wrong one.
Not here: which name is nearest (faults.nearest, read/written.py, whoever found the fault).

A fault may be about one name in a list or an expression; whoever follows the suggestion writes over the whole cell.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from allocator.faults import Fault, Place, SheetFile
from allocator.read.book.book import Book, opened
from allocator.read.book.cells import Sheet
from allocator.words import Say
from allocator.workbook.marks.cells import coordinates


class Texts:
    """The texts of a book's cells."""

    def __init__(self, book: bytes) -> None:
        self.book = book
        self._sheets: dict[str, dict[str, Sheet]] = {}

    def at(self, place: Place) -> str:
        """What stands in the cell of a place; empty where nothing can be read."""
        if not isinstance(place.file, SheetFile) or place.cell is None:
            return ""
        name = place.file.book
        if name not in self._sheets:
            book = opened(self.book, name)
            found = [*book.sheets.values(), *book.data.values()] if isinstance(book, Book) else []
            self._sheets[name] = {sheet.title: sheet for sheet in found}
        row, column = coordinates(place.cell)
        sheet = self._sheets[name].get(place.file.sheet)
        cells = sheet.rows.get(row + 1, ()) if sheet else ()
        return cells[column].strip() if column < len(cells) else ""


def what_to_write(fault: Fault, text: str) -> str | None:
    """What should stand in the cell that has this text; None where a fault does not say it."""
    right = fault.nearest if fault.nearest is not None else fault.params.get("write")
    if not isinstance(right, str):
        return None
    said = [each for each in _said(fault) if each in text]
    wrong = max(said, key=lambda each: difflib.SequenceMatcher(None, each, right).ratio(), default=text)
    if wrong == text:
        return right
    found = list(re.finditer(rf"(?<![\w-]){re.escape(wrong)}(?![\w-])", text))
    return text[: found[0].start()] + right + text[found[0].end() :] if len(found) == 1 else None


def _said(fault: Fault) -> Iterator[str]:
    """The texts that a fault names, as they may stand in the cell."""
    for value in (fault.found, *fault.params.values()):
        for each in value.params.values() if isinstance(value, Say) else (value,):
            if isinstance(each, str) and each:
                yield each
