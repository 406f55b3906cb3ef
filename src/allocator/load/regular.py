"""The bytes of a file that others may have put there: of a regular file only, and never more than are asked for.

Lives here: opening without waiting, so that a pipe does not hang and an endless file is not read to its end.
Not here: the files of a model (files.py), what stands in a file.
"""

import errno
import os
import stat
from pathlib import Path

MEGABYTE = 1_000_000
MOST_MEGABYTES = 500


def bytes_of(path: Path, most_megabytes: int = MOST_MEGABYTES) -> bytes:
    """All bytes of a regular file. Raises OSError, also for what is none, and for one that is larger."""
    most = most_megabytes * MEGABYTE
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ENOTSUP, "not a regular file", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "too large", str(path))
    return data
