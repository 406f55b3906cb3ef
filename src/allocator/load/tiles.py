"""Whether the table of the map has a tile for every unit, and no two at one place.

Lives here: the checks of `map`, the tiles as whole numbers.
Not here: the table's keys (data.py), the map (publish/map).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from allocator.faults import Fault, nearest
from allocator.load.context import Context
from allocator.load.row_checks import whole_number
from allocator.model.source import UNITS, Source
from allocator.model.table import DataTable
from allocator.read.fault_collector import FirstFaults, shown

COLUMNS = ("column", "row")
MOST = 500  # columns or rows of a map


def tiles(context: Context) -> None:
    """The table that `map` names has a place for each unit; what is wrong is told at its cells."""
    name, lost = context.policy.map, context.data.lost
    if name is None or Source("table", name) in lost or name in context.shaped.names_lost("tables"):
        return
    table = context.model.tables.get(name)
    if table is None:
        context.fault("unknown-map", ("map",), {"table": name}, near=nearest(name, context.model.tables))
        return
    if tuple(context.policy.tables[name].key) != ("unit",):
        context.fault("map-key", ("map",), {"table": name}, found=list(context.policy.tables[name].key))
        return
    missing = [column for column in COLUMNS if column not in table.columns]
    for column in missing:
        params = {"column": column, "file": table.files[0]}
        context.fault("missing-column-in-file", ("map",), params, near=nearest(column, table.columns))
    if not missing:
        _places(context, table)


def _places(context: Context, table: DataTable) -> None:
    few, taken = FirstFaults(context.faults), dict[tuple[int, int], int]()
    for row, cells in enumerate(zip(*(table.columns[name].values for name in COLUMNS), strict=True)):
        numbers = [_whole(cell) for cell in cells]
        for name, number in zip(COLUMNS, numbers, strict=True):
            if number is None or not 1 <= number <= MOST:
                found = table.columns[name].values[row]
                few.add(Fault("bad-tile", table.place(row, name), {"most": MOST}, shown(_plain(found))))
                break
        else:
            at = (numbers[0] or 0, numbers[1] or 0)
            if taken.setdefault(at, row) != row:
                place = table.place(row, COLUMNS[0])
                first = table.columns["unit"].values[taken[at]]
                params = {"column": at[0], "row": at[1], "unit": first, "first": table.place(taken[at], COLUMNS[0])}
                few.add(Fault("tile-twice", place, params))
    units = context.model.units
    if UNITS not in context.data.lost and table.files[0] not in context.data.partial:
        known = set(table.columns["unit"].values)
        for row, unit in enumerate(units.columns["unit"].values):
            if unit not in known:
                place = units.place(row, context.policy.units.id)
                few.add(Fault("no-tile", place, {"unit": unit, "file": table.files[0]}))
    few.close()


def _whole(cell: Any) -> int | None:
    """The whole number in a cell, however its column was read; None where it holds none."""
    if isinstance(cell, Decimal):
        return int(cell) if cell == int(cell) else None
    return None if isinstance(cell, bool) else whole_number(cell)


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, (str, bool, int, Decimal)) else str(cell)
