"""Texts as documents hold them: in one line, every sign a sign.

Lives here: that.
Not here: which characters act instead of standing there (words/controls.py).
"""

from __future__ import annotations

import re

from allocator.words.controls import visible

_LOST = re.compile("[\ud800-\udfff\ufffe\uffff]")  # no character of XML
_SPACE = re.compile(r"[\t\r\n]+")


def shown(text: str) -> str:
    """A sign that acts instead of standing there, or that no file can hold, stands as an escape."""
    return _LOST.sub(lambda found: f"\\u{ord(found[0]):04x}", visible(_SPACE.sub(" ", text)))
