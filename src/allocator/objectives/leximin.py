"""The sorted vector of the groups' values, compared from the smallest up, as large as possible.

Lives here: that search, level after level, and the rows that hold the vector.
Not here: the groups' values and their levels (objectives/levels.py), the objective's fields (objectives/fair.py).

The highest level v that all groups can reach is the smallest value. Then: of the groups that can stand at v exactly, as many as
possible above it; then the highest level that all groups above v can reach; and so on. A group that can stand at v is
told from one above it by one 0/1 column, so columns grow with the groups and the levels they end at, not with the amounts;
where no two groups can stand at one level (denominators of real populations) there are none at all. What is held is how many
groups reach each level of the vector, not which.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Ints, Label, Rows, Stage
from allocator.objectives.levels import NOTHING, Sums


def leximin(sums: Sums, solver: Asker) -> None:
    """Find the vector and hold it."""
    search = _Leximin(sums, solver)
    while search.left:
        search.level()


class _Leximin:
    """Groups above the last level: the `sure` ones, and those of which a number (`left` in all) is above in any plan.

    above[g]: the column that is 1 only where g is above; floor[g]: what T_g reaches also where it is not.
    """

    def __init__(self, sums: Sums, solver: Asker) -> None:
        self.sums, self.solver = sums, solver
        self.total = sums.columns(solver)
        self.sure = list(range(len(sums)))
        self.above: dict[int, int] = {}
        self.floor: dict[int, int] = {}
        self.left = len(sums)
        answer = solver.ask(NOTHING, hold=False)
        assert answer is not None
        self.values = sums.values(answer.amounts)

    def level(self) -> None:
        """The next level of the vector: its value, and how many groups stand there."""
        v = self.sums.highest(self._worth, self._reached(self.values), self._reached(self._tops()))
        need, most = self.sums.at_least(v), self.sums.at_most(v)
        at = [g for g in (*self.sure, *self.above) if most[g] == need[g]]
        can_rise = [g for g in at if need[g] < self.sums.size[g]]
        if not self.above and (len(at) == 1 or not can_rise):
            self._settle(at, need)
        else:
            self._count(v, at, can_rise, need)

    def _tops(self) -> list[Fraction]:
        return [self.sums.top(g) for g in range(len(self.sums))]

    def _reached(self, values: list[Fraction]) -> Fraction:
        """What all `left` groups above reach: in the plan of these values exactly so many are above the last level."""
        least = [values[g] for g in self.sure]
        if self.above:
            least.append(sorted((values[g] for g in (*self.sure, *self.above)), reverse=True)[self.left - 1])
        return min(least)

    def _worth(self, v: Fraction) -> Fraction | None:
        answer = self.solver.ask(NOTHING, hold=False, under=[self._rows(v)])
        if answer is None:
            return None
        self.values = self.sums.values(answer.amounts)
        return self._reached(self.values)

    def _rows(self, v: Fraction) -> Rows:
        """Every group above is at v or higher."""
        need = self.sums.at_least(v).tolist()
        rows = _Made(self.sums.groups.labels)
        for g in self.sure:
            rows.add(g, need[g], (int(self.total[g]), 1))
        for g, column in self.above.items():
            rows.add(g, self.floor[g], (int(self.total[g]), 1), (column, self.floor[g] - need[g]))
        return rows.rows()

    def _settle(self, at: list[int], need: Ints) -> None:
        """The groups at the level are known: they stay there. (One group: were it not stuck, all could reach more.)"""
        rows = _Made(self.sums.groups.labels)
        for g in at:
            rows.add(g, int(need[g]), (int(self.total[g]), 1), most=int(need[g]))
        self.solver.require(rows.rows())
        self.sure = [g for g in self.sure if g not in at]
        self.left = len(self.sure)

    def _count(self, v: Fraction, at: list[int], can_rise: list[int], need: Ints) -> None:
        """As many groups as possible above the level; which of them stays open."""
        self.solver.require(self._rows(v))
        rows = _Made(self.sums.groups.labels)
        for k, g in enumerate(can_rise):
            if g in self.above:
                floor, column = self.floor[g], self.above[g]
                rows.add(g, floor, (int(self.total[g]), 1), (column, floor - int(need[g])), (-1 - k, -1))
                rows.add(g, 0, (column, 1), (-1 - k, -1))
            else:
                rows.add(g, int(need[g]), (int(self.total[g]), 1), (-1 - k, -1))
        columns = self.solver.require(rows.rows(helpers=len(can_rise))).tolist()
        for g in self.sure:
            self.floor[g] = int(need[g])
        self.sure = [g for g in self.sure if g not in at]
        self.above = {
            **{g: column for g, column in self.above.items() if g not in at},
            **dict(zip(can_rise, columns, strict=True)),
        }
        asked = np.array(list(self.above.values()), dtype=np.int64)
        answer = self.solver.ask(Stage("maximize", asked, np.ones(len(asked), np.int64), constant=len(self.sure)))
        assert answer is not None
        self.values, self.left = self.sums.values(answer.amounts), int(answer.value)
        if self.left in (len(self.sure), len(self.sure) + len(asked)):  # none of them, or all: nothing is open
            self.sure += self.above if self.left > len(self.sure) else ()
            self.above = {}


class _Made:
    """Rows made one by one."""

    def __init__(self, labels: tuple[Label, ...]) -> None:
        self.all = labels
        self.labels: list[Label] = []
        self.lower: list[int] = []
        self.upper: list[int] = []
        self.triplets: list[tuple[int, int, int]] = []

    def add(self, g: int, least: int, *terms: tuple[int, int], most: int = NO_LIMIT) -> None:
        self.triplets += [(len(self.labels), column, coefficient) for column, coefficient in terms]
        self.labels.append(self.all[g])
        self.lower.append(least)
        self.upper.append(most)

    def rows(self, helpers: int = 0) -> Rows:
        return Rows.build(self.labels, self.lower, self.upper, self.triplets, helper_upper=[1] * helpers)
