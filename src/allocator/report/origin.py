"""Where the values of a model come from.

Lives here: a written path (`programs.demonstration.quota`, `rules.enrichment-coverage.reach.at_least`) followed in the file;
every value that another file than the model's own says.
Not here: how a file is read (load/), what differs between two models (scenario/differences.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.faults import Place, nearest
from allocator.model.model import Model
from allocator.model.table import DataTable
from allocator.scenario.paths import dotted, steps_of


class NoSuchPath(Exception):
    """A path that leads nowhere: how far it leads, the step that fails, the nearest step that would not."""

    def __init__(self, known: str, step: str, near: str | None) -> None:
        super().__init__(f"{known}: {step}")
        self.known, self.step, self.near = known, step, near


@dataclass(frozen=True)
class Origin:
    """A value as the file says it, and its place."""

    path: str
    value: Any
    place: Place


def origin(model: Model, path: str) -> Origin:
    """The value at a dotted path of the model file; an entry of a list goes by its id or its number from 1. Raises NoSuchPath."""
    held: Any = model.raw
    steps: list[str | int] = []
    known: list[str] = []
    rest = [step.text for step in steps_of(path)]
    while rest:
        step, taken = _step(held, rest)
        if step is None:
            raise NoSuchPath(".".join(known), rest[0], nearest(rest[0], _names(held)))
        held = held[step]
        steps.append(step)
        known += rest[:taken]
        rest = rest[taken:]
    return Origin(path, held, model.place(*steps))


@dataclass(frozen=True)
class Origins:
    """The values that other files than the model's own say, the outermost ones, in the order of the model.

    file: the model's own. others: how many values come from it. tables: of each table with rows of other files than its
    own, how many rows come from which file.
    """

    file: str
    said: tuple[Origin, ...]
    others: int
    tables: Mapping[str, Mapping[str, int]]


def origins(model: Model, *, every: bool = False) -> Origins:
    """Where everything comes from; `every`: with the single values of the model's own file as well."""
    file = model.place().file
    told: list[Origin] = []
    others = 0

    def walk(held: Any, path: tuple[str | int, ...], name: str) -> None:
        nonlocal others
        place = model.place(*path)
        parts = _parts(held)
        entries = not isinstance(held, Mapping) and bool(_names(held))  # a list of things with ids: each is told
        if not parts or (place.file != file and not entries and _files(model, held, path) == {place.file}):
            others += place.file == file
            if every or place.file != file:
                told.append(Origin(name, held, place))
            return
        if place.file != file and isinstance(held, Sequence):  # a list put together anew out of what was there
            told.append(Origin(name, _names(held), place))
        for step, written, part in parts:
            walk(part, (*path, step), f"{name}.{dotted((written,))}" if name else written)

    walk(model.raw, (), "")
    return Origins(file, tuple(told), others, _tables(model))


def _files(model: Model, held: Any, path: tuple[str | int, ...]) -> set[str]:
    """The files that say a value or a part of it."""
    found = {model.place(*path).file}
    for step, _, part in _parts(held):
        found |= _files(model, part, (*path, step))
    return found


def _parts(held: Any) -> list[tuple[str | int, str, Any]]:
    """Step, written step and value of each part; nothing for a single value."""
    if isinstance(held, Mapping):
        return [(key, str(key), part) for key, part in held.items()]
    if isinstance(held, Sequence) and not isinstance(held, str):
        names = [str(p["id"]) if isinstance(p, Mapping) and "id" in p else str(n) for n, p in enumerate(held, 1)]
        return [(n, name, part) for n, (name, part) in enumerate(zip(names, held, strict=True))]
    return []


def _tables(model: Model) -> dict[str, dict[str, int]]:
    """The tables with rows of other files than their own: rows by file."""
    held: dict[str, DataTable | None] = {"units": model.units, "past": model.past, "frozen": model.frozen}
    held |= {f"groups.{name}": table for name, table in model.groups.items()}
    held |= {f"tables.{name}": table for name, table in model.tables.items()}
    held |= {f"programs.{name}": table for name, table in model.families.items()}
    held |= model.allocations
    found = {}
    for name, table in held.items():
        if table is not None:
            count = Counter(file for file, _ in table.places)
            if set(count) - set(table.files):
                found[name] = dict(sorted(count.items()))
    return found


def _step(held: Any, rest: list[str]) -> tuple[str | int | None, int]:
    """The next step inside a value, and how many parts of the written path it takes: a key may have dots in it."""
    for taken in range(1, len(rest) + 1):
        written = ".".join(rest[:taken])
        if isinstance(held, Mapping):
            for key in held:
                if str(key) == written:
                    return key, taken
        elif isinstance(held, Sequence) and not isinstance(held, str):
            for index, entry in enumerate(held):
                if isinstance(entry, Mapping) and str(entry.get("id")) == written:
                    return index, taken
            if written.isdigit() and 1 <= int(written) <= len(held):
                return int(written) - 1, taken
    return None, 0


def _names(held: Any) -> list[str]:
    if isinstance(held, Mapping):
        return [str(key) for key in held]
    if isinstance(held, Sequence) and not isinstance(held, str):
        return [str(entry["id"]) for entry in held if isinstance(entry, Mapping) and "id" in entry]
    return []
