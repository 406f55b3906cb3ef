"""The rows of every rule, put together: one matrix, with the rule, group and scale of each row.

Lives here: calling the rules, numbering helpers, the columns that carry a soft rule's misses, common factors, marks.
Not here: the rows of a kind (rules/), the cells (problem/cells.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain

import numpy as np

from allocator.database import Database
from allocator.database.at_hand import tables_of
from allocator.database.judged import judged, place_of
from allocator.model.model import Model
from allocator.model.query import MOST, NO_LIMIT, Flags, Ints, Label, Labels, Rows, TooFine
from allocator.model.rule import Rule
from allocator.problem.arrays import Matrix, Misses, Problem, by_row, stacked
from allocator.problem.cells import make_cells


def compile(model: Model, tables: Database | None = None) -> Problem:
    """The problem of a model. Raises InputError where a figure that it needs is missing or does not fit.

    `tables`: the model's database, if it is open already.
    """
    tables = tables or tables_of(model)
    rules = tables.rules_in_force()
    asked = {name for rule in rules for name in rule.asks_whether()}
    asked |= {name for objective in model.policy.objectives for name in objective.asks_whether()}
    judged(model, ("programs",), lambda: make_cells(tables, tables.programs(sorted(asked))))
    builder = _Builder(tables, rules)
    for index, rule in enumerate(rules):
        judged(model, place_of(model, rule), lambda index=index, rule=rule: builder.add(index, rule, rule.rows(tables)))  # type: ignore[misc]
    return builder.problem()


class _Builder:
    """Gathers rows; numbers the helpers after the cells and their marks."""

    def __init__(self, tables: Database, rules: tuple[Rule, ...]) -> None:
        self.tables, self.rules = tables, rules
        assert tables.vectors is not None
        self.vectors = tables.vectors
        lower, upper = self.vectors.lower, self.vectors.upper
        cells = len(lower)
        marked = np.flatnonzero(self.vectors.mark >= cells)  # their marks are numbered in the same order
        self.lower = [lower, np.minimum(lower[marked], 1)]
        self.upper = [upper, np.minimum(upper[marked], 1)]
        self.column_rule = [np.full(cells + len(marked), -1, np.int64)]
        self.columns = cells + len(marked)
        self.pieces: list[Matrix] = []  # the rows, one below the other
        self.extra: list[tuple[Ints, Ints, Ints]] = []  # entries that soft rules put into them
        self.row_lower: list[Ints] = []
        self.row_upper: list[Ints] = []
        self.row_rule: list[Ints] = []
        self.states: list[Flags] = []
        self.labels: list[Sequence[Label]] = []
        self.scales: list[tuple[int, int]] = []  # (scale, rows)
        self.height = 0
        self.miss: list[tuple[Ints, int, Fraction]] = []
        self._mark_rows(marked, upper)

    def _mark_rows(self, marked: Ints, upper: Ints) -> None:
        """x - z >= 0 and x - upper z <= 0 for every marked amount x with its mark z: z = 1 exactly if x > 0."""
        n = len(marked)
        if not n:
            return
        mark, one, row = self.vectors.mark[marked], np.ones(n, np.int64), np.arange(n, dtype=np.int64)
        names = tuple(self.vectors.name(int(c)) for c in marked)
        none = np.full(n, NO_LIMIT)
        zero = np.zeros(n, np.int64)
        columns, entries = np.concatenate([marked, mark]), np.concatenate([row, row])
        self._append(-1, Rows(names, zero, none, entries, columns, np.concatenate([one, -one])), 0)
        self._append(-1, Rows(names, -none, zero, entries, columns, np.concatenate([one, -upper[marked]])), 0)

    def add(self, index: int, rule: Rule, rows: Rows | None) -> None:
        if rows is None:
            return
        self._fits(rule, rows)
        first = self.columns
        helpers = len(rows.helper_upper)
        self.lower.append(np.zeros(helpers, np.int64))
        self.upper.append(rows.helper_upper)
        self.column_rule.append(np.full(helpers, index, np.int64))
        self.columns += helpers
        start = self.height
        self._append(index, rows, first)
        if rule.soft is not None:
            bounds = np.arange(len(rows.labels)) if rows.bounds is None else np.flatnonzero(rows.bounds)
            price = Fraction(rule.soft.weight) / rows.scale
            if max(price.numerator, price.denominator) >= MOST:
                raise TooFine(format(rule.soft.weight, "f"))
            self._misses(index, price, rows, bounds, start)

    def _fits(self, rule: Rule, rows: Rows) -> None:
        """Whatever a row can come to fits in 64 bits. Raises TooFine."""
        if not len(rows.row):
            return
        largest = max(float(np.max(upper, initial=0)) for upper in (*self.upper, rows.helper_upper))
        finite = float(np.abs(rows.coefficient).max(initial=0)) * largest * len(rows.row)
        limits = [float(np.abs(limit[np.abs(limit) < NO_LIMIT]).max(initial=0)) for limit in (rows.lower, rows.upper)]
        if finite + max(limits) < MOST:  # nearly always: no row can be near it
            return
        upper = np.concatenate([*self.upper, rows.helper_upper])
        columns = rows.placed(self.columns)
        reach = np.bincount(rows.row, np.abs(rows.coefficient).astype(np.float64) * upper[columns])
        if float(reach.max()) + max(limits) >= MOST:
            raise TooFine(str(getattr(rule, "measure", rule.id)))

    def _append(self, index: int, rows: Rows, first_helper: int) -> None:
        columns = rows.placed(first_helper)
        self.pieces.append(Matrix.of(len(rows.labels), *by_row(rows.row, columns, rows.coefficient)))
        self.row_lower.append(rows.lower)
        self.row_upper.append(rows.upper)
        self.row_rule.append(np.full(len(rows.labels), index, np.int64))
        bounds = np.ones(len(rows.labels), np.bool_) if rows.bounds is None else rows.bounds
        self.states.append(bounds & (index >= 0))
        self.labels.append(rows.labels)
        self.scales.append((rows.scale, len(rows.labels)))
        self.height += len(rows.labels)

    def _misses(self, index: int, price: Fraction, rows: Rows, bounds: Ints, start: int) -> None:
        """A column + below and a column - above each bound of a soft rule, in the row's own (scaled) unit."""
        reach = np.zeros(len(rows.labels), np.int64)
        upper = np.concatenate(self.upper)
        first = self.columns - len(rows.helper_upper)
        columns = rows.placed(first)
        np.add.at(reach, rows.row, np.abs(rows.coefficient) * upper[columns])
        for limit, sign in ((rows.lower, 1), (rows.upper, -1)):
            chosen = bounds[np.abs(limit[bounds]) < NO_LIMIT]
            n = len(chosen)
            new = self.columns + np.arange(n, dtype=np.int64)
            self.extra.append((chosen + start, new, np.full(n, sign, np.int64)))
            self.lower.append(np.zeros(n, np.int64))
            self.upper.append(reach[chosen] + np.abs(limit[chosen]))
            self.column_rule.append(np.full(n, index, np.int64))
            self.columns += n
            self.miss.append((new, index, price))

    def problem(self) -> Problem:
        matrix = stacked(self.pieces)
        if self.extra:
            row, column, value = (np.concatenate(parts) for parts in zip(*self.extra, strict=True))
            row, column = np.concatenate([matrix.row, row]), np.concatenate([matrix.column, column])
            matrix = Matrix.of(self.height, row, column, np.concatenate([matrix.value, value]))
        low, high = _joined(self.row_lower), _joined(self.row_upper)
        factor = factors(matrix)
        matrix, low, high = reduced(matrix, low, high, factor)
        lower, upper = _joined(self.lower), _joined(self.upper)
        own_upper = upper
        lower, upper = tightened(matrix, low, high, lower, upper)
        cells = len(self.vectors.mark)
        self.tables.set_cell_bounds(lower[:cells], upper[:cells])
        prices = [price for columns, _, price in self.miss for _ in columns]
        misses = Misses(
            _joined([columns for columns, _, _ in self.miss]),
            _joined([np.full(len(columns), index, np.int64) for columns, index, _ in self.miss]),
            tuple(prices),
        )
        scale = np.repeat(np.array([s for s, _ in self.scales], np.int64), [n for _, n in self.scales])
        return Problem(
            self.tables.model,
            self.tables,
            self.rules,
            *self.vectors.names(),
            self.vectors.period,
            self.vectors.mark,
            lower,
            upper,
            matrix,
            low,
            high,
            _joined(self.row_rule),
            Labels(self.height, lambda: chain.from_iterable(self.labels)),
            scale,
            factor,
            np.concatenate([np.zeros(0, np.bool_), *self.states]),
            _joined(self.column_rule),
            own_upper,
            misses,
        )


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64, copy=False) if parts else np.zeros(0, np.int64)


