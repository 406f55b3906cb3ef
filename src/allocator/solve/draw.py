"""The draw decides between plans that are equal in every objective: the lexicographically largest in the drawn order.

Lives here: which cells are tied (two plans, equal in everything asked before, differ in them), and the decision.
Not here: the order of the draw (objectives/lottery.py), asking and holding (solve/stages.py).

Tied cells are found by asking for any plan that differs from the first one in a cell that has not differed yet, until there
is none: that, and no count of differences, is proved. They are then decided in the drawn order, in batches whose weights
(mixed radix) stay below 2^RADIX_BITS within each part, so that one whole-number optimum decides a batch exactly.

Twins, cells with the same bounds and the same entries in every row, can change places in any plan. So one is tied where the
other is; and where one has its least amount, so have all that are drawn after it.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from allocator.model.query import NO_LIMIT, Flags, Ints, Rows, Stage
from allocator.objectives.lottery import order
from allocator.problem import Problem
from allocator.solve.at_once import AtOnce
from allocator.solve.exchange import exchanged
from allocator.solve.punctual import timely
from allocator.solve.stages import StageSolver
from allocator.solve.symmetry import classes

RADIX_BITS = 32  # above, CP-SAT says costs by prices (cpsat.py: FINE)


@timely
def tied_cells(course: StageSolver) -> Ints:
    """Every cell that has different amounts in two plans that satisfy all that is held. All others are fixed."""
    course.finish()
    course.tighten()  # amounts that follow from the rows need not be asked about; narrow ones are soon told apart
    with course.narrowed() as inner, AtOnce(inner) as both:
        return inner.own[_tied(inner, both)]


def _tied(course: StageSolver, both: AtOnce) -> Ints:
    """The same of a course whose cells are all free."""
    assert course.best is not None
    reference, open_cells = course.best, np.arange(len(course.own))
    tied: list[Ints] = []
    alike = twins(course, open_cells)
    moved: Flags = exchanged(course.state, len(open_cells))
    while len(open_cells):
        differs = moved[open_cells]
        differs |= np.isin(alike, alike[differs])
        tied.append(open_cells[differs])
        open_cells, alike = open_cells[~differs], alike[~differs]
        if not len(open_cells):
            break
        moved, fixed = _others(course, both, open_cells, reference)
        course.fix(open_cells[fixed], reference[open_cells[fixed]])
        open_cells, alike = open_cells[~fixed], alike[~fixed]
    return np.sort(np.concatenate(tied)) if tied else np.zeros(0, np.int64)


def _others(course: StageSolver, both: AtOnce, cells: Ints, reference: Ints) -> tuple[Flags, Flags]:
    """Of plans that differ from the reference in some of the cells: all cells in which one does; and which have no such plan.

    Long searches are halved: a plan that differs in one half of the cells, and one that does in the other.
    """
    halves = [cells[::2], cells[1::2]] if len(cells) > 1 and both.worth_it(course) else [cells]

    def other(course: StageSolver, half: Ints) -> tuple[Flags, Ints]:
        amounts, live = course.another(*differences(course, half, reference))
        moved = (amounts != reference) | exchanged(course.state, len(reference)) if len(live) else amounts != reference
        return moved, np.setdiff1d(half, live)

    found = both.asked(course, [partial(other, half=half) for half in halves])
    moved: Flags = np.logical_or.reduce([one for one, _ in found])
    return moved, np.isin(cells, np.concatenate([none for _, none in found]))


def twins(course: StageSolver, cells: Ints) -> Ints:
    """For every cell a number that it shares with its twins alone."""
    ascending = np.sort(cells)
    state = course.state
    first = classes(state.matrix, ascending, (state.lower[ascending], state.upper[ascending]))
    alike: Ints = first[np.searchsorted(ascending, cells)]
    return alike


def later_twins(waiting: Ints, alike: Ints, chosen: Ints, least: Ints) -> Ints:
    """Those that wait, are not chosen now, and have a twin among `least`: the chosen that got their least amount."""
    return waiting[np.isin(alike, alike[np.isin(waiting, least)]) & ~np.isin(waiting, chosen)]


def differences(course: StageSolver, cells: Ints, reference: Ints) -> tuple[Rows | None, Ints, Ints]:
    """How many cells differ from the reference, up to a constant, as a linear function; an amount needs two 0/1 helpers."""
    lower, upper, x = course.state.lower[cells], course.state.upper[cells], reference[cells]
    two = upper - lower == 1
    binary = cells[two]
    at_top = x[two] == upper[two]
    columns, coefficients = [binary], [np.where(at_top, -1, 1)]
    wide = np.flatnonzero(~two)
    if not len(wide):
        return None, columns[0], coefficients[0]
    n = len(wide)
    cell, low, high, at = cells[wide], lower[wide], upper[wide], x[wide]
    row, helper = np.arange(n, dtype=np.int64), np.arange(n, dtype=np.int64)
    one = np.ones(n, np.int64)
    # up: cell >= at + 1 where up = 1;  down: cell <= at - 1 where down = 1
    rows = Rows(
        tuple(("draw", int(c), way) for way in ("up", "down") for c in cell),
        np.concatenate([low, np.full(n, -NO_LIMIT)]),
        np.concatenate([np.full(n, NO_LIMIT), high]),
        np.concatenate([row, row, n + row, n + row]),
        np.concatenate([cell, -1 - helper, cell, -1 - n - helper]),
        np.concatenate([one, -(at + 1 - low), one, high - at + 1]),
        helper_upper=np.concatenate([(at < high).astype(np.int64), (at > low).astype(np.int64)]),
    )
    columns.append(-1 - np.arange(2 * n, dtype=np.int64))
    coefficients.append(np.ones(2 * n, np.int64))
    return rows, np.concatenate(columns), np.concatenate(coefficients)


@timely
def draw(course: StageSolver, seed: int, tied: Ints) -> None:
    """Decide the tied cells in the drawn order."""
    decide(course, drawn_order(course.problem, seed, tied))


def drawn_order(problem: Problem, seed: int, cells: Ints) -> Ints:
    """Cells in the order of the draw."""
    return cells[np.array(order(seed, [problem.cell(int(c)) for c in cells]), dtype=np.int64)]


def decide(course: StageSolver, cells: Ints) -> None:
    """Give each of some cells, in their order, the most that those before it leave."""
    with course.narrowed() as inner:
        place = np.full(course.problem.cells, -1, np.int64)
        place[inner.own] = np.arange(len(inner.own))
        waiting = place[course.own[cells]]
        _decide(inner, waiting[waiting >= 0])


def _decide(course: StageSolver, waiting: Ints) -> None:
    """The same of a course whose cells are all free."""
    alike = twins(course, waiting)
    while True:
        course.tighten()
        open_ = course.state.lower[waiting] < course.state.upper[waiting]
        waiting, alike = waiting[open_], alike[open_]
        if not len(waiting):
            return
        chosen, weights = batch_of(course, waiting)
        answer = course.ask(Stage("maximize", chosen, weights), hold=False)
        assert answer is not None
        amounts = answer.amounts[chosen]
        later = later_twins(waiting, alike, chosen, chosen[amounts == course.state.lower[chosen]])
        course.fix(chosen, amounts)
        if answer.proved:
            course.fix(later, course.state.lower[later])


def batch_of(course: StageSolver, waiting: Ints) -> tuple[Ints, Ints]:
    """The first cells of each part that fit a batch, in the drawn order, and their weights (mixed radix)."""
    part_of = course.parts()
    room: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    parts, widths = part_of[waiting], course.state.upper[waiting] - course.state.lower[waiting] + 1
    unfilled = len(np.unique(parts))
    for cell, part, width in zip(waiting.tolist(), parts.tolist(), widths.tolist(), strict=True):
        if 0 < used.get(part, 1) * width <= 2**RADIX_BITS or (part not in used):
            used[part] = used.get(part, 1) * width
            room.setdefault(part, []).append(cell)
        elif used[part] > 0:
            used[part] = -1  # nothing after a cell that does not fit: the order decides
            unfilled -= 1
            if not unfilled:
                break
    batch: list[int] = []
    weights: list[int] = []
    for cells in room.values():
        weight = 1
        for cell in reversed(cells):
            batch.append(cell)
            weights.append(weight)
            weight *= int(course.state.upper[cell] - course.state.lower[cell]) + 1
    return np.array(batch, dtype=np.int64), np.array(weights, dtype=np.int64)
