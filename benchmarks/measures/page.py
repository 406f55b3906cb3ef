"""The page of a national plan: how long it is in the making, how large it is, how soon it can be used in Chromium."""

from __future__ import annotations

import csv
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from allocator.audit import audit
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.problem import compile
from allocator.publish.found import Found
from allocator.publish.page import page as page_of
from allocator.publish.page import shown_of
from allocator.read.stored import ALLOCATION
from allocator.report.facts import facts
from allocator.runs.read import Run
from benchmarks.country import COUNTIES, build

NAME, ORDER = "page", 110
TITLE = "The page of a plan at national size"
MOST_MB, MOST_S = 12, 4


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    """The plan is made without a solve: in each year the first applicants that had nothing of the program before."""
    del out
    with tempfile.TemporaryDirectory() as folder:
        model = load(_with_provinces(build("plain", Path(folder) / "plain", units=120 if quick else 2861)))
        plan = _plan(model)
        manifest = {"written": "2026-01-01", "engine": "-", "inputs": [], "id": "-", "status": "not proved"}
        run = Run(Path(folder) / "plain", manifest, {ALLOCATION: b""}, plan, model)
        told = Found(run, compile(model), facts(model, audit(model, plan)), None, None)
        began = time.monotonic()
        text = page_of(shown_of([told], None), "zh")
        seconds = time.monotonic() - began
        file = Path(folder) / "page.html"
        file.write_text(text, encoding="utf-8")
        opened = _opened(file)
        size = file.stat().st_size
    cells = len(model.programs) * len(model.policy.periods) * model.units.height
    met = size <= MOST_MB * 1_000_000 and (opened is None or opened <= MOST_S)
    return {
        "cells": cells,
        "awards": len(plan.awards),
        "bytes": size,
        "seconds": seconds,
        "opened_s": opened,
        "met": met,
    }


def _with_provinces(folder: Path) -> Path:
    """The provinces as a declared group, with their names."""
    with COUNTIES.open(encoding="utf-8", newline="") as file:
        codes = sorted({row["province_code"] for row in csv.DictReader(file)})
    with (folder / "provinces.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("id", "name"), *((code, f"省{code}") for code in codes)])
    yaml = YAML()
    policy = yaml.load((folder / "model.yaml").read_text(encoding="utf-8"))
    policy["groups"] = {"province": {"file": "provinces.csv", "id": "id", "name": "name"}}
    with (folder / "model.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(policy, file)
    return folder


def _plan(model: Model) -> Allocation:
    columns = model.tables["reviews"].columns
    given: Counter[tuple[str, int]] = Counter()
    had: set[tuple[str, str]] = set()
    awards = []
    for unit, program, period in zip(*(columns[name].values for name in ("unit", "program", "period")), strict=True):
        quota = model.programs[program].quota
        limits = quota.of(period) if quota is not None else None
        places = int(str(limits.exactly)) if limits is not None else 0
        if given[program, period] < places and (unit, program) not in had:
            awards.append((unit, program, int(period), 1))
            given[program, period] += 1
            had.add((unit, program))
    return Allocation.of(awards)


def _opened(file: Path) -> float | None:
    """Seconds until the page can be used; None where there is no browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium)
        shown = browser.new_page()
        began = time.monotonic()
        shown.goto(file.as_uri())
        shown.wait_for_selector("html[data-ready]", state="attached")
        seconds = time.monotonic() - began
        browser.close()
    return seconds


def page(found: dict[str, Any]) -> list[str]:
    opened = "no browser here" if found["opened_s"] is None else f"{found['opened_s']:.1f} s (wanted: at most {MOST_S})"
    return [
        f"{found['cells']:,} cells, {found['awards']:,} awards, without letters: {found['bytes'] / 1e6:.1f} MB (wanted: at most "
        f"{MOST_MB}), made in {found['seconds']:.1f} s, to be used in Chromium after {opened}."
    ]
