"""Where the cases of a sweep are worked on: this process, processes of this machine, a Dask cluster.

Lives here: the seam, which is `concurrent.futures.Executor`; how many tasks a pool holds; making one anew when its workers die;
workers that end with whoever started them.
Not here: which tasks there are and what becomes of them (run.py).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from allocator.faults import Warned

LOCAL = "local"  # the name of a cluster that we start ourselves
ANSWERS_S = 6  # a cluster that says nothing for so long is none
_ADDRESS = re.compile(r"(tcp|tls)://[^/\s:]+:[0-9]{1,5}|(tcp|tls)://\[[0-9a-fA-F:]+\]:[0-9]{1,5}")


class NoCluster(Exception):
    """A cluster that cannot be had or was lost: `reason` is a word of commands.sweep, or what the connection said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Pool:
    """An executor; how many tasks it works on at a time, asked anew each time; `renew` replaces one whose workers died."""

    executor: Executor
    width: Callable[[], int]
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
    yield Pool(Here(), lambda: 1, Here)


@contextmanager
def processes(workers: int) -> Iterator[Pool]:
    """Processes of this machine, started afresh: a fork beside the threads of a solver could hang."""

    others = set(multiprocessing.active_children())

    def start() -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_serve)

    def renew() -> Executor:
        pool.executor.shutdown(wait=False, cancel_futures=True)
        pool.executor = start()
        return pool.executor

    pool = Pool(start(), lambda: workers, renew)
    try:
        yield pool
    except BaseException:  # stopped: what is under way is not waited for
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
    finally:
        pool.executor.shutdown(wait=False, cancel_futures=True)


def _serve() -> None:
    """In a worker: it ends with its parent, however that ends; Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore", Warned)  # the row says it
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def cluster(address: str, workers: int, threads: int = 1) -> Iterator[Pool]:
    """A Dask cluster: the scheduler at `address` (tcp://host:port, tls://host:port), or with "local" one that is started.

    workers: of a cluster that is started. threads: of each task; a worker holds as many tasks as its own threads allow.
    Workers must see the same files under the same paths; those that come later get tasks too. Raises NoCluster.
    """
    try:
        import dask
        from distributed import Client

        from allocator.sweep.closed import closed_cluster
    except ImportError as error:
        raise NoCluster("not-installed") from error
    if address != LOCAL and not _ADDRESS.fullmatch(address):
        raise NoCluster("no-cluster")
    started = None
    # Whoever counts repeated tasks must hear of each: no second try behind our back.
    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.comm.timeouts.connect": f"{ANSWERS_S}s"}
    with dask.config.set(settings):
        try:
            started = closed_cluster(workers, threads) if address == LOCAL else None
            client = _within(ANSWERS_S, lambda: Client(started or address, timeout=f"{ANSWERS_S}s"), started is None)
        except ImportError as error:
            raise NoCluster("not-installed") from error
        except BaseException:
            if started is not None:
                started.close()
            raise

    def width() -> int:
        try:
            held: dict[str, int] = client.nthreads()
        except (OSError, TimeoutError, ValueError) as error:
            raise NoCluster("lost") from error
        return max(1, sum(own // threads for own in held.values()))

    try:
        if min(client.nthreads().values(), default=threads) < threads:
            raise NoCluster("few-threads")
        # Every task is asked for once: one that looks the same is not taken from another's memory.
        executor = client.get_executor(pure=False)
        yield Pool(executor, width, lambda: executor)
    finally:
        client.close()
        if started is not None:
            started.close()


def _within(seconds: float, make: Callable[[], Any], foreign: bool) -> Any:
    """What `make` gives, in so many seconds. Raises NoCluster: anything may answer at an address that somebody wrote."""
    if not foreign:
        return make()
    made: Future[Any] = Future()

    def work() -> None:
        try:
            made.set_result(make())
        except Exception as error:  # a web server, a port that says nothing: whatever the connection made of its answer
            made.set_exception(error)

    loud = logging.getLogger("distributed")
    before, loud.level = loud.level, logging.CRITICAL + 1
    try:
        threading.Thread(target=work, daemon=True).start()
        return made.result(seconds)
    except Exception as error:
        raise NoCluster("no-cluster") from error
    finally:
        loud.level = before
