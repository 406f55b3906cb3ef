"""A sheet as the table that a CSV file with the same cells gives; and a sheet as people keep it, read as the table that it means.

Lives here: headings by their titles, titles above a table, totals and remarks below it, hidden rows, full-width digits.
Not here: what a table is (read/tables.py), the cells (cells.py), which sheets are tables of a model (policy.py).

Cells with the format Text are taken as they stand. The others are tidied, and what is left out of a sheet is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from allocator.faults import Fault, Notice, Place, SheetFile, column_letters
from allocator.read import written
from allocator.read.book.cells import AsItStands, Sheet, Typed
from allocator.read.book.form import plain, without_unit
from allocator.read.fault_collector import most_faults
from allocator.read.headers import HEADERS, of_ids
from allocator.read.tables import MOST_COLUMNS, Record, Table, header_below, table_of, too_long
from allocator.read.texts import header, is_note, is_total, spelled

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_LAST = 8  # so many rows at the end may be totals and remarks


@dataclass(frozen=True)
class Headings:
    """The names that a model has for the columns of a table, and the titles by which people may head them."""

    names: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)  # as they are compared

    def name(self, heading: str) -> tuple[str, str | None]:
        """The name that a heading means; and the unit behind it, where one had to be left out."""
        if heading in self.names or not heading:
            return heading, None
        if (found := self._titled(heading)) is not None:
            return found, None
        parts = without_unit(heading)
        if parts is not None:
            found = parts[0] if parts[0] in self.names else self._titled(parts[0])
            if found is not None:
                return found, parts[1]
        return heading, None

    def _titled(self, heading: str) -> str | None:
        return self.titles.get(plain(heading))


def sheet_table(
    sheet: Sheet, name: str, book: str, headings: Headings | None = None
) -> tuple[Table | None, tuple[Fault, ...]]:
    """The table of a sheet, called `name` by the model, or None, and what is to be told of it."""
    file = SheetFile.of(name, book, sheet.title)
    width = max((len(cells) for cells in sheet.rows.values()), default=0)
    if width > MOST_COLUMNS:
        place = Place(file, row=1)
        return None, (Fault("too-many-columns", place, {"count": width, "most": MOST_COLUMNS}),)
    told: list[Fault] = [
        Fault("book-formula-without-value", Place(file, row, column))
        for row, column in sheet.valueless[: most_faults()]
    ]
    given = [(row, [*cells, *[""] * (width - len(cells))]) for row, cells in sheet.rows.items()]
    given = _without_end(given, file, told)
    records = [(row, [_tidy(cell) for cell in cells]) for row, cells in given]
    records = [(row, cells) for row, cells in records if any(cells)]
    if not records:
        return None, (*told, Fault("book-empty-sheet", Place(file)))
    records = _without_titles(records, file, told)
    names = _named(records[0], headings or Headings(), file, told)
    letters = {heading: column_letters(number) for number, heading in enumerate(names, 1) if heading}
    file = SheetFile.of(name, book, sheet.title, letters)
    table, faults = table_of([(records[0][0], names), *records[1:]], file)
    _hidden(sheet, records, file, told)
    found = (*told, *faults)
    return table, found if table is None else (*found, *too_long(table), *_controls(table))


def _without_end(records: list[Record], file: SheetFile, told: list[Fault]) -> list[Record]:
    """Without the totals and the remarks below a table."""
    kept = len(records)
    for _ in range(min(_LAST, kept - 1)):
        row, cells = records[kept - 1]
        filled = [cell for cell in cells if spelled(cell)]
        if not filled:
            kept -= 1
            continue
        if isinstance(filled[0], AsItStands | Typed):
            break
        if is_total(filled[0]):
            told.append(Notice("book-total-left-out", Place(file, row=row), {"text": spelled(filled[0])}))
        elif len(filled) == 1 and is_note(filled[0]):
            told.append(Notice("book-remark-left-out", Place(file, row=row), {"text": spelled(filled[0])[:40]}))
        else:
            break
        kept -= 1
    return records[:kept]


def _without_titles(records: list[Record], file: SheetFile, told: list[Fault]) -> list[Record]:
    """From the names of the columns on."""
    while (below := header_below(records)) is not None:
        start = records.index(below)
        params = {"text": next(cell for cell in records[0][1] if cell)[:40], "line": below[0]}
        told.append(Notice("book-title-left-out", Place(file, row=records[0][0]), params))
        records = records[start:]
    return records


def _named(record: Record, headings: Headings, file: SheetFile, told: list[Fault]) -> list[str]:
    """The names of the columns; where a heading brings a unit, that is told: figures are read as they stand."""
    names = []
    taken = {heading for heading in map(header, record[1]) if heading in headings.names}
    usual = _usual(list(map(header, record[1])), headings, taken)
    for number, given in enumerate(map(header, record[1]), 1):
        name, unit = headings.name(given)
        name = usual.get(given, name) if unit is None else name
        if name != given and name in taken:
            name, unit = given, None
        taken.add(name)
        if unit is not None:
            params = {"text": given, "column": name, "measure": unit}
            told.append(Notice("book-heading-with-unit", Place(file, record[0], number), params))
        names.append(name)
    return names


def _usual(given: Sequence[str], headings: Headings, taken: set[str]) -> dict[str, str]:
    """Headings by which people usually call units, programs, periods and amounts, where the model's own name is not there."""
    found = {}
    for what in HEADERS:
        if what in headings.names - taken:
            free = [
                heading for heading in given if headings.name(heading)[0] == heading and heading not in headings.names
            ]
            if (heading := of_ids(what, free)) is not None and heading not in found:
                found[heading] = what
    return found


def _tidy(cell: str) -> str:
    if not cell:
        return ""
    text = spelled(cell)
    if isinstance(cell, AsItStands | Typed) or text.isascii():
        return text
    narrow = unicodedata.normalize("NFKC", text)
    return narrow if written.number(narrow) is not None else text


def _hidden(sheet: Sheet, records: Sequence[Record], file: SheetFile, told: list[Fault]) -> None:
    """Rows, columns and whole sheets that a person does not see count like the others, and are told."""
    rows = set(sheet.hidden_rows) & {row for row, _ in records[1:]}
    if sheet.hidden:
        told.append(Notice("book-hidden-sheet", Place(file)))
    if rows:
        told.append(Notice("book-hidden-rows", Place(file, row=min(rows)), {"count": len(rows)}))
    if sheet.hidden_columns:
        letters = [column_letters(column) for column in sheet.hidden_columns]
        told.append(Notice("book-hidden-columns", Place(file), {"columns": letters[:10]}))


def _controls(table: Table) -> list[Fault]:
    """Characters that would steer a screen."""
    faults = []
    for column, cells in table.columns.items():
        if not _CONTROLS.search("".join(filter(None, cells))):
            continue
        for row, cell in enumerate(cells):
            if cell and (match := _CONTROLS.search(cell)):
                params = {"character": f"U+{ord(match[0]):04X}"}
                faults.append(Fault("control-character", table.place_of(row, column), params))
    return faults[: most_faults()]
