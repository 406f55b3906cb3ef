"""allocator chances: how likely each tied unit was to be drawn."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.answer.verification import chances_of
from allocator.cli.commands._listed import asked, csv_option, seconds_option, unit_option
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place
from allocator.report.chances import chances_csv, chances_record, show_chances, show_unit
from allocator.report.screen import Screen
from allocator.runs import read_run
from allocator.runs.folder import write_alone
from allocator.solve import Clock, Limits
from allocator.words import Lang, say


@click.command()
@run_argument
@click.option("--orders", type=click.IntRange(min=1, max=1_000_000), default=1000, show_default=True)
@unit_option
@csv_option
@seconds_option
@json_option
@click.pass_obj
def command(
    lang: Lang, run: Path, orders: int, unit: str | None, csv: Path | None, time_limit: float | None, json: bool
) -> Exit:
    kept = read_run(run)
    policy = kept.model.policy
    if kept.status != "optimal" or policy.seed is None:
        found = kept.status if policy.seed is not None else "ties: none"
        raise InputError([Fault("chances-no-draw", Place(str(run)), found=found)])
    unit = asked(kept.model, unit, csv)
    names, clock = Names(kept.model, lang), Clock(Limits(time_limit))
    with Watch(names, clock, "commands.chances.tried") as watch:
        found_chances = chances_of(kept, orders, clock=clock, reporter=watch, counted=watch.counted)
    if found_chances is None:
        click.echo(say("commands.chances.not-proved", lang), err=True)
        return Exit.LIMIT_NO_PLAN if clock.over else Exit.DEFECT
    if csv is not None:
        write_alone(csv, chances_csv(found_chances, names))
    if json:
        shown = found_chances if unit is None else [one for one in found_chances if one.unit == unit]
        write_json(chances_record(shown, policy))
    else:
        screen = Screen(names, page())
        if unit is None:
            show_chances(screen, found_chances, policy)
        else:
            show_unit(screen, found_chances, unit, policy)
        screen.illustrative(kept.model)
    return Exit.DONE
