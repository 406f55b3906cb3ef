"""How far an amount is from what it was: |x - x0| as a column, a coefficient and a constant.

Lives here: the helpers that whoever counts changes needs: both kinds of `keep`, a rule and an objective, and nearest plans.
Not here: which cells are counted, and what was awarded (rules/keep.py, objectives/keep.py).
Rows: for a cell that was 0 the change is x, for one that was at its upper bound it is x0 - x; else a helper d with
      d + x >= x0  and  d - x >= -x0.
"""

from __future__ import annotations

from allocator.model.query import Label


class Deviations:
    """The changes of cells, each with a helper where it needs one.

    labels, lower, triplets: rows `>= lower` over (row, column, coefficient); helpers are the columns -1, -2, ...
    room: the largest value of each helper.
    """

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self.lower: list[int] = []
        self.triplets: list[tuple[int, int, int]] = []
        self.room: list[int] = []
        self._helper: dict[int, int] = {}

    def of(self, column: int, upper: int, was: int, label: Label) -> tuple[int, int, int]:
        """(column, coefficient, constant) of the change of a cell: 0 <= x <= upper, x0 = was."""
        if was == 0:
            return column, 1, 0
        if was >= upper:
            return column, -1, was
        if column not in self._helper:
            self.room.append(max(was, upper - was))
            self._helper[column] = -len(self.room)
            for sign in (1, -1):
                row = len(self.labels)
                self.triplets += [(row, self._helper[column], 1), (row, column, sign)]
                self.labels.append(label)
                self.lower.append(sign * was)
        return self._helper[column], 1, 0
