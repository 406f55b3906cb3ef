"""A small model in files: the units of a table, some of which are selected; two stages.

Lives here: writing it. Not here: what is asked of it.
"""

from pathlib import Path

from allocator.load import load
from allocator.model.model import Model

MODEL = """
model: m
title: m
periods: [2024]
units: {file: units.csv, id: id}
programs: {p: {decides: selection, quota: QUOTA}}
objectives:
  - {id: first, total: {of: p, maximize: a}}
  - {id: second, total: {of: p, maximize: b}}
"""


def written(folder: Path, units: list[str], quota: int = 1) -> Path:
    """units: lines `id,a,b`."""
    (folder / "units.csv").write_text("id,a,b\n" + "\n".join(units) + "\n", encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL.replace("QUOTA", str(quota)), encoding="utf-8")
    return folder


def model_of(folder: Path, units: list[str], quota: int = 1) -> Model:
    return load(written(folder, units, quota))
