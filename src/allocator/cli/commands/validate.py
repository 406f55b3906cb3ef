"""allocator validate: every fault of a model at once, without a solver; a workbook comes back with its faults marked."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from allocator.cli.commands._again import at_every_save
from allocator.cli.commands._marked import mark, may_mark
from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.explain.shortfall import never
from allocator.faults import Exit, Fault, InputError, Notice, in_order, reason, render, render_all
from allocator.load import load
from allocator.model.model import Model
from allocator.problem import compile
from allocator.read.documents import book_of
from allocator.read.fault_collector import every_fault
from allocator.read.files import read_once
from allocator.report.columns import columns_record, show_columns
from allocator.report.faults import fault_record
from allocator.report.screen import Screen
from allocator.words import Lang, Say, say


@click.command()
@model_argument
@click.option("--marked", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--watch", is_flag=True)
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, marked: Path | None, watch: bool, json: bool) -> Exit:
    if watch and json:
        raise Wrong(Say("commands.validate.watch-json"))
    book = inside[0] if (inside := book_of(model)) else model  # of a scenario in it too
    if marked is not None:
        may_mark(book, marked, again=watch)
    if watch:
        return _watched(lang, model, book, marked)
    with ExitStack() as stack:
        if marked is not None:
            stack.enter_context(read_once())
            stack.enter_context(every_fault())
        faults, sizes, loaded = _checked(model)
        answer = None if marked is None else mark(book, marked, faults, lang)
    wrong = [fault for fault in faults if not isinstance(fault, Notice)]
    if json:
        _as_json(wrong, faults, sizes, loaded, marked if answer and answer.written else None)
    elif not wrong:
        assert loaded is not None
        _as_page(lang, loaded, sizes, faults)
    if answer is not None and not json:
        click.echo(answer.said, err=bool(wrong))
    if wrong and not json:
        raise InputError(wrong)
    return Exit.INPUT if wrong else Exit.DONE


def _checked(path: Path) -> tuple[tuple[Fault, ...], dict[str, Any], Model | None]:
    """The faults, or the notices, the sizes and the model."""
    try:
        loaded = load(path)
        problem = compile(loaded)  # figures that rules need are looked up: one may be missing where no cell asks for it
    except InputError as error:
        return error.faults, {}, None
    sizes = {
        "units": loaded.units.height,
        "periods": len(loaded.policy.periods),
        "programs": len(loaded.programs),
        "rules": len(problem.rules),
        "objectives": len(loaded.policy.objectives),
        "indicators": len(loaded.policy.indicators),
        "cells": problem.cells,
    }
    return in_order([*loaded.notices, *never(problem)]), sizes, loaded


def _as_json(
    wrong: list[Fault], faults: tuple[Fault, ...], sizes: dict[str, Any], model: Model | None, marked: Path | None
) -> None:
    document: dict[str, Any] = {"valid": not wrong, "faults": list(map(fault_record, wrong))}
    if model is not None:
        notices = list(map(fault_record, faults))
        document |= {"notices": notices, "model": model.policy.model, **sizes, "columns": columns_record(model)}
    if marked is not None:
        document["marked"] = str(marked)
    write_json(document)


def _as_page(lang: Lang, model: Model, sizes: dict[str, Any], notices: tuple[Fault, ...]) -> None:
    click.echo(say("commands.validate.valid", lang, model=model.policy.model, **sizes))
    for notice in notices:
        click.echo(render(notice, lang))
    show_columns(Screen(Names(model, lang), page()), columns_record(model))


def _watched(lang: Lang, model: Path, book: Path, marked: Path | None) -> Exit:
    """Again at every save: how many faults are left, and the first of them."""
    left = 0

    def check() -> None:
        nonlocal left
        with read_once(), every_fault():
            faults, _, _ = _checked(model)
            wrong = [fault for fault in faults if not isinstance(fault, Notice)]
            notices, left = len(faults) - len(wrong), len(wrong)
            if wrong:
                click.echo(render_all(wrong, lang, most=10))
            click.echo(say("commands.validate.left", lang, faults=left, notices=notices))
            if marked is not None:
                try:
                    click.echo(mark(book, marked, faults, lang).said)
                except OSError as error:  # another program may hold it open
                    click.echo(say("commands.refused", lang, reason=reason(error), file=marked), err=True)

    click.echo(say("commands.validate.watching", lang, file=model), err=True)
    at_every_save(check, book, marked)
    return Exit.INPUT if left else Exit.DONE
