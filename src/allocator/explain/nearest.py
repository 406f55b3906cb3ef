"""The plan nearest to a given one that has the opposite decision and loses no more than it must: what an award would move.

Lives here: `contrasts`: of each opposite decision the plan with the fewest moves among those that are as good in all objectives
before the first that gets worse, and lose in that one only what firmness found. A move is one place given or taken.
Not here: what an opposite decision loses (firmness.py), how moves are shown (report/).

The objectives after the one that gets worse are not asked for: where they decide between two plans with equally few moves,
neither is named the better one. The draw is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.certificate.chain import Chain
from allocator.certificate.system import System
from allocator.explain.firmness import Flip, Opposite, flipped, turns
from allocator.model.deviation import Deviations
from allocator.model.query import NO_LIMIT, Flags, Ints, Rows
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve.parts import Stopped
from allocator.solve.solvers import backend, settled
from allocator.solve.state import components
from allocator.solve.subproblem import Clock, Subproblem, untold
from allocator.solve.trace import Held

Counted = Callable[[int, int], None]  # contrasts found, of how many


@dataclass(frozen=True)
class Move:
    """A cell that has another amount in the nearest plan: `by` more (or less) than it has."""

    unit: str
    program: str
    period: int
    by: int


@dataclass(frozen=True)
class Contrast:
    """The moves to the nearest plan with an opposite decision; that decision is one of them, and comes first."""

    moves: tuple[Move, ...]

    @property
    def places(self) -> int:
        return sum(abs(move.by) for move in self.moves)


def contrasts(
    problem: Problem,
    chain: Chain,
    opposites: Sequence[Opposite],
    clock: Clock,
    solver: str = "highs",
    counted: Counted | None = None,
) -> dict[Opposite, Contrast]:
    """The nearest plan of each opposite decision that some plan has. Raises Stopped at a limit."""
    place = {problem.cell(cell): cell for cell in range(problem.cells)}
    own: dict[int | None, list[Opposite]] = {}
    for one in opposites:
        if one.possible:
            own.setdefault(one.turn, []).append(one)
    every = sum(map(len, own.values()))
    search = _Search(problem.cells, chain.x, clock, solver)
    found: dict[Opposite, Contrast] = {}
    for turn, room in _rooms(problem, chain):
        for one in own.get(turn, ()):
            flip = place[one.unit, one.program, one.period], one.way
            loss = None if one.loss is None else int(one.loss * room.scale)
            found[one] = search.nearest(room, flip, loss, problem)
            if counted is not None:
                counted(len(found), every)
    return found


@dataclass(frozen=True)
class _Room:
    """What must hold when the opposite of an objective's decisions is looked for: before it was asked, and with its rows.

    cost: of all columns of `within`, where the objective is one sum; a unit of it is 1 / scale of a declared one. gives: it may
    give something up, so that what one part loses another one need not.
    """

    before: System
    within: System
    cost: Ints | None = None
    scale: int = 1
    gives: bool = False


def _rooms(problem: Problem, chain: Chain) -> Iterator[tuple[int | None, _Room]]:
    """The room of every turn in order; at last that of the draw."""
    before = System.of(problem)
    for turn, _, steps in turns(chain):
        first = steps[0].step
        if len(steps) == 1 and isinstance(first, Held):
            yield turn, _Room(before, steps[0].under, steps[0].cost, first.stage.scale, bool(first.give))
        else:
            yield turn, _Room(before, before)
        before = steps[-1].after
    yield None, _Room(chain.left, chain.left)


class _Search:
    def __init__(self, cells: int, x: Ints, clock: Clock, solver: str) -> None:
        self.cells, self.x, self.clock, self.engine = cells, x, clock, backend(solver)
        self.parts: tuple[System, Ints] | None = None  # of the system that was asked last

    def nearest(self, room: _Room, flip: Flip, loss: int | None, problem: Problem) -> Contrast:
        """Raises Stopped where a limit comes first."""
        system, cost = (room.before, None) if loss is None else (room.within, room.cost)
        every = cost is not None and room.gives
        columns = np.flatnonzero(system.free) if every else self._columns(system, flip[0])
        part, _ = system.part(columns, np.zeros(system.columns, np.int64) if cost is None else cost)
        at = self.x[columns]
        most = None if loss is None else part.value(at) + loss
        part = flipped(part, int(np.searchsorted(columns, flip[0])), int(self.x[flip[0]]), flip[1])
        if self.clock.over:
            raise Stopped
        result = settled(self.engine, _fewest_moves(part, most, at, columns < self.cells), self.clock, untold)
        if result.status != Status.OPTIMAL or result.x is None:
            raise Stopped
        change = result.x[: len(columns)] - at
        moved = [int(i) for i in np.flatnonzero(change) if columns[i] < self.cells]
        moved.sort(key=lambda i: columns[i] != flip[0])
        return Contrast(tuple(Move(*problem.cell(int(columns[i])), int(change[i])) for i in moved))

    def _columns(self, system: System, cell: int) -> Ints:
        """The columns of the part of a cell."""
        if self.parts is None or self.parts[0] is not system:
            self.parts = system, components(system.matrix, system.free)
        return np.flatnonzero(self.parts[1] == self.parts[1][cell])


def _fewest_moves(part: Subproblem, most: int | None, at: Ints, counted: Flags) -> Subproblem:
    """A part whose cost is at most so much (None: any), to be solved for the fewest moves of counted columns away from `at`."""
    system = System(part.matrix, part.row_lower, part.row_upper, part.lower, part.upper)
    if most is not None:
        system = system.with_most(part.cost, most)
    moves, first = Deviations(), system.columns
    terms = [moves.of(int(c), int(part.upper[c]), int(at[c]), ("move",)) for c in np.flatnonzero(counted)]
    none = [NO_LIMIT] * len(moves.lower)
    system = system.with_rows(Rows.build(moves.labels, moves.lower, none, moves.triplets, helper_upper=moves.room))
    cost = np.zeros(system.columns, np.int64)
    for column, coefficient, _ in terms:
        cost[column if column >= 0 else first - 1 - column] = coefficient
    return system.whole(cost)
