"""A run folder read back, once it is sure that every file is what the run wrote.

Lives here: the hashes of the files and the seal of the manifest, checked; the run as a value; faults with file names.
Not here: writing (write.py), which runs there are (store.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place, reason
from allocator.load import load
from allocator.load.kinds import other_kind_at
from allocator.load.seal import MANIFEST, Broken, opened
from allocator.model.allocation import Allocation, Award
from allocator.model.policy import Model
from allocator.runs.files import sha256
from allocator.runs.identity import model_id

ALLOCATION = "allocation.csv"
SAID = "scenario/"  # the scenario's own files, beside the model that came out: what was said, for whoever audits


@dataclass(frozen=True)
class Stored:
    """A run whose files are all as they were written: its manifest, and their bytes by name."""

    folder: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"<run {self.name}: {self.status}>"

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def status(self) -> str:
        return str(self.manifest["status"])

    @property
    def id(self) -> str:
        """The hash of the model's content."""
        return str(self.manifest["id"])

    @cached_property
    def allocation(self) -> Allocation | None:
        """The plan; None where there is none, as in an infeasible run."""
        data = self.files.get(ALLOCATION)
        if data is None:
            return None
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8")))
        if tuple(head) != Award._fields:
            raise ValueError(f"{ALLOCATION}: {head}")
        return Allocation.of((unit, program, int(period), int(amount)) for unit, program, period, amount in rows)


@dataclass(frozen=True)
class Run(Stored):
    """A stored run with its model."""

    model: Model

    __repr__ = Stored.__repr__


def read_run(folder: str | Path) -> Run:
    """The run in a folder, with its model and its plan, every hash checked. Raises InputError.

    A file that was edited, is missing or cannot be read is a fault with its name; so is an edited run.json. What else lies
    in the folder is not looked at.
    """
    stored = read_stored(folder)
    model = load(stored.folder)
    if model_id(model) != stored.id:
        place = Place(str(stored.folder / MANIFEST))
        raise InputError([Fault("run-other-model", place, found=stored.id[:8], expected=model_id(model)[:8])])
    said = {name.removeprefix(SAID): data for name, data in stored.files.items() if name.startswith(SAID)}
    return Run(stored.folder, stored.manifest, stored.files, replace(model, said=said))


def read_stored(folder: str | Path) -> Stored:
    """The same without the model: quicker. Raises InputError."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    faults, files = [], {}
    for name, expected in manifest["files"].items():
        place = Place(str(folder / name))
        try:
            data = (folder / name).read_bytes()
        except FileNotFoundError:
            faults.append(Fault("run-file-missing", place))
            continue
        except OSError as error:
            why = reason(error)
            faults.append(Fault("unreadable-file", place, {"file": name, "reason": why}))
            continue
        if sha256(data) != expected:
            faults.append(Fault("run-file-edited", place))
        files[name] = data
    if faults:
        raise InputError(faults)
    return Stored(folder, manifest, files)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest alone, its seal checked; `files` is there with a hash for each. Raises InputError."""
    if other := other_kind_at(folder, "run"):
        raise InputError([other])
    place = Place(str(folder / MANIFEST))
    try:
        manifest = opened((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        code = "no-run" if folder.is_dir() else "missing-run"
        raise InputError([Fault(code, Place(str(folder)))]) from None
    except OSError as error:
        why = reason(error)
        raise InputError([Fault("unreadable-file", place, {"file": MANIFEST, "reason": why})]) from error
    except Broken:
        raise InputError([Fault("run-file-edited", place)]) from None
    except ValueError:
        raise InputError([Fault("no-manifest", place)]) from None
    return manifest
