"""A folder of runs as a store: what runs there are, which one has the answer to a problem, which may go.

Lives here: the entries, the index (a cache of manifests that anyone may delete), the search by key, what is prunable.
Not here: reading one run with its hashes (read.py), writing and deleting folders (folder.py), the key (key.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from allocator.faults import InputError
from allocator.load.seal import MANIFEST
from allocator.runs.folder import NotARun, alone, check, discard, leftovers, sweep, write_alone
from allocator.runs.ledger import LEDGER, named
from allocator.runs.read import read_manifest

INDEX = ".index.json"
INDEX_FROM = 40  # runs: fewer are read as fast without it, and their folder is left without a file of ours
FORM = 1  # of the index
# What is known of every run without opening it again.
KEPT = ("model", "id", "title", "status", "written", "problem", "engine", "taken_from", "signed")

State = Literal["whole", "edited", "broken"]
Why = Literal["leftover", "broken", "not-proved", "superseded"]
_PROVED = {"not proved": 0, "within": 1, "optimal": 2, "infeasible": 2}


@dataclass(frozen=True)
class Entry:
    """One run of a store. `state`: whole (as far as names of files tell), edited (its manifest is), broken (files are gone)."""

    folder: Path
    state: State
    told: Mapping[str, Any]  # KEPT of the manifest, with its stages' values, its solver and its certificate's verdict

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def status(self) -> str:
        return str(self.told["status"]) if self.state == "whole" else self.state

    @property
    def signed(self) -> bool:
        return bool(self.told.get("signed"))


@dataclass(frozen=True)
class Prunable:
    """What may be deleted, and why; `by` is the run that supersedes it."""

    folder: Path
    why: Why
    by: str | None = None


def entries(store: Path) -> list[Entry]:
    """Every run of ours in a store, by name. Strangers, half-written folders and runs further down are not seen."""
    if not store.is_dir():
        return []
    known = _index(store)
    found: list[Entry] = []
    kept: dict[str, Any] = {}
    for folder in sorted(path for path in store.iterdir() if not path.name.startswith(".")):
        try:
            stat = (folder / MANIFEST).stat()
        except OSError:
            continue
        stamp = [stat.st_mtime_ns, stat.st_size, stat.st_ino]
        held = known.get(folder.name)
        if held is None or held["stamp"] != stamp:
            held = _told(folder)
            if held is None:
                continue
            held["stamp"] = stamp
        kept[folder.name] = held
        missing = [name for name in held["files"] if not (folder / name).is_file()]
        state: State = "broken" if missing else "edited" if held["edited"] else "whole"
        found.append(Entry(folder, state, held["told"]))
    if kept != known and (len(kept) >= INDEX_FROM or known):
        _keep(store, kept)
    return found


def _told(folder: Path) -> dict[str, Any] | None:
    """What the index holds of a run; None where the manifest is none of ours."""
    try:
        manifest = read_manifest(folder)
        edited = False
    except InputError as error:
        if [fault.code for fault in error.faults] != ["run-file-edited"]:
            return None
        manifest, edited = json.loads((folder / MANIFEST).read_bytes()), True
    try:
        told = {key: manifest[key] for key in KEPT}
        told["values"] = [stage["value"] for stage in manifest["stages"]]
        told["solver"] = [manifest["proof"]["solver"], manifest["proof"]["version"]]
        told["certificate"] = None if manifest["certificate"] is None else manifest["certificate"]["verdict"]
        files = [name for name in manifest["files"] if isinstance(name, str)]
    except (KeyError, TypeError):
        return None
    return {"told": told, "files": files, "edited": edited}


def _index(store: Path) -> dict[str, Any]:
    """The index as it stands; empty where there is none that can be read: it is made again."""
    try:
        held = json.loads((store / INDEX).read_text(encoding="utf-8"))
        runs = held["runs"] if held["form"] == FORM else {}
        complete = all({"told", "files", "edited", "stamp"} <= set(run) for run in runs.values())
        return dict(runs) if complete else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(store: Path, runs: Mapping[str, Any]) -> None:
    """Another writer's index may be lost by this: whoever comes next reads the runs that it lacks."""
    text = json.dumps({"form": FORM, "runs": runs}, ensure_ascii=False)
    try:
        write_alone(store / INDEX, lambda _: text.encode("utf-8"))
    except OSError:
        return  # a store that may only be read has no index


def prunable(store: Path) -> list[Prunable]:
    """Leftovers of killed writers, broken runs, plans not proved, runs that a later one of the same model supersedes.

    Never a signed run, a disagreement, an edited run, or a folder that holds a file of somebody else's.
    """
    found = [Prunable(path, "leftover") for path in leftovers(store)]
    signed = named(store / LEDGER)
    runs = [one for one in entries(store) if one.state != "edited" and one.name not in signed and _ours(one.folder)]
    staying: list[Entry] = []
    for entry in runs:
        if entry.state == "broken":
            found.append(Prunable(entry.folder, "broken"))
        elif entry.status == "not proved":
            found.append(Prunable(entry.folder, "not-proved"))
        elif entry.status in _PROVED:
            staying.append(entry)
    last = {}
    for entry in sorted(staying, key=_rank):
        last[entry.told["id"]] = entry
    for entry in staying:
        better = last[entry.told["id"]]
        if better is not entry:
            found.append(Prunable(entry.folder, "superseded", better.name))
    return sorted(found, key=lambda one: one.folder.name)


def _rank(entry: Entry) -> tuple[int, bool, str, str]:
    """The last one stays: proved further, then certified, then written later."""
    told = entry.told
    return _PROVED[entry.status], told["certificate"] == "certified", told["written"], entry.name


def _ours(folder: Path) -> bool:
    try:
        check(folder)
    except NotARun:  # signed runs are told by it as well
        return False
    return True


def prune(found: Iterable[Prunable], done: Callable[[Prunable], None] = lambda _: None) -> None:
    """Delete them. A folder that has changed its nature meanwhile stays."""
    for one in found:
        try:
            if one.why == "leftover":
                with alone(one.folder.parent) as locked:
                    if locked:
                        sweep(one.folder.parent)
                    else:
                        shutil.rmtree(one.folder, ignore_errors=True)
            elif one.folder.exists():
                discard(one.folder)
        except NotARun:
            continue
        done(one)
