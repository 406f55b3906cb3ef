"""Other plans within a stated loss of a plan, so many awards apart from it and from one another, or the proof that none is left.

Lives here: `alternatives`: which plans may be taken, how far apart they are, one after the other the best of those left.
Not here: how an objective is kept from getting worse (its kind says it), solving (solve/), what is shown (report/).

A plan may be taken where it keeps every rule and no objective is worse than in the given plan by more than its loss; one that may
become anything is not looked at. Objectives before the first that may lose come to what the best plan has: there the rows of its
own solve are held, as they stand. The next plan is the best by the objectives' order of all that are far enough from every plan
before it. So the plans found depend on one another: that none is left is a proof about these plans, not the greatest number.

Apart: the sum over units, programs and years of the differences of amounts, as `compare` counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from allocator.audit import Audit, audit
from allocator.certificate.chain import held
from allocator.model.allocation import Allocation
from allocator.model.query import NO_LIMIT, Flags, Ints, Rows, TooFine
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve import Clock, Solution, backend, solve
from allocator.solve.parts import Stopped
from allocator.solve.recheck import Mismatch
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import Reporter, silent
from allocator.solve.trace import Required, Step

# Of objectives; None: it may become anything. An objective that is not named loses nothing.
Losses = Mapping[str, Fraction | None]
End = Literal["enough", "none", "limit"]
Counted = Callable[[int, int], None]


class Unheld(Exception):
    """An objective has no rows that keep it from getting worse."""

    def __init__(self, objective: str) -> None:
        super().__init__(objective)
        self.objective = objective


@dataclass(frozen=True)
class Alternative:
    """A plan with its recount. proved: no plan that could be taken is better by the objectives' order; apart: from each plan
    before it, the given one first.
    """

    plan: Allocation
    audit: Audit
    proved: bool
    apart: tuple[int, ...]


@dataclass(frozen=True)
class Alternatives:
    """end: as many as were asked for; proved that none is left; or a limit came first. solves: made for it; searched: questions
    of theirs that went to a solver.
    """

    given: Audit
    plans: tuple[Alternative, ...]
    end: End
    solves: int
    searched: int


def alternatives(
    problem: Problem,
    best: Solution,
    losses: Losses,
    *,
    count: int,
    apart: int,
    of: Collection[str] | None = None,
    clock: Clock,
    reporter: Reporter = silent,
    counted: Counted = lambda _, __: None,
) -> Alternatives:
    """Up to `count` plans besides that of a solution which is proved to be the best.

    of: the programs whose awards count for how far plans are apart (None: all). Raises Unheld.
    """
    assert best.allocation is not None
    given = audit(problem.model, best.allocation)
    try:
        search = _Search(problem, best.allocation, given, best.trace, losses, of, clock)
    except Stopped:
        return Alternatives(given, (), "limit", 0, 0)
    found: list[Alternative] = []
    taken = [best.allocation]
    end: End = "enough"
    solves = searched = 0
    while len(found) < count:
        counted(len(found), count)
        within = search.within
        for plan in taken:
            within = within.with_rows(apart_rows(problem, problem.amounts(plan), apart, search.counts))
        solution = solve(within, solver=best.solver, clock=clock, reporter=reporter)
        solves, searched = solves + 1, searched + solution.searched
        if solution.allocation is None:
            end = "none" if solution.status == Status.INFEASIBLE else "limit"
            break
        judged = audit(problem.model, solution.allocation)
        far = tuple(solution.allocation.distance(plan, of) for plan in taken)
        if judged.violations or min(far) < apart or search.lost(judged):  # the recount is not what our own rows say
            raise Mismatch(f"{judged!r}: {far} apart, {search.lost(judged)} lost")
        found.append(Alternative(solution.allocation, judged, solution.status == Status.OPTIMAL, far))
        taken.append(solution.allocation)
        if solution.status != Status.OPTIMAL:
            end = "limit"
            break
    return Alternatives(given, tuple(found), end, solves, searched)


class _Search:
    """within: the problem of the plans that may be taken, with the objectives that are still to be pursued among them."""

    def __init__(
        self,
        problem: Problem,
        plan: Allocation,
        given: Audit,
        trace: Sequence[tuple[str, tuple[Step, ...]]],
        losses: Losses,
        of: Collection[str] | None,
        clock: Clock,
    ) -> None:
        self.problem, self.given, self.losses, self.clock = problem, given, losses, clock
        programs = problem.program.astype(str)
        self.counts = np.ones(problem.cells, np.bool_) if of is None else np.isin(programs, sorted(of))
        objectives = problem.model.policy.objectives
        lossy = [i for i, one in enumerate(objectives) if self._loss(one.id) != 0]
        first = min(lossy, default=len(objectives))
        if lossy and any(one.give for one in objectives):
            first = 0  # what the solve held last is about all of them together
        kept = trace if not lossy else trace[:first]
        within = held(problem, [step for _, own in kept for step in own])
        for rows in self._rows(problem.amounts(plan), first):
            within = within.with_rows(rows)
        policy = problem.model.policy.model_copy(update={"objectives": objectives[first:]})
        self.within = replace(within, model=replace(problem.model, policy=policy))

    def _loss(self, objective: str) -> Fraction | None:
        return self.losses.get(objective, Fraction(0))

    def lost(self, judged: Audit) -> list[str]:
        """The objectives in which a recounted plan is worse than it may be."""
        objectives = self.problem.model.policy.objectives
        worse = []
        for one, before, after in zip(objectives, self.given.objectives, judged.objectives, strict=True):
            loss = self._loss(one.id)
            if loss is None or before.figures is None or after.figures is None:
                continue
            sign = 1 if before.better == "more" else -1
            least = loss + 2 * one.rounding
            if any(sign * (was - now) > least for was, now in zip(before.figures, after.figures, strict=True)):
                worse.append(one.id)
        return worse

    def _rows(self, plan: Ints, first: int) -> Sequence[Rows]:
        """Rows of the objectives from `first` on: none is worse than in the plan by more than it may lose."""
        course = StageSolver(self.problem, backend("highs"), self.clock, silent)
        for one, value in list(zip(self.problem.model.policy.objectives, self.given.objectives, strict=True))[first:]:
            loss = self._loss(one.id)
            if loss is None or not value.figures:  # nothing to be worse in
                continue
            try:
                said = one.no_worse(self.problem.tables, course, plan, value.figures, loss)
            except TooFine:
                said = False
            if not said:
                raise Unheld(one.id)
        return [step.rows for step in course.trace if isinstance(step, Required)]


def apart_rows(problem: Problem, plan: Ints, apart: int, counts: Flags) -> Rows:
    """Rows of the plans whose amounts differ from those of a plan by `apart` in all.

    Of a cell at one of its bounds the difference is a plain function. Else it is more less fewer, only one of which there may be:
    x - plan = more - fewer, more <= room * way, fewer <= room * (1 - way).
    """
    lower, upper = problem.lower[: problem.cells], problem.upper[: problem.cells]
    least = apart
    triplets: list[tuple[int, int, int]] = []
    labels, low, high = [("apart",)], [apart], [NO_LIMIT]
    room: list[int] = []
    for cell in np.flatnonzero(counts & (lower < upper)).tolist():
        at, bottom, top = int(plan[cell]), int(lower[cell]), int(upper[cell])
        if at in (bottom, top):
            sign = 1 if at == bottom else -1
            triplets.append((0, cell, sign))
            least += sign * at
            continue
        more, fewer, way = (-1 - len(room) - k for k in range(3))
        room += [top - at, at - bottom, 1]
        row = len(labels)
        triplets += [(0, more, 1), (0, fewer, 1), (row, cell, 1), (row, more, -1), (row, fewer, 1)]
        triplets += [(row + 1, more, 1), (row + 1, way, at - top), (row + 2, fewer, 1), (row + 2, way, at - bottom)]
        labels += [("apart",)] * 3
        low += [at, -NO_LIMIT, -NO_LIMIT]
        high += [at, 0, at - bottom]
    low[0] = least
    return Rows.build(labels, low, high, triplets, helper_upper=room)
