"""The workbook of a run, or of the comparison of several, as `allocator report` writes it.

Lives here: that.
Not here: the options (report.py), the sheets (publish/book/).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from allocator.cli.commands._line import ProgressLine
from allocator.publish.book.write import book
from allocator.publish.found import Found
from allocator.publish.made import content
from allocator.publish.side_by_side import compared, comparison_content
from allocator.runs.folder import write_alone
from allocator.words import Lang, say


def write_book(founds: Sequence[Found], file: Path, lang: Lang) -> None:
    """Raises OSError."""
    if len(founds) == 1:
        data = book(content(founds[0], lang))
    else:
        with ProgressLine() as line:
            line.tell(say("commands.report.comparing", lang))
            data = book(comparison_content(founds, compared(founds), lang), "comparison")
    write_alone(file, data)
    click.echo(say("commands.report.workbook", lang, file=str(file)))
