"""The question for another plan asks for exactly the plans that are as good and have more of a sum; its halves share them out."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.measures.draw import assignment
from tests.solve.parts import part_of, plans_of

from allocator import compile, load, solve
from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Matrix
from allocator.solve import another_plan
from allocator.solve.another_plan import beyond, halves
from allocator.solve.duality import proved

stages = importlib.import_module("allocator.solve.stages")


def held_part(seed):
    """A part whose last row holds the least of a function, with the dearest plan that is left; None where there is none."""
    part, random = part_of(seed), np.random.default_rng(seed)
    function, plans = random.integers(-1, 2, len(part.cost)), plans_of(part)
    if not len(plans) or not function.any():
        return None
    priced = np.flatnonzero(function)
    row = np.concatenate([part.matrix.row, np.full(len(priced), part.matrix.height)])
    column = np.concatenate([part.matrix.column, priced])
    value = np.concatenate([part.matrix.value, function[priced]])
    held = replace(
        part,
        matrix=Matrix.of(part.matrix.height + 1, row, column, value),
        row_lower=np.append(part.row_lower, -NO_LIMIT),
        row_upper=np.append(part.row_upper, int((plans @ function).min())),
        cost=random.integers(-2, 3, len(part.cost)),
    )
    return replace(held, start=max(plans_of(held), key=held.value))


def within(question):
    """The plans that a question asks for."""
    return {tuple(x.tolist()) for x in plans_of(question) if question.value(x) <= question.target}


@pytest.mark.parametrize("first", range(0, 200, 100))
def test_the_plans_asked_for_are_as_good_and_have_more_of_the_sum_and_each_is_in_one_half(first, monkeypatch):
    monkeypatch.setattr(another_plan, "NEAR", 0.05)  # small parts leave more room than large ones
    wanted = shared = 0
    for seed in range(first, first + 100):
        part = held_part(seed)
        if part is None:
            continue
        better = {tuple(x.tolist()) for x in plans_of(part) if part.value(x) < part.value(part.start)}
        question = beyond(part, np.array([part.matrix.height - 1]))
        assert within(beyond(part, np.zeros(0, np.int64))) == better
        assert within(question) == better
        duals = np.random.default_rng(seed).integers(-3, 4, part.matrix.height).astype(np.float64)
        asked = [within(half) for half in halves(question, part.start, proved(question, duals))]
        assert set().union(*asked) == better and sum(map(len, asked)) == len(better)
        wanted += bool(better)
        shared += len(asked) == 2 and all(asked)
    assert wanted > 20 and shared


def test_figures_too_fine_for_one_sum_stay_a_row():
    part = next(part for part in map(held_part, range(100)) if part is not None and part.cost.any())
    fine = replace(part, matrix=replace(part.matrix, value=part.matrix.value * 2**35), row_upper=part.row_upper * 2**35)
    question = beyond(fine, np.array([part.matrix.height - 1]))
    assert question.target == part.value(part.start) - 1 and np.array_equal(question.cost, part.cost)


def test_the_draw_is_the_same_with_halves_and_without(tmp_path, monkeypatch):
    asked = 0
    for seed in range(2):
        model = load(assignment(seed, agents=6, jobs=18).write(tmp_path / str(seed)))
        monkeypatch.setattr(stages, "FEW", 10)
        halved = solve(compile(model))
        monkeypatch.setattr(stages, "FEW", 10**6)
        whole = solve(compile(model))
        assert (halved.drawn, halved.allocation, halved.status) == (whole.drawn, whole.allocation, whole.status)
        asked += len(halved.drawn)
    assert asked
