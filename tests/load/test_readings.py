"""Cells are read as they are written: texts, numbers, truth values and dates by what their uses ask for."""

from datetime import date
from decimal import Decimal

import pytest
from tests.load.small import faults, notices, told, written

from allocator.audit import audit
from allocator.faults import InputError, render
from allocator.load import load
from allocator.problem import compile
from allocator.solve import solve

MODEL = """
model: m
title: t
periods: [2026]
units: {file: units.csv, id: unit%s}
programs: {p: {decides: selection, quota: {at_most: 9}, eligible: [{id: e, if: "%s", says: not eligible}]}}
objectives: [{id: o, total: {maximize: 1, of: p}}]
"""


def model(folder, condition, table, columns=""):
    """One program for whoever meets a condition over a table of units."""
    return written(folder, {"model.yaml": MODEL % (columns, condition), "units.csv": table})


def solved(folder):
    plan = solve(compile(load(folder))).allocation
    assert plan is not None
    return plan


def awarded(folder):
    return {award.unit for award in solved(folder).awards}


# Codes are texts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "codes",
    [
        ("1.1", "1.10", "1.2"),
        ("1", "1.0", "01"),
        ("TRUE", "true", "True"),
        ("1e5", "100000", "1E5"),
        ("007", "7", "07"),
    ],
)
@pytest.mark.parametrize("where", ["rule", "join", "condition"])
def test_codes_that_are_one_number_stay_three_codes(tmp_path, codes, where):
    """At most one award a zone: three zones, three awards; each zone finds its own row; each text meets itself alone."""
    rows = "\n".join(f"u{i},{code}" for i, code in enumerate(codes))
    files = {"units.csv": f"unit,zone\n{rows}", "zones.csv": "zone,open\n" + "\n".join(f"{c},true" for c in codes)}
    rule, tables, condition = "", "", "true"
    if where == "rule":
        rule = "rules: [{id: r, total: {of: p, by: zone, at_most: 1}}]"
    elif where == "join":
        tables, condition = "tables: {zones: {file: zones.csv, key: [zone]}}", "open"
    else:
        condition = " or ".join(f"zone = '{code}'" for code in codes)
    text = MODEL % ("", condition) + tables + "\n" + rule
    folder = written(tmp_path, {"model.yaml": text, **files})
    assert awarded(folder) == {"u0", "u1", "u2"}
    assert not audit(load(folder), solved(folder)).violations
    if where == "condition":
        model(tmp_path, f"zone = '{codes[1]}'", files["units.csv"])
        assert awarded(tmp_path) == {"u1"}


def test_a_key_finds_the_row_that_is_written_and_no_other(tmp_path):
    files = {
        "model.yaml": MODEL % ("", "open") + "tables: {zones: {file: zones.csv, key: [zone]}}",
        "units.csv": "unit,zone\na,1.1\nb,1.10",
        "zones.csv": "zone,open\n1.1,true\n1.10,false",
    }
    assert awarded(written(tmp_path, files)) == {"a"}


def test_groups_are_formed_by_what_is_written_and_bounds_count_the_numbers(tmp_path):
    """Sizes 1.0 and 1 are two groups; each may have as many awards as its size says, which is one."""
    rule = 'rules: [{id: r, total: {of: p, by: size, at_most: "size * 1"}}]'
    files = {"model.yaml": MODEL % ("", "size >= 1") + rule, "units.csv": "unit,size\na,1.0\nb,1.0\nc,1\nd,0.5"}
    folder = written(tmp_path, files)
    assert len(awarded(folder)) == 2
    assert [check.groups for check in audit(load(folder), solved(folder)).rules if check.rule.id == "r"] == [3]


def test_a_code_that_lost_its_zeros_is_told(tmp_path):
    files = {
        "model.yaml": MODEL % ("", "true") + "rules: [{id: r, total: {of: p, by: zone, at_most: 1}}]",
        "units.csv": "unit,zone\na,007\nb,7\nc,012",
    }
    assert notices(written(tmp_path, files)) == [
        'units.csv:3 column "zone" notice code-too-short: the other codes of this column begin with 0 and are longer: '
        'is "7" meant to be "007"? Spreadsheets drop zeros'
    ]


# Numbers --------------------------------------------------------------------------------------------------------------

