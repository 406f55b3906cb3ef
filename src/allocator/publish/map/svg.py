"""A map written as SVG.

Lives here: `svg`, the same shapes once more (`again`), what the page's script needs of them (`numbers`).
Not here: the geometry (picture.py), colours and patterns (style.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocator.publish.map.picture import Picture
from allocator.words import Lang


def svg(
    picture: Picture, lang: Lang, *, id: str = "map", marks: Mapping[str, str] | None = None, bare: bool = False
) -> str:
    """The map as one <svg>. marks: the class of each unit (MARKS) to begin with; bare: see the room's own text."""
    raise NotImplementedError


def again(picture: Picture, lang: Lang, *, first: str, id: str, marks: Mapping[str, str] | None = None) -> str:
    """The same map a second time, its shapes taken from the one with the id `first`: its own marks, labels and focus."""
    raise NotImplementedError


def numbers(picture: Picture) -> dict[str, Any]:
    """For the script, to be written as JSON.

    units: the codes in the order of the elements; next: four places a unit in the order of `units`, one after another: the
    neighbour up, right, down, left as its place in `units`, -1 where there is none; blocks: {group: {zh, en}} of the labels
    (`text[data-group]`), notes: {zh: [...], en: [...]} of the notes (`text[data-note]`).
    """
    raise NotImplementedError
