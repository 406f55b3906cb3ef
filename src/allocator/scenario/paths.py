"""Written paths into the values of a model file, and which of them a file has said already.

Lives here: `programs.training.quota`, `programs.*.quota`, `rules."a.b".total`: the places in the values that they mean;
claims of paths, so that no two entries of one file say the same value.
Not here: what is put there (overlay.py, merge.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from allocator.faults import Place
from allocator.model.fields import Declared
from allocator.model.policy import Policy
from allocator.read.places import KeyPath, Step

EVERY = "*"
_STEP = re.compile(r'"([^"]*)"(?=\.|$)|([^.]*)')


@dataclass(frozen=True)
class Written:
    """One step as it is written; one between quotation marks is a whole key, dots and all."""

    text: str
    whole: bool = False

    @property
    def every(self) -> bool:
        return self.text == EVERY and not self.whole


def steps_of(written: str) -> tuple[Written, ...]:
    """`a."b.c".*` as its three steps."""
    steps: list[Written] = []
    at = 0
    while True:
        match = _STEP.match(written, at)
        assert match is not None  # the second branch takes anything
        steps.append(Written(match[2]) if match[1] is None else Written(match[1], whole=True))
        at = match.end() + 1
        if match.end() >= len(written):
            return tuple(steps)


class Nowhere(Exception):
    """A path that leads nowhere: how far it leads, the step that fails there, and the names that were possible."""

    def __init__(self, path: KeyPath, step: str, names: Collection[str]) -> None:
        super().__init__(step)
        self.path, self.step, self.names = path, step, names


class TwoReadings(Exception):
    """A path that means two things, since a key has dots in it: both, as their steps."""

    def __init__(self, first: KeyPath, second: KeyPath) -> None:
        super().__init__(f"{first}, {second}")
        self.first, self.second = first, second


def paths(values: Any, written: str) -> list[KeyPath]:
    """Every path that is meant. Raises Nowhere, TwoReadings."""
    failed: list[tuple[KeyPath, str, set[str]]] = []
    found = list(_follow(values, steps_of(written), (), failed))
    if found:
        return found
    most = max(len(path) for path, _, _ in failed)
    last = [one for one in failed if len(one[0]) == most]
    raise Nowhere(*last[0][:2], set().union(*(names for _, _, names in last)))


def _follow(
    held: Any, steps: Sequence[Written], path: KeyPath, failed: list[tuple[KeyPath, str, set[str]]]
) -> Iterator[KeyPath]:
    if not steps:
        yield path
        return
    if steps[0].every:
        for name in keys(held):
            yield from _follow(at(held, (name,)), steps[1:], (*path, name), failed)
        if not keys(held):
            failed.append((path, steps[0].text, set()))
        return
    readings = []
    for taken in range(1, 2 if steps[0].whole else len(steps) + 1):
        if any(step.whole or step.every for step in steps[1:taken]):
            break
        key = _key(held, ".".join(step.text for step in steps[:taken]))
        if key is not None:
            readings.append(list(_follow(at(held, (key,)), steps[taken:], (*path, key), failed)))
    readings = [reading for reading in readings if reading]
    if len(readings) > 1:
        raise TwoReadings(readings[0][0], readings[1][0])
    if readings:
        yield from readings[0]
    elif (absent := _left_out(held, steps, path)) is not None:
        yield absent
    else:
        failed.append((path, steps[0].text, {str(key) for key in keys(held)}))


def _left_out(held: Any, steps: Sequence[Written], path: KeyPath) -> KeyPath | None:
    """The path of a key that may stand in a model and does not: the check of shape says whether it is a right one.

    A name that a model gives itself (of a program, a parameter, ...) is never made by a path: it would be a slip of the pen.
    """
    names = [step.text for step in steps]
    if len(steps) == 1 and len(path) > 1 and isinstance(held, dict):
        return (*path, int(names[0]) if names[0].isdigit() else names[0])
    if not path:
        section = Policy.model_fields.get(names[0])
        alone = section is not None and isinstance(section.default, Declared)
        if section is not None and (len(steps) == 1 or (alone and len(steps) == 2)):
            return tuple(names)
    section = Policy.model_fields.get(str(path[0])) if len(path) == 1 else None
    if section is not None and len(steps) == 1 and isinstance(section.default, Declared):
        return (*path, names[0])
    return None


def _key(held: Any, written: str) -> Step | None:
    return next((key for key in keys(held) if str(key) == written), None)


def keys(held: Any) -> list[Step]:
    """The names below a value: the keys of a mapping, the ids in a list."""
    if isinstance(held, dict):
        return list(held)
    return [str(v["id"]) for v in held if isinstance(v, dict) and "id" in v] if isinstance(held, list) else []


def at(value: Any, path: KeyPath) -> Any:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(value, list):
            value = next(
                (v for i, v in enumerate(value) if i == step or (isinstance(v, dict) and str(v.get("id")) == step)),
                None,
            )
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def dotted(path: KeyPath) -> str:
    """A path as it is written."""
    return ".".join(f'"{step}"' if "." in str(step) or step == EVERY else str(step) for step in path)


def overlap(first: str, second: str) -> bool:
    """Whether two written paths can mean one value, or one a part of the other, in some model."""
    pairs = zip(_parts(first), _parts(second), strict=False)
    return all(one is None or two is None or one == two for one, two in pairs)


def _parts(written: str) -> list[str | None]:
    """What stands between the dots, quotation marks or not; None for every name."""
    return [part for step in steps_of(written) for part in ([None] if step.every else step.text.split("."))]


@dataclass
class Claims:
    """The paths that one file has said, each with its place."""

    said: dict[KeyPath, Place] = field(default_factory=dict)
    around: dict[KeyPath, Place] = field(default_factory=dict)  # every path that has a said one inside

    def add(self, path: KeyPath, place: Place) -> Place | None:
        """Note a path; where it, a part of it or something around it has been said: the place of that."""
        path = tuple(map(str, path))
        inside = (self.said.get(path[:end]) for end in range(len(path) + 1))
        before = next((found for found in inside if found is not None), self.around.get(path))
        if before is None:
            self.said[path] = place
            for end in range(len(path)):
                self.around.setdefault(path[:end], place)
        return before
