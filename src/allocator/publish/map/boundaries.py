"""The map with boundaries, from a file of GeoJSON.

Lives here: `boundary_map`: the faults of the file, which property holds the codes of the units, the notes on the picture.
Not here: how shapes are made simpler (outlines.py), how they are drawn (svg.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place, nearest
from allocator.model.model import Model
from allocator.publish.map.neighbours import neighbours
from allocator.publish.map.outlines import Ring, area, simplified
from allocator.publish.map.picture import HEADING, WIDTH, Label, Picture, Shape, groups_of, names_of_groups
from allocator.read.fault_collector import FirstFaults, shown
from allocator.read.files import read_bytes, text_of
from allocator.read.records import NotOurs, json_of
from allocator.read.texts import spelled
from allocator.words import Say

MOST_MEGABYTES = 100
MOST_LETTERS = 60  # of the number of a review
_POINTS = 4_000  # of a map; more where it has many units
_POINTS_OF_ONE = 12
_TILE = 46  # of units without a shape
_EDGE = 4

Line = Sequence[Sequence[float]]


@dataclass(frozen=True)
class _Feature:
    number: int  # in the file, from 1
    properties: Mapping[str, Any]
    rings: Sequence[Line]


def boundary_map(model: Model, file: str | Path, number: str | None = None) -> Picture:
    """The units in the shapes of a file; units of a table none of which has a shape stand in rows below.

    number: of the review of this map (审图号); it stands on the picture. Without one the picture says that nobody reviewed it.
    Raises InputError with every fault of the file.
    """
    name, faults = str(file), list[Fault]()
    note = _note(number, faults)
    held = _read(Path(file), name, faults)
    features = _features(held, name, faults) if held is not None else []
    lines = _by_unit(model, features, name, faults) if features else {}
    if faults:
        raise InputError(faults)
    said = held.get("attribution") if isinstance(held, Mapping) else None
    notes = [note, *([Say("map.source", {"text": spelled(said)})] if isinstance(said, str) and said.strip() else [])]
    return _picture(model, lines, tuple(notes))


# Reading --------------------------------------------------------------------------------------------------------------


def _note(number: str | None, faults: list[Fault]) -> Say:
    if number is None:
        return Say("map.not-reviewed")
    text = " ".join(spelled(number).split())
    if not text or len(text) > MOST_LETTERS or not text.isprintable():
        faults.append(Fault("bad-map-number", Place("--map-number"), {"most": MOST_LETTERS}, shown(number)))
    return Say("map.reviewed", {"number": text})


def _read(path: Path, name: str, faults: list[Fault]) -> Any:
    data = read_bytes(path, name, None, MOST_MEGABYTES)
    text = text_of(data, name) if isinstance(data, bytes) else data
    if isinstance(text, Fault):
        faults.append(text)
        return None
    try:
        return json_of(text.encode())
    except NotOurs:
        faults.append(Fault("not-geojson", Place(name)))
        return None


def _features(held: Any, name: str, faults: list[Fault]) -> list[_Feature]:
    """The features that are areas; what is wrong with the others is told."""
    listed = held.get("features") if isinstance(held, Mapping) else None
    if not isinstance(listed, list) or not listed:
        faults.append(Fault("not-geojson", Place(name)))
        return []
    few, found = FirstFaults(faults), []
    for index, feature in enumerate(listed, 1):
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        known = {**(properties if isinstance(properties, Mapping) else {})}
        if isinstance(feature, Mapping) and "id" in feature:
            known.setdefault("id", feature["id"])
        rings = _rings(geometry)
        if rings is None:
            few.add(Fault("no-area", Place(name), {"number": index}))
        elif (wrong := next(_outside(rings), None)) is not None:
            few.add(Fault("not-degrees", Place(name), {"number": index, "point": wrong}))
        else:
            found.append(_Feature(index, known, rings))
    few.close()
    return found


def _rings(geometry: Any) -> list[Line] | None:
    """The rings of a polygon or of several; None where it is none, or a point of it is no pair of numbers."""
    if not isinstance(geometry, Mapping):
        return None
    inner: Any = geometry.get("coordinates")
    parts: Any = {"Polygon": [inner], "MultiPolygon": inner}.get(str(geometry.get("type")), ())
    try:
        rings = [[(point[0], point[1]) for point in ring] for part in parts for ring in part]
    except (TypeError, LookupError):
        return None
    numbers = all(isinstance(n, (int, float)) and not isinstance(n, bool) for ring in rings for p in ring for n in p)
    return rings if rings and numbers and all(len(set(ring)) > 2 for ring in rings) else None  # type: ignore[return-value]


def _outside(rings: Sequence[Line]) -> Iterator[str]:
    """Points that are no degrees of longitude and latitude."""
    for ring in rings:
        for x, y in ring:
            if not (-180 <= x <= 180 and -90 <= y <= 90):
                yield f"{x}, {y}"


def _by_unit(model: Model, features: Sequence[_Feature], name: str, faults: list[Fault]) -> dict[str, list[Line]]:
    """The rings of each unit that has some. The property that holds most codes holds them all."""
    units = model.units.columns["unit"].values
    known = set(units)
    held: dict[str, set[str]] = defaultdict(set)  # the codes that each property holds
    for feature in features:
        for key, value in feature.properties.items():
            if (code := _code(value)) in known:
                held[key].add(code)
    if not held:
        keys = sorted({str(key) for feature in features for key in feature.properties})
        faults.append(Fault("no-codes", Place(name), {"properties": keys, "example": units[0]}))
        return {}
    key = min(held, key=lambda key: (-len(held[key]), key))
    lines: dict[str, list[Line]] = defaultdict(list)
    for feature in features:
        if (code := _code(feature.properties.get(key))) in known:
            lines[code] += feature.rings
    with_shapes = {_table_of(model, row) for row, unit in enumerate(units) if unit in lines}
    others = {_code(feature.properties.get(key)) for feature in features} - known
    few = FirstFaults(faults)
    for row, unit in enumerate(units):
        if unit not in lines and _table_of(model, row) in with_shapes:
            params = {"unit": unit, "name": model.unit_names[unit], "property": key}
            few.add(Fault("no-shape", Place(name), params, nearest=nearest(unit, others)))
    few.close()
    return lines


def _code(value: Any) -> str:
    """A property as a code: codes of digits are often written as numbers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return spelled(value) if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _table_of(model: Model, row: int) -> str:
    """The file of a unit: of the units of one table, all have a shape or none (counties do, parks do not)."""
    return model.units.places[row][0] if len(model.units.places) else ""


