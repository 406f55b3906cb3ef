"""A CSV file as columns of text, each row with its line; and what a column of text holds.

Lives here: encodings, delimiters, quotes, header and row lengths; `Table`; the kind of a column (`typed`).
Not here: which columns a table must have and whether its keys are known (the checks of references).
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

from allocator.faults import Fault, Place
from allocator.load.files import place_of_byte, read_bytes
from allocator.model.policy import Coded, Places

MOST_MEGABYTES = 500
MOST_FAULTS = 20  # of the rows of one file
MOST_DIGITS = 38  # what DuckDB's decimals hold
_ROWS_AT_ONCE = 5_000  # few enough that their lists are gone before the garbage collector looks at them

_BINARY = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"PAR1": "Parquet",
    b"\x1f\x8b": "gzip",
    b"%PDF": "PDF",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Kind = Literal["whole", "decimal", "yes_no", "text"]
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[+-]?((?P<before>0|[1-9][0-9]*)(\.(?P<after>[0-9]+))?|\.(?P<only>[0-9]+))")
_BLANK = re.compile(r"[^\S\r\n]")
_YES_NO = {"true": True, "false": False}


@dataclass(frozen=True)
class Table:
    """A read table: cells stripped of blanks around them, empty ones None."""

    name: str
    columns: dict[str, list[str | None]]
    lines: Sequence[int]  # where each row starts in the file, as an editor counts
    header_line: int = 1
    origins: Sequence[tuple[str, int]] | None = None  # file and line of each row, where they come from several files
    _coded: dict[str, Coded] = field(default_factory=dict, compare=False, repr=False)

    def coded(self, column: str) -> Coded:
        """A column as its distinct values."""
        if column not in self._coded:
            self._coded[column] = Coded.of(self.columns[column])
        return self._coded[column]

    def __len__(self) -> int:
        return len(self.lines)

    def place_of(self, row_index: int, column: str | None = None) -> Place:
        """The place of a row (counted from 0), or of one cell of it."""
        file, line = (self.name, self.lines[row_index]) if self.origins is None else self.origins[row_index]
        return Place(file, row=line, field=column)

    def header(self, column: str | None = None) -> Place:
        """The place of the header, or of one of its names."""
        return Place(self.name, row=self.header_line, field=column)


@dataclass(frozen=True)
class Held:
    """A file that a scenario gives in the place of the model's own: its bytes, and where each of its rows was said."""

    data: bytes
    origins: tuple[tuple[str, int], ...]


def places(tables: Sequence[Table]) -> Places:
    """Where the rows of some tables stand, one table after another."""
    if all(table.origins is None for table in tables):
        return Places(tuple((table.name, table.lines) for table in tables))
    lines: dict[str, list[int]] = {}
    spots = []
    for table in tables:
        for file, line in table.origins or [(table.name, line) for line in table.lines]:
            held = lines.setdefault(file, [])
            spots.append((file, len(held)))
            held.append(line)
    starts, start = {}, 0
    for file, held in lines.items():
        starts[file] = start
        start += len(held)
    return Places(tuple(lines.items()), [starts[file] + number for file, number in spots])


@dataclass(frozen=True)
class Typed:
    """A column by what all its values are, the values as such, and DuckDB's type for them."""

    kind: Kind
    values: Sequence[int | Decimal | bool | str | None]
    sql: str


def read_table(path: Path, name: str, place: Place | None = None) -> tuple[Table | None, tuple[Fault, ...]]:
    """The table in `path`, or None, and every fault found; `name` is the file's name in messages.

    `place` is where the file is named, for the fault that it is missing. With faults in some rows only, the table
    holds the others.
    """
    data = read_bytes(path, name, place, MOST_MEGABYTES)
    if isinstance(data, Fault):
        return None, (data,)
    return parse_table(data, name)


