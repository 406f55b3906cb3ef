"""The source broken on purpose, one place at a time: the tests must notice each."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.processes import python

NAME, ORDER = "mutations", 55
TITLE = "Mutations"
FEW = ("activity-from-zero", "quota-floored")


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutations.json"
        ran = python("-m", "benchmarks.mutations", "--json", str(file), *(("--only", *FEW) if quick else ()))
        return counted(file, ran.seconds)


def counted(file: Path, seconds: float) -> dict[str, Any]:
    """How many of the mutations that a file tells of were caught, and the names of the others."""
    verdicts = json.loads(file.read_text(encoding="utf-8"))
    lost = [verdict["name"] for verdict in verdicts if not verdict["caught"]]
    return {"made": len(verdicts), "lost": lost, "seconds": seconds, "met": bool(verdicts) and not lost}


def page(found: dict[str, Any]) -> list[str]:
    lost = f"; **not caught**: {', '.join(found['lost'])}" if found["lost"] else ""
    return [
        f"Mutations of the source: {found['made'] - len(found['lost'])} of {found['made']} caught by a test, in "
        f"{found['seconds']:.0f} s{lost}."
    ]
