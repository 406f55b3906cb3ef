"""Shapes made simpler, two that share a border alike.

Lives here: `simplified`: borders cut where three shapes meet, each piece made simpler once; who touches whom; the paths.
Not here: files (boundaries.py).

Points are whole numbers: tenths of the picture's own units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[int, int]
Ring = tuple[Point, ...]  # closed: the first point does not stand again at the end
Piece = tuple[Point, ...]  # of a ring, both ends included
_FIRST = 4.0  # tenths that a border may move at first
_MOST = 200.0
_ISLAND = 200  # twice the area, in square tenths, under which a part of a unit is left out


@dataclass(frozen=True)
class Outlines:
    """paths: of each unit; borders: the pieces between units of different groups and at the edge of all; touching: the pairs of
    units that share a border; points: what the paths are made of, together."""

    paths: Mapping[str, str]
    borders: str
    touching: tuple[tuple[str, str], ...]
    points: int


def simplified(rings: Mapping[str, Sequence[Ring]], groups: Mapping[str, str | None], most_points: int) -> Outlines:
    """The shapes of units with at most about so many points. Every unit keeps its largest ring."""
    kept = {unit: _without_islands(held) for unit, held in rings.items()}
    meetings = _meetings(ring for held in kept.values() for ring in held)
    pieces = {unit: [_pieces(ring, meetings) for ring in held] for unit, held in kept.items()}
    owners: dict[Piece, set[str]] = defaultdict(set)
    for unit, held in pieces.items():
        for piece in (piece for ring in held for piece in ring):
            owners[_one_way(piece)].add(unit)
    allowed, simple, points = _FIRST, dict(zip(owners, owners, strict=True)), most_points + 1
    while points > most_points and allowed < _MOST:
        simple = {piece: _simpler(held, allowed) for piece, held in simple.items()}
        points = sum((len(held) - 1) * len(owners[piece]) for piece, held in simple.items())
        allowed *= 1.5
    paths = {unit: "".join(_closed(ring, simple) for ring in held) for unit, held in pieces.items()}
    touching = {(one, other) for units in owners.values() for one in units for other in units if one < other}
    parting = [piece for piece, units in owners.items() if len(units) == 1 or len({groups[u] for u in units}) > 1]
    return Outlines(paths, "".join(path(simple[piece]) for piece in parting), tuple(sorted(touching)), points)


def path(points: Sequence[Point], end: str = "") -> str:
    """An SVG path through the points, in units of ten tenths, each step told from the point before."""
    (x, y), *rest = points
    steps = "".join(
        f" {_told(to_x - was_x)} {_told(to_y - was_y)}" for (was_x, was_y), (to_x, to_y) in zip(points, rest)
    )
    return f"M{_told(x)} {_told(y)}l{steps}{end}".replace(" -", "-").replace("l ", "l")


def area(ring: Sequence[Point]) -> int:
    """Twice the area that a ring encloses."""
    return abs(sum(x * to_y - to_x * y for (x, y), (to_x, to_y) in zip(ring, (*ring[1:], ring[0]), strict=True)))


def _told(tenths: int) -> str:
    whole, part = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole or ''}.{part}" if part else f"{sign}{whole}"


def _without_islands(rings: Sequence[Ring]) -> list[Ring]:
    largest = max(rings, key=area)
    return [ring for ring in rings if ring is largest or area(ring) >= _ISLAND]


def _meetings(rings: Iterable[Ring]) -> set[Point]:
    """The points where borders meet: those that have more than two other points beside them."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for ring in rings:
        for one, other in zip(ring, (*ring[1:], ring[0]), strict=True):
            beside[one].add(other)
            beside[other].add(one)
    return {point for point, others in beside.items() if len(others) > 2}


def _pieces(ring: Ring, meetings: set[Point]) -> list[Piece]:
    """A ring from meeting to meeting; one without any as one piece from its first point in order."""
    ends = [index for index, point in enumerate(ring) if point in meetings]
    if not ends:
        start = ring.index(min(ring))
        return [(*ring[start:], *ring[: start + 1])]
    turned = (*ring[ends[0] :], *ring[: ends[0] + 1])
    cuts = [index - ends[0] for index in ends] + [len(ring)]
    return [turned[start : end + 1] for start, end in pairwise(cuts)]


def _one_way(piece: Piece) -> Piece:
    """The same piece for the units on both of its sides."""
    return min(piece, piece[::-1])


def _simpler(piece: Piece, allowed: float) -> Piece:
    """The points without which the border would move by more than is allowed (Douglas and Peucker 1973); its ends stay."""
    keep = [False] * len(piece)
    keep[0] = keep[-1] = True
    open_ = [(0, len(piece) - 1)]
    while open_:
        first, last = open_.pop()
        (x, y), (to_x, to_y) = piece[first], piece[last]
        along, down = to_x - x, to_y - y
        length = along * along + down * down
        farthest, at = -1, first
        for index in range(first + 1, last):
            right, below = piece[index][0] - x, piece[index][1] - y
            # Twice the area over the side is the height; of a piece that ends where it begins, the way from there.
            off = (along * below - down * right) ** 2 if length else right * right + below * below
            if off > farthest:
                farthest, at = off, index
        if farthest > allowed * allowed * (length or 1):
            keep[at] = True
            open_ += [(first, at), (at, last)]
    return tuple(point for point, kept in zip(piece, keep, strict=True) if kept)


def _closed(ring: Sequence[Piece], simple: Mapping[Piece, Piece]) -> str:
    """The path of a ring of simple pieces; of the full ones where too little would be left of them."""
    points = _joined([simple[held] if (held := _one_way(piece)) == piece else simple[held][::-1] for piece in ring])
    if len(points) < 3:
        points = _joined(ring)
    return path(points, "z")


def _joined(ring: Iterable[Piece]) -> list[Point]:
    return [point for piece in ring for point in piece[:-1]]
