"""Which engine made a run: the version, and the hash of the source that decides what the answer is.

Lives here: the rooms whose code turns arrays into a plan and counts it.
Not here: the problem that it was given (store/key.py), the solvers' own versions (solve/).
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

# What reads files (load/) is left out on purpose: whatever it changes is seen in the arrays of the problem.
ROOMS = ("database", "model", "objectives", "problem", "rules", "solve")
EVERYTHING = ("",)  # all rooms of the package: where what was kept depends on the reading of files and on reasons too


@cache
def engine(rooms: tuple[str, ...] = ROOMS) -> str:
    """`0.1.0+9f2c41d07a3b`: an answer is taken over only from the very same engine. rooms: the folders that make it."""
    root = Path(__file__).parents[1]
    whole = hashlib.sha256()
    for path in sorted(path for room in rooms for path in (root / room).rglob("*.py")):
        name, data = path.relative_to(root).as_posix().encode(), path.read_bytes()
        whole.update(b"%d %s %d " % (len(name), name, len(data)) + data)
    return f"{version('allocator')}+{whole.hexdigest()[:12]}"
