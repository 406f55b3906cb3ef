"""Values put together path by path, each with its cell: what a file of nested values would hold.

Lives here: the tree, lists among mappings, a value that is said twice.
Not here: which paths there are (policy.py).
"""

from __future__ import annotations

import re
from typing import Any

from allocator.faults import Fault, Place
from allocator.read.places import KeyPath, Positions, Spot, Step

_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\.|$)|([^.]*)')
_BARE = re.compile(r"[^\s\".*][^\".*]*")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")


class Tree:
    """Grows by `put`; `value` and `positions` are what it holds. `listed`: a list, whatever its steps."""

    def __init__(self, place: Place, key: Place | None = None) -> None:
        self.place, self.key = place, key or place
        self.parts: dict[Step, Tree] = {}
        self.leaf: Any = None
        self.is_leaf = self.listed = False

    def put(self, path: KeyPath, value: Any, place: Place, key: Place | None = None) -> Fault | None:
        """Put a value at a path; the fault that it, a part of it or something around it is there already."""
        at = self
        for step in path:
            if at.is_leaf:
                break
            at = at.parts.setdefault(step, Tree(place, key))
        if at.is_leaf or at.parts:
            return Fault("said-twice-here", place, {"path": written(path), "first": at.place})
        at.leaf, at.is_leaf, at.place, at.key = value, True, place, key or place
        return None

    def at(self, path: KeyPath, place: Place, key: Place | None = None) -> Tree:
        """The tree at a path, an empty mapping where nothing is there yet."""
        at = self
        for step in path:
            at = at.parts.setdefault(step, Tree(place, key))
        return at

    def find(self, *path: Step) -> Tree | None:
        at: Tree | None = self
        for step in path:
            at = None if at is None else at.parts.get(step)
        return at

    @property
    def value(self) -> Any:
        if self.is_leaf:
            return self.leaf
        if self._list():
            return [self.parts[step].value for step in sorted(self.parts)]
        return {step: part.value for step, part in self.parts.items()}

    def _list(self) -> bool:
        return self.listed or (bool(self.parts) and set(self.parts) == set(range(len(self.parts))))

    def spot(self) -> Spot:
        if self.is_leaf:
            return _spot(self.leaf, self.place, self.key)
        steps = sorted(self.parts) if self._list() else list(self.parts)
        parts = {number if self._list() else step: self.parts[step].spot() for number, step in enumerate(steps)}
        return Spot(self.place, self.key, parts)

    @property
    def positions(self) -> Positions:
        return Positions(self.spot())


def _spot(value: Any, place: Place, key: Place) -> Spot:
    """All of a value stands in one cell."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return Spot(place, key, {step: _spot(part, place, place) for step, part in items})


def written(path: KeyPath) -> str:
    """A path as it stands in a cell: `groups.prefecture.title.zh`; a step that could be misread between quotation marks."""
    return ".".join(_step(step) for step in path)


def _step(step: Step) -> str:
    if isinstance(step, int):
        return str(step)
    if _BARE.fullmatch(step) and not _NUMBER.fullmatch(step) and step == step.strip():
        return step
    return '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'


def steps(text: str) -> KeyPath:
    """The path that is written in a cell."""
    found: list[Step] = []
    at = 0
    while True:
        match = _STEP.match(text, at)
        assert match is not None  # the second branch takes anything
        if match[1] is not None:
            found.append(re.sub(r"\\(.)", r"\1", match[1]))
        else:
            step = match[2].strip()
            found.append(int(step) if _NUMBER.fullmatch(step) else step)
        at = match.end() + 1
        if match.end() >= len(text):
            return tuple(found)
