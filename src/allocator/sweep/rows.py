"""The rows of former calls of a sweep: which of them still say what the same question would bring.

Lives here: the folder of rows, the name of a row, what makes one known, how one is kept.
Not here: the mark that tells our rows from others (runs/mark.py), what a row holds (work.py), the sweep (run.py).

A row is known where it bears the mark of this user's key, is of the same case, engine and solver, every file and link that its
model was made of is as it was, and its run is there. What is proved holds under any limits; what is not proved only under
those that it was found with. What failed, is wrong input, or lost a solver without a proof is not kept: it is asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from allocator.model.status import Status
from allocator.read.files import digest, regular_bytes
from allocator.runs.engine import EVERYTHING, engine
from allocator.runs.folder import write_alone
from allocator.runs.mark import NoKey, Unmarked, marked, opened, own_key
from allocator.solve import Limits
from allocator.solve.solvers import SOLVERS
from allocator.sweep.cases import Case, Sweep
from allocator.words import Say

PROVED = {status for status in Status if status.proved}  # what the same files give again
OPEN = {Status.WITHIN, Status.NOT_PROVED, Status.NO_PLAN}  # what they give again under the same limits


class Rows:
    """The rows of one sweep. `unkept`: why none is taken and none is kept; None where they are."""

    def __init__(self, asked: Sweep, folder: Path, store: Path, solver: str, limits: Limits) -> None:
        self.folder, self.store, self.limits = folder, store, limits
        self.asked = [str(asked.base), solver, engine(EVERYTHING), *(version(one.package) for one in SOLVERS.values())]
        self.digests: dict[str, str | None] = {}
        self.unkept: Say | None = None
        self._key = b""
        try:
            self._key = own_key()
        except NoKey as error:
            self.unkept = Say(f"commands.sweep.{error.why}", error.told)

    def name(self, case: Case) -> str:
        """The name of a case's row: what is asked, of which engine and solvers; not what the files hold, nor the limits."""
        said = [[str(layer.file), repr(layer.raw)] for layer in case.layers]
        return hashlib.sha256(json.dumps([*self.asked, said]).encode("ascii")).hexdigest()

    def known(self, name: str) -> dict[str, Any] | None:
        """The row of a former call, where asking again would bring the same. Raises Unmarked for one that is not ours."""
        if self.unkept is not None:
            return None
        try:
            row = opened(regular_bytes(self._file(name)), self._key)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            raise Unmarked from None
        if row["key"] != name:
            raise Unmarked
        return row if self._holds(row) else None

    def keep(self, name: str, row: Mapping[str, Any]) -> None:
        """Put a row in its place, in one rename, where it may be known later."""
        status = row["status"]
        if self.unkept is not None or not (status in PROVED or (status in OPEN and row["message"] is None)):
            return
        write_alone(self._file(name), marked({**row, "key": name, "limits": asdict(self.limits)}, self._key))

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.row"

    def _holds(self, row: Mapping[str, Any]) -> bool:
        if row["status"] not in PROVED and row["limits"] != asdict(self.limits):
            return False
        if row["run"] is not None and not (self.store / row["run"]).is_dir():
            return False
        links = all(os.path.realpath(link) == to for link, to in row["links"].items())
        return links and all(self._digest(file) == was for file, was in row["files"].items())

    def _digest(self, file: str) -> str | None:
        if file not in self.digests:
            self.digests[file] = digest(Path(file))
        return self.digests[file]
