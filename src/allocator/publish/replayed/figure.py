"""A figure as it stands in a file, and whether a recounted one is the same.

Lives here: that value and that comparison.
Not here: finding figures in files (in_book.py, in_page.py, in_letter.py), recounting them (recount.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from allocator.explain.names import Names
from allocator.publish.content import Cell
from allocator.publish.question import Question
from allocator.report.why import decimal

Value = str | int | float | Fraction | None
SIGNS = " *!#"  # behind a marked figure (book/style.py)
_PLAIN = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)?|-?\d+/\d+")
NEAR = Fraction(
    1, 10**12
)  # how far a number may lie from an exact one that no decimal says: a spreadsheet keeps 15 digits


@dataclass(frozen=True)
class Figure:
    """address: within the file (`Annex!D7`, `annex.7.4`); about: what it is, in words; value: what the file says."""

    address: str
    about: str
    value: Value
    asked: Question


def stated(told: Value, cell: Cell) -> Value:
    """The number that a file states in a cell: of a figure in the words of the policy, what stands in its place."""
    if not cell.said or not isinstance(told, str) or cell.value is None:
        return told
    text = told.strip().rstrip(SIGNS).strip()
    for number in dict.fromkeys((f"{cell.value:,}", str(cell.value))):
        before, there, after = cell.said.partition(number)
        found = re.fullmatch(f"{re.escape(before)}(-?[0-9][0-9,]*){re.escape(after)}", text) if there else None
        if found is not None:
            return found[1]
    return told


def same(told: Value, again: Value, names: Names) -> bool:
    """Whether what a file says is the recounted value. Nothing and nothing at all are the same as no award: 0."""
    if isinstance(told, str) and not isinstance(again, str) and again is not None:
        text = told.strip(SIGNS)
        if text in (
            names.figure(Fraction(again)),
            decimal(Fraction(again)),
        ):  # one that has no short form is written rounded
            return True
    one, other = plain(told), plain(again)
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return abs(one - other) <= NEAR * max(abs(other), Fraction(1))
    return one == other


def plain(value: Value) -> Fraction | str:
    """A number of any form, 0 for nothing; else the text, without the sign of a mark."""
    if value is None or isinstance(value, bool):
        return Fraction(int(value or 0))
    if not isinstance(value, str):
        return Fraction(value)
    text = value.strip().rstrip(SIGNS).strip()
    percent = text.endswith("%")
    number = text.rstrip("% ")
    if _PLAIN.fullmatch(number):
        return Fraction(number.replace(",", "")) / (100 if percent else 1)
    return Fraction(0) if text in ("", "–") else text
