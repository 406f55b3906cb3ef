# mypy: disable-error-code="no-untyped-def"
"""Where one thing ends and the next begins: the last signed year, half of a column."""

import pytest

from allocator.faults import InputError
from allocator.load import load

SIGNED = """
model: m
title: m
periods: [2026, 2027]
units: {file: units.csv, id: unit}
programs: {p: {decides: amount, quota: {2027: 3}}}
frozen: {through: 2026, file: signed.csv}
"""
WEIGHED = """
model: m
title: m
periods: [2026]
units: {file: units.csv, id: unit}
programs: {p: {decides: selection, quota: 1}}
objectives: [{id: o, total: {of: p, maximize: w}}]
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


@pytest.mark.parametrize(
    ("cells", "told"),
    [(("5", "many"), [("cell-not-of-kind", 3)]), (("5", "many", "few"), None)],
    ids=["half are numbers", "fewer than half are"],
)
def test_where_half_of_the_cells_are_numbers_the_others_are_mistakes(tmp_path, cells, told):
    (tmp_path / "model.yaml").write_text(WEIGHED)
    rows = "".join(f"u{n},{cell}\n" for n, cell in enumerate(cells))
    (tmp_path / "units.csv").write_text(f"unit,w\n{rows}")
    found = faults(tmp_path)
    assert found == told if told else "cell-not-of-kind" not in dict(found)
