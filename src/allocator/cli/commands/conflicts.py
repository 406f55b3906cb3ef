"""allocator conflicts: which rules cannot hold together, and what would make a plan possible."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._listed import seconds_option
from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.impossible import Impossible, Wanted, impossible
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.load import load
from allocator.model.status import Status
from allocator.problem import compile
from allocator.report.impossible import impossible_record, show_impossible
from allocator.report.screen import Screen
from allocator.solve import Clock, Limits
from allocator.solve.solvers import SOLVERS
from allocator.words import Lang

MOST_EQUAL = 200  # repairs that cost the least, where all are asked for


@click.command()
@model_argument
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--all", "everything", is_flag=True)
@click.option("--groups", "by_groups", is_flag=True)
@click.option("--solver", type=click.Choice(list(SOLVERS)), default="highs", show_default=True)
@seconds_option
@json_option
@click.pass_obj
def command(
    lang: Lang,
    model: Path,
    limit: int,
    everything: bool,
    by_groups: bool,
    solver: str,
    time_limit: float | None,
    json: bool,
) -> Exit:
    loaded = load(model)
    names, clock, problem = Names(loaded, lang), Clock(Limits(time_limit)), compile(loaded)
    wanted = Wanted(None if everything else limit, limit, by_groups, MOST_EQUAL if everything else 0)
    with Watch(names, clock) as watch:
        found = impossible(problem, clock, wanted, solver=solver, reporter=watch)
    if json:
        write_json(
            {"model": loaded.policy.model, "illustrative": list(loaded.policy.illustrative), **impossible_record(found)}
        )
    else:
        _show(Screen(names, page()), found)
    return {Status.INFEASIBLE: Exit.INFEASIBLE, Status.OPTIMAL: Exit.DONE}.get(
        found.conflicts.status, Exit.LIMIT_NO_PLAN
    )


def _show(screen: Screen, found: Impossible) -> None:
    model, status = screen.names.model, found.conflicts.status
    screen.title_of(model)
    if status == Status.INFEASIBLE:
        show_impossible(screen, found)
    else:
        screen.line(screen.say(f"report.conflicts.{'possible' if status.planned else 'not-known'}"))
