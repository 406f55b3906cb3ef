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

MOST_LEAVES = 1000  # of the tree of one part, and linear programmes asked for it
FEW_LEAVES = 24  # of a claim about many cells: with more, half of them may need none
DEEPEST = 100
REMEMBERED = 16  # of columns that split parts
TRIED = 4  # columns that may split a part
EASIER = 6  # times that the most of a tree is halved, once for each that came to no end
WHOLE, NO_GAIN = 1e-6, 1e-3
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

    `prices`: of the whole, where every part is one leaf: what a proved optimum fixes follows from them. `fixes`: where some part
    needs a tree, prices that fix what costs more than they leave open. `gap`: what is left between the value and what was
    proved (0: nothing; None: not known).
    """

    parts: tuple[tuple[Ints, int, Tree], ...]
    prices: Prices | None = None
    gap: int | None = 0
    fixes: Prices | None = None


def prove(
    system: System, cost: Ints, x: Ints, clock: Clock, splits: Splits | None = None, *, leaves: int = MOST_LEAVES
) -> Proof:
    """That no whole x of the system costs less than this one, part by part, each with so many leaves at most."""
    splits = splits or Splits()
    free = system.free
    part_of = components(system.matrix, free)
    parts: list[tuple[Ints, int, Tree]] = []
    prices: list[Leaf] = []
    for columns in batches(part_of, np.unique(part_of[free & (cost != 0)])):
        part, rows = system.part(columns, cost)
        value = part.value(x[columns])
        tree, asked = _Search(part, value, rows, columns, clock, splits, leaves).run()
        if tree is None:
            return Proof((), gap=None if asked.least is None else value - asked.least)
        parts.append((columns[cost[columns] != 0], value, tree))
        prices += [] if asked.prices is None else [asked.prices]
    if system.number is not None or len(prices) < len(parts):
        return Proof(tuple(parts))
    together = _together(system, cost, prices)
    whole = all(isinstance(tree, Leaf) for _, _, tree in parts)
    return Proof(tuple(parts), together) if whole else Proof(tuple(parts), fixes=together)


def _together(system: System, cost: Ints, leaves: list[Leaf]) -> Prices | None:
    """The prices of all parts as one; None where 64 bits do not hold them."""
    scale = lcm(1, *(leaf.scale for leaf in leaves))
    price = np.zeros(system.matrix.height, np.int64)
    for leaf in leaves:
        if int(np.abs(leaf.price).max(initial=0)) * (scale // leaf.scale) >= MOST:
            return None
        price[leaf.row] = leaf.price * (scale // leaf.scale)
    return priced(system.whole(cost), price, scale)


def impossible(system: System, clock: Clock, splits: Splits | None = None) -> Tree | None:
    """A proof that no whole x satisfies the system; None where none was found."""
    splits = splits or Splits()
    none = np.zeros(system.columns, np.int64)
    broken = _broken(system.whole())
    if broken is not None:
        return Leaf(broken[:1], broken[1:], 1, rows_alone=True)
    part_of = components(system.matrix, system.free)
    for columns in batches(part_of, np.unique(part_of[system.free])):
        part, rows = system.part(columns, none)
        tree, _ = _Search(part, None, rows, columns, clock, splits, MOST_LEAVES).run()
        if tree is not None:
            return tree
    return None


class Splits:
    """The columns that split parts, of the proofs of one plan: the last one first; and how many trees came to no end."""

    def __init__(self) -> None:
        self.columns: list[int] = []
        self.failed = 0

    def used(self, column: int) -> None:
        self.columns = [column, *(other for other in self.columns if other != column)][:REMEMBERED]


@dataclass(frozen=True)
class _Asked:
    """What a linear programme says of a part: a leaf, or how far it is from one.

    near: what the part comes to (of a part whose rows cannot hold: what it misses them by). least: what its prices prove.
    """

    leaf: Leaf | None = None
    near: float = np.inf
    least: int | None = None
    point: NDArray[np.float64] | None = None
    prices: Leaf | None = None


class _Search:
    """A tree that proves the value of a part, or (value None) that no x satisfies its rows.

    Of a few columns, the one splits a part whose two linear programmes come nearest to the value ("strong branching"): trees
    are up to a hundred times smaller than with the first column at hand. rows, columns: of the part, as numbers in the system.
    """

    def __init__(
        self, part: Subproblem, value: int | None, rows: Ints, columns: Ints, clock: Clock, splits: Splits, most: int
    ) -> None:
        self.part, self.value, self.rows, self.columns, self.clock = part, value, rows, columns, clock
        self.splits, self.most, self.asked = splits, max(most >> min(splits.failed, EASIER), 1), 0
        self.lost = False  # there is an x: no tree can say that there is none

    def run(self) -> tuple[Tree | None, _Asked]:
        """The tree, if there is one; and what was asked first: the best bound that one set of prices proves."""
        asked = self._leaf(self.part)
        tree = self._grown(self.part, asked, 0)
        self.splits.failed += tree is None and self.asked >= self.most > FEW_LEAVES
        return tree, asked

    def _grown(self, part: Subproblem, asked: _Asked, depth: int) -> Tree | None:
        if asked.leaf is not None:
            return asked.leaf
        if self.clock.over or self.asked >= self.most or depth >= DEEPEST or np.all(part.lower == part.upper):
            return None
        if self.value is None and asked.point is not None and part.feasible(np.rint(asked.point).astype(np.int64)):
            self.lost = True
        if self.lost:
            return None
        column, at, sides = self._split(part, asked)
        less = self._grown(*sides[0], depth + 1)
        more = None if less is None else self._grown(*sides[1], depth + 1)
        return None if less is None or more is None else Split(int(self.columns[column]), at, less, more)

    def _split(self, part: Subproblem, asked: _Asked) -> tuple[int, int, list[tuple[Subproblem, _Asked]]]:
        """The column that splits a part best, where, and both sides: of those that did before, and of the columns furthest
        from a whole number; if all are whole, the first that is not fixed."""
        point = part.lower.astype(np.float64) if asked.point is None else asked.point
        away = np.where(part.lower < part.upper, np.abs(point - np.rint(point)), -1.0)
        before = self._before(away)
        first: list[int] = np.argsort(-away, kind="stable")[:TRIED].tolist()
        tried = [*before, *(column for column in first if column not in before and away[column] > WHOLE)] or first[:1]
        best: tuple[float, tuple[int, int, list[tuple[Subproblem, _Asked]]]] | None = None
        for column in tried[: TRIED if 2 * self.asked < self.most else 1]:
            at = int(np.clip(np.floor(point[column]), part.lower[column], part.upper[column] - 1))
            upper, lower = part.upper.copy(), part.lower.copy()
            upper[column], lower[column] = at, at + 1
            sides = [(side, self._leaf(side)) for side in (replace(part, upper=upper), replace(part, lower=lower))]
            gain = float(np.prod([max(self._gain(asked, side), NO_GAIN) for _, side in sides]))
            if best is None or gain > best[0]:
                best = gain, (column, at, sides)
            if all(side.leaf is not None for _, side in sides) or (column in before and gain > NO_GAIN):
                break
        assert best is not None
        self.splits.used(int(self.columns[best[1][0]]))
        return best[1]

    def _before(self, away: NDArray[np.float64]) -> list[int]:
        """Columns that split a part before, and may split this one: what one stage leaves open, the next one does as well."""
        place = {column: at for at, column in enumerate(self.columns.tolist())} if self.splits.columns else {}
        found = [place[column] for column in self.splits.columns if column in place]
        return [at for at in found if away[at] > WHOLE]

    def _gain(self, before: _Asked, side: _Asked) -> float:
        """What a side brings; a leaf more than anything else."""
        if side.leaf is not None or self.value is None:
            return 1.0 if side.leaf is not None else min(side.near - before.near, 1.0)
        return min((side.near - before.near) / max(self.value - before.near, 1.0), 1.0)

    def _leaf(self, part: Subproblem) -> _Asked:
        self.asked += 1
        broken = _broken(part)
        if broken is not None:
            return _Asked(Leaf(self.rows[broken[:1]], broken[1:], 1, rows_alone=True))
        if self.value is not None and _bound(part, np.zeros(part.matrix.height, np.int64), 1) >= self.value:
            none = Leaf(self.rows[:0], self.rows[:0], 1)
            return _Asked(none, least=self.value, prices=none)  # the bounds of the columns say it
        found = None if self.value is None else linear_point(part, self.clock)
        if self.value is not None and found is not None:
            own, least = self._of(part, found[0], self.value)
            leaf = own if least >= self.value else None
            return _Asked(leaf, float(np.dot(found[1], part.cost)), least, found[1], own)
        found = linear_point(_elastic(part), self.clock)
        if found is None:
            return _Asked(near=-np.inf)
        prices = proved(replace(part, cost=np.zeros_like(part.cost)), found[0])
        if prices is not None and prices.bound > 0:
            return _Asked(self._priced(prices.price, prices.scale, rows_alone=True))
        columns = len(part.cost)
        return _Asked(near=float(found[1][columns:].sum()), point=found[1][:columns])

    def _of(self, part: Subproblem, duals: NDArray[np.float64], value: int) -> tuple[Leaf, int]:
        """These prices, as near as whole numbers come, and what they prove."""
        prices = proved(part, duals, value)
        if prices is None:  # 64 bits do not hold it
            price, scale = _rounded(duals)
            least = -(-_bound(part, price, scale) // scale)
        else:
            price, scale, least = prices.price, prices.scale, prices.least
        return self._priced(price, scale), least

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
