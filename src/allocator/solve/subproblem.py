"""One integer program given to a backend, and what comes back: plain values, no solver.

Lives here: Subproblem (a problem that no rule ties to another), SolverResult, Limits, Progress, Clock.
Not here: how parts are made and their answers put together (solve/stages.py), the backends (highs.py, cpsat.py).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from allocator.model.query import Ints
from allocator.model.status import Status
from allocator.problem.arrays import Matrix
from allocator.words import Say


@dataclass(frozen=True)
class Subproblem:
    """Minimise cost x over whole numbers lower <= x <= upper with row_lower <= matrix x <= row_upper.

    `start`: a plan that satisfies all of it, if one is known. `hints`: groupings of the columns (a number each, -1: none)
    that may cut a large part into blocks; they change no answer. `target`: any plan that costs no more is as good as any
    other, and one that costs more is none (None: the least cost is asked for).
    """

    matrix: Matrix
    row_lower: Ints
    row_upper: Ints
    lower: Ints
    upper: Ints
    cost: Ints
    start: Ints | None = None
    hints: tuple[Ints, ...] = ()
    target: int | None = None

    def feasible(self, x: Ints) -> bool:
        """Whether whole numbers satisfy every bound and row, in exact arithmetic."""
        activity = self.matrix.times(x)
        return bool(
            np.all(x >= self.lower)
            and np.all(x <= self.upper)
            and np.all(activity >= self.row_lower)
            and np.all(activity <= self.row_upper)
        )

    def value(self, x: Ints) -> int:
        return int(np.dot(self.cost, x))


@dataclass(frozen=True)
class Prices:
    """Row prices times `scale`, the reduced costs, and the bound that they prove (times `scale`)."""

    price: Ints
    reduced: Ints
    bound: int
    scale: int

    @property
    def least(self) -> int:
        """No plan costs less than this whole number."""
        return -((-self.bound) // self.scale)

    def constant(self, part: Subproblem) -> int:
        """cost x times the scale, less what the reduced costs and the priced slacks come to: the same for every plan."""
        rows = np.where(self.price > 0, part.row_lower, np.where(self.price < 0, part.row_upper, 0))
        return int(np.dot(self.price, rows))


@dataclass(frozen=True)
class SolverResult:
    """What a backend found: optimal (nothing less than the value of `x` exists, or it is within the target), not proved (a
    plan), infeasible (no plan, or none within the target), or no plan (a limit came first).

    `bound` is what no plan can go below (None: not known); `duals` are the floats of the LP, if one was solved; `prices`
    prove in whole numbers what no plan can go below; that may be less than `bound`, which a search found.
    """

    status: Status
    x: Ints | None = None
    bound: int | None = None
    duals: NDArray[np.float64] | None = None
    prices: Prices | None = None


def in_order(part: Subproblem, outcome: SolverResult) -> SolverResult:
    """An answer of a solver in the one form that everything else relies on, whatever its status said.

    optimal: a plan whose value is the bound. not proved: a plan, and nothing says that it is the best. What contradicts
    itself proves nothing: a plan that breaks a row, a bound above a plan, no plan where one is known.
    """
    if part.target is not None:
        return _within_target(part, outcome, part.target)
    x = part.start if outcome.x is None or not part.feasible(outcome.x) else outcome.x
    sound = x is outcome.x
    if outcome.status == Status.INFEASIBLE and x is None:
        return SolverResult(Status.INFEASIBLE)
    if x is None:
        return SolverResult(Status.NO_PLAN, None, outcome.bound if outcome.x is None else None, outcome.duals)
    value = part.value(x)
    if not np.any(part.cost) or (sound and outcome.status == Status.OPTIMAL):
        return SolverResult(Status.OPTIMAL, x, value, outcome.duals, outcome.prices)
    known = outcome.bound is not None and outcome.bound <= value and (sound or outcome.x is None)
    bound = outcome.bound if known else None
    return SolverResult(Status.OPTIMAL if bound == value else Status.NOT_PROVED, x, bound, outcome.duals)


def _within_target(part: Subproblem, outcome: SolverResult, target: int) -> SolverResult:
    """The same where a plan within a target is asked for."""
    x = outcome.x
    sound = x is not None and part.feasible(x)
    if x is not None and sound and part.value(x) <= target:
        return SolverResult(Status.OPTIMAL, x, part.value(x))
    bound = part.value(x) if x is not None and sound and outcome.status == Status.OPTIMAL else outcome.bound
    beyond = bound is not None and bound > target and (x is None or (sound and bound <= part.value(x)))
    if outcome.status == Status.INFEASIBLE or beyond:
        return SolverResult(Status.INFEASIBLE, duals=outcome.duals, prices=outcome.prices)
    return SolverResult(Status.NO_PLAN)


def near_enough(part: Subproblem, outcome: SolverResult, clock: Clock) -> bool:
    """Whether the gap is within what the user allows."""
    if outcome.x is None or outcome.bound is None:
        return False
    value = part.value(outcome.x)
    return value - outcome.bound <= clock.limits.gap * abs(value)


@dataclass(frozen=True)
class Progress:
    """One line of progress: which stage, the best plan so far and the bound (in the stage's unit), seconds so far."""

    stage: str
    incumbent: float | None
    bound: float | None
    seconds: float


CERTIFICATE_STAGE = "certificate"  # what is said of the work on it

Reporter = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """The reporter that says nothing."""


PROCESSORS = os.cpu_count() or 1
ENDLESS_S = 1e8  # three years: an alarm of the system cannot be set for any time


@dataclass(frozen=True)
class Limits:
    """What the user allows: seconds in all (None: no limit), threads >= 1, seed, relative gap >= 0 (0: prove the optimum).

    More threads than there are processors count as these, and more seconds than ENDLESS_S as no limit: a run of another
    machine may ask for any number.
    """

    time_limit_s: float | None = None
    threads: int = 2
    seed: int = 0
    gap: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "threads", min(self.threads, PROCESSORS))
        if self.time_limit_s is not None and self.time_limit_s > ENDLESS_S:
            object.__setattr__(self, "time_limit_s", None)


@dataclass
class Clock:
    """The time that is left, the wish to stop, and what was lost meanwhile."""

    limits: Limits
    began: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
    lost: list[Say] = field(default_factory=list)  # what is told of solvers that did not come to an end

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def left(self) -> float | None:
        return None if self.limits.time_limit_s is None else max(self.limits.time_limit_s - self.seconds, 0.0)

    @property
    def over(self) -> bool:
        return self.stop.is_set() or (self.left is not None and self.left <= 0.0)

    def within(self, seconds: float) -> Clock:
        """A clock that ends after so many seconds, or with this one."""
        most = seconds if self.left is None else min(seconds, self.left)
        return Clock(replace(self.limits, time_limit_s=most), stop=self.stop, lost=self.lost)


class Report(Protocol):
    """Hears, while a question is worked on, the least value found, the bound, and a plan where it is a better one."""

    def __call__(self, found: int | None, least: int | None, plan: Ints | None = None, /) -> None: ...


def untold(_found: int | None, _least: int | None, _plan: Ints | None = None) -> None:
    """The report of a question whose progress nobody waits for."""


class Backend(Protocol):
    """A solver: one function from a part to an outcome."""

    @property
    def name(self) -> str: ...

    def version(self) -> str: ...

    def __call__(self, part: Subproblem, clock: Clock, report: Report) -> SolverResult: ...
