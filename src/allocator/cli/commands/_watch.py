"""The progress of a solve on standard error, and Ctrl-C while it runs.

Lives here: a live line on a terminal, a line a stage elsewhere; the first Ctrl-C asks to stop, the second ends.
Not here: what is solved (solve/).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType, TracebackType
from typing import Any

import click
from rich.live import Live
from rich.text import Text

from allocator.cli.terminal import progress_console
from allocator.explain.impossible import PARTS
from allocator.explain.names import Names, percent
from allocator.solve import Clock, Progress
from allocator.solve.subproblem import CERTIFICATE_STAGE

OTHERS = {"lottery": "commands.solve.draw", CERTIFICATE_STAGE: "commands.solve.certificate"}  # beside the objectives


class Watch:
    """A reporter of progress that is also a context: inside it Ctrl-C stops the solve and keeps its best plan."""

    def __init__(self, names: Names, clock: Clock, counts: str = "") -> None:
        self.names, self.clock = names, clock
        self.counts = counts  # the words for what is counted
        objectives = names.model.policy.objectives
        self.stepwise = {*OTHERS, *(objective.id for objective in objectives if not objective.asks_its_value)}
        self.last: Progress | None = None
        self.told: list[str] = []  # stages
        self.tried = 0, 0
        self.began = time.monotonic()
        self.live: Live | None = None
        self.before: Any = None

    def __enter__(self) -> Watch:
        if sys.stderr.isatty():
            console = progress_console()
            self.live = Live(console=console, get_renderable=self._line, refresh_per_second=4, transient=True)
            self.live.start()
        self.before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self.before)
        if self.live is not None:
            self.live.stop()
        elif self.last is not None:
            click.echo(self._text(self.last, self.last.seconds), err=True)

    def __call__(self, progress: Progress) -> None:
        stage_over = self.last is not None and self.last.stage != progress.stage
        if stage_over and self.last is not None and self.live is None:
            click.echo(self._text(self.last, self.last.seconds), err=True)
        self.last = progress

    def counted(self, done: int, of: int) -> None:
        """How much of many alike is done."""
        before, self.tried = self.tried[0], (done, of)
        if self.live is None and before * 10 // of < done * 10 // of:
            click.echo(self._tried(), err=True)

    def so_many(self, done: int) -> None:
        """How much is done where nobody knows of how much; elsewhere than on a terminal each fifth is told."""
        self.tried = done, done
        if self.live is None and done % 5 == 0:
            click.echo(self._tried(), err=True)

    def _tried(self) -> str:
        done, of = self.tried
        return self.names.say(self.counts, done=done, of=of)

    def _line(self) -> Text:
        seconds = time.monotonic() - self.began
        if self.last is None and not self.tried[1]:
            return Text(self.names.say("commands.solve.starting", seconds=f"{seconds:.0f}"))
        told = self._tried() if self.last is None or self.tried[1] else self._text(self.last, seconds)
        text = Text(told, no_wrap=True)
        text.truncate(progress_console().width, overflow="ellipsis")
        return text

    def _text(self, progress: Progress, seconds: float) -> str:
        if progress.stage in PARTS:
            code = f"commands.conflicts.working.{progress.stage}"
            return self.names.say(code, count=int(progress.incumbent or 0), seconds=f"{seconds:.1f}")
        found, bound = progress.incumbent, progress.bound
        parts = [self._stage(progress.stage)]
        if progress.stage not in self.stepwise:
            if found is not None:
                parts.append(self.names.say("commands.solve.found", value=f"{found:,.10g}"))
            if found is not None and bound is not None and found != bound:
                parts.append(self.names.say("commands.solve.bound", value=f"{bound:,.10g}"))
                parts.append(
                    self.names.say("commands.solve.gap", percent=percent(abs(found - bound) / max(abs(found), 1e-9)))
                )
        return " · ".join([*parts, self.names.say("commands.solve.seconds", seconds=f"{seconds:.1f}")])

    def _stage(self, stage: str) -> str:
        if stage in OTHERS:
            return self.names.say(OTHERS[stage])
        objectives = self.names.model.policy.objectives
        number = [objective.id for objective in objectives].index(stage) + 1
        return self.names.say("commands.solve.stage", number=number, count=len(objectives), stage=stage)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.clock.stop.is_set():  # asked a second time: end as any program does
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
            return
        self.clock.stop.set()
        click.echo("\n" + self.names.say("commands.solve.stopping"), err=True)
