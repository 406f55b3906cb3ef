"""Calls of a solver that can be stopped while they work.

Lives here: such a call, in a thread of its own, so that Ctrl-C is heard meanwhile; or where it is asked for, in a process that
hears nothing but SIGTERM and whose first thread does nothing but that: a new thread can take as long as a small problem.
Not here: what a stopped solver found.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from allocator.solve.subproblem import Clock

LISTEN_S = 0.1
GRACE_S = 3.0  # a solver that has not stopped by then does not hear: deep in its presolve, say


class Unheard(Exception):
    """The solver was told to stop and went on: it is left to itself, and what it might find is lost."""


class Ear:
    """What a process that hears SIGTERM in its first thread tells the others: to the question that is worked on, to its calls."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._calls: dict[object, Callable[[], Any]] = {}

    def next_question(self) -> threading.Event:
        """What is set where the next question is to be stopped."""
        self._stop = threading.Event()
        return self._stop

    @contextmanager
    def stopping(self, stop: Callable[[], Any]) -> Iterator[None]:
        """A call, which ends where `stop` is called, again and again: it may not have begun yet."""
        call = object()
        self._calls[call] = stop
        try:
            yield
        finally:
            del self._calls[call]

    def listen(self) -> NoReturn:
        """Hears SIGTERM, which every thread of the process has to block."""
        while True:
            signal.sigwait({signal.SIGTERM})
            self._stop.set()
            while self._stop.is_set():
                for stop in list(self._calls.values()):
                    stop()
                time.sleep(LISTEN_S)


_ear: Ear | None = None


def hearing(work: Callable[[Ear], Any]) -> NoReturn:
    """Does some work in the one thread of a process that nobody sends Ctrl-C, and ends with it; hears SIGTERM meanwhile.

    In a new thread, whatever thread has forked: solvers keep threads of theirs for each of ours, and a fork takes none along.
    """
    global _ear
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    ear = _ear = Ear()

    def done() -> None:
        try:
            work(ear)
        finally:
            os._exit(0)

    threading.Thread(target=done, daemon=True).start()
    ear.listen()


def waited(run: Callable[[], Any], stop: Callable[[], Any], clock: Clock) -> Any:
    """The result of `run`; `stop` is called when the clock says so.

    Raises what it raises, and Unheard where it does not stop: not in a process that has an ear, which is ended from outside.
    """
    if _ear is None:
        return _in_a_thread(run, stop, clock)
    with _ear.stopping(stop):
        return run()


def _in_a_thread(run: Callable[[], Any], stop: Callable[[], Any], clock: Clock) -> Any:
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
