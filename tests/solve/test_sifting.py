"""Linear programmes of which few columns are solved: the same optimum as of all columns, or no answer at all."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from tests.conftest import few

from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, Limits, sifting
from allocator.solve.duality import proved
from allocator.solve.highs import Highs, linear_point, linear_value
from allocator.solve.sifting import sifted
from allocator.solve.subproblem import Subproblem, untold

CLOCK = Clock(Limits(threads=1))


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Rows of a dozen columns are long, programmes of a hundred large."""
    monkeypatch.setattr(sifting, "MANY", 100)
    monkeypatch.setattr(sifting, "LONG", 12)
    monkeypatch.setattr(sifting, "MOST", 0.9)


def policy(seed, units=120, programs=3):
    """Quotas of programs, at most one award a unit, some rows that need others; costs and amounts of either sign."""
    random = Random(seed)
    n = units * programs
    entries = [(p, u * programs + p, 1) for u in range(units) for p in range(programs)]
    entries += [(programs + u, u * programs + p, 1) for u in range(units) for p in range(programs)]
    low, high = [0] * programs, [0] * programs
    for p in range(programs):
        quota = random.randint(3, units // (2 * programs))
        low[p], high[p] = random.choice([(quota, quota), (-NO_LIMIT, quota), (quota, NO_LIMIT)])
    low += [-NO_LIMIT] * units
    high += [1] * units
    for row in range(random.randint(0, 6)):  # of some cells that nobody would take for their cost, at least a few
        cells = random.sample(range(n), random.randint(3, 30))
        entries += [(programs + units + row, cell, random.choice([1, 1, 2])) for cell in cells]
        low.append(random.randint(1, 2))
        high.append(NO_LIMIT)
    matrix = Matrix.of(len(low), *(np.array(one, np.int64) for one in zip(*entries, strict=True)))
    lower = np.array([int(random.random() < 0.01) for _ in range(n)], np.int64)
    cost = np.array([random.randint(-100, 60) for _ in range(n)], np.int64)
    return Subproblem(matrix, np.array(low), np.array(high), lower, np.maximum(lower, 1), cost)


def counted(asked):
    def answer(small):
        asked.append(len(small.cost))
        return linear_point(small, CLOCK)

    return answer


@pytest.mark.parametrize("seed", few(range(200), 40))
def test_its_point_and_its_prices_are_those_of_the_whole_programme(seed):
    part = policy(seed)
    asked: list[int] = []
    best, found = linear_value(part, CLOCK), sifted(part, counted(asked))
    assert asked
    if found is None:
        return
    assert best is not None
    price, point = found
    assert part.cost @ point == pytest.approx(best)
    activity = np.bincount(part.matrix.row, part.matrix.value * point[part.matrix.column], part.matrix.height)
    assert np.all((activity > part.row_lower - 1e-6) & (activity < part.row_upper + 1e-6))
    assert np.all((point > part.lower - 1e-6) & (point < part.upper + 1e-6))
    prices = proved(part, price)
    assert prices is not None and prices.least == np.ceil(best - 1e-6)


def test_most_are_answered_and_begin_with_few_columns():
    found: list[bool] = []
    asked: list[int] = []
    for seed in range(20):
        part = policy(seed, units=400)
        asked.clear()
        found.append(sifted(part, counted(asked)) is not None or linear_value(part, CLOCK) is None)
        assert asked[0] < 0.3 * len(part.cost)
    assert sum(found) > 15


def test_what_has_no_plan_has_no_answer():
    part = policy(1)
    low = part.row_lower.copy()
    low[0], low[1] = 100, 100  # two quotas that the units are too few for
    crowded = replace(part, row_lower=low, row_upper=np.maximum(part.row_upper, low))
    assert linear_value(crowded, CLOCK) is None and sifted(crowded, counted([])) is None
    empty = replace(part, row_lower=np.append(part.row_lower, 1), row_upper=np.append(part.row_upper, 1))
    matrix = Matrix(np.append(part.matrix.start, part.matrix.start[-1]), part.matrix.column, part.matrix.value)
    assert sifted(replace(empty, matrix=matrix), counted([])) is None


def test_a_solver_without_an_answer_ends_it():
    assert sifted(policy(0), lambda _: None) is None


def test_short_programmes_and_those_without_long_rows_are_left_alone(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(sifting, "MANY", 1000)
    assert sifted(policy(0), counted(asked)) is None
    monkeypatch.setattr(sifting, "MANY", 100)
    monkeypatch.setattr(sifting, "LONG", 1000)
    assert sifted(policy(0), counted(asked)) is None
    monkeypatch.setattr(sifting, "LONG", 12)
    monkeypatch.setattr(sifting, "MOST", 0.01)
    assert sifted(policy(0), counted(asked)) is None
    assert asked == []


@pytest.mark.parametrize("seed", range(6))
def test_the_solver_proves_the_same_value_with_it(seed, monkeypatch):
    part = policy(seed)
    with_it = Highs()(part, CLOCK, untold)
    monkeypatch.setattr(sifting, "MANY", 10**9)
    without = Highs()(part, CLOCK, untold)
    assert with_it.status == without.status and with_it.bound == without.bound
