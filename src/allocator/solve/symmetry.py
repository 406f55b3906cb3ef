"""Columns that are alike: the same cost, the same bounds, the same entries in every row. They can change places in any plan.

Lives here: finding them, exactly; a part with one column in the place of each class; its plan taken back to the columns.
Not here: solving (the backends), what being alike means to the draw (solve/draw.py).

Twenty thousand volunteers who differ in five attributes are a thousand kinds of people: one whole-number column a kind says
as much as its people do, and no solver has to find out that they are interchangeable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import Ints
from allocator.problem.arrays import Matrix
from allocator.solve.subproblem import SolverResult, Subproblem

WORTH_IT = 0.7  # merge where this share of the columns, or less, is left
FEW = 100  # columns that no solver minds


def classes(matrix: Matrix, columns: Ints, keys: Sequence[Ints]) -> Ints:
    """For each of the columns (ascending) the first of them that is alike: equal in every key and every entry."""
    inside = np.isin(matrix.column, columns)
    place = np.searchsorted(columns, matrix.column[inside])
    order = np.argsort(place, kind="stable")  # rows ascend within a column
    row, value, place = matrix.row[inside][order], matrix.value[inside][order], place[order]
    size = np.bincount(place, minlength=len(columns)).astype(np.int64)
    start = np.cumsum(size) - size
    print_ = fingerprints(len(columns), place, row, value)
    sorted_ = np.lexsort((np.arange(len(columns)), *keys, size, print_))
    same = np.ones(len(columns), np.bool_)
    for key in (*keys, size, print_):
        same[1:] &= key[sorted_][1:] == key[sorted_][:-1]
    same[:1] = False
    first = np.empty(len(columns), np.int64)
    first[sorted_] = sorted_[np.maximum.accumulate(np.where(same, 0, np.arange(len(columns))))]
    entry = np.repeat(start[first] - start, size) + np.arange(len(row))  # the entry of the first one at the same place
    differs = (row != row[entry]) | (value != value[entry])
    strange = np.unique(place[differs])  # equal fingerprints of unequal columns: they stay alone
    first[strange] = strange
    return first


def fingerprints(count: int, column: Ints, row: Ints, value: Ints) -> NDArray[np.uint64]:
    """A number for each column, from its entries: equal columns have equal ones."""
    found = np.zeros(count, np.uint64)
    np.add.at(found, column, mixed(row.astype(np.uint64)) * value.astype(np.uint64))
    return found


def mixed(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number's bits well mixed (splitmix64): sums of such numbers are hardly ever equal by chance."""
    number = (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    well: NDArray[np.uint64] = number ^ (number >> np.uint64(31))
    return well


def merged(part: Subproblem) -> tuple[Subproblem, Callable[[SolverResult], SolverResult]]:
    """The part with one column a class, and what takes an outcome back; the part itself where that would gain little."""
    n = len(part.cost)
    if n <= FEW:
        return part, lambda outcome: outcome
    keys = (part.cost, part.lower, part.upper)
    prints = fingerprints(n, part.matrix.column, part.matrix.row, part.matrix.value)
    for key in keys:
        prints = mixed(prints + mixed(key.astype(np.uint64)))
    if np.sum(np.diff(np.sort(prints)) != 0) > WORTH_IT * n:  # columns of unlike prints are unlike
        return part, lambda outcome: outcome
    first = classes(part.matrix, np.arange(n, dtype=np.int64), keys)
    chosen, class_of, size = np.unique(first, return_inverse=True, return_counts=True)
    if len(chosen) > WORTH_IT * n:
        return part, lambda outcome: outcome
    kept = first[part.matrix.column] == part.matrix.column
    small = Subproblem(
        Matrix.of(
            part.matrix.height,
            part.matrix.row[kept],
            class_of[part.matrix.column[kept]],
            part.matrix.value[kept],
        ),
        part.row_lower,
        part.row_upper,
        part.lower[chosen] * size,
        part.upper[chosen] * size,
        part.cost[chosen],
        None if part.start is None else np.bincount(class_of, part.start).astype(np.int64),
    )
    in_order = np.argsort(class_of, kind="stable")
    rank = np.empty(n, np.int64)
    rank[in_order] = np.arange(n) - np.repeat(np.cumsum(size) - size, size)

    def back(outcome: SolverResult) -> SolverResult:
        if outcome.x is None:
            return outcome
        span = part.upper - part.lower
        above = (outcome.x - small.lower)[class_of]  # what a class has above its least, given to its columns in turn
        return replace(outcome, x=part.lower + np.clip(above - rank * span, 0, span))

    return small, back
