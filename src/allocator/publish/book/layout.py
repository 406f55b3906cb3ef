"""Which table stands on which sheet of a workbook, and in which rows.

Lives here: the sheets in their order, their names, the row where each table begins; the table behind a cell.
Not here: the bytes (write.py), the tables (publish/content.py).

The same tables always lie in the same cells: so the figure behind the address of a cell is found again (publish/replayed.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from allocator.publish.content import Cell, Content, Table
from allocator.publish.tables import latin
from allocator.words import known, say

MOST_SHEETS = (
    40  # of one kind (programs, the groups of one column); of more, all stand on one sheet, one below the other
)
HEAD = 3  # rows above the head of the first table: its title, what it is of, the marks
LONGEST_NAME = 31  # of a sheet: the format allows no more
FIRST = "about"  # the sheet that says what is in the book
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(frozen=True)
class Placed:
    """A table on a sheet, rows from 0: its title, its head (None: it stands under that of the sheet), its first row."""

    table: Table
    title: int | None
    head: int | None
    first: int

    @property
    def end(self) -> int:
        """The row after its last one."""
        return self.first + len(self.table.rows)

    @property
    def after(self) -> int:
        """The row after its notes."""
        return self.end + len(self.table.notes)


@dataclass(frozen=True)
class Sheet:
    """One sheet: the kind of its tables (`annex`, `program`, `prefecture`), its name on the tab, its title."""

    kind: str
    name: str
    title: str
    tables: tuple[Placed, ...]

    @property
    def columns(self) -> int:
        return max(len(placed.table.columns) for placed in self.tables)

    @property
    def rows(self) -> int:
        return max(placed.after for placed in self.tables)


def sheets(content: Content) -> list[Sheet]:
    """The sheets after the first one; those of groups stand last, since they are many."""
    taken = {sheet_name(FIRST, content).casefold(), "history"}  # the latter is Excel's own
    kinds = [(kind, list(tables)) for kind, tables in groupby(content.tables, key=lambda t: kind_of(t, content))]
    groups = {kind for kind, _ in kinds if kind in content.names.model.policy.groups}
    ordered = [one for one in kinds if one[0] not in groups] + [one for one in kinds if one[0] in groups]
    return [sheet for kind, tables in ordered for sheet in _of_kind(kind, tables, content, taken)]


def kind_of(table: Table, content: Content) -> str:
    """`program` and the column of a group for the tables of which there are many, else the table's own id."""
    if table.about is None:
        return table.id
    if table.id.startswith("program-"):
        return "program"
    about = table.about
    groups = content.names.model.policy.groups
    return next((column for column in groups if table.id == f"{latin(column)}-{latin(about)}"), table.id)


def _of_kind(kind: str, tables: Sequence[Table], content: Content, taken: set[str]) -> Iterator[Sheet]:
    if len(tables) <= MOST_SHEETS:
        for table in tables:
            yield Sheet(kind, _own_name(_called(kind, table, content), taken), table.title, (_alone(table),))
        return
    name = _own_name(sheet_name(kind, content), taken)
    yield Sheet(kind, name, sheet_name(kind, content), tuple(_below_one_another(tables)))


def _alone(table: Table) -> Placed:
    return Placed(table, None, HEAD, HEAD + 1)


def _below_one_another(tables: Sequence[Table]) -> Iterator[Placed]:
    """One head for all where their columns are called the same, else each with its own."""
    alike = len({tuple(column.title for column in table.columns) for table in tables}) == 1
    row = HEAD + 1 if alike else HEAD
    for table in tables:
        own = None if alike else row + 1
        placed = Placed(table, row, own, row + (1 if alike else 2))
        yield placed
        row = placed.after + (0 if alike else 1)


def _called(kind: str, table: Table, content: Content) -> str:
    names = content.names
    if kind == "program":
        assert table.about is not None
        return f"{table.id.removeprefix('program-')} {names.program(table.about)}"
    if kind in names.model.policy.groups:
        assert table.about is not None
        return names.group(kind, table.about)
    return sheet_name(kind, content)


def sheet_name(kind: str, content: Content) -> str:
    """What the sheet of a kind is called: by our word for it, else by the column's title or the table's."""
    lang, names = content.names.lang, content.names
    plain, _, number = kind.rpartition("-")  # of several plans each has its number
    numbered = number.isdigit() and known(f"book.sheet.{plain}", lang)
    code = f"book.sheet.{plain if numbered else kind}"
    if known(code, lang):
        return say(code, lang, number=number)
    if kind in names.model.policy.groups:
        return names.column(kind)
    return next((table.title for table in content.tables if table.id == kind), kind)


def _own_name(wanted: str, taken: set[str]) -> str:
    """A name that the format allows and no other sheet has."""
    plain = " ".join(_NOT_IN_NAMES.sub(" ", wanted).split()).strip("'") or "-"
    name, number = _short(plain, LONGEST_NAME), 1
    while name.casefold() in taken:
        number += 1
        name = _short(plain, LONGEST_NAME - len(f" ({number})")) + f" ({number})"
    taken.add(name.casefold())
    return name


def _short(name: str, most: int) -> str:
    """The beginning of a name; characters beyond the first plane count as two there."""
    while len(name.encode("utf-16-le")) > 2 * most:
        name = name[:-1]
    return name.rstrip(" '")


def cell_at(sheet: Sheet, row: int, column: int) -> tuple[Table, int, int, Cell] | None:
    """The table's cell at a row and a column of the sheet (from 0), with its row and column in the table (from 1)."""
    for placed in sheet.tables:
        r = row - placed.first
        if 0 <= r < len(placed.table.rows) and column < len(placed.table.rows[r].cells):
            return placed.table, r + 1, column + 1, placed.table.rows[r].cells[column]
    return None


def figures(sheets: Iterable[Sheet]) -> Iterator[tuple[Sheet, int, int, Cell]]:
    """Every figure with its sheet, row and column from 0."""
    for sheet in sheets:
        for placed in sheet.tables:
            for r, row in enumerate(placed.table.rows, placed.first):
                for c, cell in enumerate(row.cells):
                    if cell.asked is not None:
                        yield sheet, r, c, cell
