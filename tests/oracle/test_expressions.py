"""The plain reading of expressions: by hand, and against DuckDB on expressions made at random."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.expressions import ABSENT, evaluate, names, plain_names
from tests.oracle.worlds import World

from allocator.database import Database
from allocator.database.expression import BadExpression
from allocator.model.query import TooFine

ROW = {"a": 3, "b": Decimal("0.25"), "c": None, "yes": True, "unknown": None, "level": "county"}


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("a + 2 * b", Fraction(7, 2)),
        ("(a + 2) * b", Fraction(5, 4)),
        ("-a + 1", Fraction(-2)),
        ("a - 1 - 1", Fraction(1)),
        ("7 % a", Fraction(1)),
        ("a + c", None),
        ("c > 1", None),
        ("c > 1 or yes", True),
        ("c > 1 and not yes", False),
        ("c > 1 and yes", None),
        ("not unknown", None),
        ("c is null and a is not null", True),
        ("a in (1, 3)", True),
        ("a in (1, c)", None),
        ("a not in (1, 2)", True),
        ("a between 1 and 3 and yes", True),
        ("a <> 3", False),
        ("level = 'county'", True),
        ("level || '''s'", "county's"),
        ("case when c > 1 then 1 when a = 3 then 2 else 3 end", None),
        ("case when c is null then 1 when c > 1 then 2 else 3 end", Fraction(1)),
        ("case when a = 1 then 1 end", None),
        ("coalesce(c, a)", Fraction(3)),
        ("greatest(c, 1, a)", None),
        ("greatest(coalesce(c, 5), 1, a)", Fraction(5)),
        ("ceil(0.07 * 100)", Fraction(7)),
        ("ceil(b)", Fraction(1)),
        ("floor(-1 * b)", Fraction(-1)),
        ("round(2.5)", Fraction(3)),
        ("round(-2.5)", Fraction(-3)),
        ("divide_up(7, 2)", Fraction(4)),
        ("divide_down(-7, 2)", Fraction(-4)),
        ("divide_half_up(5, 2)", Fraction(3)),
        ("divide_half_up(b, 0.5)", Fraction(1)),
    ],
)
def test_by_hand(sql, value):
    assert evaluate(sql, ROW) == value


def test_aggregates_run_over_the_rows_and_know_nothing_where_one_is_not_known():
    rows = [{"x": x}.__getitem__ for x in (1, None, 4, 4)]
    known = [{"x": x}.__getitem__ for x in (1, 4, 4, ABSENT)]
    assert evaluate("count(*)", {}, rows) == 4
    assert evaluate("count(x)", {}, rows) == 3
    assert evaluate("count(distinct x)", {}, rows) == 2
    assert evaluate("sum(x)", {}, rows) is None
    assert evaluate("greatest(max(x), 7)", {}, rows) is None
    assert evaluate("sum(coalesce(x, 0)) + max(x) filter (where x is not null)", {}, rows) == 13
    assert evaluate("sum(x) + max(x) - min(x)", {}, known) == 12
    assert evaluate("count(*) filter (where x > 1)", {}, rows) == 2
    assert evaluate("sum(x)", {}, []) == 0
    assert evaluate("max(x)", {}, []) is None
    assert evaluate("coalesce(sum(x), 0) + y", {"y": 5}, []) == 5
    assert names("sum(x) + y") == ("x", "y")
    assert plain_names("sum(x) + y") == ("y",)


def expressions(depth):
    """Numbers and conditions over the columns of ROW, as SQL."""
    numbers = st.sampled_from(["a", "b", "c", "2", "0.5", "10", "0"])
    truths = st.sampled_from(["yes", "unknown", "level = 'county'", "true"])
    for _ in range(depth):
        n, t = numbers, truths
        numbers = st.one_of(
            n,
            st.builds("({} {} {})".format, n, st.sampled_from(["+", "-", "*"]), n),
            st.builds("(case when {} then {} else {} end)".format, t, n, n),
            st.builds("{}({})".format, st.sampled_from(["ceil", "floor", "abs", "round", "-"]), n),
            st.builds("{}({}, {})".format, st.sampled_from(["coalesce", "greatest", "least"]), n, n),
            st.builds("divide_{}({}, 3)".format, st.sampled_from(["up", "down", "half_up"]), n),
        )
        truths = st.one_of(
            t,
            st.builds("({} {} {})".format, n, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), n),
            st.builds("({} {} {})".format, t, st.sampled_from(["and", "or"]), t),
            st.builds("(not {})".format, t),
            st.builds("({} is {}null)".format, n, st.sampled_from(["", "not "])),
            st.builds("({} in ({}, {}))".format, n, n, n),
            st.builds("({} between {} and {})".format, n, n, n),
        )
    return st.one_of(numbers, truths)


values = st.tuples(
    st.integers(-9, 9), st.integers(-200, 200), st.none() | st.integers(-9, 9), st.booleans(), st.none() | st.booleans()
)


@settings(max_examples=300)
@given(expressions(2), st.lists(values, min_size=2, max_size=5))
def test_duckdb_says_the_same(sql, rows):
    units = [
        {"unit": f"u{i}", "a": a, "b": Decimal(b).scaleb(-2), "c": c, "yes": yes, "unknown": unknown, "level": "county"}
        for i, (a, b, c, yes, unknown) in enumerate(rows)
    ]
    units[0] |= {"c": 1, "unknown": True}  # made without the loader, a column without a value has no type
    policy = {
        "model": "m",
        "title": "t",
        "periods": [2013],
        "units": {"file": "units.csv", "id": "unit"},
        "programs": {"p": {"decides": "selection"}},
    }
    database = Database(World(policy, {"units.csv": units}).model())
    try:
        found = database.measure("p", sql)
        said = dict(database.rows(f"select unit, value from {found.sql}"))
    except (BadExpression, TooFine):
        return
    for row in units:
        expected = evaluate(sql, row)
        value = said[row["unit"]]
        assert (None if value is None else Fraction(int(value), found.scale)) == (
            None if expected is None else Fraction(expected)
        )
