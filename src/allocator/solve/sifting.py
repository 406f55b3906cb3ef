"""A linear programme of very many columns, of which few count: some are solved, all others are priced by the result.

Lives here: which columns look good, the small programme of these, pricing, until none is left out that could do better
(sifting: Bixby, Gregory, Lustig, Marsten and Shanno 1992).
Not here: any solver (highs.py), the exact proof from the prices (duality.py).

In a policy a long row mostly is a quota, and of all who could have a place those with the best score are the ones that count.
A small programme of some columns may have no plan though the whole one has: so each row that is not kept where every column is
at its least has a slack, which costs more than anything else; what is then priced in is what the row needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import NO_LIMIT, Flags, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.neighbourhood_search import restricted
from allocator.solve.subproblem import Subproblem

MANY = 100_000  # columns from which on it is worth the while
LONG = 200  # columns of a row from which on not all of them are taken at once
MOST_LONG = 2_000  # rows that are so long: with more the columns of each are looked at in turn for too long
TIMES = 1.5  # so many columns as a long row takes at most are taken to begin with
NEXT = 0.1  # of all columns, those with the least reduced cost make the next programme
MOST = 0.3  # of all columns: a programme of more is not small
ROUNDS = 6
TOLERANCE = 1e-7  # of a reduced cost, in units of the largest cost that a solver is given
SLACK_COST = 10  # times the largest cost

Floats = NDArray[np.float64]
Answer = Callable[[Subproblem], tuple[Floats, Floats] | None]


def sifted(part: Subproblem, answer: Answer, unit: float = 1.0) -> tuple[Floats, Floats] | None:
    """The row prices of the linear programme and a point where it is at its optimum; None where it is not worth it, or fails.

    answer: the same of a small programme. unit: what costs are divided by before a solver is given them.
    """
    chosen = _promising(part)
    for turn in range(ROUNDS):
        if chosen is None or chosen.sum() > MOST * len(chosen):
            return None
        found = _solved(part, chosen, answer)
        if found is None:
            return None
        price, point, slack = found
        priced = np.bincount(part.matrix.column, part.matrix.value * price[part.matrix.row], len(part.cost))
        reduced: Floats = part.cost.astype(np.float64) - priced
        better = ~chosen & (reduced < -TOLERANCE * unit) & (part.lower < part.upper)
        if not better.any():
            return None if slack else (price, point)
        # What the first prices were found by is a guess; from then on none is taken out again, so that it comes to an end.
        chosen = _next(reduced, better | (chosen if turn else chosen & (point > part.lower)))
    return None


def _promising(part: Subproblem) -> Flags | None:
    """Columns to begin with: of each long row those of the least cost, and all that are in none; None: it is not worth it."""
    matrix = part.matrix
    length = np.diff(matrix.start)
    long = np.flatnonzero(length > LONG)
    if len(part.cost) < MANY or not 0 < len(long) <= MOST_LONG:
        return None
    chosen = np.ones(len(part.cost), np.bool_)
    chosen[matrix.column[(length > LONG)[matrix.row]]] = False
    for row in long.tolist():
        inside = slice(matrix.start[row], matrix.start[row + 1])
        column, value = matrix.column[inside], np.abs(matrix.value[inside])
        limits = [abs(int(one)) for one in (part.row_lower[row], part.row_upper[row]) if abs(one) < NO_LIMIT]
        count = LONG + int(TIMES * max(limits, default=0) / float(np.median(value)))
        if count < len(column):
            column = column[np.argpartition(part.cost[column], count)[:count]]
        chosen[column] = True
    return chosen


def _next(reduced: Floats, needed: Flags) -> Flags:
    """What is needed, and the columns of the least reduced cost."""
    chosen = needed.copy()
    size = int(NEXT * len(reduced))
    chosen[np.argpartition(reduced, size)[:size]] = True
    return chosen


def _solved(part: Subproblem, chosen: Flags, answer: Answer) -> tuple[Floats, Floats, bool] | None:
    """The row prices, a point, and whether a slack is used, of the programme of some columns, all others at their least."""
    columns = np.flatnonzero(chosen)
    small, rows = restricted(part, columns, part.lower)
    activity = part.matrix.times(part.lower)
    short = np.clip(activity, part.row_lower, part.row_upper) - activity
    dear = SLACK_COST * max(1, int(np.abs(part.cost).max(initial=0)))
    found = answer(_with_slack(small, short[rows], dear))
    if found is None:
        return None
    price = dear * np.sign(short).astype(np.float64)  # of rows that no chosen column is in
    point = part.lower.astype(np.float64)
    price[rows] = found[0]
    point[columns] = found[1][: len(columns)]
    left = np.count_nonzero(short) > np.count_nonzero(short[rows])
    used = left or found[1][len(columns) :].max(initial=0.0) > TOLERANCE
    return price, point, bool(used)


def _with_slack(small: Subproblem, short: Ints, dear: int) -> Subproblem:
    """With a column for each row that lacks something: up to that, at a cost above all others."""
    rows = np.flatnonzero(short)
    n, matrix = len(small.cost), small.matrix
    none = np.zeros(len(rows), np.int64)
    return replace(
        small,
        matrix=Matrix.of(
            matrix.height,
            np.concatenate([matrix.row, rows]),
            np.concatenate([matrix.column, n + np.arange(len(rows))]),
            np.concatenate([matrix.value, np.sign(short[rows])]),
        ),
        lower=np.concatenate([small.lower, none]),
        upper=np.concatenate([small.upper, np.abs(short[rows])]),
        cost=np.concatenate([small.cost, none + dear]),
    )
