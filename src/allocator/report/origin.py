"""Where one value of a model comes from.

Lives here: a written path (`programs.demonstration.quota`, `rules.enrichment-coverage.reach.at_least`) followed in the file.
Not here: how a file is read (load/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.faults import Place, nearest
from allocator.model.policy import Model


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
    rest = path.split(".")
    while rest:
        step, taken = _step(held, rest)
        if step is None:
            raise NoSuchPath(".".join(known), rest[0], nearest(rest[0], _names(held)))
        held = held[step]
        steps.append(step)
        known += rest[:taken]
        rest = rest[taken:]
    return Origin(path, held, model.place(*steps))


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
