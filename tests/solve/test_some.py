"""Some plan that keeps every rule: of the asked cells it uses as few as it can; None where there is no plan."""

import numpy as np
import pytest
from tests.oracle.worlds import World

from allocator.problem import compile
from allocator.solve import Clock, Limits, backend
from allocator.solve.feasible import some_plan


def problem(quota):
    policy = {
        "model": "m", "title": "m", "periods": [2026], "units": {"file": "u.csv", "id": "unit"},
        "programs": {"p": {"decides": "amount", "quota": quota, "per_unit": {"at_most": 3}}},
    }  # fmt: skip
    return compile(World(policy, {"u.csv": [{"unit": unit} for unit in "abc"]}).model())


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
def test_a_plan_is_sparing_where_it_is_asked_to_be(solver):
    asked = problem(5)
    for cell in range(3):
        plan = some_plan(asked, backend(solver), Clock(Limits(threads=1)), np.array([cell]))
        assert plan is not None and plan.sum() == 5 and plan[cell] == 0
    plan = some_plan(asked, backend(solver), Clock(Limits(threads=1)))
    assert plan is not None and plan.sum() == 5
    assert some_plan(problem(10), backend(solver), Clock(Limits(threads=1)), np.array([0])) is None
