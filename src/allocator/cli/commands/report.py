"""allocator report: what is handed over of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocator.cli.commands._listed import seconds_option
from allocator.cli.commands._office import check_office, letters_of, notice_of, office_options, write_office
from allocator.cli.commands._shared import run_argument
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Fault, InputError, Place
from allocator.publish.found import found
from allocator.publish.made import content
from allocator.runs import read_run
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say


@click.command()
@run_argument
@office_options
@seconds_option
@click.pass_obj
def command(
    lang: Lang,
    /,
    run: Path,
    docx: Path | None,
    pdf: Path | None,
    no_letters: bool,
    time_limit: float | None,
    **office: Any,
) -> None:
    if docx is None and pdf is None:
        raise Wrong(Say("commands.report.nothing"))
    check_office(docx, pdf, lang)
    kept, clock = read_run(run), Clock(Limits(time_limit))
    if kept.allocation is None:
        status = Say(f"report.runs.state.{kept.status.replace(' ', '-')}")
        raise InputError([Fault("run-not-optimal", Place(str(run)), {"status": status})])
    with Watch(Names(kept.model, lang), clock) as watch:
        made = content(found(kept, clock=clock, reporter=watch), lang)
    letters = None if no_letters else letters_of(kept, made, clock)
    write_office(made, letters, notice_of(office), docx, pdf, clock)
