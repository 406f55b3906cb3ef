"""The map without boundaries: tiles where the model puts them, or blocks; arrows; texts of others stay texts."""

from html.parser import HTMLParser

import pytest
from tests.publish.map.shared import EVIL, OPPOSITE, model, reached
from tests.runs.shared import TUTORIAL

from allocator.load import load
from allocator.publish.map import MARKS, STYLE, again, legend, numbers, patterns, svg, tile_map
from allocator.publish.map.picture import DIRECTIONS, WIDTH

GROUPS = {"north": ["a", "b", "c"], "south": ["d", "e"]}
#  a b .       c stands apart, below
#  d e
#  . . .
#  . c
TILES = {"a": (3, 2), "b": (4, 2), "d": (3, 3), "e": (4, 3), "c": (4, 5)}


def many(groups, units):
    return {f"g{g}": [f"u{g}-{n}" for n in range(units + g % 3)] for g in range(groups)}


def corners(picture):
    return {shape.unit: (shape.x, shape.y) for shape in picture.shapes}


def test_tiles_stand_where_the_table_puts_them_and_the_order_is_that_of_the_units(tmp_path):
    picture = tile_map(model(tmp_path, GROUPS, TILES))
    at, side = corners(picture), picture.tile
    assert list(at) == ["a", "b", "c", "d", "e"]
    left, top = at["a"]
    assert {unit: ((x - left) / side, (y - top) / side) for unit, (x, y) in at.items()} == {
        unit: (column - 3, row - 2) for unit, (column, row) in TILES.items()
    }
    assert left + 2 * side == WIDTH - left  # in the middle


def test_the_border_goes_around_the_largest_part_of_each_group_and_units_apart_get_a_heading(tmp_path):
    picture = tile_map(model(tmp_path, GROUPS, TILES))
    (left, top), side = corners(picture)["a"], picture.tile
    assert picture.borders == (
        f"M{left} {top}h{2 * side}v{side}h{-2 * side}z" + f"M{left} {top + side}h{2 * side}v{side}h{-2 * side}z"
    )
    assert picture.apart is not None
    assert corners(picture)["e"][1] + side < picture.apart < corners(picture)["c"][1]
    assert tile_map(model(tmp_path / "2", GROUPS, TILES | {"c": (5, 2)})).apart is None


def test_the_border_of_a_block_with_a_hole_goes_around_the_hole_too(tmp_path):
    ring = {f"r{x}{y}": (x + 1, y + 1) for x in range(3) for y in range(3) if (x, y) != (1, 1)}
    picture = tile_map(model(tmp_path, {"ring": list(ring), "hole": ["h"]}, {**ring, "h": (2, 2)}))
    assert picture.borders.count("M") == 3


def test_an_arrow_leads_to_the_tile_beside_and_over_a_gap_to_the_nearest(tmp_path):
    beside = tile_map(model(tmp_path, GROUPS, TILES)).neighbours
    assert beside["a"] == {"right": "b", "down": "d"}
    assert beside["e"] == {"up": "b", "left": "d", "down": "c"}
    assert beside["c"] == {"up": "e", "left": "d"} or beside["c"] == {"up": "e"}


