"""What an expression asks of the columns that it reads: a number, a text, a date, yes or no."""

import pytest

from allocator.database.asked import Asked
from allocator.database.expression import parse
from allocator.model.source import UNITS


def asked_of(sql, wanted=None):
    """column -> the kinds that are asked of it."""
    asked = Asked()
    asked.add(parse(sql), wanted, lambda name: (UNITS, name), "here")
    return {name: set(asked.of((UNITS, name)).by) for name in parse(sql).columns}


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("left(a, b)", {"a": {"text"}, "b": {"number"}}),
        ("substring(a, b, c)", {"a": {"text"}, "b": {"number"}, "c": {"number"}}),
        ("length(a) > b", {"a": {"text"}, "b": {"number"}}),
        ("a between 1 and b", {"a": {"number"}, "b": {"number"}}),
        ("a between b and 'x'", {"a": {"text"}, "b": {"text"}}),
        ("a + b", {"a": {"number"}, "b": {"number"}}),
        ("a = b and b = 'x'", {"a": {"text"}, "b": {"text"}}),
        ("coalesce(a, b, 1)", {"a": {"number"}, "b": {"number"}}),
        ("case when a = 'x' then b else 2 end", {"a": {"text"}, "b": {"number"}}),
        ("a in ('x', b)", {"a": {"text"}, "b": {"text"}}),
        ("greatest(a, 1)", {"a": {"number"}}),
        ("concat(a, b)", {"a": {"text"}, "b": {"text"}}),
        ("a is null", {"a": set()}),
    ],
)
def test_a_use_asks_for_a_kind(sql, kinds):
    assert asked_of(sql) == kinds
