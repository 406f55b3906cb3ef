"""allocator solve: the best plan, recounted by the audit, written as a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from allocator.audit import Audit, audit
from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.conflict import Conflict, conflict
from allocator.faults import Exit
from allocator.load import load
from allocator.model.policy import Model
from allocator.problem import Problem, compile
from allocator.report.conflict import conflict_record, show_conflict
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.names import Names
from allocator.report.screen import Screen
from allocator.runs import NotARun, default_folder, write_run
from allocator.runs.folder import check
from allocator.runs.manifest import certificate_record
from allocator.solve import Clock, Limits, Solution, backend, solve, unlike
from allocator.solve.certify import Certificate, certify
from allocator.words import Lang, say

CONFLICT_S = 30.0  # at most spent on making a conflict small


@click.command()
@model_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--solver", type=click.Choice(["highs", "cpsat"]), default="highs", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=click.FloatRange(min=0, min_open=True))
@click.option("--gap", type=click.FloatRange(min=0), default=0.0, show_default=True)
@click.option("--certify", "certified", is_flag=True)
@json_option
@click.pass_obj
def command(
    lang: Lang,
    model: Path,
    out: Path | None,
    solver: str,
    threads: int,
    seed: int,
    time_limit: float | None,
    gap: float,
    certified: bool,
    json: bool,
) -> Exit:
    loaded = load(model)
    folder = out or default_folder(loaded)
    _check(folder, lang)
    limits = Limits(time_limit, threads, seed, gap)
    options = {"solver": solver, "threads": threads, "seed": seed, "time_limit_s": time_limit, "gap": gap, "lang": lang}
    names = Names(loaded, lang)
    problem = compile(loaded)
    clock = Clock(limits)
    with Watch(names, clock) as watch:
        solution = solve(problem, solver=solver, clock=clock, reporter=watch)
    judged = None if solution.allocation is None else audit(loaded, solution.allocation)
    certificate = _certified(problem, solution, names, limits) if certified else None
    if certificate is not None and certificate.verdict == "disagreement":
        solution, folder = replace(solution, status="disagreement"), folder.with_name(f"{folder.name}-disagreement")
    seconds = min(CONFLICT_S, time_limit or CONFLICT_S)
    against = conflict(problem, solution, seconds=seconds) if solution.status == "infeasible" else None
    record = None if against is None else conflict_record(loaded, against)
    if solution.status != "no plan":
        write_run(
            loaded, solution, judged, folder, options=options, conflict=record, lang=lang, certificate=certificate
        )
    _show(loaded, solution, judged, against, folder, names, json, certificate)
    if judged is not None and judged.violations:
        click.echo(say("commands.solve.defect", lang, count=len(judged.violations)), err=True)
    return _exit(solution, judged, gap)


def _check(folder: Path, lang: Lang) -> None:
    """A folder that may not be replaced is told before the work, not after it."""
    try:
        check(folder.absolute())
    except NotARun as refused:
        code = "commands.solve.not-a-run" if refused.stranger is None else "commands.solve.stranger"
        problem = say(code, lang, folder=str(folder), file=refused.stranger or "")
        raise click.BadParameter(problem, param_hint="--out") from refused


def _show(
    model: Model,
    solution: Solution,
    judged: Audit | None,
    against: Conflict | None,
    folder: Path,
    names: Names,
    json: bool,
    certificate: Certificate | None,
) -> None:
    wrote = None if solution.status == "no plan" else folder
    if json:
        told: dict[str, Any] = {"run": None if wrote is None else str(wrote)}
        if judged is not None:
            told |= document(facts(model, judged, solution))
        else:
            told |= {"model": model.policy.model, "status": solution.status}
        if against is not None:
            told["conflict"] = conflict_record(model, against)
        if certificate is not None:
            told["certificate"] = certificate_record(certificate)
        write_json(told)
        return
    screen = Screen(names, page())
    if judged is not None:
        screen.page(facts(model, judged, solution))
    else:
        screen.status(model, solution)
    if against is not None:
        show_conflict(screen, against)
    if certificate is not None:
        screen.certificate(certificate)
    if wrote is not None:
        screen.folder(wrote)


def _certified(problem: Problem, solution: Solution, names: Names, limits: Limits) -> Certificate | None:
    """The second opinion of the other solver on a plan that is said to be optimal; nothing is certified of any other."""
    if solution.allocation is None or solution.status != "optimal":
        return None
    clock = Clock(limits)
    with Watch(names, clock):
        return certify(problem, solution.allocation, backend(unlike(solution.solver)), clock)


def _exit(solution: Solution, judged: Audit | None, gap: float) -> Exit:
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
