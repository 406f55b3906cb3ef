"""The geometry of a map: a shape a unit, a block a group, which unit lies beside which; without a colour.

Lives here: `Picture`, `Shape`, `Block`.
Not here: where the shapes come from (tiles.py, boundaries.py), how they are written (svg.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from allocator.model.fields import Text
from allocator.words import Say

WIDTH = 720  # of every map, in its own units: a phone shows them at half their size, a desk at one and a half
Direction = Literal["up", "right", "down", "left"]
DIRECTIONS: tuple[Direction, ...] = ("up", "right", "down", "left")


@dataclass(frozen=True)
class Shape:
    """A unit on the map. `path`: of an SVG path; None for a tile, whose corner is (x, y). `at`: its middle."""

    unit: str
    name: Text
    x: int
    y: int
    path: str | None = None


@dataclass(frozen=True)
class Block:
    """A group: the outline of its shapes, and where its name stands (in the middle of x)."""

    group: str
    name: Text
    outline: str
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """A map. `tile`: the side of a tile. `notes`: what stands on the picture itself. `rest`: where the units begin that have no
    place of their own."""

    kind: Literal["tiles", "boundaries"]
    width: int
    height: int
    tile: int
    shapes: tuple[Shape, ...]
    blocks: tuple[Block, ...]
    neighbours: Mapping[str, Mapping[Direction, str]]
    notes: tuple[Say | str, ...] = ()
    rest: int | None = None
    headings: Mapping[str, Text] = field(default_factory=dict)
