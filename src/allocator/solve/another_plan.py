"""Another plan that is as good: what a part is asked for it.

Lives here: the target that says "as good, and with more of a sum"; such a question in two halves, the likely one first.
Not here: which cells are asked about (draw.py), asking (stages.py).

Two plans that are equally good mostly differ in columns whose reduced cost is near 0. So the first half leaves only those
free, which is a small problem. In the second half another column has to move, so that the linear programme says more of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.model.query import NO_LIMIT, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.subproblem import Prices, Subproblem

FINEST = 2.0**35  # costs from which on a solver could not tell the last unit of one
NEAR = 0.3  # of what the target leaves above the prices: reduced costs up to it are near 0
WORTH_IT = 1 / 3  # halve where so many of the columns, or more, are not near


def beyond(part: Subproblem, held: Ints) -> Subproblem:
    """The part with a target: a lower cost than that of its plan. `held`: its rows that hold the least of a stage.

    The stage that was held last leads, one unit of it outweighing all that the cost can come to: solvers find their way by
    what a stage asked for, and a bound above the target proves that there is no such plan.
    """
    assert part.start is not None
    below = part.value(part.start) - 1
    if not len(held):
        return replace(part, target=below)
    own = part.matrix.row == held[-1]
    column, function = part.matrix.column[own], part.matrix.value[own]
    weight = int(np.dot(np.abs(part.cost), part.upper - part.lower))
    if float(np.abs(function).max()) * weight >= FINEST:
        return replace(part, target=below)
    cost, high = part.cost.copy(), part.row_upper.copy()
    cost[column] += function * weight
    high[held[-1]] = NO_LIMIT  # the target says it
    return replace(part, row_upper=high, cost=cost, start=None, target=int(part.row_upper[held[-1]]) * weight + below)


def halves(question: Subproblem, plan: Ints, prices: Prices | None) -> tuple[Subproblem, ...]:
    """Two questions in place of one, of which at most one has a given plan; the question itself where that gains little."""
    room = -1 if prices is None or question.target is None else question.target * prices.scale - prices.bound
    if prices is None or room < 0:
        return (question,)
    at_end = (plan == question.lower) | (plan == question.upper)
    far = np.flatnonzero(at_end & (np.abs(prices.reduced) > NEAR * room))
    if len(far) < WORTH_IT * len(plan):
        return (question,)
    lower, upper = question.lower.copy(), question.upper.copy()
    lower[far] = upper[far] = plan[far]
    way = np.where(plan[far] == question.lower[far], 1, -1)
    matrix = question.matrix
    moved = replace(
        question,
        matrix=Matrix.of(
            matrix.height + 1,
            np.concatenate([matrix.row, np.full(len(far), matrix.height)]),
            np.concatenate([matrix.column, far]),
            np.concatenate([matrix.value, way]),
        ),
        row_lower=np.append(question.row_lower, int(np.dot(way, plan[far])) + 1),
        row_upper=np.append(question.row_upper, NO_LIMIT),
    )
    return replace(question, lower=lower, upper=upper), moved
