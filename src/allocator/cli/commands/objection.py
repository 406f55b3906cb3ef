"""allocator objection: a unit says that one of its figures is another one; what the plan is then."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from allocator.answer import answer
from allocator.cli.commands._listed import decided_run, period_of, program_id, seconds_option, unit_code
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.along import Along
from allocator.explain.contested import (
    NoSuchDatum,
    change,
    contested_of,
    datum_of,
    patch_of,
    read_value,
    with_correction,
)
from allocator.explain.datum import Datum, Value, value_of
from allocator.explain.names import Names
from allocator.explain.objection import objection
from allocator.faults import Exit
from allocator.ledger.ledger import LEDGER, ObjectionLine, enter, enterable
from allocator.load import load
from allocator.model.model import Model
from allocator.read.yaml import written_yaml
from allocator.report.objection import Told, markdown, show_blocks
from allocator.report.screen import Screen
from allocator.runs.folder import room, write_alone
from allocator.runs.proofs import proofs_of
from allocator.runs.read import Run
from allocator.scenario.from_runs import KEPT
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say


@click.command()
@run_argument
@click.option("--unit", required=True)
@click.option("--set", "setting", metavar="COLUMN=VALUE", required=True)
@click.option("--program")
@click.option("--period", type=int)
@click.option("-o", "--out", "out", metavar="FILE.md", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--accepted", metavar="FILE.yaml", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False))
@seconds_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    run: Path,
    unit: str,
    setting: str,
    program: str | None,
    period: int | None,
    out: Path | None,
    accepted: Path | None,
    name: str | None,
    day: datetime | None,
    ledger: Path | None,
    time_limit: float | None,
    json: bool,
) -> Exit:
    lang: Lang = context.find_root().obj
    entry = _entry(context, run, name, day, ledger)
    kept = decided_run(run)
    model = kept.model
    unit = unit_code(model, unit)
    program = None if program is None else program_id(model, program)
    period = period_of(model, period)
    for file in (out, accepted):
        if file is not None:
            room(file)
    datum, value = _contested(model, unit, setting, program, period)
    corrected = with_correction(model, datum, value)
    contested = contested_of(model, unit, datum, value)
    if entry is not None:
        enterable(kept, entry.ledger, contested, name=entry.name, date=entry.date)
        room(entry.ledger)
    names, clock = Names(model, lang), Clock(Limits(time_limit))
    with Watch(names, clock, "commands.objection.asked") as watch:
        along = along_of(kept, datum, clock, watch, {value_of(corrected, datum): corrected})
        found = objection(along, value_of(corrected, datum))
    if found is None:
        click.echo(say("commands.objection.not-proved", lang), err=True)
        return Exit.LIMIT_NO_PLAN if clock.over else Exit.DEFECT
    told = Told(found, corrected, unit, run, names)
    blocks = told.blocks()
    if out is not None:
        write_alone(out, markdown(blocks).encode("utf-8"))
    scenario = _Scenario(kept, run, unit, datum, value, accepted)
    again = None if accepted is None else scenario.written(clock)
    line = None
    if entry is not None:
        line = enter(kept, entry.ledger, contested, found.entry, name=entry.name, date=entry.date)
    if json:
        entered = None if line is None else {**line.said(), "hash": line.hash}
        write_json({**told.record(), "accepted": again, "entered": entered})
        return Exit.DONE
    screen = Screen(names, page())
    show_blocks(screen, blocks)
    _show_scenario(screen, scenario, again)
    screen.heading("report.objection.for-the-file")
    screen.line(told.line(), hang=2)
    _show_entered(screen, entry, line)
    return Exit.DONE


@dataclass(frozen=True)
class _Entry:
    """Where an objection is entered, who decides, and when."""

    ledger: Path
    name: str
    date: str


def _entry(
    context: click.Context, run: Path, name: str | None, day: datetime | None, ledger: Path | None
) -> _Entry | None:
    """None where nothing is to be entered. Raises MissingParameter where a part of it is not said."""
    if name is None and day is None and ledger is None:
        return None
    if not name or day is None:
        missing = "day" if name else "name"
        raise click.MissingParameter(ctx=context, param=next(p for p in context.command.params if p.name == missing))
    return _Entry(ledger or run.absolute().parent / LEDGER, name, day.date().isoformat())


def _show_entered(screen: Screen, entry: _Entry | None, line: ObjectionLine | None) -> None:
    say = screen.names.say
    if entry is None or line is None:
        screen.line(say("report.objection.enter"), hang=2)
        return
    told = {"number": line.number, "ledger": entry.ledger.name, "name": line.name, "date": line.date}
    screen.line(say("report.objection.entered", **told), hang=2)
    screen.line(say("report.objection.entered-hash", hash=line.hash), hang=2)


def along_of(kept: Run, datum: Datum, clock: Clock, watch: Watch, given: Mapping[Value, Model]) -> Along:
    assert kept.allocation is not None
    return Along(kept.model, kept.allocation, datum, clock, (proofs_of(kept),), counted=watch.so_many, given=given)


def _contested(model: Model, unit: str, setting: str, program: str | None, period: int | None) -> tuple[Datum, Value]:
    column, equals, text = setting.partition("=")
    if not equals or not column.strip():
        raise Wrong(Say("commands.objection.set", {"value": setting}), "--set")
    try:
        datum = datum_of(model, unit, column.strip(), program, period)
        return datum, read_value(model, datum, text.strip())
    except NoSuchDatum as error:
        raise Wrong(error.why, error.of, error.near) from None


class _Scenario:
    """The scenario that corrects the figure and, among the plans that are best then, takes the one with the fewest changes."""

    def __init__(self, kept: Run, run: Path, unit: str, datum: Datum, value: Value, file: Path | None) -> None:
        self.kept, self.run, self.file = kept, run, file
        self.stem = f"objection-{unit}" if file is None else file.stem
        self.value = value
        self.table, self.patch = patch_of(kept.model, datum, value)
        folder = Path.cwd() if file is None else file.absolute().parent
        self.place = Path(os.path.relpath(run.absolute(), folder)).as_posix()
        self.title = kept.model.policy.title

    @property
    def files(self) -> dict[str, str]:
        """By name: the correction, with the present objectives first; the plan as it is, as what to change least; the rows."""
        title = {"zh": say("report.objection.title", "zh", title=self.title.zh)}
        title |= {"en": say("report.objection.title", "en", title=self.title.en)}
        own = [objective.id for objective in self.kept.model.policy.objectives]
        last = next(name for name in chain([KEPT], (f"{KEPT}-{n}" for n in count(2))) if name not in own)
        before = {"scenario": f"{self.stem}-before", "title": title, "model": self.place, "keep": {"run": self.place}}
        changed = change(self.table, f"{self.stem}.csv", self.value)
        after = {"scenario": self.stem, "title": title, "extends": f"{self.stem}-before.yaml", **changed}
        return {
            f"{self.stem}.yaml": written_yaml({**after, "objectives": [*own, last]}).decode("utf-8"),
            f"{self.stem}-before.yaml": written_yaml(before).decode("utf-8"),
            f"{self.stem}.csv": self.patch,
        }

    def written(self, clock: Clock) -> dict[str, Any]:
        """Writes it, and solves it: how many changes the plan needs; None where there is none, or a limit came first."""
        assert self.file is not None
        for name, text in self.files.items():
            write_alone(self.file.parent / name, text.encode("utf-8"))
        scenario = load(self.file.with_suffix(".yaml"), look=False)
        made = answer(scenario, self.file.parent, clock=clock, write=False, checkable=False, fresh=True)
        changes = None if made.audit is None else made.audit.objectives[-1].figures
        return {"file": str(self.file), "status": made.status, "changes": None if changes is None else int(changes[0])}


def _show_scenario(screen: Screen, scenario: _Scenario, again: dict[str, Any] | None) -> None:
    names = screen.names
    screen.heading("report.objection.accepted")
    if again is None:
        screen.line(names.say("report.objection.save", yaml=f"{scenario.stem}.yaml"), hang=2)
        for name, text in scenario.files.items():
            screen.console.print()
            screen.line(name, indent=2)
            for line in text.splitlines():  # to be copied: no line is broken
                screen.console.print(Text("    " + line), soft_wrap=True)
        return
    code = "written-none" if again["changes"] is None else "written"
    told = {"file": again["file"], "changes": again["changes"], "status": again["status"]}
    screen.line(names.say(f"report.objection.{code}", **told), hang=2)