def factors(matrix: Matrix) -> Ints:
    """The common factor of the coefficients of each row."""
    factor = np.ones(matrix.height, np.int64)
    filled = np.flatnonzero(np.diff(matrix.start))
    if len(filled) and not np.all(matrix.value == 1):
        factor[filled] = np.gcd.reduceat(np.abs(matrix.value), matrix.start[filled])
    return factor


def reduced(matrix: Matrix, low: Ints, high: Ints, factor: Ints | None = None) -> tuple[Matrix, Ints, Ints]:
    """Every row divided by the common factor of its coefficients; its bounds rounded towards the inside (exact)."""
    factor = factors(matrix) if factor is None else factor
    if np.all(factor == 1):
        return matrix, low, high
    sizes = np.diff(matrix.start)
    value = matrix.value // np.repeat(factor, sizes)
    bounded_low, bounded_high = low > -NO_LIMIT, high < NO_LIMIT
    low, high = low.copy(), high.copy()
    low[bounded_low] = -((-low[bounded_low]) // factor[bounded_low])
    high[bounded_high] = high[bounded_high] // factor[bounded_high]
    return Matrix(matrix.start, matrix.column, value), low, high


def tightened(matrix: Matrix, low: Ints, high: Ints, lower: Ints, upper: Ints) -> tuple[Ints, Ints]:
    """Column bounds with the rows of one column taken in; where they cross, the column keeps its own (the rows conflict)."""
    single = np.flatnonzero(np.diff(matrix.start) == 1)
    column, value = matrix.column[matrix.start[single]], matrix.value[matrix.start[single]]
    positive = value > 0
    least = np.where(positive, low[single], -high[single])
    most = np.where(positive, high[single], -low[single])
    new_lower, new_upper = lower.copy(), upper.copy()
    np.maximum.at(new_lower, column, np.maximum(least, -NO_LIMIT))
    np.minimum.at(new_upper, column, most)
    crossed = new_lower > new_upper
    return np.where(crossed, lower, new_lower), np.where(crossed, upper, new_upper)
