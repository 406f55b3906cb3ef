"""allocator audit: an allocation, ours or anyone's, recounted under every rule; no solver takes part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from allocator.audit import audit
from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.explain.names import Names
from allocator.faults import Exit, Notice
from allocator.load import load
from allocator.load.allocation import read_allocation
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.screen import Screen
from allocator.words import Lang


@click.command()
@model_argument
@click.option("--allocation", type=click.Path(path_type=Path), required=True)
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, allocation: Path, json: bool) -> Exit:
    loaded = load(model)
    notices: list[Notice] = []
    found = audit(loaded, read_allocation(allocation, loaded, notices))
    loaded = replace(loaded, notices=(*loaded.notices, *notices))
    told = facts(loaded, found)
    if json:
        write_json(document(told))
    else:
        Screen(Names(loaded, lang), page()).page(told)
    return Exit.VIOLATION if found.violations else Exit.DONE
