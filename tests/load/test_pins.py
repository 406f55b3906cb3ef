"""The id of a pin is put together of its keys, and no two cells have one id."""

from itertools import combinations

import pytest

from allocator.model.pins import pin_id

CELLS = [
    ("a-b", "c"),
    ("a", "b-c"),
    ("a", "b", 2026),
    ("a", "b-2026"),
    ("a--b", "c"),
    ("a", "-b-c"),
    ("a.2d.b", "c"),
    ("a b", "c"),
]


@pytest.mark.parametrize(("one", "other"), list(combinations(CELLS, 2)))
def test_two_cells_have_two_ids(one, other):
    assert pin_id(one) != pin_id(other)
