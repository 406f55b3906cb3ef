"""The bytes of a file, or the fault that says why there are none: the one place where files of others are opened.

Lives here: missing, unreadable, oversized and special files; the text of UTF-8 bytes; each file read once; which files were read.
Not here: what stands in a file (yaml.py, tables.py).
"""

import codecs
import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from allocator.faults import Fault, Place, nearest, reason

MOST_MEGABYTES = 500  # of any file; a table of a million rows has 100
_MEGABYTE = 1_000_000
_AT_ONCE = 1 << 20
_kept: ContextVar[dict[Path, bytes] | None] = ContextVar("bytes of files", default=None)
_seen: ContextVar["Seen | None"] = ContextVar("files read", default=None)

MODEL_FILE = "model.yaml"


class NotAFile(OSError):
    """A folder, a pipe, a device or a socket: nothing is read of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.ENODEV, "not a regular file", str(path))


class TooLarge(OSError):
    """A file of more than `most` megabytes."""

    def __init__(self, path: Path, size: int, most: int) -> None:
        super().__init__(errno.EFBIG, "too large", str(path))
        self.megabytes, self.most = -(-size // _MEGABYTE), most


@dataclass(frozen=True)
class Seen:
    """What was read: every file with the SHA-256 of its bytes (None: there were none), every path that goes through links with
    where it led."""

    files: dict[str, str | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def read(self, path: Path, data: bytes | None) -> None:
        found = None if data is None else hashlib.sha256(data).hexdigest()
        before = self.files.setdefault(str(path.absolute()), found)
        self.files[str(path.absolute())] = found if before == found else None  # changed meanwhile: no file is like that

    def led(self, path: str, to: str) -> None:
        self.links[path] = to if self.links.setdefault(path, to) == to else ""


def regular_bytes(path: Path, most_megabytes: int = MOST_MEGABYTES) -> bytes:
    """All bytes of a regular file. Raises OSError; NotAFile, TooLarge: neither waits for a pipe nor reads without end."""
    seen = _seen.get()
    if seen is None:
        return _bytes(path, most_megabytes)
    data = None
    try:
        data = _bytes(path, most_megabytes)
        return data
    finally:
        seen.read(path, data)


def _bytes(path: Path, most_megabytes: int) -> bytes:
    most = most_megabytes * _MEGABYTE
    if not stat.S_ISREG(path.stat().st_mode):  # opening a device may do something
        raise NotAFile(path)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", closefd=True) as file:
        held = os.fstat(file.fileno())  # it may be another one by now
        if not stat.S_ISREG(held.st_mode):
            raise NotAFile(path)
        if held.st_size > most:
            raise TooLarge(path, held.st_size, most_megabytes)
        parts, size = [], 0
        while part := file.read(_AT_ONCE):  # a file may say that it is empty, or grow while it is read
            parts.append(part)
            if (size := size + len(part)) > most:
                raise TooLarge(path, size, most_megabytes)
    return b"".join(parts)


@contextmanager
def read_once(known: Mapping[Path, bytes] | None = None) -> Iterator[dict[Path, bytes]]:
    """The bytes of every file that is read while this lasts, by its whole path: who asks again gets the same ones.

    So what a model was made of, and what is kept of it, is one thing, whoever saves a file meanwhile. `known`: files that are
    taken as read already, whoever has read them before.
    """
    outer = _kept.get()
    if outer is not None and known is None:
        yield outer
        return
    found: dict[Path, bytes] = dict(known or {})
    token = _kept.set(found)
    try:
        yield found
    finally:
        _kept.reset(token)


@contextmanager
def files_read() -> Iterator[Seen]:
    """All that is read of files while this lasts, in this thread; bytes that were kept before are read again."""
    found = Seen()
    tokens = _seen.set(found), _kept.set(None)
    try:
        yield found
    finally:
        _seen.reset(tokens[0])
        _kept.reset(tokens[1])


def digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None where there is none that can be read."""
    try:
        return hashlib.sha256(regular_bytes(path)).hexdigest()
    except OSError:
        return None


def whole(path: Path) -> Path:
    """The path from the root, without links and steps back; of a loop of links as far as that goes."""
    to = os.path.realpath(path)
    if (seen := _seen.get()) is not None and to != (said := str(path.absolute())):
        seen.led(said, to)
    return Path(to)


def inside(path: Path, folder: Path) -> bool:
    """Whether a path stays in a folder, wherever links lead; the folder itself may be reached through one."""
    return whole(path).is_relative_to(whole(folder))


def holds(path: Path) -> bool:
    """Whether bytes are kept for a path while `read_once` lasts."""
    kept = _kept.get()
    return kept is not None and whole(path) in kept


def keep(path: Path, data: bytes) -> None:
    """Keep what was read from a part of a file as the bytes of a file of its own."""
    if (kept := _kept.get()) is not None:
        kept[whole(path)] = data


def read_bytes(path: Path, name: str, place: Place | None, most_megabytes: int) -> bytes | Fault:
    """All bytes of `path`, called `name` in messages, or one fault at `place`: where the file is named.

    Without `place` the fault stands at the file itself.
    """
    kept, at = _kept.get(), whole(path)
    if kept is not None and at in kept:
        return kept[at]
    data = _read(path, name, place or Place(name), most_megabytes)
    if kept is not None and isinstance(data, bytes):
        kept[at] = data
    return data


def _read(path: Path, name: str, at: Place, most_megabytes: int) -> bytes | Fault:
    try:
        return regular_bytes(path, most_megabytes)
    except (FileNotFoundError, NotADirectoryError):
        return Fault("missing-file", at, {"file": name}, nearest=_nearest_file(path))
    except NotAFile:
        return Fault("not-a-file" if path.is_dir() else "special-file", at, {"file": name})
    except TooLarge as large:
        return Fault("file-too-large", at, {"file": name, "megabytes": large.megabytes, "most": large.most})
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
