"""The names of cells: `B7` and back.

Lives here: references to sheets, cells in a row of one column as one range.
Not here: what stands in a cell (read/).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from allocator.faults import column_letters, column_number

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]*)")
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576


def coordinates(cell: str) -> tuple[int, int]:
    """Row and column from 0. Raises ValueError for a text that names no cell."""
    found = _CELL.fullmatch(cell)
    if found is None:
        raise ValueError(f"no cell: {cell!r}")
    column = column_number(found[1])
    row = int(found[2])
    if column > MOST_COLUMNS or row > MOST_ROWS:
        raise ValueError(f"no cell: {cell!r}")
    return row - 1, column - 1


def at_cell(sheet: str, cell: str) -> str:
    """A cell of a sheet as formulas and links write it: `'Mark''s sheet'!B7`."""
    return "'" + sheet.replace("'", "''") + f"'!{cell}"


def ranges(cells: Iterable[str]) -> Iterator[str]:
    """The cells as ranges down the columns: `B2 B3 B4 D7` as `B2:B4`, `D7`."""
    columns: dict[int, list[int]] = defaultdict(list)
    for row, column in sorted(set(map(coordinates, cells))):
        columns[column].append(row)
    for column, rows in sorted(columns.items()):
        first = last = rows[0]
        for row in [*rows[1:], -1]:
            if row == last + 1:
                last = row
                continue
            name = column_letters(column + 1)
            yield f"{name}{first + 1}" if first == last else f"{name}{first + 1}:{name}{last + 1}"
            first = last = row
