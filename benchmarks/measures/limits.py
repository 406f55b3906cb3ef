"""A time limit at national size: a plan with its gap, or the word that none was found."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.country import build
from benchmarks.processes import python

NAME, ORDER = "limits", 30
TITLE = "Limits are honest"
SECONDS = 5


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for family in ("plain", "money"):
            model = build(family, Path(folder) / family, units=60 if quick else 2861)
            run = Path(folder) / f"run-{family}"
            command = ("solve", str(model), "--time-limit", str(SECONDS), "--out", str(run), "--fresh", "--lang", "en")
            ran = python("-m", "allocator.cli.main", *command)
            said = [line for line in ran.out.splitlines() if line.strip()][1] if ran.out.count("\n") > 1 else ""
            found[family] = {"code": ran.code, "said": said, "seconds": ran.seconds, "written": run.exists()}
    honest = {0: True, 5: True, 6: False}
    found["met"] = all(honest.get(told["code"]) == told["written"] for told in found.values())
    return found


def page(found: dict[str, Any]) -> list[str]:
    lines = [f"`allocator solve MODEL --time-limit {SECONDS}`:", ""]
    for family in ("plain", "money"):
        told = found[family]
        written = "a run was written" if told["written"] else "nothing was written"
        lines.append(
            f"- *{family}*: exit code {told['code']}, {written}: “{told['said']}” ({told['seconds']:.0f} s in all)"
        )
    return lines
