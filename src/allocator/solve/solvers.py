"""The solvers by name, and one way to ask: what they say is put in order; where one ends without a proof the other is asked.

Lives here: the registry; `settled`.
Not here: the solvers themselves (highs.py, cpsat.py), what an outcome is (part.py), stages (course.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from allocator.model.status import Status
from allocator.solve.part import Backend, Clock, Outcome, Part, in_order, near_enough


def backend(name: str) -> Backend:
    """The solver of a name: highs or cpsat. Raises KeyError."""
    loaders: dict[str, Callable[[], Backend]] = {"highs": _highs, "cpsat": _cpsat}
    return loaders[name]()


def unlike(name: str) -> str:
    """The solver that gives the second opinion on a plan of another one."""
    return "highs" if name == "cpsat" else "cpsat"


def settled(engine: Backend, part: Part, clock: Clock, report: Callable[[int | None, int | None], None]) -> Outcome:
    """What a solver says of a part; where it ends before any limit without a proof, what both solvers say."""
    first = in_order(part, engine(part, clock, report))
    if first.status in (Status.OPTIMAL, Status.INFEASIBLE) or clock.over or near_enough(part, first, clock):
        return first
    start = part.start if first.x is None else first.x
    second = in_order(part, backend(unlike(engine.name))(replace(part, start=start), clock, report))
    if second.status in (Status.OPTIMAL, Status.INFEASIBLE):
        return replace(second, duals=first.duals if second.duals is None else second.duals)
    bounds = [outcome.bound for outcome in (first, second) if outcome.bound is not None]
    plans = [outcome.x for outcome in (first, second) if outcome.x is not None]
    best = min(plans, key=part.value, default=None)
    return in_order(
        part,
        Outcome(Status.NO_PLAN if best is None else Status.NOT_PROVED, best, max(bounds, default=None), first.duals),
    )


def _highs() -> Backend:
    from allocator.solve.highs import Highs

    return Highs()


def _cpsat() -> Backend:
    from allocator.solve.cpsat import CpSat

    return CpSat()
