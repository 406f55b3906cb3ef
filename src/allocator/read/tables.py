"""A CSV file as columns of text, each row with its line; and what a column of text holds.

Lives here: encodings, delimiters, quotes, header and row lengths; `Table`.
Not here: which columns a table must have and whether its keys are known (the checks of references), how a text is spelled
(texts.py).
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from allocator.faults import Fault, Notice, Place
from allocator.model.table import Coded, Places, distinct
from allocator.read import written
from allocator.read.fault_collector import most_faults, shown
from allocator.read.files import place_of_byte, read_bytes
from allocator.read.regular_rows import regular_columns
from allocator.read.texts import CONTROLS, MOST_CHARACTERS, header, is_note, is_total, spelled, surely_chinese
from allocator.words import Say

MOST_MEGABYTES = 500
MOST_COLUMNS = 2_000

_BINARY = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"PAR1": "Parquet",
    b"\x1f\x8b": "gzip",
    b"%PDF": "PDF",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = (",", "\t", ";")
_SAID = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*\r?\n', re.IGNORECASE)  # Excel's own first line
_LINES_OF_TITLES = 6  # at most so many lines are looked at for the names of the columns
_SAMPLE = 30  # rows that say whether a delimiter cuts them as it cuts the header


@dataclass(frozen=True)
class Table:
    """A read table: cells in one spelling (texts.py), empty ones None.

    `dropped`: the cells of rows that are of no use, so that nobody calls unknown what stands in them.
    """

    name: str
    columns: Mapping[str, Sequence[str | None]]
    lines: Sequence[int]  # where each row starts in the file, as an editor counts
    header_line: int = 1
    origins: Sequence[tuple[str, int]] | None = None  # file and line of each row, where they come from several files
    dropped: Sequence[Sequence[str]] = ()
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
class TableBytes:
    """A file that a scenario gives in the place of the model's own: its bytes, and where each of its rows was said."""

    data: bytes
    origins: tuple[tuple[str, int], ...]


def table_bytes(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as the bytes of a CSV file; nothing is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


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
    text, told = _decoded(data, name)
    if text is None:
        return None, told
    sheet = _sheet(text)
    if wide := _too_wide(sheet, name):
        return None, (*told, wide)
    regular = _regular(sheet, name)
    if not regular and (controls := _controls(text, name)):
        return None, (*told, *controls)
    table, faults = regular or _any(sheet, name)
    return table, (*told, *faults, *(too_long(table) if table is not None else ()))


def _too_wide(sheet: "_Sheet", name: str) -> Fault | None:
    """More columns than are read, seen before they are."""
    if sheet.text.count(sheet.delimiter) < MOST_COLUMNS:
        return None
    with suppress(csv.Error):  # told where the rows are read
        head = replace(sheet, text=_first_lines(sheet.text, _LINES_OF_TITLES))
        widest = max(map(len, head.reader()), default=0)
        if widest > MOST_COLUMNS:
            return Fault("too-many-columns", Place(name, row=1 + sheet.before), {"count": widest, "most": MOST_COLUMNS})
    return None


def _first_lines(text: str, count: int) -> str:
    end = 0
    for _ in range(count):
        end = text.find("\n", end) + 1
        if not end:
            return text
    return text[:end]


def too_long(table: Table) -> list[Fault]:
    """Cells longer than a text may be."""
    faults = []
    for column, cells in table.columns.items():
        if max(map(len, filter(None, distinct(cells))), default=0) > MOST_CHARACTERS:
            row, cell = next((n, c) for n, c in enumerate(cells) if c is not None and len(c) > MOST_CHARACTERS)
            told = {"count": len(cell), "most": MOST_CHARACTERS}
            faults.append(Fault("text-too-long", table.place_of(row, column), told))
    return faults


def _controls(text: str, name: str) -> list[Fault]:
    """Characters that would steer a screen, each with its line and column; marks of direction are left out of every text."""
    faults = []
    for match in itertools.islice(CONTROLS.finditer(text), most_faults()):
        start = text.rfind("\n", 0, match.start()) + 1
        place = Place(name, line=text.count("\n", 0, start) + 1, column=match.start() - start + 1)
        faults.append(Fault("control-character", place, {"character": f"U+{ord(match[0]):04X}"}))
    return faults


@dataclass(frozen=True)
class _Sheet:
    """The text of a table: what cuts its rows into cells, and how many lines stand before it."""

    text: str
    delimiter: str
    before: int = 0

    def reader(self) -> Any:  # of the module csv, whose type has no public name
        return csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)


