"""The command `allocator`: finds the commands, speaks the reader's language, answers every way to fail.

Lives here: the lazy group, help texts out of the words, exit codes for exceptions, their one JSON document.
Not here: any command (commands/), words for wrong usage (usage.py).

Nothing heavy is imported: `allocator --help` must feel instant.
"""

import errno
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import click

from allocator.cli.terminal import shown, write_json
from allocator.cli.usage import problem
from allocator.faults import Exit, InputError, Warned, reason, render_all
from allocator.report.faults import fault_record
from allocator.words import LANGUAGES, Lang, known, language, say

PROGRAM = "allocator"
STOPPED = 130  # what shells say of a program that Ctrl-C ended
TERMINATED = 143  # and of one that was asked to end by SIGTERM, as `timeout` and services do
PIPE_CLOSED = 141  # and of one that wrote to a reader who had left, as `allocator show m | head` does

_FOLDER = Path(__file__).parent / "commands"
_PACKAGE = "allocator.cli.commands"
# What the machine refuses is neither a defect of ours nor a fault in a file.
_REFUSALS = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT),
    *(errno.ENODEV, errno.EFBIG, errno.ENAMETOOLONG, errno.ENOTDIR),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line and gives its exit code; no exception leaves it but SystemExit."""
    with shown(), _terminable() as came:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
    return TERMINATED if code == STOPPED and came.is_set() else code


def _run(args: list[str]) -> int:
    lang = language(_option_lang(args))
    if hasattr(sys.stdout, "reconfigure"):  # a terminal that knows no Chinese shows \uXXXX rather than nothing
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        group = Commands(lang)
        # click takes escapes out of texts unless they may be colours: what a text holds is shown instead (terminal.py)
        with _warned(lang), group.make_context(PROGRAM, args, obj=lang, color=True) as context:
            code = group.invoke(context)
        sys.stdout.flush()
        return Exit.DONE if code is None else int(code)
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        # Python flushes once more at its end; there is nobody left to tell about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PIPE_CLOSED
    except (Exception, KeyboardInterrupt) as error:
        ended = _ended(error, lang)
        if _asks_json(args):
            write_json({"faults": ended.records})
        if not _asks_json(args) or ended.code == Exit.DEFECT:
            click.echo(ended.text, err=True, color=True)
        return ended.code


@contextmanager
def _warned(lang: Lang) -> Iterator[None]:
    """What a person should hear, in the reader's language and at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", Warned)
        plain = warnings.showwarning

        def show(message: Warning | str, *about: Any, **more: Any) -> None:
            if isinstance(message, Warned):
                click.echo(message.said.text(lang), err=True)
            else:
                plain(message, *about, **more)

        warnings.showwarning = show
        yield


@contextmanager
def _terminable() -> Iterator[threading.Event]:
    """SIGTERM ends a command as Ctrl-C does: what it holds is given back, and a solve keeps its best plan. Set: it came."""
    came = threading.Event()

    def end(_: int, frame: FrameType | None) -> None:
        came.set()
        answer = signal.getsignal(signal.SIGINT)
        if not callable(answer):  # a shell has what runs behind it ignore Ctrl-C
            raise KeyboardInterrupt
        answer(signal.SIGINT, frame)

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield came
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class _End:
    """How a command ended that could not do its work: its exit code, what a person and what a program reads of it."""

    code: int
    text: str
    records: list[dict[str, Any]]


def _ended(error: BaseException, lang: Lang) -> _End:
    match error:
        case click.exceptions.NoArgsIsHelpError():
            both = {each: say("commands.usage.missing-command", each) for each in LANGUAGES}
            return _End(Exit.INPUT, error.format_message(), [_record("usage", both)])
        case click.Abort() | KeyboardInterrupt():
            return _stopped(lang)
        case click.ClickException():
            names = Commands(lang).list_commands(click.Context(Commands(lang)))
            both = {each: problem(error, each, names) for each in LANGUAGES}
            return _End(Exit.INPUT, _usage_text(error, both[lang], lang), [_record("usage", both)])
        case InputError():
            return _End(Exit.INPUT, render_all(error.faults, lang), [fault_record(fault) for fault in error.faults])
        case RuntimeError() if "interrupted" in str(error):  # DuckDB's answer to Ctrl-C
            return _stopped(lang)
        case OSError() if error.errno in _REFUSALS:
            file = str(error.filename or "-")
            both = {each: say("commands.refused", each, reason=reason(error), file=file) for each in LANGUAGES}
            return _End(Exit.INPUT, both[lang], [_record("refused", both, file)])
    both = {each: _defect_text(error, each) for each in LANGUAGES}
    return _End(Exit.DEFECT, both[lang], [_record("defect", both)])


