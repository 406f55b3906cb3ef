"""All minimal conflicts of a model without a plan, as far as the time and their number allow.

Lives here: which sets of rules (or of their groups) are tried, and when it is proved that there are no more.
Not here: one conflict (conflict.py), whether rules hold together (feasibility.py), what would mend them (repairs.py).

Rules that share no award are looked at apart. Among those that do, a map says which sets are still open: the largest open
set is tried. If it has a plan, every further conflict needs a rule outside it; if not, a minimal conflict is made of it, and no
further set may contain that one. When the map has no open set left, the list is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.explain.conflict import Conflict, filtered, hard_rules, not_proved, of_groups, of_rules
from allocator.explain.feasibility import Feasibility, apart, joined_rows
from allocator.model.query import NO_LIMIT, Ints, Label
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, backend
from allocator.solve.solvers import settled
from allocator.solve.subproblem import Backend, Subproblem, untold

Told = Callable[[int], None]  # hears how many conflicts are known
Item = tuple[int, Label | None]  # a rule by its index, or one group of it


@dataclass(frozen=True)
class Conflicts:
    """Minimal conflicts, the smallest first. status: infeasible, optimal (there is a plan), no plan (not known).

    complete: it is proved that there are no others.
    """

    status: Status
    found: tuple[Conflict, ...]
    complete: bool
    solves: int
    seconds: float


def conflicts(
    problem: Problem,
    clock: Clock,
    *,
    solver: str = "highs",
    most: int | None = None,
    by_groups: bool = False,
    told: Told = lambda _: None,
) -> Conflicts:
    """The minimal conflicts of a problem, at most so many. by_groups: each is a set of groups of rules, not of rules."""
    asked = Feasibility(problem, backend(solver), clock)
    hard = hard_rules(problem)
    status = asked.of_rules(hard)
    if status != Status.INFEASIBLE:
        known = Status.OPTIMAL if status.planned else Status.NO_PLAN
        return Conflicts(known, (), known == Status.OPTIMAL, asked.solves, clock.seconds)
    parts = apart(asked, _items(asked, hard, by_groups))
    broken = [items for items in parts if asked.status(joined_rows(items.values())) == Status.INFEASIBLE]
    searches = [_Search(asked, items) for items in broken]
    sets: list[list[Item]] = []
    while most is None or len(sets) < most:
        fresh = [found for search in searches if (found := search.next()) is not None]
        if not fresh:
            break
        sets += fresh
        told(len(sets))
    complete = all(search.ended for search in searches) and bool(sets)
    sets.sort(key=lambda found: (len(found), [(rule, str(label)) for rule, label in found]))
    kept = sets if most is None else sets[:most]
    made = [_made(asked, items, by_groups) for items in kept] or [not_proved(asked, hard)]
    return Conflicts(status, tuple(made), complete and len(kept) == len(sets), asked.solves, clock.seconds)


def _made(asked: Feasibility, items: Sequence[Item], by_groups: bool) -> Conflict:
    if by_groups:
        return of_groups(asked, [(rule, label or ()) for rule, label in items], True, True)
    return of_rules(asked, [rule for rule, _ in items], True)


def _items(asked: Feasibility, hard: Sequence[int], by_groups: bool) -> dict[Item, Ints]:
    if by_groups:
        return {(rule, label): rows for (rule, label), rows in asked.atoms(hard).items()}
    return {(rule, None): asked.rows_of([rule]) for rule in hard}


class _Search:
    """The minimal conflicts of some items, one after the other."""

    def __init__(self, asked: Feasibility, items: dict[Item, Ints]) -> None:
        self.asked, self.items, self.keys = asked, items, list(items)
        self.map = _OpenSets(len(items), asked.solver, asked.clock)
        self.ended = False  # it is proved that there are no others
        self.stopped = False

    def next(self) -> list[Item] | None:
        while not (self.ended or self.stopped):
            seed = self.map.largest()
            if seed is None:
                self.ended, self.stopped = self.map.none_left, not self.map.none_left
                break
            status = self._status(seed)
            if status == Status.INFEASIBLE:
                needed, minimal = filtered(seed, self._status, self.asked.clock)
                if not minimal:
                    self.stopped = True
                    break
                self.map.not_all(needed)
                return [self.keys[k] for k in sorted(needed)]
            if not status.planned:
                self.stopped = True
                break
            self.map.one_outside(seed)
        return None

    def _status(self, some: Sequence[int]) -> Status:
        return self.asked.status(joined_rows(self.items[self.keys[k]] for k in some))


class _OpenSets:
    """Which sets of n things are still open; each question a small integer programme."""

    def __init__(self, count: int, solver: Backend, clock: Clock) -> None:
        self.count, self.solver, self.clock = count, solver, clock
        self.rows: list[tuple[list[int], int, int]] = []
        self.none_left = False

    def not_all(self, some: Sequence[int]) -> None:
        self.rows.append((list(some), -NO_LIMIT, len(some) - 1))

    def one_outside(self, some: Sequence[int]) -> None:
        outside = sorted(set(range(self.count)) - set(some))
        self.rows.append((outside, 1, NO_LIMIT))

    def largest(self) -> list[int] | None:
        """An open set that is as large as one can be; None where there is none left, or the time is over."""
        if self.clock.over:
            return None
        if any(not some and low > 0 for some, low, _ in self.rows):
            self.none_left = True
            return None
        sizes = [len(some) for some, _, _ in self.rows]
        column = np.array([c for some, _, _ in self.rows for c in some], np.int64)
        row = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        matrix = Matrix.of(len(sizes), row, column, np.ones(len(column), np.int64))
        low, high = (np.array([one[side] for one in self.rows], np.int64) for side in (1, 2))
        zero, one = np.zeros(self.count, np.int64), np.ones(self.count, np.int64)
        answer = settled(self.solver, Subproblem(matrix, low, high, zero, one, -one), self.clock, untold)
        self.none_left = answer.status == Status.INFEASIBLE
        if answer.status != Status.OPTIMAL or answer.x is None:
            return None
        return [int(k) for k in np.flatnonzero(answer.x)]
