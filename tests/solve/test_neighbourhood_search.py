"""The search for large parts, made to work on small ones: what it claims is checked against every plan."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from tests.conftest import few
from tests.solve.parts import plans_of

from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, Limits, highs, neighbourhood_search
from allocator.solve.highs import Highs
from allocator.solve.neighbourhood_search import partition
from allocator.solve.subproblem import Subproblem


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(highs, "LARGE", 1)
    monkeypatch.setattr(neighbourhood_search, "CORE", 4)
    monkeypatch.setattr(neighbourhood_search, "FEWEST_BLOCKS", 2)
    for limit in ("CORE_S", "NEIGHBOURHOOD_S", "BLOCK_S"):
        monkeypatch.setattr(neighbourhood_search, limit, 0.2)


def blocks_of(seed):
    """Three blocks of four 0/1 columns: a knapsack in each, a budget over all, and 24 idle rows within the blocks."""
    random = Random(seed)
    block = np.repeat(np.arange(3), 4)
    weight = np.array([[random.randint(1, 9) for _ in range(12)] for _ in range(2)], np.int64)
    idle = np.arange(24)
    return Subproblem(
        Matrix.of(
            28,
            np.concatenate([block, np.full(12, 3), 4 + idle]),
            np.concatenate([np.arange(12), np.arange(12), idle % 12]),
            np.concatenate([weight[0], weight[1], np.ones(24, np.int64)]),
        ),
        np.full(28, -NO_LIMIT),
        np.concatenate(
            [np.bincount(block, weight[0]).astype(np.int64) // 2, [weight[1].sum() // 3], np.ones(24, np.int64)]
        ),
        np.zeros(12, np.int64),
        np.ones(12, np.int64),
        np.array([-random.randint(1, 20) for _ in range(12)], np.int64),
        hints=(block.astype(np.int64),),
    )


@pytest.mark.parametrize("seed", few(range(6), 4))
def test_the_plan_is_a_plan_and_the_bound_never_lies(seed):
    part = blocks_of(seed)
    best = min(part.value(x) for x in plans_of(part))
    outcome = Highs()(part, Clock(Limits(time_limit_s=1.0, threads=1)), lambda *_: None)
    assert outcome.x is not None and part.feasible(outcome.x)
    assert outcome.bound is not None and outcome.bound <= best <= part.value(outcome.x)
    assert outcome.status == ("optimal" if outcome.bound == part.value(outcome.x) else "not proved")


def test_a_hint_that_few_rows_cross_makes_blocks():
    part = blocks_of(0)
    found = partition(part)
    assert found is not None and found.tolist() == part.hints[0].tolist()
    assert partition(replace(part, hints=())) is None
    assert partition(replace(part, hints=(np.arange(12) % 2,))) is None  # these blocks would be tied by every knapsack
