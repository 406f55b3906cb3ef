"""allocator compare: plans side by side, who gains and who loses, and which key of a scenario caused what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from allocator.cli.commands._line import Line
from allocator.cli.commands._shared import json_option, page, write_json
from allocator.compare import Comparison, NoSplit, Pair, Party, compare, party, split
from allocator.faults import Exit
from allocator.model.policy import Model
from allocator.report.compare import ComparisonPage, comparison_record, tables
from allocator.runs.answer import Answer, answer
from allocator.runs.folder import write_alone
from allocator.runs.write import STORE
from allocator.solve import Limits
from allocator.words import Lang, say


@click.command()
@click.argument("plans", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), default=STORE, show_default=True)
@click.option("--no-split", is_flag=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=click.FloatRange(min=0, min_open=True))
@click.option("--csv", "csv", type=click.Path(path_type=Path, file_okay=False))
@json_option
@click.pass_obj
def command(
    lang: Lang,
    plans: tuple[Path, ...],
    store: Path,
    no_split: bool,
    seed: int,
    time_limit: float | None,
    csv: Path | None,
    json: bool,
) -> Exit:
    if len(plans) < 2:
        raise click.BadParameter(say("commands.compare.two", lang), param_hint="PLANS")
    limits = Limits(time_limit)

    with Line() as line:

        def ask(model: Model, *, write: bool = True) -> Answer:
            line.tell(say("commands.compare.asking", lang, model=model.policy.model))
            return answer(model, store, limits=limits, write=write, lang=lang)

        found = compare(_distinct([party(path, ask) for path in plans]), lambda model: ask(model, write=False))
        if not no_split:
            pairs = [_with_split(pair, ask, seed, line, lang) for pair in found.pairs]
            found = Comparison(found.parties, tuple(pairs))
    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)
        for name, data in tables(found).items():
            write_alone(csv / name, lambda _, data=data: data)  # type: ignore[misc]
    if json:
        write_json(comparison_record(found))
    else:
        ComparisonPage(page(), found, lang).show()
        if csv is not None:
            click.echo(say("commands.compare.wrote", lang, folder=str(csv)))
    return Exit.DONE


def _with_split(pair: Pair, ask: object, seed: int, line: Line, lang: Lang) -> Pair:
    first, second = pair.first.source, pair.second.source
    if first is None or second is None:
        return replace(pair, no_split="run")
    if pair.moves is None:
        return replace(pair, no_split="no-plan")

    def told(done: int, of: int | None) -> None:
        code = "commands.compare.subsets" if of else "commands.compare.subsets-open"
        line.tell(say(code, lang, done=done, of=of or 0))

    try:
        return replace(pair, split=split(first, second, ask, seed=seed, report=told))  # type: ignore[arg-type]
    except NoSplit as reason:
        return replace(pair, no_split=str(reason))


def _distinct(parties: list[Party]) -> list[Party]:
    """Names that tell the parties apart: a second one of a name gets its number."""
    seen: dict[str, int] = {}
    found = []
    for one in parties:
        seen[one.name] = seen.get(one.name, 0) + 1
        found.append(one if seen[one.name] == 1 else replace(one, name=f"{one.name} ({seen[one.name]})"))
    return found
