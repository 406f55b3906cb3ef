"""Asks the engine and the enumeration the same world, and says where they differ.

Lives here: the comparison of status, stage values, plan and audit, on both solvers.
Not here: either reading; the worlds.
"""

from __future__ import annotations

import numpy as np
from tests.oracle.enumeration import Answer, Reading
from tests.oracle.worlds import World

from allocator.audit import audit
from allocator.faults import InputError
from allocator.model.model import Model
from allocator.model.query import Ints
from allocator.problem import Problem, compile
from allocator.solve import Clock, Limits, backend, solve
from allocator.solve.subproblem import Subproblem

SOLVERS = ("highs", "cpsat")


def differences(
    world: World, expected: Answer | None = None, solvers: tuple[str, ...] = SOLVERS, model: Model | None = None
) -> list[str]:
    """Every point in which the engine says something else than the enumeration. `model`: the world as it was loaded."""
    expected = expected or Reading(world.policy, world.files).answer()
    model = model or world.model()
    try:
        problem = compile(model)
        found = {name: solve(problem, solver=name, limits=Limits(threads=1)) for name in solvers}
    except InputError as error:
        return [] if expected.status == "fault" else [f"input error: {error}; expected {expected.status}"]
    said: list[str] = []
    for name, solution in found.items():
        if expected.status == "fault" and expected.feasible == 0 and solution.status == "infeasible":
            continue  # an objective lacks a figure, but the rules leave no plan anyway
        if solution.status != expected.status:
            said.append(
                f"{name}: status {solution.status} {solution.in_play}; expected {expected.status} {expected.because}"
            )
            continue
        if solution.allocation is None:
            continue
        values = tuple(stage.value for stage in solution.stages)
        if values != expected.values:
            said.append(f"{name}: values {_told(values)}; expected {_told(expected.values)}")
        for stage in solution.stages:
            if stage.value is not None and stage.bound not in (None, stage.value[-1]):
                said.append(f"{name}: {stage.id} is {stage.value[-1]}, proved to be {stage.bound}")
        plan = tuple(tuple(award) for award in solution.allocation.awards)
        if plan != expected.plan:
            said.append(f"{name}: plan {plan}; expected {expected.plan}")
    if not said and expected.status == "optimal":
        allocation = next(s.allocation for s in found.values())
        assert allocation is not None
        recount = audit(model, allocation)
        said += [f"audit: {v.rule} {v.label}: {v.at_least} <= {v.found} <= {v.at_most}" for v in recount.violations]
        figures = tuple(value.figures for value in recount.objectives)
        if figures != expected.values:
            said.append(f"audit: values {_told(figures)}; expected {_told(expected.values)}")
    return said


def accepted(problem: Problem, amounts: Ints) -> bool:
    """Whether the rows accept these amounts of the cells: some values of the helper columns satisfy them all."""
    n = problem.cells
    if np.any(amounts < problem.lower[:n]) or np.any(amounts > problem.upper[:n]):
        return False
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[:n] = upper[:n] = amounts
    cost = np.zeros(problem.columns, np.int64)
    part = Subproblem(problem.matrix, problem.row_lower, problem.row_upper, lower, upper, cost)
    if np.array_equal(lower, upper):
        return part.feasible(lower)
    outcome = backend("highs")(part, Clock(Limits(threads=1)), lambda *_: None)
    assert outcome.status in ("optimal", "infeasible"), outcome.status
    return outcome.status == "optimal"


def _told(values: object) -> str:
    return str(values).replace("Fraction", "")
