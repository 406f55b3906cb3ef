"""allocator cutoffs: the price list of a plan: what a unit had to be worth, in the classes that the rules make."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.answer.verification import again
from allocator.cli.commands._listed import asked, csv_option, proved_run, seconds_option, unit_option
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.cutoffs import Cutoffs, cutoffs
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.problem import compile
from allocator.report.cutoffs import cell_record, cutoffs_csv, cutoffs_record, show_cutoffs, show_unit
from allocator.report.screen import Screen
from allocator.runs.folder import write_alone
from allocator.solve import Clock, Limits
from allocator.words import Lang, say


@click.command()
@run_argument
@unit_option
@csv_option
@seconds_option
@json_option
@click.pass_obj
def command(lang: Lang, run: Path, unit: str | None, csv: Path | None, time_limit: float | None, json: bool) -> Exit:
    kept = proved_run(run)
    unit = asked(kept.model, unit, csv)
    names, clock, problem = Names(kept.model, lang), Clock(Limits(time_limit)), compile(kept.model)
    with Watch(names, clock) as reporter:
        solution = again(kept, problem, clock=clock, reporter=reporter)
        found = cutoffs(problem, solution, clock) if solution.allocation == kept.allocation else None
    if found is None:
        click.echo(say("commands.cutoffs.not-proved", lang), err=True)
        return Exit.LIMIT_WITH_PLAN if clock.over else Exit.DEFECT
    if csv is not None:
        write_alone(csv, cutoffs_csv(found, names))
    _show(found, unit, names, json)
    return Exit.DONE


def _show(found: Cutoffs, unit: str | None, names: Names, json: bool) -> None:
    if json:
        told = cutoffs_record(found) if unit is None else {"cells": [cell_record(c) for c in found.of(unit)]}
        write_json({"illustrative": list(names.model.policy.illustrative), **told})
        return
    screen = Screen(names, page())
    if unit is None:
        show_cutoffs(screen, found)
    else:
        show_unit(screen, found, unit)
    screen.illustrative(names.model)
