"""A folder on disk that is there whole or not at all.

Lives here: writing beside and renaming, the lock of the folder around it, leftovers of writers that were killed; the
refusal to touch a folder that is not a run of ours, or one that is signed.
Not here: what stands in the files (manifest.py, tables.py), the seal of the manifest (read/seal.py).

Whoever writes holds the lock on the folder above (the system lets go of it when a process dies). So a leftover that is
seen under the lock is nobody's any more. A run is kept by its own mark of a signature, or by a line of the ledger beside it, a
signature or an objection: either is enough.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place
from allocator.read.files import regular_bytes, whole
from allocator.read.inside import plain
from allocator.read.ledger_lines import LEDGER, named
from allocator.read.seal import MANIFEST, SEAL, opened, sealed

if sys.platform != "win32":
    import fcntl

SPARE_BYTES = 5_000_000  # for what a run holds beside its inputs
TRIES = 5  # where the system knows no lock, another writer may come between two renames
_LEFT = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}\.(?P<what>new|old|gone)")


class NotARun(Exception):
    """A folder that may not be replaced: `path`, and the first thing in it that no run of ours wrote (None: all of it)."""

    def __init__(self, path: Path, stranger: str | None = None) -> None:
        super().__init__(f"{path}: {stranger or 'not a run'}")
        self.path, self.stranger = path, stranger


class Signed(NotARun):
    """A run that is signed, or that a line of the ledger beside it names: it stays as it is."""


class Replaced(InputError):
    """The run that was read is not there any more: another one stands in its place, or none."""

    def __init__(self, folder: Path) -> None:
        super().__init__([Fault("run-replaced", Place(str(folder)))])


def put(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write `files` (by their paths inside) as `folder`; a run of ours that stands there is replaced.

    Everything is written to a folder beside it, which is then renamed: a reader finds the old run or the new one.
    Raises NotARun; what was there before an error is there after it. Raises ValueError for a name that leaves the folder.
    """
    folder = folder.absolute()
    for name in files:
        if not plain(name):
            raise ValueError(f"no name of a file in a run: {name!r}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder.parent) as locked:
        if locked:
            sweep(folder.parent)
        check(folder)  # not before: another writer may be between two renames
        new, old = _beside(folder, "new"), _beside(folder, "old")
        try:
            new.mkdir()
            for name, data in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            _exchange(new, folder, old)
        finally:
            shutil.rmtree(new, ignore_errors=True)
            if folder.exists():
                shutil.rmtree(old, ignore_errors=True)
    return folder


def _exchange(new: Path, folder: Path, old: Path) -> None:
    for last in (*[False] * (TRIES - 1), True):
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        try:
            new.rename(folder)
            return
        except OSError:
            if folder.exists() and not last:
                continue  # another writer was faster
            if old.exists() and not folder.exists():
                old.rename(folder)
            raise


def amend(
    folder: Path, change: Callable[[dict[str, Any]], Mapping[str, Any]], *, was: str | None = None
) -> dict[str, Any]:
    """Put `change(manifest)` in the place of a run's manifest, in one rename; gives it.

    was: the seal of the manifest that was read before. Raises Replaced where it is another one now; ValueError, OSError.
    """
    folder = whole(folder)  # whoever writes there holds the lock on the folder that it lies in
    with alone(folder.parent) as locked:
        if locked:
            sweep(folder.parent)
        changed = sealed(change(unchanged(folder, was)))
        with beside(folder, MANIFEST, changed) as ready:
            ready.replace(folder / MANIFEST)
    return opened(changed)


def unchanged(folder: Path, was: str | None) -> dict[str, Any]:
    """The manifest as it is now, under the lock. Raises Replaced where its seal is not `was`."""
    try:
        manifest = opened(regular_bytes(folder / MANIFEST))
    except (FileNotFoundError, NotADirectoryError):
        raise Replaced(folder) from None
    if was is not None and manifest[SEAL] != was:
        raise Replaced(folder)
    return manifest


@contextmanager
def beside(home: Path, name: str, data: bytes) -> Iterator[Path]:
    """A file with these bytes, whole and on the disk beside `home`, ready for a rename; what is left of it goes afterwards.

    Only under the lock of the folder around `home`: to anybody else who holds it, the file is a leftover.
    """
    new = _beside(home, "new")
    try:
        new.mkdir()
        with (new / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield new / name
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_alone(path: Path, data: bytes) -> None:
    """Put bytes in the place of a file, in one rename, while nobody else writes there."""
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone(path.parent), beside(path, path.name, data) as ready:
        ready.replace(path)


def move(folder: Path, to: Path, *, was: str | None = None) -> Path:
    """Give a run another name in the same folder; a run of ours that stands there is replaced. Raises NotARun, Replaced."""
    folder, to = folder.absolute(), to.absolute()
    with alone(folder.parent):
        unchanged(folder, was)
        check(to)
        if folder.name in named(folder.parent / LEDGER):
            raise Signed(folder)
        old = _beside(to, "gone")
        if to.exists():
            to.rename(old)
        folder.rename(to)
        shutil.rmtree(old, ignore_errors=True)
    return to


def discard(folder: Path) -> None:
    """Delete a run of ours; one that is gone already is no fault. Raises NotARun."""
    folder = folder.absolute()
    with alone(folder.parent):
        if not os.path.lexists(folder):
            return
        check(folder)
        gone = _beside(folder, "gone")
        folder.rename(gone)  # half-deleted, it is a leftover and no broken run
        shutil.rmtree(gone, ignore_errors=True)
        reasons_file(folder).unlink(missing_ok=True)


def reasons_file(folder: Path) -> Path:
    """Where the reasons of the run in a folder are kept, once they are worked out: beside it, under its name."""
    return folder.absolute().parent / ".reasons" / f"{folder.absolute().name}.json"


def room(folder: Path, size: int = 0) -> None:
    """Raises OSError where a folder or file with so many bytes and some could not be written: asked before a long solve."""
    if folder.exists() and not (folder.is_dir() or folder.is_file()):
        raise OSError(errno.ENODEV, "a pipe or a device", str(folder))
    parent = next(above for above in folder.absolute().parents if above.exists())  # what is below is made with the run
    if not parent.is_dir():
        raise OSError(errno.ENOTDIR, "not a folder", str(parent))
    if shutil.disk_usage(parent).free < size + SPARE_BYTES:
        raise OSError(errno.ENOSPC, "no room", str(parent))
    with alone(parent), beside(parent / folder.name, "probe", b"\0" * 4096):
        return


def leftovers(parent: Path) -> list[Path]:
    """What killed writers left in a folder of runs, sorted."""
    try:
        found = [child for child in parent.iterdir() if _LEFT.fullmatch(child.name)]
    except FileNotFoundError:
        return []
    return sorted(child for child in found if child.is_dir() and not child.is_symlink())


def sweep(parent: Path) -> list[str]:
    """Remove leftovers (only under the lock); a run that was moved aside and never replaced is put back. Gives names."""
    swept = leftovers(parent)
    for child in swept:
        match = _LEFT.fullmatch(child.name)
        assert match is not None
        if match["what"] == "old" and not (parent / match["name"]).exists():
            child.rename(parent / match["name"])
        else:
            shutil.rmtree(child, ignore_errors=True)
    return [child.name for child in swept]


@contextmanager
def alone(parent: Path) -> Iterator[bool]:
    """Nobody else writes in this folder meanwhile; False where the system cannot promise it."""
    if sys.platform == "win32":
        yield False
        return
    handle = os.open(parent, os.O_RDONLY)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:  # some network drives have no locks
        return False
    return True


def _beside(path: Path, what: str) -> Path:
    return path.parent / f".{path.name}.{secrets.token_hex(4)}.{what}"


def check(folder: Path) -> None:
    """Raises NotARun where `folder` is there and holds anything but one run of ours, Signed where that is signed.

    Raises OSError where the ledger beside it cannot be read: then nobody knows what is signed.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotARun(folder)
    if not folder.exists():
        return
    present = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    manifest = _manifest_of(folder)
    if manifest is None:
        if present:
            raise NotARun(folder)
        return
    strangers = [name for name in present if name not in {MANIFEST, *manifest["files"]}]
    if strangers:
        raise NotARun(folder, strangers[0])
    if manifest.get("signed") or folder.name in named(folder.parent / LEDGER):
        raise Signed(folder)


def _manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run, sealed or not; None where there is none of ours."""
    try:
        manifest = opened(regular_bytes(folder / MANIFEST), unsealed=True)
    except (OSError, ValueError):
        return None
    names = manifest.get("files")
    if not manifest.get("allocator") or not isinstance(names, dict | list):
        return None
    return {**manifest, "files": {name for name in names if isinstance(name, str)}}
