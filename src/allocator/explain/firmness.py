"""How firm each decision of a plan is: what the best plan with the opposite decision loses, and in which objective.

Lives here: `firmness`: for each cell and each way (more, less), the first objective that must get worse, and by how much.
Not here: the proofs of the plan itself (certificate/), how it is shown (report/firmness.py).

The objectives are looked at in their order. Where some plan is as good in all of them, nothing but the draw decided. Prices of
the plan's own proof bound the loss from below, plans that were found on the way bound it from above; where both meet, nothing is
searched. What is searched is proved by the solver. An objective of several questions has no single loss: there it is asked
whether any plan that is as good has the opposite decision, by plans that change as many open decisions as possible at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

import numpy as np

from allocator.certificate.chain import Chain, Proved
from allocator.certificate.system import System
from allocator.model.query import Ints
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve.parts import Stopped
from allocator.solve.solvers import backend, settled
from allocator.solve.state import components
from allocator.solve.subproblem import Clock, Subproblem, untold
from allocator.solve.trace import Held

About = tuple[()] | tuple[str] | tuple[str, str] | tuple[str, str, int]  # a unit, a program, a year
Flip = tuple[int, int]  # a cell, and 1 for more or -1 for less than it has
Counted = Callable[[int, int], None]  # flips settled, of how many


@dataclass(frozen=True)
class Opposite:
    """One cell with more (way 1) or less (-1) than its amount.

    objective: the first that gets worse; None where none does: then the draw alone decided, or (`possible` False) no plan keeps
    the rules. loss: by how much at least, in the objective's unit; None where it has no single figure. turn: of that objective,
    among all that are asked one after the other (one that gives something up is asked again at the end).
    """

    unit: str
    program: str
    period: int
    amount: int
    way: int
    objective: str | None
    possible: bool = True
    loss: Fraction | None = None
    turn: int | None = None

    @property
    def drawn(self) -> bool:
        return self.possible and self.objective is None


@dataclass(frozen=True)
class Firmness:
    """Every opposite decision; `searched`: how many questions went to a solver."""

    opposites: tuple[Opposite, ...]
    searched: int


def firmness(
    problem: Problem,
    chain: Chain,
    clock: Clock,
    solver: str = "highs",
    counted: Counted | None = None,
    about: About = (),
) -> Firmness:
    """Of every cell that is a decision, or of those of one unit, one program of it, one year of that.

    Raises Stopped at a limit.
    """
    search = _Search(problem, chain.x, clock, solver, counted)
    search.only(about)
    search.rules()
    for turn, name, steps in turns(chain):
        first = steps[0].step
        search.turn = turn
        if len(steps) == 1 and isinstance(first, Held):
            search.stage(name, steps[0], first)
        else:
            search.required(name, steps[-1].after)
    return search.result()


def turns(chain: Chain) -> Iterator[tuple[int, str, list[Proved]]]:
    """The objectives as they are asked one after the other: number, id, steps."""
    for (turn, name), own in groupby(zip(chain.turns, chain.names, chain.proved, strict=True), key=lambda one: one[:2]):
        yield turn, name, [step for *_, step in own]


class _Search:
    """Flips that are open: some plan with them is as good in all that was looked at."""

    def __init__(self, problem: Problem, x: Ints, clock: Clock, solver: str, counted: Counted | None) -> None:
        self.problem, self.x, self.clock, self.engine = problem, x, clock, backend(solver)
        self.counted, self.searched, self.turn = counted, 0, 0
        lower, upper = problem.lower[: problem.cells], problem.upper[: problem.cells]
        self.every: list[Flip] = []
        for cell in range(problem.cells):
            self.every += [(cell, 1)] if x[cell] < upper[cell] else []
            self.every += [(cell, -1)] if x[cell] > lower[cell] else []
        self.open = dict.fromkeys(self.every)
        self.found: dict[Flip, Opposite] = {}

    def only(self, about: About) -> None:
        """Only decisions about what is named."""
        self.every = [flip for flip in self.every if self.problem.cell(flip[0])[: len(about)] == about]
        self.open = dict.fromkeys(self.every)

    # The steps --------------------------------------------------------------------------------------------------------

    def rules(self) -> None:
        """Flips that no plan has."""
        self._without(System.of(self.problem), None)

    def required(self, name: str, system: System) -> None:
        """Rows that an objective states: a flip that no plan has under them makes that objective worse."""
        self._without(system, name)

    def stage(self, name: str, proved: Proved, held: Held) -> None:
        """Flips that cost more than may be given up."""
        assert proved.cost is not None
        system, scale = proved.under, held.stage.scale
        least = self._least(proved)
        for part, columns in self._parts(system, proved.cost, whole=bool(held.give)):
            base = part.value(self.x[columns])
            room = held.value + held.give - int(np.dot(proved.cost, self.x[: system.columns]))  # what the plan leaves
            for flip, loss in self._losses(part, columns, base, least).items():
                if loss is None:
                    self._settle(flip, name, None)  # no plan has it under the rows of this objective
                elif loss > room:
                    self._settle(flip, name, Fraction(loss, scale))

    def result(self) -> Firmness:
        for flip in list(self.open):
            self._settle(flip, None, None)
        return Firmness(tuple(self.found[flip] for flip in self.every), self.searched)

    # Parts ------------------------------------------------------------------------------------------------------------

    def _without(self, system: System, name: str | None) -> None:
        tight = system.propagated()
        for cell, way in list(self.open):
            if (tight.upper if way > 0 else tight.lower)[cell] == self.x[cell]:
                self._settle((cell, way), name, None, possible=name is not None)
        for part, columns in self._parts(tight, np.zeros(system.columns, np.int64)):
            for flip in self._lacking(part, columns):
                self._settle(flip, name, None, possible=name is not None)

    def _parts(self, system: System, cost: Ints, *, whole: bool = False) -> list[tuple[Subproblem, Ints]]:
        """The parts that have an open flip, each with its columns; a flip of a fixed cell is settled before.

        whole: all of them as one: what one part gives up another one need not, where there is something to give up.
        """
        part_of = np.where(system.free, 0, -1) if whole else components(system.matrix, system.free)
        wanted = np.unique([part_of[cell] for cell, _ in self.open] or [-1])
        found = []
        for one in wanted[wanted >= 0]:
            columns = np.flatnonzero(part_of == one)
            found.append((system.part(columns, cost)[0], columns))
        return found

    def _losses(self, part: Subproblem, columns: Ints, base: int, least: dict[Flip, int]) -> dict[Flip, int | None]:
        """Of each open flip of a part, what it costs at least; None: no plan has it."""
        place = {int(column): i for i, column in enumerate(columns.tolist())}
        flips = [flip for flip in self.open if flip[0] in place]
        at = self.x[columns]
        best: dict[Flip, int] = {}
        found: dict[Flip, int | None] = {}
        for flip in sorted(flips, key=lambda flip: (least.get(flip, 0), flip)):
            bound = least.get(flip, 0)
            if flip not in best or best[flip] > bound:
                plan = self._asked(part, place[flip[0]], int(at[place[flip[0]]]), flip[1])
                if plan is None:
                    found[flip] = None
                    continue
                cost = part.value(plan) - base
                for other in flips:
                    change = int(plan[place[other[0]]] - at[place[other[0]]])
                    if change * other[1] > 0:
                        best[other] = min(best.get(other, cost), cost)
            found[flip] = best[flip]
        return found

    def _lacking(self, part: Subproblem, columns: Ints) -> list[Flip]:
        """The open flips of a part that no plan of it has."""
        place = {int(column): i for i, column in enumerate(columns.tolist())}
        at, chance = self.x[columns], np.random.default_rng(0)
        left = [flip for flip in self.open if flip[0] in place]
        lacking: list[Flip] = []
        while left:
            cost = np.zeros(len(columns), np.int64)
            for n in chance.permutation(len(left)).tolist():  # of a cell that may change both ways, either
                cost[place[left[n][0]]] = -left[n][1]
            cell, way = left[0]
            plan = self._asked(replace(part, cost=cost), place[cell], int(at[place[cell]]), way)
            if plan is None:
                lacking.append(left[0])
                left = left[1:]
            else:
                left = [(c, w) for c, w in left if (int(plan[place[c]]) - int(at[place[c]])) * w <= 0]
        return lacking

    def _asked(self, part: Subproblem, place: int, at: int, way: int) -> Ints | None:
        """The best plan of a part with a flip; None where there is none. Raises Stopped where it is not proved."""
        if self.clock.over:
            raise Stopped
        self.searched += 1
        found = settled(self.engine, flipped(part, place, at, way), self.clock, untold)
        if found.status == Status.INFEASIBLE:
            return None
        if found.status != Status.OPTIMAL or found.x is None:
            raise Stopped
        return found.x

    def _least(self, proved: Proved) -> dict[Flip, int]:
        """What the reduced costs of the plan's own proof say that a flip costs at least."""
        prices = None if proved.proof is None else proved.proof.prices
        if prices is None or proved.cost is None:
            return {}
        found = {}
        gap = prices.scale * int(np.dot(proved.cost, self.x[: proved.under.columns])) - prices.bound
        for cell, way in self.open:
            reduced = int(prices.reduced[cell]) * way
            if reduced > gap:
                found[cell, way] = -((gap - reduced) // prices.scale)
        return found

    def _settle(self, flip: Flip, objective: str | None, loss: Fraction | None, *, possible: bool = True) -> None:
        del self.open[flip]
        cell, way = flip
        unit, program, period = self.problem.cell(cell)
        turn = None if objective is None else self.turn
        self.found[flip] = Opposite(unit, program, period, int(self.x[cell]), way, objective, possible, loss, turn)
        if self.counted is not None:
            self.counted(len(self.found), len(self.every))


def flipped(part: Subproblem, place: int, at: int, way: int) -> Subproblem:
    """A part in which a column is more (way 1) or less (-1) than `at`."""
    lower, upper = part.lower.copy(), part.upper.copy()
    if way > 0:
        lower[place] = at + 1
    else:
        upper[place] = at - 1
    return replace(part, lower=lower, upper=upper)
