"""Whether a run's plan is what the run says of it, found out now: a folder's word is not enough.

Lives here: that one question.
Not here: reading a run and its hashes (runs/read.py), the second solver's opinion (second_opinion.py).
"""

from __future__ import annotations

from allocator.audit import audit
from allocator.explain.chances import Chance, chances
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.runs.proofs import proofs_of
from allocator.runs.read import Run
from allocator.solve import Clock, Limits, Solution, solve
from allocator.solve.draws import Counted, draws, untold
from allocator.solve.parts import Stopped
from allocator.solve.subproblem import Reporter, silent


def proved_again(run: Run, *, clock: Clock | None = None, reporter: Reporter = silent) -> Status:
    """The run's status where it is proved again; not proved where that fails, or a limit comes first.

    The run's own proofs are hints; what they do not prove is searched. A status that claims no proof is taken as it is.
    """
    told = Status(run.status)
    if not told.proved:
        return told
    found = as_told(run, compile(run.model), clock=clock or Clock(Limits()), reporter=reporter)
    return Status.NOT_PROVED if found is None else told


def as_told(run: Run, problem: Problem, *, clock: Clock, reporter: Reporter = silent) -> Solution | None:
    """The run's problem solved again, where that comes to the status and the plan of the run, or to one as good; else None."""
    found = again(run, problem, clock=clock, reporter=reporter)
    return found if found.status == run.status and _as_good(run, found) else None


def again(run: Run, problem: Problem, *, clock: Clock, reporter: Reporter = silent) -> Solution:
    """The run's problem solved again; the run's own proofs are hints, each checked before it counts."""
    return solve(problem, clock=clock, reporter=reporter, known=[proofs_of(run)])


Best = tuple[Problem, Solution]  # of a run whose plan is proved to be the best again


def best_again(run: Run, *, clock: Clock, reporter: Reporter = silent) -> Best | None:
    """The run's problem and its solution, where that is proved to be the best again and is the run's plan; else None."""
    problem = compile(run.model)
    found = again(run, problem, clock=clock, reporter=reporter)
    return (problem, found) if found.status == Status.OPTIMAL and found.allocation == run.allocation else None


def chances_of(
    run: Run, orders: int, *, clock: Clock, reporter: Reporter = silent, counted: Counted = untold
) -> tuple[Chance, ...] | None:
    """The chance of every tied cell of a run; None where a limit came first, or its plan is not the one that the draw gives.

    Solved again; the run's own proofs are hints.
    """
    assert run.allocation is not None
    try:
        plan, found = draws(
            compile(run.model), orders, clock=clock, reporter=reporter, known=[proofs_of(run)], counted=counted
        )
    except Stopped:
        return None
    return chances(found, plan.amounts) if plan == run.allocation else None


def _as_good(run: Run, found: Solution) -> bool:
    """The same plan; where no draw is made, one that keeps every rule and comes to the same in every objective."""
    if run.allocation is None or found.allocation is None or run.model.policy.seed is not None:
        return run.allocation == found.allocation
    counted = audit(run.model, run.allocation)
    values = [objective.figures for objective in counted.objectives]
    return not counted.violations and values == [stage.value for stage in found.stages]
