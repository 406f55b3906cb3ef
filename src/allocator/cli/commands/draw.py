"""allocator draw: the plan of a model that was fixed before, with the seed that public numbers make."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from allocator.answer import answer
from allocator.answer.commitment import drawn, read_commitment
from allocator.cli.commands._answered import tell
from allocator.cli.commands._shared import json_option
from allocator.cli.commands._watch import Watch
from allocator.cli.commands._work import refusing
from allocator.cli.usage import Finite, Wrong
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.model.public_draw import again, with_numbers
from allocator.read.inside import typed
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.solve.solvers import SOLVERS
from allocator.words import Lang, Say, say


@click.command()
@click.argument("commitment", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--numbers", required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False))
@click.option("--solver", type=click.Choice(list(SOLVERS)), default="highs", show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@json_option
@click.pass_obj
def command(
    lang: Lang,
    commitment: Path,
    numbers: str,
    out: Path | None,
    store: Path | None,
    solver: str,
    time_limit: float | None,
    json: bool,
) -> Exit:
    try:
        with_numbers(numbers)
    except ValueError as error:
        raise Wrong(Say(f"faults.{error}"), "--numbers") from None
    read = read_commitment(commitment)
    model = drawn(read, numbers)
    public = model.policy.public_draw
    assert public is not None  # it was just put in
    if date.fromisoformat(public.day) >= date.today():
        click.echo(say("commands.draw.early", lang, day=public.day), err=True)
    store = store or (out.parent if out else STORE)
    clock, names = Clock(Limits(time_limit)), Names(model, lang)
    with refusing():
        made = answer(
            model, store, solver=solver, clock=clock, folder=out, lang=lang, watching=lambda: Watch(names, clock)
        )
    code = tell(made, names, json=json, out=out, store=store, lang=lang)
    if not json:
        click.echo("\n" + again(public, typed(str(commitment))).text(lang))
    return code
