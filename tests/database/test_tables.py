# mypy: disable-error-code="no-untyped-def"
"""What the tables of a model say: figures that are not known, rows that are not there, rules in force, other awards."""

import pytest

from allocator.database import Database
from allocator.database.missing import empty_cells
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.query import NotKnown
from allocator.problem import compile

MODEL = """
model: m
title: m
periods: [2026]
units: {file: units.csv, id: unit}
tables: {desks: {file: desks.csv, key: unit}, rooms: {file: rooms.csv, key: [unit, room]}}
parameters: {strict: {value: true, text: strict}}
programs: {p: {decides: amount, quota: 5}}
rules:
  - {id: loose, total: {of: p, at_most: 9}, applies: not strict}
  - {id: tight, total: {of: p, at_most: 8}, applies: strict}
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "units.csv").write_text("unit\na\nb\nc\n")
    (tmp_path / "desks.csv").write_text("unit,free\na,3\nc,\n")
    (tmp_path / "rooms.csv").write_text("unit,room,seats\na,1,3\nc,1,\nc,2,4\n")
    (tmp_path / "model.yaml").write_text(MODEL)
    return load(tmp_path)


def test_a_bound_that_is_not_known_is_no_bound_and_told_where_it_must_be_known(model):
    tables = Database(model)
    groups = tables.groups(("p",), ("unit",))
    known = tables.bound(groups, "free", missing=True)
    assert (known.number[0], known.given.tolist()) == (3, [True, False, False])
    with pytest.raises(NotKnown) as error:
        tables.bound(groups, "free")
    assert (error.value.what, error.value.label) == ("free", ("b",))


def test_a_measure_that_a_cell_lacks_is_told_and_counts_as_nothing_else(model):
    tables = compile(model).tables
    with pytest.raises(NotKnown) as error:
        tables.entries(tables.groups(("p",), ("unit",)), "free")
    assert (error.value.what, error.value.label) == ("free", ("b", "p", 2026))


def test_an_empty_cell_is_named_and_a_row_that_is_not_there_is_none(model):
    tables = Database(model)
    groups = tables.groups(("p",), ("unit",))
    found = [empty_cells(tables, groups, g, "sum(seats)", 9) for g in range(3)]
    assert found[:2] == [[], []]
    assert [(one.column, one.key["unit"], one.key["room"]) for one in found[2]] == [("seats", "c", "1")]


def test_the_rules_in_force_are_those_that_apply(model):
    assert {"loose", "tight"} & {rule.id for rule in Database(model).rules_in_force()} == {"tight"}


def test_other_awards_are_another_view_and_change_nothing_in_the_first(model):
    first = Database(model, Allocation.of([("a", "p", 2026, 2)]))
    groups, asked = first.groups(("p",), ()), "select unit, amount from awards order by all"
    second, none = first.with_awards(Allocation.of([("b", "p", 2026, 1)])), first.with_awards(Allocation(()))
    for _ in range(2):
        assert first.rows(asked) == [("a", 2)] and second.rows(asked) == [("b", 1)] and none.rows(asked) == []
        made = [tables.rows(f"select sum(amount) from {tables.awards(groups).sql}") for tables in (first, second, none)]
        assert made == [[(2,)], [(1,)], [(None,)]]


@pytest.mark.parametrize(
    ("measure", "value", "scale"), [("1", 1, 1), ("１", 25, 10), ("37", 37, 1), ("free", 30, 10), ("free + 1", 40, 10)]
)
def test_the_scale_of_a_figure_and_of_a_column_alone_is_that_of_its_values(tmp_path, measure, value, scale):
    """A column may be called １, which is no figure: its digit is a wide one."""
    (tmp_path / "units.csv").write_text("unit,１,free\na,2.5,3.0\n")
    (tmp_path / "model.yaml").write_text(
        "{model: m, title: m, periods: [2026], units: {file: units.csv, id: unit}, programs: {p: {decides: amount, quota: 5}},"
        f' objectives: [{{id: most, total: {{of: p, maximize: "{measure}"}}}}]}}'
    )
    tables = compile(load(tmp_path)).tables
    found = tables.entries(tables.groups(("p",), ()), measure)
    assert (found.value.tolist(), found.scale) == ([value], scale)
