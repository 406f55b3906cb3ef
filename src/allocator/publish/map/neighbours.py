"""Where an arrow leads: the unit above, to the right, below, to the left of each.

Lives here: `neighbours`, of tiles and of shapes.
Not here: which shapes touch each other (outlines.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from allocator.publish.map.picture import DIRECTIONS, Direction

_WAYS: Mapping[Direction, tuple[int, int]] = {"up": (0, -1), "right": (1, 0), "down": (0, 1), "left": (-1, 0)}
Point = tuple[float, float]


def neighbours(
    places: Mapping[str, Point], step: int | None = None, touching: Iterable[tuple[str, str]] = ()
) -> dict[str, dict[Direction, str]]:
    """The neighbour of each unit in each direction; none where nothing lies there.

    step: tiles so far apart stand side by side. touching: pairs of units that come first where they lie in the direction.
    Else the nearest one in that direction, what lies aside counting double: an arrow leads over a gap.
    """
    units = list(places)
    points = np.array([places[unit] for unit in units], float).reshape(-1, 2)
    at = {place: unit for unit, place in places.items()}
    beside: dict[str, list[str]] = {}
    for one, other in touching:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    found: dict[str, dict[Direction, str]] = {}
    for number, unit in enumerate(units):
        found[unit] = {}
        x, y = places[unit]
        for way in DIRECTIONS:
            right, down = _WAYS[way]
            near = at.get((x + right * step, y + down * step)) if step else None
            near = near or _straight(places, unit, sorted(beside.get(unit, ())), (right, down))
            if near is None:
                along = (points - points[number]) @ (right, down)
                aside = np.abs((points - points[number]) @ (down, right))
                cost = np.where((along > 0) & (aside <= 2 * along), along + 2 * aside, np.inf)
                best = int(np.argmin(cost))
                near = units[best] if np.isfinite(cost[best]) else None
            if near is not None:
                found[unit][way] = near
    return found


def _straight(places: Mapping[str, Point], unit: str, beside: list[str], way: tuple[int, int]) -> str | None:
    """Of the units that touch this one, the one that lies most straight in a direction, if any lies there at all."""
    best, cosine = None, 0.7  # no more than half a right angle aside
    for other in beside:
        x, y = places[other][0] - places[unit][0], places[other][1] - places[unit][1]
        straight = (x * way[0] + y * way[1]) / ((x * x + y * y) ** 0.5 or 1.0)
        if straight > cosine:
            best, cosine = other, straight
    return best
