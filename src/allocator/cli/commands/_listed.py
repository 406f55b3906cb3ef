"""What commands that list something of a run do alike: one unit of it, a table to write, a limit; asked before the work.

Lives here: these options, and the check of what was given.
Not here: what is listed (the commands), arguments that all commands have (_shared.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import click

from allocator.answer.reasons import known
from allocator.cli.usage import Finite, Wrong
from allocator.faults import Fault, InputError, Place, nearest
from allocator.model.model import Model
from allocator.read.texts import bare_ids
from allocator.report.facts import marks
from allocator.runs import read_run
from allocator.runs.folder import room
from allocator.runs.read import Run
from allocator.words import LANGUAGES, Say, spoken

unit_option: Callable[[Any], Any] = click.option("--unit")
csv_option: Callable[[Any], Any] = click.option("--csv", "csv", type=click.Path(path_type=Path, dir_okay=False))
seconds_option: Callable[[Any], Any] = click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))


def proved_run(folder: Path, also: Collection[str] = ()) -> Run:
    """A run whose plan was proved to be the best, or whose status is among `also`. Raises InputError."""
    kept = read_run(folder, known)
    if kept.status not in ("optimal", *also) or kept.allocation is None:
        raise InputError([Fault("run-not-optimal", Place(str(folder)), {"status": _status(kept)})])
    return kept


def _status(run: Run) -> Say:
    return Say(f"report.runs.state.{run.status.replace(' ', '-')}")


def planned_run(folder: Path) -> Run:
    """A run with a plan, whatever is known of it. Raises InputError."""
    kept = read_run(folder)
    if kept.allocation is None:
        raise InputError([Fault("run-no-plan", Place(str(folder)), {"status": _status(kept)})])
    return kept


def decided_run(folder: Path) -> Run:
    """A run whose plan is the one best plan. Raises InputError."""
    kept = proved_run(folder)
    if kept.model.policy.seed is None:
        raise InputError([Fault("objection-no-draw", Place(str(folder)))])
    return kept


def asked(model: Model, unit: str | None, csv: Path | None) -> str | None:
    """The code of the unit that is asked for, by its code or its name.

    Raises Wrong for one that the model has not, or two of one name, OSError where the table could not be written.
    """
    if csv is not None:
        room(csv)
    return None if unit is None else unit_code(model, unit)


def unit_code(model: Model, unit: str) -> str:
    """Raises Wrong."""
    codes = [str(code) for code in model.units.columns["unit"].values]
    if unit in codes:
        return unit
    named = _named(model.unit_names.items())
    found = named.get(unit.casefold(), [])
    if len(found) > 1:
        raise Wrong(Say("commands.cutoffs.shared-name", {"unit": unit, "codes": ", ".join(sorted(found))}), "--unit")
    if not found:
        near = bare_ids(codes).get(unit) or nearest(unit, [*codes, *named])
        raise Wrong(Say("commands.cutoffs.no-unit", {"unit": unit}), "--unit", near)
    return found[0]


def period_of(model: Model, period: int | None) -> int | None:
    """A year of the plan, where one is asked for. Raises Wrong."""
    if period is not None and period not in model.policy.periods:
        told = {"period": period, "periods": model.policy.periods}
        raise Wrong(Say("commands.why.no-period", told), "--period")
    return period


def program_id(model: Model, program: str) -> str:
    """A program by its id, its title or its number in the annex. Raises Wrong."""
    if program in model.programs:
        return program
    titled = _named((name, model.program_title(name)) for name in model.programs)
    for name, mark in marks(model).items():
        titled.setdefault(mark.casefold(), [name])
    found = titled.get(program.casefold(), [])
    if len(found) != 1:
        near = nearest(program, [*model.programs, *titled])
        raise Wrong(Say("commands.why.no-program", {"program": program}), "--program", near)
    return found[0]


def units_of(model: Model, group: str) -> tuple[str, str, list[str]]:
    """What `prefecture=450500` names: the column, the value, the codes of its units; a group may be named. Raises Wrong."""
    column, _, wanted = group.partition("=")
    columns = [name for name, held in model.units.columns.items() if name != "unit"]
    if column not in columns:
        raise Wrong(Say("commands.why.no-column", {"column": column}), "--group", nearest(column, columns))
    held = [str(value) for value in model.units.columns[column].values]
    values = sorted(set(held))
    if wanted not in values:
        own = model.group_names(column) if column in model.policy.groups else {}
        named = _named(own.items())
        found = [value for value in named.get(wanted.casefold(), []) if value in values]
        if len(found) != 1:
            raise Wrong(Say("commands.why.no-value", {"value": wanted}), "--group", nearest(wanted, [*values, *named]))
        wanted = found[0]
    units = [str(code) for code in model.units.columns["unit"].values]
    return column, wanted, [code for code, value in zip(units, held, strict=True) if value == wanted]


def _named(names: Iterable[tuple[str, Any]]) -> dict[str, list[str]]:
    """The codes that each name stands for, in whichever language it is said."""
    found: dict[str, list[str]] = {}
    for code, name in names:
        for text in {spoken(name, lang) for lang in LANGUAGES}:
            found.setdefault(text.casefold(), []).append(code)
    return found
