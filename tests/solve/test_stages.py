"""The course: rows of one column are bounds, bounds that follow from rows lose no plan, the linear programme as a hint."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from tests.cases.compact import world

from allocator.model.query import NO_LIMIT, Ints, Rows, Stage
from allocator.problem import compile
from allocator.solve import Clock, Limits, backend
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import silent


def course(quota: int = 10, units: str = "ABC") -> StageSolver:
    """Amounts of one program for some units, with a sum."""
    programs = {"p": {"decides": "amount", "quota": quota}}
    problem = compile(world({"about": "", "world": {"units": {u: {} for u in units}, "programs": programs}}).model())
    return StageSolver(problem, backend("highs"), Clock(Limits(threads=1)), silent)


def row(lower: int, upper: int, *terms: tuple[int, int], helpers: int = 0) -> Rows:
    triplets = [(0, column, coefficient) for column, coefficient in terms]
    return Rows.build([("r",)], [lower], [upper], triplets, helper_upper=[9] * helpers)


def least(asked: StageSolver, column: int, *under: Rows) -> int | None:
    """The least that a column can be; None where nothing keeps the rows."""
    answer = asked.ask(Stage("minimize", np.array([column]), np.array([1])), hold=False, under=under)
    return None if answer is None else int(answer.amounts[column])


def plan(asked: StageSolver) -> Ints:
    asked.finish()
    assert asked.best is not None
    return asked.best


def test_a_row_of_one_column_is_a_bound_of_it_and_the_plan_moves_inside():
    asked = course()
    assert least(asked, 0) == 0
    rows = asked.state.matrix.height
    asked.require(row(4, 7, (0, 1)))
    assert (asked.state.matrix.height, asked.state.lower[0], asked.state.upper[0]) == (rows, 4, 7)
    assert 4 <= plan(asked)[0] <= 7


def test_what_is_asked_under_a_bound_does_not_stay():
    asked = course()
    assert least(asked, 0, row(4, NO_LIMIT, (0, 1))) == 4
    assert least(asked, 0) == 0


@pytest.mark.parametrize("bounds", [(11, NO_LIMIT), (-NO_LIMIT, -1), (5, 3)])
def test_a_bound_that_leaves_no_value_is_a_row_that_cannot_hold(bounds):
    asked = course()
    least(asked, 0)
    assert least(asked, 0, row(*bounds, (0, 1))) is None
    assert least(asked, 0) == 0  # and nothing of it stays


def test_a_row_of_one_column_times_something_stays_a_row():
    asked = course()
    asked.require(row(7, 11, (0, 3)))  # 3 x from 7 to 11: x = 3
    assert plan(asked)[0] == 3


def test_bounds_that_follow_from_rows_lose_no_plan():
    asked = course(6)
    asked.require(row(2, NO_LIMIT, (0, 1)))
    asked.require(row(-NO_LIMIT, 7, (1, 2), (2, 1)))
    asked.require(row(1, NO_LIMIT, (1, 1), (2, -1)))
    plans = {
        (a, b, c)
        for a, b, c in product(range(7), repeat=3)
        if a + b + c == 6 and a >= 2 and 2 * b + c <= 7 and b - c >= 1
    }
    asked.tighten()
    lower, upper = asked.state.lower[:3], asked.state.upper[:3]
    assert all(np.all(lower <= one) and np.all(one <= upper) for one in plans)
    assert upper[0] < 6  # b is 1 at least


def test_the_linear_programme_tells_about_where_the_extreme_is_and_holds_nothing():
    asked = course()
    before = asked.state
    stage = Stage("maximize", np.array([-1]), np.array([1]), rows=row(0, NO_LIMIT, (0, 1), (-1, -3), helpers=1))
    assert asked.relaxed(stage) == pytest.approx(10 / 3)  # 3 t <= x <= 10
    assert asked.relaxed(stage, under=[row(-NO_LIMIT, 6, (0, 1))]) == pytest.approx(2)
    assert asked.relaxed(stage, under=[row(11, NO_LIMIT, (0, 1))]) is None
    assert asked.state is before


def test_another_plan_has_more_of_the_sum_also_where_something_may_be_given_up():
    asked = course()
    asked.ask(Stage("minimize", np.array([0, 1]), np.array([1, 1])), give=Fraction(2))
    assert asked.best is not None and asked.best[:2].sum() == 0
    amounts, more = asked.another(None, np.array([0]), np.array([1]))
    assert amounts[0] > 0 and amounts[:2].sum() <= 2 and 0 in more
