"""The map with boundaries: which property holds the codes, what is wrong with a file, the notes on the picture, its shapes."""

import json

import pytest
from tests.publish.map.shared import EVIL, geojson, model, reached, square

from allocator.faults import InputError, render
from allocator.publish.map import again, boundary_map, svg

GROUPS = {"north": ["a", "b"], "south": ["c", "d"]}
#  a b
#  c d
SQUARES = [square("a", 108, 23), square("b", 109, 23), square("c", 108, 22), square("d", 109, 22)]


def told(loaded, file, number=None, lang="en"):
    with pytest.raises(InputError) as error:
        boundary_map(loaded, file, number)
    return [render(fault, lang).replace(str(file), "map.json") for fault in error.value.faults]


def test_units_lie_as_their_shapes_do_north_above(tmp_path):
    picture = boundary_map(model(tmp_path, GROUPS), geojson(tmp_path / "map.json", *SQUARES))
    assert picture.neighbours == {
        "a": {"right": "b", "down": "c"},
        "b": {"down": "d", "left": "a"},
        "c": {"up": "a", "right": "d"},
        "d": {"up": "b", "left": "c"},
    }
    assert [label.group for label in picture.labels] == ["north", "south"]
    assert picture.labels[0].y < picture.labels[1].y
    assert picture.apart is None and all(shape.path for shape in picture.shapes)


@pytest.mark.parametrize("key", ["code", "adcode", "名称", "id"])
def test_the_codes_are_found_under_whatever_property_has_most_of_them(tmp_path, key):
    groups = {"1": ["11", "12"], "2": ["21", "22"]}
    features = []
    for code, (x, y) in zip(("11", "12", "21", "22"), ((1, 2), (2, 2), (1, 1), (2, 1)), strict=True):
        feature = square("x", x, y, parent="11")
        if key == "id":
            feature["id"] = code
        else:
            feature["properties"] |= {key: float(code) if key == "adcode" else code}
        features.append(feature)
    picture = boundary_map(model(tmp_path, groups), geojson(tmp_path / "map.json", *features))
    assert all(shape.path for shape in picture.shapes)
    assert picture.neighbours["11"] == {"right": "12", "down": "21"}


def test_without_a_number_the_picture_says_that_nobody_reviewed_it_with_one_it_says_the_number(tmp_path):
    loaded, file = model(tmp_path, GROUPS), geojson(tmp_path / "map.json", *SQUARES, attribution="© somebody <b>")
    bare, numbered = (svg(boundary_map(loaded, file, number), "zh") for number in (None, " 桂S(2024)17号 "))
    for said in ("内部工作用图，未经审核", "For internal work, not reviewed"):
        assert said in bare and said not in numbered
    assert ">审图号：桂S(2024)17号<" in numbered and ">Map review number: 桂S(2024)17号<" in numbered
    assert "© somebody &lt;b&gt;" in bare and "© somebody &lt;b&gt;" in numbered


def test_units_of_a_table_without_shapes_stand_below_and_arrows_reach_them(tmp_path):
    loaded = model(tmp_path, GROUPS, second=[f"p{n}" for n in range(20)])
    picture = boundary_map(loaded, geojson(tmp_path / "map.json", *SQUARES))
    below = [shape for shape in picture.shapes if shape.path is None]
    assert [shape.unit for shape in below] == [f"p{n}" for n in range(20)]
    assert picture.apart is not None and all(shape.y > picture.apart for shape in below)
    assert len({(shape.x, shape.y) for shape in below}) == 20 and len({shape.y for shape in below}) == 2
    assert reached(picture) == 24


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "map.json not-geojson: this is no GeoJSON with a list of features"),
        ("{", "map.json not-geojson: this is no GeoJSON with a list of features"),
        ("[1]", "map.json not-geojson: this is no GeoJSON with a list of features"),
        ('{"type": "Topology", "objects": {}}', "map.json not-geojson: this is no GeoJSON with a list of features"),
        ('{"features": []}', "map.json not-geojson: this is no GeoJSON with a list of features"),
        ('{"features": NaN}', "map.json not-geojson: this is no GeoJSON with a list of features"),
        ("[" * 100_000, "map.json not-geojson: this is no GeoJSON with a list of features"),
    ],
)
def test_what_is_no_geojson_is_told(tmp_path, text, said):
    (tmp_path / "map.json").write_text(text, encoding="utf-8")
    assert told(model(tmp_path / "m", GROUPS), tmp_path / "map.json") == [said]


def test_bytes_that_are_no_text_and_a_missing_file_are_told(tmp_path):
    loaded = model(tmp_path / "m", GROUPS)
    (tmp_path / "map.json").write_bytes(b'{"a": "\xff"}')
    assert [line.split(": ")[0] for line in told(loaded, tmp_path / "map.json")] == ["map.json:1:8 not-utf8"]
    assert "missing-file" in told(loaded, tmp_path / "mapp.json")[0]
    assert 'did you mean "map.json"?' in told(loaded, tmp_path / "mapp.json")[0]
    assert "not-a-file" in told(loaded, tmp_path)[0]


