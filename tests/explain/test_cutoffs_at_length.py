"""The price list of the Guangxi plan, whatever solver, seed or order of rows; thresholds beside plans that were enumerated.

Lives here: what takes long, each with a small version on the tutorial.
Not here: single points of the list (test_cutoffs.py).
"""

import json
from itertools import groupby
from pathlib import Path
from random import Random

import pytest
from benchmarks.measures.same import shuffled
from tests.oracle.enumeration import Reading, TooLarge
from tests.oracle.generator import world

from allocator.explain.cutoffs import cutoffs
from allocator.explain.names import Names
from allocator.faults import InputError
from allocator.load import load
from allocator.problem import compile
from allocator.report.cutoffs import cutoffs_csv, cutoffs_record
from allocator.solve import Clock, Limits, solve

MODELS = Path(__file__).parents[2] / "models"
TUTORIAL, GUANGXI = MODELS / "tutorial", MODELS / "guangxi-2013-2015"
ALTERED = 300
LINES = 3  # of a program and year


def listed(folder, solver="highs", seed=0):
    problem = compile(load(folder))
    found = cutoffs(problem, solve(problem, solver=solver, limits=Limits(None, 1, seed)), Clock(Limits()))
    assert found is not None
    return problem, found


models = pytest.mark.parametrize("folder", [TUTORIAL, pytest.param(GUANGXI, marks=pytest.mark.thorough)])


@models
def test_every_decision_of_yes_or_no_has_a_threshold_that_it_keeps(folder):
    """Programs that decide amounts share them out, and have none, even where a unit can have one place at most."""
    problem, found = listed(folder)
    chosen = {p for p, program in problem.model.policy.programs.items() if program.decides == "selection"}
    cells = [problem.cell(c) for c in range(problem.cells)]
    open_ = {cell for c, cell in enumerate(cells) if cell[1] in chosen and problem.lower[c] < problem.upper[c]}
    assert {(cell.unit, cell.program, cell.period) for cell in found.cells} == open_
    assert all(cell.holds for cell in found.cells) and not found.open
    for _, lines in groupby(found.classes, key=lambda one: (one.program, one.period)):
        assert len(list(lines)) <= LINES


@models
def test_a_decision_that_was_altered_is_noticed_by_its_own_unit_alone(folder):
    """Of decisions that the threshold makes: where the score is the threshold, the list says that something else decided."""
    _, found = listed(folder)
    decided = [cell for cell in found.cells if not cell.equal]
    units = sorted({cell.unit for cell in found.cells})
    chance = Random(1)
    for _ in range(ALTERED):
        altered = chance.choice(decided)
        for unit in units:
            own = [(cell.awarded != (cell is altered), cell) for cell in found.of(unit)]
            wrong = [cell for awarded, cell in own if (cell.worth > cell.threshold) != awarded and not cell.equal]
            assert wrong == ([altered] if unit == altered.unit else [])


@pytest.mark.parametrize(
    ("folder", "seeds", "order"),
    [
        *((TUTORIAL, 2, n) for n in range(2)),
        *(pytest.param(GUANGXI, 5, n, marks=pytest.mark.thorough) for n in range(10)),
    ],
)
def test_the_list_is_the_same_bytes_whatever_solver_seed_and_order_of_rows(folder, seeds, order, tmp_path):
    copy = shuffled(folder, tmp_path / "copy", order)
    asked = [(folder, "highs", 0), *((copy, solver, seed) for seed in range(seeds) for solver in ("highs", "cpsat"))]
    lists = []
    for one, solver, seed in asked:
        problem, found = listed(one, solver, seed)
        record = json.dumps(cutoffs_record(found), ensure_ascii=False)
        lists.append((record, cutoffs_csv(found, Names(problem.model, "en"))))
    assert [one == lists[0] for one in lists] == [True] * len(asked)


@pytest.mark.parametrize("last", [14, pytest.param(280, marks=pytest.mark.thorough)])
def test_awards_of_enumerated_plans_have_the_threshold_and_refusals_no_more(last):
    """200 small worlds: the plan is the best of all plans written down, not the solver's."""
    compared = told = 0
    for number in range(last):
        one = world(number)
        try:
            expected = Reading(one.policy, one.files).answer()
            problem = compile(one.model())
            solution = solve(problem, limits=Limits(threads=1))
            found = cutoffs(problem, solution, Clock(Limits()))
        except (InputError, TooLarge):
            continue
        if expected.status != "optimal" or found is None:
            continue
        compared += 1
        awarded = {cell[:3] for cell in expected.plan}
        for cell in found.cells:
            above = cell.threshold - cell.worth if cell.less else cell.worth - cell.threshold
            told += 1
            if (cell.unit, cell.program, cell.period) in awarded:
                assert above >= 0, (number, cell)
            else:
                assert above <= 0, (number, cell)
    assert compared >= (200 if last > 200 else 8) and told >= 10
