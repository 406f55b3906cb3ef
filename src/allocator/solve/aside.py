"""Work that goes on beside this process, in a copy of it: it needs nothing but what is there already, and gives one value.

Lives here: beginning it, its result.
Not here: questions to solvers (guest.py); in the copy they are asked without a guest, since the copy is a process of its own.

Where there can be no copy, or it is lost, the work is done here when its result is asked for: so what is raised is raised here.
"""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from typing import Generic, NoReturn, TypeVar

from allocator.solve import guest
from allocator.solve.parts import Stopped
from allocator.solve.subproblem import Clock

R = TypeVar("R")


class Aside(Generic[R]):
    """A piece of work that has begun; where the context ends, it ends.

    clock: whose threads say whether two processes may work at once; a copy that goes on after its end is given up.
    long: whether the work takes longer than a copy of the process, which is some ten milliseconds.
    """

    def __init__(self, work: Callable[[], R], clock: Clock, *, long: bool = True) -> None:
        self.work, self.clock = work, clock
        self._pipe: Connection | None = None
        if long and guest.FORKS and clock.limits.threads > 1:
            with suppress(OSError):  # no more processes are allowed, or no memory for one
                self._begin()

    def _begin(self) -> None:
        pipe, theirs = Pipe(duplex=False)
        host, room = os.getpid(), guest.room()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the copy uses nothing that another thread may hold
            self._number = os.fork()
        if not self._number:
            _do(self.work, theirs, host, room)
        theirs.close()
        self._pipe = pipe

    def __enter__(self) -> Aside[R]:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def result(self) -> R:
        """What the work gives. Raises what it raises, and Stopped where somebody wants an end, or a limit came first."""
        late: float | None = None
        try:
            while self._pipe is not None and not self._pipe.poll(guest.LISTEN_S):
                if self.clock.over:
                    late = late or time.monotonic() + guest.GRACE_S
                    if time.monotonic() > late:
                        raise Stopped
            if self._pipe is not None:
                found: R = self._pipe.recv()
                return found
        except KeyboardInterrupt:
            self.clock.stop.set()
            raise Stopped from None
        except (EOFError, OSError):
            pass
        finally:
            self.end()
        return self.work()

    def end(self) -> None:
        """Without a word."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
            with suppress(ChildProcessError, ProcessLookupError):
                os.kill(self._number, signal.SIGKILL)
                os.waitpid(self._number, 0)


def _do(work: Callable[[], object], pipe: Connection, host: int, room: int) -> NoReturn:
    try:
        guest.stay()
        guest.alone(pipe, host)
        guest.bounded(room)
        pipe.send(work())
    finally:
        os._exit(0)
