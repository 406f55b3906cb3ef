"""The geometry of a map: a shape a unit, a name a group, which unit lies beside which; without a colour.

Lives here: `Picture`, `Shape`, `Label`; the groups of the units.
Not here: where the shapes come from (tiles.py, boundaries.py), how they are written (svg.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from allocator.model.fields import Text
from allocator.model.model import Model
from allocator.words import Say

WIDTH = 720  # of every map, in its own units: a phone shows them at half their size, a desk at one and a half
HEADING = 26  # the height of a line of names
Direction = Literal["up", "right", "down", "left"]
DIRECTIONS: tuple[Direction, ...] = ("up", "right", "down", "left")


@dataclass(frozen=True)
class Shape:
    """A unit on the map. `path`: of an SVG path; None for a tile, whose corner is (x, y)."""

    unit: str
    name: Text
    x: float
    y: float
    path: str | None = None


@dataclass(frozen=True)
class Label:
    """The name of a group, and where it stands: (x, y) is its middle; with `starts` the middle of its left side."""

    group: str
    name: Text
    x: float
    y: float
    starts: bool = False


@dataclass(frozen=True)
class Picture:
    """A map. `tile`: the side of a tile. `borders`: the path that parts the groups. `notes`: what stands on the picture itself.

    `apart`: where the heading stands above the units that have no place of their own; None where all have one.
    """

    kind: Literal["tiles", "boundaries"]
    height: float
    tile: int
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    borders: str
    neighbours: Mapping[str, Mapping[Direction, str]]
    notes: tuple[Say, ...] = ()
    apart: float | None = None


def groups_of(model: Model) -> tuple[Mapping[str, str | None], Sequence[str]]:
    """The first group of each unit, None where it has none; and the groups in their order."""
    units = model.units.columns["unit"].values
    if not model.unit_groups:
        return dict.fromkeys(units), ()
    group = model.unit_groups[0]
    return dict(zip(units, model.units.columns[group].labels, strict=True)), model.groups[group].columns["id"].values


def names_of_groups(model: Model) -> Mapping[str, Text]:
    """The names of these groups."""
    return model.group_names(model.unit_groups[0]) if model.unit_groups else {}
