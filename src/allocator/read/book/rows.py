"""The rows of a sheet of the model: each cell by the name of its column, with its place.

Lives here: where the headings stand, the names that they mean, rows without blanks.
Not here: what the cells mean (values.py, policy.py), tables of data (tables.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from allocator.faults import Fault, Place, SheetFile
from allocator.read.book.cells import Sheet
from allocator.read.book.form import IGNORED, SCHEMA, columns_by_title, plain, without_unit
from allocator.read.fault_collector import most_faults
from allocator.read.texts import header, spelled

_LINES_OF_TITLES = 6


@dataclass
class Rows:
    """The rows of one sheet. `columns`: the number of each column by its name; `file` stands for the sheet in places."""

    key: str
    file: SheetFile
    columns: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    line: int = 1
    held: list[tuple[int, list[str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        for line, cells in self.held:
            told = {
                name: cells[number - 1]
                for name, number in self.columns.items()
                if name not in IGNORED and number <= len(cells) and spelled(cells[number - 1])
            }
            if told:
                yield Row(self, line, told)


class Row(dict[str, str]):
    """The filled cells of one row by the names of their columns."""

    def __init__(self, rows: Rows, line: int, cells: Mapping[str, str]) -> None:
        super().__init__(cells)
        self.rows, self.line = rows, line

    def place(self, column: str) -> Place:
        """A cell, filled or not; the row where it has no such column."""
        return Place(self.rows.file, line=self.line, column=self.rows.columns.get(column))

    def heading(self, column: str) -> Place:
        return Place(self.rows.file, line=self.rows.line, column=self.rows.columns.get(column))

    def key(self, column: str) -> Place:
        """Where a wrong name of a field is mended: its heading; of a field that the sheet may have, the cell itself."""
        return self.place(column) if column in SCHEMA[self.rows.key] else self.heading(column)

    def title(self, column: str) -> str:
        """What the column is called in this sheet."""
        return self.rows.titles.get(column, column)


def rows_of(sheet: Sheet, key: str, file: str, book: str) -> Rows:
    """The rows of a sheet; its headings stand in the first row that has two of them."""
    name = SheetFile.of(file, book, sheet.title)
    rows = Rows(key, name)
    known = SCHEMA[key]
    found = _headings(sheet, known)
    if found is None:
        if sheet.rows:
            rows.faults.append(Fault("book-no-headings", Place(name), {"columns": list(known[:4])}))
        return rows
    line, cells, names = found
    columns: dict[str, int] = {}
    for number, column_name in enumerate(names, 1):
        if not column_name:
            continue
        if column_name in columns:
            first = Place(name, line=line, column=columns[column_name])
            at = Place(name, line=line, column=number)
            rows.faults.append(Fault("duplicate-key", at, {"key": header(cells[number - 1]), "first": first}))
            continue
        columns[column_name] = number
    rows.columns, rows.line = columns, line
    rows.faults += _valueless(rows, sheet)
    rows.titles = {column_name: header(cells[number - 1]) for column_name, number in columns.items()}
    rows.held = [(below, list(given)) for below, given in sheet.rows.items() if below > line]
    rows.faults += _nameless(rows)
    return rows


def _headings(sheet: Sheet, known: tuple[str, ...]) -> tuple[int, Sequence[str], list[str]] | None:
    """The line of the headings, its cells, and the names that they mean."""
    for line, cells in list(sheet.rows.items())[:_LINES_OF_TITLES]:
        names = [_name(header(cell), known) for cell in cells]
        if sum(name in known for name in names) >= 2:
            return line, cells, names
    return None


def _name(heading: str, known: tuple[str, ...]) -> str:
    """The name of a column by its heading; a heading that nobody knows is its own name."""
    if heading in known:
        return heading
    titles = columns_by_title()
    if (found := titles.get(plain(heading))) is not None:
        return found
    parts = without_unit(heading)
    return titles.get(plain(parts[0]), heading) if parts else heading


def _valueless(rows: Rows, sheet: Sheet) -> list[Fault]:
    """Formulas that some program saved without their values; those in columns for people are nobody's loss."""
    ignored = {number for column, number in rows.columns.items() if column in IGNORED}
    cells = [(line, column) for line, column in sheet.valueless if column not in ignored]
    return [
        Fault("book-formula-without-value", Place(rows.file, line=line, column=column))
        for line, column in cells[: most_faults()]
    ]


def _nameless(rows: Rows) -> list[Fault]:
    """Cells below no heading."""
    named = set(rows.columns.values())
    faults = []
    for line, cells in rows.held:
        number = next((n for n, cell in enumerate(cells, 1) if n not in named and spelled(cell)), None)
        if number is not None:
            faults.append(Fault("book-cell-without-heading", Place(rows.file, line=line, column=number)))
    return faults[: most_faults()]