SPOILED = [
    ("６", "cell-not-of-kind", "6"), ("１２．５", "cell-not-of-kind", "12.5"), ("1,006", "cell-not-of-kind", "1006"),
    ("1，006", "cell-not-of-kind", "1006"), ("1 006", "cell-not-of-kind", "1006"), ("1'006", "cell-not-of-kind", "1006"),
    ("1\u00a0006", "cell-not-of-kind", "1006"), ("1.006,5", "cell-not-of-kind", "1006.5"), ("3,5", "cell-not-of-kind", "3.5"),
    ("45%", "cell-not-of-kind", "0.45"), ("４５％", "cell-not-of-kind", "0.45"), ("(5)", "cell-not-of-kind", "-5"),
    ("−5", "cell-not-of-kind", "-5"), ("–5", "cell-not-of-kind", "-5"), ("007", "cell-not-of-kind", "7"),
    ("00", "cell-not-of-kind", "0"), ("5.", "cell-not-of-kind", "5"), ("12 km", "cell-not-of-kind", "12"),
    ("12人", "cell-not-of-kind", "12"), ("¥120", "cell-not-of-kind", "120"), ("120元", "cell-not-of-kind", "120"),
    ("€ 1,200", "cell-not-of-kind", "1200"), ("1O", "cell-not-of-kind", "10"), ("l2", "cell-not-of-kind", "12"),
    ("'12", "cell-not-of-kind", "12"), ("twelve", "cell-not-of-kind", None), ("十二", "cell-not-of-kind", None),
    ("12;13", "cell-not-of-kind", None), ("1.2.3", "cell-not-of-kind", None), ("2026-01-01", "cell-not-of-kind", None),
    ("true", "cell-not-of-kind", None), ("1e", "cell-not-of-kind", "1"), ("0x1F", "cell-not-of-kind", None),
    ("∞", "cell-not-of-kind", None), ("~12", "cell-not-of-kind", "12"), ("#N/A", "cell-spreadsheet-error", None),
    ("#REF!", "cell-spreadsheet-error", None), ("#DIV/0!", "cell-spreadsheet-error", None), ("n/a", "cell-no-value", None),
    ("—", "cell-no-value", None), ("-", "cell-no-value", None), ("NULL", "cell-no-value", None), ("NaN", "cell-no-value", None),
    ("无", "cell-no-value", None), ("暂无", "cell-no-value", None), ("?", "cell-no-value", None),
    ("1234567890123456789012345678901234567890", "cell-many-digits", None), ("0.1234567890123456789", "too-many-places", None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "code", "near"), SPOILED)
def test_a_spoiled_number_is_told_at_its_cell_in_both_languages(tmp_path, cell, code, near):
    quoted = f'"{cell}"'
    folder = model(tmp_path, "score >= 3", f"unit,score\na,1\nb,{quoted}\nc,2.5\nd,")
    assert told(folder) == [('units.csv:3 column "score"', code, near)]
    assert all(line.startswith("units.csv:3 ") for line in faults(folder) + faults(folder, "zh"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("4.7705e-05", Decimal("0.000047705")), ("1e5", Decimal(100000)), ("1E+3", Decimal(1000)), ("+5", Decimal(5)),
        (".5", Decimal("0.5")), ("-0", Decimal(0)), (" 12 ", Decimal(12)),
    ],
)  # fmt: skip
def test_a_number_is_read_exactly_as_it_is_written(tmp_path, cell, value):
    column = load(model(tmp_path, "score >= 0", f"unit,score\na,{cell}\nb,0.25")).units.columns["score"]
    assert column.kind == "decimal"
    assert column.values == (value, Decimal("0.25"))


def test_figures_of_states_are_exact_in_products_and_sums(tmp_path):
    """2 * 2,000,000,000 and 10^12 * 10^6 do not fit in 32 or 64 bits on the way."""
    files = {
        "model.yaml": MODEL % ("", "divide_down(people * money, total) >= 5 * 300000000")
        + "parameters: {total: 1000000000000}\nfigures: {all: sum(people)}",
        "units.csv": "unit,people,money\na,1500000000,1000000000000\nb,1499999999,1000000000000",
    }
    folder = written(tmp_path, files)
    assert awarded(folder) == {"a"}


@pytest.mark.parametrize("cells", ["9,10\n100,20\nn/a,10\n30,n/a", "x,10\n100,20\n3,10\n30,5"])
def test_two_columns_that_are_put_in_order_are_numbers(tmp_path, cells):
    rows = "\n".join(f"{unit},{row}" for unit, row in zip("abcd", cells.split("\n"), strict=True))
    found = told(model(tmp_path, "score >= least", f"unit,score,least\n{rows}"))
    assert found and {code for _, code, _ in found} <= {"cell-no-value", "cell-not-of-kind"}


def test_an_error_of_the_spreadsheet_is_no_value(tmp_path):
    folder = model(tmp_path, "score is not null", "unit,score\na,#N/A\nb,9")
    assert told(folder) == [('units.csv:2 column "score"', "cell-spreadsheet-error", None)]


def test_a_column_that_nobody_reads_may_hold_anything(tmp_path):
    folder = model(tmp_path, "score >= 3", 'unit,score,remark\na,4,"1,006"\nb,5,7\nc,6,#N/A')
    assert awarded(folder) == {"a", "b", "c"}


