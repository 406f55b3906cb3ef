"""The cells of a workbook as texts, exactly as a table in a text file would have them.

Lives here: sheets, shared texts, number formats, merged cells, hidden rows, formulas with their stored values.
Not here: the file itself (container.py), what stands where (tables.py, policy.py).

A number is what a spreadsheet shows of it at full width, 15 digits; a format of zeros (`000000`, `0.00`) is kept, so that 7 in a
column of codes is 000007. A date is 2026-03-01, a truth value TRUE or FALSE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from allocator.faults import column_number
from allocator.read.book.container import WORKBOOK, Handler, Parts, local
from allocator.read.book.index import Index, Relations, Texts, unescaped
from allocator.read.book.number_formats import Form, Styles, moment, number_text

MOST_CELLS = 20_000_000  # of a sheet, with the empty ones before the last
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # what a sheet can have
_RELATIONS = "xl/_rels/workbook.xml.rels"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


_GENERAL = Form()


class AsItStands(str):
    """The text of a cell that has the format Text: nobody tidies it."""

    __slots__ = ()


class Typed(str):
    """The text of a cell that holds no text: a number, a date, a truth value."""

    __slots__ = ()


class Truth(Typed):
    """TRUE or FALSE."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet. `rows`: each row that has a cell, by its number from 1, its cells from column A, "" where empty.

    valueless: cells (row, column) with a formula and no stored value.
    """

    title: str
    hidden: bool
    rows: Mapping[int, Sequence[str]]
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    valueless: Sequence[tuple[int, int]] = ()


def sheets(parts: Parts) -> tuple[Sheet, ...]:
    """Every sheet with cells, in their order. Raises Refused."""
    book = Index()
    parts.parse(WORKBOOK, book)
    relations = Relations()
    if parts.has(_RELATIONS):
        parts.parse(_RELATIONS, relations)
    texts, styles = Texts(), Styles()
    for part in relations.of("sharedStrings"):
        if parts.has(part):
            parts.parse(part, texts)
    for part in relations.of("styles"):
        if parts.has(part):
            parts.parse(part, styles)
    found = []
    for title, hidden, relation in book.sheets:
        part = relations.targets.get(relation, "")
        if relations.kinds.get(relation) != "worksheet" or not parts.has(part):  # a sheet of a chart, or a dialogue
            continue
        reader = _Cells(texts.found, styles.forms(), book.since_1904, parts)
        parts.parse(part, reader)
        found.append(reader.sheet(title, hidden))
    return tuple(found)


@dataclass
class _Cells(Handler):
    """The cells of one sheet, as they come."""

    texts: Sequence[str]
    forms: Sequence[Form]
    since_1904: bool
    parts: Parts
    rows: dict[int, list[str]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    valueless: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    row: int = 0
    column: int = 0
    width: int = 0
    held: int = 0
    kind: str = ""
    form: Form = _GENERAL
    formula: bool = False
    reading: int = 0
    said: list[str] = field(default_factory=list)
    inside: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "c":
                self._cell(attributes)
            case "v":
                self.inside = True
            case "t":
                self.inside = not self.reading
            case "rPh":
                self.reading += 1
            case "f":
                self.formula = True
            case "row":
                self._row(attributes)
            case "mergeCell":
                self._merge(attributes.get("ref", ""))
            case "col" if attributes.get("hidden") in ("1", "true"):
                first, last = (int(attributes.get(end, "1")) for end in ("min", "max"))
                self.hidden_columns += range(first, min(last, MOST_COLUMNS) + 1)

    def _row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        self.row = int(number) if number.isdigit() else self.row + 1
        self.column = 0
        if self.row > MOST_ROWS:
            raise self.parts.refused("book-broken")
        if attributes.get("hidden") in ("1", "true"):
            self.hidden_rows.append(self.row)

    def _cell(self, attributes: Mapping[str, str]) -> None:
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        self.column = column_number(match[1]) if match else self.column + 1
        if self.column > MOST_COLUMNS:
            raise self.parts.refused("book-broken")
        self.kind = attributes.get("t", "n")
        style = attributes.get("s", "0")
        number = int(style) if style.isdigit() else 0
        self.form = self.forms[number] if number < len(self.forms) else _GENERAL
        self.formula, self.said = False, []

    def text(self, text: str) -> None:
        if self.inside:
            self.said.append(text)

    def end(self, name: str) -> None:
        match local(name):
            case "v" | "t":
                self.inside = False
            case "rPh":
                self.reading -= 1
            case "c":
                said = "".join(self.said)
                text = self._text(said) if said else ""
                if self.formula and not said and self.kind != "str":
                    self.valueless.append((self.row, self.column))
                if text:
                    self._put(text)

    def _put(self, text: str) -> None:
        cells = self.rows.setdefault(self.row, [])
        if self.column > len(cells):
            self.width = max(self.width, self.column)
            self.held += self.column - len(cells)
            if self.held > MOST_CELLS:  # one cell at the far end of each of a million rows
                raise self.parts.refused("book-too-many-cells", most=MOST_CELLS)
            cells.extend([""] * (self.column - len(cells)))
        cells[self.column - 1] = text

    def _text(self, said: str) -> str:
        match self.kind:
            case "s":
                number = int(said) if said.strip().isdigit() else -1
                if not 0 <= number < len(self.texts):
                    raise self.parts.refused("book-broken")
                found = self.texts[number]
            case "str" | "inlineStr" | "e":
                found = unescaped(said)
            case "b":
                return Truth("TRUE" if said.strip() == "1" else "FALSE")
            case "d":
                return Typed(said.removesuffix("T00:00:00").replace("T", " "))
            case _:
                return self._number(said.strip())
        return AsItStands(found) if self.form.is_text else found

    def _number(self, said: str) -> str:
        try:
            value = float(said)
        except ValueError:
            return said
        if self.form.date or self.form.time:
            return Typed(moment(value, self.form, self.since_1904) or number_text(value, 0, 0))
        found = number_text(value, self.form.zeros, self.form.places)
        return AsItStands(found) if self.form.is_text else Typed(found)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        ends = [_REFERENCE.fullmatch(end) for end in (first, last)]
        if ends[0] and ends[1] and int(ends[1][2]) > int(ends[0][2]):
            self.merged.append((column_number(ends[0][1]), int(ends[0][2]), int(ends[1][2])))

    def sheet(self, title: str, hidden: bool) -> Sheet:
        """What was read; a cell that is merged over several rows stands in each of them that has a cell."""
        for column, first, last in self.merged:
            held = self.rows.get(first, [])
            text = held[column - 1] if len(held) >= column else ""
            for row in [n for n in self.rows if first < n <= last] if text else []:
                cells = self.rows[row]
                cells.extend([""] * (column - len(cells)))
                cells[column - 1] = cells[column - 1] or text
        hidden_rows = [row for row in self.hidden_rows if row in self.rows]
        used = [column for column in self.hidden_columns if column <= self.width]
        return Sheet(title, hidden, dict(sorted(self.rows.items())), hidden_rows, used, self.valueless)
