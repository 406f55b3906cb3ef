"""A book that was handed over, read back: what it says of itself, and its cells.

Lives here: the properties of the document, the values of cells, the position of a sheet.
Not here: which figure stands in a cell (publish/replayed/in_book.py), workbooks of a model (read/).

The file may have been saved by another program since: what is read is what every program keeps.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from allocator.faults import Fault, InputError, Place, reason
from allocator.read.files import regular_bytes
from allocator.report.provenance import PREFIX, Provenance, read_told

CUSTOM = "docProps/custom.xml"
MOST = 1_000_000  # bytes of that part
MOST_MEGABYTES = 200  # of a book
_NAMES = {"p": "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"}


@dataclass(frozen=True)
class ReadBook:
    """said: what it says of itself; sheets: their names in order; cells: of each, its rows from the first one on."""

    said: Provenance
    sheets: tuple[str, ...]
    cells: dict[str, list[list[Any]]]

    def value(self, sheet: str, row: int, column: int) -> Any:
        """The value of a cell, rows and columns from 0; None where nothing stands."""
        rows = self.cells[sheet]
        if row >= len(rows) or column >= len(rows[row]):
            return None
        value = rows[row][column]
        return None if value == "" else value


def read_book(path: Path) -> ReadBook:
    """Raises InputError for a file that is no book of ours."""
    place = Place(str(path))
    try:
        data = regular_bytes(path, MOST_MEGABYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError([Fault("replay-no-file", place)]) from None
    except OSError as error:
        params = {"file": path.name, "reason": reason(error)}
        raise InputError([Fault("unreadable-file", place, params)]) from None
    said = _said(data)
    if said is None or said.kind not in ("book", "comparison"):
        raise InputError([Fault("replay-not-ours", place)])
    return ReadBook(said, *_cells(data, place))


def _said(data: bytes) -> Provenance | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(CUSTOM).file_size > MOST:
                return None
            root = ElementTree.fromstring(archive.read(CUSTOM))
    except (
        zipfile.BadZipFile,
        KeyError,
        ElementTree.ParseError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        return None
    told = {}
    for one in root.iterfind("p:property", _NAMES):
        name = one.get("name", "")
        if name.startswith(PREFIX):
            told[name.removeprefix(PREFIX)] = "".join(one.itertext())
    return read_told(told)


def _cells(data: bytes, place: Place) -> tuple[tuple[str, ...], dict[str, list[list[Any]]]]:
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        names = tuple(book.sheet_names)
        rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (python_calamine.CalamineError, OSError, ValueError):
        raise InputError([Fault("replay-not-ours", place)]) from None
    return names, rows
