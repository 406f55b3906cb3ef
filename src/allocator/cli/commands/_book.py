"""The workbook of a run, or of the comparison of several, as `allocator report` writes it.

Lives here: that.
Not here: the options (report.py), the sheets (publish/book/).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from allocator.publish.book.write import book
from allocator.publish.found import Found
from allocator.publish.made import content
from allocator.runs.folder import write_alone
from allocator.words import Lang, say


def write_book(founds: Sequence[Found], file: Path, lang: Lang) -> None:
    """Raises OSError."""
    write_alone(file, book(content(founds[0], lang)))
    click.echo(say("commands.report.workbook", lang, file=str(file)))
