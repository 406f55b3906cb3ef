"""The table of the map: every fault of its tiles in one pass, at file and line."""

import pytest
from tests.load.small import faults
from tests.runs.shared import changed

from allocator.load import load

GOOD = "unit,column,row\nash,1,1\nbirch,2,1\ncedar,3,1\nmaple,1,2\noak,2,2\npine,3,2\n"


def with_tiles(folder, text, key="unit", name="tiles"):
    said = f"\nmap: {name}\ntables:\n  tiles: {{file: tiles.csv, key: {key}}}"
    model = changed(folder, ("model.yaml", "\ntables:", said))
    (model / "tiles.csv").write_text(text, encoding="utf-8")
    return model


def test_a_model_with_a_tile_for_every_unit_loads(tmp_path):
    assert load(with_tiles(tmp_path / "m", GOOD)).policy.map == "tiles"


def test_all_wrong_tiles_are_told_at_once_at_file_and_line(tmp_path):
    text = "unit,column,row\nash,1,1\nbirch,1.5,1\ncedar,1,1\nmaple,,2\noka,2,2\npine,3,501\npine,4,4\n"
    assert faults(with_tiles(tmp_path / "m", text)) == [
        'tiles.csv:3 column "column" bad-tile: the place of a tile is a whole number from 1 to 500; found 1.5',
        'tiles.csv:4 column "column" tile-twice: the tile in column 1, row 1 is taken: "ash" stands there '
        '(tiles.csv:2 column "column")',
        'tiles.csv:5 column "column" bad-tile: the place of a tile is a whole number from 1 to 500; found nothing',
        'tiles.csv:6 column "unit" unknown-unit: there is no unit "oka"; did you mean "oak"?',
        'tiles.csv:7 column "row" bad-tile: the place of a tile is a whole number from 1 to 500; found 501',
        'tiles.csv:8 duplicate-row: the row for "pine" is here a second time; first at tiles.csv:7',
    ]


def test_words_in_a_column_of_tiles_are_told_cell_by_cell(tmp_path):
    found = faults(with_tiles(tmp_path / "m", GOOD.replace("ash,1", "ash,a").replace("oak,2", "oak,0")))
    assert [line.split(": the place")[0] for line in found] == [
        'tiles.csv:2 column "column" bad-tile',
        'tiles.csv:6 column "column" bad-tile',
    ]


def test_a_unit_without_a_tile_is_told_at_its_own_row(tmp_path):
    assert faults(with_tiles(tmp_path / "m", GOOD.replace("oak,2,2\n", ""))) == [
        'units.csv:6 column "unit" no-tile: the unit "oak" has no tile on the map: write a row for it in tiles.csv'
    ]


@pytest.mark.parametrize(
    ("text", "key", "name", "code"),
    [
        (GOOD, "unit", "tilse", "unknown-map"),
        (GOOD, "[unit, row]", "tiles", "map-key"),
        (GOOD.replace("row", "line", 1), "unit", "tiles", "missing-column-in-file"),
    ],
)
def test_a_table_that_is_no_table_of_tiles_is_told_where_it_is_named(tmp_path, text, key, name, code):
    found = faults(with_tiles(tmp_path / "m", text, key, name))
    assert [line.split(": ")[0].split()[-1] for line in found] == [code]
    assert all(line.startswith("model.yaml:") for line in found)


def test_the_map_decides_nothing_and_the_table_may_be_used_as_any_other(tmp_path):
    model = with_tiles(tmp_path / "m", GOOD)
    load(model)
    text = (model / "model.yaml").read_text(encoding="utf-8")
    (model / "model.yaml").write_text(text.replace("score is not null", "score is not null and tiles.row < 9"))
    load(model)
