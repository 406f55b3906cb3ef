"""allocator runs: what runs a folder holds; which of them may go, and deleting those."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.commands._shared import json_option, page, write_json
from allocator.report.runs import prune_records, run_records, show_prunable, show_runs
from allocator.runs.write import STORE
from allocator.store.entries import Entry, entries, prunable, prune
from allocator.words import Lang, say

STATUSES = ["optimal", "within", "not-proved", "infeasible", "disagreement", "edited", "broken"]


@click.command()
@click.argument("store", type=click.Path(path_type=Path, file_okay=False), default=STORE)
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--model")
@click.option("--prune", "pruning", is_flag=True)
@click.option("--yes", is_flag=True)
@json_option
@click.pass_obj
def command(
    lang: Lang, store: Path, status: str | None, model: str | None, pruning: bool, yes: bool, json: bool
) -> None:
    def asked(entry: Entry) -> bool:
        return (status is None or entry.status == status.replace("-", " ")) and model in (None, entry.told["model"])

    found = [entry for entry in entries(store) if asked(entry)]
    if not pruning:
        if json:
            write_json({"store": str(store), "runs": run_records(found)})
        else:
            show_runs(page(), found, lang)
        return
    all_of_them = status is None and model is None
    chosen = {entry.folder for entry in found}
    going = [one for one in prunable(store) if one.folder in chosen or (all_of_them and one.why == "leftover")]
    if json:
        write_json({"store": str(store), "deleted": yes, "prune": prune_records(going)})
    else:
        show_prunable(page(), going, lang)
    if yes:
        prune(going)
    if going and not json:
        click.echo(say("commands.runs.deleted" if yes else "commands.runs.would", lang, count=len(going)))
