"""The matrix of whole numbers against numpy's dense one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from allocator.problem.arrays import Matrix

entries = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-(10**12), 10**12)), max_size=12)


def made(found):
    table = np.array(found, np.int64).reshape(-1, 3)
    dense = np.zeros((4, 5), np.int64)
    np.add.at(dense, (table[:, 0], table[:, 1]), table[:, 2])
    return Matrix.of(4, table[:, 0], table[:, 1], table[:, 2]), dense


def dense_of(matrix, height):
    dense = np.zeros((height, 5), np.int64)
    dense[matrix.row, matrix.column] = matrix.value
    return dense


@given(entries)
def test_entries_of_one_place_are_added_and_zeros_dropped(found):
    matrix, dense = made(found)
    assert dense_of(matrix, 4).tolist() == dense.tolist()
    assert np.all(matrix.value != 0)
    places = list(zip(matrix.row.tolist(), matrix.column.tolist(), strict=True))
    assert places == sorted(set(places))


@given(entries, st.lists(st.integers(-1000, 1000), min_size=5, max_size=5))
def test_the_activity_of_rows_is_exact(found, x):
    matrix, dense = made(found)
    assert matrix.times(np.array(x, np.int64)).tolist() == (dense @ np.array(x, np.int64)).tolist()


@given(entries, st.lists(st.integers(0, 3), max_size=6))
def test_rows_are_selected_in_the_order_given(found, rows):
    matrix, dense = made(found)
    chosen = matrix.select(np.array(rows, np.int64))
    assert chosen.height == len(rows)
    assert dense_of(chosen, len(rows)).tolist() == dense[rows].reshape(len(rows), 5).tolist()
