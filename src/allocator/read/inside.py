"""What may name a file inside a folder: a plain relative path, and nothing that leads out of it.

Lives here: the one question that is asked of every name before anything is read or written by it; texts of one clean line;
a name in a command that is told.
Not here: reading (files.py, stored.py), writing (runs/folder.py).
"""

import re
import shlex
import unicodedata
from pathlib import PurePosixPath

from allocator.words.controls import CONTROLS

MOST = 1000  # characters of a whole name
MOST_PART = 240  # bytes of a step: systems hold 255, and a writer names a folder of his own after it

_NO_SIGNS = re.compile(r"[\\:]")  # what another system takes for a step or a drive
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs by their class, and nothing is seen of them
_BREAKS = re.compile("[\t\n\ud800-\udfff]")  # a line of signs has none of these either


def plain(name: object) -> bool:
    """Whether `name` is a relative path as we write it: `a/b.csv`. No `..`, no `.`, no drive, nothing that is no sign."""
    if not isinstance(name, str) or len(name) > MOST or not clean(name) or _NO_SIGNS.search(name):
        return False
    parts = name.split("/")
    return all(part not in ("", ".", "..") and len(part.encode("utf-8")) <= MOST_PART for part in parts)


def normal(name: str) -> str:
    """The same name without steps that lead nowhere: `./a//b.csv` is `a/b.csv`."""
    return PurePosixPath(name).as_posix()


def typed(name: str) -> str:
    """A name as it is typed on a command line: in quotes where a shell would take it apart, with ./ before a hyphen."""
    name = f"./{name}" if name.startswith("-") else name
    return name if re.fullmatch(r"[\w@%+=:,./-]+", name) else shlex.quote(name)


def clean(text: str) -> bool:
    """Whether a text is one line of signs, one of them at least to be seen: no line break, no control, no mark of direction."""
    return any(map(_seen, text)) and not CONTROLS.search(text) and not _BREAKS.search(text)


def _seen(char: str) -> bool:
    """Whether a character leaves a mark by itself: a letter, a figure, a sign of any script."""
    return unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS
