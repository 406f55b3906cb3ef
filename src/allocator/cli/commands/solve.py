"""allocator solve: the best plan, recounted by the audit, written as a run; or taken from a run that has it already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocator.answer import Answer, answer
from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.commands._work import refusing, tell_refused
from allocator.cli.usage import Finite
from allocator.explain.names import Names
from allocator.explain.record import conflict_record
from allocator.faults import Exit
from allocator.load import load
from allocator.model.status import Status
from allocator.report.conflict import show_conflict
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.screen import Screen
from allocator.runs import default_folder
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.solve.solvers import SOLVERS
from allocator.words import Lang, say


@click.command()
@model_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False))
@click.option("--fresh", is_flag=True)
@click.option("--solver", type=click.Choice(list(SOLVERS)), default="highs", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@click.option("--gap", type=Finite(min=0), default=0.0, show_default=True)
@click.option("--certify", "certified", is_flag=True)
@click.option("--no-certificate", "uncertified", is_flag=True)
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
    uncertified: bool,
    json: bool,
) -> Exit:
    loaded = load(model)
    store = store or (out.parent if out else STORE)
    clock = Clock(Limits(time_limit, threads, seed, gap))
    names = Names(loaded, lang)
    with refusing():
        made = answer(
            loaded,
            store,
            solver=solver,
            clock=clock,
            folder=out,
            fresh=fresh,
            certify=certified,
            checkable=not uncertified,
            lang=lang,
            watching=lambda: Watch(names, clock),
        )
    if json:
        write_json(_record(made))
    else:
        _show(Screen(names, page()), made)
    if made.refused is not None:
        tell_refused(out or default_folder(loaded, store), made.run, made.refused, made.allocation, lang)
        return Exit.INPUT
    if made.audit is not None and made.audit.violations:
        click.echo(say("commands.solve.defect", lang, count=len(made.audit.violations)), err=True)
    return _exit(made)


def _record(made: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {
        "run": None if made.run is None else str(made.run),
        "taken_from": None if made.source is None else str(made.source.folder),
        "searched": made.solution.searched,
        "stands": made.stands,
    }
    if made.audit is not None:
        told |= document(facts(made.model, made.audit, made.solution))
    else:
        told |= {"model": made.model.policy.model, "status": made.status}
    if made.conflict is not None:
        told["conflict"] = conflict_record(made.model, made.conflict)
    if made.certificate is not None:
        told["certificate"] = made.certificate
    return told


def _show(screen: Screen, made: Answer) -> None:
    if made.audit is not None:
        screen.page(facts(made.model, made.audit, made.solution))
    else:
        screen.status(made.model, made.solution)
    if made.conflict is not None:
        show_conflict(screen, made.conflict)
    if made.certificate is not None:
        screen.certificate(made.certificate)
    if made.source is not None:
        screen.taken(str(made.source.folder), sum(made.solution.used), made.solution.searched)
    if made.run is not None:
        screen.folder(made.run, stands=made.stands)


def _exit(made: Answer) -> Exit:
    if made.audit is not None and made.audit.violations:
        return Exit.DEFECT  # a plan that we call feasible is not
    return {
        Status.OPTIMAL: Exit.DONE,
        Status.WITHIN: Exit.DONE,  # as near as was asked for
        Status.INFEASIBLE: Exit.INFEASIBLE,
        Status.NO_PLAN: Exit.LIMIT_NO_PLAN,
        Status.NOT_PROVED: Exit.LIMIT_WITH_PLAN,
        Status.DISAGREEMENT: Exit.DEFECT,
    }[made.status]
