"""Key columns that the file calls otherwise than the model: they can be named, and where they should be it is told."""

import pytest

from allocator.faults import InputError, Notice, render
from allocator.load import load
from allocator.words import LANGUAGES

MODEL = """model: m
title: t
periods: [2023, 2024, 2025]
units: {{file: units.csv, id: CCN}}
tables: {{requests: {{file: requests.csv, key: {key}}}}}
programs:
  p: {{decides: amount, quota: 9, per_unit: {{at_most: "{most}"}}}}
  q: {{decides: selection, quota: 1}}
objectives: [{{id: o, total: {{maximize: 1, of: [p, q]}}}}]
"""
ROWS = "CCN,Round,asked\n001,2023,1\n001,2024,2\n001,2025,3\n002,2023,1\n002,2024年,2\n002,2025 年度,3\n"


def write(folder, key, rows=ROWS, most="asked", more=""):
    (folder / "units.csv").write_text("CCN,name\n001,A\n002,B\n", encoding="utf-8")
    (folder / "requests.csv").write_text(rows, encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL.format(key=key, most=most) + more, encoding="utf-8")
    return folder


def faults(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    for fault in error.value.faults:
        assert all(render(fault, lang) for lang in LANGUAGES)
    return [(fault.code, str(fault.place)) for fault in error.value.faults]


def test_a_key_can_say_what_the_file_calls_its_columns(tmp_path):
    model = load(write(tmp_path, "{unit: CCN, period: Round}"))
    table = model.tables["requests"]
    assert list(table.columns) == ["unit", "period", "asked"]
    assert list(table.columns["period"].values) == [2023, 2024, 2025] * 2
    assert model.policy.tables["requests"].key == ("unit", "period")


def test_places_name_the_columns_as_the_file_does(tmp_path):
    rows = ROWS.replace("002,2023", "003,2023").replace("001,2025", "001,2026")
    assert faults(write(tmp_path, "{unit: CCN, period: Round}", rows)) == [
        ("unknown-period", 'requests.csv:4 column "Round"'),
        ("unknown-unit", 'requests.csv:5 column "CCN"'),
    ]


@pytest.mark.parametrize(
    ("key", "write_"),
    [
        ("[CCN, Round]", "key: {unit: CCN, period: Round}"),
        ("[Round]", "key: {period: Round}"),
    ],
)
def test_a_key_column_that_holds_the_periods_is_told_once_with_what_to_write(tmp_path, key, write_):
    rows = ROWS if "CCN" in key else "Round,asked\n2023,1\n2024,2\n2025,3\n"
    with pytest.raises(InputError) as error:
        load(write(tmp_path, key, rows))
    (fault,) = error.value.faults
    assert (fault.code, str(fault.place)) == ("key-holds", "model.yaml:5:46")
    assert write_ in render(fault, "en") and write_ in render(fault, "zh") and "2023" in render(fault, "zh")


def test_key_columns_that_hold_units_and_programs_are_told(tmp_path):
    rows = "hospital,what,asked\n001,p,1\n002,p,2\n001,q,3\n002,q,1\n"
    with pytest.raises(InputError) as error:
        load(write(tmp_path, "[hospital, what]", rows))
    (fault,) = error.value.faults
    assert "key: {unit: hospital, program: what}" in render(fault, "en")
    write(tmp_path, "{unit: hospital, program: what}", rows)
    load(tmp_path)


def test_where_nothing_follows_from_it_it_is_a_notice(tmp_path):
    model = load(write(tmp_path, "[CCN, Round]", most="3"))
    assert [(n.code, isinstance(n, Notice)) for n in model.notices if n.code == "key-holds"] == [("key-holds", True)]


@pytest.mark.parametrize("key", ["{unit: CCN, period: Rund}", "[CCN, Rund]"])
def test_a_column_that_is_not_there_is_told_where_the_key_names_it(tmp_path, key):
    told = faults(write(tmp_path, key))
    assert [code for code, _ in told] == ["missing-column-in-file"]


def test_a_file_that_has_both_names_is_told(tmp_path):
    rows = (
        ROWS.replace("asked", "period,asked")
        .replace(",1\n", ",1,1\n")
        .replace(",2\n", ",1,2\n")
        .replace(",3\n", ",1,3\n")
    )
    assert faults(write(tmp_path, "{unit: CCN, period: Round}", rows)) == [
        ("reserved-column", 'requests.csv:1 column "period"')
    ]


@pytest.mark.parametrize("key", ["{unit: [a]}", "{unit: 3.5}", "3.5", "[1.5]"])
def test_a_key_of_the_wrong_kind_is_a_fault(tmp_path, key):
    assert [code for code, _ in faults(write(tmp_path, key))] == ["wrong-type"]


PAST = "past: {file: past.csv}\n"


@pytest.mark.parametrize(
    "text",
    [
        "unit,program,period,amount\n001,q,2020,1\n",
        "CCN,program,Year,Amount\n001,q,2020年,1\n",
        "代码,项目,年度,数量\n001,q,2020 年度,1\n",
    ],
)
def test_a_table_of_awards_is_read_by_the_names_that_people_write(tmp_path, text):
    write(tmp_path, "{unit: CCN, period: Round}", more=PAST)
    (tmp_path / "past.csv").write_text(text, encoding="utf-8")
    past = load(tmp_path).past
    assert past is not None
    assert [list(past.columns[c].values) for c in ("unit", "program", "period", "amount")] == [
        ["001"],
        ["q"],
        [2020],
        [1],
    ]


def test_a_year_written_in_two_ways_is_one_year(tmp_path):
    write(tmp_path, "{unit: CCN, period: Round}", ROWS + "002,2025年,9\n")
    assert faults(tmp_path) == [("duplicate-row", "requests.csv:8")]


def test_a_patch_goes_by_the_names_of_the_file(tmp_path):
    (tmp_path / "m").mkdir()
    write(tmp_path / "m", "{unit: CCN, period: Round}")
    (tmp_path / "patch.csv").write_text("CCN,Round,asked\n001,2023,7\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "scenario: s\nmodel: m\ntables: {requests: {patch: patch.csv}}\n", encoding="utf-8"
    )
    assert next(iter(load(tmp_path / "s.yaml").tables["requests"].columns["asked"].values)) == 7
