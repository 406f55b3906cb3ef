"""What `report` does about the office's documents: its options, the files, what is left to fill in by hand.

Lives here: that.
Not here: the documents (publish/office/), the other forms of a report (report.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.publish.content import Content
from allocator.publish.office.parts import Notice
from allocator.report.letter import Letters
from allocator.runs.folder import room, write_alone
from allocator.solve import Clock
from allocator.words import Lang, Say, say

_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(path_type=Path, file_okay=False)
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--docx", type=_FOLDER),
    click.option("--pdf", type=_FOLDER),
    click.option("--issuer", default=""),
    click.option("--number", default=""),
    click.option("--date", "day", type=_DAY),
    click.option("--to", "to", default=""),
    click.option("--notice-days", "days", type=click.IntRange(min=1)),
    click.option("--notice-from", "first", type=_DAY),
    click.option("--contact", default=""),
    click.option("--outcome", default=""),
)


def office_options(command: Any) -> Any:
    """--docx, --pdf, and what no model says: who publishes, under what number, when, for how long."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def notice_of(given: Mapping[str, Any]) -> Notice:
    told: dict[str, Any] = {name: given[name] for name in Notice.__dataclass_fields__}
    told |= {name: value.date() for name, value in told.items() if isinstance(value, datetime)}
    return Notice(**told)


def check_office(docx: Path | None, pdf: Path | None, lang: Lang) -> None:
    """Before any work: that a font has the characters, and there is room. Raises Wrong, OSError."""
    for folder in filter(None, (docx, pdf)):
        room(folder / "x")
    if pdf is not None and lang == "zh":
        from allocator.publish.office.fonts import NoChineseFont, fonts, installed

        try:
            fonts(installed(), lang, chinese=True)
        except NoChineseFont:
            raise Wrong(Say("commands.report.no-font"), "--pdf") from None


def write_office(
    content: Content, letters: Letters | None, notice: Notice, docx: Path | None, pdf: Path | None, clock: Clock
) -> None:
    """Writes the files, says where, which font stands for which, and what is to be filled in by hand."""
    from allocator.publish.office.files import pdf_files, word_files

    lang, told = content.names.lang, list[str]()
    if docx is not None:
        with Watch(content.names, clock, "commands.report.documents") as watch:
            files = word_files(content, letters, notice, watch.counted)
        _write(files, docx, lang)
    if pdf is not None:
        with Watch(content.names, clock, "commands.report.documents") as watch:
            files = pdf_files(content, letters, notice, watch.counted, lambda said: told.append(said.text(lang)))
        _write(files, pdf, lang)
    for line in told:
        click.echo(line)
    blanks = [say(f"office.blanks.{name}", lang) for name in notice.unsaid()]
    if blanks:
        click.echo(say("office.blanks-left", lang, blanks=blanks))


def _write(files: Mapping[str, bytes], folder: Path, lang: Lang) -> None:
    for name, data in files.items():
        write_alone(folder / name, data)
    click.echo(say("commands.report.folder", lang, count=len(files), folder=folder))
