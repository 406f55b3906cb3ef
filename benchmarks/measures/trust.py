"""What makes a plan be trusted: the certificate, planted faults, random models (mutations.py: the compiler broken on purpose)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, python

NAME, ORDER = "trust", 50
TITLE = "Can it be trusted?"
MODELS = 1000


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    with tempfile.TemporaryDirectory() as folder:
        model = "models/tutorial" if quick else "models/guangxi-2013-2015"
        told = python(
            "-m", "allocator.cli.main", "solve", model, "--certify", "--json", "--out", f"{folder}/run", "--fresh"
        )
        certificate = (
            json.loads(told.out)["certificate"] if told.code == 0 else {"verdict": f"exit {told.code}", "claims": []}
        )
        found: dict[str, Any] = {"certificate": {**certificate, "model": model}}
        if not quick:
            file = Path(folder) / "faults.json"
            ran = python("-m", "benchmarks.faults", "--json", str(file))
            found["faults"] = counted(file, ran.code, ran.seconds)
    found["random"] = _random(20 if quick else MODELS)
    found["met"] = (
        certificate["verdict"] == "certified"
        and found["random"]["code"] == 0
        and (quick or found["faults"]["code"] == 0)
    )
    return found


def counted(file: Path, code: int, seconds: float) -> dict[str, Any]:
    """How many of the faults that a file tells of were named."""
    faults = json.loads(file.read_text(encoding="utf-8"))["faults"]
    named = sum(fault["named"] and fault["exact"] for fault in faults)
    return {"planted": len(faults), "named": named, "code": code, "seconds": seconds}


def _random(count: int) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "tests/oracle/test_random.py"],
        cwd=ROOT, env=os.environ | {"ALLOCATOR_RANDOM_MODELS": str(count)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = re.search(r" in ([0-9.]+)s", ran.stdout)
    return {"models": count, "code": ran.returncode, "seconds": float(seconds[1]) if seconds else None}


def page(found: dict[str, Any]) -> list[str]:
    certificate = found["certificate"]
    asked = sum(claim["refutations"] for claim in certificate["claims"])
    given = sum(claim["refuted"] for claim in certificate["claims"])
    lines = [
        f"- Certificate of `{certificate['model']}`: **{certificate['verdict']}**. {certificate.get('solver')} "
        f"{certificate.get('version')} refuted {given} of {asked} claims that something better exists, in "
        f"{certificate.get('seconds', 0):.0f} s.",
    ]
    if "faults" in found:
        faults = found["faults"]
        lines.append(
            f"- Planted faults: {faults['named']} of {faults['planted']} named by the audit, each with exactly the rules that it breaks, "
            f"in {faults['seconds']:.0f} s."
        )
    random = found["random"]
    verdict = "no disagreement" if random["code"] == 0 else "**a disagreement**"
    lines.append(
        f"- {random['models']} random models, both solvers and plain enumeration: {verdict}, in {random['seconds']} s."
    )
    return lines
