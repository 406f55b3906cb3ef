"""A limit is kept also while Python works: a stage that is put together is ended where it stands, as where memory ends.

Lives here: that end, by an alarm of the system.
Not here: the limits of solvers (guest.py), what stays of a plan (whoever asks).
"""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from allocator.faults import Warned
from allocator.solve.parts import Infeasible, Stopped
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import Clock
from allocator.words import Say

LATE_S = 3.0  # after the time is over: later than a solver that does not hear is ended
AGAIN_S = 1.0  # what swallowed one alarm hears the next

_watched = False
P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def punctual(clock: Clock) -> Iterator[None]:
    """Raises Stopped inside, wherever the work stands, soon after the time is over; in the main thread."""
    global _watched
    heard = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    limit = clock.limits.time_limit_s
    if limit is None or _watched or not heard:
        yield
        return
    late = False

    def end(*_: object) -> None:
        nonlocal late
        if _watched:
            late = True
            raise Stopped

    before = signal.signal(signal.SIGALRM, end)
    _watched = True
    signal.setitimer(signal.ITIMER_REAL, max(limit + LATE_S - clock.seconds, 0.01), AGAIN_S)
    try:
        yield
    except (Stopped, Infeasible):
        raise
    except Exception as error:  # what a library, the database say, made of the alarm
        if late:
            raise Stopped from error
        raise
    finally:
        _watched = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def timely(work: Callable[Concatenate[StageSolver, P], R]) -> Callable[Concatenate[StageSolver, P], R]:
    """Work on a course that is punctual, and ends as at a limit where memory runs out."""

    @wraps(work)
    def watched(course: StageSolver, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with punctual(course.clock):
                return work(course, *args, **kwargs)
        except MemoryError as error:
            said = Say("faults.lost.room", {"about": course.about, "then": Say("faults.lost.rest")})
            course.clock.lost.append(said)
            warnings.warn(Warned(said), stacklevel=2)
            raise Stopped from error

    return watched
