"""Answers to models that differ in a few things: one after the other, each with what the ones before proved as a hint.

Lives here: `Otherwise`: compile, key, solve, recount; equal problems are solved once.
Not here: what is changed and why (explain/), runs that are written (pipeline.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocator.audit import Audit, audit
from allocator.model.model import Model
from allocator.model.proof import Proof, Proofs
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.solve import Clock, Solution, solve
from allocator.solve.subproblem import Reporter, silent
from allocator.store.key import problem_key


@dataclass(frozen=True)
class Outcome:
    """solution: of the problem, or of an equal one before; audit: the plan's recount under this model, None without a plan."""

    model: Model
    problem: Problem
    solution: Solution
    audit: Audit | None

    @property
    def status(self) -> Status:
        return self.solution.status


class Otherwise:
    """known: proofs of a run to begin with; each is checked before it counts.

    solves: problems that were solved; searched: questions of theirs that went to a solver.
    """

    def __init__(self, clock: Clock, known: Proofs | None = None, reporter: Reporter = silent) -> None:
        self.clock, self.reporter = clock, reporter
        self.known, self.made = known or {}, dict[str, Proof]()
        self.solved: dict[str, Solution] = {}
        self.solves = self.searched = 0

    def __call__(self, model: Model) -> Outcome:
        """The answer to a model. A problem that was equal but not settled in time is asked again."""
        problem = compile(model)
        key = problem_key(problem)
        solution = self.solved.get(key)
        if solution is None:
            solution = self._solve(problem)
            if solution.status.proved:
                self.solved[key] = solution
        judged = None if solution.allocation is None else audit(model, solution.allocation)
        return Outcome(model, problem, solution, judged)

    def possible(self, model: Model) -> bool | None:
        """Whether any plan keeps the rules; None where a limit came first."""
        policy = model.policy.model_copy(update={"objectives": (), "ties": "none"})
        found = self._solve(compile(replace(model, policy=policy)))
        return None if found.status == Status.NO_PLAN else found.status != Status.INFEASIBLE

    def _solve(self, problem: Problem) -> Solution:
        solution = solve(problem, clock=self.clock, reporter=self.reporter, known=[self.known, self.made])
        self.made |= dict(solution.proofs)
        self.solves, self.searched = self.solves + 1, self.searched + solution.searched
        return solution
