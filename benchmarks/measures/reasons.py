"""How long reasons take on the Guangxi plan: firmness once, then why, objections, letters; and where no plan is, the first
conflict with the cheapest repair."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from allocator.explain.datum import Datum, observed, value_of, written
from allocator.explain.gaming import reported
from allocator.faults import Exit
from allocator.load import load
from allocator.model.model import Model
from allocator.model.source import PAST, Source
from allocator.read.yaml import written_yaml
from benchmarks.planted.impossible import PLANTED
from benchmarks.processes import ROOT, Ran, python

NAME, ORDER = "reasons", 120
TITLE = "Reasons"
MODEL = ROOT / "models" / "guangxi-2013-2015"
ASKED = 20
WANTED = {"firmness": 600.0, "why": 1.0, "objection": 30.0, "letters": 120.0, "conflict": 20.0}  # seconds


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    """Each question is a command of its own, started anew. quick: the same model, fewer questions."""
    del out
    count = 2 if quick else ASKED
    model = load(MODEL, look=False)
    with tempfile.TemporaryDirectory() as folder:
        run = f"{folder}/run"
        _asked("solve", str(MODEL), "--out", run, "--no-certificate")
        found: dict[str, Any] = {"firmness": _told([_asked("firmness", run, "--json")])}
        units = [str(unit) for unit in model.units.columns["unit"].values]
        why = [_asked("why", run, "--unit", unit) for unit in _spread(units, count)]
        found["why"] = _told(why)
        found["objection"] = _told([_asked("objection", run, *asked) for asked in _objections(model, count)])
        letters = _asked("dossier", run, "--all", "--out", f"{folder}/letters")
        found["letters"] = {**_told([letters]), "units": len(units)}
        conflicts = [_conflict(Path(folder), name) for name in _spread(list(PLANTED), count)]
    found["conflict"] = {**_told([ran for ran, _, _ in conflicts]), "named": sum(named for _, named, _ in conflicts),
                         "mended": sum(mended for _, _, mended in conflicts)}  # fmt: skip
    slow = [name for name in WANTED if found[name]["most" if name == "conflict" else "median"] > WANTED[name]]
    complete = found["conflict"]["named"] == found["conflict"]["mended"] == found["conflict"]["count"]
    return {**found, "met": not slow and complete}


def _asked(*words: str, code: int = 0) -> Ran:
    ran = python("-m", "allocator.cli.main", *words)
    if ran.code != code:
        raise RuntimeError(f"{' '.join(words)}: exit code {ran.code}\n{ran.complaint}")
    return ran


def _told(ran: list[Ran]) -> dict[str, Any]:
    seconds, processor = [one.seconds for one in ran], [one.processor_s for one in ran]
    return {"count": len(ran), "median": median(seconds), "most": max(seconds), "processor_s": median(processor)}


def _spread(every: list[Any], count: int) -> list[Any]:
    return [every[n * len(every) // count] for n in range(count)]


def _objections(model: Model, count: int) -> Iterator[list[str]]:
    """Figures that units report, and scores of reviews, of as many units and columns as there are; each with another value."""
    own = [(one.unit, (), one.datum) for one in reported(model) if one.datum.source != PAST]
    reviews = Source("table", "reviews")
    keys = [model.table_of(reviews).columns[name].values for name in ("unit", "program", "period")]
    scores = [(u, (p, str(t)), Datum(reviews, "score", row)) for row, (u, p, t) in enumerate(zip(*keys, strict=True))]
    for unit, key, datum in [*_spread(own, count - count // 3), *_spread(scores, count // 3)]:
        now, values = value_of(model, datum), observed(model, datum)
        other = next(value for value in (values[-1], values[0]) if value != now)
        told = [option for pair in zip(("--program", "--period"), key, strict=False) for option in pair]
        yield ["--unit", str(unit), "--set", f"{datum.name}={written(other)}", *told]


def _conflict(folder: Path, name: str) -> tuple[Ran, bool, bool]:
    """What `solve` says of a scenario without a plan: whether the planted rule is in its first conflict, and a repair works."""
    changes, rule = PLANTED[name]
    file = folder / f"{name}.yaml"
    file.write_bytes(written_yaml({"scenario": name, "model": str(MODEL), **changes}))
    ran = _asked("solve", str(file), "--out", str(folder / name), "--json", code=int(Exit.INFEASIBLE))
    said = json.loads(ran.out)
    named = rule in {one["rule"] for one in said["conflict"]["rules"]}
    return ran, named, any(one["tried"] for one in said["repairs"]["repairs"])


def page(found: dict[str, Any]) -> list[str]:
    said = {
        "firmness": "every decision's firmness, nearest plan and threshold",
        "why": "`why --unit`, median",
        "objection": "`objection`, median",
        "letters": f"{found['letters']['units']} letters",
        "conflict": "`solve` without a plan, with its first conflict and cheapest repair, at most",
    }
    lines = ["Each question is a command of its own, with the start of Python and the reading of the run; once firmness is kept, the "
             "others read it.", "", "| question | asked | s | wanted | processor, s |", "| --- | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for name, what in said.items():
        one = found[name]
        seconds = one["most" if name == "conflict" else "median"]
        missed = "" if seconds <= WANTED[name] else " **missed**"
        lines.append(
            f"| {what} | {one['count']} | {seconds:.1f}{missed} | {WANTED[name]:.0f} | {one['processor_s']:.1f} |"
        )
    conflict = found["conflict"]
    lines += ["", f"Of {conflict['count']} planted conflicts {conflict['named']} name the planted rule first and {conflict['mended']} "
              f"have a repair that works."]  # fmt: skip
    return lines
