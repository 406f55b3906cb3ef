"""What a stage gives up to those below it is never more than it may: plans of every kind and size, recounted by enumeration.

ALLOCATOR_RANDOM_MODELS=1000 pytest tests/oracle/test_given.py asks more of them.
"""

import os
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.conftest import THOROUGH
from tests.oracle.enumeration import Fault, Reading
from tests.oracle.given import KINDS, SIZES, world

from allocator.problem import compile
from allocator.solve import Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "100" if THOROUGH else "20"))
CHUNK = 10


def plans_of(made):
    """The enumeration's reading of a world, and every plan that keeps its rules."""
    reading = Reading(made.policy, made.files)
    every = reading.allocations()
    return reading, every[reading.admissible(every)]


def maker():
    """The best that a stage of one world can come to if nothing else is asked."""
    held = {}

    def best(made, stage):
        if id(made) not in held:
            held[id(made)] = plans_of(made)
        reading, x = held[id(made)]
        return alone(reading, x, stage)

    return best


def alone(reading, x, stage):
    if not len(x):
        return None
    (found, scale), *_ = reversed(reading.objective(stage, x)[0])
    return Fraction(int(found.max()), scale)


def lost(made, plan):
    """What each stage of a plan lost against the best that it could be in its turn, each figure: (stage, figure, lost, may)."""
    reading, x = plans_of(made)
    amounts = {tuple(award)[:3]: award.amount for award in plan.awards}
    row = np.array([amounts.pop(cell, 0) for cell in reading.cells], np.int64)
    assert not amounts
    assert np.any(np.all(x == row, axis=1))  # it keeps every rule
    told: list[tuple[str, Any, Fraction, Fraction]] = []
    for stage in made.policy["objectives"]:
        figures, _ = reading.objective(stage, x)
        mine, _ = reading.objective(stage, row[None, :])
        kept = np.ones(len(x), np.bool_)
        for number, (found, scale) in enumerate(figures):
            best = int(found[kept].max())
            may = Fraction(stage.get("give", 0)) if number == len(figures) - 1 else Fraction(0)
            told.append((stage["id"], number, Fraction(best - int(mine[number][0][0]), scale), may))
            kept &= found * may.denominator >= best * may.denominator - may.numerator * scale
        x = x[kept]
    for stage in made.policy["objectives"]:  # the least that had to be given up
        if "apportion" in stage:  # whose plans of one rounded figure are told apart besides
            break
        if "give" in stage:
            (found, scale), *_ = reversed(reading.objective(stage, x)[0])
            (mine, _), *_ = reversed(reading.objective(stage, row[None, :])[0])
            told.append((stage["id"], "again", Fraction(int(found.max()) - int(mine[0]), scale), Fraction(0)))
            x = x[found == found.max()]
    return told


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_no_stage_loses_more_than_it_may_give(first):
    for seed in range(first, min(first + CHUNK, MODELS)):
        try:
            made = world(seed, maker())
        except Fault:
            continue
        solution = solve(compile(made.model()), solver=("highs", "cpsat")[seed % 5 == 0], limits=Limits(threads=1))
        if solution.allocation is None:
            assert not len(plans_of(made)[1])
            continue
        assert solution.status == "optimal"
        wrong = [one for one in lost(made, solution.allocation) if not one[2] <= one[3]]
        if wrong:
            pytest.fail(f"seed {seed}: {wrong}\n{made.text()}", pytrace=False)


def test_every_kind_and_size_gives_something_up():
    given: Counter[str] = Counter()
    for seed in range(42):
        made = world(seed, maker())
        program = made.policy["programs"]["p"]
        most = program["quota"] if isinstance(program["quota"], int) else program["quota"]["at_most"]
        given[next(size for size, (_, limit, _) in SIZES.items() if most <= limit)] += 1
        for stage in made.policy["objectives"]:
            if "give" in stage:
                given[next(kind for kind in KINDS if kind in stage)] += 1
                given["a part"] += stage["give"] not in (1, 2)
    assert {what for what in (*KINDS, *SIZES, "a part") if given[what] < 4} == set()
