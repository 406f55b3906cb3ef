"""The plan of a run that a scenario follows or keeps to, once it is sure that the run wrote it.

Lives here: the seal of the manifest and the hash of the plan, checked; its awards up to a year as a file.
Not here: the run as a value with its model (runs/read.py), what is done with the awards (scenario.py).
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from allocator.faults import Fault, Place
from allocator.load.files import note, regular_bytes
from allocator.load.seal import MANIFEST, Broken, opened
from allocator.load.tables import Held

PLAN = "allocation.csv"


def plan_of(folder: Path, run: str, place: Place, through: int | None) -> Held | Fault:
    """The awards of a run up to a year (None: all), or why there are none. `run`, `place`: as the scenario names it, where."""
    for file in (MANIFEST, PLAN):
        note(folder / file)
    try:
        manifest = opened(regular_bytes(folder / MANIFEST))
        data, told = regular_bytes(folder / PLAN), manifest["files"][PLAN]
    except Broken:
        return Fault("followed-run-edited", place, {"file": f"{run}/{MANIFEST}"})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Fault("no-plan-in-run", place, {"run": run})
    if hashlib.sha256(data).hexdigest() != told:
        return Fault("followed-run-edited", place, {"file": f"{run}/{PLAN}"})
    try:
        head, *rows = list(csv.reader(io.StringIO(data.decode("utf-8")), strict=True))
        period = head.index("period")
        kept = [(line, row) for line, row in enumerate(rows, 2) if through is None or int(row[period]) <= through]
    except (ValueError, IndexError, csv.Error):  # sealed, and yet no plan of ours
        return Fault("no-plan-in-run", place, {"run": run})
    return Held(written(head, [row for _, row in kept]), tuple((f"{run}/{PLAN}", line) for line, _ in kept))


def written(head: list[str], rows: object) -> bytes:
    """A table as the bytes of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode("utf-8")
