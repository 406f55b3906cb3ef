"""Where the values of a file stand: a place for every path of keys.

Lives here: paths, `Positions`; moving the places of a value along with it.
Not here: what a place is (faults.py), reading (yaml.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from allocator.faults import Place

Step = str | int
KeyPath = tuple[Step, ...]  # ("rules", 2, "total"): keys of mappings, numbers of items


@dataclass(frozen=True)
class Spot:
    """Where a value starts, where its key does, and the same of its parts."""

    value: Place
    key: Place
    parts: Mapping[str | int, Spot] = field(default_factory=dict)


@dataclass(frozen=True)
class Positions:
    """The places of one file's values."""

    root: Spot

    def at(self, path: KeyPath, key: bool = False) -> Place:
        """Where the value at `path` starts, or its key. A path that leads nowhere gives the last key on its way.

        `("rules", 2, "total")` walks mappings by key and lists by index; an item of a list has no key of its own.
        """
        spot = self.root
        for step in path:
            if step not in spot.parts:
                return spot.key
            spot = spot.parts[step]
        return spot.key if key else spot.value

    def has(self, path: KeyPath) -> bool:
        """Whether the file has a value at `path`."""
        spot = self.root
        for step in path:
            if step not in spot.parts:
                return False
            spot = spot.parts[step]
        return True

    def all(self) -> Iterator[tuple[KeyPath, Place]]:
        """Every value's path and place, from the outside in."""
        yield from _each((), self.root)

    def put(self, path: KeyPath, other: Positions, source: KeyPath) -> Positions:
        """The same, but what stands at `path` has the places that `other` has at `source`."""
        spot = other.root
        for step in source:
            spot = spot.parts.get(step, spot)
        return Positions(_put(self.root, path, spot))

    def drop(self, path: KeyPath, item: bool) -> Positions:
        """The same without what stands at `path`; after an `item` of a list the later ones move up."""
        return Positions(_drop(self.root, path, item))


def _put(spot: Spot, path: KeyPath, new: Spot) -> Spot:
    if not path:
        return new
    below = spot.parts.get(path[0], Spot(new.value, new.key))
    return Spot(spot.value, spot.key, {**spot.parts, path[0]: _put(below, path[1:], new)})


def _drop(spot: Spot, path: KeyPath, item: bool) -> Spot:
    step, rest = path[0], path[1:]
    if rest:
        return Spot(spot.value, spot.key, {**spot.parts, step: _drop(spot.parts[step], rest, item)})
    kept = {key: part for key, part in spot.parts.items() if key != step}
    if item:
        kept = dict(enumerate(kept.values()))
    return Spot(spot.value, spot.key, kept)


def _each(path: KeyPath, spot: Spot) -> Iterator[tuple[KeyPath, Place]]:
    yield path, spot.value
    for step, part in spot.parts.items():
        yield from _each((*path, step), part)
