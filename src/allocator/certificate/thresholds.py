"""What each cell had to be worth in a stage: the prices of the rows that it stands in, chosen so that they are the same always.

Lives here: `chosen_prices` of a proved stage; `threshold` of its cells.
Not here: proofs (prove.py), how thresholds are told (explain/cutoffs.py).

At prices that prove an optimum without a gap, a cell with an award is worth at least the price of what it takes up, its
threshold, and a cell without one at most that (complementary slackness). Many prices do that. Chosen are those that say most in
few words: first the least prices, of rows that several units share before those about one unit alone; then, where a row about
one unit has a price that helps it, as much of that as it helps anybody, so that units in the same position have the same
threshold. Small weights drawn from the names of the rows by SHA-256 decide between equal ones: no solver, seed or order of rows
does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.certificate.system import System
from allocator.model.query import NO_LIMIT, Flags, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.duality import DENOMINATORS, priced
from allocator.solve.solvers import linear_point
from allocator.solve.subproblem import Clock, Prices, Subproblem

OWN, HELPS, DRAWN = 1000, 2000, 97  # weights of a price of 1 of a row about one unit; what is drawn is below DRAWN
NEAR_WHOLE = 1e-4


def chosen_prices(
    system: System, cost: Ints, x: Ints, owner: Ints, names: Sequence[str], rules: Ints, clock: Clock
) -> Prices | None:
    """Prices that prove cost x to be the least, exactly; None where none were found that leave no gap.

    owner: the unit of each of the first columns, the cells, as a number. names: of the rows, each another one; rules: what each
    row is of, as a number. x: the plan, all columns.
    """
    whole = system.whole(cost)
    value, search = int(np.dot(cost, x)), _Search(system, cost, x, owner, names, rules)
    first = _exact(whole, value, search, search.least(), clock)
    return None if first is None else _exact(whole, value, search, search.helping(first), clock) or first


def _exact(whole: Subproblem, value: int, search: _Search, asked: Subproblem, clock: Clock) -> Prices | None:
    """Whole-number prices of what a linear programme says, if they prove the value without a gap."""
    found = linear_point(asked, clock)
    point = np.zeros(0) if found is None else found[1]
    for scale in DENOMINATORS if found is not None else ():
        rounded = np.rint(point * scale).astype(np.int64)
        if np.all(np.abs(point * scale - rounded) < NEAR_WHOLE):
            prices = priced(whole, search.of_rows(rounded), scale * search.scale)
            if prices is not None and prices.bound == value * prices.scale:
                return prices
    return None


class _Search:
    """Linear programmes over the prices, a column for each side of a row where the row is tight; the row and sign of each.

    scale: what the prices of the next one are counted in (1: whole ones).
    """

    def __init__(self, system: System, cost: Ints, x: Ints, owner: Ints, names: Sequence[str], rules: Ints) -> None:
        activity, self.height = system.matrix.times(x), system.matrix.height
        low, high = activity == system.row_lower, activity == system.row_upper
        self.dual, self.row, self.sign = _dual(system, cost, x, low, high)
        self.own = own_rows(system.matrix, owner)[self.row]
        about = np.zeros(self.height, np.int64)
        counted = np.concatenate([cost[: len(owner)] != 0, np.zeros(len(cost) - len(owner), np.bool_)])
        np.add.at(about, system.matrix.row, np.where(counted[system.matrix.column], system.matrix.value, 0))
        self.helps = self.own & (self.sign * about[self.row] > 0)
        self.drawn = np.array([_drawn(names[r]) for r in self.row.tolist()], np.int64)
        self.rule, self.scale = rules[self.row], 1

    def of_rows(self, price: Ints) -> Ints:
        """The prices of the sides as prices of the rows."""
        found = np.zeros(self.height, np.int64)
        np.add.at(found, self.row, self.sign * price)
        return found

    def least(self) -> Subproblem:
        shared = 2 * HELPS * (int(self.own.sum()) + 1)
        return replace(self.dual, cost=np.where(self.own, OWN, shared) + self.drawn)

    def helping(self, first: Prices) -> Subproblem:
        """With the prices of shared rows as they are, and no more rows that help."""
        self.scale = first.scale
        price = np.maximum(self.sign * first.price[self.row], 0)
        most = np.zeros(int(self.rule.max(initial=0)) + 1, np.int64)  # of a rule: what it helps anybody by
        np.maximum.at(most, self.rule, np.where(self.helps, price, 0))
        fixed = ~self.own | (self.helps & (price == 0))
        room = np.where(self.helps, most[self.rule], self.dual.upper * self.scale)
        low, high = self.dual.row_lower, self.dual.row_upper
        return Subproblem(
            self.dual.matrix,
            np.where(low == -NO_LIMIT, low, low * self.scale),
            np.where(high == NO_LIMIT, high, high * self.scale),
            np.where(fixed, price, 0),
            np.where(fixed, price, room),
            np.where(self.helps, -HELPS, OWN) + self.drawn,
        )


def _drawn(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % DRAWN


def own_rows(matrix: Matrix, owner: Ints) -> Flags:
    """The rows with cells of one unit and of no other; `owner`: the unit of each cell, as a number."""
    inside = matrix.column < len(owner)
    row, unit = matrix.row[inside], owner[matrix.column[inside]]
    first, last = np.full(matrix.height, np.iinfo(np.int64).max), np.full(matrix.height, -1, np.int64)
    np.minimum.at(first, row, unit)
    np.maximum.at(last, row, unit)
    found: Flags = first == last
    return found


def _dual(system: System, cost: Ints, x: Ints, low: Flags, high: Flags) -> tuple[Subproblem, Ints, Ints]:
    """The linear programme over prices: a column for each side of a row where the row is tight; the row and sign of each."""
    rows = np.concatenate([np.flatnonzero(low), np.flatnonzero(high)])
    sign = np.concatenate([np.ones(int(low.sum()), np.int64), -np.ones(int(high.sum()), np.int64)])
    free = np.flatnonzero(system.free)
    place = np.full(system.columns, -1, np.int64)
    place[free] = np.arange(len(free))
    inside = place[system.matrix.column] >= 0
    row, column, entry = (part[inside] for part in (system.matrix.row, system.matrix.column, system.matrix.value))
    parts: list[tuple[Ints, Ints, Ints]] = []
    for side, first, way in ((low, 0, 1), (high, int(low.sum()), -1)):
        number = np.full(system.matrix.height, -1, np.int64)
        number[side] = first + np.arange(int(side.sum()))
        kept = number[row] >= 0
        parts.append((place[column[kept]], number[row[kept]], way * entry[kept]))
    at_low, at_high = x[free] == system.lower[free], x[free] == system.upper[free]
    # the sum of price * entry: at most the cost where the column is at its lower bound, at least where at its upper one
    return (
        Subproblem(
            Matrix.of(len(free), *(np.concatenate([part[i] for part in parts]) for i in range(3))),
            np.where(at_low, -NO_LIMIT, cost[free]),
            np.where(at_high, NO_LIMIT, cost[free]),
            np.zeros(len(rows), np.int64),
            np.full(len(rows), 10 * int(np.abs(cost).max(initial=1)), np.int64),
            np.zeros(len(rows), np.int64),
        ),
        rows,
        sign,
    )
