# mypy: disable-error-code="no-untyped-def,arg-type"
"""Levels of sums, against plain lists of what each group can have."""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from allocator.objectives.levels import Sums


def sums(seed):
    """Groups f = low + unit T with T from 0 to size, fractions of all kinds; and all values of each."""
    drawn = random.Random(seed)
    low = tuple(Fraction(drawn.randint(-9, 9), drawn.randint(1, 7)) for _ in range(3))
    unit = tuple(Fraction(drawn.randint(1, 9), drawn.randint(1, 7)) for _ in range(3))
    size = np.array([drawn.randint(0, 8) for _ in range(3)])
    found = Sums(range(3), (size[:0], size[:0], size[:0]), 0 * size, size, low, unit)
    return found, [[own + step * t for t in range(n + 1)] for own, step, n in zip(low, unit, size, strict=True)]


@pytest.mark.parametrize("seed", range(40))
def test_the_places_of_a_level_and_how_many_lie_between_two(seed):
    found, values = sums(seed)
    every = sorted({value for own in values for value in own})
    between = [(one + other) / 2 for one, other in pairwise(every)]
    for level in (every[0] - 1, *every, *between, every[-1] + 1):
        least = [next((t for t, value in enumerate(own) if value >= level), len(own)) for own in values]
        most = [max((t for t, value in enumerate(own) if value <= level), default=-1) for own in values]
        assert (found.at_least(level).tolist(), found.at_most(level).tolist()) == (least, most)
    low, high = sorted(random.Random(seed).choices(every, k=2))
    inside = [value for own in values for value in own if low <= value <= high]
    assert found.count(low, high) == len(inside) and found.levels(low, high) == sorted(set(inside))
    middle = found.middle(low, high)
    assert (middle is None) == (not [v for v in inside if v > low]) and (middle is None or low < middle <= high)