def test_every_feature_that_is_no_area_and_every_point_that_is_no_degree_is_told_in_one_pass(tmp_path):
    broken = [
        {"type": "Feature", "properties": {"code": "a"}, "geometry": None},
        {"type": "Feature", "properties": {"code": "a"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {"type": "Feature", "properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": 7}},
        {"type": "Feature", "properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": [[["1", 2]]]}},
        {
            "type": "Feature",
            "properties": {"code": "a"},
            "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [1, 2]]]},
        },
        square("b", 23, 108),
        square("c", 36500123.5, 2540000.0),
        "feature",
    ]
    file = geojson(tmp_path / "map.json", SQUARES[0], *broken)
    lines = told(model(tmp_path / "m", GROUPS), file)
    assert [line.split(": ", 1)[1].split(" ")[1] for line in lines if "no-area" in line] == [
        "2",
        "3",
        "4",
        "5",
        "6",
        "9",
    ]
    assert [line for line in lines if "not-degrees" in line] == [
        "map.json not-degrees: feature 7 has the point 23, 108, which is no longitude and latitude in degrees, in this order",
        "map.json not-degrees: feature 8 has the point 36500123.5, 2540000.0, which is no longitude and latitude in degrees, "
        "in this order",
    ]


def test_codes_that_are_missing_are_told_with_the_nearest_and_a_file_without_any_code_with_its_properties(tmp_path):
    groups = {"north": ["450122", "450123"], "south": ["450124"]}
    loaded = model(tmp_path / "m", groups)
    file = geojson(tmp_path / "map.json", square("450123", 1, 1), square("450110", 2, 1), square("450124", 3, 1))
    assert told(loaded, file) == [
        'map.json no-shape: no feature has the code "450122" (450122 450122) as its property "code"; other units of the same '
        'table have a shape; did you mean "450110"?'
    ]
    geojson(file, square("x", 1, 1, name="y"))
    assert told(loaded, file) == [
        'map.json no-codes: no property of the features holds the codes of the units (such as "450122"); they have code and name'
    ]
    assert told(loaded, file, lang="zh") == [
        "map.json no-codes：要素的各属性中没有单位代码（如“450122”）；现有属性：code、name"
    ]


@pytest.mark.parametrize("number", ["", "  ", "x" * 61, "a\u0007b"])
def test_a_number_that_is_none_is_told_beside_the_faults_of_the_file(tmp_path, number):
    loaded = model(tmp_path / "m", GROUPS)
    lines = told(loaded, geojson(tmp_path / "map.json", *SQUARES[:3]), number)
    assert [line.split(": ")[0] for line in lines] == ["--map-number bad-map-number", "map.json no-shape"]


def test_two_that_share_a_border_share_it_after_it_was_made_simpler(tmp_path):
    # Between a and b a border of 2,000 teeth, each far below what can be seen.
    teeth = [[109 + 0.0004 * (n % 2), 22 + n / 2000] for n in range(2001)]
    west = [[108, 22], *teeth, [108, 23], [108, 22]]
    east = [[110, 23], *reversed(teeth), [110, 22], [110, 23]]
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code, ring in (("a", west), ("b", east))
    ]
    picture = boundary_map(model(tmp_path, {"one": ["a"], "two": ["b"]}), geojson(tmp_path / "map.json", *features))
    assert all(len(str(shape.path)) < 60 for shape in picture.shapes)
    assert picture.neighbours == {"a": {"right": "b"}, "b": {"left": "a"}}


def test_islands_and_enclaves_keep_their_place_and_specks_can_be_seen(tmp_path):
    hole = [[108.4, 23.4], [108.6, 23.4], [108.6, 23.6], [108.4, 23.6], [108.4, 23.4]]
    around = square("a", 108, 23)
    around["geometry"]["coordinates"].append(hole)
    inner = {
        "type": "Feature",
        "properties": {"code": "b"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[hole]]},
    }
    speck = square("c", 110, 23, side=0.000001)
    picture = boundary_map(
        model(tmp_path, {"one": ["a", "b"], "two": ["c"]}), geojson(tmp_path / "map.json", around, inner, speck)
    )
    a, b, c = (str(shape.path) for shape in picture.shapes)
    assert a.count("z") == 2 and b.count("z") == 1 and c.count("z") == 1
    assert picture.neighbours["b"] and reached(picture) == 3


def test_names_and_attributions_of_others_stay_texts_and_a_second_map_uses_the_shapes_of_the_first(tmp_path):
    loaded = model(tmp_path, GROUPS, name=EVIL)
    picture = boundary_map(loaded, geojson(tmp_path / "map.json", *SQUARES, attribution=EVIL), EVIL)
    first, second = svg(picture, "en", id="one"), again(picture, "en", first="one", id="two", marks={"a": "gained"})
    assert "<script" not in first + second
    assert first.count("<path id=") == 4 and second.count("<path id=") == 0
    assert second.count('<use href="#one-') == 4 and second.count("data-unit") == 4
    assert len(second) < len(first)


def test_numbers_too_large_for_a_number_are_no_degrees(tmp_path):
    text = json.dumps({"features": [square("a", 1, 1)]}).replace("1.0", "1e999").replace("2.0", "1" + "0" * 5000)
    (tmp_path / "map.json").write_text(text)
    assert len(told(model(tmp_path / "m", GROUPS), tmp_path / "map.json")) == 1
