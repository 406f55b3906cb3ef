"""allocator solve: the best plan, recounted by the audit, written as a run; or taken from a run that has it already."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.answer import answer
from allocator.cli.commands._answered import tell
from allocator.cli.commands._shared import json_option, model_argument
from allocator.cli.commands._watch import Watch
from allocator.cli.commands._work import refusing
from allocator.cli.usage import Finite
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.load import load
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.solve.solvers import SOLVERS
from allocator.words import Lang


@click.command()
@model_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False))
@click.option("--fresh", is_flag=True)
@click.option("--solver", type=click.Choice(list(SOLVERS)), default="highs", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@click.option("--gap", type=Finite(min=0), default=0.0, show_default=True)
@click.option("--certify", "certified", is_flag=True)
@click.option("--no-certificate", "uncertified", is_flag=True)
@click.option("--brief", is_flag=True)
@json_option
@click.pass_obj
def command(
    lang: Lang,
    model: Path,
    out: Path | None,
    store: Path | None,
    fresh: bool,
    solver: str,
    threads: int,
    seed: int,
    time_limit: float | None,
    gap: float,
    certified: bool,
    uncertified: bool,
    brief: bool,
    json: bool,
) -> Exit:
    loaded = load(model)
    store = store or (out.parent if out else STORE)
    clock = Clock(Limits(time_limit, threads, seed, gap))
    names = Names(loaded, lang)
    with refusing():
        made = answer(
            loaded,
            store,
            solver=solver,
            clock=clock,
            folder=out,
            fresh=fresh,
            certify=certified,
            checkable=not uncertified,
            lang=lang,
            mend=True,
            watching=lambda: Watch(names, clock),
        )
    return tell(made, names, json=json, out=out, store=store, lang=lang, brief=brief)
