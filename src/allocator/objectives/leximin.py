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

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Label, Rows, Stage
from allocator.objectives.levels import FEW, NOTHING, Sums


def leximin(sums: Sums, solver: Asker) -> None:
    """Find the vector and hold it."""
    search = _Leximin(sums, solver)
    while search.left:
        search.level()


def levels_kept(sums: Sums, solver: Asker, vector: Sequence[Fraction]) -> None:
    """Require that the smallest value is not below the first of the vector (ascending), the next not below the next, ...

    For each level of the vector: as many groups reach it as the vector has figures from there on.
    """
    total = sums.columns(solver)
    rows, helpers = _Made(sums.groups.labels), 0
    for level in sorted(set(vector)):
        need = sums.at_least(level).tolist()
        reaching = sum(figure >= level for figure in vector)
        open_ = [g for g in range(len(sums)) if need[g]]
        for k, g in enumerate(open_):
            if reaching == len(sums):
                rows.add(g, need[g], (int(total[g]), 1))
            else:
                rows.add(g, 0, (int(total[g]), 1), (-1 - helpers - k, -need[g]))
        if reaching < len(sums) and open_:
            marks = [(-1 - helpers - k, 1) for k in range(len(open_))]
            rows.add(open_[0], reaching - (len(sums) - len(open_)), *marks)
            helpers += len(open_)
    solver.require(rows.rows(helpers=helpers))


class _Leximin:
    """Groups above the last level: the `sure` ones, and those of which a number (`left` in all) is above in any plan.

    above[g]: the column that is 1 only where g is above; floor[g]: what T_g reaches also where it is not. there: the plan
    at hand was at the last level already.
    """

    def __init__(self, sums: Sums, solver: Asker) -> None:
        self.sums, self.solver = sums, solver
        self.total = sums.columns(solver)
        self.sure = list(range(len(sums)))
        self.above: dict[int, int] = {}
        self.floor: dict[int, int] = {}
        self.left = len(sums)
        self.there = False
        answer = solver.ask(NOTHING, hold=False)
        assert answer is not None
        self.values = sums.values(answer.amounts)

    def level(self) -> None:
        """The next level of the vector: its value, and how many groups stand there."""
        lo, hi = self._reached(self.values), self._reached(self._tops())
        if self.there or self.sums.count(lo, hi) <= FEW:  # the plan at hand may well be at the level: ask at once
            self.there = self._count(lo)
            if self.there:
                return
        v = self.sums.highest(self._worth, self._reached(self.values), hi, self._relaxed)
        self.there = v == lo
        self._count(v)

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

    def _relaxed(self) -> Fraction | None:
        among = [*((g, None) for g in self.sure), *self.above.items()]
        return self.sums.relaxed(self.solver, among=among)

    def _count(self, v: Fraction) -> bool:
        """As many groups as possible above a level that all reach; whether some must stay there. Which do may be open."""
        need, most = self.sums.at_least(v).tolist(), self.sums.at_most(v).tolist()
        at = [g for g in (*self.sure, *self.above) if most[g] == need[g]]
        can_rise = [g for g in at if need[g] < self.sums.size[g]]
        self.solver.require(self._rows(v))
        rows = _Made(self.sums.groups.labels)
        for k, g in enumerate(can_rise):
            if g in self.above:
                floor, column = self.floor[g], self.above[g]
                rows.add(g, floor, (int(self.total[g]), 1), (column, floor - need[g]), (-1 - k, -1))
                rows.add(g, 0, (column, 1), (-1 - k, -1))
            else:
                rows.add(g, need[g], (int(self.total[g]), 1), (-1 - k, -1))
        columns = dict(zip(can_rise, self.solver.require(rows.rows(helpers=len(can_rise))).tolist(), strict=True))
        rest = [g for g in self.sure if g not in at]
        above = {**{g: column for g, column in self.above.items() if g not in at}, **columns}
        asked = np.array(list(above.values()), dtype=np.int64)
        answer = self.solver.ask(Stage("maximize", asked, np.ones(len(asked), np.int64), constant=len(rest)))
        assert answer is not None
        self.values = self.sums.values(answer.amounts)
        if answer.value == self.left:
            return False
        self.left = int(answer.value)
        if self.left == len(rest):
            stay = _Made(self.sums.groups.labels)
            for g in at:
                if g in self.sure:
                    stay.add(g, need[g], (int(self.total[g]), 1), most=need[g])
            self.solver.require(stay.rows())
        self.floor |= {g: need[g] for g in self.sure}
        if self.left in (len(rest), len(rest) + len(asked)):  # none of them, or all: nothing is open
            rest += above if self.left > len(rest) else ()
            above = {}
        self.sure, self.above = rest, above
        return True


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
