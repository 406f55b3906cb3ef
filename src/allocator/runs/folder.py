"""A folder on disk that is there whole or not at all.

Lives here: writing beside and renaming; the refusal to touch a folder that is not a run of ours.
Not here: what stands in the files (manifest.py, tables.py).
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

MANIFEST = "run.json"


class NotARun(Exception):
    """A folder that may not be replaced: `path`, and the first thing in it that no run of ours wrote (None: all of it)."""

    def __init__(self, path: Path, stranger: str | None = None) -> None:
        super().__init__(f"{path}: {stranger or 'not a run'}")
        self.path, self.stranger = path, stranger


def put(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write `files` (by their paths inside) as `folder`; a run of ours that stands there is replaced.

    Everything is written to a folder beside it, which is then renamed: a reader finds the old run or the new one.
    Raises NotARun; what was there before an error is there after it.
    """
    folder = folder.absolute()
    check(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    new, old = beside.with_suffix(".new"), beside.with_suffix(".old")
    try:
        new.mkdir()
        for name, data in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
    return folder


def check(folder: Path) -> None:
    """Raises NotARun where `folder` is there and holds anything but one run of ours."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotARun(folder)
    if not folder.exists():
        return
    present = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    ours = _files_of(folder)
    if ours is None:
        if present:
            raise NotARun(folder)
        return
    strangers = [name for name in present if name not in ours]
    if strangers:
        raise NotARun(folder, strangers[0])


def _files_of(folder: Path) -> set[str] | None:
    """The files that the manifest of a run says it has; None where there is no manifest of ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *manifest["files"]} if manifest["allocator"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
