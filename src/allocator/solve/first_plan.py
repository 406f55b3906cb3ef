"""A plan of a large part before there is time for a good one: any plan, then whatever still fits, the most wished first.

Lives here: filling a plan up, in whole numbers.
Not here: the plan that it begins with (highs.py), better ones (neighbourhood_search.py).
"""

from __future__ import annotations

import numpy as np

from allocator.model.query import NO_LIMIT, Ints
from allocator.solve.subproblem import Clock, Subproblem


def filled(part: Subproblem, plan: Ints, clock: Clock) -> Ints:
    """A plan that costs no more: columns that lower the cost grow by one, cheapest first, as long as every row allows it.

    Round by round: of the columns that compete for a row, those come in that fit together with all that stand before them.
    """
    x, order = plan.copy(), np.argsort(part.cost, kind="stable")
    matrix = part.matrix
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    entry = np.lexsort((rank[matrix.column], matrix.row))  # within a row in the order of the columns
    row, column, value = matrix.row[entry], matrix.column[entry], matrix.value[entry]
    open_ = (part.cost < 0) & (x < part.upper)
    while open_.any() and not clock.over:
        kept = open_[column]
        row, column, value = row[kept], column[kept], value[kept]
        activity = matrix.times(x)
        misfit = np.zeros(len(x), np.bool_)
        alone = np.zeros(len(x), np.bool_)
        for sign, limit in ((1, part.row_upper), (-1, -part.row_lower)):
            room = np.where(limit < NO_LIMIT, limit - sign * activity, NO_LIMIT)[row]
            need = np.maximum(sign * value, 0)
            misfit[column[(_running(row, need) > room) & (need > 0)]] = True
            alone[column[need > room]] = True
        x[open_ & ~misfit] += 1
        open_ &= ~alone & (x < part.upper)
    return x


def _running(row: Ints, need: Ints) -> Ints:
    """The sum of what is needed so far in each row, itself included; the rows ascend."""
    total = np.cumsum(need)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    before = np.repeat(total[first] - need[first], np.diff(first, append=len(row)))
    running: Ints = total - before
    return running
