"""allocator dossier: letters with reasons, one page a unit."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.answer.reasons import reasons_of
from allocator.cli.commands._listed import proved_run, seconds_option, unit_code, unit_option
from allocator.cli.commands._shared import run_argument
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.publish.made import letters_of
from allocator.report.letter import Audience, files
from allocator.runs.folder import room, write_alone
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say


@click.command()
@run_argument
@unit_option
@click.option("--all", "everybody", is_flag=True)
@click.option("--audience", type=click.Choice(["unit", "committee", "public"]), default="unit")
@click.option("--out", "-o", type=click.Path(path_type=Path, file_okay=False))
@seconds_option
@click.pass_obj
def command(
    lang: Lang,
    run: Path,
    unit: str | None,
    everybody: bool,
    audience: Audience,
    out: Path | None,
    time_limit: float | None,
) -> Exit:
    kept = proved_run(run)
    if (unit is not None) == everybody:
        raise Wrong(Say("commands.dossier.one-of"))
    if everybody and out is None:
        raise Wrong(Say("commands.dossier.where"), "--out")
    units = (
        [str(code) for code in kept.model.units.columns["unit"].values]
        if unit is None
        else [unit_code(kept.model, unit)]
    )
    if out is not None:
        room(out)
    names, clock = Names(kept.model, lang), Clock(Limits(time_limit))
    with Watch(names, clock, "commands.firmness.settled") as watch:
        found = reasons_of(kept, None if everybody else units[0], clock=clock, reporter=watch, counted=watch.counted)
    if found is None:
        click.echo(say("commands.firmness.not-proved", lang), err=True)
        return Exit.LIMIT_NO_PLAN if clock.over else Exit.DEFECT
    letters = letters_of(kept, found, [lang], audience)[lang]
    if out is None:
        click.echo(letters.markdown(units[0]))
        return Exit.DONE
    for name, data in files(letters, units).items():
        write_alone(out / name, data)
    click.echo(say("commands.dossier.wrote", lang, count=len(units), folder=out))
    return Exit.DONE
