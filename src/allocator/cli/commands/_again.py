"""A check that is made again at every save of a file, until Ctrl-C.

Lives here: waiting for a change of the files that were read, and until whoever saves them has done so.
Not here: what is checked (validate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from time import sleep as wait

from allocator.read.files import files_read

BETWEEN_S = 0.5  # looks at the files
MOST_LOOKS = 20  # at a file that is being saved; programs take it away and put another one in its place

States = dict[str, tuple[int, int, int] | None]


def at_every_save(check: Callable[[], None], of: Path, written: Path | None) -> None:
    """Check now and whenever `of`, or another file that the check read, is saved; returns at Ctrl-C.

    `written`: what the check itself writes.
    """
    try:
        while True:
            begun = _states([str(of.absolute())])
            with files_read() as seen:
                check()
            own = set() if written is None else {str(written.absolute())}
            before = _states({*begun, *seen.files} - own) | begun  # it may have been saved during the check
            while _states(before) == before:
                wait(BETWEEN_S)
            _settled(before)
    except KeyboardInterrupt:
        return


def _settled(files: Iterable[str]) -> None:
    """Wait until all files are there and two looks find them alike; of one that stays away the check tells."""
    before: States = {}
    for _ in range(MOST_LOOKS):
        now = _states(files)
        if now == before and None not in now.values():
            return
        before = now
        wait(BETWEEN_S)


def _states(files: Iterable[str]) -> States:
    return {file: _state(file) for file in files}


def _state(file: str) -> tuple[int, int, int] | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
