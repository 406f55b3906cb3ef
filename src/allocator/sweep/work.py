"""One case of a sweep, from files to a row: what a worker does, in whatever process it lives.

Lives here: the task that is sent, the row that comes back; both are plain values.
Not here: which tasks there are (cases.py), who runs them (pools.py), rows put together (table.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.answer import Answer, answer
from allocator.faults import InputError, render
from allocator.load import load
from allocator.model.model import Model
from allocator.model.naming import program_key
from allocator.read.files import Seen, files_read
from allocator.runs.engine import EVERYTHING, engine
from allocator.runs.manifest import exact
from allocator.scenario.layers import Layer
from allocator.solve import Limits
from allocator.words import LANGUAGES, Lang, Say

MOST_MESSAGE = 2000  # characters of what a failed case says


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
    lang: Lang  # of the tables for people in the run; the row has no language


def work(task: Task) -> dict[str, Any]:
    """The row of a case as plain values. A case that fails is a row like any other: nothing is raised.

    status: of the solution, or "wrong input", or "failed"; message: what is wrong with it, as a text or by language; known:
    proofs of a run in the store were enough; solved: a solver had to search; value: of the first objective; figures: exact
    texts; awards: (unit, program, period, amount); files, links: all that the model was made of; engine: of this worker.
    """
    try:
        model, seen = _model(task)
        return _empty(task) | _row(_answer(task, model)) | {"files": seen.files, "links": seen.links}
    except InputError as error:
        told = {lang: render(error.faults[0], lang) for lang in LANGUAGES}
        return _empty(task) | {"status": "wrong input", "message": told}
    except Exception as error:  # a defect in one case must not end the others
        return failed(task, error)


def failed(task: Task, error: BaseException) -> dict[str, Any]:
    """The row of a case that came to nothing through no fault of its files."""
    if isinstance(error, BrokenExecutor):
        return _empty(task) | {"message": _lost([Say("faults.lost.worker")])}
    return _empty(task) | {"message": f"{type(error).__name__}: {error}"[:MOST_MESSAGE]}


def _lost(said: Sequence[Say]) -> dict[str, str] | None:
    """Of solvers, or of the whole process."""
    return {lang: " ".join(one.text(lang) for one in said)[:MOST_MESSAGE] for lang in LANGUAGES} if said else None


def _empty(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = {"case": task.case, "status": "failed", "message": None, "known": False, "solved": False}
    row |= {"engine": engine(EVERYTHING), "value": None, "gap": None, "seconds": 0.0, "figures": {}}
    return row | {"awards": [], "run": None, "files": {}, "links": {}}


def _model(task: Task) -> tuple[Model, Seen]:
    """The model, and what it was made of; later only the store is read, of which proofs count and nothing else."""
    with files_read() as seen:
        return load(task.base, over=task.layers, look=False), seen


def _answer(task: Task, model: Model) -> Answer:
    return answer(model, Path(task.store), solver=task.solver, limits=task.limits, fresh=task.fresh, lang=task.lang)


def _row(found: Answer) -> dict[str, Any]:
    figures: dict[str, str | None] = {}
    value: str | None = None
    if found.audit is not None and found.allocation is not None:
        for number, objective in enumerate(found.audit.objectives):
            first: Fraction | None = None if objective.figures is None else objective.figures[0]
            figures[f"objectives.{objective.id}"] = exact(first)
            value = exact(first) if number == 0 else value
        for figure in found.audit.indicators:
            figures[figure.name] = exact(figure.value)
        for program in found.model.programs:
            made = sum(award.amount for award in found.allocation.awards if award.program == program)
            figures[f"awards.{program_key(program)}"] = str(made)
    return {
        "status": found.status,
        "message": ", ".join(found.in_play) or _lost(found.solution.lost),
        "known": found.known,
        "solved": not found.known,
        "value": value,
        "gap": found.gap,
        "seconds": round(found.seconds, 3),
        "figures": figures,
        "awards": [] if found.allocation is None else [list(award) for award in found.allocation.awards],
        "run": None if found.run is None else found.run.name,
    }
