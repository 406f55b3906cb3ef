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
    """Those that the model calls so; loading has asked that each is one."""
    refs = [tables.names.found[name] for name in tables.model.policy.private]
    return frozenset(Read(ref.source, ref.column) for ref in refs if ref.source is not None)


def _named(sql: str, tables: Database) -> Iterator[Read]:
    figures = tables.model.policy.figures
    for name in parse(sql).columns:
        ref = tables.names.found.get(name)
        if ref is not None and ref.source is not None and ref.source != CELL:
            yield Read(ref.source, ref.column)
        elif name in figures:
            yield from _named(figures[name].value, tables)
