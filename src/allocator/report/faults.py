"""Faults and notices as records of a JSON document.

Lives here: their keys.
Not here: their sentences (words/), the line on a screen (faults.render).
"""

from __future__ import annotations

from typing import Any

from allocator.faults import Fault, render
from allocator.words import LANGUAGES


def fault_record(fault: Fault) -> dict[str, Any]:
    """One fault or notice: its code, where it stands (from 1; `column` is a name in a table; `sheet` and
    `cell` in a workbook), its line in both languages."""
    spot = {} if fault.place.sheet is None else {"sheet": fault.place.sheet, "cell": fault.place.cell}
    return {
        "code": fault.code,
        "file": fault.place.file,
        "line": fault.place.row or fault.place.line,
        "column": fault.place.field or fault.place.column,
        **spot,
        "text": {lang: render(fault, lang) for lang in LANGUAGES},
    }
