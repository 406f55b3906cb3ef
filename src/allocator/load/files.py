"""The bytes of a file that an input names, or the fault that says why there are none.

Lives here: missing, unreadable and oversized files; the text of UTF-8 bytes; which files were read, each of them once.
Not here: what stands in a file (yaml.py, tables.py), opening one (regular.py).
"""

import codecs
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from allocator.faults import Fault, Place, nearest, reason
from allocator.load.regular import MEGABYTE, bytes_of

_seen: ContextVar[dict[Path, str | None] | None] = ContextVar("files read", default=None)


_kept: ContextVar[dict[Path, bytes] | None] = ContextVar("bytes of files", default=None)


@contextmanager
def read_once() -> Iterator[dict[Path, bytes]]:
    """The bytes of every file that is read while this lasts, by its whole path: who asks again gets the same ones.

    So what a model was made of, and what is kept of it, is one thing, whoever saves a file meanwhile.
    """
    outer = _kept.get()
    if outer is not None:
        yield outer
        return
    found: dict[Path, bytes] = {}
    token = _kept.set(found)
    try:
        yield found
    finally:
        _kept.reset(token)


@contextmanager
def files_read() -> Iterator[dict[Path, str | None]]:
    """Every file that inputs name while this lasts, by its whole path, with the SHA-256 of its bytes; None: there is none."""
    found: dict[Path, str | None] = {}
    token = _seen.set(found)
    try:
        yield found
    finally:
        _seen.reset(token)


def digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None where there is none that can be read."""
    try:
        return hashlib.sha256(bytes_of(path)).hexdigest()
    except OSError:
        return None


def note(path: Path) -> None:
    """This file is read too, by other means than read_bytes."""
    if (seen := _seen.get()) is not None:
        seen[path.resolve()] = digest(path)


def read_bytes(path: Path, name: str, place: Place | None, most_megabytes: int) -> bytes | Fault:
    """All bytes of `path`, called `name` in messages, or one fault at `place`: where the file is named.

    Without `place` the fault stands at the file itself.
    """
    kept, whole = _kept.get(), path.absolute()
    if kept is not None and whole in kept:
        return kept[whole]
    data = _read(path, name, place or Place(name), most_megabytes)
    if (seen := _seen.get()) is not None:
        seen[path.resolve()] = hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else None
    if kept is not None and isinstance(data, bytes):
        kept[whole] = data
    return data


def _read(path: Path, name: str, at: Place, most_megabytes: int) -> bytes | Fault:
    try:
        if path.is_dir():
            return Fault("not-a-file", at, {"file": name})
        if not path.exists():
            return Fault("missing-file", at, {"file": name}, nearest=_nearest_file(path))
        size = path.stat().st_size
        if size > most_megabytes * MEGABYTE:
            return Fault(
                "file-too-large", at, {"file": name, "megabytes": -(-size // MEGABYTE), "most": most_megabytes}
            )
        return bytes_of(path, most_megabytes)
    except OSError as error:
        return Fault("unreadable-file", at, {"file": name, "reason": reason(error)})


def text_of(data: bytes, name: str) -> str | Fault:
    """UTF-8, with or without its mark, as text; a fault at the first byte that is none."""
    data = data.removeprefix(codecs.BOM_UTF8)  # not decoded as "utf-8-sig": that counts its errors from after the mark
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault("not-utf8", place_of_byte(data, error.start, name), {"byte": f"0x{data[error.start]:02X}"})


def place_of_byte(data: bytes, index: int, name: str) -> Place:
    """Line and column of a byte, its line read as UTF-8 up to there."""
    start = data.rfind(b"\n", 0, index) + 1
    before = data[start:index].decode("utf-8", errors="replace")
    return Place(name, line=data.count(b"\n", 0, index) + 1, column=len(before) + 1)


def _nearest_file(path: Path) -> str | None:
    try:
        return nearest(path.name, (entry.name for entry in path.parent.iterdir() if entry.is_file()))
    except OSError:  # the folder is missing too, or is closed to us: there is nothing to suggest
        return None
