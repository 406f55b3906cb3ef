"""The price list of a plan: what everybody had to be worth, checked against every decision."""

import os
from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import THOROUGH
from tests.oracle.generator import world

from allocator.explain.cutoffs import cutoffs
from allocator.faults import InputError
from allocator.load import load
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40" if THOROUGH else "20"))
CHUNK = 20


def listed(model, solver="highs"):
    problem = compile(model)
    solution = solve(problem, solver=solver, limits=Limits(threads=1))
    return solution, cutoffs(problem, solution, Clock(Limits()))


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_an_award_has_the_threshold_and_a_refusal_has_no_more(first):
    told = 0
    for seed in range(first, min(first + CHUNK, MODELS)):
        try:
            model = world(seed).model()
            solution, found = listed(model)
        except InputError:
            continue
        if solution.status != "optimal":
            assert found is None
            continue
        assert found is not None
        told += len(found.cells)
        for cell in found.cells:
            assert cell.holds, (seed, cell)
            assert sum((amount.by for amount in cell.amounts), 0) == cell.threshold
            changed = replace(cell, awarded=not cell.awarded)
            assert cell.equal or not changed.holds  # whoever compares the own score sees it
        assert sum(len(one.cells) for one in found.classes) == len(found.cells)
    assert told


def test_both_solvers_give_the_same_list():
    for seed in range(16 if THOROUGH else 6):
        try:
            model = world(seed).model()
            one, other = listed(model), listed(model, "cpsat")
        except InputError:
            continue
        if one[0].status == "optimal" and one[0].allocation == other[0].allocation:
            assert one[1] == other[1], seed


def test_the_list_of_the_tutorial_says_what_was_needed():
    _, found = listed(load("models/tutorial"))
    assert found is not None and found.cells
    assert all(cell.holds for cell in found.cells)
    one = found.classes[0]
    assert one.thresholds
    own = [set(each.sources) for each in found.classes if (each.program, each.period) == (one.program, one.period)]
    assert not set.intersection(*own)  # what all lines of a year have is not told of any
    assert {cell.unit for cell in found.of(one.cells[0].unit)} == {one.cells[0].unit}
    assert not set(found.free) & {amount.source for cell in found.cells for amount in cell.amounts}
    assert np.all([cell.objective for cell in found.cells])
