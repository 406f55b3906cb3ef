"""The answer to a model: solved with what the store knows as hints, recounted, certified if asked, written as a run.

Lives here: the one pipeline that every command and Python go through.
Not here: its parts: compile (problem/), solve, audit, conflict (explain/), the files of a run (runs/); what is shown (report/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from allocator.answer.hints import Hint, hints
from allocator.answer.second_opinion import certificate_record, of_solution
from allocator.audit import Audit, audit
from allocator.certificate.files import Certified
from allocator.certificate.made import certified as proofs_for_all
from allocator.explain.conflict import Conflict, conflict
from allocator.explain.cutoffs import Cutoffs, cutoffs
from allocator.explain.record import conflict_record
from allocator.explain.repairs import Repairs, repairs
from allocator.faults import InputError
from allocator.model.allocation import Allocation
from allocator.model.identity import model_id
from allocator.model.model import Model
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.runs.folder import Signed, check, room
from allocator.runs.read import Stored, read_stored
from allocator.runs.write import default_folder, rescued, write_run
from allocator.solve import Clock, Limits, Solution, backend, solve
from allocator.solve.aside import Aside
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual
from allocator.solve.subproblem import CERTIFICATE_STAGE, Progress, Reporter, silent
from allocator.store.key import problem_key
from allocator.words import Lang, language

CONFLICT_S = 30.0  # at most spent on making a conflict small
REPAIR_S = 20.0  # at most spent on the cheapest repair
MANY = 300  # cells from which on a plan is proved beside its audit

Watching = Callable[[], AbstractContextManager[Reporter]]  # around all that may take long


@dataclass(frozen=True)
class Answer:
    """What is known of one model: the solution, its recount (None without a plan), the conflict of an infeasible one and
    its cheapest repair, the certificate if one was asked for. `claims`: what proves it, for whoever checks, `cutoffs`: what
    score was needed; None where nothing is proved or written.

    `source`: a run whose proofs were used. `run`: the folder that holds the answer; None where nothing was written. `stands`:
    that folder held as much or more before, and was left as it is. `refused`: why the run is not where it should be, but in
    `run`, or nowhere.
    """

    model: Model
    solution: Solution
    audit: Audit | None
    conflict: Conflict | None = None
    repairs: Repairs | None = None
    certificate: Mapping[str, Any] | None = None
    source: Stored | None = None
    claims: Certified | None = None
    cutoffs: Cutoffs | None = None
    run: Path | None = None
    stands: bool = False
    refused: OSError | None = None

    @property
    def status(self) -> Status:
        return self.solution.status

    @property
    def allocation(self) -> Allocation | None:
        return None if self.audit is None else self.audit.allocation

    @property
    def in_play(self) -> tuple[str, ...]:
        """Of an infeasible model, the rules of the part that has no plan."""
        return self.solution.in_play

    @property
    def seconds(self) -> float:
        return self.solution.seconds

    @property
    def known(self) -> bool:
        """No solver had to search: proofs of a former run were enough, checked."""
        return self.source is not None and not self.solution.searched

    @property
    def gap(self) -> float | None:
        """The largest relative gap of a stage, 0 where all is proved; None where some stage has none."""
        gaps = [stage.gap for stage in self.solution.stages]
        known = [gap for gap in gaps if gap is not None]
        return None if self.audit is None or len(known) < len(gaps) else max(known, default=0.0)


def answer(
    model: Model,
    store: Path,
    *,
    solver: str = "highs",
    limits: Limits | None = None,
    clock: Clock | None = None,
    write: bool = True,
    folder: Path | None = None,
    fresh: bool = False,
    certify: bool = False,
    checkable: bool = True,
    lang: Lang | None = None,
    mend: bool = False,
    watching: Watching = lambda: nullcontext(silent),
) -> Answer:
    """The answer to a model.

    store: the folder of runs whose proofs may help, and where the new run goes unless `folder` says where. write: False leaves
    all as it is. fresh: nothing is taken from the store. certify: the second solver is asked. checkable: the
    run gets what proves it, for whoever checks. lang: of the tables for people.
    mend: a repair is looked for, where there is no plan.
    Raises InputError where a figure is missing, NotARun where the folder holds something else or another plan that is signed,
    OSError where nothing could be written there; all before the work.
    """
    lang = lang or language()
    clock = clock or Clock(limits or Limits())
    problem = compile(model)
    key = problem_key(problem)
    target = (folder or default_folder(model, store)) if write else None
    if target is not None:
        _free(target, model, key, fresh)
    alone = fresh or model.policy.seed is None  # without a draw a hint would choose the plan
    found = [] if alone else hints(store, key, solver)
    with watching() as reporter:
        proofs = [hint.proofs for hint in found]
        solution = solve(problem, solver=solver, clock=clock, reporter=reporter, known=proofs)
    provable = solution.status in (Status.OPTIMAL, Status.INFEASIBLE) and checkable and target is not None
    proofs_of_it = partial(proofs_for_all, problem, solution, clock)
    with Aside(proofs_of_it, clock, long=problem.cells >= MANY) if provable else nullcontext() as proving:
        judged = None if solution.allocation is None else audit(model, solution.allocation)
        certificate = None
        if certify and judged is not None:
            with watching() as reporter:
                opinion = of_solution(problem, solution, judged, clock)
            certificate = None if opinion is None else certificate_record(opinion)
        if certificate is not None and certificate["verdict"] == "disagreement":
            solution, proving = replace(solution, status=Status.DISAGREEMENT), None
        against = mended = None
        if solution.status == Status.INFEASIBLE:
            against, mended = _without_plan(problem, solution, clock, solver if mend else None)
        claims = None if proving is None else _claims(proving, clock, watching)
    listed = None if claims is None else _listed(problem, solution, clock, claims)
    made = Answer(model, solution, judged, against, mended, certificate, _source(found, solution), claims, listed)
    return made if target is None else _written(made, target, clock.limits, key, lang, fresh)


def _without_plan(
    problem: Problem, solution: Solution, clock: Clock, solver: str | None
) -> tuple[Conflict, Repairs | None]:
    """Why there is no plan, and the cheapest repair where a solver is named for it."""
    against = conflict(problem, solution, seconds=min(CONFLICT_S, CONFLICT_S if clock.left is None else clock.left))
    if solver is None:
        return against, None
    return against, repairs(problem, backend(solver), clock.within(REPAIR_S), most=1, bodies=False)


def _claims(proving: Aside[Certified | None], clock: Clock, watching: Watching) -> Certified | None:
    """What proves the answer; None where a limit came first."""
    with watching() as reporter, suppress(Stopped):
        reporter(Progress(CERTIFICATE_STAGE, None, None, clock.seconds))
        return proving.result()
    return None


def _listed(problem: Problem, solution: Solution, clock: Clock, claims: Certified) -> Cutoffs | None:
    """What score was needed, from the same proofs; None without them, or where a limit came first."""
    if claims.chain is None:
        return None
    with suppress(Stopped), punctual(clock):
        return cutoffs(problem, solution, clock, claims.chain)
    return None


def _free(folder: Path, model: Model, key: str, fresh: bool) -> None:
    """Raises NotARun, before any work, where the run could not be written."""
    try:
        check(folder.absolute())
    except Signed:
        held = None if fresh else _held(folder)
        if held is None or held.id != model_id(model) or held.manifest["problem"] != key:
            raise
        return  # it stays as it is
    room(folder, sum(map(len, model.held.values())))


def _source(found: list[Hint], solution: Solution) -> Stored | None:
    """The run whose proofs answered most questions."""
    most = max(solution.used, default=0)
    return found[solution.used.index(most)].run if most else None


def _held(folder: Path) -> Stored | None:
    """The run that stands in a folder; None where there is none, or none that is as it was written."""
    try:
        return read_stored(folder)
    except InputError:
        return None


def _written(made: Answer, folder: Path, limits: Limits, key: str, lang: Lang, fresh: bool) -> Answer:
    """The answer with the folder that holds it; a run that says as much or more stays there."""
    solution = made.solution
    if solution.status == Status.NO_PLAN:
        return made
    if solution.status == Status.DISAGREEMENT:
        folder = folder.with_name(f"{folder.name}-disagreement")
    held = _held(folder)
    if held is not None and held.id == model_id(made.model) and _says_as_much(held, made, lang, fresh):
        return replace(made, run=folder, stands=True)
    options = {"solver": solution.solver, "threads": limits.threads, "seed": limits.seed}
    options |= {"time_limit_s": limits.time_limit_s, "gap": limits.gap, "lang": lang}
    source = made.source
    against = None if made.conflict is None else conflict_record(made.model, made.conflict)

    def write(to: Path) -> Path:
        return write_run(
            made.model,
            solution,
            made.audit,
            to,
            options=options,
            conflict=against,
            lang=lang,
            key=key,
            certificate=made.certificate,
            taken_from=None if source is None else {"run": source.name, "id": source.id},
            claims=made.claims,
            cutoffs=None if made.cutoffs is None else made.cutoffs.record,
        )

    wrote, refused = rescued(write, folder)
    return replace(made, run=folder if refused is None else wrote, refused=refused)


def _says_as_much(held: Stored, made: Answer, lang: Lang, fresh: bool) -> bool:
    """Whether a run of the same model would gain nothing by being replaced, or lose: a proof, a certificate, a signature."""
    same = held.allocation == made.allocation and held.status == made.status
    if held.manifest["signed"]:
        return same  # else it is refused by whoever writes
    if made.status == Status.DISAGREEMENT:
        return False
    if held.status in (Status.OPTIMAL, Status.INFEASIBLE) and not made.status.proved:
        return True
    certified = (held.manifest["certificate"] or {}).get("verdict") == "certified"
    own = made.source is not None and made.source.seal == held.seal and held.manifest["options"].get("lang") == lang
    return same and (certified or own) and made.certificate is None and not fresh