def parse_table(data: bytes, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
    """As `read_table`, from the bytes of a file."""
    text = _decoded(data, name)
    if isinstance(text, Fault):
        return None, (text,)
    return _regular(text, name) or _any(text, name)


def held_table(held: Held, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
    """As `parse_table`, from a file that a scenario gives."""
    table, faults = parse_table(held.data, name)
    return (table if table is None else replace(table, origins=held.origins)), faults


def _regular(text: str, name: str) -> tuple[Table, tuple[()]] | None:
    """The table, if it is what nearly every table is: one line a row, as many cells as names, no blank line, no fault.

    It gives what `_any` gives, in a third of the time.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        names = [cell.strip() for cell in next(reader, [])]
        width = len(names)
        if not names or "" in names or _header_faults(names, Place(name)):
            return None
        columns: list[list[str | None]] = [[] for _ in names]
        known: list[dict[str, str | None]] = [
            {"": None} for _ in names
        ]  # each text is kept once, however many rows have it
        blanks = _BLANK.search(text) is not None
        while batch := list(itertools.islice(reader, _ROWS_AT_ONCE)):
            if set(map(len, batch)) != {width}:
                return None
            for column, held, cells in zip(columns, known, zip(*batch, strict=True), strict=True):
                if blanks:
                    cells = tuple(map(str.strip, cells))
                column.extend(map(held.setdefault, cells, cells))
    except csv.Error:
        return None
    count = len(columns[0])
    if reader.line_num != count + 1:
        return None
    if None in columns[0] and any(cells == (None,) * width for cells in zip(*columns, strict=True)):
        return None
    return Table(name, dict(zip(names, columns, strict=True)), range(2, count + 2)), ()


def _any(text: str, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
    """The table, whatever it is like: row by row, each with its line."""
    records, broken = _records(text, name)
    faults = [broken] if broken else []
    records = [(line, cells) for line, cells in records if any(cell.strip() for cell in cells)]  # blank lines
    if not records:
        return None, tuple(faults or [Fault("empty-file", Place(name))])
    (header_line, header), rows = records[0], records[1:]
    names = [cell.strip() for cell in header]
    while names and not names[-1]:  # spreadsheets write the columns that were once touched
        names.pop()
    width = len(names)
    header_faults = _header_faults(names, Place(name, row=header_line))
    ragged = [(line, cells) for line, cells in rows if len(cells) != width]
    if ragged:
        bad = [
            (line, len(cells))
            for line, cells in ragged
            if len(cells) < width or any(cell.strip() for cell in cells[width:])
        ]
        faults += _row_faults(bad, width, name)
        bad_lines = {line for line, _ in bad}
        rows = [(line, cells[:width]) for line, cells in rows if line not in bad_lines]
    if header_faults:
        return None, (*header_faults, *faults)
    cells_by_column = list(zip(*(cells for _, cells in rows), strict=True)) or [()] * width
    columns = {
        column: [cell.strip() or None for cell in cells] for column, cells in zip(names, cells_by_column, strict=True)
    }
    return Table(name, columns, [line for line, _ in rows], header_line), tuple(faults)


def typed(column: Sequence[str | None]) -> Typed:
    """What a column of text holds: whole numbers, decimals, yes/no, or text where any value is none of these.

    whole: below 2^63 and without leading zeros (`007` is a code). decimal: plain notation, together at most 38 digits,
    no exponent; `1,234` is text. yes_no: true and false in any case. A column without any value is text.
    """
    distinct = {cell for cell in column if cell is not None}
    values: dict[str, int | Decimal | bool]
    if distinct and all(map(_WHOLE.fullmatch, distinct)):
        # 19 digits hold every number below 2^63; longer ones are not even converted
        if all(len(cell) <= 20 and -(2**63) < int(cell) < 2**63 for cell in distinct):
            values = {cell: int(cell) for cell in distinct}
            return Typed("whole", [None if cell is None else values[cell] for cell in column], "BIGINT")
    if distinct and (shape := _decimal_shape(distinct)):
        values = {cell: Decimal(cell) for cell in distinct}
        precision, scale = shape
        return Typed(
            "decimal", [None if cell is None else values[cell] for cell in column], f"DECIMAL({precision},{scale})"
        )
    if distinct and all(cell.lower() in _YES_NO for cell in distinct):
        return Typed("yes_no", [None if cell is None else _YES_NO[cell.lower()] for cell in column], "BOOLEAN")
    return Typed("text", list(column), "VARCHAR")


def _decimal_shape(cells: set[str]) -> tuple[int, int] | None:
    """Digits in total and after the point that hold every cell; None if one is no plain decimal or they do not fit."""
    before = after = 0
    for cell in cells:
        match = _DECIMAL.fullmatch(cell)
        if match is None:
            return None
        before = max(before, len(match["before"] or ""))
        after = max(after, len(match["after"] or match["only"] or ""))
    precision = before + after
    return (precision, after) if precision <= MOST_DIGITS else None


def _decoded(data: bytes, name: str) -> str | Fault:
    for start, kind in _BINARY.items():
        if data.startswith(start):
            return Fault("not-a-csv", Place(name), {"kind": kind})
    if data.startswith(_UTF16):
        return Fault("csv-utf16", Place(name))
    data = data.removeprefix(codecs.BOM_UTF8)
    if (index := data.find(b"\0")) >= 0:
        return Fault("csv-binary", place_of_byte(data, index, name))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        try:
            text = data.decode("gb18030")  # holds GBK; what Chinese Excel writes
        except UnicodeDecodeError:
            place = place_of_byte(data, error.start, name)
            return Fault("csv-encoding", place, {"byte": f"0x{data[error.start]:02X}"})
    return text.removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    header = next((line for line in text[:1_000_000].splitlines() if line.strip()), "")
    if "," in header:
        return ","
    return "\t" if "\t" in header else ";" if ";" in header else ","


def _records(text: str, name: str) -> tuple[list[tuple[int, list[str]]], Fault | None]:
    """Each record with the line on which it starts, up to the first that cannot be read."""
    records: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        # An open quote swallows all lines after it, so the record's first line is the place to look at.
        return records, Fault("csv-quote", Place(name, row=line), {"problem": str(error)})
    return records, None


def _header_faults(names: list[str], place: Place) -> list[Fault]:
    faults = []
    first: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        if not name:
            faults.append(Fault("column-without-name", place, {"number": number}))
        elif name.casefold() in first:  # SQL does not tell `Code` from `code`
            at = Place(place.file, row=place.row, field=name)
            faults.append(Fault("duplicate-column", at, {"column": name, "first": first[name.casefold()]}))
        else:
            first[name.casefold()] = name
    return faults


def _row_faults(bad: list[tuple[int, int]], width: int, name: str) -> list[Fault]:
    faults = [
        Fault("ragged-row", Place(name, row=line), found=cells, expected=width) for line, cells in bad[:MOST_FAULTS]
    ]
    if (more := len(bad) - MOST_FAULTS) > 0:
        faults.append(Fault("ragged-rows-more", Place(name, row=bad[MOST_FAULTS][0]), {"count": more}))
    return faults
