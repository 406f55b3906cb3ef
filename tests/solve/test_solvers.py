"""Answers of solvers: one form whatever they say, and the other solver where one ends without a proof."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tests.solve.parts import part_of, plans_of
from tests.solve.small import model_of

from allocator.model.status import Status
from allocator.solve import Clock, Limits, backend, second_solver, solve
from allocator.solve.interrupt import waited
from allocator.solve.solvers import settled
from allocator.solve.subproblem import SolverResult, in_order, untold


class Lying:
    """HiGHS with its answers changed."""

    name = "highs"

    def __init__(self, change):
        self.change = change

    def version(self):
        return "1"

    def __call__(self, part, clock, report):
        return self.change(part, backend("highs")(part, clock, report))


def _proved_but_not_said(part, outcome):
    return replace(outcome, status=Status.NOT_PROVED, bound=part.value(outcome.x)) if outcome.x is not None else outcome


def _given_up(part, outcome):
    return SolverResult(Status.NO_PLAN, part.start) if np.any(part.cost) else outcome


def _no_bound(part, outcome):
    return replace(outcome, status=Status.NOT_PROVED, bound=None) if outcome.x is not None else outcome


def _breaks_a_row(part, outcome):
    return replace(outcome, x=outcome.x + 5) if outcome.x is not None else outcome


def _bound_above_its_plan(part, outcome):
    return (
        replace(outcome, status=Status.NOT_PROVED, bound=part.value(outcome.x) + 3)
        if outcome.x is not None
        else outcome
    )


CHANGES = [_proved_but_not_said, _given_up, _no_bound, _breaks_a_row, _bound_above_its_plan]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_stage_is_held_and_proved_whatever_a_solver_says_and_how(tmp_path, change):
    solution = solve(model_of(tmp_path, ["A,5,1", "B,1,9"]), solver=Lying(change))
    assert solution.status == "optimal" and solution.allocation is not None
    assert [award.unit for award in solution.allocation.awards] == ["A"]
    assert [stage.status for stage in solution.stages] == ["optimal", "optimal"]
    assert [stage.value and int(stage.value[0]) for stage in solution.stages] == [5, 1]
    assert [stage.bound for stage in solution.stages] == [5, 1]


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_two_solvers_settle_what_one_leaves_open(seed, change):
    part = part_of(seed)
    plans = plans_of(part)
    outcome = settled(Lying(change), part, Clock(Limits(threads=1)), untold)
    if not len(plans):
        assert outcome.status == "infeasible"
        return
    assert outcome.status == "optimal" and outcome.x is not None
    assert part.feasible(outcome.x)
    assert part.value(outcome.x) == outcome.bound == min(part.value(x) for x in plans)


@pytest.mark.parametrize("seed", range(20))
def test_an_answer_in_order_says_what_can_be_relied_on(seed):
    part = part_of(seed)
    plans = plans_of(part)
    starts = [None, *plans[:1]]
    some = [None, *plans[:2], np.full(len(part.cost), 99)]
    statuses = (Status.OPTIMAL, Status.NOT_PROVED, Status.INFEASIBLE, Status.NO_PLAN)
    for (start, x, shift), status in product(product(starts, some, (None, -1, 0, 1)), statuses):
        own = replace(part, start=start)
        bound = None if x is None or shift is None else part.value(x) + shift
        told = in_order(own, SolverResult(status, x, bound))
        assert told.status != "infeasible" or start is None
        if told.x is not None:
            assert part.feasible(told.x)
            assert (told.status == "optimal") == (told.bound == part.value(told.x))
            assert told.bound is None or told.bound <= part.value(told.x)
        else:
            assert told.status in ("infeasible", "no plan")


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
@pytest.mark.parametrize("size", [10**9, 10**12, 10**13, 10**15])
def test_large_figures_are_proved(tmp_path, solver, size):
    units = [f"a,{size + 10},1", f"b,{size + 20},1", f"c,{size + 30},1", f"d,{size - 5},1"]
    solution = solve(model_of(tmp_path, units, quota=2), solver=solver)
    assert (solution.status, solution.drawn) == ("optimal", ())
    assert solution.allocation is not None
    assert [award.unit for award in solution.allocation.awards] == ["b", "c"]
    assert solution.stages[0].value == (2 * size + 50,)


@pytest.mark.parametrize("name", ["highs", "cpsat"])
def test_the_second_opinion_is_another_solvers(name):
    assert backend(second_solver(name)).name == second_solver(name) != name


def test_what_fails_in_the_thread_of_a_solver_is_raised_where_it_is_waited_for():
    def fails():
        raise ValueError("in the thread")

    with pytest.raises(ValueError, match="in the thread"):
        waited(fails, lambda: None, Clock(Limits()))
    assert waited(lambda: 5, lambda: None, Clock(Limits())) == 5
