"""Proofs in whole numbers: what linear prices prove about a part, whatever their source, and what can be fixed by them.

Lives here: the price bound, the columns and rows that an optimal plan must have at a bound, the cost said anew by prices,
bound propagation.
Not here: solving (the backends), holding a stage (solve/stages.py).

For whole-number prices p (times a denominator D) of the rows, let rc = D cost - p matrix. Then every plan costs at least
(sum over rows of p * (row_lower if p > 0 else row_upper) + sum over columns of rc * (lower if rc > 0 else upper)) / D:
weak duality, exact, true for any p. A float from a solver is only a hint of which p to try.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import NO_LIMIT, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.subproblem import Prices, Subproblem

DENOMINATORS = (1, 2, 3, 4, 6, 12, 60, 2520, 10**4, 10**6)
ROOM = 2.0**62  # sums of products must stay below this to be exact in 64 bits


def proved(part: Subproblem, duals: NDArray[np.float64], value: int | None = None) -> Prices | None:
    """The best bound among a few roundings of the duals; the first that proves `value` to the last unit ends the search."""
    best: Prices | None = None
    for scale in DENOMINATORS:
        found = _priced(part, duals, scale)
        if found is None:
            break
        if best is None or found.bound * best.scale > best.bound * found.scale:
            best = found
        if value is not None and found.bound == value * scale:
            return found
    return best


def _priced(part: Subproblem, duals: NDArray[np.float64], scale: int) -> Prices | None:
    """The bound of the duals rounded to 1 / scale; None where 64 bits would not hold it."""
    if not np.all(np.isfinite(duals)) or float(np.abs(duals).max(initial=0.0)) * scale >= 2.0**52:
        return None
    return priced(part, np.rint(duals * scale).astype(np.int64), scale)


def priced(part: Subproblem, price: Ints, scale: int) -> Prices | None:
    """The bound that these prices of the rows prove; None where 64 bits would not hold it. What has no limit has no price."""
    largest = float(np.abs(part.cost).max(initial=0)) * scale + float(np.abs(price).max(initial=0))
    reach = np.maximum(np.abs(part.lower), np.abs(part.upper)).astype(np.float64)
    width = np.bincount(part.matrix.column, np.abs(part.matrix.value)).max(initial=0.0)  # of the heaviest column
    if largest * (1.0 + width) * (float(reach.sum()) + 1.0) >= ROOM or largest >= 2.0**52:
        return None
    unlimited = ((price > 0) & (part.row_lower == -NO_LIMIT)) | ((price < 0) & (part.row_upper == NO_LIMIT))
    price = np.where(unlimited, 0, price)
    reduced = part.cost * scale
    np.subtract.at(reduced, part.matrix.column, part.matrix.value * price[part.matrix.row])
    rows = np.where(price > 0, part.row_lower, np.where(price < 0, part.row_upper, 0))
    if float(np.abs(price.astype(np.float64) * rows).sum()) >= ROOM:
        return None
    columns = np.where(reduced > 0, part.lower, part.upper)
    return Prices(price, reduced, int(np.dot(price, rows)) + int(np.dot(reduced, columns)), scale)


@dataclass(frozen=True)
class Face:
    """Bounds that every plan of cost `value` or less satisfies; `closed`: they say all that the cost says."""

    row_lower: Ints
    row_upper: Ints
    lower: Ints
    upper: Ints
    closed: bool


def face(part: Subproblem, prices: Prices, value: int) -> Face:
    """What must hold in any plan of cost <= value: a column whose reduced cost exceeds the gap stays at its bound, and
    a row whose price exceeds it is tight. With no gap at all this is the optimal face itself: nothing else to hold."""
    gap = value * prices.scale - prices.bound
    lower, upper = part.lower.copy(), part.upper.copy()
    low, high = part.row_lower.copy(), part.row_upper.copy()
    above, below = prices.reduced > gap, prices.reduced < -gap
    upper[above], lower[below] = part.lower[above], part.upper[below]
    tight_low, tight_high = prices.price > gap, prices.price < -gap
    high[tight_low], low[tight_high] = part.row_lower[tight_low], part.row_upper[tight_high]
    return Face(low, high, lower, upper, gap == 0)


def centred(part: Subproblem, prices: Prices) -> Subproblem:
    """The same part with its cost said by reduced costs, and by a column of slack for each priced row that is no equality.

    cost x times the scale = sum of reduced x + sum of |price| slack + sum of price * bound, exactly: every plan keeps its
    rank, and every term is at its least where the prices are right. A solver that reasons term by term is quick then.
    """
    n, matrix = len(part.cost), part.matrix
    rows = np.flatnonzero((prices.price != 0) & (part.row_lower < part.row_upper))
    price = prices.price[rows]
    ends = np.where(price > 0, part.row_lower[rows], part.row_upper[rows])
    low, high = part.row_lower.copy(), part.row_upper.copy()
    low[rows] = high[rows] = ends
    inside = matrix.select(rows)
    most = np.maximum(np.abs(part.lower), np.abs(part.upper))
    reach = np.zeros(len(rows), np.int64)
    np.add.at(reach, inside.row, np.abs(inside.value) * most[inside.column])
    slack = n + np.arange(len(rows), dtype=np.int64)
    both = (part.row_lower[rows] > -NO_LIMIT) & (part.row_upper[rows] < NO_LIMIT)
    room = np.where(both, np.where(both, part.row_upper[rows], 0) - np.where(both, part.row_lower[rows], 0), NO_LIMIT)
    return Subproblem(
        Matrix.of(
            matrix.height,
            np.concatenate([matrix.row, rows]),
            np.concatenate([matrix.column, slack]),
            np.concatenate([matrix.value, np.where(price > 0, -1, 1)]),
        ),
        low,
        high,
        np.concatenate([part.lower, np.zeros(len(rows), np.int64)]),
        np.concatenate([part.upper, np.minimum(reach + np.abs(ends), room)]),
        np.concatenate([prices.reduced, np.abs(price)]),
        None if part.start is None else np.append(part.start, np.abs(matrix.times(part.start)[rows] - ends)),
    )


def propagated(part: Subproblem, rounds: int = 20) -> tuple[Ints, Ints] | None:
    """Column bounds implied by single rows, round after round; None where a row cannot hold."""
    lower, upper = part.lower.copy(), part.upper.copy()
    m, row, column, value = part.matrix.height, part.matrix.row, part.matrix.column, part.matrix.value
    if not len(row):
        return lower, upper
    positive = value > 0
    has_low, has_high = part.row_lower > -NO_LIMIT, part.row_upper < NO_LIMIT
    for _ in range(rounds):
        least_of = value * np.where(positive, lower[column], upper[column])
        most_of = value * np.where(positive, upper[column], lower[column])
        least, most = np.zeros(m, np.int64), np.zeros(m, np.int64)
        np.add.at(least, row, least_of)
        np.add.at(most, row, most_of)
        if np.any(has_high & (least > part.row_upper)) or np.any(has_low & (most < part.row_lower)):
            return None
        room_up = np.where(has_high, part.row_upper - least, NO_LIMIT)[row]  # how far an entry may rise above its least
        room_down = np.where(has_low, most - part.row_lower, NO_LIMIT)[row]  # how far it may fall below its most
        step_up, step_down = room_up // np.abs(value), room_down // np.abs(value)
        new_lower, new_upper = lower.copy(), upper.copy()
        span = (upper - lower)[column]
        tight = step_up < span
        np.minimum.at(new_upper, column[tight & positive], (lower[column] + step_up)[tight & positive])
        np.maximum.at(new_lower, column[tight & ~positive], (upper[column] - step_up)[tight & ~positive])
        tight = step_down < span
        np.maximum.at(new_lower, column[tight & positive], (upper[column] - step_down)[tight & positive])
        np.minimum.at(new_upper, column[tight & ~positive], (lower[column] + step_down)[tight & ~positive])
        if np.any(new_lower > new_upper):
            return None
        if np.array_equal(new_lower, lower) and np.array_equal(new_upper, upper):
            break
        lower, upper = new_lower, new_upper
    return lower, upper
