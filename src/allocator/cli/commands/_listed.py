"""What commands that list something of a run do alike: one unit of it, a table to write, a limit; asked before the work.

Lives here: these options, and the check of what was given.
Not here: what is listed (the commands), arguments that all commands have (_shared.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from allocator.cli.usage import Finite, Wrong
from allocator.faults import nearest
from allocator.model.model import Model
from allocator.runs.folder import room
from allocator.words import Say

unit_option: Callable[[Any], Any] = click.option("--unit")
csv_option: Callable[[Any], Any] = click.option("--csv", "csv", type=click.Path(path_type=Path, dir_okay=False))
seconds_option: Callable[[Any], Any] = click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))


def asked(model: Model, unit: str | None, csv: Path | None) -> None:
    """Raises Wrong for a unit that the model has not, OSError where the table could not be written."""
    units = [str(code) for code in model.units.columns["unit"].values]
    if unit is not None and unit not in units:
        raise Wrong(Say("commands.cutoffs.no-unit", {"unit": unit}), "--unit", nearest(unit, units))
    if csv is not None:
        room(csv)
