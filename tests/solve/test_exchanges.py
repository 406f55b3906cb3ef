"""Exchanges near a plan are plans: each amount that is told stands in one; and the draw is the same with them and without."""

import importlib
from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest
from benchmarks.measures.draw import assignment

from allocator import compile, load, solve
from allocator.problem.arrays import Matrix
from allocator.solve.duality import priced
from allocator.solve.exchanges import exchanges
from allocator.solve.subproblem import Subproblem

stages = importlib.import_module("allocator.solve.stages")


def part_of(seed):
    """Six columns of up to two or three values each and three rows that a plan just satisfies, two of them from both sides."""
    random = Random(seed)
    rows, columns = 3, 6
    entries = np.array([[random.choice([-2, -1, 0, 1, 1, 2]) for _ in range(columns)] for _ in range(rows)])
    lower = np.array([random.randint(-1, 1) for _ in range(columns)])
    upper = lower + np.array([random.randint(0, 2) for _ in range(columns)])
    plan = np.array([random.randint(low, high) for low, high in zip(lower, upper, strict=True)])
    row, column = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    matrix = Matrix.of(rows, row.ravel(), column.ravel(), entries.ravel())
    activity = matrix.times(plan)
    low = activity - np.array([0, random.randint(0, 1), 0])
    high = activity + np.array([0, random.randint(0, 1), 0])
    cost = np.array([random.randint(-3, 3) for _ in range(columns)])
    return Subproblem(matrix, low, high, lower, upper, cost), plan


def plans_of(part):
    values = [range(low, high + 1) for low, high in zip(part.lower.tolist(), part.upper.tolist(), strict=True)]
    return [np.array(x) for x in product(*values) if part.feasible(np.array(x))]


@pytest.mark.parametrize("first", range(0, 200, 100))
def test_every_amount_stands_in_a_plan_and_changes_of_one_or_two_columns_are_all_found(first):
    found = 0
    for seed in range(first, first + 100):
        part, start = part_of(seed)
        plans = plans_of(part)
        column, amount = exchanges(part, start, None)
        told = set(zip(column.tolist(), amount.tolist(), strict=True))
        assert told <= {(c, int(x[c])) for x in plans for c in range(len(x)) if x[c] != start[c]}
        short = [x for x in plans if np.abs(x - start).sum() <= 2 and np.abs(x - start).max() == 1]
        assert {(c, int(x[c])) for x in short for c in np.flatnonzero(x != start).tolist()} <= told
        found += len(told)
    assert found > 20


def test_three_units_that_change_places_are_found():
    # one place each, places alike for nobody: only all three together keep every unit and every place at one
    allowed = [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (2, 0)]  # unit, place; the plan is the first three
    unit, place = np.array(allowed).T
    column = np.arange(6)
    matrix = Matrix.of(6, np.concatenate([unit, 3 + place]), np.tile(column, 2), np.ones(12, np.int64))
    one, none = np.ones(6, np.int64), np.zeros(6, np.int64)
    plan = np.array([1, 1, 1, 0, 0, 0])
    found = exchanges(Subproblem(matrix, one, one, none, one, none, plan), plan, None)
    assert sorted(zip(*(one.tolist() for one in found), strict=True)) == list(enumerate([0, 0, 0, 1, 1, 1]))


def test_prices_leave_out_what_no_longer_can_be_the_best():
    # of two places one is taken; the prices say that the other one costs more than this plan may
    matrix = Matrix.of(1, np.zeros(2, np.int64), np.arange(2), np.ones(2, np.int64))
    one, none = np.ones(1, np.int64), np.zeros(2, np.int64)
    plan = np.array([1, 0])
    part = Subproblem(matrix, one, one, none, np.ones(2, np.int64), np.array([3, 5]))
    assert len(exchanges(part, plan, None)[0]) == 2
    assert len(exchanges(part, plan, priced(part, np.array([3]), 1))[0]) == 0
    tied = replace(part, cost=np.array([3, 3]))
    assert len(exchanges(tied, plan, priced(tied, np.array([3]), 1))[0]) == 2


def test_the_draw_is_the_same_with_exchanges_and_without(tmp_path, monkeypatch):
    asked = 0
    for seed in range(2):
        model = load(assignment(seed, agents=6, jobs=18).write(tmp_path / str(seed)))
        near = solve(compile(model))
        asked += len(near.drawn)
        with monkeypatch.context() as without:
            without.setattr(stages, "worth_trying", lambda _: False)
            alone = solve(compile(model))
        assert (near.drawn, near.allocation, near.status) == (alone.drawn, alone.allocation, alone.status)
    assert asked
