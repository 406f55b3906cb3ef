"""How time and memory grow with the number of units: the plain family, 6 programs, 3 years."""

from __future__ import annotations

import tempfile
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from benchmarks.country import build
from benchmarks.processes import python

NAME, ORDER = "growth", 40
TITLE = "Growth"
SIZES = (100, 300, 1000, 3000, 10_000, 30_000, 50_000)
PICTURE = "growth.svg"
COLOURS = {
    "load": "#7a7a7a",
    "compile": "#1b6ca8",
    "solve": "#b3541e",
    "audit": "#3a7d44",
    "write": "#8e5aa8",
    "memory": "#000000",
}


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for units in SIZES[:2] if quick else SIZES:
            model = build("plain", Path(folder) / str(units), units=units, programs=6, years=3)
            ran = python("-m", "benchmarks.whole", str(model), str(Path(folder) / f"run-{units}"))
            told = ran.json
            point = {"units": units, "cells": told["cells"], "status": told["status"], "steps": told["steps"]}
            points.append(point | {"memory_mb": ran.memory_mb})
            print(f"  {units}: {sum(told['steps'].values()):.1f} s, {told['status']}", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / PICTURE).write_text(picture(points), encoding="utf-8")
    return {"points": points, "met": all(point["status"] == "optimal" for point in points)}


def page(found: dict[str, Any]) -> list[str]:
    lines = [f"![seconds of each step, and memory, by the number of units]({PICTURE})", "",
             "| units | cells | load, s | compile | solve and draw | audit | write | MB | proved |",
             "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"]  # fmt: skip
    for point in found["points"]:
        steps = " | ".join(f"{seconds:.2f}" for seconds in point["steps"].values())
        lines.append(
            f"| {point['units']:,} | {point['cells']:,} | {steps} | {point['memory_mb']:,.0f} | {point['status']} |"
        )
    return lines


def picture(points: list[dict[str, Any]]) -> str:
    """A log-log plot: seconds of each step (left scale), memory in GB (dashed, same scale)."""
    width, height, left, top, right, bottom = 720, 420, 60, 20, 110, 50
    series = {step: [point["steps"][step] for point in points] for step in points[0]["steps"]}
    series["memory"] = [point["memory_mb"] / 1024 for point in points]
    every = [max(value, 0.001) for values in series.values() for value in values]
    low, high = floor(log10(min(every))), ceil(log10(max(every)))

    def x(units: float) -> float:
        first, last = log10(points[0]["units"]), log10(points[-1]["units"])
        return left + (log10(units) - first) / max(last - first, 1e-9) * (width - left - right)

    def y(value: float) -> float:
        return top + (high - log10(max(value, 10**low))) / (high - low) * (height - top - bottom)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line x1="{left}" y1="{at:.1f}" x2="{width - right}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for point in points:
        at = x(point["units"])
        parts.append(f'<text x="{at:.1f}" y="{height - bottom + 18}" text-anchor="middle">{point["units"]:,}</text>')
    taken: list[float] = []
    for name, values in sorted(series.items(), key=lambda one: -one[1][-1]):  # so that no label passes another
        line = " ".join(f"{x(point['units']):.1f},{y(value):.1f}" for point, value in zip(points, values, strict=True))
        dash = ' stroke-dasharray="5 4"' if name == "memory" else ""
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"{dash}/>')
        at = y(values[-1])
        while any(abs(at - other) < 14 for other in taken):
            at += 14
        taken.append(at)
        said = "memory, GB" if name == "memory" else f"{name}, s"
        parts.append(f'<text x="{width - right + 8}" y="{at + 4:.1f}" fill="{COLOURS[name]}">{said}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 8}" text-anchor="middle">units</text></svg>')
    return "\n".join(parts) + "\n"
