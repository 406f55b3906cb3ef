"""Where texts are put on a screen: whatever they hold, they are shown as they are and steer nothing.

Lives here: standard output and error for the time of a command, the consoles of pages and of progress, JSON.
Not here: which characters are meant (words/controls.py), what is shown (the commands, report/).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

import click

from allocator.words.controls import as_json, visible

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 120  # of a page that goes to a file or a pipe, where COLUMNS does not say
LEAST_WIDTH = 20  # columns: a narrower screen counts as this wide


class Shown:
    """A text stream whose control characters are shown, not sent."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(visible(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def shown() -> Iterator[None]:
    """While this lasts, nothing that is written to standard output or error steers the screen. Closed streams take all."""
    _open_closed()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(Any, Shown(sys.stdout)), cast(Any, Shown(cast(IO[str], _Spared(sys.stderr))))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Streams that the caller has closed lead to nowhere: else the next file that is opened would take their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number
        if getattr(sys, name) is None:  # of that number too: a process that is forked has no other streams
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


class _Spared:
    """Standard error, which leads to nowhere once nothing can be written to it: a full disk, a reader who left.

    What is told while a command works is worth less than its work.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def write_json(document: object) -> None:
    """One document on standard output."""
    click.echo(as_json(document), color=True)


def page() -> Console:
    """The console of results: as wide as the terminal; elsewhere plain text without blanks at the ends of its lines."""
    if sys.stdout.isatty():
        return _console(_bare(sys.stdout))
    width = os.environ.get("COLUMNS", "")
    return _console(cast(IO[str], _Trimmed(_bare(sys.stdout))), int(width) if width.isdigit() and int(width) else WIDTH)


def progress_console() -> Console:
    """The console of what is told while a command works."""
    return _console(_bare(sys.stderr))


def _bare(stream: IO[str]) -> IO[str]:
    """The stream without what shows control characters: a console sends its own, and shows those of texts."""
    return stream.stream if isinstance(stream, Shown) else stream


def _console(file: IO[str], width: int | None = None) -> Console:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Page(Console):
        def on_broken_pipe(self) -> None:
            raise  # the error that is being handled: main answers it for every command

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else visible(text), style, control)

    made = Page(file=file, width=width, highlight=False, markup=False, emoji=False)
    made.width = max(made.width, LEAST_WIDTH)
    return made


class _Trimmed:
    """A text stream that drops the blanks with which tables fill their lines."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(re.sub(r" +(?=\n)", "", text))
        return len(text)

    def flush(self) -> None:
        self.stream.flush()
