"""allocator certify: a run's plan proved again by the other solver, and recounted; the certificate goes into the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from allocator.answer.second_opinion import certificate_record, of_run
from allocator.audit import audit
from allocator.cli.commands._listed import proved_run
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Finite
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.problem import compile
from allocator.read.seal import SEAL
from allocator.report.screen import Screen
from allocator.runs import Run
from allocator.runs.folder import Signed, amend, check, move
from allocator.solve import Clock, Limits
from allocator.words import Lang


@click.command()
@run_argument
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@json_option
@click.pass_obj
def command(lang: Lang, run: Path, threads: int, seed: int, time_limit: float | None, json: bool) -> Exit:
    kept = proved_run(run, also=("disagreement",))  # to see it again: nothing is written then
    assert kept.allocation is not None
    names = Names(kept.model, lang)
    problem = compile(kept.model)
    judged = audit(kept.model, kept.allocation)
    clock = Clock(Limits(time_limit, threads, seed))
    with Watch(names, clock):
        opinion = of_run(problem, kept.manifest, judged, clock)
    record = certificate_record(opinion)
    folder = run
    if kept.status == "optimal":
        status = "disagreement" if opinion.verdict == "disagreement" else "optimal"
        now = amend(run, lambda manifest: {**manifest, "status": status, "certificate": record}, was=kept.seal)
        folder = _kept(kept, now) if status == "disagreement" else run
    if json:
        write_json({"run": str(folder), "certificate": record})
    else:
        screen = Screen(names, page())
        screen.certificate(record)
        screen.audit_line(judged)
        screen.folder(folder)
    return {"certified": Exit.DONE, "disagreement": Exit.DEFECT}.get(opinion.verdict, Exit.LIMIT_WITH_PLAN)


def _kept(run: Run, now: Mapping[str, Any]) -> Path:
    """The run out of the way, under a name that says why; a signed one stays where its ledger looks for it."""
    there = run.folder.absolute()
    try:
        check(there)
    except Signed:
        return run.folder
    move(there, there.with_name(f"{there.name}-disagreement"), was=str(now[SEAL]))
    return run.folder.parent / f"{there.name}-disagreement"
