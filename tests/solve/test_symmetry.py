"""Columns that are alike: the classes are exact, and a merged part has the optimum of the part itself."""

import sys
from random import Random

import numpy as np
import pytest
from benchmarks.instances import instances

from allocator.load import load
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, Limits, backend, solve, symmetry
from allocator.solve.subproblem import Subproblem
from allocator.solve.symmetry import FEW, classes, merged


def part_of(seed, kinds=9, copies=15, rows=4):
    """`kinds` random columns, each `copies` times in random order; a plan that exists says what the rows allow."""
    random = Random(seed)
    columns = [
        (
            random.randint(-3, 5),
            random.randint(0, 1),
            random.randint(1, 3),
            [random.randint(-2, 3) for _ in range(rows)],
        )
        for _ in range(kinds)
    ]
    chosen = [kind for kind in range(kinds) for _ in range(copies)]
    random.shuffle(chosen)
    cost, lower, width, entries = (np.array([columns[kind][i] for kind in chosen]) for i in range(4))
    row, column = np.meshgrid(np.arange(rows), np.arange(len(chosen)), indexing="ij")
    matrix = Matrix.of(rows, row.ravel(), column.ravel(), entries.T.ravel())
    plan = lower + np.array([random.randint(0, w) for w in width])
    activity = matrix.times(plan)
    room = np.array([random.randint(0, 3) for _ in range(rows)])
    return chosen, plan, Subproblem(matrix, activity - room, activity + room, lower, lower + width, cost)


@pytest.mark.parametrize("seed", range(20))
def test_classes_are_the_equal_columns(seed):
    chosen, _, part = part_of(seed, kinds=6, copies=3, rows=2)
    columns = np.arange(len(chosen))
    dense = np.zeros((len(chosen), 2), np.int64)
    dense[part.matrix.column, part.matrix.row] = part.matrix.value
    facts = [(part.cost[c], part.lower[c], part.upper[c], *dense[c]) for c in columns]
    expected = [facts.index(fact) for fact in facts]  # kinds may be equal by chance: what counts is the column itself
    assert classes(part.matrix, columns, (part.cost, part.lower, part.upper)).tolist() == expected


def test_a_class_of_some_columns_is_told_by_their_place_among_them():
    matrix = Matrix.of(1, np.zeros(4, np.int64), np.arange(4), np.array([5, 7, 5, 7]))
    assert classes(matrix, np.array([1, 2, 3]), ()).tolist() == [0, 1, 0]


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_stays(seed, solver):
    _, plan, part = part_of(seed)
    assert len(part.cost) > FEW
    small, back = merged(part)
    assert len(small.cost) <= 9
    clock, untold = Clock(Limits(threads=1)), lambda *_: None
    alone, together = backend(solver)(part, clock, untold), back(backend(solver)(small, clock, untold))
    assert alone.status == together.status == "optimal"
    assert part.feasible(together.x)
    assert part.value(together.x) == part.value(alone.x) <= part.value(plan)


def test_a_plan_at_hand_is_merged_too():
    _, plan, part = part_of(1)
    small, _ = merged(Subproblem(part.matrix, part.row_lower, part.row_upper, part.lower, part.upper, part.cost, plan))
    assert small.start is not None
    assert small.feasible(small.start)
    assert small.value(small.start) == part.value(plan)


def test_unlike_columns_are_left_alone():
    _, _, part = part_of(1, kinds=FEW + 1, copies=1, rows=6)
    assert merged(part)[0] is part


def everyone_alone(_matrix, columns, _keys):
    return np.arange(len(columns))


@pytest.mark.parametrize("name", ["opendlp-8", "opendlp-9-soft", "opendlp-11", "panel-1", "panel-5"])
def test_the_draw_is_the_same_with_and_without(name, tmp_path, monkeypatch):
    model = load(instances()[name].write(tmp_path))
    monkeypatch.setattr(symmetry, "FEW", 0)
    monkeypatch.setattr(symmetry, "WORTH_IT", 1.0)
    used = solve(model)
    monkeypatch.setattr(symmetry, "FEW", 10**9)
    monkeypatch.setattr(sys.modules["allocator.solve.draw"], "classes", everyone_alone)
    unused = solve(model)
    assert used.status == unused.status == "optimal"
    assert (used.allocation, used.drawn) == (unused.allocation, unused.drawn)
