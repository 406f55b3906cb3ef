"""A folder of runs as a store: what runs there are, which one has the answer to a problem, which may go.

Lives here: the entries, the index (a cache that anyone may delete, and that decides nothing), the search by key, what is
prunable.
Not here: reading one run with its hashes (read/stored.py), writing and deleting folders (runs/folder.py), the key (key.py).

A store may be shared: whatever stands in one folder of it, the other runs are found. What a folder says of itself can cost
that folder only: a run goes for the sake of another one if it is a copy of it, file by file and claim by claim.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from allocator.faults import InputError
from allocator.read.files import regular_bytes
from allocator.read.records import KnownRecord, NotOurs, fits, json_of, mapping_of
from allocator.read.seal import MANIFEST, SEAL
from allocator.runs.folder import NotARun, alone, check, discard, leftovers, sweep, write_alone
from allocator.runs.read import Stored, read_manifest, read_stored

INDEX = ".index.json"
INDEX_FROM = 40  # runs: fewer are read as fast without it, and their folder is left without a file of ours
FORM = 3  # of the index
# What is told of every run.
KEPT = ("model", "id", "title", "status", "written", "problem", "engine", "taken_from", "signed")

State = Literal["whole", "edited", "broken"]
Why = Literal["leftover", "broken", "not-proved", "superseded"]
_PROVED = ("within", "optimal", "infeasible")
# When a run was made, by whom it was signed, how long it took: two copies of one run may differ in these.
_NO_CLAIM = {SEAL, "allocator", "written", "taken_from", "signed", "options", "seconds", "questions", "threads", "seed"}


@dataclass(frozen=True)
class Entry:
    """One run of a store. `state`: whole (as far as its manifest and the names of files tell), edited (its manifest is),
    broken (files are gone, or what the manifest says is nothing that a run says). `told`: KEPT of the manifest, with the draw's
    seed, its stages' values, its solver and its certificate's verdict.
    """

    folder: Path
    state: State
    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def status(self) -> str:
        return str(self.told["status"]) if self.state == "whole" else self.state

    @property
    def signed(self) -> bool:
        return bool(self.told["signed"])


@dataclass(frozen=True)
class Prunable:
    """What may be deleted, and why; `by` is the run that supersedes it."""

    folder: Path
    why: Why
    by: str | None = None


# Of a run that says nothing we can use.
UNKNOWN: Mapping[str, Any] = {
    **dict.fromkeys(KEPT),
    "title": {"zh": "", "en": ""},
    "signed": [],
    "seed": None,
    "values": [],
    "solver": [None, None],
    "certificate": None,
}


def entries(store: Path, *, cached: bool = False) -> list[Entry]:
    """Every run of ours in a store, by name. Strangers, half-written folders and runs further down are not seen.

    cached: from the index where a run.json has not changed since: for whoever looks for runs that are worth opening.
    """
    index = _index(store) if cached else {}
    found: list[Entry] = []
    kept: dict[str, Any] = {}
    for folder in _folders(store):
        stamp = _stamp(folder)
        held = index.get(folder.name)
        if held is None or held["stamp"] != stamp:
            held = _told(folder)
        if held is None:
            continue
        if isinstance(held, Entry):
            found.append(held)
            continue
        kept[folder.name] = held | {"stamp": stamp}
        whole = all((folder / name).is_file() for name in held["files"])
        found.append(Entry(folder, "whole" if whole else "broken", held["told"]))
    if cached and kept != index and (len(kept) >= INDEX_FROM or index):
        _keep(store, kept)
    return found


def _folders(store: Path) -> list[Path]:
    """What may be a run."""
    try:
        inside = sorted(path for path in store.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder for folder in inside if _stamp(folder)]


def _stamp(folder: Path) -> list[int]:
    """What changes whenever a run.json is put in the place of another; empty where there is none."""
    try:
        stat = (folder / MANIFEST).lstat()
    except OSError:
        return []
    return [stat.st_mtime_ns, stat.st_size, stat.st_ino]


def _told(folder: Path) -> dict[str, Any] | Entry | None:
    """What the index holds of a run; the entry of one that says nothing we can use; None where run.json is somebody else's."""
    try:
        manifest = read_manifest(folder)
    except InputError as error:
        if _stranger(folder):
            return None
        edited = [fault.code for fault in error.faults] == ["run-file-edited"]
        return Entry(folder, "edited" if edited else "broken", UNKNOWN)
    told = {key: manifest[key] for key in KEPT}
    told["seed"] = manifest["draw"]["seed"]
    told["values"] = [stage["value"] for stage in manifest["stages"]]
    told["solver"] = [manifest["proof"]["solver"], manifest["proof"]["version"]]
    told["certificate"] = None if manifest["certificate"] is None else manifest["certificate"]["verdict"]
    return {"told": told, "files": list(manifest["files"])}


