"""A run made of a solution alone, as the checker reads it; and runs that are forged, sealed anew by their forger.

Lives here: the folder, and what a forger can change in it.
Not here: what is asked of it (test_*.py).
"""

import hashlib
import json
import lzma
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.oracle.generator import world

import allocator_check
from allocator.certificate.files import CERTIFICATE, ROWS, Certified
from allocator.certificate.made import certified
from allocator.faults import InputError
from allocator.model.model import Model
from allocator.problem import compile
from allocator.read.seal import sealed
from allocator.solve import Clock, Limits, Solution, solve

PLAN = "allocation.csv"


def solved(model: Model) -> tuple[Solution, Certified]:
    problem = compile(model)
    solution = solve(problem, limits=Limits(threads=1))
    made = certified(problem, solution, Clock(Limits()))
    assert made is not None
    return solution, made


def worlds(first: int, last: int) -> Iterator[tuple[int, Model, Solution, Certified]]:
    """Worlds made at random, solved; without those that lack a figure."""
    for seed in range(first, last):
        with suppress(InputError):
            model = world(seed).model()
            yield seed, model, *solved(model)


def folder_of(model: Model, solution: Solution, made: Certified, folder: Path) -> Path:
    """The files that the checker reads."""
    files = dict(made.files)
    if solution.allocation is not None:
        files[PLAN] = solution.allocation.csv().encode()
    draw = {"seed": model.policy.seed, "cells": [list(cell) for cell in solution.drawn]}
    return put(files, {"status": str(solution.status), "draw": draw}, folder)


def put(files: dict[str, bytes], told: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (folder / "run.json").write_bytes(sealed({**told, "files": hashes}))
    return folder


def forged(run: Path, folder: Path, change: Callable[[Any, Any, dict[tuple[str, ...], int], Any], None]) -> Path:
    """The run with its rows, proofs, plan and run.json changed, and every hash made to fit again."""
    told = json.loads((run / "run.json").read_text())
    rows, proofs = (json.loads(lzma.decompress((run / name).read_bytes())) for name in (ROWS, CERTIFICATE))
    lines = (run / PLAN).read_text().splitlines() if (run / PLAN).exists() else []
    plan = {tuple(line.split(",")[:3]): int(line.split(",")[3]) for line in lines[1:]}
    change(rows, proofs, plan, told)
    files = {ROWS: packed(rows)}
    if lines:
        files[PLAN] = "\n".join([lines[0], *(",".join([*cell, str(plan[cell])]) for cell in sorted(plan)), ""]).encode()
    proofs["of"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[CERTIFICATE] = packed(proofs)
    return put(files, {key: told[key] for key in ("status", "draw")}, folder)


def packed(document: Any) -> bytes:
    """In the form that a run writes."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return lzma.compress(text.encode("utf-8", "surrogatepass"), preset=0)


def checked(run: Path) -> allocator_check.Check:
    return allocator_check.Check(run)
