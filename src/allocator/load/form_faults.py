"""Faults of a policy's form, gathered at the paths of its file; what cannot be used is remembered as lost.

Lives here: values of the wrong type, keys that are missing, keys without a value, numbers that are too large.
Not here: the parts of a policy (structure.py), pydantic's complaints (complaints.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allocator.faults import Fault, Place
from allocator.read.fault_collector import Collector, shown
from allocator.read.places import KeyPath, Positions
from allocator.words import Say

MAPPING = Say("faults.expect.mapping")
LIST = Say("faults.expect.list")
_LARGEST = 10**15  # whole numbers are reckoned with in 64 bits, times the scale of decimals


class FormFaults(Collector):
    """`known_places` already have a fault of their own."""

    def __init__(self, positions: Positions, known_places: Sequence[Place]) -> None:
        self.positions = positions
        self.told = set(known_places)
        self.faults: list[Fault] = []
        self.lost: set[KeyPath] = set()
        self.emptied: set[KeyPath] = set()  # keys and items without a value, each told

    def without_empty(self, value: Any, path: KeyPath) -> Any:
        """The same without keys and items that have no value, each told."""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
            self.fault("number-too-large", path, {"most": _LARGEST}, found=shown(value))
            return _LARGEST
        if isinstance(value, dict):
            kept = {}
            for key, held in value.items():
                here = (*path, key)
                if held is None and not (len(here) == 3 and here[0] in ("rules", "objectives")):
                    self._empty(here)
                else:
                    kept[key] = self.without_empty(held, here)
            return kept
        if isinstance(value, list):
            for index, held in enumerate(value):
                if held is None:
                    self._empty((*path, index))
            return [self.without_empty(held, (*path, index)) for index, held in enumerate(value)]
        return value

    def _empty(self, path: KeyPath) -> None:
        self.emptied.add(path)
        if self._at(path) not in self.told:
            self.fault("empty-value", path, {"key": path[-1]}, key=True)

    def missing(self, path: KeyPath, key: str) -> None:
        if (*path, key) not in self.emptied:
            self.fault("missing-key", path, {"key": key}, key=True)
        self.lost.add((*path, key))

    def wrong(self, path: KeyPath, value: Any, expected: Say) -> None:
        if value is None and path in self.emptied:
            return
        self.fault("wrong-type", path, {"key": path[-1]}, found=shown(value), expected=expected)

    def _at(self, path: KeyPath, key: bool = False) -> Place:
        return self.positions.at(path, key)
