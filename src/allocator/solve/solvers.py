"""The solvers by name, and one way to ask: what they say is put in order; where one ends without a proof the other is asked.

Lives here: the registry; `asked`, `settled`, linear programmes; what is told of a solver that was lost.
Not here: the solvers themselves (highs.py, cpsat.py), their processes (guest.py), what an outcome is (subproblem.py), stages
(stages.py).
"""

from __future__ import annotations

import signal
import warnings
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.faults import Warned
from allocator.model.status import Status
from allocator.solve.guest import Apart, Lost, apart
from allocator.solve.subproblem import Backend, Clock, Report, SolverResult, Subproblem, in_order, near_enough, untold
from allocator.words import Say


@dataclass(frozen=True)
class Solver:
    """A solver that is known by name.

    title: its name for people. package: the one whose version is told. home: module and class of its Backend; imported in
    the process where it works. second: the solver that is asked where this one ends without a proof, and for the second
    opinion on its plans. linear: the module whose `linear_point` and `linear_value` answer linear programmes, if it can.
    """

    name: str
    title: str
    package: str
    home: tuple[str, str]
    second: str
    linear: str | None = None

    def made(self) -> Backend:
        module, kind = self.home
        made: Backend = getattr(import_module(module), kind)()
        return made


SOLVERS: dict[str, Solver] = {}


def add_solver(solver: Solver) -> None:
    """Makes a solver known; one of the same name gives way."""
    SOLVERS[solver.name] = solver


add_solver(
    Solver("highs", "HiGHS", "highspy", ("allocator.solve.highs", "Highs"), "cpsat", linear="allocator.solve.highs")
)
add_solver(Solver("cpsat", "CP-SAT", "ortools", ("allocator.solve.cpsat", "CpSat"), "highs"))


_version = cache(version)  # it reads a file of the package


@dataclass(frozen=True)
class _Named:
    """A solver by its name; it is imported where it works."""

    name: str

    def version(self) -> str:
        return _version(SOLVERS[self.name].package)

    def __call__(self, part: Subproblem, clock: Clock, report: Report) -> SolverResult:
        return SOLVERS[self.name].made()(part, clock, report)


def backend(name: str) -> Backend:
    """The solver of a name, in a process of its own. Raises KeyError."""
    return Apart(_Named(SOLVERS[name].name))


def second_solver(name: str) -> str:
    """The solver that gives the second opinion on a plan of another one; on one of a solver that nobody knows, the first."""
    return SOLVERS[name].second if name in SOLVERS else next(iter(SOLVERS))


def asked(
    engine: Backend,
    part: Subproblem,
    clock: Clock,
    report: Report = untold,
    about: Say | None = None,
    *,
    other: bool = False,
) -> SolverResult:
    """What a solver says of a part, in order; of one that was lost, the best plan that it had told.

    about: what it works on, and `other`: whether the other solver is asked next; for what is told where it was lost.
    """
    try:
        return in_order(part, engine(part, clock, report))
    except Lost as lost:
        told = [plan for plan in (part.start, lost.plan) if plan is not None and _fits(part, plan)]
        _tell(clock, engine.name, lost, about, other=other and not clock.over)
        return in_order(part, SolverResult(Status.NO_PLAN, min(told, key=part.value, default=None)))


def settled(engine: Backend, part: Subproblem, clock: Clock, report: Report, about: Say | None = None) -> SolverResult:
    """What a solver says of a part; where it ends before any limit without a proof, what both solvers say."""
    first = asked(engine, part, clock, report, about, other=True)
    if first.status in (Status.OPTIMAL, Status.INFEASIBLE) or clock.over or near_enough(part, first, clock):
        return first
    start = part.start if first.x is None else first.x
    second = asked(backend(second_solver(engine.name)), replace(part, start=start), clock, report, about)
    if second.status in (Status.OPTIMAL, Status.INFEASIBLE):
        return replace(second, duals=first.duals if second.duals is None else second.duals)
    bounds = [outcome.bound for outcome in (first, second) if outcome.bound is not None]
    plans = [outcome.x for outcome in (first, second) if outcome.x is not None]
    best = min(plans, key=part.value, default=None)
    return in_order(
        part,
        SolverResult(
            Status.NO_PLAN if best is None else Status.NOT_PROVED, best, max(bounds, default=None), first.duals
        ),
    )


def linear_prices(part: Subproblem, clock: Clock) -> NDArray[np.float64] | None:
    """The row prices of the linear programme alone; see linear_point."""
    found = linear_point(part, clock)
    return None if found is None else found[0]


def linear_value(part: Subproblem, clock: Clock) -> float | None:
    """The optimum of the linear programme, a float; None where it has none, or a limit comes first."""
    found: float | None = _linear("linear_value", part, clock)
    return found


def linear_point(part: Subproblem, clock: Clock) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The row prices of the linear programme and a point where it is at its optimum: floats, a hint for an exact proof
    (duality.py); None where there are none."""
    found: tuple[NDArray[np.float64], NDArray[np.float64]] | None = _linear("linear_point", part, clock)
    return found


@dataclass(frozen=True)
class _Linear:
    """A question of a linear programme, for the module of a solver."""

    module: str
    ask: str

    def __call__(self, part: Subproblem, clock: Clock, _: Report) -> Any:
        return getattr(import_module(self.module), self.ask)(part, clock)


def _linear(ask: str, part: Subproblem, clock: Clock) -> Any:
    """A hint: without it the work goes on."""
    for solver in SOLVERS.values():
        if solver.linear is not None:
            try:
                return apart(_Linear(solver.linear, ask), part, clock, untold)
            except Lost as lost:
                _tell(clock, solver.name, lost, None, other=False)
    return None


def _fits(part: Subproblem, plan: NDArray[np.int64]) -> bool:
    return len(plan) == len(part.cost) and part.feasible(plan)


def _tell(clock: Clock, solver: str, lost: Lost, about: Say | None, *, other: bool) -> None:
    """In plain words, as a warning; nothing of one that only went on after its time."""
    if lost.reason == "deaf":
        return
    known = lost.number in {one.value for one in signal.Signals}
    ended = signal.Signals(lost.number).name if known else "exit"
    title = SOLVERS[solver].title if solver in SOLVERS else solver
    facts = {"solver": title, "about": about or Say("faults.lost.question"), "signal": ended}
    then = Say("faults.lost.other" if other else "faults.lost.rest")
    said = Say(f"faults.lost.{lost.reason}", {**facts, "then": then})
    clock.lost.append(said)
    warnings.warn(Warned(said), stacklevel=2)
