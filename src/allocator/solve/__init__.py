"""Problem -> Solution: ordered stages, ties, proofs; HiGHS and CP-SAT over the same arrays.

Lives here: the only importer of solvers; `solve`.
Not here: the problem's rows (problem/), the recount of the result (audit/).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from allocator.database.judged import judged
from allocator.load import load
from allocator.model.model import Model
from allocator.model.objective import Objective, Value
from allocator.model.proof import Proofs
from allocator.model.query import Ints
from allocator.model.status import Status, weakest
from allocator.problem import Problem, compile
from allocator.solve.draw import draw, tied_cells
from allocator.solve.guest import Meanwhile
from allocator.solve.parts import Infeasible, Stopped
from allocator.solve.punctual import timely
from allocator.solve.recheck import HeldStage, check
from allocator.solve.solution import Solution, StageResult
from allocator.solve.solvers import backend, second_solver
from allocator.solve.stages import Question, StageSolver, in_turn
from allocator.solve.subproblem import Backend, Clock, Limits, Progress, Reporter, silent
from allocator.solve.trace import Step

__all__ = ["Clock", "Limits", "Progress", "Solution", "StageResult", "backend", "second_solver", "solve"]


# In one piece: the order of a solve, one step after the other, and the one place where an end in between is answered.
def solve(
    problem: Problem | Model | str | Path,
    *,
    solver: str | Backend = "highs",
    limits: Limits | None = None,
    clock: Clock | None = None,
    reporter: Reporter = silent,
    known: Sequence[Proofs] = (),
) -> Solution:
    """Solve every stage in order, hold each, let the draw decide what is left; without a draw, any of the best plans will do.

    problem: compiled, a model, or where a model stands. limits: seconds, threads, seed and relative gap. known: proofs of former
    solves, which are checked before they count: with them the same plan comes out, sooner. The allocation does not depend on
    solver, threads or seed where everything is proved and a draw is made. Raises InputError where the model lacks a figure.
    """
    model = load(problem) if isinstance(problem, (str, Path)) else problem
    problem = compile(model) if isinstance(model, Model) else model
    clock = clock or Clock(limits or Limits())
    engine = backend(solver) if isinstance(solver, str) else solver
    course = StageSolver(problem, engine, clock, reporter, known)
    objectives = problem.model.policy.objectives
    spans: dict[int, list[Question]] = {index: [] for index in range(len(objectives))}
    finished: set[int] = set()  # those of which nothing is left to ask
    held: list[Meanwhile[HeldStage]] = []
    recounted: dict[str, tuple[Ints, Meanwhile[HeldStage]]] = {}  # by objective: the plan of its last recount
    tied: list[tuple[str, str, int]] = []
    trace: list[tuple[str, tuple[Step, ...]]] = []
    draw_status: Status = Status.NOT_PROVED
    in_play: tuple[str, ...] = ()
    stopped = infeasible = False
    try:
        for index, give in in_turn(objectives):
            objective = objectives[index]
            spans[index] += _pursue(course, problem, index, objective, give, trace)
            held.append(_held(course, problem, objective, give, spans[index]))
            assert course.best is not None
            recounted[objective.id] = (course.best, held[-1])
            if not give:
                finished.add(index)
        course.name = "lottery"
        seed = problem.model.policy.seed
        if seed is not None and all(
            asked.proved for asked in course.log
        ):  # else equal plans are not known, and there is nothing to draw among
            before = len(course.log)
            found = tied_cells(course)
            draw(course, seed, found)
            tied = [problem.cell(int(c)) for c in found]
            draw_status = Status.OPTIMAL if all(asked.proved for asked in course.log[before:]) else Status.NOT_PROVED
        else:
            course.finish()
    except Infeasible as none:
        infeasible, in_play = True, _rules_of(problem, none)
    except Stopped:
        stopped = True
    allocation = None if infeasible or course.best is None else problem.allocation(course.best)
    status: Status
    stages: tuple[StageResult, ...] = ()
    if infeasible:
        status = Status.INFEASIBLE
    elif allocation is None:
        status = Status.NO_PLAN
    else:
        assert course.best is not None
        values = {name: one.value.value for name, (plan, one) in recounted.items() if np.array_equal(plan, course.best)}
        tables = problem.tables if len(values) == len(objectives) else problem.tables.with_awards(allocation)
        stages = tuple(
            _result(one, spans[index], values.get(one.id) or one.recount(tables), done=index in finished)
            for index, one in enumerate(objectives)
        )
        check([one.value for one in held], stages)
        drawn = Status.OPTIMAL if problem.model.policy.seed is None else draw_status
        status = Status.NOT_PROVED if stopped else _whole(stages, drawn, clock.limits)
    return Solution(
        status,
        allocation,
        stages,
        draw_status,
        tuple(sorted(tied)),
        in_play,
        engine.name,
        engine.version(),
        clock.limits.threads,
        clock.limits.seed,
        clock.seconds,
        problem.cells,
        problem.matrix.height,
        course.kept.made,
        tuple(course.kept.used[index] for index in range(len(known))),
        course.kept.searched,
        tuple(clock.lost),
        tuple(trace),
    )


def _whole(stages: Sequence[StageResult], drawn: Status, limits: Limits) -> Status:
    """Of a plan whose stages all came to their end. Plans that are near enough are not drawn among."""
    least = weakest(stage.status for stage in stages)
    if least == Status.WITHIN and any(stage.gap is None or stage.gap > limits.gap for stage in stages):
        return Status.NOT_PROVED
    return drawn if least == Status.OPTIMAL else least


def _held(
    course: StageSolver, problem: Problem, objective: Objective, give: Fraction, asked: list[Question]
) -> Meanwhile[HeldStage]:
    """What a stage came to when it was held, recounted from a plan that keeps all that is held, while the next one is asked.

    Where something may be given up, the objective leaves one of its best plans at hand; any other plan could be worse already.
    """
    if course.best is None or not (objective.asks_its_value or give):
        course.finish()
    assert course.best is not None
    plan, proved = course.best, all(a.proved for a in asked)

    def recounted() -> HeldStage:
        tables = problem.tables.with_awards(problem.allocation(plan))
        return HeldStage(objective, objective.recount(tables), give, proved)

    return Meanwhile(recounted)


@timely
def _pursue(
    course: StageSolver,
    problem: Problem,
    index: int,
    objective: Objective,
    give: Fraction,
    trace: list[tuple[str, tuple[Step, ...]]],
) -> list[Question]:
    """Ask what an objective asks; gives the questions, and adds what was held to the trace."""
    course.name = objective.id
    before, held = len(course.log), len(course.trace)
    judged(problem.model, ("objectives", index), lambda: objective.pursue(problem.tables, course, give))
    trace.append((objective.id, tuple(course.trace[held:])))
    return course.log[before:]


def _result(objective: Objective, asked: list[Question], value: Value, *, done: bool) -> StageResult:
    """What was proved: optimal if every question of the stage was; else the largest relative gap among them, if known."""
    gaps = [_gap(a) for a in asked]
    status: Status = Status.OPTIMAL
    gap: float | None = 0.0
    if not done or any(g is None for g in gaps):
        status, gap = Status.NOT_PROVED, None
    elif any(g for g in gaps):
        status, gap = Status.WITHIN, max(g for g in gaps if g is not None)
    return StageResult(
        objective.id,
        objective.kind,
        value.figures,
        value.better,
        status,
        _bound(objective, asked, value, status),
        gap,
        len(asked),
        sum(a.seconds for a in asked),
    )


def _bound(objective: Objective, asked: list[Question], value: Value, status: Status) -> Fraction | None:
    """What the value (its last figure) cannot be better than, in its own unit; None where that is not known."""
    if objective.asks_its_value:
        return asked[-1].bound if asked else None
    proved = status == Status.OPTIMAL and value.figures is not None and len(value.figures) == 1
    return value.figures[0] if proved and value.figures else None


def _gap(asked: Question) -> float | None:
    if asked.bound is None:
        return None
    difference = abs(asked.value - asked.bound)
    return float(difference / max(abs(asked.value), Fraction(1, 10**9))) if difference else 0.0


def _rules_of(problem: Problem, none: Infeasible) -> tuple[str, ...]:
    """The ids of the rules whose rows are in the part that has no plan, or bound its columns one by one."""
    rows = none.rows[none.rows < problem.matrix.height]
    inside = np.isin(problem.matrix.column, problem.matrix.select(rows).column)
    single = (np.diff(problem.matrix.start) == 1)[problem.matrix.row]
    held = np.union1d(rows, problem.matrix.row[inside & single])
    return tuple(sorted({problem.rules[r].id for r in problem.row_rule[held].tolist() if r >= 0}))
