"""A Dask cluster of this machine that nobody else can use: its keys are made for it and kept in memory, it serves no pages.

Lives here: its scheduler, its workers, how they are started.
Not here: which cluster a sweep works on (pools.py).

Whoever may talk to a scheduler may run anything as the user who started it, and a port of 127.0.0.1 is open to all users of
a machine. Dask is imported here and in pools.py only: it is heavy, and not everybody has it.
"""

from __future__ import annotations

from typing import Any

from distributed import Nanny, Scheduler, SpecCluster, Worker
from distributed.security import Security

HERE = "127.0.0.1"


class _Pageless:
    """Dask starts a server of pages in every scheduler and worker; ours have none."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        return


class ClosedScheduler(_Pageless, Scheduler):  # type: ignore[misc]
    pass


class ClosedWorker(_Pageless, Worker):  # type: ignore[misc]
    pass


def closed_cluster(workers: int, threads: int) -> SpecCluster:
    """So many workers, each a process with so many threads. Raises ImportError where no keys can be made."""
    security = Security.temporary()
    common = {"host": HERE, "protocol": "tls://", "security": security}
    own = {**common, "nthreads": threads, "worker_class": ClosedWorker, "silence_logs": 50, "dashboard": False}
    return SpecCluster(
        workers={number: {"cls": Nanny, "options": own} for number in range(workers)},
        scheduler={"cls": ClosedScheduler, "options": {**common, "port": 0, "dashboard": False}},
        worker={"cls": Nanny, "options": own},
        security=security,
        silence_logs=50,
    )