def _stopped(lang: Lang) -> _End:
    both = {each: say("commands.stopped", each) for each in LANGUAGES}
    return _End(STOPPED, both[lang], [_record("stopped", both)])


def _record(code: str, text: Mapping[Lang, str], file: str | None = None) -> dict[str, Any]:
    """As `fault_record`, of what stands in no file."""
    return {"code": code, "file": file, "line": None, "column": None, "text": dict(text)}


def _asks_json(args: Sequence[str]) -> bool:
    return "--json" in args[: args.index("--") if "--" in args else len(args)]


class _Formatter(click.HelpFormatter):
    """Help with click's own headings in the language of the reader."""

    def __init__(self, lang: Lang, width: int | None, max_width: int | None) -> None:
        super().__init__(width=width, max_width=max_width)
        self.lang = lang

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("commands.heading.usage", self.lang))

    def write_heading(self, heading: str) -> None:
        code = f"commands.heading.{heading.lower().replace(' ', '-')}"
        super().write_heading(say(code, self.lang))


class _Context(click.Context):
    def make_formatter(self) -> click.HelpFormatter:
        lang: Lang = self.find_root().obj
        return _Formatter(lang, self.terminal_width, self.max_content_width)


class Commands(click.Group):
    """The commands in a folder: listed by their files, described by the words, imported when called."""

    context_class = _Context

    def __init__(self, lang: Lang, folder: Path = _FOLDER, package: str = _PACKAGE) -> None:
        super().__init__(name=PROGRAM, no_args_is_help=True, subcommand_metavar=say("commands.metavar", lang))
        self.lang = lang
        self.folder = folder
        self.package = package
        self.help = _as_written(say("commands.help", lang))
        version = click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
        self.params = [_lang_option(), version]
        self._describe(self, "")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(path.stem.replace("_", "-") for path in self.folder.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{self.package}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        command.context_class = _Context
        command.name = cmd_name
        command.help = _as_written(say(f"commands.{cmd_name}.help", self.lang))
        if all(param.name != "lang" for param in command.params):
            command.params.append(_lang_option())
        self._describe(command, cmd_name)
        if option := command.get_help_option(ctx):
            option.help = say("commands.option.help", self.lang)
        return command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = say("commands.option.help", self.lang)
        return option

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, say(f"commands.{name}.short", self.lang)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def _describe(self, command: click.Command, name: str) -> None:
        """Gives every parameter its help: its own words in this command, else those it has in all commands."""
        for param in command.params:
            if isinstance(param, click.Option | click.Argument):
                own = f"commands.{name}.option.{param.name}"
                code = own if name and known(own, self.lang) else f"commands.option.{param.name}"
                param.help = say(code, self.lang)


def _lang_option() -> click.Option:
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False)


def _option_lang(args: Sequence[str]) -> str | None:
    """The value of --lang, read before anything is parsed: help texts and errors must know it already."""
    wish = None
    for i, arg in enumerate(args):
        if arg == "--":
            break
        if arg.startswith("--lang="):
            wish = arg.removeprefix("--lang=")
        elif arg == "--lang" and i + 1 < len(args):
            wish = args[i + 1]
    return wish


def _as_written(text: str) -> str:
    """Help as its lines stand in the words: click would join them, and wrap Chinese at half the width."""
    return "\n\n".join(f"\b\n{paragraph}" for paragraph in text.strip().split("\n\n"))


def _version() -> str:
    from importlib.metadata import version  # slow, and needed for two rare answers only

    return version(PROGRAM)


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"{PROGRAM} {_version()}")
        context.exit()


def _usage_text(error: click.ClickException, text: str, lang: Lang) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return text
    return f"{context.get_usage()}\n{text}\n{say('commands.usage.see', lang, command=context.command_path)}"


def _defect_text(error: BaseException, lang: Lang) -> str:
    """What to report: the exception and the last line of ours that it passed; all lines with ALLOCATOR_DEBUG."""
    import traceback

    ours = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if Path(frame.filename).is_relative_to(ours)), frames[-1])
    file = Path(place.filename)
    where = f"{file.relative_to(ours) if file.is_relative_to(ours) else file.name}:{place.lineno}"
    what = f"{type(error).__name__}: {error}"
    text = say("commands.defect", lang, error=what, where=where, version=_version())
    if os.environ.get("ALLOCATOR_DEBUG"):
        text = "".join(traceback.format_exception(error)) + text
    return text


if __name__ == "__main__":
    sys.exit(main())
