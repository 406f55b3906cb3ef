"""allocator alternatives: other plans within a stated loss, so many awards apart, or the proof that there are no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import click

from allocator.answer.verification import best_again
from allocator.audit import Audit, audit
from allocator.cli.commands._listed import proved_run, seconds_option
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.alternatives import Alternatives, Losses, Unheld, alternatives
from allocator.explain.names import Names
from allocator.faults import Exit, nearest
from allocator.model.model import Model
from allocator.report.alternatives import Asked, alternatives_record, show_alternatives
from allocator.report.screen import Screen
from allocator.runs.folder import room, write_alone
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say

LOSS = re.compile(r"\s*(?P<id>.*?)\s*[:：]\s*(?:(?P<any>any|任意)|(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>[%％]?))\s*")
OTHERS = "*"


@click.command()
@run_argument
@click.option("-k", "--count", "count", type=click.IntRange(min=1, max=1000), default=5, show_default=True)
@click.option("--loss", "losses", multiple=True)
@click.option("--apart", type=click.IntRange(min=1, max=10**9), default=1, show_default=True)
@click.option("--of", "of", multiple=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@seconds_option
@json_option
@click.pass_obj
def command(
    lang: Lang,
    run: Path,
    count: int,
    losses: tuple[str, ...],
    apart: int,
    of: tuple[str, ...],
    out: Path | None,
    time_limit: float | None,
    json: bool,
) -> Exit:
    kept = proved_run(run)
    assert kept.allocation is not None
    model = kept.model
    asked = Asked(count, apart, _losses(losses, model, audit(model, kept.allocation)), _programs(of, model))
    if out is not None:
        room(out)
    names, clock = Names(model, lang), Clock(Limits(time_limit))
    try:
        with Watch(names, clock, "commands.alternatives.found") as watch:
            best = best_again(kept, clock=clock, reporter=watch)
            found = best and alternatives(
                *best,
                asked.losses,
                count=count,
                apart=apart,
                of=asked.of,
                clock=clock,
                reporter=watch,
                counted=watch.counted,
            )
    except Unheld as unheld:
        raise Wrong(Say("commands.alternatives.unheld", {"objective": unheld.objective}), "--loss") from None
    if found is None:
        click.echo(say("commands.alternatives.not-proved", lang), err=True)
        return Exit.LIMIT_NO_PLAN if clock.over else Exit.DEFECT
    if json:
        told = {"illustrative": list(model.policy.illustrative), **alternatives_record(model, found, asked)}
        write_json(told)
    else:
        screen = Screen(names, page())
        show_alternatives(screen, found, asked)
        screen.illustrative(model)
    if out is not None:
        _write(found, out)
        if not json:
            click.echo(say("commands.alternatives.wrote", lang, count=len(found.plans), folder=str(out)))
    if found.end != "limit":
        return Exit.DONE
    return Exit.LIMIT_WITH_PLAN if found.plans else Exit.LIMIT_NO_PLAN


def _write(found: Alternatives, out: Path) -> None:
    """Tables that `compare` reads beside the run."""
    out.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(found.plans, 1):
        write_alone(out / f"plan-{number}.csv", one.plan.csv().encode("utf-8"))


def _programs(of: Sequence[str], model: Model) -> frozenset[str] | None:
    """The programs meant; a family stands for its members. Raises Wrong."""
    found: set[str] = set()
    for name in of:
        members = {program for program, family in model.family_of.items() if family == name}
        members |= {name} & model.programs.keys()
        if not members:
            near = nearest(name, [*model.programs, *model.families])
            raise Wrong(Say("commands.alternatives.no-program", {"program": name}), "--of", near)
        found |= members
    return frozenset(found) if of else None


def _losses(texts: Sequence[str], model: Model, judged: Audit) -> Losses:
    """`merit: 10`, `need: 2%` of what the run has, `balance: any`; `*` stands for all that are not named. Raises Wrong."""
    figures = {one.id: one.figures for one in judged.objectives}
    said: dict[str, re.Match[str]] = {}
    for text in texts:
        match = LOSS.fullmatch(text)
        if match is None:
            raise Wrong(Say("commands.alternatives.bad-loss", {"value": text}), "--loss")
        name = match["id"]
        if name not in figures and name != OTHERS:
            raise Wrong(Say("commands.alternatives.no-objective", {"id": name}), "--loss", nearest(name, figures))
        if name in said:
            raise Wrong(Say("commands.alternatives.twice", {"id": name}), "--loss")
        said[name] = match
    found: dict[str, Fraction | None] = {}
    for one in model.policy.objectives:
        match = said.get(one.id, said.get(OTHERS))
        if match is not None:
            found[one.id] = _loss(match, one.id, figures[one.id])
    return found


def _loss(match: re.Match[str], name: str, figures: Sequence[Fraction] | None) -> Fraction | None:
    if match["any"]:
        return None
    number = Fraction(match["number"])
    if not match["percent"] or not number:
        return number
    if figures is None or len(figures) != 1:
        raise Wrong(Say("commands.alternatives.no-percent", {"id": name}), "--loss")
    return number / 100 * abs(figures[0])
