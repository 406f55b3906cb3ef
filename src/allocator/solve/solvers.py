"""The solvers by name, and one way to ask: what they say is put in order; where one ends without a proof the other is asked.

Lives here: the registry; `asked`, `settled`, linear programmes; what is told of a solver that was lost.
Not here: the solvers themselves (highs.py, cpsat.py), their processes (guest.py), what an outcome is (part.py), stages
(course.py).
"""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.faults import Warned
from allocator.model.status import Status
from allocator.solve.guest import Apart, Lost, apart
from allocator.solve.part import Backend, Clock, Outcome, Part, Report, in_order, near_enough, untold
from allocator.words import Say

PACKAGES = {"highs": "highspy", "cpsat": "ortools"}
TITLES = {"highs": "HiGHS", "cpsat": "CP-SAT"}


@dataclass(frozen=True)
class _Named:
    """A solver by its name; its package is imported where it works."""

    name: str

    def version(self) -> str:
        return version(PACKAGES[self.name])

    def __call__(self, part: Part, clock: Clock, report: Report) -> Outcome:
        solver = _highs() if self.name == "highs" else _cpsat()
        return solver(part, clock, report)


def backend(name: str) -> Backend:
    """The solver of a name, highs or cpsat, in a process of its own. Raises KeyError."""
    return Apart(_Named({one: one for one in PACKAGES}[name]))


def unlike(name: str) -> str:
    """The solver that gives the second opinion on a plan of another one."""
    return "highs" if name == "cpsat" else "cpsat"


def asked(
    engine: Backend, part: Part, clock: Clock, report: Report = untold, about: Say | None = None, *, other: bool = False
) -> Outcome:
    """What a solver says of a part, in order; of one that was lost, the best plan that it had told.

    about: what it works on, and `other`: whether the other solver is asked next; for what is told where it was lost.
    """
    try:
        return in_order(part, engine(part, clock, report))
    except Lost as lost:
        told = [plan for plan in (part.start, lost.plan) if plan is not None and _fits(part, plan)]
        _tell(clock, engine.name, lost, about, other=other and not clock.over)
        return in_order(part, Outcome(Status.NO_PLAN, min(told, key=part.value, default=None)))


def settled(engine: Backend, part: Part, clock: Clock, report: Report, about: Say | None = None) -> Outcome:
    """What a solver says of a part; where it ends before any limit without a proof, what both solvers say."""
    first = asked(engine, part, clock, report, about, other=True)
    if first.status in (Status.OPTIMAL, Status.INFEASIBLE) or clock.over or near_enough(part, first, clock):
        return first
    start = part.start if first.x is None else first.x
    second = asked(backend(unlike(engine.name)), replace(part, start=start), clock, report, about)
    if second.status in (Status.OPTIMAL, Status.INFEASIBLE):
        return replace(second, duals=first.duals if second.duals is None else second.duals)
    bounds = [outcome.bound for outcome in (first, second) if outcome.bound is not None]
    plans = [outcome.x for outcome in (first, second) if outcome.x is not None]
    best = min(plans, key=part.value, default=None)
    return in_order(
        part,
        Outcome(Status.NO_PLAN if best is None else Status.NOT_PROVED, best, max(bounds, default=None), first.duals),
    )


def linear_prices(part: Part, clock: Clock) -> NDArray[np.float64] | None:
    """The row prices of the linear programme: floats, a hint for an exact proof (exact.py); None where there are none."""
    found: NDArray[np.float64] | None = _linear(_prices, part, clock)
    return found


def linear_value(part: Part, clock: Clock) -> float | None:
    """The optimum of the linear programme, a float; None where it has none, or a limit comes first."""
    found: float | None = _linear(_value, part, clock)
    return found


def _linear(work: Callable[[Part, Clock, Report], Any], part: Part, clock: Clock) -> Any:
    """A hint: without it the work goes on."""
    try:
        return apart(work, part, clock, untold)
    except Lost as lost:
        _tell(clock, "highs", lost, None, other=False)
        return None


def _prices(part: Part, clock: Clock, _: Report) -> Any:
    from allocator.solve import highs

    return highs.linear_prices(part, clock)


def _value(part: Part, clock: Clock, _: Report) -> Any:
    from allocator.solve import highs

    return highs.linear_value(part, clock)


def _fits(part: Part, plan: NDArray[np.int64]) -> bool:
    return len(plan) == len(part.cost) and part.feasible(plan)


def _tell(clock: Clock, solver: str, lost: Lost, about: Say | None, *, other: bool) -> None:
    """In plain words, as a warning; nothing of one that only went on after its time."""
    if lost.reason == "deaf":
        return
    known = lost.number in {one.value for one in signal.Signals}
    ended = signal.Signals(lost.number).name if known else "exit"
    facts = {"solver": TITLES.get(solver, solver), "about": about or Say("faults.lost.question"), "signal": ended}
    then = Say("faults.lost.other" if other else "faults.lost.rest")
    said = Say(f"faults.lost.{lost.reason}", {**facts, "then": then})
    clock.lost.append(said)
    warnings.warn(Warned(said), stacklevel=2)


def _highs() -> Backend:
    from allocator.solve.highs import Highs

    return Highs()


def _cpsat() -> Backend:
    from allocator.solve.cpsat import CpSat

    return CpSat()
