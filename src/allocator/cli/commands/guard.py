"""allocator guard: does every promise stay reachable once a year is signed, whatever the open facts turn out to be?"""

from __future__ import annotations

import os
from pathlib import Path

import click

from allocator.answer import answer
from allocator.cli.commands._line import ProgressLine
from allocator.cli.commands._shared import json_option, page, write_json
from allocator.cli.usage import Finite
from allocator.explain.guard import Told, Verdict, guard
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place
from allocator.load import load
from allocator.load.open_facts import read_open
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.read.seal import MANIFEST
from allocator.report.guard import COUNTER_EXAMPLE, GuardPage, counter_files, guard_record
from allocator.report.screen import Screen
from allocator.runs import read_run
from allocator.runs.folder import room, write_alone
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.solve.solvers import SOLVERS
from allocator.words import Lang, say


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--through", type=int, required=True)
@click.option("--open", "open_", type=click.Path(path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), default=STORE, show_default=True)
@click.option("--solver", type=click.Choice(list(SOLVERS)), default="highs", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@json_option
@click.pass_obj
def command(
    lang: Lang,
    plan: Path,
    through: int,
    open_: Path,
    out: Path | None,
    store: Path,
    solver: str,
    threads: int,
    time_limit: float | None,
    json: bool,
) -> Exit:
    clock = Clock(Limits(time_limit, threads))
    if out is not None:
        room(out)
    with ProgressLine() as line:

        def told(what: str, number: int) -> None:
            line.tell(say(f"commands.guard.{what}", lang, number=number))

        model, signed, run = _planned(plan, store, solver, clock, told)
        faults: list[Fault] = []
        if signed is None or run is None:
            faults.append(Fault("guard-no-plan", Place(str(plan))))
        if through not in model.policy.periods:
            faults.append(Fault("sign-no-year", Place(str(plan)), found=through, expected=list(model.policy.periods)))
        try:
            facts = read_open(open_, model)
        except InputError as error:
            raise InputError([*faults, *error.faults]) from error
        if faults or signed is None or run is None:
            raise InputError(faults)
        found = guard(model, signed, through, facts, solver=solver, clock=clock, report=told)
    if found.status == "no outcome":
        raise InputError([Fault("open-no-outcome", Place(open_.name))])
    if out is not None and found.counter is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in counter_files(model, found, Path(os.path.relpath(run, out)).as_posix()).items():
            write_alone(out / name, data)
    if json:
        write_json({"run": str(run), **guard_record(model, found)})
    else:
        GuardPage(Screen(Names(model, lang), page()), model, found).show()
        if out is not None and found.counter is not None:
            click.echo(say("commands.guard.wrote", lang, file=str(out / COUNTER_EXAMPLE)))
    return _exit(found)


def _planned(
    plan: Path, store: Path, solver: str, clock: Clock, told: Told
) -> tuple[Model, Allocation | None, Path | None]:
    """The model, its plan and the run that holds it: a run as it stands, else the answer to a model or a scenario."""
    if (plan / MANIFEST).exists():
        run = read_run(plan)
        return run.model, run.allocation, plan
    model = load(plan)
    told("solving", 0)
    made = answer(model, store, solver=solver, clock=clock)
    return model, made.allocation, made.run


def _exit(found: Verdict) -> Exit:
    return {
        "safe": Exit.DONE,
        "closed": Exit.INFEASIBLE,
        "disagreement": Exit.DEFECT,
    }.get(found.status, Exit.LIMIT_NO_PLAN)
