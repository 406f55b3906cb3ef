"""allocator prices: what one more and one less is worth, for quotas, bounds and parameters, step by step; what excludes what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import click

from allocator.answer.otherwise import Otherwise
from allocator.cli.commands._listed import csv_option, seconds_option
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Finite, Wrong
from allocator.explain import levers as known
from allocator.explain.levers import Lever
from allocator.explain.names import Names
from allocator.explain.stairs import Excluding, excluding, stair
from allocator.faults import Exit, nearest
from allocator.model.model import Model
from allocator.report.prices import (
    excluding_record,
    show_excluding,
    show_prices,
    stairs_csv,
    stairs_record,
)
from allocator.report.screen import Screen
from allocator.runs import read_run
from allocator.runs.folder import room, write_alone
from allocator.runs.proofs import proofs_of
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say

MOST_PAIRED = 14  # bounds of which every pair is asked


@click.command()
@run_argument
@click.option("--of", "of", multiple=True)
@click.option("--steps", type=click.IntRange(min=1, max=1000), default=10, show_default=True)
@click.option("--step", type=Finite(min=1e-9))
@click.option("--pairs", is_flag=True)
@csv_option
@seconds_option
@json_option
@click.pass_obj
def command(
    lang: Lang,
    run: Path,
    of: tuple[str, ...],
    steps: int,
    step: float | None,
    pairs: bool,
    csv: Path | None,
    time_limit: float | None,
    json: bool,
) -> Exit:
    kept = read_run(run)
    model, names = kept.model, Names(kept.model, lang)
    chosen = _chosen(model, of, step, pairs=pairs)
    if csv is not None:
        room(csv)
    ask = Otherwise(Clock(Limits(time_limit)), proofs_of(kept))
    of_steps, of_pairs = len(chosen) * (2 * steps + 1), len(chosen) * (len(chosen) + 1) // 2
    with Watch(names, ask.clock, "commands.prices.done") as watch:
        count = _Counted(watch, of_pairs if pairs else of_steps)
        both = excluding(model, chosen, ask.possible, ask.clock, count) if pairs else None
        found = [] if pairs else [stair(model, lever, steps, ask, ask.clock, count) for lever in chosen]
    if both is not None:
        return _pairs(both, ask, names, json=json)
    if csv is not None:
        write_alone(csv, stairs_csv(found, names))
    if json:
        told = {"illustrative": list(model.policy.illustrative), "solves": ask.solves, "searched": ask.searched}
        write_json({**told, "stairs": stairs_record(found)})
    else:
        screen = Screen(names, page())
        show_prices(screen, found, ask.solves, ask.searched)
        screen.illustrative(model)
    return Exit.DONE if all(one.whole for one in found) else Exit.LIMIT_WITH_PLAN


def _pairs(found: Excluding, ask: Otherwise, names: Names, *, json: bool) -> Exit:
    if json:
        told = {"illustrative": list(names.model.policy.illustrative), "solves": ask.solves, "searched": ask.searched}
        write_json({**told, **excluding_record(found)})
    else:
        screen = Screen(names, page())
        show_excluding(screen, found, ask.solves, ask.searched)
        screen.illustrative(names.model)
    return Exit.DONE if found.whole else Exit.LIMIT_WITH_PLAN


def _chosen(model: Model, of: Sequence[str], step: float | None, *, pairs: bool) -> list[Lever]:
    """The levers that are meant. Raises Wrong."""
    every = known.levers(model)
    found = (known.promises(every) if pairs else known.usual(every)) if not of else []
    for name in of:
        own = known.meant(every, name)
        if not own:
            raise Wrong(Say("commands.prices.nothing", {"name": name}), "--of", nearest(name, known.names(every)))
        found += [lever for lever in own if lever not in found]
    if not found:
        raise Wrong(Say("commands.prices.none-at-all"))
    if pairs and len(found) > MOST_PAIRED:
        raise Wrong(Say("commands.prices.too-many", {"count": len(found), "most": MOST_PAIRED}), "--pairs")
    return found if step is None else [replace(lever, step=Decimal(str(step))) for lever in found]


class _Counted:
    """How many steps of all are done."""

    def __init__(self, watch: Watch, of: int) -> None:
        self.watch, self.done, self.of = watch, 0, of

    def __call__(self) -> None:
        self.done += 1
        self.watch.counted(self.done, self.of)
