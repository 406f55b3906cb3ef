"""What several commands do alike: load a model, write a document or a page.

Lives here: the arguments model and run, JSON on standard output, the console.
Not here: anything that one command alone does.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 120  # of a page that goes to a file or a pipe, where COLUMNS does not say

model_argument: Callable[[Any], Any] = click.argument("model", type=click.Path(path_type=Path))
run_argument: Callable[[Any], Any] = click.argument("run", type=click.Path(path_type=Path))
json_option: Callable[[Any], Any] = click.option("--json", is_flag=True)


def write_json(document: object) -> None:
    """One document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def page() -> Console:
    """The console of results: as wide as the terminal; elsewhere plain text without blanks at the ends of its lines."""
    from rich.console import Console

    class Page(Console):
        def on_broken_pipe(self) -> None:
            raise  # the error that is being handled: main answers it for every command

    if sys.stdout.isatty():
        return Page(highlight=False)
    width = os.environ.get("COLUMNS", "")
    plain = cast(IO[str], _Trimmed(sys.stdout))
    return Page(file=plain, width=int(width) if width.isdigit() and int(width) else WIDTH, highlight=False)


class _Trimmed:
    """A text stream that drops the blanks with which tables fill their lines."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(re.sub(r" +(?=\n)", "", text))
        return len(text)

    def flush(self) -> None:
        self.stream.flush()
