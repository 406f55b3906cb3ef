"""The maps of Guangxi: how much of its neighbourhood the tiles keep, and how large the pictures are.

What is expected is counted anew from boundaries.geojson: two counties are neighbours where they share a piece of border.
"""

import csv
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from tests.publish.map.shared import OPPOSITE, reached

from allocator.load import load
from allocator.publish.map import again, boundary_map, svg, tile_map

FOLDER = Path(__file__).parents[3] / "models" / "guangxi-2013-2015"


@pytest.fixture(scope="module")
def guangxi():
    return load(FOLDER, look=False)


@pytest.fixture(scope="module")
def tiles():
    with (FOLDER / "tiles.csv").open(encoding="utf-8") as file:
        return {row["unit"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def rings():
    for feature in json.loads((FOLDER / "boundaries.geojson").read_text(encoding="utf-8"))["features"]:
        inner = feature["geometry"]["coordinates"]
        for part in [inner] if feature["geometry"]["type"] == "Polygon" else inner:
            for ring in part:
                yield feature["properties"]["code"], ring


@pytest.fixture(scope="module")
def neighbours():
    sides = defaultdict(set)
    for code, ring in rings():
        for one, other in pairwise(ring):
            sides[frozenset((tuple(one), tuple(other)))].add(code)
    return {frozenset(pair) for pair in sides.values() if len(pair) == 2}


def apart(one, other):
    return sorted((abs(one[0] - other[0]), abs(one[1] - other[1])))


def test_every_prefecture_is_one_block(tiles, neighbours):
    counties = {code for pair in neighbours for code in pair}
    assert len(counties) == 109
    blocks = defaultdict(set)
    for code in counties:
        blocks[code[:4]].add(tiles[code])
    assert len(blocks) == 14
    for block in blocks.values():
        rest, open_ = set(block), [min(block)]
        while open_:
            column, row = open_.pop()
            if (column, row) in rest:
                rest.remove((column, row))
                open_ += [(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]
        assert not rest


def test_the_tiles_keep_most_of_the_neighbourhood(tiles, neighbours):
    # 109 tiles can touch each other at 2 * 109 - ceil(2 * sqrt(109)) = 197 sides at most (Harary and Harborth 1976), and
    # Guangxi has 277 pairs of neighbours: no map of tiles keeps more than 197 of them.
    side = [pair for pair in neighbours if apart(*(tiles[code] for code in pair)) == [0, 1]]
    corner = [pair for pair in neighbours if apart(*(tiles[code] for code in pair)) == [1, 1]]
    assert (len(neighbours), len(side), len(corner)) == (277, 163, 77)


def test_prefectures_touch_where_they_do_and_nowhere_else(tiles, neighbours):
    true = {frozenset(code[:4] for code in pair) for pair in neighbours}
    true = {pair for pair in true if len(pair) == 2}
    counties = [code for code in tiles if any(code in pair for pair in neighbours)]
    shown = {
        frozenset((one[:4], other[:4]))
        for one in counties
        for other in counties
        if one[:4] != other[:4] and apart(tiles[one], tiles[other]) == [0, 1]
    }
    assert (len(true), len(shown & true), len(shown - true)) == (28, 27, 0)


def test_prefectures_lie_to_each_other_as_they_do(tiles):
    places, points = defaultdict(list), defaultdict(list)
    for code, ring in rings():
        points[code].append((sum(x for x, _ in ring) / len(ring) * 0.917, -sum(y for _, y in ring) / len(ring)))
    for code in points:
        places[code[:4]].append((points[code][0], tiles[code]))
    middle = {
        block: [tuple(sum(place[k][i] for place in held) / len(held) for i in (0, 1)) for k in (0, 1)]
        for block, held in places.items()
    }
    turned = 0
    for one in middle:
        for other in middle:
            (x, y), (a, b) = ([middle[other][k][i] - middle[one][k][i] for i in (0, 1)] for k in (0, 1))
            length = ((x * x + y * y) * (a * a + b * b)) ** 0.5
            turned += bool(length) and (x * a + y * b) / length < 0.7
    assert turned <= 4  # of 182 ordered pairs, those that lie in another direction by more than half a right angle


def test_the_pictures_are_small_and_arrows_reach_every_unit(guangxi):
    tile = tile_map(guangxi)
    boundary = boundary_map(guangxi, FOLDER / "boundaries.geojson")
    for picture in (tile, boundary):
        assert [shape.unit for shape in picture.shapes] == list(guangxi.unit_names)
        assert {reached(picture, unit) for unit in guangxi.unit_names} == {135}
        assert len(picture.labels) == 14
    assert sum(shape.path is not None for shape in boundary.shapes) == 109
    for lang in ("zh", "en"):
        assert len(svg(tile, lang).encode()) <= 40_000
        assert len(svg(boundary, lang).encode()) <= 80_000
        assert len(again(boundary, lang, first="map", id="b").encode()) <= 40_000
    text = svg(boundary, "zh")
    assert "© OpenStreetMap contributors" in text and "内部工作用图，未经审核" in text


def test_arrows_between_counties_that_touch_lead_back(guangxi):
    tile = tile_map(guangxi)
    at = {shape.unit: (shape.x, shape.y) for shape in tile.shapes}
    for unit, near in tile.neighbours.items():
        for way, other in near.items():
            if apart(at[unit], at[other]) == [0, tile.tile]:
                assert tile.neighbours[other][OPPOSITE[way]] == unit
    boundary = boundary_map(guangxi, FOLDER / "boundaries.geojson")
    steps = [(unit, way, other) for unit, near in boundary.neighbours.items() for way, other in near.items()]
    back = sum(boundary.neighbours[other].get(OPPOSITE[way]) == unit for unit, way, other in steps)
    assert back > 0.6 * len(steps)  # a county may have three others to its right
