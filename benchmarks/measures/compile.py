"""From tables to a loaded solver, at national size, beside three modelling libraries; and at three million cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.country import build
from benchmarks.processes import python

NAME, ORDER = "compile", 10
TITLE = "From tables to a loaded solver"
# The file of each peer, and how much faster we want to be: from tables in memory, and with reading and checking the files.
PEERS = {"PuLP": ("pulp_", 10, 6), "CP-SAT Python API": ("cpsat_api", 10, 3), "linopy": ("linopy_", 3, 1.5)}
ROUNDS = 3


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    with tempfile.TemporaryDirectory() as folder:
        plain = build("plain", Path(folder) / "plain", units=120 if quick else 2861)
        told: dict[str, list[dict[str, Any]]] = {}
        for _ in range(1 if quick else ROUNDS):
            for name in ("ours", *(peer for peer, *_ in PEERS.values())):
                told.setdefault(name, []).append(python("-m", f"benchmarks.peers.{name}", str(plain)).json)
        sizes = [told["ours"][0][key] for key in ("rows", "columns", "coefficients")]
        large = build("plain", Path(folder) / "large", units=300 if quick else 43_000, more=True)
        big = python("-m", "benchmarks.peers.ours", str(large), "--large")
    steps = {step: median(run["steps"][step] for run in told["ours"]) for step in told["ours"][0]["steps"]}
    inside = steps["database"] + steps["compile"] + steps["pass"]
    peers = {
        name: {
            "seconds": median(run["seconds"] for run in told[file]),
            "after_reading": median(run["seconds"] - run["read"] for run in told[file]),
            "wanted": wanted,
            "wanted_with_files": with_files,
        }
        for name, (file, wanted, with_files) in PEERS.items()
    }
    for peer in peers.values():
        peer["ratio"] = peer["after_reading"] / inside
        peer["ratio_with_files"] = peer["seconds"] / (inside + steps["load"])
    same = len({run["matrix"] for runs in told.values() for run in runs}) == 1
    return {
        "sizes": sizes,
        "same_rows": same,
        "steps": steps,
        "inside": inside,
        "peers": peers,
        "large": {**big.json, "memory_mb": big.memory_mb, "process_s": big.seconds, "code": big.code},
        "met": same
        and all(peer["ratio"] >= peer["wanted"] for peer in peers.values())
        and all(peer["ratio_with_files"] >= peer["wanted_with_files"] for peer in peers.values())
        and big.code == 0
        and big.memory_mb <= 4096,
    }


def page(found: dict[str, Any]) -> list[str]:
    rows, columns, coefficients = found["sizes"]
    steps, large = found["steps"], found["large"]
    lines = [
        f"*plain*, {columns:,} cells, {rows:,} rows, {coefficients:,} coefficients; all four hold the same rows, bounds and objective, by one fingerprint: "
        f"{'yes' if found['same_rows'] else 'NO'}. Median of {ROUNDS} processes each, in turn. Tables in memory → solver loaded. Reading "
        f"is told apart: ours validates everything and numbers the keys, the peers' joins the tables and sorts them. The peers stand in their quickest "
        f"form (groups by pandas, sums of whole lists, arrays).",
        "",
        "| | tables → solver, s | ours is faster by | wanted | files → solver, s | ours is faster by | wanted |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| allocator | {found['inside']:.2f} | | | {found['inside'] + steps['load']:.2f} | | |",
    ]
    for name, peer in found["peers"].items():
        slow = "" if peer["ratio_with_files"] >= peer["wanted_with_files"] else " **missed**"
        missed = "" if peer["ratio"] >= peer["wanted"] else " **missed**"
        lines.append(
            f"| {name} | {peer['after_reading']:.2f} | {peer['ratio']:.1f}×{missed} | {peer['wanted']}× | {peer['seconds']:.2f} | "
            f"{peer['ratio_with_files']:.1f}×{slow} | {peer['wanted_with_files']}× |"
        )
    lines += ["", "Ours by step, s: " + ", ".join(f"{step} {seconds:.2f}" for step, seconds in steps.items()) + "."]
    if large["code"] == 0:
        inside = large["seconds"] - large["steps"]["load"]
        lines.append(
            f"{large['columns']:,} cells and {large['coefficients']:,} coefficients: {inside:.1f} s from tables to solver, "
            f"{large['seconds']:.1f} s with reading and validating the files; {large['memory_mb']:,.0f} MB at most "
            f"(wanted: below 4,096)."
        )
    else:
        lines.append(f"Three million cells: **not reached**, exit code {large['code']}, {large['memory_mb']:,.0f} MB.")
    return lines
