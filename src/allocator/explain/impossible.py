"""All that can be said of a policy that no plan keeps: conflicts, what they take as given, repairs, figures that look wrong.

Lives here: the order of these questions, and how the time is shared among them.
Not here: any of the answers (conflicts.py, givens.py, repairs.py, suspects.py), how they are told (report/impossible.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allocator.explain.conflict import Conflict
from allocator.explain.conflicts import Conflicts, conflicts
from allocator.explain.givens import Givens, givens
from allocator.explain.repairs import Change, Repairs, cheapest, repairs
from allocator.explain.suspects import Suspect, Suspects, suspects
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve import Clock, Progress, backend
from allocator.solve.subproblem import Reporter

CONFLICTS, REPAIRS, SUSPECTS = "conflicts", "repairs", "suspects"  # what is worked on, for the line of progress
PARTS = {CONFLICTS: 0.4, REPAIRS: 0.5, SUSPECTS: 0.1}  # of the time, where it is limited
MOST_PROMISES = 12  # rules of the conflicts that are asked alone


@dataclass(frozen=True)
class Impossible:
    """What is known of an impossible model; of one that has a plan, `conflicts.status` says so and the rest is empty.

    given: of each conflict. equal: repairs that cost as little as the cheapest, bound by bound, where all were asked for;
    equal_complete: these are all, proved.
    """

    conflicts: Conflicts
    given: tuple[Givens, ...] = ()
    repairs: Repairs | None = None
    equal: tuple[tuple[Change, ...], ...] = ()
    equal_complete: bool = False
    suspects: Suspects | None = None

    @property
    def solves(self) -> int:
        parts = [self.repairs, self.suspects]
        return self.conflicts.solves + sum(part.solves for part in parts if part is not None)


@dataclass(frozen=True)
class Wanted:
    """conflicts (None: all), repairs: at most so many; equal: of those that cost the least. by_groups: of groups, not rules."""

    conflicts: int | None = 5
    repairs: int = 3
    by_groups: bool = False
    equal: int = 0


def impossible(problem: Problem, clock: Clock, wanted: Wanted, *, solver: str, reporter: Reporter) -> Impossible:
    """What keeps a model from having a plan, and what would give it one."""
    engine = backend(solver)

    def tell(what: str) -> Callable[[int], None]:
        def told(count: int = 0) -> None:
            reporter(Progress(what, count, None, clock.seconds))

        told()
        return told

    found = conflicts(
        problem,
        _part(clock, CONFLICTS),
        solver=solver,
        most=wanted.conflicts,
        by_groups=wanted.by_groups,
        told=tell(CONFLICTS),
    )
    if found.status != Status.INFEASIBLE:
        return Impossible(found)
    given = tuple(givens(problem, one, engine, clock) for one in found.found)
    tell(REPAIRS)
    rules = sorted({rule.id for one in found.found for rule in one.rules if one.proved})[:MOST_PROMISES]
    mended = repairs(problem, engine, _part(clock, REPAIRS), most=wanted.repairs, promises=rules)
    equal, all_equal = cheapest(problem, engine, clock, wanted.equal) if wanted.equal else ([], False)
    tell(SUSPECTS)
    wrong = _suspects(problem, found.found, given, solver, clock)
    return Impossible(found, given, mended, tuple(equal), all_equal, wrong)


def _suspects(
    problem: Problem, found: tuple[Conflict, ...], given: tuple[Givens, ...], solver: str, clock: Clock
) -> Suspects:
    """The cells that would mend one of the conflicts, the most unlike their columns first."""
    cells: dict[tuple[object, ...], Suspect] = {}
    solves, complete = 0, True
    for one, held in zip(found, given, strict=True):
        if not one.proved:
            complete = False
            continue
        wrong = suspects(problem, one, held, backend(solver), clock)
        solves, complete = solves + wrong.solves, complete and wrong.complete
        for cell in wrong.found:
            cells.setdefault((cell.source, cell.row, cell.column), cell)
    ordered = sorted(cells.values(), key=lambda cell: (not cell.all_mended, -cell.nearer))
    return Suspects(tuple(ordered), complete, solves)


def _part(clock: Clock, what: str) -> Clock:
    """A clock for one of the questions; without a limit, the same."""
    return clock if clock.left is None else clock.within(clock.left * PARTS[what] / sum(_from(what)))


def _from(what: str) -> list[float]:
    """The parts of the time that are still to come."""
    names = list(PARTS)
    return [PARTS[name] for name in names[names.index(what) :]]
