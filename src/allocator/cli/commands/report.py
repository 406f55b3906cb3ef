"""allocator report: the plan to hand over: a page that opens anywhere."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._listed import proved_run, seconds_option
from allocator.cli.commands._page import PageWishes, write_page
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.publish.found import found
from allocator.runs.folder import room
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--boundaries", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--map-number", "map_number")
@click.option("--embed-fonts", is_flag=True)
@click.option("--no-letters", is_flag=True)
@seconds_option
@click.pass_obj
def command(
    lang: Lang,
    runs: tuple[Path, ...],
    out: Path,
    boundaries: Path | None,
    map_number: str | None,
    embed_fonts: bool,
    no_letters: bool,
    time_limit: float | None,
) -> Exit:
    if map_number is not None and boundaries is None:
        raise Wrong(Say("commands.report.map-number"), "--map-number")
    kept = [proved_run(run, also=("within", "not proved")) for run in runs]
    room(out)
    clock = Clock(Limits(time_limit))
    with Watch(Names(kept[0].model, lang), clock) as watch:
        founds = [found(run, clock=clock, reporter=watch) for run in kept]
    whole = write_page(founds, out, lang, PageWishes(boundaries, map_number, embed_fonts, not no_letters), clock)
    click.echo(say("commands.report.wrote", lang, file=str(out)))
    if not whole:
        click.echo(say("commands.report.no-reasons", lang), err=True)
    return Exit.DONE
