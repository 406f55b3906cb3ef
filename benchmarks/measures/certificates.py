"""What a certificate costs and proves: every plan of the scenarios, a country, and random models of all kinds."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.country import build
from benchmarks.processes import ROOT, Ran, python

NAME, ORDER = "certificates", 52
TITLE = "Certificates, checked without a solver"
MODEL = "models/guangxi-2013-2015"
PAIRS = 3
MORE, CHECK_S, MEGABYTES = 0.15, 10.0, 1.0  # of a solve's processor seconds; seconds; of both files
COUNTRY_S = 60.0  # certified and checked
MODELS, OPEN = 1000, 0.02
CHECKER = "src/allocator_check.py"


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    plans = (
        ["models/tutorial"]
        if quick
        else [MODEL, *(f"scenarios/{f.name}" for f in sorted((ROOT / "scenarios").glob("*.yaml")))]
    )
    found: dict[str, Any] = {"plans": []}
    with tempfile.TemporaryDirectory() as folder:
        for number, model in enumerate(plans):
            told = _plan(model, Path(folder) / str(number), 1 if quick else PAIRS)
            if told is not None:
                found["plans"].append(told)
                print(f"  {model}: {told['proved']} of {told['claims']}, +{told['more'] * 100:.0f} %", flush=True)
        country = build("plain", Path(folder) / "country", units=60 if quick else 2861)
        found["country"] = _plan(str(country), Path(folder) / "c", 1)
    last = 20 if quick else MODELS
    found["random"] = python("-m", "tests.certificate.counted", "0", str(last)).json
    held = found["country"]
    held["seconds"] = max(held["with_s"] - held["without_s"], 0.0) + held["check_s"]
    found["more"] = median(plan["more"] for plan in found["plans"])
    found["met"] = (
        all(_met(plan) for plan in found["plans"])
        and held["proved"] == held["claims"]
        and held["seconds"] <= COUNTRY_S
        and len(found["random"]["open"]) <= OPEN * found["random"]["models"]
    )
    return found


def _plan(model: str, folder: Path, pairs: int) -> dict[str, Any] | None:
    """One model solved with and without a certificate, in alternating pairs of processes; None where it has no plan.

    Where a certificate seems to cost too much, three times as many pairs are looked at: other work disturbs single ones.
    """
    ran: dict[bool, list[Ran]] = {True: [], False: []}
    for pair in range(3 * pairs):
        if pair >= pairs and _more(ran) <= MORE:
            break
        for certified in (True, False) if pair % 2 == 0 else (False, True):
            options = () if certified else ("--no-certificate",)
            run = folder / f"{pair}-{certified}"
            ran[certified].append(
                python("-m", "allocator.cli.main", "solve", model, "--fresh", "--brief", "--out", str(run), *options)
            )
            if ran[certified][-1].code:
                return None
    run = folder / "0-True"
    check = python(CHECKER, str(run))
    told = json.loads((run / "run.json").read_text(encoding="utf-8"))["claims"]
    sizes = [(run / name).stat().st_size for name in ("rows.json.xz", "certificate.json.xz")]
    return {
        "model": Path(model).stem,
        "claims": told["made"],
        "proved": told["proved"],
        "stated": told["stated"],
        "code": check.code,
        "with_s": median(one.processor_s for one in ran[True]),
        "without_s": median(one.processor_s for one in ran[False]),
        "more": _more(ran),
        "check_s": check.processor_s,
        "bytes": sum(sizes),
    }


def _more(ran: dict[bool, list[Ran]]) -> float:
    return median(a.processor_s / b.processor_s for a, b in zip(ran[True], ran[False], strict=True)) - 1


def _met(plan: dict[str, Any]) -> bool:
    small = plan["check_s"] <= CHECK_S and plan["bytes"] <= MEGABYTES * 1e6
    return small and plan["code"] == 0 and plan["proved"] == plan["claims"] and bool(plan["more"] <= MORE)


def page(found: dict[str, Any]) -> list[str]:
    lines = [
        "`allocator solve --fresh` with and without its certificate, in alternating pairs of processes, processor seconds, medians; then "
        "`allocator-check`, which takes no solver. Every scenario that has a plan.",
        "",
        "| plan | claims proved | rows stated | with, s | without, s | more, % | check, s | kB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for plan in (*found["plans"], found["country"]):
        missed = "" if plan is found["country"] or _met(plan) else " **missed**"
        lines.append(
            f"| {plan['model']}{missed} | {plan['proved']} of {plan['claims']} | {plan['stated']} | {plan['with_s']:.2f} | "
            f"{plan['without_s']:.2f} | {plan['more'] * 100:.1f} | {plan['check_s']:.2f} | {plan['bytes'] / 1000:.0f} |"
        )
    random, held = found["random"], found["country"]
    return [
        *lines,
        f"| wanted | all | | | | at most {MORE * 100:.0f} | at most {CHECK_S:.0f} | at most {MEGABYTES * 1000:.0f} |",
        "",
        f"- *country*, the plain family of national size: certified and checked in {held['seconds']:.1f} s (wanted: {COUNTRY_S:.0f} s).",
        f"- {random['models']} random models over all kinds ({random['infeasible']} without a plan), each checked: {random['proved']} of "
        f"{random['claims']} claims proved, {len(random['open'])} models with one that is not (wanted: at most {OPEN * 100:.0f} %). "
        f"{random['stated']} rows are stated by objectives for themselves.",
    ]
