"""One line of progress on standard error: live on a terminal, now and then elsewhere.

Lives here: when it is shown.
Not here: what it says (the commands).
"""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click
from rich.console import Console
from rich.status import Status

QUIET_S = 5.0  # between two lines where there is no terminal


class Line:
    """Shows the last thing told, as long as it is open."""

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.status: Status | None = None

    def __enter__(self) -> Line:
        if sys.stderr.isatty():
            self.status = Console(file=sys.stderr).status("")
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
            self.status.update(text)
        elif now - self.last >= QUIET_S:
            self.last = now
            click.echo(text, err=True)
