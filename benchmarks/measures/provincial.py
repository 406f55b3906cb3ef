"""The Guangxi plan from files to files, beside a script that solves the same stages by hand."""

from __future__ import annotations

import json
import tempfile
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import Ran, python

NAME, ORDER = "provincial", 15
TITLE = "A province, from a cold start"
MODEL = "models/guangxi-2013-2015"
PAIRS, WANTED = 7, 1.2
NEAR = 1e-5  # the script holds a stage within 1e-6 and rounds its values to six places


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    """Alternating pairs of processes: which goes first changes from pair to pair, so that a drift favours neither."""
    del out
    told: dict[str, list[Ran]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "ours": ("-m", "allocator.cli.main", "solve", MODEL, "--fresh", "--out", f"{folder}/run", "--json"),
            "bare": ("-m", "benchmarks.peers.bare_guangxi", MODEL, f"{folder}/bare.csv"),
        }
        for pair in range(1 if quick else PAIRS):
            for name in ("ours", "bare") if pair % 2 == 0 else ("bare", "ours"):
                told[name].append(python(*commands[name]))
            print(f"  {told['ours'][-1].seconds:.1f} s, by hand {told['bare'][-1].seconds:.1f} s", flush=True)
    codes = sorted({ran.code for runs in told.values() for ran in runs})
    if codes != [0]:
        return {"codes": codes, "met": False}
    ours, bare = json.loads(told["ours"][-1].out), told["bare"][-1].json
    values = {stage["objective"]: stage["value"] for stage in ours["objectives"]}
    found: dict[str, Any] = {
        "codes": codes,
        "pairs": len(told["ours"]),
        "status": ours["status"],
        "stages": {stage["objective"]: stage["seconds"] for stage in ours["objectives"]},
        "bare_stages": bare["seconds"],
        "differ": [name for name, value in values.items() if not same(value, bare["stages"][name])],
    }
    for name, runs in told.items():
        found[name] = {
            "seconds": median(ran.seconds for ran in runs),
            "processor_s": median(ran.processor_s for ran in runs),
            "memory_mb": max(ran.memory_mb for ran in runs),
            "all": [round(ran.seconds, 2) for ran in runs],
        }
    pairs = list(zip(told["ours"], told["bare"], strict=True))
    found["ratio"] = median(a.seconds / b.seconds for a, b in pairs)
    found["processor_ratio"] = median(a.processor_s / b.processor_s for a, b in pairs)
    found["met"] = found["ratio"] <= WANTED and not found["differ"]
    return found


def same(value: list[str], by_hand: list[str] | float) -> bool:
    """Whether a stage has the same value: every figure of a fairness, the last one of what is a sum."""
    if isinstance(by_hand, list):
        return value == by_hand
    return abs(float(Fraction(value[-1])) - by_hand) <= NEAR


def page(found: dict[str, Any]) -> list[str]:
    if found["codes"] != [0]:
        return [f"**Not measured**: exit codes {found['codes']}."]
    ours, bare = found["ours"], found["bare"]
    missed = "" if found["ratio"] <= WANTED else " **missed**"
    values = "the values of all nine stages are the same in both"
    if found["differ"]:
        values = f"**the values differ** in {', '.join(found['differ'])}"
    return [
        f"`allocator solve {MODEL} --fresh` (reading and validating, all stages, each with its proof, the draw, the audit, the files "
        f"of the run) beside `python -m benchmarks.peers.bare_guangxi` (pandas and highspy, the policy written into the script, the same "
        f"stages, each held by a row; no validation, no draw, no audit, one file). {found['pairs']} alternating pairs of processes, "
        f"medians; {values}.",
        "",
        "| | s | processor, s | MB |",
        "| --- | ---: | ---: | ---: |",
        f"| allocator | {ours['seconds']:.1f} | {ours['processor_s']:.1f} | {ours['memory_mb']:,.0f} |",
        f"| by hand | {bare['seconds']:.1f} | {bare['processor_s']:.1f} | {bare['memory_mb']:,.0f} |",
        f"| ratio, median of the pairs | {found['ratio']:.2f}×{missed} | {found['processor_ratio']:.2f}× | |",
        f"| wanted | at most {WANTED}× | | |",
        "",
        "Reading also looks for what a person should see in the policy (notices, about a tenth of the whole), each statement of the",
        "database is checked to be a single one, and the run keeps the proofs of its questions: what the script does not do.",
        "Both use two cores: ours proves the plan beside its audit, the solver of the script has two threads.",
        "",
        "Ours by stage, s: " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in found["stages"].items()) + ".",
    ]
