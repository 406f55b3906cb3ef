"""A sweep from its cases to its rows: what is known is not done again, what fails is a row, what a kill ends is repeated.

Lives here: the rows on disk, the search among them, the loop over a pool, the count of what happens.
Not here: one case (work.py), pools (pools.py), the tables (table.py).

A row is known if a former one had the same case by the same engine and solver, and every file that it read still has the
bytes that it read. A row is sealed and says its engine: one that was edited, or that another engine made, is worked on anew;
a worker with another engine is refused, so that no table is of two. What is proved holds under any limits; what is not proved
only under the limits that it was found with. Rows are written one by one, each in one rename: a sweep goes on where it
stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.model.status import Status
from allocator.read.files import digest, regular_bytes
from allocator.read.records import NotOurs, RowRecord, fits
from allocator.read.seal import Broken, opened, sealed
from allocator.runs.engine import engine
from allocator.runs.write import STORE
from allocator.solve import Limits
from allocator.sweep.cases import Case, Sweep
from allocator.sweep.pools import NoCluster, Pool, here
from allocator.sweep.table import cases_frame, units_frame
from allocator.sweep.work import EVERYTHING, Task, failed, work
from allocator.words import Lang

if TYPE_CHECKING:
    import pandas as pd

SWEEPS = Path("sweeps")
ROWS = "rows"
TRIES = 3  # of a case whose process dies; the last one has the pool to itself, so that no other case is blamed
PROVED = {*(status for status in Status if status.proved), "wrong input"}  # what the same files give again
OPEN = {Status.WITHIN, Status.NOT_PROVED, Status.NO_PLAN}  # what they give again under the same limits


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
    refused: int = 0  # rows of a former call that are not as they were written


@dataclass(frozen=True)
class Swept:
    """The rows of a sweep in the order of its cases (as work.py gives them), and how many of them took work."""

    asked: Sweep
    rows: Sequence[Mapping[str, Any]]
    count: Count

    def cases(self, lang: Lang = "en") -> pd.DataFrame:
        """One row a scenario; `lang` is that of its messages. See cases_frame."""
        return cases_frame(self.asked, self.rows, lang)

    def units(self, names: Mapping[str, str] | None = None) -> pd.DataFrame:
        """One row a unit and program that is awarded in some scenario; `names` of the units. See units_frame."""
        return units_frame(self.asked, self.rows, names or {})


Report = Callable[[Count], None]


def sweep(
    asked: Sweep,
    out: str | Path | None = None,
    *,
    store: str | Path = STORE,
    pool: Callable[[], AbstractContextManager[Pool]] = here,
    solver: str = "highs",
    limits: Limits | None = None,
    fresh: bool = False,
    lang: Lang = "zh",
    report: Report = lambda _count: None,
) -> Swept:
    """Every scenario of a sweep as a row; those that are known are not solved again.

    out: the folder that keeps the rows; else sweeps/<name>. store: the folder of runs. pool: where tasks run, opened only
    if there is work: `lambda: processes(2)`. limits: of each solve. fresh: solve even what is known. lang: of the tables for
    people in the runs. Raises NoCluster where a cluster cannot be had or is lost; rows that were done are kept.
    """
    limits = limits or Limits(threads=1)
    rows = (Path(out) if out is not None else SWEEPS / asked.name) / ROWS
    count = Count(len(asked.cases))
    found: dict[str, dict[str, Any]] = {}
    digests: dict[str, str | None] = {}
    waiting: list[tuple[Path, Task]] = []
    for case in asked.cases:
        task = Task(case.name, str(asked.base), case.layers, str(Path(store).absolute()), solver, limits, fresh, lang)
        path = rows / f"{_key(asked, case, solver)}.json"
        try:
            row = None if fresh else _known(path, limits, digests)
        except NotOurs:
            row = None
            count.refused += 1
        if row is None:
            waiting.append((path, task))
        else:
            found[case.name] = row | {"known": True, "solved": False}
            count.known += 1
            count.failed += row["status"] == "wrong input"
    report(count)
    if waiting:
        rows.mkdir(parents=True, exist_ok=True)
        with pool() as held:
            _work(waiting, held, found, count, report)
    return Swept(asked, [found[case.name] for case in asked.cases], count)


def _work(
    waiting: Sequence[tuple[Path, Task]], pool: Pool, found: dict[str, dict[str, Any]], count: Count, report: Report
) -> None:
    """Never more tasks out than the pool works on at once: what a dying worker takes with it is what was under way."""
    queue = list(reversed(waiting))
    deaths: dict[str, int] = {}
    out: dict[Future[Any], tuple[Path, Task]] = {}

    def last(task: Task) -> bool:
        return deaths.get(task.case, 0) == TRIES - 1

    while queue or out:
        width = pool.width()
        while queue and len(out) < width:
            if out and (last(queue[-1][1]) or any(last(task) for _, task in out.values())):
                break
            path, task = queue.pop()
            try:
                out[pool.executor.submit(work, task)] = (path, task)
            except BrokenExecutor:
                queue.append((path, task))
                break
        count.running = len(out)
        report(count)
        broken = not out
        for future in wait(out, return_when=FIRST_COMPLETED).done if out else ():
            path, task = out.pop(future)
            try:
                error = future.exception()
            except CancelledError as lost:  # a scheduler that is gone takes all tasks with it
                raise NoCluster("lost") from lost
            if error is None:
                _finish(path, _ours(path, task, future.result()), found, count)
                continue
            broken |= isinstance(error, BrokenExecutor)
            if last(task):
                _finish(path, _ours(path, task, failed(task, error)), found, count)
            else:
                deaths[task.case] = deaths.get(task.case, 0) + 1
                queue.append((path, task))
                count.repeated += 1
        if broken and not out:
            pool.executor = pool.renew()
    count.running = 0
    report(count)


def _ours(path: Path, task: Task, row: object) -> dict[str, Any]:
    """The row that a worker gave. Raises NoCluster where the worker has another allocator than this one."""
    row = {**row, "case": task.case, "key": path.stem} if isinstance(row, dict) else {}
    if row.get("engine") != engine(EVERYTHING):
        raise NoCluster("other-engine")
    fits(RowRecord, row)
    return row


def _finish(path: Path, row: dict[str, Any], found: dict[str, dict[str, Any]], count: Count) -> None:
    found[row["case"]] = row
    count.done += 1
    count.solved += bool(row["solved"])
    count.taken += bool(row["known"])
    count.failed += row["status"] in ("failed", "wrong input")
    if row["status"] in PROVED | OPEN:
        beside = path.with_suffix(f".{os.getpid()}.new")
        beside.write_bytes(sealed(row, indent=None))
        beside.replace(path)


def _key(asked: Sweep, case: Case, solver: str) -> str:
    """The name of a case's row: what was asked, of which engine and solver; not what the files hold, nor the limits."""
    said = [[str(layer.file), repr(layer.raw)] for layer in case.layers]
    whole = json.dumps([str(asked.base), said, solver, engine(EVERYTHING)], ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8")).hexdigest()[:24]


def _known(path: Path, limits: Limits, digests: dict[str, str | None]) -> dict[str, Any] | None:
    """The row of a former call, if all that it read is as it was. Raises NotOurs for one that is not as it was written."""
    try:
        row = opened(regular_bytes(path))
    except FileNotFoundError:
        return None
    except (OSError, Broken):
        raise NotOurs("") from None
    fits(RowRecord, row)
    if row["key"] != path.stem or row["engine"] != engine(EVERYTHING):
        raise NotOurs("key")
    if row["status"] not in PROVED and row["limits"] != asdict(limits):
        return None
    for file, was in row["files"].items():
        if file not in digests:
            digests[file] = digest(Path(file))
        if digests[file] != was:
            return None
    return row
