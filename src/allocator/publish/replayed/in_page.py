"""The figures of a page, each with what the file says.

Lives here: the figure at an address `table.row.column`, counted from 1, the nearest one where it holds none.
Not here: reading the file (in_html.py), the page itself (page/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocator.faults import Fault, InputError, Place, nearest
from allocator.publish.content import Cell, Table
from allocator.publish.replayed.address import Address
from allocator.publish.replayed.figure import Figure, stated
from allocator.publish.replayed.in_book import about
from allocator.publish.replayed.in_html import ReadHtml


def every_figure(page: ReadHtml, tables: Mapping[str, Table]) -> list[Figure]:
    """All that stand in the file, in the order of the tables."""
    return [figure for table in tables.values() for figure in _of(page, table)]


def _of(page: ReadHtml, table: Table) -> Iterator[Figure]:
    for r, row in enumerate(table.rows, 1):
        for c, cell in enumerate(row.cells, 1):
            if cell.asked is not None:
                yield from _figures(page, table, r, c, cell)


def _figures(page: ReadHtml, table: Table, r: int, c: int, cell: Cell) -> Iterator[Figure]:
    """What a page says in a cell: in each language once, where the texts differ."""
    assert cell.asked is not None
    address = f"{table.id}.{r}.{c}"
    for value in _values(page, table.id, r, c):
        yield Figure(address, about(table, r, c), stated(value, cell), cell.asked)


def _values(page: ReadHtml, table: str, r: int, c: int) -> list[Any]:
    """The texts that stand in the file, or the value in the data of the script; none where it holds no such cell."""
    if (address := f"{table}.{r}.{c}") in page.at:
        return list(dict.fromkeys(page.at[address]))
    try:
        column = page.data["tables"][table]["c"][c - 1]
        held, pool = column["v"][r - 1], page.data["pool"]
        if held is None or (isinstance(held, int) and not column.get("p")):
            return [held]
        told = pool[held[0] if isinstance(held, list) else held]
    except (KeyError, IndexError, TypeError):
        return []
    return list(dict.fromkeys(told)) if isinstance(told, list) else [told]


def figure_at(page: ReadHtml, tables: Mapping[str, Table], address: Address) -> list[Figure]:
    """Those at an address: one, or one a language. Raises InputError where there is none, with the nearest that is one."""
    place = Place(f"{address.file}#{address.inside}")
    name, *spot = (address.inside or "").rsplit(".", 2)
    if name not in tables:
        raise InputError([Fault("replay-no-table", place, found=name, nearest=nearest(name, tables))])
    table = tables[name]
    if len(spot) == 2 and all(part.isascii() and part.isdigit() for part in spot):
        r, c = map(int, spot)
        if 0 < r <= len(table.rows) and 0 < c <= len(table.columns):
            cell = table.rows[r - 1].cells[c - 1]
            if cell.asked is not None and (found := list(_figures(page, table, r, c, cell))):
                return found
    else:
        r = c = 1
    raise InputError([Fault("replay-no-figure", place, nearest=_nearest(table, r, c))])


def _nearest(table: Table, r: int, c: int) -> str | None:
    spots = [
        (abs(row - r) + abs(column - c), row, column)
        for row, held in enumerate(table.rows, 1)
        for column, cell in enumerate(held.cells, 1)
        if cell.asked is not None
    ]
    if not spots:
        return None
    _, row, column = min(spots)
    return f"{table.id}.{row}.{column}"
