"""What is found out about a run before it is handed over: its plan proved again, recounted, with thresholds.

Lives here: that, once for all languages and forms.
Not here: the tables made of it (content.py), letters (report/letter.py).

A folder's word is not enough: where the plan is not proved again, the status says so in every form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocator.answer.verification import Best, as_told
from allocator.audit import audit
from allocator.explain.cutoffs import Cutoffs, cutoffs
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.report.facts import Facts, facts
from allocator.runs.read import Run
from allocator.solve import Clock, Solution
from allocator.solve.subproblem import Reporter, silent


@dataclass(frozen=True)
class Found:
    """solution: the plan's own, proved again or as far as the run claims it; cutoffs: None where there is no proof.

    facts.solution is None where the plan of the run is not what a solve gives: then nothing is said to be proved.
    """

    run: Run
    problem: Problem
    facts: Facts
    solution: Solution | None
    cutoffs: Cutoffs | None

    @property
    def best(self) -> Best | None:
        """The problem and its solution, where that is proved to be the best and is the run's plan."""
        if self.solution is None or self.status != Status.OPTIMAL or self.solution.allocation != self.run.allocation:
            return None
        return self.problem, self.solution

    @property
    def status(self) -> Status:
        return Status.NOT_PROVED if self.solution is None else Status(self.solution.status)


def found(run: Run, *, clock: Clock, reporter: Reporter = silent, listed: bool = True) -> Found:
    """Solved again with the run's own proofs as hints, each checked; `listed`: with thresholds.

    Raises ValueError for a run without a plan.
    """
    if run.allocation is None:
        raise ValueError(f"{run.folder}: no plan")
    problem = compile(run.model)
    solution = as_told(run, problem, clock=clock, reporter=reporter) if Status(run.status).proved else None
    thresholds = None
    if listed and solution is not None and solution.allocation == run.allocation:
        thresholds = cutoffs(problem, solution, clock)
    if solution is not None:
        solution = _as_long(run, solution)
    return Found(run, problem, facts(run.model, audit(run.model, run.allocation), solution), solution, thresholds)


def _as_long(run: Run, solution: Solution) -> Solution:
    """The solution with the seconds that the run took, not those of proving it again."""
    told = run.manifest["stages"]
    stages = tuple(
        replace(stage, seconds=float(one["seconds"])) for stage, one in zip(solution.stages, told, strict=True)
    )
    return replace(solution, stages=stages, seconds=float(run.manifest["proof"]["seconds"]))
