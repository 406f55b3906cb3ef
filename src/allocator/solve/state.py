"""What is known of the columns and rows while stages are solved, and what follows from it without a solver.

Lives here: `State`; the spans of sums, bounds of sums that rows tie together, which columns hang together; a stage as costs.
Not here: asking solvers, holding stages (stages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import lcm

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import NO_LIMIT, Flags, Ints, Stage
from allocator.problem.arrays import Matrix, Problem
from allocator.solve.duality import propagated
from allocator.solve.subproblem import Subproblem
from allocator.solve.symmetry import mixed

TOGETHER = 400  # parts smaller than this many columns share a call until they are as large together
SPAN_ROUNDS = 3  # of propagation: what a group can come to is asked often, and need not be the last word


@dataclass(frozen=True)
class State:
    """Bounds and rows as they stand; `plan` satisfies all rows where `dirty` is False, and has no value where -1.

    `holds`: of each row, whether it holds the least that a stage came to: no plan has less.
    """

    lower: Ints
    upper: Ints
    matrix: Matrix
    row_lower: Ints
    row_upper: Ints
    plan: Ints
    holds: Flags


def spans(state: State, entries: tuple[Ints, Ints, Ints], groups: int) -> tuple[Ints, Ints]:
    """What the sums of some groups can be at least and at most in a state."""
    none = np.zeros(len(state.lower), np.int64)
    tight = propagated(
        Subproblem(state.matrix, state.row_lower, state.row_upper, state.lower, state.upper, none), SPAN_ROUNDS
    )
    lower, upper = tight if tight is not None else (state.lower, state.upper)
    group, column, value = entries
    ends = value * lower[column], value * upper[column]
    least, most = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    np.add.at(least, group, np.minimum(*ends))
    np.add.at(most, group, np.maximum(*ends))
    free = (state.lower < state.upper)[column]
    fixed = np.zeros(groups, np.int64)
    np.add.at(fixed, group[~free], (value * state.lower[column])[~free])
    sums = Matrix.of(groups, group[free], column[free], value[free])
    rows = _free_rows(state)
    alike = _same_rows(sums, rows[0])
    for g, r in alike:
        low, high, factor = rows[1][r], rows[2][r], rows[3][r]
        if low > -NO_LIMIT:
            least[g] = max(least[g], fixed[g] + -(-int(low) // int(factor)))
        if high < NO_LIMIT:
            most[g] = min(most[g], fixed[g] + int(high) // int(factor))
    return least, most


def joint_bounds(state: State, entries: tuple[Ints, Ints, Ints], groups: int) -> list[tuple[list[int], int, int]]:
    """Rows that are, over the free columns, the sum of some groups' free columns and nothing else."""
    group, column, value = entries
    free = (state.lower < state.upper)[column]
    of = np.full(len(state.lower), -1, np.int64)
    of[column[free]] = group[free]
    size = np.bincount(group[free], minlength=groups)
    if np.any(value != 1) or int(size.sum()) != int(np.sum(of >= 0)):  # a column in two groups
        return []
    fixed = np.zeros(groups, np.int64)
    np.add.at(fixed, group[~free], state.lower[column[~free]])
    rows, low, high, factor = _free_rows(state)
    found = []
    for r in range(rows.height):
        inside = of[rows.column[rows.start[r] : rows.start[r + 1]]]
        if not len(inside) or inside.min() < 0:
            continue
        members, counts = np.unique(inside, return_counts=True)
        if len(members) < 2 or np.any(counts != size[members]):
            continue
        own = int(fixed[members].sum())
        least = -NO_LIMIT if low[r] == -NO_LIMIT else own - int(-low[r]) // int(factor[r])
        most = NO_LIMIT if high[r] == NO_LIMIT else own + int(high[r]) // int(factor[r])
        found.append((members.tolist(), least, most))
    return found


