"""Whether some of the rules of a problem can hold together: their rows alone, with no objective.

Lives here: the problem with some of its rows, each cell with its own bounds; what a sum comes to at most where rows hold.
Not here: which rows are tried (conflict.py, conflicts.py), rows that may be missed at a price (elastic.py).

The problem's column bounds already carry what single rules say (quotas, limits of one unit), so the rows of a rule cannot
simply be left out: every cell gets its own bounds back, wide enough for all that a row can ask for, and the rows alone
speak. Cells exist by eligibility and signed years; those are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from allocator.explain.shortfall import Shortfall, shortfalls
from allocator.model.query import NO_LIMIT, Flags, Ints, Label
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.problem.arrays import Matrix
from allocator.problem.assemble import tightened
from allocator.solve import Clock
from allocator.solve.solvers import settled
from allocator.solve.state import components
from allocator.solve.subproblem import Backend, SolverResult, Subproblem, untold
from allocator.words import Say

NONE = np.zeros(0, np.int64)
K = TypeVar("K")
LARGEST = 10**6  # of a cell's amount in these problems: far more than any row here can use, small enough for the solver


def joined_rows(parts: Iterable[Ints]) -> Ints:
    """Rows of several groups, ascending."""
    rows: Ints = np.unique(np.concatenate([NONE, *parts]))
    return rows


def apart(asked: Feasibility, items: Mapping[K, Ints]) -> list[dict[K, Ints]]:
    """Items (of which the rows are given), those that share awards together, directly or through others."""
    problem = asked.problem
    owner = {int(mark): cell for cell, mark in enumerate(problem.mark)}  # an amount and its mark are one
    cell_of = np.array([owner.get(c, c) for c in range(problem.columns)], np.int64)
    used = [np.unique(cell_of[problem.matrix.select(rows).column]) for rows in items.values()]
    item = np.repeat(np.arange(len(used), dtype=np.int64), [len(own) for own in used])
    column = np.concatenate([NONE, *used])
    shared = Matrix.of(len(used), item, column, np.ones(len(column), np.int64))
    tied = components(shared, np.ones(problem.columns, np.bool_))
    parts: dict[int, dict[K, Ints]] = {}
    for number, (key, rows) in enumerate(items.items()):
        home = int(tied[used[number][0]]) if len(used[number]) else -1 - number
        parts.setdefault(home, {})[key] = rows
    return list(parts.values())


class Feasibility:
    """The problem with some of its rows, no objective, and every cell's own bounds."""

    def __init__(self, problem: Problem, solver: Backend, clock: Clock) -> None:
        self.problem, self.solver, self.clock = problem, solver, clock
        self.solves = 0
        cells = problem.cells
        marks, vectors = problem.mark, problem.tables.vectors
        assert vectors is not None
        self.lower, self.upper = np.zeros(problem.columns, np.int64), problem.own_upper.copy()
        programs = problem.model.programs
        through = problem.model.policy.frozen.through if problem.model.policy.frozen else None
        closed = np.full(cells, False) if through is None else problem.period <= through
        selects = {name for name, program in programs.items() if program.decides == "selection"}
        is_selection = np.isin(problem.program.astype(str), sorted(selects))
        wide = self._wide(~closed & ~is_selection)
        self.lower[:cells], high = vectors.own
        self.upper[:cells] = np.where(closed, high, np.where(is_selection, 1, wide))
        larger = np.flatnonzero((problem.column_rule >= 0) & (self.upper > 1))  # they follow amounts
        self.upper[larger] = np.maximum(self.upper[larger], wide)
        self.endless = np.zeros(len(self.upper), np.bool_)
        self.endless[:cells] = ~closed & ~is_selection
        marked = np.flatnonzero(marks >= cells)
        self.lower[marks[marked]] = np.minimum(self.lower[marked], 1)
        self.upper[marks[marked]] = np.minimum(self.upper[marked], 1)
        self.marks = self._mark_rows(marked, marks[marked])

    def _wide(self, endless: Flags) -> int:
        """More than any row can ask of one amount. Where rows compare amounts with each other, one of them grows with what the
        others are, rule by rule.
        """
        problem = self.problem
        finite = [
            np.abs(limit[np.abs(limit) < NO_LIMIT]).max(initial=0) for limit in (problem.row_lower, problem.row_upper)
        ]
        wide = int(max(*finite, problem.upper[: problem.cells].max(initial=1)))
        row, column, value = problem.matrix.row, problem.matrix.column, problem.matrix.value
        amounts = np.flatnonzero(column < problem.cells)
        amounts = amounts[endless[column[amounts]]]
        row, value = row[amounts], value[amounts]
        both = np.intersect1d(row[value > 0], row[value < 0])
        for rule in np.unique(problem.row_rule[both]).tolist():
            own = np.abs(value[np.isin(row, both[problem.row_rule[both] == rule])])
            wide = min(wide * int(own.max() + 1) * int(endless.sum()), LARGEST)
        return min(wide, LARGEST)

    def _mark_rows(self, cells: Ints, marks: Ints) -> tuple[Matrix, Ints, Ints]:
        """A mark is 1 exactly where its cell has an award: x - z >= 0 and x - upper z <= 0."""
        n = len(cells)
        row, one = np.arange(n, dtype=np.int64), np.ones(n, np.int64)
        matrix = Matrix.of(
            2 * n,
            np.concatenate([row, row, n + row, n + row]),
            np.concatenate([cells, marks, cells, marks]),
            np.concatenate([one, -one, one, -np.maximum(self.upper[cells], 1)]),
        )
        zero, none = np.zeros(n, np.int64), np.full(n, NO_LIMIT)
        return matrix, np.concatenate([zero, -none]), np.concatenate([none, zero])

    def rows_of(self, rules: Sequence[int]) -> Ints:
        """The rows of some rules, by their indices."""
        return np.flatnonzero(np.isin(self.problem.row_rule, np.array(list(rules), dtype=np.int64)))

    def of_rules(self, rules: Sequence[int]) -> Status:
        """Whether all rows of some rules hold together."""
        return self.status(self.rows_of(rules))

    def atoms(self, rules: Sequence[int]) -> dict[tuple[int, Label], Ints]:
        """The rows of each group of some rules: those that state its bound, and those that say what is counted there."""
        problem = self.problem
        found: dict[tuple[int, Label], list[int]] = {}
        users: dict[int, set[tuple[int, Label]]] = {}  # of a column that a rule added: the groups whose bounds read it
        counting: list[tuple[int, list[int]]] = []
        for row in self.rows_of(rules).tolist():
            group = int(problem.row_rule[row]), problem.row_label[row]
            columns = problem.matrix.column[problem.matrix.start[row] : problem.matrix.start[row + 1]]
            own = columns[problem.column_rule[columns] >= 0].tolist()
            if not problem.row_states[row]:
                counting.append((row, own))
                continue
            found.setdefault(group, []).append(row)
            for column in own:
                users.setdefault(column, set()).add(group)
        for row, own in counting:
            of = set().union(*(users.get(column, ()) for column in own))
            for group in of or [group for group in found if group[0] == problem.row_rule[row]]:
                found[group].append(row)
        return {group: np.array(sorted(rows), np.int64) for group, rows in found.items()}

    def short(self, rows: Ints) -> list[Shortfall]:
        """What of these rows cannot be met, with the rows about single cells as bounds of these."""
        chosen = self.problem.matrix.select(rows)
        low, high = self.problem.row_lower[rows], self.problem.row_upper[rows]
        lower, upper = tightened(chosen, low, high, self.lower, self.upper)
        return shortfalls(self.problem, rows, lower, upper, self.endless & (upper == self.upper))

    def status(self, rows: Ints | list[int]) -> Status:
        """Infeasible; a plan; or no plan, where the time is over."""
        if self.clock.over:
            return Status.NO_PLAN
        if not len(rows):
            return Status.NOT_PROVED
        self.solves += 1
        part = self.part(np.asarray(rows, dtype=np.int64))
        if part is None:
            return Status.INFEASIBLE
        return self._settled(part).status

    def _settled(self, part: Subproblem) -> SolverResult:
        """No progress is told: these problems take moments."""
        return settled(self.solver, part, self.clock, untold, Say("faults.lost.conflict"))

    def end(self, summed: Ints, rows: Ints, *, most: bool) -> int | None:
        """The most (or the least) that some rows come to together where others hold; None where that is not known, or no end."""
        if not len(summed) or self.clock.over:
            return None
        self.solves += 1
        own = self.problem.matrix.select(summed)
        part = self.part(rows, own.column)
        if part is None:
            return None
        used = self.used(rows, own.column)
        cost = np.zeros(len(used), np.int64)
        np.add.at(cost, np.searchsorted(used, own.column), -own.value if most else own.value)
        asked = replace(part, cost=cost)
        outcome = self._settled(asked)
        if outcome.status != Status.OPTIMAL or outcome.x is None:
            return None
        at_no_end = self.endless[used] & (outcome.x == self.upper[used]) & (cost < 0)
        return None if at_no_end.any() else (-1 if most else 1) * int(np.dot(cost, outcome.x))

    def used(self, rows: Ints, more: Ints = NONE) -> Ints:
        """The columns of some rows, with those of the marks and further ones."""
        used: Ints = np.unique(np.concatenate([self.problem.matrix.select(rows).column, self.marks[0].column, more]))
        return used

    def part(self, rows: Ints, more: Ints = NONE) -> Subproblem | None:
        """Those rows, with the marks' own; None where a row without any column already fails. `more`: further columns."""
        problem, (marks, mark_low, mark_high) = self.problem, self.marks
        chosen = problem.matrix.select(rows)
        low, high = problem.row_lower[rows], problem.row_upper[rows]
        empty = np.diff(chosen.start) == 0
        if np.any(empty & ((low > 0) | (high < 0))):
            return None
        start = np.concatenate([chosen.start, chosen.start[-1] + marks.start[1:]])
        column = np.concatenate([chosen.column, marks.column])
        value = np.concatenate([chosen.value, marks.value])
        used = self.used(rows, more)
        place = np.searchsorted(used, column)
        matrix = Matrix(start, place, value)
        return Subproblem(
            matrix,
            np.concatenate([low, mark_low]),
            np.concatenate([high, mark_high]),
            self.lower[used],
            self.upper[used],
            np.zeros(len(used), np.int64),
        )
