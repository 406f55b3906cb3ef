"""allocator commit: fix a model before a public draw, as a page to publish."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from allocator.answer.commitment import commit
from allocator.cli.commands._shared import json_option, model_argument, write_json
from allocator.cli.usage import Wrong
from allocator.faults import Exit
from allocator.load import load
from allocator.model.public_draw import source_of
from allocator.runs.folder import room, write_alone
from allocator.words import Lang, Say, say


@click.command()
@model_argument
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--source", required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def command(lang: Lang, model: Path, day: datetime, source: str, out: Path | None, json: bool) -> Exit:
    if day.date() <= date.today():
        raise Wrong(Say("commands.commit.past", {"day": day.date().isoformat()}), "--day")
    try:
        source_of(source)
    except ValueError as error:
        raise Wrong(Say(f"faults.{error}"), "--source") from None
    loaded = load(model)
    out = out or Path(f"{loaded.policy.model}-commitment.yaml")
    if out.exists() or out.is_symlink():
        raise Wrong(Say("commands.commit.there", {"file": str(out)}), "--out")
    room(out)
    page, data = commit(loaded, model, out, day=day.date().isoformat(), source=source, lang=lang)
    write_alone(out, data)
    told = {"file": str(out), "commitment": page.commitment, "day": page.day, "source": source}
    if json:
        write_json(told)
    else:
        click.echo(say("commands.commit.made", lang, **told))
    return Exit.DONE
