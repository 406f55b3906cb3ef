"""allocator compare: plans side by side, who gains and who loses, and which key of a scenario caused what."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._line import ProgressLine
from allocator.cli.commands._shared import json_option, page, write_json
from allocator.cli.usage import Finite, Wrong
from allocator.compare import CompareProgress, compare
from allocator.compare.plans import is_table
from allocator.faults import Exit
from allocator.model.model import Model
from allocator.report.compare import ComparisonPage, comparison_record, tables
from allocator.runs.folder import room, write_alone
from allocator.runs.write import STORE
from allocator.solve import Limits
from allocator.words import Lang, Say, say


@click.command()
@click.argument("plans", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), default=STORE, show_default=True)
@click.option("--no-split", is_flag=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
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
        raise Wrong(Say("commands.compare.two"), "PLANS")
    if all(is_table(plan) for plan in plans):
        raise Wrong(Say("commands.compare.no-model"), "PLANS")
    if csv is not None:
        room(csv)
    with ProgressLine() as line:
        progress = _ShownProgress(line, lang)
        limits = Limits(time_limit)
        found = compare(plans, store, keys=not no_split, seed=seed, limits=limits, lang=lang, progress=progress)
    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)
        for name, data in tables(found).items():
            write_alone(csv / name, data)
    if json:
        write_json(comparison_record(found))
    else:
        ComparisonPage(page(), found, lang).show()
        if csv is not None:
            click.echo(say("commands.compare.wrote", lang, folder=str(csv)))
    return Exit.DONE


class _ShownProgress(CompareProgress):
    """Progress on one line."""

    def __init__(self, line: ProgressLine, lang: Lang) -> None:
        self.line, self.lang = line, lang

    def asking(self, model: Model) -> None:
        self.line.tell(say("commands.compare.asking", self.lang, model=model.policy.model))

    def subsets(self, done: int, of: int | None) -> None:
        code = "commands.compare.subsets" if of else "commands.compare.subsets-open"
        self.line.tell(say(code, self.lang, done=done, of=of or 0))
