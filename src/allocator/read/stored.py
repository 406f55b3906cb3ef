"""A run folder read back, once it is sure that every file is what the run wrote. The one way, for whoever reads a run.

Lives here: the seal of the manifest, its form, the hashes of the files, the plan as a value; faults with file names.
Not here: the run with its model (runs/read.py), writing (runs/write.py), the form itself (records.py).
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place, reason
from allocator.model.allocation import Allocation, Award
from allocator.read.files import MOST_MEGABYTES as MOST_OF_A_FILE
from allocator.read.files import inside, regular_bytes
from allocator.read.kinds import other_kind_at
from allocator.read.records import WITH_PLAN, NotOurs, RunRecord, fits
from allocator.read.seal import MANIFEST, SEAL, BrokenSeal, opened

ALLOCATION = "allocation.csv"
MOST_MEGABYTES = 50  # of a manifest


@dataclass(frozen=True)
class Stored:
    """A run whose files are all as they were written: its manifest, their bytes by name, the plan (None: there is none)."""

    folder: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    allocation: Allocation | None

    def __repr__(self) -> str:
        return f"<run {self.folder}: {self.status}; {self.allocation!r}>"

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

    @property
    def seal(self) -> str:
        """What tells this run from another that was put in its place."""
        return str(self.manifest[SEAL])


def read_stored(folder: str | Path) -> Stored:
    """The run in a folder without its model. Raises InputError.

    A file that was edited, is missing or cannot be read is a fault with its name; so is an edited run.json, and one that no
    run of ours would write. What else lies in the folder is not looked at.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    faults, files = [], {}
    for name, expected in manifest["files"].items():
        place = Place(str(folder / name))
        try:
            data = _own(folder, name)
        except Outside:
            faults.append(Fault("run-file-outside", place))
            continue
        except (FileNotFoundError, NotADirectoryError):
            faults.append(Fault("run-file-missing", place))
            continue
        except OSError as error:
            faults.append(Fault("unreadable-file", place, {"file": name, "reason": reason(error)}))
            continue
        if hashlib.sha256(data).hexdigest() != expected:
            faults.append(Fault("run-file-edited", place))
        files[name] = data
    if faults:
        raise InputError(faults)
    return Stored(folder, manifest, files, _plan(folder, manifest, files))


class Outside(Exception):
    """A file of a run that is a link out of its folder."""


def _own(folder: Path, name: str, most: int = MOST_OF_A_FILE) -> bytes:
    """The bytes of a file that lies in the folder itself. Raises Outside, OSError."""
    if not inside(folder / name, folder):
        raise Outside
    return regular_bytes(folder / name, most)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest alone, its seal and its form checked. Raises InputError."""
    if other := other_kind_at(folder, "run"):
        raise InputError([other])
    place = Place(str(folder / MANIFEST))
    try:
        manifest = opened(_own(folder, MANIFEST, MOST_MEGABYTES))
    except Outside:
        raise InputError([Fault("run-file-outside", place)]) from None
    except (FileNotFoundError, NotADirectoryError):
        code = "no-run" if folder.is_dir() else "missing-run"
        raise InputError([Fault(code, Place(str(folder)))]) from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise InputError([Fault("missing-run", Place(str(folder)))]) from None
        raise InputError([Fault("unreadable-file", place, {"file": MANIFEST, "reason": reason(error)})]) from None
    except BrokenSeal:
        raise InputError([Fault("run-file-edited", place)]) from None
    except NotOurs:
        raise InputError([Fault("no-manifest", place)]) from None
    try:
        fits(RunRecord, manifest)
    except NotOurs as other_form:
        raise InputError([Fault("run-form", place, {"where": other_form.where})]) from None
    return manifest


def _plan(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Allocation | None:
    """The plan that a run has by its status: one that is not there, or is none of ours, is a fault."""
    if (ALLOCATION in files) != (manifest["status"] in WITH_PLAN):
        raise InputError([Fault("run-form", Place(str(folder / MANIFEST)), {"where": "status"})])
    if ALLOCATION not in files:
        return None
    try:
        return plan(files[ALLOCATION])
    except ValueError as error:
        line = error.args[0] if error.args and isinstance(error.args[0], int) else None
        raise InputError([Fault("run-plan", Place(str(folder / ALLOCATION), line=line))]) from None


def plan(data: bytes) -> Allocation:
    """The bytes of allocation.csv as the value that has these bytes. Raises ValueError, with the line where one is to blame."""
    try:
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    except (csv.Error, ValueError):
        raise ValueError from None
    if tuple(head) != Award._fields:
        raise ValueError(1)
    for line, row in enumerate(rows, 2):
        if len(row) != len(head) or not all(_whole(text) for text in row[2:]) or int(row[3]) < 1:
            raise ValueError(line)
    found = Allocation.of((unit, program, int(period), int(amount)) for unit, program, period, amount in rows)
    if found.csv().encode("utf-8") != data:
        raise ValueError
    return found


def _whole(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) <= 17
