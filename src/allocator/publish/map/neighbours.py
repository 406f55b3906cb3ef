"""Where an arrow leads: the unit above, to the right, below, to the left of each.

Lives here: `neighbours`, of tiles and of shapes.
Not here: which shapes touch each other (outlines.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from allocator.publish.map.picture import DIRECTIONS, Direction

_WAYS: Mapping[Direction, tuple[int, int]] = {"up": (0, -1), "right": (1, 0), "down": (0, 1), "left": (-1, 0)}
_OPPOSITE: Mapping[Direction, Direction] = {"up": "down", "right": "left", "down": "up", "left": "right"}
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
    points[:, 0] += 1e-6 * np.arange(
        len(units)
    )  # two at one place, an enclave in the middle of a ring, lie side by side
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
    return _all_reached(found)


def _straight(places: Mapping[str, Point], unit: str, beside: list[str], way: tuple[int, int]) -> str | None:
    """Of the units that touch this one, the one that lies most straight in a direction, if any lies there at all."""
    best, cosine = None, 0.7  # no more than half a right angle aside
    for other in beside:
        x, y = places[other][0] - places[unit][0], places[other][1] - places[unit][1]
        straight = (x * way[0] + y * way[1]) / ((x * x + y * y) ** 0.5 or 1.0)
        if straight > cosine:
            best, cosine = other, straight
    return best


def _all_reached(found: dict[str, dict[Direction, str]]) -> dict[str, dict[Direction, str]]:
    """The same where arrows lead to every unit: one that no way leads to takes the way back of its own arrow, where nobody else
    is lost by that."""
    reached = _reached(found)
    for unit in [unit for unit in found if unit not in reached]:
        for way, near in found[unit].items():
            back, before = _OPPOSITE[way], found[near].get(_OPPOSITE[way])
            found[near][back] = unit
            now = _reached(found)
            if len(now) > len(reached):
                reached = now
                break
            if before is None:
                del found[near][back]
            else:
                found[near][back] = before
    return found


def _reached(found: Mapping[str, Mapping[Direction, str]]) -> set[str]:
    """The units that arrows lead to, from the first one on."""
    seen: set[str] = set()
    open_ = list(found)[:1]
    while open_:
        unit = open_.pop()
        if unit not in seen:
            seen.add(unit)
            open_ += found[unit].values()
    return seen
