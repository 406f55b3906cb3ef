"""Cells of tables that people open in a spreadsheet: text stays text, whatever it begins with.

Lives here: the one question whether a spreadsheet would run a text as a formula, and its answer; a frame as such a table.
Not here: tables that programs read back (model/allocation.py, Parquet): they hold every text as it is.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Excel, WPS and LibreOffice calculate what begins so; in Chinese and Japanese settings the wide signs too.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]+)?%?")


def runs_as_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate a text that is typed in or read from a file; numbers are no formulas."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def cell(text: str) -> str:
    """The text as a cell: an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if runs_as_formula(text) else text


def rows_sheet(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows of values as CSV for people, as `sheet` has them; the first row is the head."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell(str(value)) for value in row] for row in rows)
    return codecs.BOM_UTF8 + text.getvalue().encode("utf-8")


def sheet(frame: pd.DataFrame) -> bytes:
    """A frame as CSV for people: headers and texts as cells, with the mark by which spreadsheets know UTF-8."""
    texts = frame.map(lambda value: cell(value) if isinstance(value, str) else value)
    text = texts.rename(columns=lambda name: cell(str(name))).to_csv(index=False)
    return codecs.BOM_UTF8 + text.encode("utf-8")
