"""allocator workbook: a model as one workbook, to be filled in and solved."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._libraries import needs
from allocator.cli.commands._shared import json_option, model_argument, write_json
from allocator.cli.usage import Wrong
from allocator.runs.folder import room, write_alone
from allocator.words import Lang, Say, say
from allocator.workbook.export import model_book


@click.command()
@model_argument
@click.argument("scenarios", type=click.Path(path_type=Path), nargs=-1)
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--replace", is_flag=True)
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, scenarios: tuple[Path, ...], out: Path, replace: bool, json: bool) -> None:
    if out.suffix.lower() != ".xlsx":
        raise Wrong(Say("commands.workbook.ending", {"file": str(out)}), "--out")
    if not replace and (out.exists() or out.is_symlink()):
        raise Wrong(Say("commands.workbook.there", {"file": str(out)}), "--out")
    needs("xlsxwriter")
    made = model_book(model, scenarios, out=out, lang=lang)
    room(out)
    write_alone(out, made.data)
    told = {"file": str(out), "sheets": made.sheets, "tables": made.tables, "scenarios": list(made.scenarios)}
    if json:
        write_json(told)
        return
    click.echo(say("workbook.made.book", lang, **told))
    if made.scenarios:
        click.echo(say("workbook.made.and", lang, **told))
