"""One layer as it is read: what it says is put on the ground, each value once, and faults have its places.

Lives here: what every key of a scenario file needs to say a value, to ask whether it is said already, and to tell a fault.
Not here: the keys (overlay.py and the files it names), which places are said (paths.py), the ground (ground.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocator.faults import Fault
from allocator.read.fault_collector import wrong_type
from allocator.read.places import KeyPath, Step
from allocator.scenario.ground import Ground
from allocator.scenario.layers import Layer, Override
from allocator.scenario.paths import Claims


class LayerReader:
    """No value is said twice in one file: what is said again, or inside or around what was said, is a fault.

    `files` has every file that was read for the layer, its own first.
    """

    def __init__(self, layer: Layer, ground: Ground) -> None:
        self.layer, self.ground = layer, ground
        self.values, self.faults, self.held = ground.values, ground.faults, ground.held
        self.files = [layer.file]
        self.claims = Claims()

    def put(self, path: KeyPath, value: Any, *source: Step, kept: Mapping[int, int] | None = None) -> None:
        self.ground.put(Override(path, value, self.layer.positions, source, kept or {}))

    def fault(self, code: str, params: Mapping[str, object], *path: Step, near: str | None = None) -> None:
        """A fault at a key."""
        self.faults.append(Fault(code, self.layer.place(*path, key=True), params, nearest=near))

    def mapping(self, value: Any, *path: Step) -> Mapping[Step, Any]:
        if isinstance(value, dict):
            return value
        self.wrong(value, "mapping", *path)
        return {}

    def wrong(self, value: Any, expected: str, *path: Step) -> None:
        """`expected`: what should stand there, one of the words of faults.expect."""
        self.faults.append(wrong_type(self.layer.place(*path), path[-1], value, expected))

    def first(self, path: KeyPath, what: str, *source: Step) -> bool:
        """Whether this file says the value at `path`, and what is inside it, for the first time; else told as `what`."""
        before = self.claims.add(path, self.layer.place(*source, key=True))
        if before is not None:
            self.fault("said-twice", {"path": what, "first": before}, *source)
        return before is None

    def says_something(self, value: Any, *source: Step) -> bool:
        """Whether there is a value: what is taken out is said by a word, since a value may be forgotten."""
        if value is None:
            self.fault("empty-change", {"key": source[-1]}, *source)
        return value is not None


def list_of(values: Mapping[Step, Any], section: str) -> list[Any]:
    held = values.get(section)
    return held if isinstance(held, list) else []


def has_id(declared: Any) -> bool:
    return isinstance(declared, dict) and "id" in declared
