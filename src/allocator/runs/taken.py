"""An answer taken from the store in place of a solve.

Lives here: the search for a problem's model, the solution or the refusal as the run holds it, checked against a recount.
Not here: which runs there are (store.py), why equal keys have equal answers (key.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.problem import Problem
from allocator.runs.opinion import exactly
from allocator.runs.read import Stored
from allocator.runs.store import answer_to, refusal_of
from allocator.solve import Solution, StageResult, backend


@dataclass(frozen=True)
class Taken:
    """The solution, and the run that it comes from."""

    solution: Solution
    source: Stored

    @property
    def record(self) -> dict[str, Any]:
        """What the new run's manifest says of it."""
        return {"run": self.source.name, "id": self.source.id}

    @property
    def certificate(self) -> dict[str, Any] | None:
        """The certificate of the source, if it certifies: the same plan of the same problem."""
        held: dict[str, Any] | None = self.source.manifest["certificate"]
        return held if held is not None and held["verdict"] == "certified" else None


def take(problem: Problem, key: str, store: Path, solver: str) -> Taken | None:
    """The proved answer to the problem with this key, as this solver found it; None where the store has none."""
    engine = backend(solver)
    source = answer_to(store, key, (engine.name, engine.version()))
    if source is None or source.allocation is None:
        return None
    recount = problem.tables
    recount.load_awards("awards", source.allocation)
    stages = []
    for objective, told in zip(problem.model.policy.objectives, source.manifest["stages"], strict=True):
        value = objective.recount(recount)
        if value.figures != exactly(told["value"]):
            return None  # whatever the reason is, a solve is the answer to it
        bound = None if told["bound"] is None else Fraction(told["bound"])
        stages.append(
            StageResult(
                objective.id,
                objective.kind,
                value.figures,
                value.better,
                "optimal",
                bound,
                0.0,
                told["questions"],
                told["seconds"],
            )
        )
    drawn = source.manifest["draw"]["cells"]
    cells = tuple((str(unit), str(program), int(period)) for unit, program, period in drawn)
    return Taken(Solution("optimal", source.allocation, tuple(stages), "optimal", cells, (), *_proof(source)), source)


def refuse(key: str, store: Path, solver: str) -> Taken | None:
    """The word that the problem with this key has no plan, as this solver proved it; None where the store has none."""
    engine = backend(solver)
    source = refusal_of(store, key, (engine.name, engine.version()))
    if source is None:
        return None
    play = tuple(str(rule) for rule in source.manifest["in_play"])
    return Taken(Solution("infeasible", None, (), "not proved", (), play, *_proof(source)), source)


def _proof(source: Stored) -> tuple[str, str, int, int, float, int, int]:
    told = source.manifest["proof"]
    return (
        *(told["solver"], told["version"], told["threads"]),
        *(told["seed"], told["seconds"], told["cells"], told["rows"]),
    )
