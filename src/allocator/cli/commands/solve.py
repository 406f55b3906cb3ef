"""allocator solve: the best plan, recounted by the audit, written as a run; or taken from a run that has it already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from allocator.audit import audit
from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.commands._work import Work, refuse_strangers, work
from allocator.cli.usage import Finite
from allocator.faults import Exit
from allocator.load import load
from allocator.model.policy import Model
from allocator.problem import Problem, compile
from allocator.report.conflict import conflict_record, show_conflict
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.names import Names
from allocator.report.screen import Screen
from allocator.runs import default_folder, model_id, write_run
from allocator.runs.key import problem_key
from allocator.runs.manifest import certificate_record
from allocator.runs.opinion import of_solution
from allocator.runs.taken import Taken, take
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.words import Lang, say


@click.command()
@model_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False))
@click.option("--fresh", is_flag=True)
@click.option("--solver", type=click.Choice(["highs", "cpsat"]), default="highs", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@click.option("--gap", type=Finite(min=0), default=0.0, show_default=True)
@click.option("--certify", "certified", is_flag=True)
@json_option
@click.pass_obj
def command(
    lang: Lang,
    model: Path,
    out: Path | None,
    store: Path | None,
    fresh: bool,
    solver: str,
    threads: int,
    seed: int,
    time_limit: float | None,
    gap: float,
    certified: bool,
    json: bool,
) -> Exit:
    loaded = load(model)
    store = store or (out.parent if out else STORE)
    folder = out or default_folder(loaded, store)
    refuse_strangers(folder, signed=not fresh)
    limits = Limits(time_limit, threads, seed, gap)
    options = {"solver": solver, "threads": threads, "seed": seed, "time_limit_s": time_limit, "gap": gap, "lang": lang}
    names = Names(loaded, lang)
    problem = compile(loaded)
    key = problem_key(problem)
    taken = None if fresh else take(problem, key, store, solver)
    stands = taken is not None and _stands(taken, folder, loaded)
    refuse_strangers(folder, signed=stands)
    clock = Clock(limits)
    done = _recounted(taken, loaded) if taken is not None else work(problem, names, solver, clock)
    certificate = None if taken is None else taken.certificate
    if certified and certificate is None:
        certificate = _certified(problem, done, names, clock)
    if certificate is not None and certificate["verdict"] == "disagreement":
        done = replace(done, solution=replace(done.solution, status="disagreement"))
        folder, stands = folder.with_name(f"{folder.name}-disagreement"), False
    if done.solution.status != "no plan" and not stands:
        write_run(
            loaded,
            done.solution,
            done.judged,
            folder,
            options=options,
            conflict=None if done.against is None else conflict_record(loaded, done.against),
            lang=lang,
            key=key,
            certificate=certificate,
            taken_from=None if taken is None else taken.record,
        )
    _show(loaded, done, folder, names, json, certificate, taken)
    if done.judged is not None and done.judged.violations:
        click.echo(say("commands.solve.defect", lang, count=len(done.judged.violations)), err=True)
    return _exit(done, gap)


def _stands(taken: Taken, folder: Path, model: Model) -> bool:
    """The run is there already and is signed: it is shown, and stays as it is."""
    same = taken.source.folder.absolute() == folder.absolute() and taken.source.id == model_id(model)
    return same and bool(taken.source.manifest["signed"])


def _recounted(taken: Taken, model: Model) -> Work:
    assert taken.solution.allocation is not None
    return Work(taken.solution, audit(model, taken.solution.allocation))


def _certified(problem: Problem, done: Work, names: Names, clock: Clock) -> dict[str, Any] | None:
    """The second opinion on a plan that is said to be optimal; nothing is certified of any other."""
    if done.judged is None:
        return None
    with Watch(names, clock):
        opinion = of_solution(problem, done.solution, done.judged, clock)
    return None if opinion is None else certificate_record(opinion)


def _show(
    model: Model,
    done: Work,
    folder: Path,
    names: Names,
    json: bool,
    certificate: Mapping[str, Any] | None,
    taken: Taken | None,
) -> None:
    wrote = None if done.solution.status == "no plan" else folder
    source = None if taken is None else str(taken.source.folder)
    if json:
        told: dict[str, Any] = {"run": None if wrote is None else str(wrote), "taken_from": source}
        if done.judged is not None:
            told |= document(facts(model, done.judged, done.solution))
        else:
            told |= {"model": model.policy.model, "status": done.solution.status}
        if done.against is not None:
            told["conflict"] = conflict_record(model, done.against)
        if certificate is not None:
            told["certificate"] = certificate
        write_json(told)
        return
    screen = Screen(names, page())
    if done.judged is not None:
        screen.page(facts(model, done.judged, done.solution))
    else:
        screen.status(model, done.solution)
    if done.against is not None:
        show_conflict(screen, done.against)
    if certificate is not None:
        screen.certificate(certificate)
    if source is not None:
        screen.taken(source)
    if wrote is not None:
        screen.folder(wrote)


def _exit(done: Work, gap: float) -> Exit:
    solution, judged = done.solution, done.judged
    if solution.status == "disagreement":
        return Exit.DEFECT
    if solution.status == "infeasible":
        return Exit.INFEASIBLE
    if judged is None:
        return Exit.LIMIT_NO_PLAN
    if judged.violations:
        return Exit.DEFECT  # a plan that we call feasible is not
    within = solution.status == "within" and all((stage.gap or 0.0) <= gap for stage in solution.stages)
    return Exit.DONE if solution.status == "optimal" or within else Exit.LIMIT_WITH_PLAN
