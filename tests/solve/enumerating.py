"""A third solver, in one file: it tries every plan. For small problems only; the page "add a solver" follows it."""

from typing import Any

import numpy as np

from allocator.model.status import Status
from allocator.solve.solvers import Solver
from allocator.solve.subproblem import SolverResult


class Enumerates:
    """Column after column, as long as every row can still be satisfied."""

    name = "enumerates"

    def version(self):
        return "1"

    def __call__(self, part, clock, report):
        dense = np.zeros((len(part.row_lower), len(part.cost)), dtype=object)
        for row in range(len(part.row_lower)):
            for at in range(part.matrix.start[row], part.matrix.start[row + 1]):
                dense[row, part.matrix.column[at]] += int(part.matrix.value[at])
        ends = np.array([part.lower, part.upper], dtype=object)
        reach = np.sort(dense[None] * ends[:, None, :], axis=0)  # the least and the most of each entry
        rest = np.zeros((2, len(part.row_lower), len(part.cost) + 1), dtype=object)
        rest[:, :, :-1] = reach[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
        cheapest = [*np.minimum(*(ends * part.cost.astype(object)))[::-1].cumsum()[::-1], 0]
        best: list[int] | None = None
        least: Any = None

        def look(column, x, activity, cost):
            nonlocal best, least
            if least is not None and cost + cheapest[column] >= least:
                return
            low, high = activity + rest[0, :, column], activity + rest[1, :, column]
            if np.any(high < part.row_lower) or np.any(low > part.row_upper):
                return
            if column == len(part.cost):
                best, least = list(x), cost
                return
            for value in range(int(part.lower[column]), int(part.upper[column]) + 1):
                entry = activity + dense[:, column] * value
                look(column + 1, [*x, value], entry, cost + int(part.cost[column]) * value)

        look(0, [], np.zeros(len(part.row_lower), dtype=object), 0)
        if best is None or (part.target is not None and least > part.target):
            return SolverResult(Status.INFEASIBLE)
        return SolverResult(Status.OPTIMAL, np.array(best, dtype=np.int64), least)


THIRD = Solver("enumerates", "Enumeration", "pytest", ("tests.solve.enumerating", "Enumerates"), "highs")
