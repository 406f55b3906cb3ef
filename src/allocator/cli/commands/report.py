"""allocator report: the plan to hand over: a workbook; of several runs the comparison."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place
from allocator.publish.book.write import book
from allocator.publish.content import Content
from allocator.publish.found import found
from allocator.publish.made import content
from allocator.runs import read_run
from allocator.runs.folder import room, write_alone
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def command(lang: Lang, runs: tuple[Path, ...], xlsx: Path | None) -> Exit:
    if xlsx is None:
        raise Wrong(Say("commands.report.which"))
    room(xlsx)
    write_alone(xlsx, book(_one(runs[0], lang)))
    click.echo(say("commands.report.wrote", lang, file=str(xlsx)))
    return Exit.DONE


def _one(folder: Path, lang: Lang) -> Content:
    run = read_run(folder)
    if run.allocation is None:
        status = Say(f"report.runs.state.{run.status.replace(' ', '-')}")
        raise InputError([Fault("report-no-plan", Place(str(folder)), {"status": status})])
    clock = Clock(Limits())
    with Watch(Names(run.model, lang), clock) as watch:
        return content(found(run, clock=clock, reporter=watch), lang)