def _stranger(folder: Path) -> bool:
    """A document of another program, which calls its file run.json too."""
    try:
        held = json_of(regular_bytes(folder / MANIFEST))
    except (OSError, NotOurs):
        return False
    return not isinstance(held, dict) or "allocator" not in held


def _index(store: Path) -> dict[str, Any]:
    """The index as it stands, as far as it is one: what is missing is read from the runs."""
    try:
        held = mapping_of(regular_bytes(store / INDEX))
    except (OSError, NotOurs):
        return {}
    runs = held.get("runs") if held.get("form") == FORM else None
    return {name: run for name, run in runs.items() if _fits(run)} if isinstance(runs, dict) else {}


def _fits(run: object) -> bool:
    try:
        fits(KnownRecord, run)
    except NotOurs:
        return False
    return True


def _keep(store: Path, runs: Mapping[str, Any]) -> None:
    """Another writer's index may be lost by this: whoever comes next reads the runs that it lacks."""
    text = json.dumps({"form": FORM, "runs": runs}, ensure_ascii=False)
    try:
        write_alone(store / INDEX, text.encode("utf-8"))
    except OSError:
        return  # a store that may only be read has no index


# What may go ------------------------------------------------------------------------------------------------------------


def prunable(store: Path) -> list[Prunable]:
    """Leftovers of killed writers, runs whose files are gone, plans not proved, copies of a run that was written later.

    Never a signed run, a disagreement, an edited run, one that says what no run says, or a folder that holds a file of
    somebody else's.
    """
    found = [Prunable(path, "leftover") for path in leftovers(store)]
    staying: list[Stored] = []
    for entry in entries(store):
        if entry.state == "edited" or entry.told is UNKNOWN or not _ours(entry.folder):
            continue
        if entry.state == "broken":
            found.append(Prunable(entry.folder, "broken"))
        elif entry.status == "not proved":
            found.append(Prunable(entry.folder, "not-proved"))
        elif entry.status in _PROVED:
            try:
                staying.append(read_stored(entry.folder))
            except InputError:  # a file of it was edited
                continue
    last: dict[str, Stored] = {}
    for stored in sorted(staying, key=_written):
        last[_claims(stored)] = stored
    for stored in staying:
        later = last[_claims(stored)]
        if later is not stored:
            found.append(Prunable(stored.folder, "superseded", later.name))
    return sorted(found, key=lambda one: one.folder.name)


def _written(stored: Stored) -> tuple[str, str]:
    return stored.manifest["written"], stored.name


def _claims(stored: Stored) -> str:
    """Everything that a run says of its problem and its plan, and the hashes of its files, which were checked."""
    return json.dumps(_without(stored.manifest), sort_keys=True)


def _without(held: Any) -> Any:
    if isinstance(held, dict):
        return {key: _without(value) for key, value in held.items() if key not in _NO_CLAIM}
    return [_without(value) for value in held] if isinstance(held, list) else held


def _ours(folder: Path) -> bool:
    try:
        check(folder)
    except (NotARun, OSError):  # signed runs are told by it as well
        return False
    return True


def prune(found: Iterable[Prunable], done: Callable[[Prunable], None] = lambda _: None) -> None:
    """Delete them. A folder that has changed its nature meanwhile stays; one that is gone is no fault."""
    for one in found:
        try:
            if one.why == "leftover":
                with alone(one.folder.parent) as locked:
                    if locked:
                        sweep(one.folder.parent)
                    else:
                        shutil.rmtree(one.folder, ignore_errors=True)
            else:
                discard(one.folder)
        except NotARun:
            continue
        done(one)
