"""The plan of a run that a scenario follows or keeps to, once it is sure that the run wrote it.

Lives here: its awards up to a year as a file, with the place of each.
Not here: reading the run (read/stored.py), what is done with the awards (overlay.py).
"""

from __future__ import annotations

from pathlib import Path

from allocator.faults import Fault, InputError, Place
from allocator.model.allocation import Award
from allocator.read.stored import ALLOCATION as PLAN
from allocator.read.stored import read_stored
from allocator.read.tables import TableBytes, table_bytes
from allocator.words import Say


def plan_of(folder: Path, run: str, place: Place, through: int | None) -> TableBytes | list[Fault]:
    """The awards of a run up to a year (None: all), or why there are none. `run`, `place`: as the scenario names it, where.

    The run is read as every command reads one: a fault of its files stands at the scenario's key and names the file.
    """
    try:
        stored = read_stored(folder)
    except InputError as error:
        return [_told(fault, folder, run, place) for fault in error.faults]
    if stored.allocation is None:
        return [Fault("no-plan-in-run", place, {"run": run})]
    kept = [
        (line, award)
        for line, award in enumerate(stored.allocation.awards, 2)
        if through is None or award.period <= through
    ]
    return TableBytes(
        table_bytes(list(Award._fields), [a for _, a in kept]), tuple((f"{run}/{PLAN}", line) for line, _ in kept)
    )


def _told(fault: Fault, folder: Path, run: str, place: Place) -> Fault:
    """The fault of a run at the place where a scenario names the run."""
    if fault.code in ("missing-run", "no-run", "other-kind"):
        return Fault("no-plan-in-run", place, {"run": run})
    inside = fault.place.file.removeprefix(str(folder)).lstrip("/")
    at = Place(f"{run}/{inside}", line=fault.place.line)
    return Fault("followed-run", place, {"file": at, "what": Say(f"faults.{fault.code}", fault.params)})
