"""A country: 2,861 counties, 20 programs, 5 years; the plain family to proof, the money family within a gap; beside plain HiGHS."""

from __future__ import annotations

import json
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.country import build
from benchmarks.processes import Ran, python

NAME, ORDER = "national", 20
TITLE = "National size"
MONEY_S, GAP = 300.0, 0.01  # seconds; per cent
FASTER, SMALLER = 10, 10


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    units, limit = (60, 10.0) if quick else (2861, MONEY_S)
    found: dict[str, Any] = {"seconds_allowed": limit}
    with tempfile.TemporaryDirectory() as folder:
        for family in ("plain", "money"):
            model = build(family, Path(folder) / family, units=units)
            options = ("--time-limit", str(limit)) if family == "money" else ()
            ours = python("-m", "benchmarks.whole", str(model), str(Path(folder) / f"run-{family}"), *options)
            told = Path(folder) / f"{family}.json"
            peer = python("-m", "benchmarks.peers.plain_highs", str(model), str(limit), str(told), most_s=limit * 1.3)
            found[family] = {**_ours(ours), "highs": _peer(told, peer)}
    plain, money = found["plain"], found["money"]
    plain["faster"] = (plain["highs"]["seconds"] or limit) / plain["stage_s"]
    # No ratio where ours is closed, or the peer has no plan or no bound.
    known = money["gap"] and money["highs"]["gap"] is not None
    money["smaller"] = money["highs"]["gap"] / money["gap"] if known else None
    plain_met = plain["status"] == "optimal" and plain["faster"] >= FASTER
    money_met = money["gap"] is not None and money["gap"] <= GAP
    found["met"] = plain_met and money_met and (money["smaller"] is None or money["smaller"] >= SMALLER)
    return found


def _ours(ran: Ran) -> dict[str, Any]:
    told = ran.json
    stage = told["stages"][0]
    value = Fraction(stage["value"][0])
    bound = value if stage["bound"] is None else Fraction(stage["bound"])
    known = stage["status"] == "optimal" or stage["bound"] is not None
    return {
        "cells": told["cells"],
        "rows": told["rows"],
        "status": told["status"],
        "violations": told["violations"],
        "value": str(value),
        "bound": str(bound) if known else None,
        "gap": float(abs(bound - value) / abs(value) * 100) if known else None,
        "stage_s": stage["seconds"],
        "steps": told["steps"],
        "memory_mb": ran.memory_mb,
        "process_s": ran.seconds,
    }


def _peer(file: Path, ran: Ran) -> dict[str, Any]:
    told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    plan, bound = told.get("plan"), told.get("bound")
    gap = None if plan is None or bound is None else abs(bound - plan) / max(abs(plan), 1e-9) * 100
    return {"plan": plan, "bound": bound, "gap": gap, "seconds": told.get("seconds") if told.get("done") else None,
            "done": bool(told.get("done")), "killed": ran.code < 0, "memory_mb": ran.memory_mb}  # fmt: skip


def page(found: dict[str, Any]) -> list[str]:
    lines = [
        "| family | cells | rows | what was proved | gap, % | stage, s | all, s | load | compile | solve and draw | audit | write | MB |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for family in ("plain", "money"):
        ours = found[family]
        steps = " | ".join(f"{seconds:.1f}" for seconds in ours["steps"].values())
        gap = "?" if ours["gap"] is None else f"{ours['gap']:.4f}"
        lines.append(
            f"| {family} | {ours['cells']:,} | {ours['rows']:,} | {ours['status']} | {gap} | {ours['stage_s']:.1f} | "
            f"{ours['process_s']:.1f} | {steps} | {ours['memory_mb']:,.0f} |"
        )
    lines += ["", "Plain HiGHS on the same arrays, its defaults, gap zero:", ""]
    for family in ("plain", "money"):
        peer, ours = found[family]["highs"], found[family]
        ended = (
            f"proved in {peer['seconds']:.1f} s" if peer["done"] else f"not proved in {found['seconds_allowed']:.0f} s"
        )
        gap = "it had no plan or no bound by then" if peer["gap"] is None else f"gap {_percent(peer['gap'])} %"
        if family == "plain":
            least = "" if peer["done"] else "at least "
            versus = f"ours is {least}{ours['faster']:.1f}× faster (wanted: {FASTER}×)"
        elif peer["gap"] is None:
            versus = f"ours has a plan within {ours['gap']:.4f} % (wanted: a gap {SMALLER}× smaller than its)"
        elif ours["smaller"] is None:
            versus = "ours has no gap"
        else:
            versus = f"ours is {ours['smaller']:,.0f}× smaller (wanted: {SMALLER}×)"
        lines.append(f"- *{family}*: {ended}, {gap}; {versus}.")
    money = found["money"]
    said = "?" if money["gap"] is None else f"{money['gap']:.4f} %"
    lines += ["", f"*money* after {found['seconds_allowed']:.0f} s: {money['value']}, no plan above {money['bound']}: {said} "
              f"(wanted: {GAP} %). What is not proved is said so: {money['status']}."]  # fmt: skip
    lines += [
        "",
        "Reading checks every cell as it is written and looks for what a person should see; before it did, it took about half as long.",
    ]
    return lines


def _percent(gap: float) -> str:
    return f"{gap:.4f}" if gap < 1 else f"{gap:,.0f}"
