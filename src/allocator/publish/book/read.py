"""A book that was handed over, read back: what it says of itself, and its cells.

Lives here: the properties of the document, the values of cells.
Not here: which figure stands in a cell (publish/replayed/in_book.py), how cells are read and books refused (read/book/).

The file may have been saved by another program since: what is read is what every program keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from allocator.faults import Fault, InputError, Place
from allocator.publish.content import Value
from allocator.publish.provenance import bytes_of
from allocator.read.book.cells import Typed, sheets
from allocator.read.book.container import Handler, Parts, Refused, local
from allocator.read.kinds import PROPERTIES, SAYS
from allocator.report.provenance import Provenance, read_told

MOST_MEGABYTES = 200  # of a book


@dataclass(frozen=True)
class ReadBook:
    """said: what it says of itself; cells: of each sheet, in their order, its rows by their numbers from 1."""

    said: Provenance
    cells: Mapping[str, Mapping[int, Sequence[str]]]

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self.cells)

    def value(self, sheet: str, row: int, column: int) -> Value:
        """The value of a cell, rows and columns from 0; None where nothing stands."""
        cells = self.cells[sheet].get(row + 1, ())
        return _value(cells[column]) if column < len(cells) else None


def read_book(path: Path) -> ReadBook:
    """Raises InputError for a file that is no book of ours."""
    place = Place(str(path))
    try:
        parts = Parts(bytes_of(path, MOST_MEGABYTES), path.name)
        said = _said(parts)
        found = sheets(parts)
    except Refused:
        raise InputError([Fault("replay-not-ours", place)]) from None
    if said is None or said.kind not in ("book", "comparison"):
        raise InputError([Fault("replay-not-ours", place)])
    return ReadBook(said, {sheet.title: sheet.rows for sheet in found})


def _said(parts: Parts) -> Provenance | None:
    """From the properties of the document."""
    if not parts.has(PROPERTIES):
        return None
    held = _Properties()
    parts.parse(PROPERTIES, held)
    return read_told(held.told)


class _Properties(Handler):
    """Our properties by their names, without the prefix."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        self.name = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "property":
            said = attributes.get("name", "")
            self.name = said.removeprefix(SAYS) if said.startswith(SAYS) else ""

    def text(self, text: str) -> None:
        if self.name:
            self.told[self.name] = self.told.get(self.name, "") + text


def _value(text: str) -> Value:
    """A number as such; nothing where nothing stands."""
    if isinstance(text, Typed):
        with suppress(ValueError):
            return Fraction(text)
    return text or None
