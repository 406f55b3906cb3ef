"""Runs the measurements and writes RESULTS.md and results.json beside this file.

Lives here: which measurements there are (the files of measures/), machine and versions, the page.
Not here: any measurement (measures/), any peer (peers/).

    python -m benchmarks.run [NAME ...] [--quick] [--out DIRECTORY]

Each measurement is kept with its own date, seconds and load: one of them can be measured again alone.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import measures

HERE = Path(__file__).parent
PACKAGES = ("allocator", "highspy", "ortools", "duckdb", "numpy", "pandas", "PuLP", "linopy")


def names() -> dict[str, ModuleType]:
    """The measurements, in the order of the page."""
    found = [importlib.import_module(f"benchmarks.measures.{m.name}") for m in pkgutil.iter_modules(measures.__path__)]
    return {module.NAME: module for module in sorted(found, key=lambda module: module.ORDER)}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.processor(),
        "memory_gb": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def run(chosen: list[str], out: Path, *, quick: bool) -> int:
    """Measure, and write after each measurement; the number of those whose target was missed."""
    known = names()
    file = out / "results.json"
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"measures": {}}
    held["machine"] = machine()
    missed = 0
    for name in chosen or list(known):
        began, load = time.monotonic(), os.getloadavg()[0]
        print(f"{name} …", flush=True)
        figures = known[name].measure(out=out, quick=quick)
        held["measures"][name] = {
            "date": time.strftime("%Y-%m-%d"),
            "seconds": round(time.monotonic() - began, 1),
            "load_before": round(load, 2),
            "quick": quick,
            "figures": figures,
        }
        missed += not figures.get("met", True)
        out.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        (out / "RESULTS.md").write_text(page(held, known), encoding="utf-8")
    return missed


def page(held: dict[str, Any], known: dict[str, ModuleType]) -> str:
    """The results as a page."""
    box = held["machine"]
    lines = [
        "# Results",
        "",
        f"{box['cores']} cores of {box['processor']}, {box['memory_gb']} GB, {box['system']}, Python {box['python']}; "
        + ", ".join(f"{name} {v}" for name, v in box["versions"].items() if v)
        + ".",
        "",
        "`make bench` measures all of it again, `python -m benchmarks.run NAME` one part. Peers run on the same tables or "
        "arrays in the same session. `load` is what else ran on the machine when the part began (0: nothing).",
        "",
    ]
    for name, module in known.items():
        if name in held["measures"]:
            part = held["measures"][name]
            when = f"{part['date']}, {part['seconds']:.0f} s, load {part['load_before']}"
            when += ", **small sizes: `--quick`**" if part["quick"] else ""
            lines += [f"## {module.TITLE}", "", *module.page(part["figures"]), "", f"`{name}`: {when}", ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", choices=[*names(), []])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE)
    given = parser.parse_args()
    raise SystemExit(1 if run(given.name, given.out, quick=given.quick) else 0)


if __name__ == "__main__":
    main()
