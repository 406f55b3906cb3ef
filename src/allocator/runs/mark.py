"""The mark on what was worked out and kept, by a key that this user alone holds: what tells ours from what somebody else wrote.

Lives here: where the key lies, how it is made and what is asked of it; a record as marked bytes, and back.
Not here: what is kept: rows of sweeps (sweep/), reasons of runs (answer/reasons.py).

Whoever may write into a folder can write a record that looks like ours, with every hash in it. So it bears an HMAC-SHA256
of all that it says. The key never leaves this machine: workers elsewhere give rows back, and only the host marks them.
"""

from __future__ import annotations

import errno
import hmac
import json
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocator.faults import reason
from allocator.read.files import regular_bytes
from allocator.read.records import mapping_of
from allocator.runs.folder import alone

BYTES = 32
FILE_MODE, FOLDER_MODE = 0o600, 0o700
OF_OTHERS = 0o022  # whoever may write into the folder may put another key there
# What a mark is for; one on anything else is none.
SWEEP_ROW = b"allocator: a row of a sweep\n"
REASONS = b"allocator: the reasons of a run\n"


class NoKey(Exception):
    """There is no key that could be used; `why`: no-key or odd-key, `told`: which file, and the system's reason."""

    def __init__(self, why: str, **told: object) -> None:
        super().__init__(why)
        self.why, self.told = why, told


class Unmarked(ValueError):
    """A record without the mark of this key."""


def own_key() -> bytes:
    """The key of this user, made on first use. Raises NoKey."""
    file = Path("~")
    try:
        file = _place()
        if not os.path.lexists(file):
            _make(file)
        key = _read(file)
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody says where the home of this user is
        why = error if isinstance(error, OSError) else FileNotFoundError(errno.ENOENT, "no home")
        raise NoKey("no-key", file=str(file), reason=reason(why)) from error
    if key is None:
        raise NoKey("odd-key", file=str(file))
    return key


def marked(record: Mapping[str, Any], key: bytes, purpose: bytes = SWEEP_ROW) -> bytes:
    """A record with its mark on a line of its own."""
    body = json.dumps(record).encode("ascii")
    return body + b"\n" + _mark(body, key, purpose) + b"\n"


def opened(data: bytes, key: bytes, purpose: bytes = SWEEP_ROW) -> dict[str, Any]:
    """The record in `data`; nothing of it is read before its mark holds. Raises Unmarked."""
    body, _, mark = data.removesuffix(b"\n").rpartition(b"\n")
    if not hmac.compare_digest(mark, _mark(body, key, purpose)):
        raise Unmarked
    return mapping_of(body)


def _mark(body: bytes, key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose + body, "sha256").hex().encode("ascii")


def _place() -> Path:
    """As the systems say where a program keeps what it must remember: XDG, or the local data of Windows. Raises RuntimeError."""
    windows = sys.platform == "win32"
    variable, usual = ("LOCALAPPDATA", "~/AppData/Local") if windows else ("XDG_STATE_HOME", "~/.local/state")
    said = Path(os.environ.get(variable, ""))
    above = said if said.is_absolute() else Path(usual).expanduser()
    if not above.is_absolute():
        raise RuntimeError("no home")
    return above / "allocator" / "key"


def _make(file: Path) -> None:
    """A new key, whole or not at all. Raises OSError, also for a place in a folder of somebody else."""
    above = next(folder for folder in file.parents if folder.exists())
    if not _ours(above.stat()):
        raise PermissionError(errno.EACCES, "not this user's", str(file))
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
    new = file.with_name(f".key.{secrets.token_hex(4)}.new")
    with alone(file.parent):
        if os.path.lexists(file):  # another process was faster
            return
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as written:
                written.write(secrets.token_bytes(BYTES))
                written.flush()
                os.fsync(written.fileno())
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)


def _read(file: Path) -> bytes | None:
    """The key; None where somebody else could have read or written it, or where it is no key of ours. Raises OSError."""
    folder = file.parent.stat()
    if not _ours(folder) or (_modes() and folder.st_mode & OF_OTHERS) or not _private(file.stat()):
        return None
    key = regular_bytes(file)
    return key if len(key) == BYTES else None


def _private(told: os.stat_result) -> bool:
    closed = not _modes() or stat.S_IMODE(told.st_mode) == FILE_MODE
    return stat.S_ISREG(told.st_mode) and closed and _ours(told)


def _ours(told: os.stat_result) -> bool:
    return sys.platform == "win32" or told.st_uid == os.geteuid()


def _modes() -> bool:
    """Windows has no modes: what lies in the local data of a user is closed to others by its own lists."""
    return sys.platform != "win32"