def _free_rows(state: State) -> tuple[Matrix, Ints, Ints, Ints]:
    """The rows over free columns whose coefficients are all one positive number: as ones, their bounds, that number."""
    matrix = state.matrix
    live = (state.lower < state.upper)[matrix.column]
    fixed = np.zeros(matrix.height, np.int64)
    np.add.at(fixed, matrix.row[~live], (matrix.value * state.lower[matrix.column])[~live])
    row, column, value = matrix.row[live], matrix.column[live], matrix.value[live]
    most, least = np.full(matrix.height, -NO_LIMIT), np.full(matrix.height, NO_LIMIT)
    np.maximum.at(most, row, value)
    np.minimum.at(least, row, value)
    chosen = np.flatnonzero((most == least) & (least > 0))
    number = np.full(matrix.height, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    kept = number[row] >= 0
    ones = Matrix.of(len(chosen), number[row[kept]], column[kept], np.ones(int(kept.sum()), np.int64))
    low, high = state.row_lower[chosen], state.row_upper[chosen]
    low = np.where(low > -NO_LIMIT, low - fixed[chosen], low)
    high = np.where(high < NO_LIMIT, high - fixed[chosen], high)
    return ones, low, high, least[chosen]


def _same_rows(sums: Matrix, rows: Matrix) -> list[tuple[int, int]]:
    """The pairs (row of `sums`, row of `rows`) that have the same columns, each once."""
    places: dict[tuple[int, int], list[int]] = {}
    for r, key in enumerate(_prints(rows)):
        places.setdefault(key, []).append(r)
    found = []
    for g, key in enumerate(_prints(sums)):
        own = slice(sums.start[g], sums.start[g + 1])
        if key[0] and np.all(sums.value[own] == 1):
            for r in places.get(key, ()):
                if np.array_equal(rows.column[rows.start[r] : rows.start[r + 1]], sums.column[own]):
                    found.append((g, r))
    return found


def _prints(matrix: Matrix) -> list[tuple[int, int]]:
    """For each row how many columns it has, and a sum that is equal where they are."""
    total = np.zeros(matrix.height, np.uint64)
    np.add.at(total, matrix.row, mixed(matrix.column.astype(np.uint64)))
    return list(zip(np.diff(matrix.start).tolist(), total.tolist(), strict=True))


def bounded(new: Matrix, row_lower: Ints, row_upper: Ints, lower: Ints, upper: Ints) -> Ints:
    """Take the rows of one column (times 1) into its bounds, in place; the rows that are left, in order.

    A bound that leaves the column no value stays a row: rows are what is told to be infeasible.
    """
    single = np.flatnonzero(np.diff(new.start) == 1)
    single = single[new.value[new.start[single]] == 1]
    taken = []
    for r, c in zip(single.tolist(), new.column[new.start[single]].tolist(), strict=True):
        low, high = max(lower[c], row_lower[r]), min(upper[c], row_upper[r])
        if low <= high:
            lower[c], upper[c] = low, high
            taken.append(r)
    return np.setdiff1d(np.arange(new.height, dtype=np.int64), taken)


def folded(state: State) -> State:
    """The same without the entries of fixed columns, which the bounds of their rows take in, and without rows left empty."""
    matrix = state.matrix
    live = (state.lower < state.upper)[matrix.column]
    fixed = np.zeros(matrix.height, np.int64)
    np.add.at(fixed, matrix.row[~live], (matrix.value * state.lower[matrix.column])[~live])
    rows = np.unique(matrix.row[live])
    low, high = state.row_lower[rows], state.row_upper[rows]
    number = np.full(matrix.height, -1, np.int64)
    number[rows] = np.arange(len(rows))
    return replace(
        state,
        matrix=Matrix.of(len(rows), number[matrix.row[live]], matrix.column[live], matrix.value[live]),
        row_lower=np.where(low > -NO_LIMIT, low - fixed[rows], -NO_LIMIT),
        row_upper=np.where(high < NO_LIMIT, high - fixed[rows], NO_LIMIT),
        holds=state.holds[rows],
    )


def narrow(state: State, columns: Ints) -> State:
    """The same over these columns alone, which are all that are free."""
    inside = folded(state)
    number = np.full(len(state.lower), -1, np.int64)
    number[columns] = np.arange(len(columns))
    return replace(
        inside,
        lower=state.lower[columns],
        upper=state.upper[columns],
        matrix=replace(inside.matrix, column=number[inside.matrix.column]),
        plan=state.plan[columns],
    )


def outside_of(state: State, rows: Ints, columns: Ints) -> Ints:
    """What the columns outside a part contribute to its rows."""
    inside = np.zeros(len(state.lower), np.bool_)
    inside[columns] = True
    matrix = state.matrix.select(rows)
    other = ~inside[matrix.column]
    total = np.zeros(len(rows), np.int64)
    np.add.at(total, matrix.row[other], matrix.value[other] * np.maximum(state.plan[matrix.column[other]], 0))
    return total


def components(matrix: Matrix, free: Flags) -> Ints:
    """For every free column the smallest column that rows tie it to; -1 for columns that are not free."""
    n = len(free)
    label = np.where(free, np.arange(n, dtype=np.int64), -1)
    live = free[matrix.column]
    row, column = matrix.row[live], matrix.column[live]
    if not len(row):
        return label
    first = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
    entry_row = np.cumsum(np.concatenate([[True], row[1:] != row[:-1]])) - 1
    while True:
        least = np.minimum.reduceat(label[column], first)
        new = label.copy()
        np.minimum.at(new, column, least[entry_row])
        np.minimum.at(new, label[column], least[entry_row])
        new[free] = new[new[free]]
        if np.array_equal(new, label):
            return label
        label = new


def batches(part_of: Ints, chosen: Ints) -> list[Ints]:
    """The columns of the chosen parts, small parts together, in order."""
    if not len(chosen):
        return []
    columns = np.flatnonzero(np.isin(part_of, chosen))
    order = np.argsort(part_of[columns], kind="stable")
    columns = columns[order]
    edges = np.flatnonzero(np.diff(part_of[columns])) + 1
    batches: list[Ints] = []
    waiting: list[NDArray[np.int64]] = []
    for piece in np.split(columns, edges):
        if len(piece) >= TOGETHER:
            batches.append(np.sort(piece))
            continue
        waiting.append(piece)
        if sum(map(len, waiting)) >= TOGETHER:
            batches.append(np.sort(np.concatenate(waiting)))
            waiting = []
    if waiting:
        batches.append(np.sort(np.concatenate(waiting)))
    return batches


def cost_of(columns: int, stage: Stage, helpers: Ints) -> Ints:
    """A stage's function as costs of so many columns, to be minimised; `helpers` are the columns of its own helpers."""
    cost = np.zeros(columns, np.int64)
    column, own = stage.column.copy(), stage.column < 0
    column[own] = helpers[-1 - column[own]]
    np.add.at(cost, column, stage.coefficient if stage.sense == "minimize" else -stage.coefficient)
    return cost


def missed(problem: Problem, rules: Sequence[str] | None) -> Stage:
    """The weighted sum of what the soft rules (all, or those named) are missed by, as one stage."""
    held = problem.misses
    names = [problem.rules[r].id for r in held.rule.tolist()]
    chosen = [i for i, name in enumerate(names) if rules is None or name in rules]
    scale = lcm(1, *(held.price[i].denominator for i in chosen))
    prices = [int(held.price[i] * scale) for i in chosen]
    return Stage("minimize", held.column[np.array(chosen, np.int64)], np.array(prices, np.int64), scale=scale)
