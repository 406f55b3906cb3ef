"""The compiled problem as plain arrays; it knows no solver.

Lives here: the matrix, the problem with the provenance of every row and column.
Not here: making it from a model (problem/assemble.py), its text (problem/text.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.database import Database
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.naming import joined
from allocator.model.query import Flags, Ints, Label, Labels, Rows
from allocator.model.rule import Rule


@dataclass(frozen=True)
class Matrix:
    """Rows of whole numbers in compressed form: row r holds columns `column[start[r]:start[r+1]]`, sorted, each once."""

    start: Ints
    column: Ints
    value: Ints

    @property
    def height(self) -> int:
        return len(self.start) - 1

    @property
    def row(self) -> Ints:
        """The row of each entry."""
        return np.repeat(np.arange(self.height, dtype=np.int64), np.diff(self.start))

    @classmethod
    def of(cls, height: int, row: Ints, column: Ints, value: Ints) -> Matrix:
        """From triplets in any order; entries of one place are added, zeros dropped."""
        width = int(column.max(initial=0)) + 1
        place = row * width + column
        if np.any(place[1:] < place[:-1]):
            order = np.argsort(place, kind="stable")  # quick on what is mostly in order
            row, column, value = row[order], column[order], value[order]
            place = place[order]
        if np.any(place[1:] == place[:-1]):  # entries of one place
            first = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
            value = np.add.reduceat(value, first)
            row, column = row[first], column[first]
        kept = value != 0
        if not kept.all():
            row, column, value = row[kept], column[kept], value[kept]
        start = np.zeros(height + 1, np.int64)
        np.cumsum(np.bincount(row, minlength=height), out=start[1:])
        return cls(start, column, value)

    def times(self, x: Ints) -> Ints:
        """The activity of every row: exact in 64 bits."""
        total = np.concatenate([[0], np.cumsum(self.value * x[self.column])])
        activity: Ints = total[self.start[1:]] - total[self.start[:-1]]
        return activity

    def select(self, rows: Ints) -> Matrix:
        """Some of the rows, in the order given."""
        sizes = (self.start[1:] - self.start[:-1])[rows]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        entry = np.repeat(self.start[rows] - start[:-1], sizes) + np.arange(start[-1])
        return Matrix(start, self.column[entry], self.value[entry])


def stacked(parts: Sequence[Matrix]) -> Matrix:
    """The rows of all parts, one below the other."""
    none = np.zeros(0, np.int64)
    sizes = np.concatenate([none, *(np.diff(part.start) for part in parts)])
    start = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=start[1:])
    column = np.concatenate([none, *(part.column for part in parts)])
    return Matrix(start, column, np.concatenate([none, *(part.value for part in parts)]))


def by_row(row: Ints, column: Ints, value: Ints) -> tuple[Ints, Ints, Ints]:
    """Triplets with their rows ascending; what was in order within a row stays so."""
    if not np.any(row[1:] < row[:-1]):
        return row, column, value
    small = int(row.max()) < 2**16  # numpy sorts such numbers by radix
    order = np.argsort(row.astype(np.uint16) if small else row, kind="stable")
    return row[order], column[order], value[order]


def _numbered(names: NDArray[np.object_], among: Sequence[str]) -> Ints:
    """The place of each name."""
    place = {name: i for i, name in enumerate(among)}
    return np.fromiter(map(place.__getitem__, names), np.int64, len(names))


@dataclass(frozen=True)
class Misses:
    """Columns that carry what soft rules are missed by: the rule's index, the price of one unit of the column."""

    column: Ints
    rule: Ints
    price: tuple[Fraction, ...]


