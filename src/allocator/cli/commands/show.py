"""allocator show: what a model says, in words; or where one value of it comes from."""

from __future__ import annotations

from decimal import Decimal
from json import dumps
from pathlib import Path
from typing import Any

import click

from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.load import load
from allocator.report.names import Names
from allocator.report.origin import NoSuchPath, Origin, origin
from allocator.report.overview import overview, show_overview
from allocator.report.screen import Screen
from allocator.words import Lang, say, spoken


@click.command()
@model_argument
@click.option("--origin", "origin", metavar="PATH")
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, origin: str | None, json: bool) -> None:
    loaded = load(model)
    if origin is not None:
        _show_origin(_found(loaded, origin, lang), json, lang)
        return
    held = overview(loaded)
    if json:
        write_json(held)
    else:
        show_overview(Screen(Names(loaded, lang), page()), loaded, held)


def _found(model: Any, path: str, lang: Lang) -> Origin:
    try:
        return origin(model, path)
    except NoSuchPath as error:
        problem = say("commands.show.no-such-path", lang, step=error.step, known=error.known or "model.yaml")
        near = say("faults.tail.nearest", lang, nearest=error.near) if error.near else ""
        raise click.BadParameter(problem + near, param_hint="--origin") from error


def _show_origin(found: Origin, json: bool, lang: Lang) -> None:
    place, value = found.place, _plain(found.value)
    if json:
        spot = {"file": place.file, "line": place.line, "column": place.column}
        write_json({"path": found.path, "value": value, **spot})
        return
    told = dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else spoken(found.value, lang)
    click.echo(f"{found.path} = {told}\n{place.text(lang)}")


def _plain(value: Any) -> Any:
    """As JSON holds it: a decimal as its text, exact."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(held) for key, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, list) else value
