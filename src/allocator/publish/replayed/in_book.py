"""The figures of a book, each with what its cell says.

Lives here: the sheet that is meant by a name in either language, the figure in a cell, the nearest one where it holds none.
Not here: reading the file (book/read.py), where tables stand (book/layout.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocator.faults import Fault, InputError, Place, nearest
from allocator.publish.book.layout import Sheet, cell_at, figures, sheets
from allocator.publish.book.read import ReadBook
from allocator.publish.content import Cell, Content, Table
from allocator.publish.replayed.address import Address, cell_name
from allocator.publish.replayed.figure import Figure, stated
from allocator.words import Lang


def every_figure(book: ReadBook, contents: Mapping[Lang, Content]) -> list[Figure]:
    """All of them."""
    found = sheets(contents[book.said.lang])
    named = {id(sheet): _name_in_file(book, found, number) for number, sheet in enumerate(found)}
    return [
        _figure(book, sheet, named[id(sheet)], row, column, at[0])
        for sheet, row, column, _ in figures(found)
        if (at := cell_at(sheet, row, column)) is not None
    ]


def figure_at(book: ReadBook, contents: Mapping[Lang, Content], address: Address) -> Figure:
    """The one at an address. Raises InputError where there is none, with the nearest that is one."""
    found = sheets(contents[book.said.lang])
    number = _sheet(book, contents, address)
    sheet, cell = found[number], address.cell
    name = _name_in_file(book, found, number)
    if cell is None:
        first = next((cell_name(row, column) for _, row, column, _ in figures([sheet])), None)
        raise InputError(
            [Fault("replay-no-cell", _place(address), found=address.inside, nearest=first and f"{name}!{first}")]
        )
    at = cell_at(sheet, *cell)
    if at is None or at[3].asked is None:
        raise InputError([Fault("replay-no-figure", _place(address), nearest=_nearest(sheet, name, *cell))])
    return _figure(book, sheet, name, *cell, at[0])


def _place(address: Address) -> Place:
    return Place(str(address.file) if address.inside is None else f"{address.file}!{address.inside}")


def _figure(book: ReadBook, sheet: Sheet, name: str, row: int, column: int, table: Table) -> Figure:
    at = cell_at(sheet, row, column)
    assert at is not None and at[3].asked is not None
    value = stated(book.value(name, row, column), at[3])
    return Figure(f"{name}!{cell_name(row, column)}", about(table, at[1], at[2]), value, at[3].asked)


def about(table: Table, row: int, column: int) -> str:
    """What a cell is about, in words: the title of the table, the first texts of the row, the head of the column."""
    texts = [text for cell in table.rows[row - 1].cells if (text := _text(cell)) is not None][:2]
    parts = [table.title, *(text for text in texts if text), table.columns[column - 1].title]
    return " · ".join(dict.fromkeys(parts))


def _text(cell: Cell) -> str | None:
    return cell.value if isinstance(cell.value, str) and cell.value and cell.asked is None else None


def _name_in_file(book: ReadBook, found: Sequence[Sheet], number: int) -> str:
    """The name of a sheet in the file: somebody may have given it another one, and then its place counts."""
    name = found[number].name
    if name not in book.sheets and len(book.sheets) == len(found) + 1:
        return book.sheets[number + 1]
    if name not in book.sheets:
        raise InputError([Fault("replay-no-sheet", Place(name), found=name, expected=list(book.sheets))])
    return name


def _sheet(book: ReadBook, contents: Mapping[Lang, Content], address: Address) -> int:
    """The number of the sheet that is meant: by its name in the file, or by the one that it has in either language."""
    wanted = address.sheet or (address.inside or "")
    names: dict[str, int] = {}
    for content in contents.values():
        for number, sheet in enumerate(sheets(content)):
            names.setdefault(sheet.name.casefold(), number)
    for number, name in enumerate(book.sheets[1:]):
        names[name.casefold()] = number
    if wanted.casefold() not in names:
        near = nearest(wanted, book.sheets[1:])
        raise InputError([Fault("replay-no-sheet", _place(address), found=wanted, nearest=near)])
    return names[wanted.casefold()]


def _nearest(sheet: Sheet, name: str, row: int, column: int) -> str | None:
    """The cell with a figure that is nearest to one without."""
    cells = [(r, c) for _, r, c, _ in figures([sheet])]
    if not cells:
        return None
    return f"{name}!{cell_name(*min(cells, key=lambda at: (abs(at[0] - row) + abs(at[1] - column), at)))}"
