"""What one cell says: a number, a truth value, a text, a list or a mapping in one line, the bounds of a quota.

Lives here: what a cell means.
Not here: which cell holds what (form.py, policy.py), how a value is written (written_values.py).

A text that looks like something else (`12`, `true`, `[a]`) stands between quotation marks where it is meant as a text.
"""

from __future__ import annotations

import json
import re
import unicodedata
from decimal import Decimal
from typing import Any

from allocator.faults import Fault, Place
from allocator.read.book.cells import AsItStands, Truth
from allocator.read.texts import composed
from allocator.read.yaml import parse_yaml
from allocator.words import Say

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MOST_DIGITS = 38
SEPARATOR = re.compile(r"\s*[,，、;；\n]\s*")
_BOUNDS = re.compile(r"(>=|≥|<=|≤)\s*(.+)", re.DOTALL)
_BETWEEN = re.compile(r"(.+?)\s*(?:\.\.|…|～|~)\s*(.+)", re.DOTALL)


class NoValue(Exception):
    """A cell that cannot be read; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def meant(text: str, place: Place) -> Any:
    """What a cell says. Raises NoValue."""
    if isinstance(text, Truth):
        return text == "TRUE"
    plain = text.strip()
    said = trimmed(text)
    if not isinstance(text, AsItStands) and not plain.isascii():
        narrow = unicodedata.normalize("NFKC", plain)
        plain = narrow if _DECIMAL.fullmatch(narrow) else plain
    if _WHOLE.fullmatch(plain) and len(plain) <= _MOST_DIGITS:
        return int(plain)
    if _DECIMAL.fullmatch(plain) and len(plain) <= _MOST_DIGITS:
        return Decimal(plain)
    if plain.lower() in _CONSTANTS:
        return _CONSTANTS[plain.lower()]
    if plain[:1] in ("[", "{"):
        return _flow(plain, place)
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        try:
            return json.loads(plain, strict=False)
        except ValueError:
            return said
    return said


def trimmed(text: str) -> str:
    """A text of a cell as it is held: composed, without blanks at its ends; a line break at its end may be meant."""
    return composed(text.replace("\r\n", "\n").replace("\r", "\n")).strip(" \t\u3000")


def _flow(text: str, place: Place) -> Any:
    raw, _, faults = parse_yaml(f"value: {text}", place.file)
    if faults:
        raise NoValue(Fault("book-value", place, found=Say("faults.shown.text", {"text": text[:60]})))
    return raw["value"]


def many(text: str, place: Place) -> Any:
    """The same where a list may be written as `a, b`. Raises NoValue."""
    if isinstance(text, Truth) or text.strip()[:1] in ("[", "{", '"') or not SEPARATOR.search(text):
        return meant(text, place)
    return [meant(part, place) for part in SEPARATOR.split(text.strip()) if part]


def bounds(text: str, place: Place) -> Any:
    """The quota of a cell: a figure, `>= 3`, `<= 8`, `3 .. 8`. Raises NoValue."""
    plain = text.strip()
    if match := _BOUNDS.fullmatch(plain):
        return {"at_least" if match[1] in (">=", "≥") else "at_most": meant(match[2], place)}
    if (match := _BETWEEN.fullmatch(plain)) and plain[0] not in '[{"':
        return {"at_least": meant(match[1], place), "at_most": meant(match[2], place)}
    return meant(text, place)
