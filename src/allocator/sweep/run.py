"""A sweep from its cases to its rows: what is known is not done again, what fails is a row, what a kill ends is repeated.

Lives here: the rows on disk, the search among them, the loop over a pool, the count of what happens.
Not here: one case (work.py), pools (pools.py), the tables (table.py).

A row is known if a former one had the same case under the same limits and by the same engine, and every file that it read
still has the bytes that it read. Rows are written one by one, each in one rename: a sweep goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.load.files import digest
from allocator.runs.engine import engine
from allocator.solve import Limits
from allocator.sweep.cases import Case, Sweep
from allocator.sweep.pools import Pool
from allocator.sweep.work import Task, work
from allocator.words import Lang

ROWS = "rows"
TRIES = 3  # of a case whose process dies
EVERYTHING = ("",)  # all rooms of the package: a row depends on the reading of files too
LASTING = {"optimal", "within", "not proved", "infeasible", "no plan", "wrong input"}  # what the same files give again


@dataclass
class Count:
    """How a sweep stands."""

    cases: int
    running: int = 0
    done: int = 0  # worked on in this call
    solved: int = 0  # of these: a solver was asked
    taken: int = 0  # of these: the store knew the answer
    known: int = 0  # rows of a former call
    failed: int = 0
    repeated: int = 0  # tasks sent again because a worker died


Report = Callable[[Count], None]


def sweep(
    asked: Sweep,
    out: Path,
    pool: Pool | None,
    *,
    store: Path,
    solver: str = "highs",
    limits: Limits | None = None,
    fresh: bool = False,
    lang: Lang = "zh",
    report: Report = lambda _count: None,
    make_pool: Callable[[], Pool] | None = None,
) -> tuple[list[dict[str, Any]], Count]:
    """Every row in the order of the cases, and how many of them took work.

    out: the folder that keeps the rows. pool: where tasks run; None with `make_pool`, which is called when there is work.
    """
    limits = limits or Limits(threads=1)
    rows = out / ROWS
    count = Count(len(asked.cases))
    found: dict[str, dict[str, Any]] = {}
    digests: dict[str, str | None] = {}
    waiting: list[tuple[Path, Task]] = []
    for case in asked.cases:
        task = Task(case.name, str(asked.base), case.layers, str(store.absolute()), solver, limits, fresh, lang)
        path = rows / f"{_key(asked, case, task)}.json"
        row = None if fresh else _known(path, digests)
        if row is None:
            waiting.append((path, task))
        else:
            found[case.name] = row | {"known": True, "solved": False}
            count.known += 1
            count.failed += row["status"] == "wrong input"
    report(count)
    if waiting:
        rows.mkdir(parents=True, exist_ok=True)
        held = pool if pool is not None else make_pool() if make_pool is not None else None
        assert held is not None
        _work(waiting, held, found, count, report)
    return [found[case.name] for case in asked.cases], count


def _work(
    waiting: Sequence[tuple[Path, Task]], pool: Pool, found: dict[str, dict[str, Any]], count: Count, report: Report
) -> None:
    """Never more tasks out than the pool works on at once: what a dying worker takes with it is what was under way."""
    queue = list(reversed(waiting))
    tries: dict[str, int] = {}
    out: dict[Future[Any], tuple[Path, Task]] = {}
    while queue or out:
        while queue and len(out) < pool.width:
            path, task = queue.pop()
            tries[task.case] = tries.get(task.case, 0) + 1
            try:
                out[pool.executor.submit(work, task)] = (path, task)
            except BrokenExecutor:
                queue.append((path, task))
                tries[task.case] -= 1
                break
        count.running = len(out)
        report(count)
        over = wait(out, return_when=FIRST_COMPLETED).done if out else set()
        broken = not out
        for future in over:
            path, task = out.pop(future)
            error = future.exception()
            if error is None:
                row = future.result()
                _finish(path, row, found, count)
            elif tries[task.case] < TRIES:
                queue.append((path, task))
                count.repeated += 1
                broken |= isinstance(error, BrokenExecutor)
            else:
                message = f"{type(error).__name__}: {error}"
                row = {"case": task.case, "status": "failed", "message": message, "known": False, "solved": False}
                row |= {"figures": {}, "awards": [], "gap": None, "seconds": 0.0, "run": None, "files": {}}
                _finish(path, row, found, count)
                broken |= isinstance(error, BrokenExecutor)
        if broken and not out:
            pool.executor = pool.renew()
    count.running = 0
    report(count)


def _finish(path: Path, row: dict[str, Any], found: dict[str, dict[str, Any]], count: Count) -> None:
    found[row["case"]] = row
    count.done += 1
    count.solved += bool(row["solved"])
    count.taken += bool(row["known"])
    count.failed += row["status"] in ("failed", "wrong input")
    if row["status"] in LASTING:
        beside = path.with_suffix(f".{os.getpid()}.new")
        beside.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        beside.replace(path)


def _key(asked: Sweep, case: Case, task: Task) -> str:
    """The name of a case's row: what was asked, under which limits, of which engine; not what the files hold."""
    said = [[str(layer.file), repr(layer.raw)] for layer in case.layers]
    limits = [task.limits.time_limit_s, task.limits.gap, task.limits.seed, task.limits.threads]
    whole = json.dumps([str(asked.base), said, task.solver, limits, task.lang, engine(EVERYTHING)], ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8")).hexdigest()[:24]


def _known(path: Path, digests: dict[str, str | None]) -> dict[str, Any] | None:
    """The row of a former call, if all that it read is as it was."""
    try:
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = row["files"].items()
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    for file, was in files:
        if file not in digests:
            digests[file] = digest(Path(file))
        if digests[file] != was:
            return None
    return row
