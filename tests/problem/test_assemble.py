"""Rows made smaller and bounds made tighter mean the same: every plan of a small box is asked before and after."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.compact import world

from allocator.faults import InputError
from allocator.model.query import NO_LIMIT
from allocator.problem import compile
from allocator.problem.arrays import Matrix
from allocator.problem.assemble import reduced, tightened

BOX = range(-3, 4)
bound = st.integers(-30, 30)
row = st.tuples(st.integers(-6, 6), st.integers(-6, 6), bound | st.just(-NO_LIMIT), bound | st.just(NO_LIMIT))


def made(rows):
    """A matrix of two columns with its bounds."""
    entries = [(r, c, value) for r, (a, b, *_) in enumerate(rows) for c, value in enumerate((a, b))]
    table = np.array(entries, np.int64).reshape(-1, 3)
    matrix = Matrix.of(len(rows), table[:, 0], table[:, 1], table[:, 2])
    return matrix, np.array([r[2] for r in rows], np.int64), np.array([r[3] for r in rows], np.int64)


def accepted(matrix, low, high):
    points = [np.array(x, np.int64) for x in product(BOX, BOX)]
    return [bool(np.all(matrix.times(x) >= low) and np.all(matrix.times(x) <= high)) for x in points]


@given(st.lists(row, min_size=1, max_size=3), st.integers(1, 5))
def test_a_row_without_its_common_factor_accepts_the_same(rows, factor):
    rows = [(a * factor, b * factor, low, high) for a, b, low, high in rows]
    assert accepted(*reduced(*made(rows))) == accepted(*made(rows))


@given(st.lists(row, min_size=1, max_size=3))
def test_bounds_with_the_rows_of_one_column_taken_in_accept_the_same(rows):
    rows = [(a, b, low, high) for a, b, low, high in rows if a == 0 or b == 0] or [(1, 0, -1, 1)]
    matrix, low, high = reduced(*made(rows))
    own = np.full(2, BOX[0], np.int64), np.full(2, BOX[-1], np.int64)
    lower, upper = tightened(matrix, low, high, *own)
    assert np.all(lower <= upper)
    single = [i for i, (a, b, *_) in enumerate(rows) if (a == 0) != (b == 0)]
    for x in product(BOX, BOX):
        at = np.array(x, np.int64)
        for column in (0, 1):
            mine = [r for r in single if rows[r][column]]
            keeps = all(low[r] <= matrix.times(at)[r] <= high[r] for r in mine)
            inside = bool(lower[column] <= x[column] <= upper[column])
            crossed = not any(all(low[r] <= matrix.value[matrix.start[r]] * v <= high[r] for r in mine) for v in BOX)
            # Rows that conflict leave the column alone: the conflict stays theirs, and can be named.
            assert inside == (keeps or crossed)


def test_a_sum_that_does_not_fit_is_refused():
    """Three times 2.2e18 is more than half of what 64 bits hold, though each figure fits."""
    entry = {
        "about": "large",
        "world": {"units": ["A", "B", "C"], "programs": ["p"]},
        "rule": {"total": {"of": "p", "measure": "2200000000000000000", "at_most": 1}},
    }
    with pytest.raises(InputError, match="figure-too-fine"):
        compile(world(entry).model())
