"""What is too large is told with its size before anything is made of it."""

import pytest
from tests.load.small import faults, written

from allocator.audit import audit
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.read.tables import MOST_COLUMNS, parse_table
from allocator.read.texts import MOST_CHARACTERS
from allocator.read.yaml import parse_yaml

HEAD = "model: m\ntitle: t\nperiods: {periods}\nunits: {{file: units.csv, id: unit}}\nties: {{lottery: 1}}\n"


def model(folder, text="programs: {p: {decides: selection, quota: 1}}\n", units=3, periods="[2026]"):
    rows = "unit,w\n" + "".join(f"u{n},{n + 1}\n" for n in range(units))
    return written(folder, {"units.csv": rows, "model.yaml": HEAD.format(periods=periods) + text})


def test_more_possible_awards_than_memory_holds_are_told_with_their_number(tmp_path):
    programs = ", ".join(f"p{n}: {{decides: selection, quota: 1}}" for n in range(100))
    folder = model(tmp_path, f"programs: {{{programs}}}\n", 10_001, str(list(range(2026, 2036))))
    (told,) = faults(folder)
    assert "too-many-candidates" in told and "10001000 possible awards" in told


def test_a_header_of_too_many_columns_is_told_with_their_number():
    for text in (
        ",".join(f"c{n}" for n in range(100_000)) + "\n",
        ";".join(f"d{n}" for n in range(MOST_COLUMNS + 1)) + "\n1;2\n",
    ):
        table, told = parse_table(text.encode(), "t.csv")
        assert table is None and [fault.code for fault in told] == ["too-many-columns"]
    wide = ",".join(f"c{n}" for n in range(MOST_COLUMNS))
    assert parse_table(f"{wide}\n{','.join('1' * MOST_COLUMNS)}\n".encode(), "t.csv")[1] == ()


@pytest.mark.parametrize("cell", ["x" * (MOST_CHARACTERS + 1), '"' + "a,b\n" * MOST_CHARACTERS + 'z"'])
def test_a_text_that_is_too_long_is_told_where_it_stands(cell):
    _, (told,) = parse_table(f"unit,text\na,b\nc,{cell}\n".encode(), "t.csv")
    assert told.code == "text-too-long" and str(told.place) == 't.csv:3 column "text"'
    _, _, (told,) = parse_yaml(f"a: b\nc: {'y' * (MOST_CHARACTERS + 1)}\n", "m.yaml")
    assert told.code == "text-too-long" and str(told.place) == "m.yaml:2:4"
    assert parse_table(f"unit\n{'x' * MOST_CHARACTERS}\n".encode(), "t.csv")[1] == ()


@pytest.mark.parametrize("many", ["concat({})", "{}"])
def test_texts_are_put_together_a_few_at_a_time(tmp_path, many):
    joined = many.format((", " if "concat" in many else " || ").join(["unit"] * 60))
    rules = f"rules: [{{id: r, total: {{of: p, where: 'length({joined}) > 3', at_most: 1}}}}]\n"
    (told,) = faults(model(tmp_path, f"programs: {{p: {{decides: selection, quota: 1}}}}\n{rules}"))
    assert "expression-joined" in told


@pytest.mark.parametrize("method", ["webster", "huntington_hill", "jefferson", "adams", "largest_remainder"])
@pytest.mark.parametrize("amount", [10**6, 10**15])
def test_an_amount_of_a_slip_of_the_finger_is_counted_at_once(tmp_path, method, amount):
    text = f"""programs: {{q: {{decides: amount, quota: 9}}}}
objectives:
  - {{id: a, apportion: {{of: q, by: unit, method: {method}, weight: w}}}}
  - {{id: g, fair: {{of: q, by: unit, method: gap}}}}
  - {{id: l, fair: {{of: q, by: unit, method: leximin}}}}
"""
    found = audit(load(model(tmp_path, text)), Allocation.of([("u0", "q", 2026, amount), ("u1", "q", 2026, 2)]))
    assert found.violations


def test_an_indicator_counts_awards_of_any_size(tmp_path):
    """Ten years of a telephone number in the column of amounts: the violation is told, and so is the sum."""
    text = "model: m\ntitle: t\nperiods: [2026]\nunits: {file: units.csv, id: unit}\n"
    text += "programs: {q: {decides: amount, quota: {at_most: 30}}}\n"
    text += "indicators:\n- {id: i, value: sum(awarded.q)}\n- {id: m, value: max(awarded.q)}\n"
    text += "- {id: h, value: 'divide_half_up(sum(awarded.q), 2)'}\n"
    (tmp_path / "units.csv").write_text("unit\na\nb\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    made = 10**18 - 1
    found = audit(load(tmp_path), Allocation.of(("a", "q", year, made) for year in range(2026, 2036)))
    assert found.violations
    assert [figure.value for figure in found.indicators] == [10 * made, 10 * made, 5 * made]
