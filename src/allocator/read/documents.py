"""A document or a table, wherever it stands: in a file of its own, or in a workbook.

Lives here: what a path means that goes into a workbook; both readings of a model, a scenario, a table.
Not here: YAML (yaml.py), text tables (tables.py), workbooks (book/).

A workbook is read as a folder that holds a model: `book.xlsx` is its model.yaml, `book.xlsx#cut` the scenario `cut` in it, and a
table is called as in any folder. What is read of it is kept as the bytes that such a folder would hold, so that a run, and
whoever asks again, needs no workbook.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from allocator.faults import Fault, Place
from allocator.read.book.book import Book, opened
from allocator.read.book.container import MOST_MEGABYTES
from allocator.read.files import MODEL_FILE, holds, keep, read_bytes
from allocator.read.places import Positions, Spot
from allocator.read.tables import MOST_MEGABYTES as MOST_OF_A_TABLE
from allocator.read.tables import Table, parse_table, table_bytes
from allocator.read.tables import read_table as read_file
from allocator.read.yaml import read_yaml, written_yaml

BOOK = ".xlsx"


def book_of(path: Path) -> tuple[Path, str] | None:
    """The workbook that a path leads into, and what is meant in it: model.yaml, `#scenario`, the name of a table."""
    if BOOK not in (text := str(path)).lower():
        return None
    name, sign, scenario = text.partition("#")
    if sign and name.lower().endswith(BOOK) and Path(name).is_file():
        return Path(name), f"#{scenario}"
    for book in (path, *path.parents):
        if book.suffix.lower() == BOOK and book.is_file():
            return book, path.relative_to(book).as_posix() if book != path else MODEL_FILE
    return None


def file_of(given: Path) -> tuple[Path, str]:
    """The document behind what a person names: a folder, a file, a workbook, a scenario in one; and what to call it."""
    try:
        if given.suffix.lower() == BOOK and not given.is_dir():
            return (given / MODEL_FILE if given.is_file() else given), given.name if given.is_file() else str(given)
        if book_of(given) is not None and "#" in given.name:
            return given, given.name
        file = given if given.suffix in (".yaml", ".yml") and not given.is_dir() else given / MODEL_FILE
        return file, file.name if file.is_file() else str(file)
    except OSError:  # a name that no file can have: reading it says so
        return given, str(given)


def folder_of(file: Path) -> Path:
    """The folder that names in a document are seen from; of one in a workbook, the folder of the workbook."""
    inside = book_of(file)
    return file.parent if inside is None else inside[0].parent


def read_document(
    path: Path, name: str, place: Place | None = None
) -> tuple[dict[str | int, Any], Positions, tuple[Fault, ...]]:
    """As read_yaml, of a document in a workbook too."""
    inside = book_of(path)
    if inside is None or (holds(path) and not holds(inside[0])):  # a copy of what was read from a workbook before
        return read_yaml(path, name, place)
    book = _book(inside[0], name.partition("#")[0], place)
    if isinstance(book, Fault):
        start = Place(name)
        return {}, Positions(Spot(start, start)), (book,)
    raw, positions, faults = book.scenario(inside[1][1:]) if inside[1].startswith("#") else book.model()
    if raw:
        keep(path, written_yaml(raw))
    return raw, positions, faults


def read_table(path: Path, name: str, place: Place | None = None) -> tuple[Table | None, tuple[Fault, ...]]:
    """As the reading of a text table, of a sheet in a workbook too; a workbook of one sheet is a table itself."""
    inside = book_of(path)
    if inside is None or (holds(path) and not holds(inside[0])):
        return read_file(path, name, place)
    book = _book(inside[0], inside[0].name, place)
    if isinstance(book, Fault):
        return None, (book,)
    if inside[1] == MODEL_FILE:
        return book.only_table(name)
    table, faults = book.table(inside[1], place)
    if table is not None:
        keep(path, table_bytes(list(table.columns), zip(*table.columns.values(), strict=True)))
    return table, faults


def bytes_of_table(path: Path, name: str, place: Place | None = None) -> bytes | Fault:
    """The bytes of a table's file; of a sheet in a workbook those that such a file would hold."""
    inside = book_of(path)
    if inside is None or inside[1] == MODEL_FILE:
        return read_bytes(path, name, place, MOST_OF_A_TABLE)
    table, faults = read_table(path, name, place)
    if table is None:
        return faults[0]
    return table_bytes(list(table.columns), zip(*table.columns.values(), strict=True))


def table_from(data: bytes, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
    """The table in the bytes of a file: of a text table, or of a workbook of one sheet."""
    if not name.lower().endswith(BOOK):
        return parse_table(data, name)
    book = opened(data, name)
    return (None, (book,)) if isinstance(book, Fault) else book.only_table(name)


def beside_document(file: Path, other: str) -> Path:
    """A table that a document names: a sheet of the same workbook, else a file seen from it."""
    inside = book_of(file)
    if inside is not None:
        book = _book(inside[0], inside[0].name, None)
        if isinstance(book, Book) and book.has(other):
            return inside[0] / other
    return folder_of(file) / other


def holds_model(path: Path) -> bool:
    """Whether a path is that of a workbook with a model or a scenario in it."""
    if path.suffix.lower() != BOOK or not path.is_file():
        return False
    book = _book(path, path.name, None)
    return isinstance(book, Book) and book.holds_model


def scenarios_in(path: Path) -> tuple[str, ...]:
    """The scenarios of a workbook that holds a model too."""
    if path.suffix.lower() != BOOK or not path.is_file():
        return ()
    book = _book(path, path.name, None)
    return tuple(book.policy.scenarios) if isinstance(book, Book) and book.policy.model.parts else ()


def _book(path: Path, name: str, place: Place | None) -> Book | Fault:
    data = read_bytes(path, name, place, MOST_MEGABYTES)
    return data if isinstance(data, Fault) else opened(data, name)
