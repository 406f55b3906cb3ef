"""A plan that is there where the limit comes before the linear programme ends: any plan, filled up."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import highspy
import numpy as np
import pytest
from tests.solve.parts import part_of, plans_of

from allocator.model.query import NO_LIMIT
from allocator.model.status import Status
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, Limits, highs
from allocator.solve.first_plan import filled
from allocator.solve.highs import Highs
from allocator.solve.neighbourhood_search import solve_large
from allocator.solve.subproblem import SolverResult, Subproblem


@pytest.mark.parametrize("seed", range(40))
def test_a_plan_that_is_filled_up_stays_a_plan_and_costs_no_more(seed):
    part = part_of(seed)
    for plan in plans_of(part)[:20]:
        full = filled(part, plan, Clock(Limits()))
        assert part.feasible(full) and part.value(full) <= part.value(plan) and np.all(full >= plan)


def test_the_most_wished_comes_first_as_long_as_the_rows_allow_it():
    # two of the first three columns, and at most 3 of 1, 2 and the amount: 1 and 2 come in, then one of the amount
    part = Subproblem(
        Matrix.of(2, np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 1, 2, 3]), np.ones(6, np.int64)),
        np.full(2, -NO_LIMIT),
        np.array([2, 3]),
        np.zeros(5, np.int64),
        np.array([1, 1, 1, 9, 9]),
        np.array([-1, -4, -3, -2, 1]),
    )
    assert filled(part, np.zeros(5, np.int64), Clock(Limits())).tolist() == [0, 1, 1, 1, 0]


def test_where_time_is_over_the_plan_stays_as_it_is():
    clock = Clock(Limits())
    clock.stop.set()
    part = next(part for part in map(part_of, range(40)) if len(plans_of(part)))
    plan = plans_of(part)[0]
    assert filled(part, plan, clock).tolist() == plan.tolist()


def endless(stop):
    """A linear programme that ends only when it is told to."""
    unknown = highspy.HighsModelStatus.kUnknown
    return SimpleNamespace(
        run=stop.wait,
        cancelSolve=stop.set,
        setOptionValue=lambda *_: None,
        getModelStatus=lambda: unknown,
        getNumCol=lambda: 1,
    )


def test_a_limit_within_the_linear_programme_leaves_the_plan_that_was_told(monkeypatch):
    part = next(part for part in map(part_of, range(40)) if len(plans_of(part)) > 1 and highs._reckoned(part))
    monkeypatch.setattr(highs, "LARGE", 1)
    clock = Clock(Limits(time_limit_s=0.5))
    monkeypatch.setattr(Highs, "_loaded", lambda *_: endless(clock.stop))
    told = []
    outcome = Highs()(part, clock, lambda _found, _least, plan=None: told.append(plan))
    assert outcome.status == "not proved" and outcome.x is not None and part.feasible(outcome.x)
    assert [plan.tolist() for plan in told] == [outcome.x.tolist()]


def test_plans_of_the_core_are_told_as_they_are_found():
    part = next(part for part in map(part_of, range(40)) if len(plans_of(part)) > 1)
    first, told = plans_of(part)[0], []
    prices: Any = SimpleNamespace(reduced=np.zeros(len(first), np.int64), least=-(10**9))
    clock = Clock(Limits())

    def cut(_small, _seconds, report):
        report(None, None, first)
        clock.stop.set()
        return SolverResult(Status.NO_PLAN)

    outcome = solve_large(part, prices, first.astype(float), clock, lambda *a: told.append(a[2]), cut)
    assert outcome.x is None and [plan.tolist() for plan in told] == [first.tolist()]


def test_no_second_solver_runs_where_one_thread_is_allowed_or_a_plan_is_known(monkeypatch):
    monkeypatch.setattr(highs, "LARGE", 1)
    part = next(part for part in map(part_of, range(40)) if len(plans_of(part)))
    for limits, start, wanted in (
        (Limits(1.0, 2), None, True),
        (Limits(1.0, 1), None, False),
        (Limits(), None, False),
        (Limits(1.0, 2), plans_of(part)[0], False),
    ):
        first = highs._FirstPlan(replace(part, start=start), Clock(limits), lambda *_: None)
        assert (first.thread is not None) == wanted
