"""Runs a solver in a thread, so that Ctrl-C is heard while it works.

Lives here: waiting for a call with an ear for the wish to stop.
Not here: what a stopped solver found.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from allocator.solve.part import Clock

LISTEN_S = 0.1


def waited(run: Callable[[], Any], stop: Callable[[], Any], clock: Clock) -> Any:
    """The result of `run`, called in another thread; `stop` is called once when the clock says so. Raises what it raises."""
    held: list[Any] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            held.append(run())
        except BaseException as error:  # handed over to the waiting thread, which raises it
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    stopped = False
    while thread.is_alive():
        try:
            thread.join(LISTEN_S)
        except KeyboardInterrupt:
            clock.stop.set()
        if clock.stop.is_set() and not stopped:
            stopped = True
            stop()
    if failed:
        raise failed[0]
    return held[0]
