"""What may name a file inside a folder: a plain relative path, and nothing that leads out of it.

Lives here: the one question that is asked of every name before anything is read or written by it; texts of one clean line.
Not here: reading (files.py, stored.py), writing (runs/folder.py).
"""

import re
import unicodedata
from pathlib import PurePosixPath

MOST = 1000  # characters of a whole name
MOST_PART = 240  # bytes of a step: systems hold 255, and a writer names a folder of his own after it

_NO_SIGNS = re.compile(r"[\\:]")  # what another system takes for a step or a drive
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # turn round how the signs beside them are read


def plain(name: object) -> bool:
    """Whether `name` is a relative path as we write it: `a/b.csv`. No `..`, no `.`, no drive, nothing that is no sign."""
    if not isinstance(name, str) or len(name) > MOST or not clean(name) or _NO_SIGNS.search(name):
        return False
    parts = name.split("/")
    return all(part not in ("", ".", "..") and len(part.encode("utf-8")) <= MOST_PART for part in parts)


def normal(name: str) -> str:
    """The same name without steps that lead nowhere: `./a//b.csv` is `a/b.csv`."""
    return PurePosixPath(name).as_posix()


def clean(text: str) -> bool:
    """Whether a text is one line of signs: not blank, no line break, no control character, nothing that turns text round."""
    broken = any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)
    return bool(text.strip()) and not broken and not _TURNING.search(text)
