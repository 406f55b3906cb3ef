"""What proves that no plan costs less: whole-number prices of the rows, or a small tree of splits with prices at its leaves.

Lives here: finding such a proof by linear programmes; a proof as plain values.
Not here: the mathematics of prices (solve/duality.py), who checks a proof again (allocator_check.py).

A leaf proves either that the cost is at least the value, or, with prices at no cost, that the rows cannot hold at all
(Farkas): then the priced sum of the rows alone is above 0 for every x within its bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lcm

import numpy as np
from numpy.typing import NDArray

from allocator.certificate.system import System
from allocator.model.query import MOST, NO_LIMIT, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.duality import DENOMINATORS, priced, proved
from allocator.solve.solvers import linear_point
from allocator.solve.state import batches, components
from allocator.solve.subproblem import Clock, Prices, Subproblem

MOST_LEAVES = 1000  # of the tree of one part
DEEPEST = 100
FINEST = 2.0**52  # prices below it are exact as floats


@dataclass(frozen=True)
class Leaf:
    """Prices of rows (their numbers in the system) times `scale`; `rows_alone`: at no cost."""

    row: Ints
    price: Ints
    scale: int
    rows_alone: bool = False


@dataclass(frozen=True)
class Split:
    """One proof where a column is at most `at`, another one where it is more."""

    column: int
    at: int
    less: Tree
    more: Tree


Tree = Leaf | Split


@dataclass(frozen=True)
class Proof:
    """Parts of the cost, by columns, each with what it comes to at least and the tree that proves it.

    `prices`: of the whole, where every part is one leaf: what a proved optimum fixes follows from them. `gap`: what is left
    between the value and what was proved (0: nothing; None: not known).
    """

    parts: tuple[tuple[Ints, int, Tree], ...]
    prices: Prices | None = None
    gap: int | None = 0


def prove(system: System, cost: Ints, x: Ints, clock: Clock, *, leaves: int = MOST_LEAVES) -> Proof:
    """That no whole x of the system costs less than this one, part by part, each with so many leaves at most."""
    free = system.free
    part_of = components(system.matrix, free)
    parts: list[tuple[Ints, int, Tree]] = []
    for columns in batches(part_of, np.unique(part_of[free & (cost != 0)])):
        part, rows = system.part(columns, cost)
        value = part.value(x[columns])
        tree, least = _Search(part, value, rows, columns, clock, leaves).run()
        if tree is None:
            return Proof((), gap=None if least is None else value - least)
        parts.append((columns[cost[columns] != 0], value, tree))
    return Proof(tuple(parts), None if system.number is not None else _together(system, cost, [t for _, _, t in parts]))


def _together(system: System, cost: Ints, trees: list[Tree]) -> Prices | None:
    """The prices of all parts as one; None where a part needs a tree, or 64 bits do not hold them."""
    leaves = [tree for tree in trees if isinstance(tree, Leaf) and not tree.rows_alone]
    scale = lcm(1, *(leaf.scale for leaf in leaves))
    price = np.zeros(system.matrix.height, np.int64)
    if len(leaves) < len(trees):
        return None
    for leaf in leaves:
        if int(np.abs(leaf.price).max(initial=0)) * (scale // leaf.scale) >= MOST:
            return None
        price[leaf.row] = leaf.price * (scale // leaf.scale)
    return priced(system.whole(cost), price, scale)


def impossible(system: System, clock: Clock) -> Tree | None:
    """A proof that no whole x satisfies the system; None where none was found."""
    none = np.zeros(system.columns, np.int64)
    broken = _broken(system.whole())
    if broken is not None:
        return Leaf(broken[:1], broken[1:], 1, rows_alone=True)
    part_of = components(system.matrix, system.free)
    for columns in batches(part_of, np.unique(part_of[system.free])):
        part, rows = system.part(columns, none)
        tree, _ = _Search(part, None, rows, columns, clock, MOST_LEAVES).run()
        if tree is not None:
            return tree
    return None


class _Search:
    """A tree that proves the value of a part, or (value None) that no x satisfies its rows."""

    def __init__(self, part: Subproblem, value: int | None, rows: Ints, columns: Ints, clock: Clock, most: int) -> None:
        self.part, self.value, self.rows, self.columns, self.clock = part, value, rows, columns, clock
        self.most, self.leaves = most, 0
        self.lost = False  # there is an x: no tree can say that there is none

    def run(self) -> tuple[Tree | None, int | None]:
        """The tree; where there is none, the best bound that one set of prices proves."""
        leaf, least, point = self._leaf(self.part)
        return (leaf or self._split(self.part, point)), least

    def _grown(self, part: Subproblem, depth: int) -> Tree | None:
        leaf, _, point = self._leaf(part)
        return leaf or self._split(part, point, depth)

    def _split(self, part: Subproblem, point: NDArray[np.float64] | None, depth: int = 0) -> Split | None:
        """The column furthest from a whole number splits what is left; if all are whole, the first that is not fixed."""
        if self.clock.over or self.leaves >= self.most or depth >= DEEPEST or np.all(part.lower == part.upper):
            return None
        if self.value is None and point is not None and part.feasible(np.rint(point).astype(np.int64)):
            self.lost = True
        if self.lost:
            return None
        point = part.lower.astype(np.float64) if point is None else point
        away = np.where(part.lower < part.upper, np.abs(point - np.rint(point)), -1.0)
        column = int(np.argmax(away))
        at = int(np.clip(np.floor(point[column]), part.lower[column], part.upper[column] - 1))
        upper, lower = part.upper.copy(), part.lower.copy()
        upper[column], lower[column] = at, at + 1
        less = self._grown(replace(part, upper=upper), depth + 1)
        more = None if less is None else self._grown(replace(part, lower=lower), depth + 1)
        return None if less is None or more is None else Split(int(self.columns[column]), at, less, more)

    def _leaf(self, part: Subproblem) -> tuple[Leaf | None, int | None, NDArray[np.float64] | None]:
        """A leaf if there is one; else the bound that prices prove, and a point of the linear programme."""
        self.leaves += 1
        broken = _broken(part)
        if broken is not None:
            return Leaf(self.rows[broken[:1]], broken[1:], 1, rows_alone=True), None, None
        if self.value is not None and _bound(part, np.zeros(part.matrix.height, np.int64), 1) >= self.value:
            return Leaf(self.rows[:0], self.rows[:0], 1), self.value, None  # the bounds of the columns say it
        found = None if self.value is None else linear_point(part, self.clock)
        if self.value is not None and found is not None:
            leaf, least = self._of(part, found[0], self.value)
            return leaf, least, found[1]
        found = linear_point(_elastic(part), self.clock)
        if found is None:
            return None, None, None
        prices = proved(replace(part, cost=np.zeros_like(part.cost)), found[0])
        if prices is not None and prices.bound > 0:
            return self._priced(prices.price, prices.scale, rows_alone=True), None, None
        return None, None, found[1][: len(part.cost)]

    def _of(self, part: Subproblem, duals: NDArray[np.float64], value: int) -> tuple[Leaf | None, int | None]:
        """A leaf of these prices if they prove the value; else what they prove."""
        prices = proved(part, duals, value)
        if prices is None:  # 64 bits do not hold it
            price, scale = _rounded(duals)
            least = -(-_bound(part, price, scale) // scale)
        else:
            price, scale, least = prices.price, prices.scale, prices.least
        return (self._priced(price, scale) if least >= value else None), least

    def _priced(self, price: Ints, scale: int, *, rows_alone: bool = False) -> Leaf:
        used = np.flatnonzero(price)
        return Leaf(self.rows[used], price[used], scale, rows_alone)


def _rounded(duals: NDArray[np.float64]) -> tuple[Ints, int]:
    """The duals as whole numbers and their scale, as fine as 52 bits hold."""
    largest = float(np.abs(duals).max(initial=0.0))
    scale = next((d for d in reversed(DENOMINATORS) if largest * d < FINEST), 1)
    return np.rint(np.clip(duals, -FINEST, FINEST) * scale).astype(np.int64), scale


def _bound(part: Subproblem, price: Ints, scale: int) -> int:
    """As duality.priced, in whole numbers of any size: scale times the cost is at least this."""
    price = np.where(
        ((price > 0) & (part.row_lower == -NO_LIMIT)) | ((price < 0) & (part.row_upper == NO_LIMIT)), 0, price
    )
    whole, of = price.astype(object), part.cost.astype(object) * scale
    np.subtract.at(of, part.matrix.column, part.matrix.value.astype(object) * whole[part.matrix.row])
    rows = np.where(price > 0, part.row_lower, np.where(price < 0, part.row_upper, 0))
    return int(np.dot(whole, rows) + np.dot(of, np.where(of > 0, part.lower, part.upper)))


def _broken(part: Subproblem) -> Ints | None:
    """A row that no x within its bounds keeps, and the price 1 or -1 that shows it; None where each has some."""
    matrix = part.matrix
    ends = np.sort([matrix.value * part.lower[matrix.column], matrix.value * part.upper[matrix.column]], axis=0)
    least, most = np.zeros(matrix.height, np.int64), np.zeros(matrix.height, np.int64)
    np.add.at(least, matrix.row, ends[0])
    np.add.at(most, matrix.row, ends[1])
    short, over = np.flatnonzero(most < part.row_lower), np.flatnonzero(least > part.row_upper)
    if len(short):
        return np.array([short[0], 1])
    return np.array([over[0], -1]) if len(over) else None


def _elastic(part: Subproblem) -> Subproblem:
    """The rows with columns that make up for what they miss, at a cost of 1 each, and nothing else costs."""
    n, m, matrix = len(part.cost), part.matrix.height, part.matrix
    low, high = np.flatnonzero(part.row_lower > -NO_LIMIT), np.flatnonzero(part.row_upper < NO_LIMIT)
    most = np.maximum(np.abs(part.lower), np.abs(part.upper))
    reach = np.zeros(m, np.int64)
    np.add.at(reach, matrix.row, np.abs(matrix.value) * most[matrix.column])
    more = len(low) + len(high)
    room = np.concatenate([(reach + np.abs(part.row_lower))[low], (reach + np.abs(part.row_upper))[high]])
    return Subproblem(
        Matrix.of(
            m,
            np.concatenate([matrix.row, low, high]),
            np.concatenate([matrix.column, n + np.arange(more, dtype=np.int64)]),
            np.concatenate([matrix.value, np.ones(len(low), np.int64), -np.ones(len(high), np.int64)]),
        ),
        part.row_lower,
        part.row_upper,
        np.concatenate([part.lower, np.zeros(more, np.int64)]),
        np.concatenate([part.upper, room]),
        np.concatenate([np.zeros(n, np.int64), np.ones(more, np.int64)]),
    )
