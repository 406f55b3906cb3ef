"""allocator firmness: what the best plan with the opposite decision would lose, for every decision."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.answer.reasons import reasons_of
from allocator.cli.commands._listed import asked, csv_option, proved_run, seconds_option, unit_option
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.report.firmness import firmness_csv, firmness_record, show_firmness, show_unit
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
    names, clock = Names(kept.model, lang), Clock(Limits(time_limit))
    with Watch(names, clock, "commands.firmness.settled") as watch:
        reasons = reasons_of(kept, clock=clock, reporter=watch, counted=watch.counted)
    if reasons is None:
        click.echo(say("commands.firmness.not-proved", lang), err=True)
        return Exit.LIMIT_NO_PLAN if clock.over else Exit.DEFECT
    found = reasons.firmness
    if csv is not None:
        write_alone(csv, firmness_csv(found, names))
    own = [one for one in found.opposites if unit is None or one.unit == unit]
    stages = dict(zip(reasons.opposites, reasons.stages, strict=True))
    if json:
        write_json({"illustrative": list(kept.model.policy.illustrative), **firmness_record(own, found, stages)})
        return Exit.DONE
    screen = Screen(names, page())
    if unit is None:
        show_firmness(screen, found)
    else:
        show_unit(screen, own, unit, stages)
    screen.illustrative(kept.model)
    return Exit.DONE
