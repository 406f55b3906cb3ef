"""DuckDB in memory: no files, no network, no extensions, settings locked; single statements, each within its time.

Lives here: the only place of the package that runs SQL over a model's tables; why a statement failed, in our own terms.
A process opens DuckDB once or twice, which takes longer than most questions; each connection has temporary tables of its own,
which no other sees and which end with it.
Not here: which SQL is asked (frames.py and the files above it), how expressions become SQL (expression.py).
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakSet

import duckdb
import numpy as np

from allocator.database.expression import MACROS, BadExpression, failure
from allocator.model.allocation import Allocation

MEMORY_LIMIT = "4GB"
FEW = 50_000  # rows up to which planning a statement takes longer than the work: it is then run as it stands
MOST_KEPT = 2000  # rows of an answer that is kept
MOST_PARSED, LONGEST_PARSED = 1000, 5000  # statements, and characters of one, that are not parsed again; 150 MB at most
MOST_GIVEN = 100  # rows of a table up to which giving them as parameters takes a half of the time
THREADS = 1  # two are slower on small policies and not faster on 20,000 units
SECONDS = 120.0  # of one statement
_LOOK_S = 0.5  # how often running statements are looked at
_AS_IT_STANDS = """
set variable optimizers = (select string_agg(name, ',') from duckdb_optimizers() where name <> 'unused_columns');
set disabled_optimizers = getvariable('optimizers');
"""  # what nobody asks for is not worked out, however many rows there are: it might fail
_SETTINGS = f"""
set preserve_insertion_order = true; set python_enable_replacements = false;
set threads = {THREADS}; set memory_limit = '{MEMORY_LIMIT}';
set enable_external_access = false; set lock_configuration = true;
{MACROS}
"""


class Failed(BadExpression):
    """A statement that the database could not work out. Which expression of it fails is known to whoever asked."""

    def __init__(self, code: str, expression: str = "", found: str = "") -> None:
        super().__init__(code, found, expected=expression)


@contextmanager
def about(expression: str) -> Iterator[None]:
    """What is asked in here fails because of this expression, if it fails."""
    try:
        yield
    except Failed as failed:
        raise Failed(failed.code, failed.expected or expression, failed.found) from failed


class Filled(NamedTuple):
    """A column that a table is filled with. name: quoted; kind: its SQL type, "" for that of the array."""

    name: str
    array: np.ndarray[Any, Any]
    kind: str = ""


class Connection:
    """What runs statements and gives their answers. Every one of its methods raises Failed.

    What is asked again is not worked out again, until a table that it names is made anew. rows: how many a statement meets.
    """

    def __init__(self, seconds: float = SECONDS, rows: int = FEW + 1) -> None:
        self.seconds = seconds
        self.awards: Allocation | None = None  # those in the table `awards`; set by whoever fills it
        self._con = _opened(few=rows <= FEW)
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._arrays: dict[str, dict[str, Any]] = {}
        self._holding = 0  # arrays that statements may name: what is in them can change unseen
        self._lock = threading.Lock()
        self._until: float | None = None  # when the statement that runs is ended
        _watch(self)

    def make(self, table: str, select: str) -> None:
        """A table of this connection, in place of one of the same name. `table`: its quoted name; `select`: a query, or what
        columns it has, in brackets."""
        self._make(table, select if select.startswith("(") else f"as {select}", None)

    def fill(self, table: str, columns: Sequence[Filled]) -> None:
        """A table of this connection, made of arrays; a few rows go as parameters."""
        kinds = [_kind(column.array) for column in columns]
        if not all(kinds):
            arrays, select = read_from(columns)
            with self.holding("_new", arrays):
                self.make(table, select)
            return
        given = [column.array.tolist() for column in columns]
        cells = [f"unnest(${i}::{kind}[])" for i, kind in enumerate(kinds, 1)]
        self._make(table, f"as {_selected(columns, cells, kinds)}", given)

    def _make(self, table: str, what: str, given: list[Any] | None) -> None:
        with self._within_time():
            self._one(f"create or replace temp table {table} {what}", given)
        name = table.strip('"').lower()
        for kept in (self._rows, self._arrays):
            for sql in [sql for sql in kept if name in sql.lower()]:
                del kept[sql]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query as Python values."""
        if sql not in self._rows:
            with self._within_time():
                found = self._one(sql).fetchall()
            if self._holding or len(found) > MOST_KEPT:
                return found
            self._rows[sql] = found
        return list(self._rows[sql])

    def arrays(self, sql: str) -> dict[str, Any]:
        """The columns of a query as arrays, masked where something is missing."""
        if sql not in self._arrays:
            with self._within_time():
                found: dict[str, Any] = self._one(sql).fetchnumpy()
            if self._holding or any(len(column) > MOST_KEPT for column in found.values()):
                return found
            self._arrays[sql] = found
        return {name: column.copy() for name, column in self._arrays[sql].items()}

    def types(self, sql: str) -> list[str]:
        """The types of a query's columns."""
        return [str(row[1]) for row in self.rows(f"describe {sql}")]

    @contextmanager
    def holding(self, name: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Iterator[None]:
        """Arrays that can be selected from by a name while this lasts."""
        self._con.register(name, arrays)
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
            self._con.unregister(name)

    def _one(self, sql: str, given: list[Any] | None = None) -> duckdb.DuckDBPyConnection:
        return self._con.execute(_once(sql) if len(sql) <= LONGEST_PARSED else _parsed(sql), given)

    @contextmanager
    def _within_time(self) -> Iterator[None]:
        with self._lock:
            until = self._until = time.monotonic() + self.seconds
        try:
            yield
        except duckdb.InterruptException as error:
            if time.monotonic() < until:
                raise
            raise Failed("expression-slow", found=f"{self.seconds:g}") from error
        except duckdb.Error as error:
            raise Failed(failure(error, "").code) from error
        finally:
            with self._lock:
                self._until = None

    def end_if_late(self) -> None:
        """Ends the statement that runs if its time is over."""
        with self._lock:  # so that it is never the next one that is ended
            if self._until is not None and time.monotonic() > self._until:
                self._con.interrupt()


def read_from(columns: Sequence[Filled]) -> tuple[dict[str, np.ndarray[Any, Any]], str]:
    """The arrays to be held as `_new`, and a select of the columns from them, the rows in their order."""
    arrays = {f"x{i}": column.array for i, column in enumerate(columns)}
    return arrays, f"{_selected(columns, list(arrays), [''] * len(columns))} from _new"


def _selected(columns: Sequence[Filled], cells: Sequence[str], kinds: Sequence[str]) -> str:
    """A select of the columns, given the SQL of the cells of each and its type, if that is known."""
    return "select " + ", ".join(
        f"{cell if column.kind in ('', kind) else f'cast({cell} as {column.kind})'} as {column.name}"
        for column, cell, kind in zip(columns, cells, kinds, strict=True)
    )


def _kind(column: np.ndarray[Any, Any]) -> str:
    """The type of a short column of whole numbers or of texts; "" for any other."""
    if len(column) > MOST_GIVEN or column.dtype not in (np.int64, object):
        return ""
    if column.dtype == np.int64:
        return "bigint"
    return "varchar" if all(value is None or isinstance(value, str) for value in column) else ""


def _parsed(sql: str) -> duckdb.Statement:
    """A text as a statement, which any connection can execute any number of times."""
    statements = _opened(few=True).extract_statements(sql)
    if len(statements) != 1:
        raise AssertionError("one statement is asked at a time")
    return statements[0]


# Parsing is a quarter of a small question, and models of one process, and the steps with one model, ask many in the same words.
_once = lru_cache(MOST_PARSED)(_parsed)

_open: dict[tuple[int, bool], duckdb.DuckDBPyConnection] = {}  # by process: one that was forked opens its own
_open_lock = threading.Lock()


def _opened(*, few: bool) -> duckdb.DuckDBPyConnection:
    """A connection to the DuckDB of this process, of which there are two: one runs statements over few rows as they stand."""
    with _open_lock:
        key = os.getpid(), few
        if key not in _open:
            first = duckdb.connect(":memory:")
            first.execute((_AS_IT_STANDS if few else "") + _SETTINGS)
            _open[key] = first
        return _open[key].cursor()


_all: WeakSet[Connection] = WeakSet()
_all_lock = threading.Lock()
_watcher: threading.Thread | None = None
_over = threading.Event()  # the process ends


def _watch(connection: Connection) -> None:
    """From now on the statements of this connection are looked at; one thread does that for all."""
    global _watcher
    with _all_lock:
        _all.add(connection)
        if _watcher is None or not _watcher.is_alive():  # none is alive in a process that was forked
            _watcher = threading.Thread(target=_look, name="statements", daemon=True)
            _watcher.start()


def _look() -> None:
    while not _over.wait(_LOOK_S):
        with _all_lock:
            held = list(_all)
        for connection in held:
            connection.end_if_late()
        del held


@atexit.register
def _end() -> None:
    _over.set()
    if _watcher is not None and _watcher.is_alive():
        _watcher.join()
