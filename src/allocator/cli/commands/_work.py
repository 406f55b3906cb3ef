"""What solve and replay do alike: solve, recount, find what cannot hold together; refuse a folder that is not theirs.

Lives here: the work on one problem, with its progress on standard error.
Not here: where the result is written, what is shown of it (the commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.audit import Audit, audit
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.conflict import Conflict, conflict
from allocator.problem import Problem
from allocator.report.names import Names
from allocator.runs.folder import NotARun, Signed, check
from allocator.solve import Clock, Solution, solve
from allocator.words import Say

CONFLICT_S = 30.0  # at most spent on making a conflict small


@dataclass(frozen=True)
class Work:
    """What was found of a problem: the solution, its recount, what cannot hold together."""

    solution: Solution
    judged: Audit | None
    against: Conflict | None = None


def work(problem: Problem, names: Names, solver: str, clock: Clock) -> Work:
    """Solve a problem and recount the plan; where there is none, find the conflict in the time that is left."""
    with Watch(names, clock) as watch:
        solution = solve(problem, solver=solver, clock=clock, reporter=watch)
    judged = None if solution.allocation is None else audit(problem.model, solution.allocation)
    seconds = CONFLICT_S if clock.left is None else min(CONFLICT_S, clock.left)
    against = conflict(problem, solution, seconds=seconds) if solution.status == "infeasible" else None
    return Work(solution, judged, against)


def refuse_strangers(folder: Path, *, signed: bool = False) -> None:
    """A folder that may not be replaced is told before the work, not after it; `signed`: a signed run is no reason."""
    try:
        check(folder.absolute())
    except Signed as refused:
        if not signed:
            raise _refusal("commands.solve.signed", folder, "") from refused
    except NotARun as refused:
        code = "commands.solve.not-a-run" if refused.stranger is None else "commands.solve.stranger"
        raise _refusal(code, folder, refused.stranger or "") from refused


def _refusal(code: str, folder: Path, stranger: str) -> Wrong:
    return Wrong(Say(code, {"folder": str(folder), "file": stranger}), "--out")
