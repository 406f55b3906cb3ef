"""A value of a model file as one cell that means the same again: numbers as numbers, texts as texts, lists in one line.

Lives here: what is put into a cell.
Not here: what a cell means (values.py), which cell holds what (workbook/form_sheets.py).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from allocator.faults import Place
from allocator.read.book.number_formats import DIGITS, number_text
from allocator.read.book.values import SEPARATOR, NoValue, bounds, meant

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_SAFE = re.compile(r"[^\W\d][\w.-]*")

Written = str | int | Decimal | bool  # what is put into a cell: as a text, as a number, as a truth value


def written(value: Any) -> Written:
    """What a cell says that means this value."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if len(str(abs(value))) <= DIGITS else str(value)
    if isinstance(value, Decimal):
        return value if number_text(float(value), 0, 0) == str(value) and "." in str(value) else str(value)
    if isinstance(value, str):
        return value if _reads_as(value, value) else json.dumps(value, ensure_ascii=False)
    return flow(value)


def _reads_as(text: str, value: object) -> bool:
    try:
        found = meant(text, Place(""))
    except NoValue:
        return False
    return type(found) is type(value) and found == value


def written_many(value: Any) -> Written:
    """The same of a list, as `a, b` where that is clear; a list of one name is the name."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, list) and len(value) > 1 and all(map(_is_name, value)):
        return ", ".join(value)
    if isinstance(value, str) and SEPARATOR.search(value):
        return json.dumps(value, ensure_ascii=False)
    return written(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(_SAFE.fullmatch(value)) and _reads_as(value, value)


def written_bounds(value: Any) -> Written:
    """The same of a quota."""
    if isinstance(value, dict) and set(value) <= {"at_least", "at_most"} and value:
        low, high = value.get("at_least"), value.get("at_most")
        parts = [str(written(part)) for part in (low, high) if part is not None]
        text = (
            " .. ".join(parts) if len(parts) == 2 else f"{'>=' if high is None else '<='} {parts[0]}" if parts else ""
        )
        if text and _bounds_read(text) == value:
            return text
    if isinstance(value, str) and _bounds_read(value) != value:
        return json.dumps(value, ensure_ascii=False)
    return written(value)


def _bounds_read(text: str) -> Any:
    try:
        return bounds(text, Place(""))
    except NoValue:
        return None


def as_number(value: Any) -> Any:
    """An expression that is nothing but a number, as that number: both mean the same to a model."""
    if isinstance(value, dict):
        return {key: as_number(held) for key, held in value.items()}
    if isinstance(value, str) and _PLAIN.fullmatch(value) and len(value) <= DIGITS:
        return Decimal(value) if "." in value else int(value)
    return value


def flow(value: Any) -> str:
    """Lists and mappings in one line, as YAML has them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    safe = _SAFE.fullmatch(text) and text.lower() not in ("true", "false", "null", "yes", "no", "on", "off")
    return text if safe else json.dumps(text, ensure_ascii=False)
