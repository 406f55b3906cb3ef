"""The answer to a model: taken from a store of runs where it stands there, else solved; recounted; written as a run.

Lives here: what a comparison or a sweep needs of one model among many.
Not here: one solve with its progress, certificate and conflict (cli/), the search in the store (store.py, taken.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.audit import Audit, audit
from allocator.model.allocation import Allocation
from allocator.model.policy import Model
from allocator.problem import compile
from allocator.runs.identity import model_id
from allocator.runs.key import problem_key
from allocator.runs.taken import refuse, take
from allocator.runs.write import default_folder, write_run
from allocator.solve import Limits, solve
from allocator.words import Lang


@dataclass(frozen=True)
class Answer:
    """What is known of one model: its status, the plan with its recount (None where there is none), how it was found.

    `known`: taken from the store, nothing was solved. `gap`: the largest relative gap of a stage, 0 where all is proved,
    None where some stage has none. `in_play`: of an infeasible model, the rules of the part that has no plan. `run`: the
    folder that holds it; None where nothing was written.
    """

    model: Model
    status: str
    audit: Audit | None
    seconds: float
    gap: float | None
    known: bool
    in_play: tuple[str, ...] = ()
    run: Path | None = None

    @property
    def allocation(self) -> Allocation | None:
        return None if self.audit is None else self.audit.allocation


def answer(
    model: Model,
    store: Path,
    *,
    solver: str = "highs",
    limits: Limits | None = None,
    write: bool = True,
    fresh: bool = False,
    lang: Lang = "zh",
) -> Answer:
    """The answer to a model; a proved one is taken from the store, a new one is written there.

    write: False leaves the store as it is. fresh: solve even what the store knows. Raises InputError where a figure is
    missing, NotARun where the run's folder is something else.
    """
    limits = limits or Limits()
    problem = compile(model)
    key = problem_key(problem)
    taken = None if fresh else take(problem, key, store, solver) or refuse(key, store, solver)
    solution = taken.solution if taken is not None else solve(problem, solver=solver, limits=limits)
    judged = None if solution.allocation is None else audit(model, solution.allocation)
    folder = None
    if write and solution.status != "no plan":
        folder = default_folder(model, store)
        if taken is None or taken.source.id != model_id(model):  # else it stands there already, signed perhaps
            options = {"solver": solver, "threads": limits.threads, "seed": limits.seed, "lang": lang}
            options |= {"time_limit_s": limits.time_limit_s, "gap": limits.gap}
            source = None if taken is None else taken.record
            write_run(model, solution, judged, folder, options=options, lang=lang, key=key, taken_from=source)
        else:
            folder = taken.source.folder
    gaps = [stage.gap for stage in solution.stages]
    gap = None if judged is None or None in gaps else max((g for g in gaps if g is not None), default=0.0)
    seconds = solution.seconds
    return Answer(model, solution.status, judged, seconds, gap, taken is not None, solution.in_play, folder)
