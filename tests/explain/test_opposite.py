"""The best plan with the opposite of a decision: on small worlds its values are those that all plans give."""

import os
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from tests.oracle.enumeration import Reading, TooLarge
from tests.oracle.generator import world

from allocator.explain.firmness import Opposite
from allocator.explain.opposite import with_opposite
from allocator.faults import InputError
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "10"))
MOST = 4  # opposites of one world


def values(reading, plans):
    """What one of some equal plans comes to, each objective's figures as exact fractions."""
    told = []
    for stage in reading.policy.get("objectives", ()):
        figures, _ = reading.objective(stage, plans[:1])
        told.append(tuple(Fraction(int(worth[0]), scale) for worth, scale in figures))
    return told


def compared(seed, seen, most):
    """Some cells of a world, or all, both ways."""
    asked = world(seed)
    try:
        reading = Reading(asked.policy, asked.files)
        every = reading.allocations()
        problem = compile(asked.model())
        solution = solve(problem, clock=Clock(Limits(threads=1)))
    except (InputError, TooLarge):
        return
    if solution.allocation is None:
        return
    admissible = every[reading.admissible(every)]
    amounts = solution.allocation.amounts
    for i, cell in list(enumerate(reading.cells))[:: max(1, len(reading.cells) // most)]:
        at = amounts.get(cell, 0)
        for way in (1, -1):
            kept = admissible[(admissible[:, i] - at) * way > 0]
            found = with_opposite(problem, Opposite(*cell, at, way, None), clock=Clock(Limits(threads=1)))
            assert found.proved, (seed, cell)
            if found.found is None:
                assert not len(kept), (seed, cell, way)
                seen["none"] += 1
                continue
            plan = found.found.allocation.amounts
            own = np.array([[plan.get(one, 0) for one in reading.cells]])
            matches = kept[(kept == own).all(axis=1)]
            assert len(matches), (seed, cell, way)
            assert values(reading, matches) == values(reading, reading.equal(kept)), (seed, cell, way)
            seen["plan"] += 1


@pytest.mark.parametrize("first", range(0, MODELS, 10))
def test_its_values_are_those_of_the_best_of_all_plans_that_have_it(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + 10, MODELS)):
        compared(seed, seen, MOST)
    assert set(seen) == {"none", "plan"}


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(MODELS, 200, 10))
def test_so_they_are_in_more_worlds(first):
    for seed in range(first, first + 10):
        compared(seed, Counter(), 2 * MOST)
