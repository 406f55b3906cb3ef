"""The rules with bounds that may give way, each at a price: the least that must change, exactly.

Lives here: the integer programme in which each declared bound may move by whole numbers of its own unit; the cheapest moves,
others after them, all that cost as little.
Not here: which bounds may move and what moves are called (repairs.py), the rows alone (feasibility.py).

A row  L <= a x <= U  becomes  L - s <= a x <= U + t  with whole numbers s, t >= 0, counted in the declared unit: places, groups,
points. Rows that say what a helper means never move. What is found costs the least as proved by the solver; the next one must
spare some rule that each earlier one touches, or some bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np

from allocator.explain.feasibility import Feasibility
from allocator.model.eased import Side
from allocator.model.query import NO_LIMIT, Ints, Label
from allocator.model.rule import Judged
from allocator.model.status import Status
from allocator.problem.arrays import Matrix
from allocator.solve import Clock
from allocator.solve.solvers import settled
from allocator.solve.subproblem import Subproblem, untold

MOST_MOVED = 10**6  # of one bound, in its unit
FEW_S = 4.0  # seconds in which, among the cheapest, moves of fewer bounds are looked for
MANY = 20  # groups of a rule: exceptions for single ones among so many are told only where nothing else is as cheap

Lever = tuple[int, Label, Side]  # a rule by its index, one of its groups, the bound
Moves = dict[Lever, int]


@dataclass(frozen=True)
class Least:
    """The cheapest moves: what they cost, the amounts of all cells in a plan that they make possible."""

    cost: Fraction
    moves: Moves
    amounts: Ints


class _Rows:
    """Rows put together one by one."""

    def __init__(self) -> None:
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[Ints] = []
        self.low: list[int] = []
        self.high: list[int] = []

    def add(self, columns: Collection[int], values: Collection[int], low: int, high: int) -> None:
        self.row.append(np.full(len(columns), len(self.low), np.int64))
        self.column.append(np.array(list(columns), np.int64))
        self.value.append(np.array(list(values), np.int64))
        self.low.append(low)
        self.high.append(high)


class Elastic:
    """Some rows of a problem with bounds that may move. price: of each 1 by which a bound of a rule moves; None: it stays.

    alike: the bounds of all groups of a rule move by as much; their label is then ().
    """

    def __init__(
        self, asked: Feasibility, rows: Ints, price: Callable[[int], Fraction | None], *, alike: bool = False
    ) -> None:
        self.asked, self.problem, self.alike = asked, asked.problem, alike
        self.used = asked.used(rows)
        self.levers: dict[Lever, list[int]] = {}  # with their columns
        self.prices: list[Fraction] = []  # of the columns behind the problem's own
        self.most: list[int] = []
        self.judged: dict[int, dict[Label, Judged]] = {}
        self.rows = _Rows()
        part = asked.part(np.zeros(0, np.int64), self.used)
        assert part is not None
        self.lower, self.upper = part.lower, part.upper
        for r in range(part.matrix.height):  # what marks mean
            own = slice(int(part.matrix.start[r]), int(part.matrix.start[r + 1]))
            low, high = int(part.row_lower[r]), int(part.row_upper[r])
            self.rows.add(part.matrix.column[own], part.matrix.value[own], low, high)
        for row in rows.tolist():
            self._row(row, price)

    # The rows -------------------------------------------------------------------------------------------------------------

    def _row(self, row: int, price: Callable[[int], Fraction | None]) -> None:
        problem = self.problem
        own = slice(int(problem.matrix.start[row]), int(problem.matrix.start[row + 1]))
        columns = np.searchsorted(self.used, problem.matrix.column[own])
        values = problem.matrix.value[own]
        low, high = int(problem.row_lower[row]), int(problem.row_upper[row])
        rule = int(problem.row_rule[row])
        paid = price(rule) if problem.row_states[row] else None
        if paid is None:
            self.rows.add(columns, values, low, high)
            return
        unit = Fraction(int(problem.row_scale[row]), int(problem.row_factor[row]))
        times, step = unit.denominator, unit.numerator
        reach = float(np.abs(values).astype(np.float64) @ self.upper[columns]) * times
        sides: tuple[tuple[Side, int], ...] = (("at_least", low), ("at_most", high))
        for side, limit in sides:
            if abs(limit) == NO_LIMIT:
                continue
            exact = self._exact(rule, row, side == "at_least", Fraction(limit), unit)
            bound = ceil(exact * times) if side == "at_least" else floor(exact * times)
            most = min(int((reach + abs(bound)) / step) + 1, MOST_MOVED)
            label = () if self.alike else problem.row_label[row]
            column = self._moving((rule, label, side), paid, most)
            ends = (bound, NO_LIMIT) if side == "at_least" else (-NO_LIMIT, bound)
            sign = step if side == "at_least" else -step
            self.rows.add([*columns.tolist(), column], [*(values * times).tolist(), sign], *ends)

    def _exact(self, rule: int, row: int, least: bool, limit: Fraction, unit: Fraction) -> Fraction:
        """The bound of a row as it is declared, before it was rounded to what whole numbers can be."""
        if rule not in self.judged:
            self.judged[rule] = {one.label: one for one in self.problem.rules[rule].audit(self.problem.tables)}
        one = self.judged[rule].get(self.problem.row_label[row])
        bound = None if one is None else one.at_least if least else one.at_most
        if one is None or bound is None or one.found is None:
            return limit
        exact = (bound - one.found) * unit
        return exact if (ceil(exact) if least else floor(exact)) == limit else limit

    def _moving(self, lever: Lever, paid: Fraction, most: int) -> int:
        if self.alike and lever in self.levers:
            column = self.levers[lever][0]
            self.most[column - len(self.used)] = max(self.most[column - len(self.used)], most)
            return column
        column = len(self.used) + len(self.prices)
        self.levers.setdefault(lever, []).append(column)
        self.prices.append(paid)
        self.most.append(most)
        return column

    # What is asked --------------------------------------------------------------------------------------------------------

    def least(self, rules: Collection[int] | None = None) -> tuple[Status, Least | None]:
        """The cheapest moves of bounds of these rules (None: of all that may move); of those, some with few bounds."""
        return self._cheapest(lambda most: _Extra(self, rules, most))

    def others(self, found: Sequence[Least], most: Fraction) -> tuple[Status, Least | None]:
        """The cheapest moves that spare a rule that each of these touches, for at most so much."""

        def extra(cost: Fraction | None) -> _Extra:
            made = _Extra(self, None, most if cost is None else cost)
            for one in found:
                made.spare_a_rule({rule for rule, _, _ in one.moves})
            return made

        return self._cheapest(extra)

    def _cheapest(self, extra: Callable[[Fraction | None], _Extra]) -> tuple[Status, Least | None]:
        """What costs the least; then, for a while, moves of fewer bounds that cost as little are looked for."""
        status, found = self._solved(extra(None), self.asked.clock)
        if found is None:
            return status, None
        held = extra(found.cost)
        held.cost_is(found.cost)
        _, fewest = self._solved(held, self.asked.clock.within(FEW_S), few=True)
        return Status.OPTIMAL, fewest or found

    def as_cheap(self, found: Sequence[Least], cost: Fraction) -> tuple[Status, Least | None]:
        """Other moves that cost exactly so much, which is the least."""
        extra = _Extra(self, None, cost)
        extra.cost_is(cost)
        for one in found:
            extra.move_less(one.moves)
        return self._solved(extra, self.asked.clock)

    def _solved(self, extra: _Extra, clock: Clock, *, few: bool = False) -> tuple[Status, Least | None]:
        """few: with the fewest bounds, those of many groups counted twice; the best that the time gives."""
        if clock.over:
            return Status.NO_PLAN, None
        self.asked.solves += 1
        answer = settled(self.asked.solver, extra.subproblem(few), clock, untold)
        if answer.x is None or not (answer.status == Status.OPTIMAL or (few and answer.status.planned)):
            return answer.status, None
        x = answer.x
        moved = {lever: sum(int(x[c]) for c in columns) for lever, columns in self.levers.items()}
        moves = {lever: by for lever, by in moved.items() if by}
        first = len(self.used)
        cost = sum((price * int(x[first + k]) for k, price in enumerate(self.prices)), Fraction(0))
        amounts = np.zeros(self.problem.columns, np.int64)
        amounts[: self.problem.cells] = self.problem.lower[: self.problem.cells]
        amounts[self.used] = x[: len(self.used)]
        return Status.OPTIMAL, Least(cost, moves, amounts[: self.problem.cells])


class _Extra:
    """The programme of an Elastic with further rows, for one question. most: nothing dearer is looked for."""

    def __init__(self, of: Elastic, rules: Collection[int] | None = None, most: Fraction | None = None) -> None:
        self.of, self.rows = of, _Rows()
        allowed = {c for lever, held in of.levers.items() if rules is None or lever[0] in rules for c in held}
        first = len(of.used)
        self.upper = [bound if first + k in allowed else 0 for k, bound in enumerate(of.most)]
        self.scale = lcm(1, *(price.denominator for price in of.prices))
        self.cost = [int(price * self.scale) for price in of.prices]
        if most is not None:
            self.upper = [min(u, int(most / price)) for u, price in zip(self.upper, of.prices, strict=True)]
            self._priced(-NO_LIMIT, floor(most * self.scale))
        self.switches = 0  # columns of 0 and 1 behind those that move

    def _priced(self, low: int, high: int) -> None:
        first = len(self.of.used)
        self.rows.add(range(first, first + len(self.cost)), self.cost, low, high)

    def cost_is(self, cost: Fraction) -> None:
        self._priced(int(cost * self.scale), int(cost * self.scale))

    def _switch(self) -> int:
        self.switches += 1
        return len(self.of.used) + len(self.of.prices) + self.switches - 1

    def _most(self, columns: Sequence[int]) -> int:
        return sum(self.upper[c - len(self.of.used)] for c in columns)

    def _on(self, columns: Sequence[int]) -> int:
        """A switch that is 1 where any of these columns is not 0."""
        switch = self._switch()
        for column in columns:
            self.rows.add([column, switch], [1, -max(self._most([column]), 1)], -NO_LIMIT, 0)
        return switch

    def spare_a_rule(self, rules: Collection[int]) -> None:
        """Not all of these rules move."""
        on = [
            self._on([c for lever, held in self.of.levers.items() if lever[0] == rule for c in held]) for rule in rules
        ]
        self.rows.add(on, [1] * len(on), -NO_LIMIT, len(on) - 1)

    def move_less(self, moves: Moves) -> None:
        """Some of these bounds moves by less."""
        less = []
        for lever, by in moves.items():
            columns, switch = self.of.levers[lever], self._switch()
            most = self._most(columns)
            self.rows.add(
                [*columns, switch], [*[1] * len(columns), max(most - by + 1, 0)], -NO_LIMIT, max(most, by - 1)
            )
            less.append(switch)
        self.rows.add(less, [1] * len(less), 1, NO_LIMIT)

    def subproblem(self, few: bool) -> Subproblem:
        of, first = self.of, len(self.of.used)
        cost, counted = list(self.cost), list[int]()
        twice: list[int] = []
        if few:
            groups = Counter(rule for rule, _, _ in of.levers)
            for (rule, _, _), held in of.levers.items():
                if self._most(held):
                    counted.append(self._on(held))
                    twice += counted[-1:] if groups[rule] > MANY else []
            cost = [0] * len(cost)
        width = first + len(of.prices) + self.switches
        whole = np.zeros(width, np.int64)
        whole[first : first + len(cost)] = cost
        whole[counted] = 1
        whole[twice] = 2
        upper = np.concatenate([of.upper, np.array(self.upper, np.int64), np.ones(self.switches, np.int64)])
        lower = np.concatenate([of.lower, np.zeros(width - first, np.int64)])
        height = len(of.rows.low)
        row = np.concatenate([np.zeros(0, np.int64), *of.rows.row, *(held + height for held in self.rows.row)])
        column = np.concatenate([np.zeros(0, np.int64), *of.rows.column, *self.rows.column])
        value = np.concatenate([np.zeros(0, np.int64), *of.rows.value, *self.rows.value])
        low = np.array([*of.rows.low, *self.rows.low], np.int64)
        high = np.array([*of.rows.high, *self.rows.high], np.int64)
        return Subproblem(Matrix.of(len(low), row, column, value), low, high, lower, upper, whole)
