"""Progress of many solves on standard error, a line or a bar: live on a terminal, now and then elsewhere.

Lives here: when it is shown.
Not here: what it says (the commands).
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.text import Text

from allocator.cli.terminal import progress_console
from allocator.words import Lang, say

QUIET_S = 5.0  # between two lines where there is no terminal


class ProgressLine:
    """Shows the last thing told, as long as it is open."""

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.status: Status | None = None

    def __enter__(self) -> ProgressLine:
        if sys.stderr.isatty():
            self.status = progress_console().status("")
            self.status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.status is not None:
            self.status.stop()

    def tell(self, text: str) -> None:
        now = time.monotonic()
        if self.status is not None:
            self.status.update(Text(text))  # a str would be read as markup
        elif now - self.last >= QUIET_S:
            self.last = now
            click.echo(text, err=True)


class Bar:
    """A bar for many cases: what runs, is done, was known, failed. Called with a count (sweep.Count)."""

    def __init__(self, total: int, lang: Lang) -> None:
        self.line, self.lang = ProgressLine(), lang
        self.progress: Progress | None = None
        if sys.stderr.isatty():
            console = progress_console()
            columns = (
                BarColumn(),
                TextColumn("{task.completed}/{task.total}"),
                TextColumn("{task.description}", markup=False),
            )
            self.progress = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
            self.task = self.progress.add_task("", total=total)

    def __enter__(self) -> Bar:
        if self.progress is not None:
            self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.progress is not None:
            self.progress.stop()

    def __call__(self, count: Any) -> None:
        told = {"running": count.running, "done": count.done, "known": count.known, "failed": count.failed}
        text = say("commands.sweep.progress", self.lang, **told)
        if self.progress is not None:
            self.progress.update(self.task, completed=count.done + count.known, description=text)
        else:
            self.line.tell(f"{count.done + count.known}/{count.cases} · {text}")
