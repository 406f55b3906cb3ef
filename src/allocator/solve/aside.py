"""Work that goes on beside this process, in a copy of it: it needs nothing but what is there already, and gives one value.

Lives here: beginning it, its result.
Not here: questions to solvers (guest.py); in the copy they are asked without a guest, since the copy is a process of its own.

Where there can be no copy, or it is lost, the work is done here when its result is asked for: so what is raised is raised here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

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
        def told(pipe: Connection) -> None:
            guest.stay()
            pipe.send(self.work())

        self._number, self._pipe = guest.copied(told)

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
            guest.ended(self._number, self._pipe)
            self._pipe = None
