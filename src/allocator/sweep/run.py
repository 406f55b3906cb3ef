"""A sweep from its cases to its rows: what is known is not done again, what fails is a row, what a kill ends is repeated.

Lives here: the loop over a pool, the count of what happens.
Not here: which rows are known (rows.py), one case (work.py), pools (pools.py), the tables (table.py).

Rows are kept one by one: a sweep goes on where it stopped. A case without a known row goes through the one pipeline, where the
proofs of the store's runs are checked before a solver is asked. A worker with another engine is refused, so that no table is
of two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.read.records import RowRecord, fits
from allocator.runs.engine import EVERYTHING, engine
from allocator.runs.mark import Unmarked
from allocator.runs.write import STORE
from allocator.solve import Limits
from allocator.sweep.cases import Sweep
from allocator.sweep.pools import NoCluster, Pool, here
from allocator.sweep.rows import Rows
from allocator.sweep.table import cases_frame, units_frame
from allocator.sweep.work import Task, failed, work
from allocator.words import Lang, Say, language

if TYPE_CHECKING:
    import pandas as pd

SWEEPS = Path("sweeps")
ROWS = "rows"
TRIES = 3  # of a case whose process dies; the last one has the pool to itself, so that no other case is blamed


@dataclass
class SweepCount:
    """How a sweep stands."""

    cases: int
    running: int = 0
    done: int = 0  # worked on in this call
    solved: int = 0  # of these: a solver had to search
    taken: int = 0  # of these: proofs of a run in the store were enough
    known: int = 0  # rows of a former call
    failed: int = 0
    repeated: int = 0  # tasks sent again because a worker died
    refused: int = 0  # rows of a former call without the mark of this user's key


@dataclass(frozen=True)
class Swept:
    """The rows of a sweep in the order of its cases (as work.py gives them), and how many of them took work.

    `unkept`: why no row was taken and none was kept; None where rows are.
    """

    asked: Sweep
    rows: Sequence[Mapping[str, Any]]
    count: SweepCount
    unkept: Say | None = None

    def cases(self, lang: Lang = "en") -> pd.DataFrame:
        """One row a scenario; `lang` is that of its messages. See cases_frame."""
        return cases_frame(self.asked, self.rows, lang)

    def units(self, names: Mapping[str, str] | None = None) -> pd.DataFrame:
        """One row a unit and program that is awarded in some scenario; `names` of the units. See units_frame."""
        return units_frame(self.asked, self.rows, names or {})


Report = Callable[[SweepCount], None]
Finish = Callable[[dict[str, Any]], None]  # what becomes of a row


def sweep(
    asked: Sweep,
    out: str | Path | None = None,
    *,
    store: str | Path = STORE,
    pool: Callable[[], AbstractContextManager[Pool]] = here,
    solver: str = "highs",
    limits: Limits | None = None,
    fresh: bool = False,
    lang: Lang | None = None,
    report: Report = lambda _count: None,
) -> Swept:
    """Every scenario of a sweep as a row; those that are known are not asked again.

    out: the folder that keeps the rows; else sweeps/<name>. store: the folder of runs. pool: where tasks run, opened only
    if there is work: `lambda: processes(2)`. limits: of each solve. fresh: search even what is known or proved in the store.
    lang: of the tables for people in the runs. Raises NoCluster where a cluster cannot be had or is lost; what was done is kept.
    """
    lang = lang or language()
    limits = limits or Limits(threads=1)
    folder = Path(out) if out is not None else SWEEPS / asked.name
    rows = Rows(asked, folder / ROWS, Path(store), solver, limits)
    count = SweepCount(len(asked.cases))
    found: dict[str, dict[str, Any]] = {}
    base, runs = str(asked.base), str(Path(store).absolute())
    names = {case.name: rows.name(case) for case in asked.cases}
    for name in () if fresh else names:
        try:
            row = rows.known(names[name])
        except Unmarked:
            count.refused += 1
            continue
        if row is not None:
            found[name] = row | {"known": True, "solved": False}
            count.known += 1
    waiting = [case for case in asked.cases if case.name not in found]
    tasks = [Task(case.name, base, case.layers, runs, solver, limits, fresh, lang) for case in waiting]

    def finish(row: dict[str, Any]) -> None:
        _count(row, count)
        found[row["case"]] = row
        rows.keep(names[row["case"]], row)

    report(count)
    if tasks:
        with pool() as held:
            _work(tasks, held, finish, count, report)
    return Swept(asked, [found[case.name] for case in asked.cases], count, rows.unkept)


def _work(tasks: Sequence[Task], pool: Pool, finish: Finish, count: SweepCount, report: Report) -> None:
    """Never more tasks out than the pool works on at once: what a dying worker takes with it is what was under way."""
    queue = list(reversed(tasks))
    deaths: dict[str, int] = {}
    out: dict[Future[Any], Task] = {}

    def last(task: Task) -> bool:
        return deaths.get(task.case, 0) == TRIES - 1

    while queue or out:
        width = pool.width()
        while queue and len(out) < width:
            if out and (last(queue[-1]) or any(map(last, out.values()))):
                break
            task = queue.pop()
            try:
                out[pool.executor.submit(work, task)] = task
            except BrokenExecutor:
                queue.append(task)
                break
        count.running = len(out)
        report(count)
        broken = not out
        for future in wait(out, return_when=FIRST_COMPLETED).done if out else ():
            task = out.pop(future)
            try:
                error = future.exception()
            except CancelledError as lost:  # a scheduler that is gone takes all tasks with it
                raise NoCluster("lost") from lost
            if error is None:
                finish(_ours(task, future.result()))
                continue
            broken |= isinstance(error, BrokenExecutor)
            if last(task):
                finish(failed(task, error))
            else:
                deaths[task.case] = deaths.get(task.case, 0) + 1
                queue.append(task)
                count.repeated += 1
        if broken and not out:
            pool.executor = pool.renew()
    count.running = 0
    report(count)


def _ours(task: Task, row: object) -> dict[str, Any]:
    """The row that a worker gave. Raises NoCluster where the worker has another allocator than this one."""
    row = {**row, "case": task.case} if isinstance(row, dict) else {}
    if row.get("engine") != engine(EVERYTHING):
        raise NoCluster("other-engine")
    fits(RowRecord, row)
    return row


def _count(row: Mapping[str, Any], count: SweepCount) -> None:
    count.done += 1
    count.solved += bool(row["solved"])
    count.taken += bool(row["known"])
    count.failed += row["status"] in ("failed", "wrong input")
