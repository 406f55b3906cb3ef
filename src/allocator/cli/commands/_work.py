"""What solve and replay do alike: solve, recount, find what cannot hold together; refuse a folder that is not theirs.

Lives here: the work on one problem, with its progress on standard error.
Not here: where the result is written, what is shown of it (the commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from allocator.audit import Audit, audit
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.conflict import Conflict, conflict
from allocator.faults import reason
from allocator.model.allocation import Allocation
from allocator.model.policy import Model
from allocator.problem import Problem
from allocator.report.names import Names
from allocator.runs.folder import NotARun, Signed, check, room
from allocator.solve import Clock, Solution, solve
from allocator.words import Lang, Say, say

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


def refuse_full(folder: Path, model: Model) -> None:
    """A folder that cannot be written, or a disk without room for the run, is told before the work too. Raises OSError."""
    room(folder, sum(map(len, model.held.values())))


def tell_refused(folder: Path, wrote: Path | None, refused: OSError, plan: Allocation | None, lang: Lang) -> None:
    """After the work: why the run is not where it should be, and where it is; if it is nowhere, the awards themselves."""
    told = {"folder": str(folder), "reason": reason(refused)}
    if wrote is not None:
        click.echo(say("commands.solve.elsewhere", lang, **told, where=str(wrote)), err=True)
        return
    click.echo(say("commands.solve.nowhere", lang, **told), err=True)
    if plan is not None:
        click.echo(plan.csv(), err=True)


def _refusal(code: str, folder: Path, stranger: str) -> Wrong:
    return Wrong(Say(code, {"folder": str(folder), "file": stranger}), "--out")
