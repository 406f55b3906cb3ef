"""The tables of the model that was loaded last: filling them anew takes longer than most of what is asked of them.

Lives here: keeping them for whoever compiles that model next, in the same thread; they are given away once.
Not here: the tables (tables.py). An audit fills its own.
"""

from __future__ import annotations

import os
import threading

from allocator.database.tables import Database
from allocator.model.allocation import Allocation
from allocator.model.model import Model


class _Mine(threading.local):
    held: tuple[int, Database] | None = None  # the process: one that was forked cannot use what came along


_mine = _Mine()


def keep(tables: Database, model: Model) -> None:
    """Keeps the tables of a model, which is the one they were filled from but for texts, seed and notices."""
    _mine.held = os.getpid(), tables.of(model)


def tables_of(model: Model) -> Database:
    """The model's tables without awards: those at hand, else new ones."""
    if _mine.held is not None and _mine.held[0] == os.getpid() and _mine.held[1].model is model:
        (_, tables), _mine.held = _mine.held, None
        return tables.with_awards(Allocation(()))
    return Database(model)
