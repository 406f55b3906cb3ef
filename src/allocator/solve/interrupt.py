"""Runs a solver in a thread, so that Ctrl-C is heard while it works.

Lives here: waiting for a call that can be stopped meanwhile.
Not here: what a stopped solver found.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from allocator.solve.subproblem import Clock

LISTEN_S = 0.1
GRACE_S = 3.0  # a solver that has not stopped by then does not hear: deep in its presolve, say


class Unheard(Exception):
    """The solver was told to stop and went on: it is left to itself, and what it might find is lost."""


def waited(run: Callable[[], Any], stop: Callable[[], Any], clock: Clock) -> Any:
    """The result of `run`, called in another thread; `stop` is called once when the clock says so.

    Raises what it raises, and Unheard where it does not stop.
    """
    held: list[Any] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            held.append(run())
        except BaseException as error:  # handed over to the waiting thread, which raises it
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    stopped: float | None = None
    while thread.is_alive():
        try:
            thread.join(LISTEN_S)
        except KeyboardInterrupt:
            clock.stop.set()
        if clock.over and stopped is None:
            stopped = time.monotonic()
            stop()
        if stopped is not None and time.monotonic() - stopped > GRACE_S and thread.is_alive():
            raise Unheard
    if failed:
        raise failed[0]
    return held[0]
