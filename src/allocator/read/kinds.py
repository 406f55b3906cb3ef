"""Which kind of file a file is: so that one that is given in the place of another is told with the command that takes it.

Lives here: the signs of each kind, the fault.
Not here: what each kind may say (load/, scenario/layers.py, sweep/cases.py, runs/read.py).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

from allocator.faults import Fault, Place
from allocator.read.inside import typed
from allocator.read.places import Positions
from allocator.read.yaml import read_yaml
from allocator.words import Say

Kind = Literal[
    "model", "scenario", "sweep", "open", "run", "store", "table", "book", "handed", "workbook", "commitment"
]

# What a file that is handed over says of itself: in a workbook as properties, whose names begin so.
SAYS, PROPERTIES, MOST_PROPERTIES = "allocator.", "docProps/custom.xml", 1_000_000
MODEL_FILE, RUN_FILE = "model.yaml", "run.json"
TABLES = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx",)
WORKBOOKS = (".xls", ".xlsm", ".ods", ".et")  # of other forms
_YAML = (".yaml", ".yml")
# A key that only this kind has; a model is what has none of these and one of its own.
_KEYS: Mapping[str, Kind] = {"scenario": "scenario", "sweep": "sweep", "open": "open", "commitment": "commitment"}
_OF_A_MODEL = {"model", "units", "programs", "rules", "objectives", "periods"}


def kind_of(raw: Mapping[Any, Any]) -> Kind | None:
    """The kind of a YAML file by its keys; None where they say nothing."""
    for key, kind in _KEYS.items():
        if key in raw and not {"units", "programs"} & set(raw):
            return kind
    return "model" if _OF_A_MODEL & set(raw) else None


def kind_at(path: Path) -> Kind | None:
    """The kind of a folder, or of a file that is no YAML, by its name and what lies in it; None where it may be any."""
    try:
        if path.is_dir():
            if (path / RUN_FILE).is_file():
                return "run"
            if (path / MODEL_FILE).is_file():
                return "model"
            return "store" if any((inner / RUN_FILE).is_file() for inner in path.iterdir() if inner.is_dir()) else None
        if not path.is_file():
            return None
    except OSError:
        return None
    suffix = path.suffix.lower()
    if suffix in BOOKS:
        return "handed" if _says_its_plan(path) else "book"
    if suffix in WORKBOOKS:
        return "workbook"
    if path.name == RUN_FILE:
        return "run"
    return "table" if suffix in TABLES else None


def _says_its_plan(book: Path) -> bool:
    """Whether a workbook was made of a run, to be handed over: its properties say of which plan."""
    try:
        with zipfile.ZipFile(book) as archive, archive.open(PROPERTIES) as part:
            return f'"{SAYS}plan"'.encode() in part.read(MOST_PROPERTIES)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
        return False


def other_kind(raw: Mapping[Any, Any], positions: Positions, name: str, *wanted: Kind) -> Fault | None:
    """The fault that a YAML file is of another kind than is wanted here."""
    kind = kind_of(raw)
    if kind is None or kind in wanted:
        return None
    sign = next((key for key, of in _KEYS.items() if of == kind), next((k for k in raw if k in _OF_A_MODEL), ""))
    return _fault(kind, positions.at((sign,), key=True), name, wanted)


def other_kind_at(path: Path, *wanted: Kind) -> Fault | None:
    """The fault that a folder or a file is of another kind than is wanted here, as far as can be seen from outside.

    Where no YAML is wanted, a YAML file is looked into.
    """
    kind = kind_at(path)
    if (
        kind is None
        and path.suffix.lower() in _YAML
        and path.is_file()
        and not {"model", "sweep", "open", "commitment"} & set(wanted)
    ):
        kind = kind_of(read_yaml(path, path.name)[0]) or "model"
    return None if kind is None or kind in wanted else _fault(kind, Place(str(path)), str(path), wanted)


def _fault(kind: Kind, place: Place, name: str, wanted: Collection[Kind]) -> Fault:
    params = {
        "is": Say(f"faults.kind.{kind}"),
        "wanted": Say(f"faults.kind.{next(iter(wanted))}"),
        "use": Say(f"faults.use.{kind}", {"file": typed(name)}),
    }
    return Fault("other-kind", place, params)
