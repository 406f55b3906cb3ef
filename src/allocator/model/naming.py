"""Names that are put together of ids, so that no two things have one name.

Lives here: the label of a group, of a row, and the key of a program, each as it is where its parts are plain.
Not here: the ids themselves (load/structure.py), the id of a pin (model/pins.py).

A part that has the signs in it which hold the name together stands between quotation marks, as JSON writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_YEAR_BEHIND = re.compile(r"\.-?[0-9]+")


def bracketed(label: Iterable[object]) -> str:
    """`[a][b]`"""
    return "".join(f"[{_plain(part, '[]')}]" for part in label)


def joined(label: Iterable[object]) -> str:
    """`a,b`"""
    return ",".join(_plain(part, ",[]") for part in label)


def program_key(program: str) -> str:
    """A program in a dotted name that may go on with a year: `x.2026` is not the program x in 2026."""
    return json.dumps(program, ensure_ascii=False) if _YEAR_BEHIND.search(program) or '"' in program else program


def _plain(part: object, signs: str) -> str:
    text = str(part)
    return json.dumps(text, ensure_ascii=False) if set(text) & {*signs, '"'} else text