@pytest.mark.parametrize("use", ["score >= 60", "score * 2 > 100", "coalesce(score, 0) > 1", "score in (60, 70)"])
def test_a_column_without_a_value_yet_is_what_is_asked_of_it(tmp_path, use):
    indicators = "indicators: [{id: i, value: sum(score)}]"
    files = {"model.yaml": MODEL % ("", use) + indicators, "units.csv": "unit,score\na,\nb,"}
    folder = written(tmp_path, files)
    assert awarded(folder) == set()


# Kinds that contradict each other ---------------------------------------------------------------------------------------


def test_a_number_in_quotes_is_told(tmp_path):
    folder = model(tmp_path, "score >= '60'", "unit,score\na,9\nb,100")
    (line,) = faults(folder)
    assert "column-other-kind" in line and "Write numbers without quotes" in line


def test_a_column_of_words_is_no_number_and_one_line_says_so(tmp_path):
    folder = model(tmp_path, "zone + 1 > 2", "unit,zone\na,north\nb,south\nc,west")
    assert [line.split(" ", 1)[1] for line in faults(folder)] == [
        'column-not-of-kind: this asks for a number, and "zone" holds "north", "south", "west"'
    ]


def test_two_uses_of_one_column_must_ask_for_the_same(tmp_path):
    folder = model(tmp_path, "grade = '3' or grade > 4", "unit,grade\na,3\nb,5")
    (line,) = faults(folder)
    assert '"grade" is read as a number' in line


# Declared columns, dates, truth values ------------------------------------------------------------------------------------


def test_a_declared_column_is_read_as_it_says(tmp_path):
    text = "unit,zone,opened,score\na,1.10,2026-3-1,5\nb,1.1,2025/12/31,\nc,1.1,2026年3月2日,7"
    declared = ", columns: {zone: text, opened: date, score: number}"
    folder = model(tmp_path, "opened <= '2026-03-01'", text, declared)
    columns = load(folder).units.columns
    assert columns["zone"].values == ("1.10", "1.1", "1.1")
    assert columns["opened"].values == (date(2026, 3, 1), date(2025, 12, 31), date(2026, 3, 2))
    assert columns["score"].values == (5, None, 7)
    assert awarded(folder) == {"a", "b"}


@pytest.mark.parametrize(
    ("cell", "near"),
    [("31.12.2025", "2025-12-31"), ("20251231", "2025-12-31"), ("46022", "2025-12-31"), ("1/2/2026", None), ("2026-02-30", None),
     ("2026.3.1", "2026-03-01"), ("２０２６-03-01", "2026-03-01"), ("soon", None)],
)  # fmt: skip
def test_a_spoiled_date_is_told_at_its_cell(tmp_path, cell, near):
    folder = model(tmp_path, "opened <= '2026-03-01'", f"unit,opened\na,2026-01-05\nb,{cell}\nc,2026-01-07")
    assert told(folder) == [('units.csv:3 column "opened"', "cell-not-of-kind", near)]


@pytest.mark.parametrize(
    ("cell", "near"), [("yes", "true"), ("是", "true"), ("N", "false"), ("maybe", None), ("√", "true")]
)
def test_a_spoiled_truth_value_is_told_at_its_cell(tmp_path, cell, near):
    folder = model(tmp_path, "ready", f"unit,ready\na,true\nb,{cell}\nc,FALSE")
    assert told(folder) == [('units.csv:3 column "ready"', "cell-not-of-kind", near)]


def test_a_declaration_of_a_column_that_is_not_there_is_told(tmp_path):
    folder = model(tmp_path, "true", "unit,zone\na,1", ", columns: {zoen: text, unit: number}")
    assert [(code, near) for _, code, near in told(folder)] == [
        ("declared-no-column", "zone"),
        ("key-column-declared", None),
    ]


def test_a_declaration_against_the_uses_is_told(tmp_path):
    folder = model(tmp_path, "zone > 2", "unit,zone\na,1\nb,3", ", columns: {zone: text}")
    (line,) = faults(folder)
    assert line.startswith("model.yaml:5:") and '"zone" is read as a text' in line


def test_no_fault_has_the_words_of_the_database(tmp_path):
    conditions = ["zone + 1 > 2", "zone > 5", "zone and true", "'x' > 5", "unit = 5", "period = '2026'", "10 % 0 = 1 and 'a' = 1",
                  "divide_up(score * 0.00000000001, 3) > 1", "score * 99999999999999999999999999999999999999 > 1"]  # fmt: skip
    for number, condition in enumerate(conditions):
        folder = model(tmp_path / str(number), condition, "unit,zone,score\na,north,3\nb,south,4")
        with pytest.raises(InputError) as error:
            load(folder)
        for fault in error.value.faults:
            for lang in ("en", "zh"):
                line = render(fault, lang)
                assert not any(word in line for word in ("VARCHAR", "INT", "Error", "cast", "Binder", "DECIMAL")), line
