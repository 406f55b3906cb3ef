"""Bounds that give way, in the words of a scenario: the condition of some groups holds in these and in no other."""

from fractions import Fraction
from itertools import product

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.model.eased import Move, in_groups, shifted

UNITS, PROGRAMS, PERIODS = ["a", "b", "it's"], ["p", "q"], [2013, 2014, 2015]
EVERY = list(product(UNITS, PROGRAMS, PERIODS))


@given(st.sets(st.sampled_from(EVERY), min_size=1))
def test_the_condition_holds_in_the_groups_named_and_in_no_other(labels):
    condition = in_groups(["unit", "program", "period"], sorted(labels))
    rows = " union all ".join(
        f"select {unit} unit, '{program}' program, {period} period"
        for unit, (_, program, period) in ((f"'{u.replace(chr(39), chr(39) * 2)}'", (u, p, t)) for u, p, t in EVERY)
    )
    assert set(duckdb.connect().execute(f"select * from ({rows}) where {condition}").fetchall()) == labels


def test_many_groups_with_one_amount_are_one_short_case():
    labels = [(f"4501{i:02}", period) for i in range(73) for period in PERIODS]
    moves = [Move(label, "at_most", Fraction(1)) for label in labels]
    told = shifted("1", ["unit", "period"], moves, every=False)
    assert len(told) < 1000 and told.endswith("and period in (2013, 2014, 2015) then 1 else 0 end")


@pytest.mark.parametrize("sides", [("at_least", "at_least"), ("at_least", "at_most")])
def test_unlike_amounts_stand_apart(sides):
    moves = [Move(("a",), sides[0], Fraction(1)), Move(("b",), sides[1], Fraction(2))]
    told = shifted("quota", ["unit"], moves, every=False)
    sign = "-" if sides[0] == sides[1] else "+"
    first = "1" if sides[0] == sides[1] else "-1"
    assert told == f"quota {sign} case when unit = 'a' then {first} when unit = 'b' then 2 else 0 end"
