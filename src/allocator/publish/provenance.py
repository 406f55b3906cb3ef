"""The run that a file was made of: what a file says of its run, the file's bytes, and the run found by what it says in a store.

Lives here: these three.
Not here: what a file says of itself as a value (report/provenance.py), the figures in it (replayed/).
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from allocator.faults import Fault, InputError, Place, reason
from allocator.publish.content import Content
from allocator.publish.made import number_of
from allocator.read.files import regular_bytes
from allocator.read.stored import ALLOCATION
from allocator.report.provenance import Provenance
from allocator.runs.read import Run, read_manifest, read_run
from allocator.store.entries import entries


def provenance(content: Content, kind: str) -> Provenance:
    """What a file says that is made of some tables."""
    return Provenance(kind, content.number, content.id, content.run, content.names.lang, version("allocator"))


def bytes_of(file: Path, megabytes: int) -> bytes:
    """A file that was handed over, as it is. Raises InputError."""
    place = Place(str(file))
    try:
        return regular_bytes(file, megabytes)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError([Fault("replay-no-file", place)]) from None
    except OSError as error:
        raise InputError([Fault("unreadable-file", place, {"file": file.name, "reason": reason(error)})]) from None


def run_of(said: Provenance, file: Path, store: Path, folder: Path | None) -> Run:
    """The run that a file was made of: the one in `folder`, else one of the store. Raises InputError where there is none."""
    if folder is not None:
        run = read_run(folder)
        if not _made_of(said, run):
            found = "-" if run.allocation is None else number_of(run.files[ALLOCATION])
            raise InputError([Fault("replay-other-run", Place(str(folder)), found=found, expected=said.plan)])
        return run
    there = [entry for entry in entries(store) if entry.state == "whole" and _of_plan(said, entry.folder)]
    if not there:
        raise InputError([Fault("replay-no-run", Place(str(file)), {"plan": said.plan, "store": str(store)})])
    ids = {str(entry.told["id"]) for entry in there}
    if len(ids) > 1:  # the same awards under different models: a letter does not say which
        params: dict[str, object] = {"plan": said.plan, "runs": [str(entry.folder) for entry in there]}
        raise InputError([Fault("replay-many-runs", Place(str(file)), params)])
    there.sort(key=lambda entry: (entry.name != said.run, entry.name))
    return read_run(there[0].folder)


def _of_plan(said: Provenance, folder: Path) -> bool:
    """As far as a manifest tells; whether it is true is asked when the run is read."""
    try:
        manifest = read_manifest(folder)
    except InputError:
        return False
    digest = str(manifest["files"].get(ALLOCATION, ""))
    return digest.startswith(said.plan) and said.id in ("", str(manifest["id"]))


def _made_of(said: Provenance, run: Run) -> bool:
    same = run.allocation is not None and number_of(run.files[ALLOCATION]) == said.plan
    return same and said.id in ("", run.id)
