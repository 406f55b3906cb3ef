"""A problem as text, in the manner of an LP file: what a person reviews, and what stays the same from run to run.

Lives here: names of rows and columns, one line a row, sorted.
Not here: making the problem (assemble.py), reading such a file (nobody does: solvers get arrays).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from allocator.model.naming import joined
from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Problem


def lp_text(problem: Problem) -> str:
    """The rows as `rule[group]: 1 <= + x[A,aid,2013] + 2 x[B,aid,2013] <= 3`, then the bounds of the columns.

    Rows are sorted by name; terms stand in the order of the columns (cells, marks, helpers), all of them whole numbers.
    Figures are those of the matrix: the declared ones times a scale, divided by a common factor.
    """
    names = column_names(problem)
    matrix = problem.matrix
    rows = []
    for r in range(matrix.height):
        span = slice(int(matrix.start[r]), int(matrix.start[r + 1]))
        terms = zip(matrix.column[span].tolist(), matrix.value[span].tolist(), strict=True)
        left = " ".join(_term(value, names[column]) for column, value in terms) or "0"
        rows.append(f" {problem.row_name(r)}: {_between(left, int(problem.row_lower[r]), int(problem.row_upper[r]))}")
    bounds = [f" {_between(name, int(problem.lower[c]), int(problem.upper[c]))}" for c, name in enumerate(names)]
    return "\n".join(["Subject To", *sorted(rows), "Bounds", *sorted(bounds), "End", ""])


def column_names(problem: Problem) -> list[str]:
    """`x[unit,program,period]`, `award[...]` for its 0/1 mark, `rule:1`, `rule:2` for the helpers of a rule, `rule:miss1`."""
    return [*(f"x[{joined(problem.cell(c))}]" for c in range(problem.cells)), *helper_names(problem)]


def helper_names(problem: Problem) -> list[str]:
    """The names of the columns after the cells."""
    marked = np.flatnonzero(problem.mark >= problem.cells).tolist()
    names = [f"award[{joined(problem.cell(c))}]" for c in marked]
    misses = set(problem.misses.column.tolist())
    numbers: Counter[str] = Counter()
    for column in range(problem.cells + len(names), problem.columns):
        what = f"{problem.rules[int(problem.column_rule[column])].id}:{'miss' if column in misses else ''}"
        numbers[what] += 1
        names.append(f"{what}{numbers[what]}")
    return names


def _term(value: int, name: str) -> str:
    size = "" if abs(value) == 1 else f"{abs(value)} "
    return f"{'+' if value > 0 else '-'} {size}{name}"


def _between(middle: str, low: int, high: int) -> str:
    if low == high:
        return f"{middle} = {low}"
    left = f"{low} <= " if low > -NO_LIMIT else ""
    right = f" <= {high}" if high < NO_LIMIT else ""
    return f"{left}{middle}{right}"
