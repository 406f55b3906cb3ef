"""Some plan that keeps every rule, or that there is none: no objective, no draw.

Lives here: that one question; of the plans, one with the least of a sum of cells may be asked for.
Not here: the best plan (solve), why there is none (explain/conflict.py).
"""

from __future__ import annotations

import numpy as np

from allocator.model.query import Ints, Stage
from allocator.problem import Problem
from allocator.solve.parts import Infeasible
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import Backend, Clock, silent


def some_plan(problem: Problem, engine: Backend, clock: Clock, sparing: Ints | None = None) -> Ints | None:
    """The amounts of all cells in a plan that keeps every hard rule; None where it is proved that there is none.

    sparing: columns of which the plan uses as little as it can. Raises Stopped where a limit comes first.
    """
    course = StageSolver(problem, engine, clock, silent)
    try:
        if sparing is not None and len(sparing):
            course.ask(Stage("minimize", sparing, np.ones(len(sparing), np.int64)), hold=False)
        else:
            course.finish()
    except Infeasible:
        return None
    assert course.best is not None
    return course.best
