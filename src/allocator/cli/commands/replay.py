"""allocator replay: a run solved again and compared byte for byte; or a figure of a file that was handed over, asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from allocator.answer import answer
from allocator.certificate.files import CERTIFICATE, ROWS
from allocator.cli.commands._figures import ask_again
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.commands._work import refusing
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place, nearest
from allocator.model.status import Status
from allocator.publish.replayed.address import address_of
from allocator.read.seal import MANIFEST
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.promises import show_promises
from allocator.report.screen import Screen
from allocator.runs import Run, default_folder, read_run
from allocator.runs.engine import engine
from allocator.runs.proofs import PROOFS
from allocator.runs.read import read_stored
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.solve.solvers import SOLVERS
from allocator.words import LANGUAGES, Lang, Say, say


@click.command()
@run_argument
@click.option("--run", "of", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@json_option
@click.pass_obj
def command(lang: Lang, run: Path, of: Path | None, store: Path | None, out: Path | None, json: bool) -> Exit:
    address = address_of(str(run))
    if address is not None:
        if out is not None:
            raise Wrong(Say("commands.replay.no-out"), "--out")
        return ask_again(address, store or STORE, of, lang, json=json)
    if of is not None or store is not None:
        raise Wrong(Say("commands.replay.no-run"), "--run" if of is not None else "--store")
    kept = read_run(run)
    folder = out or default_folder(kept.model)
    if out is None and folder.absolute() == run.absolute():
        folder = folder.with_name(f"{folder.name}-replay")
    held = kept.manifest["options"]
    limits = Limits(held.get("time_limit_s"), held.get("threads", 2), held.get("seed", 0), held.get("gap", 0.0))
    clock, names, spoken = Clock(limits), Names(kept.model, lang), held.get("lang")
    with refusing():
        made = answer(
            kept.model,
            folder.parent,
            solver=_solver(kept),
            clock=clock,
            folder=folder,
            fresh=True,
            lang=cast(Lang, spoken) if spoken in LANGUAGES else lang,
            watching=lambda: Watch(names, clock),
        )
    if made.run is None:
        click.echo(say("commands.replay.no-plan", lang), err=True)
        return Exit.LIMIT_NO_PLAN
    told = _compared(kept, folder)
    found = None if made.audit is None else facts(made.model, made.audit, made.solution)
    if json:
        write_json({**told, "plan": None if found is None else document(found)})
    else:
        if found is not None:
            show_promises(Screen(names, page()), found)
            click.echo()
        _show(told, lang)
    if told["same"] or told["another"]:
        return Exit.DONE
    return Exit.DEFECT if told["proved"] else Exit.LIMIT_WITH_PLAN


def _solver(kept: Run) -> str:
    """The solver that the run asks for. Raises InputError where nobody here knows it."""
    name = kept.manifest["options"].get("solver") or kept.manifest["proof"]["solver"]
    if name not in SOLVERS:
        place, known = Place(str(kept.folder / MANIFEST)), sorted(SOLVERS)
        raise InputError([Fault("run-solver", place, found=name, expected=known, nearest=nearest(name, known))])
    return str(name)


def _compared(kept: Run, folder: Path) -> dict[str, Any]:
    """Which files are the same bytes, and which stages come to the same value."""
    again = read_stored(folder)
    names = sorted(
        {*kept.files, *again.files} - {PROOFS, ROWS, CERTIFICATE}
    )  # how it was proved may differ from machine to machine
    unlike = [name for name in names if kept.files.get(name) != again.files.get(name)]
    stages = [[stage["value"] for stage in each.manifest["stages"]] for each in (kept, again)]
    proved = Status(kept.status).proved and kept.status == again.status
    return {
        "run": str(folder),
        "same": not unlike and stages[0] == stages[1],
        "files": {name: name not in unlike for name in names},
        "values": stages[0] == stages[1],
        "another": bool(unlike) and stages[0] == stages[1] and proved and kept.model.policy.seed is None,
        "proved": Status(kept.status).proved,
        "engine": [kept.manifest["engine"], engine()],
    }


def _show(told: dict[str, Any], lang: Lang) -> None:
    for name, same in told["files"].items():
        click.echo(f"{say('commands.replay.same' if same else 'commands.replay.differs', lang)}  {name}")
    if told["another"]:
        click.echo(say("commands.replay.another", lang))
    elif not told["same"]:
        click.echo(say("commands.replay.other" if told["proved"] else "commands.replay.not-proved", lang))
        was, now = told["engine"]
        if was != now:
            click.echo(say("commands.replay.engine", lang, was=was, now=now))
    else:
        click.echo(say("commands.replay.all-same", lang, count=len(told["files"])))
    click.echo(say("report.folder", lang, folder=told["run"]))
