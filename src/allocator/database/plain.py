"""Groups by columns of the units alone, by programs and by periods, and measures that are one: found without asking SQL.

Lives here: which columns are plain, the labels of groups of them, the code and the measure of every cell.
Not here: all other groups and measures, and the relation of groups that SQL joins (groups.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from allocator.database.expression import Expression
from allocator.database.frames import Frames
from allocator.model.model import DIMS
from allocator.model.query import Ints, Label
from allocator.model.source import UNITS
from allocator.model.table import Coded, Column

KINDS = ("text", "whole", "yes_no")  # of other kinds only where groups are formed by the cells as written


def column_of(db: Frames, name: str) -> Column | None:
    """The column of the units that a name means; None where it means anything else."""
    if name == "unit":
        return db.model.units.columns["unit"]
    if db.names.look_up(name).source != UNITS:
        return None
    column = db.model.units.columns[name.removeprefix("units.")]
    return column if column.texts is not None or column.kind in KINDS else None


def labels(db: Frames, by: Sequence[str], programs: Sequence[str]) -> tuple[Label, ...] | None:
    """The labels of `by` in order; None where SQL must find them. A declared group stands with all its own rows."""
    columns = {name: column_of(db, name) for name in by if name not in DIMS[1:]}
    found = {name: column.labels for name, column in columns.items() if column is not None}
    if len(found) < len(columns) or len(set(by)) < len(by) or not programs or not db.model.units.height:
        return None
    units: set[Label] = set(zip(*found.values(), strict=True)) if found else {()}
    if found and all(name in db.model.groups for name in found):
        units |= set(product(*(db.model.groups[name].columns["id"].values for name in found)))
    units = {unit for unit in units if None not in unit}
    free: Mapping[str, Iterable[str | int]] = {"program": programs, "period": set(db.model.policy.periods)}
    rest: Iterable[Label] = product(*(free[name] for name in by if name in free))
    order = [*found, *(name for name in by if name in free)]
    place = [order.index(name) for name in by]
    every: Iterable[Label] = ((*unit, *others) for unit, others in product(units, rest))
    return tuple(sorted(every if place == sorted(place) else (tuple(row[i] for i in place) for row in every)))


def codes(db: Frames, name: str, cells: dict[str, Ints]) -> tuple[Ints, dict[Any, int]] | None:
    """The code of a plain column for every cell (-1: none), and the code of each value."""
    if name in DIMS:
        return cells[name], {value: i for i, value in enumerate(db.axes[name])}
    column = column_of(db, name)
    if column is None:
        return None
    coded = column.coded if column.texts is None else Coded.of(column.texts)
    number = np.arange(len(coded.distinct), dtype=np.int64)
    of_value = {value: i for i, value in enumerate(coded.distinct) if value is not None}
    if None in coded.distinct:
        number[coded.distinct.index(None)] = -1
    return number[coded.code][db.unit_rows][cells["unit"]], of_value


def measure(db: Frames, expression: Expression, cells: dict[str, Ints]) -> Ints | None:
    """A column of the units, of whole numbers of which none is missing, for every cell; None where a measure is anything else."""
    name = expression.sql
    alone = expression.columns == (name,) and name not in DIMS and db.names.look_up(name).source == UNITS
    column = column_of(db, name) if alone else None
    if column is None or column.kind != "whole" or column.array.dtype != np.int64:
        return None
    found: Ints = column.array[db.unit_rows][cells["unit"]]
    return found
