# mypy: disable-error-code="no-untyped-def"
"""Where one thing ends and the next begins: the last signed year, half of a column, an empty value, a part of a key."""

import pytest

from allocator.faults import InputError
from allocator.load import load
from allocator.load.rows import RowFinder
from allocator.model.source import Source

SIGNED = """
model: m
title: m
periods: [2026, 2027]
units: {file: units.csv, id: unit}
programs: {p: {decides: amount, quota: {2027: 3}}}
frozen: {through: 2026, file: signed.csv}
"""
ASKED = """
model: m
title: m
periods: [2026]
units: {file: units.csv, id: unit}
programs: {p: {decides: selection, quota: 1, eligible: [{id: known, if: w is not null, says: not known}]}}
"""
ROOMS = """
model: m
title: m
periods: [2026]
units: {file: units.csv, id: unit}
tables: {rooms: {file: rooms.csv, key: [unit, room]}}
programs: {p: {decides: selection, quota: 1}}
"""


def faults(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    return [(fault.code, fault.place.row) for fault in error.value.faults]


def test_in_the_last_signed_year_an_amount_needs_no_limit_and_an_award_lies_not_behind_it(tmp_path):
    (tmp_path / "model.yaml").write_text(SIGNED)
    (tmp_path / "units.csv").write_text("unit\na\nb\n")
    (tmp_path / "signed.csv").write_text("unit,program,period,amount\na,p,2026,4\n")
    assert load(tmp_path).frozen is not None
    (tmp_path / "signed.csv").write_text("unit,program,period,amount\na,p,2026,4\nb,p,2027,1\n")
    assert faults(tmp_path) == [("frozen-later", 3)]


@pytest.mark.parametrize("cells", [("5", "many"), ("5", "many", "few")], ids=["half are numbers", "fewer are"])
def test_where_half_of_the_cells_are_numbers_the_others_are_mistakes(tmp_path, cells):
    """Where no use says what the column is: with fewer numbers it is one of texts."""
    (tmp_path / "model.yaml").write_text(ASKED)
    rows = "".join(f"u{n},{cell}\n" for n, cell in enumerate(cells))
    (tmp_path / "units.csv").write_text(f"unit,w\n{rows}")
    if len(cells) == 2:
        assert faults(tmp_path) == [("cell-not-of-kind", 3)]
    else:
        assert load(tmp_path).units.columns["w"].kind == "text"


@pytest.mark.parametrize("written", ["decides: amount", "units: {file: units.csv, id: unit}"])
def test_a_key_without_a_value_is_told_as_that_and_not_as_missing_too(tmp_path, written):
    (tmp_path / "model.yaml").write_text(SIGNED.replace(written, f"{written.split(': ')[0]}: "))
    (tmp_path / "units.csv").write_text("unit\na\nb\n")
    (tmp_path / "signed.csv").write_text("unit,program,period,amount\na,p,2026,4\n")
    codes = [code for code, _ in faults(tmp_path)]
    assert codes.count("empty-value") == 1 and "missing-key" not in codes


def test_a_row_is_found_by_its_whole_key(tmp_path):
    (tmp_path / "model.yaml").write_text(ROOMS)
    (tmp_path / "units.csv").write_text("unit\na\n")
    (tmp_path / "rooms.csv").write_text("unit,room,seats\na,1,3\na,2,4\n")
    rows, rooms = RowFinder(load(tmp_path)), Source("table", "rooms")
    assert rows.row(rooms, {"unit": "a", "room": "2"}) == 1
    assert rows.row(rooms, {"unit": "a"}) is None and rows.row(rooms, {"unit": "a", "room": "3"}) is None