@pytest.mark.parametrize("groups", [many(1, 5), many(4, 6), many(14, 9), many(31, 3)], ids=lambda g: str(len(g)))
def test_without_a_table_units_stand_in_blocks_that_do_not_touch(tmp_path, groups):
    loaded = model(tmp_path, groups)
    picture = tile_map(loaded)
    at, side = corners(picture), picture.tile
    boxes = {
        group: [f(at[unit][i] for unit in units) + more for i in (0, 1) for f, more in ((min, 0), (max, side))]
        for group, units in groups.items()
    }
    names = list(boxes)
    for i, one in enumerate(names):
        for other in names[:i]:
            (l1, r1, t1, b1), (l2, r2, t2, b2) = boxes[one], boxes[other]
            assert r1 < l2 or r2 < l1 or b1 < t2 or b2 < t1, (one, other)
    for group, units in groups.items():  # a block is one part: rows without gaps
        left, _, top, _ = boxes[group]
        cells = {((at[u][0] - left) // side, (at[u][1] - top) // side) for u in units}
        assert all((x - 1, y) in cells or x == 0 for x, y in cells) and all(
            (x, y - 1) in cells or y == 0 for x, y in cells
        )
    assert max(x for x, _ in at.values()) + side <= WIDTH
    assert picture.apart is None and len(picture.labels) == (len(groups) if len(groups) > 1 else 0)


@pytest.mark.parametrize("groups", [many(1, 5), many(4, 6), many(14, 9), many(31, 3)], ids=lambda g: str(len(g)))
def test_no_two_tiles_stand_at_one_place_and_arrows_reach_all_and_lead_back(tmp_path, groups):
    picture = tile_map(model(tmp_path, groups))
    at, side = corners(picture), picture.tile
    assert len(set(at.values())) == len(at) == reached(picture)
    for unit, near in picture.neighbours.items():
        for way, other in near.items():
            x, y = (at[other][i] - at[unit][i] for i in (0, 1))
            assert {"up": -y, "down": y, "left": -x, "right": x}[way] > 0
            if (abs(x), abs(y)) in ((side, 0), (0, side)):
                assert picture.neighbours[other][OPPOSITE[way]] == unit


class Elements(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.found, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        self.texts.append(data)


def test_every_unit_is_one_element_that_can_be_focused_with_its_name(tmp_path):
    loaded = load(TUTORIAL)
    picture = tile_map(loaded)
    for lang in ("zh", "en"):
        units = [
            attrs for _, attrs in Elements(svg(picture, lang, marks={"ash": "v3 drawn"})).found if "data-unit" in attrs
        ]
        assert [attrs["data-unit"] for attrs in units] == list(loaded.unit_names) == numbers(picture)["units"]
        assert [attrs["aria-label"] for attrs in units] == [getattr(n, lang) for n in loaded.unit_names.values()]
        assert [attrs["tabindex"] for attrs in units] == ["0", *["-1"] * 5]
        assert {attrs["class"] for attrs in units} == {"v3 drawn", "v0"}
        assert units[0]["class"] == "v3 drawn"


def test_the_neighbours_for_the_script_are_places_in_its_own_list(tmp_path):
    picture = tile_map(model(tmp_path, GROUPS, TILES))
    told = numbers(picture)
    ways = [told["next"][4 * n : 4 * n + 4] for n in range(5)]
    for unit, near in zip(told["units"], ways, strict=True):
        assert {way: told["units"][n] for way, n in zip(DIRECTIONS, near, strict=True) if n >= 0} == picture.neighbours[
            unit
        ]


def test_names_of_others_stay_texts(tmp_path):
    picture = tile_map(model(tmp_path, {"a": ["u1", "u2"], "b": ["u3"]}, name=EVIL))
    for text in (
        svg(picture, "zh"),
        svg(picture, "en", id=EVIL),
        again(picture, "zh", first="m", id="n"),
        legend([("v1", EVIL)]),
    ):
        elements = Elements(text)
        assert {tag for tag, _ in elements.found} <= {"svg", "div", "g", "rect", "title", "path", "text", "ul", "li"}
        assert not any(name.startswith("on") for _, attrs in elements.found for name in attrs)
        assert any(EVIL in part for part in elements.texts)


def test_the_same_map_again_has_its_own_marks_and_shares_no_id(tmp_path):
    picture = tile_map(model(tmp_path, GROUPS, TILES))
    first, second = (
        svg(picture, "en", id="one", marks={"a": "lost"}),
        again(picture, "en", first="one", id="two", marks={"b": "gained"}),
    )
    ids = [attrs["id"] for _, attrs in Elements(first + second).found if "id" in attrs]
    assert ids == ["one", "two"]
    assert 'class="lost"' in first and 'class="lost"' not in second and 'class="gained"' in second


def test_every_mark_has_a_colour_and_those_that_are_told_apart_have_unlike_patterns():
    drawn = [attrs["d"] for tag, attrs in Elements(patterns()).found if tag == "path"]
    assert len(drawn) == len(set(drawn)) == 8
    for mark in MARKS:
        assert (
            f".map .{mark}," in STYLE and STYLE.count(f"--map-{mark}:") == 4
        )  # light, dark by the system and by choice, print
    assert "prefers-color-scheme:dark" in STYLE and "@media print" in STYLE


def _light(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["_LIGHT", "_DARK"])
def test_letters_can_be_read_on_every_colour(theme):
    from allocator.publish.map import style

    held = getattr(style, theme)
    for mark in MARKS:
        one, other = sorted((_light(held["ink"]), _light(held[mark])))
        assert (other + 0.05) / (one + 0.05) >= 4.5, mark


def test_a_map_of_the_national_size_takes_twenty_bytes_a_tile(tmp_path):
    picture = tile_map(model(tmp_path, many(31, 91)))
    units = len(picture.shapes)
    assert units > 2_800
    text = svg(picture, "zh", bare=True)
    assert len(text) <= 23 * units
    drawn = Elements(text).found
    assert sum(1 for tag, _ in drawn if tag == "rect") == units
    assert reached(picture) == units
