"""Faults gathered while a file is read: of its keys, of its rows, of values of the wrong kind.

Lives here: `FaultCollector` (a YAML file read key by key), `FirstFaults` (rows of a table) and how many it tells, how a wrong
value is shown.
Not here: what the files mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from allocator.faults import Fault, Place, nearest
from allocator.read.places import KeyPath, Positions, Step
from allocator.words import Say

_MOST, _EVERY = 20, 10_000  # of one kind in the rows of one file
_most: ContextVar[int] = ContextVar("faults of one kind in one file", default=_MOST)
_SHOWN = 60  # characters of a wrong value in a message


def most_faults() -> int:
    """How many faults of one kind are told of the rows of one file, before the others are counted."""
    return _most.get()


@contextmanager
def every_fault() -> Iterator[None]:
    """While this lasts all of them are told, however many there are: each is to be marked where it stands."""
    token = _most.set(_EVERY)
    try:
        yield
    finally:
        _most.reset(token)


def wrong_type(place: Place, key: Step, value: Any, expected: str) -> Fault:
    """A value of the wrong kind under a key. `expected`: what should stand there, one of the words of faults.expect."""
    return Fault("wrong-type", place, {"key": key}, shown(value), Say(f"faults.expect.{expected}"))


def shown(value: Any) -> object:
    """A wrong value as a message shows it."""
    if isinstance(value, dict):
        return Say("faults.shown.mapping")
    if isinstance(value, (list, tuple)):
        return Say("faults.shown.list")
    if value is None:
        return Say("faults.shown.nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        return Say("faults.shown.text", {"text": text})
    return Decimal(value)


class FirstFaults:
    """Faults of one kind in the rows of one file: the first ones, and then how many there are in total."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults, self.most = faults, most_faults()
        self.counts: dict[tuple[str, str], int] = {}
        self.totals: dict[tuple[str, str], int] = {}
        self.last: dict[tuple[str, str], Place] = {}

    def add(self, fault: Fault, total: int | None = None) -> None:
        """One more; `total` says how many there are where not all of them will be added."""
        key = (fault.code, fault.place.file)
        self.counts[key] = count = self.counts.get(key, 0) + 1
        self.totals[key] = max(self.totals.get(key, 0), total or 0)
        if count <= self.most:
            self.faults.append(fault)
        elif count == self.most + 1:
            self.last[key] = fault.place

    def close(self) -> None:
        for (code, _), place in self.last.items():
            count = max(self.counts[(code, place.file)], self.totals[(code, place.file)])
            self.faults.append(Fault("more-rows", place, {"code": code, "count": count - self.most, "total": count}))
        self.counts, self.last = {}, {}


class Collector:
    """Gathers faults in `faults`, each at the place of a path."""

    faults: list[Fault]

    def _at(self, path: KeyPath, key: bool = False) -> Place:
        raise NotImplementedError

    def fault(
        self,
        code: str,
        path: KeyPath,
        params: Mapping[str, object] | None = None,
        *,
        found: object = None,
        expected: object = None,
        near: str | None = None,
        key: bool = False,
    ) -> None:
        self.faults.append(Fault(code, self._at(path, key), params or {}, found, expected, near))


class FaultCollector(Collector):
    """The same of a file that is read key by key."""

    def __init__(self, positions: Positions, faults: list[Fault]) -> None:
        self.positions, self.faults = positions, faults

    def _at(self, path: KeyPath, key: bool = False) -> Place:
        return self.positions.at(path, key)

    def _keys(self, given: Mapping[Any, Any], known: Sequence[str], at: KeyPath = ()) -> None:
        for key in given:
            if key not in known:
                place = self.positions.at((*at, key), True)
                self.faults.append(Fault("unknown-key", place, {"key": key}, nearest=nearest(str(key), known)))

    def _wrong(self, at: KeyPath, value: object, expected: str, *, key: str | None = None) -> None:
        """A value of the wrong kind. `expected`: one of the words of faults.expect; `key`: what it is the value of."""
        self.faults.append(wrong_type(self.positions.at(at), key or at[-1], value, expected))
