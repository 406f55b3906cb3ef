"""What commands that write runs do alike: progress around long work, and a folder that is not theirs is refused.

Lives here: both, as contexts.
Not here: the work (answer/), what is shown of it (the commands).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from allocator.cli.usage import Wrong
from allocator.faults import reason
from allocator.model.allocation import Allocation
from allocator.runs.folder import NotARun, Signed
from allocator.words import Lang, Say, say


@contextmanager
def refusing() -> Iterator[None]:
    """A folder that may not be replaced, as wrong usage."""
    try:
        yield
    except Signed as refused:
        raise _refusal("commands.solve.signed", refused) from refused
    except NotARun as refused:
        code = "commands.solve.not-a-run" if refused.stranger is None else "commands.solve.stranger"
        raise _refusal(code, refused) from refused


def _refusal(code: str, refused: NotARun) -> Wrong:
    return Wrong(Say(code, {"folder": str(refused.path), "file": refused.stranger or ""}), "--out")


def tell_refused(folder: Path, wrote: Path | None, refused: OSError, plan: Allocation | None, lang: Lang) -> None:
    """After the work: why the run is not where it should be, and where it is; if it is nowhere, the awards themselves."""
    told = {"folder": str(folder), "reason": reason(refused)}
    if wrote is not None:
        click.echo(say("commands.solve.elsewhere", lang, **told, where=str(wrote)), err=True)
        return
    click.echo(say("commands.solve.nowhere", lang, **told), err=True)
    if plan is not None:
        click.echo(plan.csv(), err=True)
