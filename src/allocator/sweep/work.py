"""One case of a sweep, from files to a row: what a worker does, in whatever process it lives.

Lives here: the task that is sent, the row that comes back; both are plain values.
Not here: which tasks there are (cases.py), who runs them (pools.py), rows put together (table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.database import Database
from allocator.faults import InputError, render
from allocator.load import load
from allocator.load.files import files_read
from allocator.load.scenario import Layer
from allocator.runs.answer import Answer, answer
from allocator.runs.manifest import exact
from allocator.solve import Limits
from allocator.words import Lang


@dataclass(frozen=True)
class Task:
    """What a worker needs: the base, the layers on it, the folder of runs, the limits of one solve."""

    case: str
    base: str
    layers: tuple[Layer, ...]
    store: str
    solver: str
    limits: Limits
    fresh: bool
    lang: Lang


def work(task: Task) -> dict[str, Any]:
    """The row of a case as plain values. A case that fails is a row like any other: nothing is raised.

    status: of the solution, or "wrong input", or "failed"; message: what is wrong with it; known: taken from the store;
    files: every file read, with its hash; figures: exact texts; awards: (unit, program, period, amount).
    """
    Database.threads = task.limits.threads
    row: dict[str, Any] = {
        "case": task.case,
        "message": None,
        "known": False,
        "solved": False,
        "figures": {},
        "awards": [],
    }
    row |= {"gap": None, "seconds": 0.0, "run": None}
    with files_read() as files:
        try:
            row |= _row(_answer(task))
        except InputError as error:
            row |= {"status": "wrong input", "message": render(error.faults[0], task.lang)}
        except Exception as error:  # a defect in one case must not end the others
            row |= {"status": "failed", "message": f"{type(error).__name__}: {error}"}
    row["files"] = {str(path): digest for path, digest in files.items()}
    return row


def _answer(task: Task) -> Answer:
    model = load(task.base, over=task.layers)
    return answer(model, Path(task.store), solver=task.solver, limits=task.limits, fresh=task.fresh, lang=task.lang)


def _row(found: Answer) -> Mapping[str, Any]:
    figures: dict[str, str | None] = {}
    if found.audit is not None and found.allocation is not None:
        for objective in found.audit.objectives:
            first: Fraction | None = None if objective.figures is None else objective.figures[0]
            figures[f"objectives.{objective.id}"] = exact(first)
        for figure in found.audit.indicators:
            label = "".join(f"[{part}]" for part in figure.label)
            figures[f"indicators.{figure.indicator.id}{label}"] = exact(figure.value)
        for program in found.model.programs:
            made = sum(award.amount for award in found.allocation.awards if award.program == program)
            figures[f"awards.{program}"] = str(made)
    rules = ", ".join(found.in_play)
    return {
        "status": found.status,
        "message": rules or None,
        "known": found.known,
        "solved": not found.known,
        "gap": found.gap,
        "seconds": round(found.seconds, 3),
        "figures": figures,
        "awards": [] if found.allocation is None else [list(award) for award in found.allocation.awards],
        "run": None if found.run is None else found.run.name,
    }
