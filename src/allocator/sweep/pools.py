"""Where the cases of a sweep are worked on: this process, processes of this machine, a Dask cluster.

Lives here: the seam, which is `concurrent.futures.Executor`; a pool that can be made anew when its workers die.
Not here: which tasks there are and what becomes of them (run.py).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

LOCAL = "local"  # the name of a cluster that we start ourselves


class NoCluster(Exception):
    """A cluster that cannot be had: `reason` is "not-installed" or what the connection said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Pool:
    """An executor for `width` tasks at a time; `renew` gives another one in the place of a broken one."""

    executor: Executor
    width: int
    renew: Callable[[], Executor]


class Here(Executor):
    """Works in this process, one task at a time, when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def here() -> Iterator[Pool]:
    """This process."""
    yield Pool(Here(), 1, Here)


@contextmanager
def processes(workers: int) -> Iterator[Pool]:
    """Processes of this machine, started afresh: a fork beside the threads of a solver could hang."""

    def start() -> Executor:
        return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))

    pool = Pool(start(), workers, start)

    def renew() -> Executor:
        pool.executor.shutdown(wait=False, cancel_futures=True)
        pool.executor = start()
        return pool.executor

    pool.renew = renew
    try:
        yield pool
    finally:
        pool.executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def cluster(address: str, workers: int) -> Iterator[Pool]:
    """A Dask cluster: the scheduler at `address` (tcp://host:port), or with "local" one that is started over TCP.

    Its workers must see the same files under the same paths. Raises NoCluster.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise NoCluster("not-installed") from error
    started = None
    try:
        if address == LOCAL:
            started = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                protocol="tcp://",
                dashboard_address=None,
                silence_logs=50,
            )
        client = Client(started if started is not None else address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        if started is not None:
            started.close()
        raise NoCluster(str(error)) from error
    try:
        width = sum(client.nthreads().values()) or 1
        # Every task is asked for once: one that looks the same is not taken from another's memory.
        executor = client.get_executor(pure=False)
        yield Pool(executor, width, lambda: client.get_executor(pure=False))
    finally:
        client.close()
        if started is not None:
            started.close()
