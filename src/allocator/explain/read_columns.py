"""Which columns a declaration reads, from which files; which of them are private.

Lives here: the look-up, for programs, rules and objectives of any kind.
Not here: how expressions are read (database/), who may see what (report/letter.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from allocator.database import Database
from allocator.database.expression import parse
from allocator.model.fields import Uses, marks
from allocator.model.model import Model
from allocator.model.source import CELL, Source


class Read(NamedTuple):
    """A column of a table."""

    source: Source
    column: str


def columns_read(declared: BaseModel, tables: Database) -> frozenset[Read]:
    """The columns that the expressions of a declaration name, those of its computed figures among them."""
    found: set[Read] = set()
    for _, mark, sql in marks(declared):
        if isinstance(mark, Uses):
            found |= set(_named(str(sql), tables))
    return frozenset(found)


def private_columns(tables: Database) -> frozenset[Read]:
    return frozenset(
        read
        for name in tables.model.policy.private
        for read in _named(f'"{name}"' if "." not in name else name, tables)
    )


def _named(sql: str, tables: Database) -> Iterator[Read]:
    figures = tables.model.policy.figures
    for name in parse(sql).columns:
        ref = tables.names.found.get(name)
        if ref is not None and ref.source is not None and ref.source != CELL:
            yield Read(ref.source, ref.column)
        elif name in figures:
            yield from _named(figures[name].value, tables)


def files_of(model: Model, source: Source) -> tuple[str, ...]:
    """The files of a table, by the names that the policy has for them."""
    policy = model.policy
    if source.kind == "table":
        return (policy.tables[source.name].file,)
    if source.kind == "group":
        return (policy.groups[source.name].file,)
    return tuple(policy.units.file)