# Drawing --------------------------------------------------------------------------------------------------------------


def _picture(model: Model, lines: Mapping[str, Sequence[Line]], notes: tuple[Say, ...]) -> Picture:
    rings, height = _projected(lines)
    groups, _ = groups_of(model)
    outlines = simplified(rings, groups, max(_POINTS, _POINTS_OF_ONE * len(rings)))
    middles = {unit: _middle(max(held, key=area)) for unit, held in rings.items()}
    corners, apart = dict[str, tuple[int, int]](), None
    rest = [unit for unit in groups if unit not in rings]
    if rest:
        apart = height + HEADING / 2
        in_row = (WIDTH - 2 * _EDGE) // _TILE
        for place, unit in enumerate(rest):
            corners[unit] = (_EDGE + place % in_row * _TILE, height + HEADING + place // in_row * _TILE)
        height = max(y for _, y in corners.values()) + _TILE + _EDGE
    places = {unit: middles[unit] if unit in middles else _in_tile(corners[unit]) for unit in groups}
    names = model.unit_names
    at = {**middles, **corners}
    shapes = tuple(Shape(unit, names[unit], at[unit][0], at[unit][1], outlines.paths.get(unit)) for unit in groups)
    beside = neighbours(places, touching=outlines.touching)
    return Picture("boundaries", height, _TILE, shapes, _labels(model, rings), outlines.borders, beside, notes, apart)


def _projected(lines: Mapping[str, Sequence[Line]]) -> tuple[dict[str, list[Ring]], int]:
    """The rings in tenths of the picture's units, degrees of longitude as short as they are in the middle; and the height."""
    points = [point for rings in lines.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = cos(radians((south + north) / 2)) or 1.0
    inside = WIDTH - 2 * _EDGE
    scale = inside / max((east - west) * narrow, (north - south) / 1.5, 1e-9)  # no picture is much higher than wide
    left = _EDGE + (inside - (east - west) * narrow * scale) / 2
    found: dict[str, list[Ring]] = {}
    for unit, rings in lines.items():
        tenths = [
            [
                (round(10 * (left + (x - west) * narrow * scale)), round(10 * (_EDGE + (north - y) * scale)))
                for x, y in ring
            ]
            for ring in rings
        ]
        found[unit] = [_without_repeats(ring) for ring in tenths]
        found[unit] = [ring for ring in found[unit] if len(ring) > 2] or [_speck(tenths[0][0])]
    return found, round((north - south) * scale) + 2 * _EDGE


def _without_repeats(ring: Sequence[tuple[int, int]]) -> Ring:
    kept = [point for point, before in zip(ring, [ring[-1], *ring[:-1]], strict=True) if point != before]
    return tuple(kept)


def _speck(point: tuple[int, int]) -> Ring:
    """A unit too small to be seen: a small square."""
    x, y = point
    return ((x - 10, y - 10), (x + 10, y - 10), (x + 10, y + 10), (x - 10, y + 10))


def _middle(ring: Ring) -> tuple[float, float]:
    """The centre of gravity of an area."""
    pairs = list(zip(ring, (*ring[1:], ring[0]), strict=True))
    twice = sum(x * to_y - to_x * y for (x, y), (to_x, to_y) in pairs)
    if not twice:
        return ring[0][0] / 10, ring[0][1] / 10
    sums = (sum((one[i] + other[i]) * (one[0] * other[1] - other[0] * one[1]) for one, other in pairs) for i in (0, 1))
    x, y = (round(total / twice / 30, 1) for total in sums)
    return x, y


def _in_tile(corner: tuple[int, int]) -> tuple[float, float]:
    return corner[0] + _TILE / 2, corner[1] + _TILE / 2


def _labels(model: Model, rings: Mapping[str, Sequence[Ring]]) -> tuple[Label, ...]:
    """The name of each group in the middle of its units, larger ones counting more."""
    groups, order = groups_of(model)
    names = names_of_groups(model)
    found = []
    for group in order:
        largest = [max(held, key=area) for unit, held in rings.items() if groups[unit] == group]
        total = sum(area(ring) for ring in largest)
        if total:
            x, y = (round(sum(_middle(ring)[i] * area(ring) for ring in largest) / total, 1) for i in (0, 1))
            found.append(Label(group, names[group], x, y))
    return tuple(found)
