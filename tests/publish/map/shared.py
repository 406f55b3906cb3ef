"""Small models with groups, for maps: their units stand where a test puts them.

Lives here: the model, the positions of shapes, injection strings.
Not here: Guangxi (test_guangxi.py).
"""

from __future__ import annotations

import json
from pathlib import Path

from allocator.load import load
from allocator.publish.map.picture import Direction

OPPOSITE: dict[Direction, Direction] = {"up": "down", "down": "up", "left": "right", "right": "left"}
EVIL = '<script>alert("1")</script>&\'-->'


def model(folder, groups, tiles=None, name="", second=""):
    """groups: {group: units}; tiles: {unit: (column, row)}; second: units of another file, all of the first group."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(unit, group) for group, units in groups.items() for unit in units]
    text = "code,name,area\n" + "".join(f'{unit},"{_quoted(name or unit)} {unit}",{group}\n' for unit, group in rows)
    (folder / "units.csv").write_text(text, encoding="utf-8")
    files = "[units.csv]"
    if second:
        first = next(iter(groups))
        (folder / "others.csv").write_text("code,name,area\n" + "".join(f"{u},{u},{first}\n" for u in second))
        files = "[units.csv, others.csv]"
    areas = "".join(f'{group},"{_quoted(name or group)}"\n' for group in groups)
    (folder / "areas.csv").write_text("code,name\n" + areas, encoding="utf-8")
    table = ""
    if tiles is not None:
        table = "map: tiles\ntables: {tiles: {file: tiles.csv, key: unit}}\n"
        (folder / "tiles.csv").write_text(
            "unit,column,row\n" + "".join(f"{unit},{column},{row}\n" for unit, (column, row) in tiles.items())
        )
    grouped = "groups: {area: {file: areas.csv, id: code, name: name}}\n" if len(groups) > 1 else ""
    (folder / "model.yaml").write_text(
        "model: m\ntitle: A\nperiods: [2026]\n"
        f"units: {{file: {files}, id: code, name: name}}\n{grouped}{table}"
        "programs: {a: {title: A, decides: selection, quota: 1}}\n",
        encoding="utf-8",
    )
    return load(folder)


def _quoted(text):
    return text.replace('"', '""')


def square(code, x, y, side=1.0, **properties):
    """A feature: a square from its south-western corner."""
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def geojson(path: Path, *features, **members):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8")
    return path


def reached(picture, start=None):
    """How many units the arrows lead to, from the first one or another one on."""
    seen, open_ = set(), [start or picture.shapes[0].unit]
    while open_:
        unit = open_.pop()
        if unit not in seen:
            seen.add(unit)
            open_ += picture.neighbours[unit].values()
    return len(seen)
