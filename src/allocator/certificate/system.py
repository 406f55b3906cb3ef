"""The rows and bounds that every plan left must satisfy, as they grow and narrow from claim to claim.

Lives here: `System`: adding rows, what a proved claim fixes.
Not here: what proves a claim (prove.py), which claims there are (chain.py).

Rows keep their numbers: those of the problem come first, then those that stages add, each stage's held value among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.model.query import NO_LIMIT, Flags, Ints, Rows
from allocator.problem.arrays import Matrix, Problem, stacked
from allocator.solve.duality import face, propagated
from allocator.solve.subproblem import Prices, Subproblem


def at_most(cost: Ints, most: int) -> Rows:
    """The row cost x <= most."""
    at = np.flatnonzero(cost)
    row = np.zeros(len(at), np.int64)
    return Rows((("held",),), np.array([-NO_LIMIT]), np.array([most]), row, at, cost[at])


@dataclass(frozen=True)
class System:
    """lower <= x <= upper, row_lower <= matrix x <= row_upper (NO_LIMIT: none), x whole.

    number: of each row in the whole, where only some rows are left (None: all are).
    """

    matrix: Matrix
    row_lower: Ints
    row_upper: Ints
    lower: Ints
    upper: Ints
    number: Ints | None = None

    @classmethod
    def of(cls, problem: Problem) -> System:
        return cls(problem.matrix, problem.row_lower, problem.row_upper, problem.lower, problem.upper)

    @property
    def columns(self) -> int:
        return len(self.lower)

    @property
    def free(self) -> Flags:
        return self.lower < self.upper

    def whole(self, cost: Ints | None = None) -> Subproblem:
        """All of it as one part; no cost: none."""
        cost = np.zeros(self.columns, np.int64) if cost is None else cost
        return Subproblem(self.matrix, self.row_lower, self.row_upper, self.lower, self.upper, cost)

    def with_rows(self, rows: Rows) -> System:
        """With further rows, and a column for each of their helpers."""
        first, helpers = self.columns, len(rows.helper_upper)
        new = Matrix.of(len(rows.lower), rows.row, rows.placed(first), rows.coefficient)
        return System(
            stacked([self.matrix, new]),
            np.concatenate([self.row_lower, rows.lower]),
            np.concatenate([self.row_upper, rows.upper]),
            np.concatenate([self.lower, np.zeros(helpers, np.int64)]),
            np.concatenate([self.upper, rows.helper_upper]),
        )

    def with_most(self, cost: Ints, most: int) -> System:
        """With the row cost x <= most."""
        return self.with_rows(at_most(cost, most))

    def fixed(self, columns: Ints | Sequence[int], values: Ints) -> System:
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[columns] = upper[columns] = values
        return replace(self, lower=lower, upper=upper)

    def narrowed(self, prices: Prices, value: int) -> System:
        """What the prices of a proved optimum leave: columns and rows whose price exceeds the gap are at their bounds.

        Complementary slackness: one unit away from the bound would cost more than the gap.
        """
        left = face(self.whole(), prices, value)
        return System(self.matrix, left.row_lower, left.row_upper, left.lower, left.upper)

    def propagated(self) -> System:
        """With the bounds of columns that follow from single rows. No plan is lost."""
        tight = propagated(self.whole())
        return self if tight is None else replace(self, lower=tight[0], upper=tight[1])

    def live(self) -> System:
        """The rows that still have a free column, with the fixed ones folded into their bounds: proofs are the same."""
        free = self.free[self.matrix.column]
        settled = np.zeros(self.matrix.height, np.int64)
        row, column, value = self.matrix.row, self.matrix.column, self.matrix.value
        np.add.at(settled, row[~free], value[~free] * self.lower[column[~free]])
        rows = np.unique(row[free])
        place = np.full(self.matrix.height, -1, np.int64)
        place[rows] = np.arange(len(rows))
        low, high = self.row_lower[rows], self.row_upper[rows]
        return System(
            Matrix.of(len(rows), place[row[free]], column[free], value[free]),
            np.where(low == -NO_LIMIT, low, low - settled[rows]),
            np.where(high == NO_LIMIT, high, high - settled[rows]),
            self.lower,
            self.upper,
            rows if self.number is None else self.number[rows],
        )

    def part(self, columns: Ints, cost: Ints) -> tuple[Subproblem, Ints]:
        """The rows of some free columns, the fixed ones folded into their bounds; and the numbers of the rows.

        The columns must be tied by rows to no other free column.
        """
        place = np.full(self.columns, -1, np.int64)
        place[columns] = np.arange(len(columns))
        rows = np.unique(self.matrix.row[place[self.matrix.column] >= 0])
        matrix = self.matrix.select(rows)
        row, own = matrix.row, place[matrix.column] >= 0
        settled = np.zeros(len(rows), np.int64)
        np.add.at(settled, row[~own], matrix.value[~own] * self.lower[matrix.column[~own]])
        low, high = self.row_lower[rows], self.row_upper[rows]
        part = Subproblem(
            Matrix.of(len(rows), row[own], place[matrix.column[own]], matrix.value[own]),
            np.where(low > -NO_LIMIT, low - settled, -NO_LIMIT),
            np.where(high < NO_LIMIT, high - settled, NO_LIMIT),
            self.lower[columns],
            self.upper[columns],
            cost[columns],
        )
        return part, rows if self.number is None else self.number[rows]