def held_table(held: TableBytes, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
    """As `parse_table`, from a file that a scenario gives."""
    table, faults = parse_table(held.data, name)
    return (table if table is None else replace(table, origins=held.origins)), faults


def _regular(sheet: _Sheet, name: str) -> tuple[Table, tuple[()]] | None:
    """The table, if it is what nearly every table is (regular_rows.py). It gives what `_any` gives, in a fraction of the time."""
    found = regular_columns(sheet.text, sheet.delimiter)
    if found is None or _header_faults([column for column, _ in found], Place(name)):
        return None
    first = sheet.before + 1
    return Table(name, dict(found), range(first + 1, first + len(found[0][1]) + 1), first), ()


def _any(sheet: _Sheet, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
    """The table, whatever it is like: row by row, each with its line."""
    records, broken = _records(sheet, name)
    faults = [broken] if broken else []
    records = [(line, cells) for line, cells in records if any(cells)]  # blank lines
    if not records:
        return None, tuple(faults or [Fault("empty-file", Place(name))])
    if (below := header_below(records)) is not None:
        line, names = below[0], _without_empty_end(below[1])
        params = {"text": next(cell for cell in records[0][1] if cell), "line": line, "names": names[:3]}
        return None, (Fault("title-above-header", Place(name, row=records[0][0]), params), *faults)
    return table_of(records, name, faults)


Record = tuple[int, list[str]]  # a row with the line on which it starts, its cells spelled


def table_of(
    records: Sequence[Record], name: str, faults: Sequence[Fault] = ()
) -> tuple[Table | None, tuple[Fault, ...]]:
    """The table of rows none of which is blank, the first of them the names of its columns. `faults`: those found before."""
    faults = list(faults)
    (header_line, given), rows = records[0], records[1:]
    names = _without_empty_end([header(cell) for cell in given])
    width = len(names)
    place = Place(name, row=header_line)
    nameless = _nameless(names, len(given), rows, place)
    ragged = [(line, cells) for line, cells in rows if len(cells) != width]
    dropped: tuple[list[str], ...] = ()
    if ragged and not nameless:
        bad = {line: cells for line, cells in ragged if len(cells) < width or any(cells[width:])}
        strangers = [_stranger(line, cells, name) for line, cells in bad.items()]
        faults += [fault for fault in strangers if fault is not None]
        lengths = [(line, len(bad[line])) for line, fault in zip(bad, strangers, strict=True) if fault is None]
        faults += _row_faults(lengths, width, name)
        dropped = tuple(bad.values())
        rows = [(line, cells[:width]) for line, cells in rows if line not in bad]
    if header_faults := [*nameless, *_header_faults(names, place)]:
        return None, (*header_faults, *faults)
    cells_by_column = list(zip(*(cells for _, cells in rows), strict=True)) or [()] * width
    columns = {column: [cell or None for cell in cells] for column, cells in zip(names, cells_by_column, strict=True)}
    return Table(name, columns, [line for line, _ in rows], header_line, dropped=dropped), tuple(faults)


def _without_empty_end(cells: list[str]) -> list[str]:
    """Spreadsheets write the columns that were once touched."""
    width = len(cells)
    while width and not cells[width - 1]:
        width -= 1
    return cells[:width]


def _nameless(names: list[str], given: int, rows: Sequence[Record], place: Place) -> list[Fault]:
    """Every column without a name that has a value below, told with the first one; one that holds nothing at its end is none."""
    numbers = [n for n in range(given) if n >= len(names) or not names[n]]
    faults = []
    for number in numbers:
        found = next((cells[number] for _, cells in rows if len(cells) > number and cells[number]), None)
        if found is not None:
            faults.append(Fault("column-without-name", place, {"number": number + 1}, found=shown(found)))
        elif number < len(names):
            faults.append(Fault("column-without-name", place, {"number": number + 1}))
    return faults


def header_below(records: Sequence[Record]) -> Record | None:
    """The names of the columns, where a title stands above them: it fills few cells, and a line soon after looks like names."""
    filled = sum(map(bool, records[0][1]))
    for number, (below, cells) in enumerate(records[1:_LINES_OF_TITLES], start=1):
        names = _without_empty_end(cells)
        if len(names) < 2 * filled or len(names) < 2 or not _like_names(names):
            continue
        wide = [len(_without_empty_end(row)) for _, row in records[number + 1 :]]
        if wide and max(wide) <= len(names):
            return below, cells
    return None


def _like_names(cells: list[str]) -> bool:
    return len({cell.casefold() for cell in cells}) == len(cells) and all(
        cell and written.number(cell) is None and not cell.isdigit() for cell in cells
    )


def _decoded(data: bytes, name: str) -> tuple[str | None, tuple[Fault, ...]]:
    """The text of a file, and what is to be told of its encoding."""
    for start, kind in _BINARY.items():
        if data.startswith(start):
            return None, (Fault("not-a-csv", Place(name), {"kind": kind}),)
    if data.startswith(_UTF16):
        return None, (Fault("csv-utf16", Place(name)),)
    data = data.removeprefix(codecs.BOM_UTF8)
    if (index := data.find(b"\0")) >= 0:
        return None, (Fault("csv-binary", place_of_byte(data, index, name)),)
    try:
        return data.decode("utf-8").removeprefix("\ufeff"), ()
    except UnicodeDecodeError as error:
        place = place_of_byte(data, error.start, name)
        wrong = Fault("csv-encoding", place, {"byte": f"0x{data[error.start]:02X}"})
    try:
        text = data.decode("gb18030").removeprefix("\ufeff")  # holds GBK; what Chinese Excel writes
    except UnicodeDecodeError:
        return None, (wrong,)
    if not surely_chinese(text):
        return None, (wrong,)
    return text, (Notice("read-as-chinese", Place(name), {"sample": shown(_words_of(text))}),)


def _words_of(text: str) -> str:
    """The first Chinese words of a text, to look at."""
    words = re.findall(r"[^\x00-\x7f]+", text[:10_000])
    return "、".join(dict.fromkeys(words[:5]))


def _sheet(text: str) -> _Sheet:
    """The text with what cuts its cells: said in Excel's own first line, else found in the header."""
    if said := _SAID.match(text):
        return _Sheet(text[said.end() :], said[1], before=1)
    return _Sheet(text, _delimiter(text))


def _delimiter(text: str) -> str:
    """The one of comma, tab and semicolon that stands in the header outside quotes and cuts the rows as it cuts the header.

    Where several do, the first of them; a title above the header is no header.
    """
    filled = filter(str.strip, io.StringIO(text[:1_000_000], newline=None))
    lines = [line.removesuffix("\n") for line in itertools.islice(filled, _SAMPLE)]
    heads = lines[:1]
    if heads and not any(_outside_quotes(heads[0], mark) for mark in _DELIMITERS):
        heads = [line for line in lines[1:_LINES_OF_TITLES] if any(_may_be_header(line, mark) for mark in _DELIMITERS)]
    marks = [mark for mark in _DELIMITERS if heads and _outside_quotes(heads[0], mark)]
    if len(marks) < 2:
        return marks[0] if marks else ","
    return max(marks, key=lambda mark: (_as_wide(text, mark), -_DELIMITERS.index(mark)))


def _may_be_header(line: str, mark: str) -> bool:
    cells = [cell.strip(' "') for cell in line.split(mark)]
    return len(cells) > 2 and _like_names(cells)


def _outside_quotes(line: str, mark: str) -> bool:
    return mark in re.sub(r'"[^"]*("|$)', "", line)


def _as_wide(text: str, mark: str) -> int:
    """How many of the first rows this mark cuts into as many cells as the first of them."""
    reader = csv.reader(io.StringIO(text[:1_000_000], newline=""), delimiter=mark)
    try:
        widths = [len(cells) for cells in itertools.islice(reader, _SAMPLE) if any(cells)]
    except csv.Error:
        return 0
    return sum(width == widths[0] for width in widths)


def _records(sheet: _Sheet, name: str) -> tuple[list[Record], Fault | None]:
    """Each record with the line on which it starts, up to the first that cannot be read."""
    records: list[Record] = []
    reader = sheet.reader()
    line = sheet.before + 1
    try:
        for cells in reader:
            records.append((line, [spelled(cell) for cell in cells]))
            line = sheet.before + reader.line_num + 1
    except csv.Error:
        # An open quote swallows all lines after it, so the record's first line is the place to look at.
        return records, Fault("csv-quote", Place(name, row=line))
    return records, None


def _stranger(line: int, cells: list[str], name: str) -> Fault | None:
    """A row of the wrong length that is no row: a sum of the others, or a remark."""
    filled = [cell for cell in cells if cell]
    if is_total(filled[0] if filled else ""):
        return Fault("total-row", Place(name, row=line), {"text": filled[0], "what": Say("faults.row.other")})
    if len(filled) == 1 and is_note(filled[0]):
        return Fault("note-row", Place(name, row=line), {"text": filled[0]})
    return None


def _header_faults(names: list[str], place: Place) -> list[Fault]:
    faults = []
    first: dict[str, str] = {}
    for name in filter(None, names):
        if name.casefold() in first:  # SQL does not tell `Code` from `code`
            at = Place(place.file, row=place.row, field=name)
            faults.append(Fault("duplicate-column", at, {"column": name, "first": first[name.casefold()]}))
        else:
            first[name.casefold()] = name
    return faults


def _row_faults(bad: list[tuple[int, int]], width: int, name: str) -> list[Fault]:
    faults = [
        Fault("ragged-row", Place(name, row=line), found=cells, expected=width) for line, cells in bad[: most_faults()]
    ]
    if (more := len(bad) - most_faults()) > 0:
        faults.append(Fault("ragged-rows-more", Place(name, row=bad[most_faults()][0]), {"count": more}))
    return faults
