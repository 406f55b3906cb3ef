"""allocator show: what a model says, in words; where its values come from; what differs from another model; the plan of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocator.cli.commands._shared import json_option, model_argument, page, write_json
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.load import load
from allocator.read.seal import MANIFEST
from allocator.report.declared import (
    differences_record,
    origins_record,
    plain,
    show_differences,
    show_origins,
    told,
)
from allocator.report.origin import NoSuchPath, Origin, origin, origins
from allocator.report.overview import overview, show_overview
from allocator.report.screen import Screen
from allocator.scenario.differences import differences
from allocator.words import Lang, Say

CHANGED, EVERY = "", "*"  # in place of a path: what a scenario says, all that anybody says


@click.command()
@model_argument
@click.option("--origin", "origin", metavar="[PATH]", is_flag=False, flag_value=CHANGED)
@click.option("--diff", "diff", metavar="BASE", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, origin: str | None, diff: Path | None, json: bool) -> None:
    if origin is not None and diff is not None:
        raise Wrong(Say("commands.show.one-of"))
    if (model / MANIFEST).is_file() and origin is None and diff is None:
        from allocator.cli.commands._shown_run import show_run  # with a solver: a model is shown without one

        show_run(model, json, lang)
        return
    loaded = load(model)
    screen = Screen(Names(loaded, lang), page())
    if diff is not None:
        found = differences(load(diff, look=False), loaded)
        if json:
            write_json(differences_record(found))
        else:
            show_differences(screen, found, lang)
    elif origin in (CHANGED, EVERY):
        listed = origins(loaded, every=origin == EVERY)
        if json:
            write_json(origins_record(loaded, listed))
        else:
            show_origins(screen, listed, every=origin == EVERY)
    elif origin is not None:
        _show_origin(_found(loaded, origin), json, lang)
    else:
        held = overview(loaded)
        if json:
            write_json(held)
        else:
            show_overview(screen, loaded, held)


def _found(model: Any, path: str) -> Origin:
    try:
        return origin(model, path)
    except NoSuchPath as error:
        said = Say("commands.show.no-such-path", {"step": error.step, "known": error.known or "model.yaml"})
        raise Wrong(said, "--origin", error.near) from error


def _show_origin(found: Origin, json: bool, lang: Lang) -> None:
    place = found.place
    if json:
        spot = {"file": place.file, "line": place.line, "column": place.column}
        write_json({"path": found.path, "value": plain(found.value), **spot})
        return
    click.echo(f"{found.path} = {told(found.value, lang)}\n{place.text(lang)}")