@dataclass(frozen=True)
class Problem:
    """Integer columns x with lower <= x <= upper and row_lower <= matrix x <= row_upper (NO_LIMIT: none).

    Columns 0 .. cells-1 are the cells in the order unit, program, period; then the marks of amount programs, then the
    rules' helpers. `row_rule` indexes `rules`, `row_label` is the group; a row's figures are the declared ones times
    `row_scale`, divided by its `row_factor` (exactly).
    """

    model: Model
    tables: Database
    rules: tuple[Rule, ...]
    unit: NDArray[np.object_]
    program: NDArray[np.object_]
    period: Ints
    mark: Ints  # of each cell: the column that is 1 where it has an award, 0 where not
    lower: Ints
    upper: Ints
    matrix: Matrix
    row_lower: Ints
    row_upper: Ints
    row_rule: Ints
    row_label: Sequence[Label]
    row_scale: Ints
    row_factor: Ints
    row_states: Flags  # the row is a declared bound, not what a helper or a mark means
    column_rule: Ints  # of helpers; -1 for cells
    own_upper: Ints  # of every column, before the rows of that column alone were taken in
    misses: Misses

    def __repr__(self) -> str:
        return f"<problem of {self.model.policy.model}: {self.cells} cells, {self.matrix.height} rows>"

    @property
    def cells(self) -> int:
        return len(self.unit)

    @property
    def columns(self) -> int:
        return len(self.lower)

    def cell(self, column: int) -> tuple[str, str, int]:
        return str(self.unit[column]), str(self.program[column]), int(self.period[column])

    def with_rows(self, rows: Rows) -> Problem:
        """The problem with further rows, of no rule, and a column for each of their helpers."""
        first, helpers, count = self.columns, len(rows.helper_upper), len(rows.lower)
        none, one = np.full(count, -1, np.int64), np.ones(count, np.int64)
        labels = Labels(self.matrix.height + count, lambda: (*self.row_label, *rows.labels))
        return replace(
            self,
            lower=np.concatenate([self.lower, np.zeros(helpers, np.int64)]),
            upper=np.concatenate([self.upper, rows.helper_upper]),
            matrix=stacked([self.matrix, Matrix.of(count, rows.row, rows.placed(first), rows.coefficient)]),
            row_lower=np.concatenate([self.row_lower, rows.lower]),
            row_upper=np.concatenate([self.row_upper, rows.upper]),
            row_rule=np.concatenate([self.row_rule, none]),
            row_label=labels,
            row_scale=np.concatenate([self.row_scale, one]),
            row_factor=np.concatenate([self.row_factor, one]),
            column_rule=np.concatenate([self.column_rule, np.full(helpers, -1, np.int64)]),
        )

    def row_name(self, row: int) -> str:
        """`demonstration-in-every-prefecture[451100]`; `award[...]` for the rows that tie an amount to its mark."""
        label = joined(self.row_label[row])
        rule = self.rules[self.row_rule[row]].id if self.row_rule[row] >= 0 else "award"
        return f"{rule}[{label}]" if label else rule

    def groupings(self) -> tuple[Ints, ...]:
        """Ways to group the cells that may cut the problem: by period, by program, by each column of the units that groups."""
        units = self.model.units.columns
        at = _numbered(self.unit, units["unit"].values)
        found = [
            np.unique(self.period, return_inverse=True)[1],
            _numbered(self.program, sorted(set(self.program))),
        ]
        for name, column in units.items():
            if column.kind in ("text", "whole") and name != "unit" and None not in column.values:
                values, code = np.unique(np.array(column.values, dtype=str), return_inverse=True)
                if 2 * len(values) <= len(code):
                    found.append(code[at])
        return tuple(codes.astype(np.int64) for codes in found)

    def allocation(self, amounts: Ints) -> Allocation:
        """The awards of a plan, given the amounts of all cells."""
        chosen = np.flatnonzero(amounts[: self.cells])
        return Allocation.of((self.unit[c], self.program[c], int(self.period[c]), int(amounts[c])) for c in chosen)

    def amounts(self, allocation: Allocation) -> Ints:
        """The amounts of all cells under an allocation; awards without a cell are left out."""
        held = allocation.amounts
        keys = zip(self.unit, self.program, self.period.tolist(), strict=True)
        return np.array([held.get((u, p, t), 0) for u, p, t in keys], dtype=np.int64)
