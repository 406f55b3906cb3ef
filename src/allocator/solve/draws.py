"""How the draw would come out in other orders: what each tied cell gets, how often.

Lives here: the orders, each decided as the draw is, over the same plans.
Not here: the draw itself (draw.py), chances as figures (explain/chances.py).

Cells that no row ties together do not touch each other, so a few that are tied together are tried in every order: that is exact.
All others are tried in the orders of seeds 1, 2, 3, ..., so that anybody can repeat it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np

from allocator.model.allocation import Allocation
from allocator.model.proof import Proofs
from allocator.model.query import Ints
from allocator.problem import Problem
from allocator.solve.draw import decide, drawn_order, tied_cells
from allocator.solve.parts import DRAW, Stopped
from allocator.solve.solvers import backend
from allocator.solve.stages import StageSolver, in_turn
from allocator.solve.subproblem import Clock, Reporter, silent

Counted = Callable[[int, int], None]  # orders done, of how many


def untold(done: int, of: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Outcomes:
    """Of one unit in a program: in how many orders it got each amount, of how many; period None: over all years.

    all: whether these are all orders.
    """

    unit: str
    program: str
    period: int | None
    amounts: dict[int, int]
    orders: int
    all: bool


def draws(
    problem: Problem,
    orders: int,
    *,
    solver: str = "highs",
    clock: Clock,
    reporter: Reporter = silent,
    known: Sequence[Proofs] = (),
    counted: Counted = untold,
) -> tuple[Allocation, tuple[Outcomes, ...]]:
    """The plan by the model's own seed; every tied cell, and every unit and program that has one, over all years; sorted.

    orders: so many seeds for cells that would have more orders than that. Raises Stopped where a limit came first, or something
    could not be proved.
    """
    course = StageSolver(problem, backend(solver), clock, reporter, known)
    course.kept.known = (*known, course.kept.made)  # what one order asked, another need not ask again
    _held(course, problem)
    course.name = DRAW
    tied = tied_cells(course)
    assert course.best is not None
    others = np.setdiff1d(np.arange(problem.cells), tied)
    course.fix(others, course.best[others])
    course.tighten()
    drawn = _drawn(course, drawn_order(problem, _seed(problem), tied))
    plan = problem.allocation(drawn[: problem.cells])
    held = {key: own for key, own in _by_unit(problem).items() if np.isin(own, tied).any()}
    few, many = _by_size(course, tied, list(held.values()), orders)
    tasks = sum(factorial(len(part)) for part in few) + (orders if len(many) else 0)
    seen: dict[Key, Counter[int]] = {}
    for done, cells in enumerate(_orders(problem, few, many, orders), 1):
        drawn = _drawn(course, cells)
        own = set(cells.tolist())
        for cell in own:
            seen.setdefault(problem.cell(cell), Counter())[int(drawn[cell])] += 1
        for key, of in held.items():
            if own & set(of.tolist()):
                seen.setdefault((*key, None), Counter())[int(drawn[of].sum())] += 1
        counted(done, tasks)
    exact = {problem.cell(cell)[:2] for part in few for cell in part.tolist()}
    return plan, tuple(
        Outcomes(*key, dict(sorted(of.items())), of.total(), key[:2] in exact)
        for key, of in sorted(seen.items(), key=lambda one: (one[0][:2], one[0][2] or 0))
    )


Key = tuple[str, str, int | None]


def _seed(problem: Problem) -> int:
    seed = problem.model.policy.seed
    if seed is None:
        raise ValueError("the model makes no draw")
    return seed


def _by_unit(problem: Problem) -> dict[tuple[str, str], Ints]:
    """The cells of each unit in each program."""
    found: dict[tuple[str, str], list[int]] = {}
    for cell in range(problem.cells):
        found.setdefault(problem.cell(cell)[:2], []).append(cell)
    return {key: np.array(cells, np.int64) for key, cells in found.items()}


def _held(course: StageSolver, problem: Problem) -> None:
    """All that the objectives ask, held."""
    for index, give in in_turn(problem.model.policy.objectives):
        objective = problem.model.policy.objectives[index]
        course.name = objective.id
        objective.pursue(problem.tables, course, give)
    if not all(asked.proved for asked in course.log):
        raise Stopped


def _by_size(course: StageSolver, tied: Ints, together: Sequence[Ints], most: int) -> tuple[list[Ints], Ints]:
    """The tied cells that touch each other and have few orders, part by part; and all others together.

    together: the cells of one unit in one program are looked at as one, so they belong to one part.
    """
    part_of = course.parts()
    for cells in together:
        parts = np.unique(part_of[np.intersect1d(cells, tied)])
        part_of[np.isin(part_of, parts[1:])] = parts[0]
    own = part_of[tied]
    found = [tied[own == one] for one in np.unique(own)]
    few = [part for part in found if factorial(len(part)) <= most]
    many = [part for part in found if factorial(len(part)) > most]
    return few, np.sort(np.concatenate(many)) if many else np.zeros(0, np.int64)


def _orders(problem: Problem, few: Sequence[Ints], many: Ints, orders: int) -> Iterator[Ints]:
    for part in few:
        for one in permutations(part.tolist()):
            yield np.array(one, np.int64)
    for seed in range(1, orders + 1 if len(many) else 1):
        yield drawn_order(problem, seed, many)


def _drawn(course: StageSolver, cells: Ints) -> Ints:
    """The least of all cells once these are decided in this order; the course is left as it was."""
    before, asked = course.state, len(course.log)
    decide(course, cells)
    amounts: Ints = course.state.lower.copy()
    if not all(one.proved for one in course.log[asked:]):
        raise Stopped
    course.state = before
    del course.log[asked:]
    return amounts
