"""The empty cells that leave a figure unknown.

Lives here: looking for them, given the expression that came out unknown.
Not here: where the cells stand in a file (load/rows.py), what is told of them (load/missing_figures.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.database.expression import (
    needed,
    parse,
    parts,
)
from allocator.database.figures import Figured
from allocator.database.names import Ref, quoted
from allocator.model.model import DIMS
from allocator.model.query import Groups
from allocator.model.source import CELL, UNITS, Source


@dataclass(frozen=True)
class Empty:
    """An empty cell of a table: `key` names its row, as far as the keys are known."""

    source: Source
    column: str
    key: Mapping[str, Any]


def empty_cells(db: Figured, groups: Groups, g: int, expression: str, most: int) -> list[Empty]:
    """The empty cells that leave a bound unknown for a group: at most `most` of each column."""

    def frame(refs: Sequence[Ref]) -> str:
        own = {
            r.source: [f"{db.names.look_up(b).label} = g.k{i}"]
            for i, b in enumerate(groups.by)
            if (r := db.names.look_up(b)).many and r.source is not None
        }
        return (
            f"{groups.relation} g join {db.members_of(groups)} c on c.gid = g.gid and g.gid = {g} {db.joins(refs, own)}"
        )

    return _empty(db, expression, frame, most, {"unit": "c.unit", "program": "c.program", "period": "c.period"})


def empty_in_table(db: Figured, expression: str, most: int) -> list[Empty]:
    """The empty cells that leave a figure of a table's rows unknown."""
    (source,) = {r.source for r in db.refs(parse(expression)) if r.source} or {UNITS}
    alias = quoted(source.relation)
    keys = {name: f"{alias}.{quoted(name)}" for name in db.model.key_of(source)}
    return _empty(db, expression, lambda _: db.table(source), most, keys)


def empty_of_units(db: Figured, expression: str, where: str, most: int) -> list[Empty]:
    """The empty cells of the units that pass `where` which leave an indicator unknown."""
    condition = parse(where)

    def frame(refs: Sequence[Ref]) -> str:
        joined = db.joins([*refs, *db.refs(condition)])
        return f"(select * from {db.candidate_rows((), ('unit',))} c) c {joined}"

    return _empty(db, expression, frame, most, {"unit": "c.unit"}, db.condition_sql(condition))


def _empty(
    db: Figured,
    expression: str,
    frame: Callable[[Sequence[Ref]], str],
    most: int,
    cell: Mapping[str, str],
    also: str = "true",
) -> list[Empty]:
    found: list[Empty] = []
    for part in parts(parse(expression)):
        argument, condition = parse(part.sql), parse(part.condition)
        if any(name not in db.names.found for name in (*argument.columns, *condition.columns)):
            continue
        refs = db.refs(argument, condition)
        for column in needed(argument) if argument.root["class"] != "COLUMN_REF" else argument.columns:
            ref = db.names.look_up(column)
            if ref.source is None or ref.source == CELL:
                continue
            own = [k for k in db.model.key_of(ref.source) if k not in DIMS]
            keys = {k: f"{quoted(ref.source.relation)}.{quoted(k)}" for k in own} | dict(cell)
            there = db.there(column)
            wanted = [f"{db.sql_of(argument)} is null", f"{ref.sql} is null", db.condition_sql(condition), also]
            wanted += [f"{there} is not null"] if there else []
            rows = db.rows(
                f"select distinct {', '.join(keys.values())} from {frame(refs)} where {' and '.join(wanted)} "
                f"order by all limit {most}"
            )
            found += [Empty(ref.source, ref.column, dict(zip(keys, row, strict=True))) for row in rows]
    return found
