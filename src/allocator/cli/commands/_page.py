"""The page of a run, as `allocator report` writes it: found out, put together, written.

Lives here: that, with its progress; what is told where a wish cannot be met.
Not here: the options (report.py), the page itself (publish/page/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from allocator.answer.reasons import Reasons
from allocator.cli.usage import Wrong
from allocator.publish.found import Found
from allocator.publish.map import Picture
from allocator.publish.page import NoFont, page, shown_of
from allocator.runs.folder import write_alone
from allocator.words import Lang, Say, say


@dataclass(frozen=True)
class PageWishes:
    """picture: a map with boundaries; without one, tiles."""

    picture: Picture | None = None
    embed: bool = False
    letters: bool = True


def write_page(founds: Sequence[Found], reasons: Reasons | None, out: Path, lang: Lang, wishes: PageWishes) -> None:
    """The page of the first run, compared with the others, into a file. reasons: of its plan, where they are known.

    Raises Wrong where no font can be embedded, OSError.
    """
    shown = shown_of(founds, reasons, letters=wishes.letters, picture=wishes.picture)
    try:
        text = page(shown, lang, file=out.name, embed=wishes.embed)
    except NoFont:
        raise Wrong(Say("commands.report.no-font-embedded"), "--embed-fonts") from None
    write_alone(out, text.encode("utf-8"))
    click.echo(say("commands.report.page", lang, file=str(out)))
