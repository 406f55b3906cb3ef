"""allocator report: the plan to hand over, as a page, a workbook, Word files and PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocator.answer.reasons import Reasons, reasons_of
from allocator.cli.commands._book import write_book
from allocator.cli.commands._libraries import needs
from allocator.cli.commands._listed import planned_run, seconds_option
from allocator.cli.commands._office import check_office, notice_of, office_options, write_office
from allocator.cli.commands._page import PageWishes, write_page
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.publish.found import Found, found
from allocator.publish.made import content, letters_of
from allocator.publish.map import boundary_map
from allocator.runs.folder import room
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say

FILE = click.Path(path_type=Path, dir_okay=False)
LIBRARIES = {"out": ("jinja2", "pypinyin"), "xlsx": ("xlsxwriter",), "docx": ("docx",), "pdf": ("typst",)}


@click.command()
@click.argument("runs", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", "-o", type=FILE)
@click.option("--xlsx", type=FILE)
@office_options
@click.option("--no-letters", "no_letters", is_flag=True)
@click.option("--boundaries", type=FILE)
@click.option("--map-number", "map_number")
@click.option("--embed-fonts", is_flag=True)
@seconds_option
@click.pass_obj
def command(
    lang: Lang,
    /,
    runs: tuple[Path, ...],
    out: Path | None,
    xlsx: Path | None,
    docx: Path | None,
    pdf: Path | None,
    no_letters: bool,
    boundaries: Path | None,
    map_number: str | None,
    embed_fonts: bool,
    time_limit: float | None,
    **office: Any,
) -> Exit:
    if map_number is not None and boundaries is None:
        raise Wrong(Say("commands.report.map-number"), "--map-number")
    _wanted({"out": out, "xlsx": xlsx, "docx": docx, "pdf": pdf}, several=len(runs) > 1)
    check_office(docx, pdf, lang)
    for file in filter(None, (out, xlsx)):
        room(file)
    kept = [planned_run(run) for run in runs]
    picture = (
        None if boundaries is None else boundary_map(kept[0].model, boundaries, map_number)
    )  # faults before the work
    clock = Clock(Limits(time_limit))
    with Watch(Names(kept[0].model, lang), clock) as watch:
        founds = [found(run, clock=clock, reporter=watch) for run in kept]
    wanted = not no_letters and any(form is not None for form in (out, docx, pdf))
    reasons = _reasons(founds[0], lang, clock) if out is not None or wanted else None
    if out is not None:
        wishes = PageWishes(picture, embed_fonts, not no_letters)
        write_page(founds, reasons, out, lang, wishes)
    if xlsx is not None:
        write_book(founds, xlsx, lang)
    if docx is not None or pdf is not None:
        made = content(founds[0], lang)
        letters = letters_of(founds[0].run, reasons, [lang], "unit")[lang] if wanted and reasons is not None else None
        write_office(made, letters, notice_of(office), docx, pdf, clock)
    if wanted and reasons is None:
        click.echo(say("commands.report.no-letters", lang), err=True)
    return Exit.DONE


def _wanted(forms: dict[str, Path | None], *, several: bool) -> None:
    """Raises Wrong where nothing is asked for, a library is not there, or a form of one run is asked for several."""
    asked = [name for name, path in forms.items() if path is not None]
    if not asked:
        raise Wrong(Say("commands.report.which"))
    for name in asked:
        needs(*LIBRARIES[name], option=f"--{name}")
        if several and name in ("docx", "pdf"):
            raise Wrong(Say("commands.report.one-run"), f"--{name}")


def _reasons(told: Found, lang: Lang, clock: Clock) -> Reasons | None:
    """The reasons of a plan that is proved again; None else, or where a limit came first."""
    if told.best is None:
        return None
    with Watch(Names(told.run.model, lang), clock, "commands.firmness.settled") as watch:
        return reasons_of(told.run, clock=clock, reporter=watch, counted=watch.counted, best=told.best)
