"""The price list of a plan: per program and year what a unit had to be worth, in the classes that the rules make.

Lives here: `cutoffs`: thresholds of cells from the prices of the first objective that counts them, and their classes.
Not here: which prices are chosen (certificate/thresholds.py), how the list is shown (report/cutoffs.py).

Each cell of that objective is checked: with an award its worth is at least its threshold, without one at most. Where both are
equal, the threshold does not decide: another rule, a later objective or the draw did (firmness.py says which).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from allocator.certificate.chain import Chain, Proved, chain_of
from allocator.certificate.thresholds import chosen_prices, own_rows
from allocator.model.objective import Objective
from allocator.model.query import Ints, Label
from allocator.model.rule import Rule
from allocator.problem import Problem
from allocator.solve import Clock, Solution
from allocator.solve.subproblem import Prices
from allocator.solve.trace import Held, NoPlan


@dataclass(frozen=True)
class Amount:
    """What one rule (or an earlier objective) adds to a threshold; `label`: the group. `own`: of a row about this unit alone."""

    source: str
    label: Label
    by: Fraction
    rule: bool = True
    own: bool = False


@dataclass(frozen=True)
class Cell:
    """One decision: the worth of a unit in its program and year, its threshold, and what the threshold is made of."""

    unit: str
    program: str
    period: int
    objective: str
    worth: Fraction
    threshold: Fraction
    awarded: bool
    amounts: tuple[Amount, ...]
    less: bool = False  # less is better: with an award the worth is at most the threshold

    @property
    def equal(self) -> bool:
        return self.worth == self.threshold

    @property
    def holds(self) -> bool:
        """An award has at least the threshold, a refusal at most."""
        above = self.worth - self.threshold if not self.less else self.threshold - self.worth
        return above >= 0 if self.awarded else above <= 0


@dataclass(frozen=True)
class Class:
    """The cells of one program and year whose thresholds come from the same rules, the fewest first.

    sources: the rules beside those that all of its classes have. otherwise: what a unit gets in other years or programs raises
    its own threshold; such cells are one class, each with its own sum.
    """

    program: str
    period: int
    sources: tuple[str, ...]
    cells: tuple[Cell, ...]
    otherwise: bool = False

    @property
    def thresholds(self) -> tuple[Fraction, ...]:
        return tuple(sorted({cell.threshold for cell in self.cells}))

    @property
    def lowest_awarded(self) -> Fraction | None:
        return min((cell.worth for cell in self.cells if cell.awarded), default=None)

    @property
    def highest_refused(self) -> Fraction | None:
        return max((cell.worth for cell in self.cells if not cell.awarded), default=None)


@dataclass(frozen=True)
class Cutoffs:
    """`free`: rules that cost nothing in any of these objectives; `open`: objectives that have no exact prices.

    declared: what each source of an amount is.
    """

    cells: tuple[Cell, ...]
    free: tuple[str, ...]
    open: tuple[str, ...] = ()
    declared: Mapping[str, Rule | Objective] = field(default_factory=dict, compare=False, repr=False)

    @property
    def classes(self) -> tuple[Class, ...]:
        ordered = sorted(self.cells, key=lambda cell: (cell.program, cell.period))
        found: list[Class] = []
        for (program, period), cells in groupby(ordered, key=lambda cell: (cell.program, cell.period)):
            found += _classes(program, period, list(cells))
        return tuple(found)

    @property
    def record(self) -> list[dict[str, Any]]:
        """The classes as plain values; figures are exact texts."""
        return [
            {
                "program": one.program,
                "period": one.period,
                "rules": list(one.sources),
                "otherwise": one.otherwise,
                "thresholds": [str(threshold) for threshold in one.thresholds],
                "awarded": sum(cell.awarded for cell in one.cells),
                "refused": sum(not cell.awarded for cell in one.cells),
                "equal": sum(cell.equal for cell in one.cells),
                "lowest_awarded": None if one.lowest_awarded is None else str(one.lowest_awarded),
                "highest_refused": None if one.highest_refused is None else str(one.highest_refused),
            }
            for one in self.classes
        ]

    def of(self, unit: str) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.unit == unit)


def _classes(program: str, period: int, cells: list[Cell]) -> Iterator[Class]:
    by: dict[tuple[str, ...], list[Cell]] = {}
    otherwise: list[Cell] = []
    for cell in cells:
        if any(amount.own and _harder(cell, amount) for amount in cell.amounts):
            otherwise.append(cell)
        else:
            by.setdefault(_sources([cell]), []).append(cell)
    common = set.intersection(*map(set, by)) if by else set()
    for sources in sorted(by, key=lambda s: (len(s), -len(by[s]), s)):
        yield Class(program, period, tuple(s for s in sources if s not in common), tuple(by[sources]))
    if otherwise:
        own = {a.source for cell in otherwise for a in cell.amounts if a.own and _harder(cell, a)}
        yield Class(program, period, tuple(sorted(own)), tuple(otherwise), otherwise=True)


def _harder(cell: Cell, amount: Amount) -> bool:
    return amount.by < 0 if cell.less else amount.by > 0


def _sources(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(sorted({amount.source for cell in cells for amount in cell.amounts}))


def cutoffs(problem: Problem, solution: Solution, clock: Clock, chain: Chain | None = None) -> Cutoffs | None:
    """The price list of a solution that is optimal; None where it is not, or a limit came first. Raises Stopped.

    chain: the proofs of the solution, where they are at hand.
    """
    chain = chain or chain_of(problem, solution, clock)
    if chain is None:
        return None
    reading = _Reading(problem, chain.x, clock)
    for name, step in zip(chain.names, chain.proved, strict=True):
        reading.stage(name, step)
    priced = {amount.source for cell in reading.cells for amount in cell.amounts if amount.rule}
    free = tuple(rule.id for rule in problem.rules if rule.id not in priced)
    declared: dict[str, Rule | Objective] = {one.id: one for one in problem.model.policy.objectives}
    declared |= {rule.id: rule for rule in problem.rules}
    return Cutoffs(tuple(sorted(reading.cells, key=_order)), tuple(sorted(free)), tuple(reading.open), declared)


def _order(cell: Cell) -> tuple[str, int, str]:
    return cell.program, cell.period, cell.unit


class _Reading:
    """Takes the thresholds of each cell from the first objective that counts it."""

    def __init__(self, problem: Problem, x: Ints, clock: Clock) -> None:
        self.problem, self.x, self.clock = problem, x, clock
        self.owner = np.unique(problem.unit.astype(str), return_inverse=True)[1].astype(np.int64)
        self.cells: list[Cell] = []
        self.open: list[str] = []
        self.told = np.zeros(problem.cells, np.bool_)
        # Rows of the problem, then those of steps as they come: what each is of, its group, a name of its own.
        self.source = [problem.rules[r].id if r >= 0 else "award" for r in problem.row_rule.tolist()]
        self.label: list[Label] = list(problem.row_label)
        self.names = [problem.row_name(r) for r in range(problem.matrix.height)]

    def stage(self, name: str, proved: Proved) -> None:
        step, under = proved.step, proved.under
        if isinstance(step, NoPlan):
            return  # its rows do not stay
        self._rows(name, under.matrix.height)
        if not isinstance(step, Held) or proved.cost is None:
            return
        counted = np.flatnonzero(proved.cost[: self.problem.cells])
        counted = counted[under.free[counted] & ~self.told[counted]]
        counted = counted[(under.lower[counted] == 0) & (under.upper[counted] == 1)]
        if len(counted) and not step.give:
            prices = self._prices(proved)
            if prices is None:
                self.open.append(name)
            else:
                self._read(name, proved, step, prices, counted)
                self.told[counted] = True
        self._rows(name, under.matrix.height + 1)  # the value that is held

    def _rows(self, name: str, height: int) -> None:
        for number in range(len(self.names), height):
            self.source.append(name)
            self.label.append(())
            self.names.append(f"{name}|{number}")

    def _prices(self, proved: Proved) -> Prices | None:
        assert proved.cost is not None
        height, columns = proved.under.matrix.height, proved.under.columns
        order = {source: number for number, source in enumerate(sorted(set(self.source)))}
        rules = np.array([order[source] for source in self.source[:height]], np.int64)
        return chosen_prices(
            proved.under, proved.cost, self.x[:columns], self.owner, self.names[:height], rules, self.clock
        )

    def _read(self, name: str, proved: Proved, step: Held, prices: Prices, counted: Ints) -> None:
        assert proved.cost is not None
        matrix, own = proved.under.matrix, own_rows(proved.under.matrix, self.owner)
        less = step.stage.sense == "minimize"
        unit = Fraction(1 if less else -1, prices.scale * step.stage.scale)
        of, price = matrix.row, prices.price
        entries = np.flatnonzero((price != 0)[of] & np.isin(matrix.column, counted))
        found: dict[int, dict[tuple[str, Label, bool], int]] = {int(c): {} for c in counted}
        for e in entries.tolist():
            row, own_cell = int(of[e]), found[int(matrix.column[e])]
            key = self.source[row], () if own[row] else self.label[row], bool(own[row])
            own_cell[key] = own_cell.get(key, 0) + int(price[row]) * int(matrix.value[e])
        rules = {rule.id for rule in self.problem.rules}
        for c in counted.tolist():
            parts = [
                Amount(source, label, by * unit, source in rules, own_row)
                for (source, label, own_row), by in found[c].items()
                if by
            ]
            amounts = tuple(sorted(parts, key=lambda part: (-part.by, part.source, str(part.label))))
            worth = Fraction(int(proved.cost[c]), step.stage.scale) * (1 if less else -1)
            threshold = sum((amount.by for amount in amounts), Fraction(0))
            cell = self.problem.cell(c)
            self.cells.append(Cell(*cell, name, worth, threshold, bool(self.x[c]), amounts, less))
