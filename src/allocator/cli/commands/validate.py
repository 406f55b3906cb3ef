"""allocator validate: every fault of a model at once, without a solver."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.explain.names import Names
from allocator.explain.shortfall import never
from allocator.faults import Exit, InputError, in_order, render
from allocator.load import load
from allocator.problem import compile
from allocator.report.columns import columns_record, show_columns
from allocator.report.faults import fault_record
from allocator.report.screen import Screen
from allocator.words import Lang, say


@click.command()
@model_argument
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, json: bool) -> Exit:
    try:
        loaded = load(model)
        problem = compile(loaded)  # figures that rules need are looked up: one may be missing where no cell asks for it
    except InputError as error:
        if not json:
            raise
        write_json({"valid": False, "faults": [fault_record(fault) for fault in error.faults]})
        return Exit.INPUT
    notices = in_order([*loaded.notices, *never(problem)])
    sizes = {
        "units": loaded.units.height,
        "periods": len(loaded.policy.periods),
        "programs": len(loaded.programs),
        "rules": len(problem.rules),
        "objectives": len(loaded.policy.objectives),
        "indicators": len(loaded.policy.indicators),
        "cells": problem.cells,
    }
    if json:
        write_json(
            {
                "valid": True,
                "faults": [],
                "notices": list(map(fault_record, notices)),
                "model": loaded.policy.model,
                **sizes,
                "columns": columns_record(loaded),
            }
        )
    else:
        click.echo(say("commands.validate.valid", lang, model=loaded.policy.model, **sizes))
        for notice in notices:
            click.echo(render(notice, lang))
        show_columns(Screen(Names(loaded, lang), page()), columns_record(loaded))
    return Exit.DONE
