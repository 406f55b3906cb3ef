"""The same answer: the Guangxi plan over seeds, threads, solvers and shuffled files has one hash."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from allocator.read.yaml import read_yaml, written_yaml

NAME, ORDER = "same", 60
TITLE = "The same answer"
MODEL = Path(__file__).parents[2] / "models" / "guangxi-2013-2015"
TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
SEEDS, THREADS, SOLVERS, SHUFFLES = 5, (1, 2, 4), ("highs", "cpsat"), 10
IN_ORDER = {"objectives", "eligible", "periods", "indicators"}  # lists whose order says something


def measure(*, out: Path, quick: bool) -> dict[str, Any]:
    del out
    seeds, threads, shuffles = (1, (1,), 2) if quick else (SEEDS, THREADS, SHUFFLES)
    tasks = [(str(TUTORIAL if quick else MODEL), seed, count, solver, shuffle)
             for shuffle in range(shuffles) for seed in range(seeds) for count in threads for solver in SOLVERS]  # fmt: skip
    runs: list[tuple[str, float, str]] = []
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:  # a fork of a process with solver threads may die
        for number, ran in enumerate(pool.map(one, tasks), start=1):
            runs.append(ran)
            if number % 10 == 0:
                print(f"  {number} of {len(tasks)}, {len({key for key, *_ in runs})} hashes", flush=True)
    hashes = sorted({key for key, *_ in runs})
    seconds = {solver: [s for _, s, name in runs if name == solver] for solver in SOLVERS}
    return {
        "runs": len(runs),
        "hashes": hashes,
        "seconds": {solver: {"median": median(of), "most": max(of)} for solver, of in seconds.items()},
        "met": len(hashes) == 1,
    }


def one(task: tuple[str, int, int, str, int]) -> tuple[str, float, str]:
    """Solve one shuffled copy; the hash of the allocation, the recount and the stages' values; seconds of solving."""
    from allocator import Limits, audit, load, solve
    from allocator.runs.manifest import audit_record

    model_folder, seed, threads, solver, shuffle = task
    with tempfile.TemporaryDirectory() as folder:
        model = load(shuffled(Path(model_folder), Path(folder) / "model", shuffle))
        began = time.perf_counter()
        solution = solve(model, solver=solver, limits=Limits(None, threads, seed))
        seconds = time.perf_counter() - began
        assert solution.allocation is not None and solution.status == "optimal"
        recount = audit_record(audit(model, solution.allocation), "")
        values = [[str(figure) for figure in stage.value or ()] for stage in solution.stages]
    told = json.dumps([solution.allocation.csv(), recount, values], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest(), seconds, solver


def shuffled(source: Path, target: Path, seed: int) -> Path:
    """A copy of a model with the rows of all tables, the keys of all mappings and the list of rules in another order."""
    chance = random.Random(seed)
    target.mkdir(parents=True)
    for file in sorted(source.glob("*.csv")):
        head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        if rows and not rows[-1].endswith("\n"):
            rows[-1] += "\n"
        chance.shuffle(rows)
        (target / file.name).write_text(head + "".join(rows), encoding="utf-8")
    held, _, _ = read_yaml(source / "model.yaml", "model.yaml")
    (target / "model.yaml").write_bytes(written_yaml(_shuffled(held, chance, "")))
    return target


def _shuffled(value: Any, chance: random.Random, key: str) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {k: _shuffled(value[k], chance, str(k)) for k in keys}
    if isinstance(value, list):
        items = [_shuffled(item, chance, key) for item in value]
        if key == "rules":
            chance.shuffle(items)
        return items
    return value


def page(found: dict[str, Any]) -> list[str]:
    seconds = found["seconds"]
    return [
        f"{found['runs']} runs of the Guangxi plan ({SEEDS} seeds × {len(THREADS)} numbers of threads × {len(SOLVERS)} solvers × "
        f"{SHUFFLES} shuffles of all rows and keys): **{len(found['hashes'])} hash** over allocation, recount and values"
        + (f" (`{found['hashes'][0][:16]}…`)." if len(found["hashes"]) == 1 else "."),
        "",
        "Seconds of compiling and solving, two at a time: "
        + "; ".join(f"{name} {of['median']:.1f} (at most {of['most']:.1f})" for name, of in seconds.items())
        + ".",
    ]
