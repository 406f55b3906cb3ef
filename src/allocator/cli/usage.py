"""What is wrong with a command line, in both languages.

Lives here: a usage error of ours, and ours for each of click's.
Not here: the commands, exit codes (main.py). No sentence of click is handed on: what is not known has a general sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import click

from allocator.faults import nearest
from allocator.words import Lang, Say, say


class Finite(click.FloatRange):
    """A number in a range, which is neither endless nor none: these pass every comparison and are no JSON."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"'{value}' is not finite", param, ctx)
        return number


class Wrong(click.UsageError):
    """A command line that cannot be followed; `of`: the parameter that is to blame."""

    def __init__(self, problem: Say, of: str | None = None, near: str | None = None) -> None:
        super().__init__(problem.text("en"))
        self.problem, self.of, self.near = problem, of, near


def problem(error: click.ClickException, lang: Lang, commands: Iterable[str]) -> str:
    """One line: what is wrong. `commands`: the names of all."""
    match error:
        case Wrong():
            text = error.problem.text(lang)
            if error.near:
                text += say("faults.tail.nearest", lang, nearest=error.near)
            return text if error.of is None else say("commands.usage.bad-value", lang, parameter=error.of, problem=text)
        case click.NoSuchOption():
            options = [name for param in error.ctx.command.params for name in param.opts] if error.ctx else []
            return _unknown("option", error.option_name, nearest(error.option_name, options), lang)
        case click.exceptions.NoSuchCommand():
            return _unknown("command", error.command_name, nearest(error.command_name, commands), lang)
        case click.BadOptionUsage():
            code = "takes-no-value" if "does not take a value" in error.message else "needs-value"
            return say(f"commands.usage.{code}", lang, name=error.option_name)
        case click.MissingParameter(param=click.Parameter() as param):
            return say("commands.usage.missing", lang, parameter=param.get_error_hint(error.ctx))
        case click.BadParameter(param=click.Option() | click.Argument() as param):
            text = _of_type(param.type, error.message).text(lang)
            return say("commands.usage.bad-value", lang, parameter=param.get_error_hint(error.ctx), problem=text)
    if extra := re.search(r"extra arguments? \((.*)\)", error.message):
        return say("commands.usage.extra", lang, what=extra[1])
    return say("commands.usage.other", lang)


def _of_type(kind: click.ParamType, message: str) -> Say:
    """What a value must be, by the type of its parameter; the value itself is taken out of click's message."""
    quoted = re.search(r"'(.*?)'", message)
    value = quoted[1] if quoted else message.split(" ")[0]
    match kind:
        case click.Choice(choices=choices):
            return Say("commands.usage.choice", {"value": value, "options": ", ".join(map(str, choices))})
        case click.IntRange(min=least, max=most) | click.FloatRange(min=least, max=most):
            word = "whole" if isinstance(kind, click.IntRange) else "number"
            if least is None:
                return Say(f"commands.usage.{word}", {"value": value})
            above = "above" if kind.min_open else "at-least"
            params = {"value": value, "least": least, "most": most}
            return Say(f"commands.usage.{word}-{above}", {k: v for k, v in params.items() if v is not None})
        case click.Path(file_okay=False):
            return Say("commands.usage.folder", {"value": value})
        case click.Path(dir_okay=False):
            return Say("commands.usage.file", {"value": value})
        case click.DateTime():
            return Say("commands.usage.date", {"value": value})
        case click.Path():
            return Say("commands.usage.path", {"value": value})
    return Say("commands.usage.whole" if kind is click.INT else "commands.usage.value", {"value": value})


def _unknown(what: str, name: str, near: str | None, lang: Lang) -> str:
    text = say(f"commands.usage.unknown-{what}", lang, name=name)
    return text + say("faults.tail.nearest", lang, nearest=near) if near else text
