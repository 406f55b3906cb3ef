"""allocator gaming: whether units can gain by reporting other figures than they have."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._listed import asked, csv_option, decided_run, seconds_option, unit_option
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.gaming import columns_of, gaming, reported
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place, nearest
from allocator.report.gaming import Gaming
from allocator.report.screen import Screen
from allocator.runs.folder import write_alone
from allocator.runs.proofs import proofs_of
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say


@click.command()
@run_argument
@unit_option
@click.option("--column", "columns", multiple=True)
@csv_option
@seconds_option
@json_option
@click.pass_obj
def command(
    lang: Lang,
    run: Path,
    unit: str | None,
    columns: tuple[str, ...],
    csv: Path | None,
    time_limit: float | None,
    json: bool,
) -> Exit:
    kept = decided_run(run)
    model = kept.model
    assert kept.allocation is not None
    known = columns_of(model)
    if not known:
        raise InputError([Fault("gaming-nothing-reported", Place(str(run)))])
    unit = asked(model, unit, csv)
    for column in columns:
        if column not in known:
            told = {"column": column, "columns": known}
            raise Wrong(Say("commands.gaming.no-column", told), "--column", nearest(column, known))
    wanted = [one for one in reported(model) if unit in (None, one.unit) and (not columns or one.column in columns)]
    names, clock = Names(model, lang), Clock(Limits(time_limit))
    with Watch(names, clock, "commands.gaming.settled") as watch:
        found = list(gaming(model, kept.allocation, wanted, clock, (proofs_of(kept),), watch.counted))
    told_ = Gaming(names, kept.allocation, found)
    if csv is not None:
        write_alone(csv, told_.csv())
    if json:
        write_json({"illustrative": list(model.policy.illustrative), "figures": told_.records()})
    else:
        screen = Screen(names, page())
        if unit is None:
            told_.show(screen)
        else:
            told_.show_unit(screen, unit)
        screen.illustrative(model)
    return Exit.LIMIT_WITH_PLAN if any(one.verdict == "open" for one in found) and clock.over else Exit.DONE
