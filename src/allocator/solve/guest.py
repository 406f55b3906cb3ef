"""Solvers as guests: each works in a process of its own, so that nothing it does can end this one or hold it up.

Lives here: that process, asking it, what is told of one that was lost.
Not here: who is asked instead (solvers.py), the solvers themselves (highs.py, cpsat.py).

Only plain values go in and out: a question as arrays, its answer, the progress and the plans on the way there. A guest is
forked where its first question comes up, and kept for the next ones; it is its thread's own, and ends with it. One that
crashes, runs out of memory, or goes on long after its time leaves the best plan that it told. Where a fork is not safe,
which is everywhere but on Linux, or not allowed, solvers work in this process.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Generic, Literal, NoReturn, TypeVar
from weakref import WeakSet

from allocator.model.query import Ints
from allocator.solve.interrupt import Ear, hearing
from allocator.solve.subproblem import Backend, Clock, Report, SolverResult, Subproblem

FORKS = sys.platform == "linux" and Path("/proc/self/fd").exists()
LISTEN_S = 0.1
GRACE_S = 2.0  # a solver that has not stopped by then does not hear: deep in its presolve, say
SHARE = 0.85  # of the memory that is free when a guest comes: the rest of the machine goes on
FULL = 0.8  # of that: a guest that has held as much when it ends has run short of it

Reason = Literal["signal", "memory", "deaf"]
R = TypeVar("R")


class Lost(Exception):
    """A solver that was lost before it answered: the signal that ended it, memory that ran out, or it heard no limit.

    plan: the best that it had told, not checked.
    """

    def __init__(self, reason: Reason, number: int = 0, plan: Ints | None = None) -> None:
        super().__init__(f"{reason} {number}")
        self.reason, self.number, self.plan = reason, number, plan


@dataclass(frozen=True)
class Apart:
    """A solver in a process of its own. Raises Lost where that ends before it has answered."""

    solver: Backend

    @property
    def name(self) -> str:
        return self.solver.name

    def version(self) -> str:
        return self.solver.version()

    def __call__(self, part: Subproblem, clock: Clock, report: Report) -> SolverResult:
        found: SolverResult = apart(self.solver, part, clock, report)
        return found


def apart(work: Callable[[Subproblem, Clock, Report], Any], part: Subproblem, clock: Clock, report: Report) -> Any:
    """What `work` gives, in the process of a guest. Raises what it raises, and Lost."""
    guest = _mine.guest
    if guest is None or not guest.whole():
        guest = _mine.guest = _arrived()
    if guest is None:
        return work(part, clock, report)
    try:
        return guest.asked(work, part, clock, report)
    except BaseException:
        leave()  # it may be in the midst of something
        raise


def _arrived() -> _Guest | None:
    """A new guest; None where there cannot be one."""
    try:
        return _Guest() if FORKS and _mine.welcome else None
    except OSError:  # no more processes are allowed, or no memory for one
        return None


class Meanwhile(Generic[R]):
    """Work of this thread that is done while its guest works on the next question, or when its value is asked for."""

    def __init__(self, work: Callable[[], R]) -> None:
        self.work = work
        _mine.waiting.add(self)

    @cached_property
    def value(self) -> R:
        """What the work gives. Raises what it raises."""
        _mine.waiting.discard(self)
        return self.work()


def several(engine: Backend, clock: Clock) -> bool:
    """Whether two threads may ask a solver at once, each in a process of its own."""
    return isinstance(engine, Apart) and FORKS and _mine.welcome and clock.limits.threads > 1


def stay() -> None:
    """This process has no guests: it is itself a copy that may end at any time."""
    _mine.guest, _mine.welcome = None, False


def leave() -> None:
    """Ends the guest of this thread; the next question is asked of a new one."""
    if _mine.guest is not None:
        _mine.guest.end()
    _mine.guest = None


class _Mine(threading.local):
    guest: _Guest | None = None
    welcome = True

    def __init__(self) -> None:
        self.waiting: WeakSet[Meanwhile[Any]] = WeakSet()  # as long as somebody can still ask for it


_mine = _Mine()


@dataclass
class _Best:
    """The last plan that was told, and whoever wants to hear of progress."""

    report: Report
    plan: Ints | None = None

    def __call__(self, found: int | None, least: int | None, plan: Ints | None = None) -> None:
        self.plan = self.plan if plan is None else plan
        self.report(found, least)


class _Guest:
    """The process, seen from whoever asks."""

    def __init__(self) -> None:
        self.host, self.room = os.getpid(), int(SHARE * _free_bytes())
        self.gone = True  # until it has come
        self.number, self.pipe = copied(_serve, self.room)
        self.gone = False

    def whole(self) -> bool:
        """It is there, and this process is the one that it came to."""
        return self.host == os.getpid() and not self.gone and not self.pipe.poll()

    def asked(self, work: Callable[..., Any], part: Subproblem, clock: Clock, report: Report) -> Any:
        told = _Best(report)
        try:
            self.pipe.send((work, part, clock.limits, clock.began))
            for one in list(_mine.waiting):
                _ = one.value
            answer = self._answer(clock, told)
        except (EOFError, ConnectionError):
            raise self._lost(clock, told.plan) from None
        if clock.over:
            self.end()  # it was told to stop, and might hear that when it works on the next question
        if isinstance(answer, MemoryError):
            raise Lost("memory", plan=told.plan) from answer
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _answer(self, clock: Clock, told: _Best) -> Any:
        late: float | None = None
        while True:
            try:
                ready = self.pipe.poll(LISTEN_S)
            except KeyboardInterrupt:
                clock.stop.set()
                continue
            if ready:
                what, *answer = self.pipe.recv()
                if what == "answer":
                    return answer[0]
                told(*answer)
            if clock.over and late is None:
                late = time.monotonic() + GRACE_S
                os.kill(self.number, signal.SIGTERM)
            if late is not None and time.monotonic() > late:
                raise Lost("deaf", plan=told.plan)

    def _lost(self, clock: Clock, plan: Ints | None) -> Lost:
        """Why it ended."""
        self.gone = True
        try:
            _, status, used = os.wait4(self.number, 0)
        except ChildProcessError:  # somebody else in this process has asked after it
            return Lost("signal", 0, plan)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if clock.over and number == signal.SIGTERM:
            return Lost("deaf", number, plan)
        full = used.ru_maxrss * 1024 > FULL * self.room
        return Lost("memory" if full or number == signal.SIGKILL else "signal", number, plan)

    def end(self) -> None:
        """Without a word: there is nothing in it that is needed."""
        if not self.gone and self.host == os.getpid():
            self.gone = True
            ended(self.number, self.pipe)

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self.end()


# In the guest ---------------------------------------------------------------------------------------------------------


def _serve(pipe: Connection) -> NoReturn:
    """Answers questions until nobody asks any more."""

    def answering(ear: Ear) -> None:
        while True:
            work, part, limits, began = pipe.recv()
            clock = Clock(limits, began, ear.next_question())
            pipe.send(("answer", _answered(work, part, clock, pipe)))

    hearing(answering)


def _answered(work: Callable[..., Any], part: Subproblem, clock: Clock, pipe: Connection) -> Any:
    sending = threading.Lock()  # solvers tell their progress from threads of theirs

    def report(found: int | None, least: int | None, plan: Ints | None = None) -> None:
        with sending:
            pipe.send(("progress", found, least, plan))

    try:
        return work(part, clock, report)
    except Exception as error:
        return error


# A copy of this process ------------------------------------------------------------------------------------------------


def copied(work: Callable[[Connection], None], most: int | None = None) -> tuple[int, Connection]:
    """The number of a copy of this process that does some work and ends with it, and the pipe to it. Raises OSError.

    most: bytes that it may take beyond what it has; unsaid, a share of what is free.
    """
    pipe, theirs = Pipe()
    host, most = os.getpid(), int(SHARE * _free_bytes()) if most is None else most
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the copy uses nothing that another thread may hold
        number = os.fork()
    if not number:
        try:
            _alone(theirs, host)
            _bounded(most)
            work(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return number, pipe


def ended(number: int, pipe: Connection) -> None:
    """Ends a copy without a word: there is nothing in it that is needed."""
    pipe.close()
    with suppress(ChildProcessError, ProcessLookupError):
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def _alone(pipe: Connection, host: int) -> None:
    """It ends with its host, however that ends; Ctrl-C is the host's to answer; its words and files are nobody's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.disable()
    gc.freeze()  # nothing that came along is ever given back: whatever threads it had are not here
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != host:
        os._exit(0)
    nobody = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nobody, stream)
    for other in [int(file.name) for file in Path("/proc/self/fd").iterdir()]:
        if other > 2 and other != pipe.fileno():
            with suppress(OSError):
                os.close(other)


def _bounded(room: int) -> None:
    """So much more memory; where the system itself runs short, the guest goes first; no image of it is left behind."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _kilobytes("/proc/self/status", "VmData:") * 1024 + room
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _free_bytes() -> int:
    """What the machine, or the container, has left."""
    free = _kilobytes("/proc/meminfo", "MemAvailable:") * 1024
    try:
        most, used = (Path(f"/sys/fs/cgroup/memory.{one}").read_text(encoding="ascii") for one in ("max", "current"))
        return free if most.strip() == "max" else min(free, int(most) - int(used))
    except OSError:
        return free


def _kilobytes(file: str, name: str) -> int:
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
