"""How a table is laid out on a page: how wide each column is, how large its letters are.

Lives here: that, from the texts, once for Word and for PDF.
Not here: what stands in the table (documents.py), the measures of the page (measures.py).

A character of Latin text takes half of what a Chinese one does. No column is narrower than its longest word; what is left goes to
the columns whose texts make most lines, so that rows become low.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from allocator.publish.office.measures import AREA_WIDTH, BODY, CELL_SIDE, MM, TABLE_SIZES
from allocator.report.blocks import Table
from allocator.words import Lang

CHINESE_WORD = 8  # half characters of Chinese text that may stand in a line by themselves
LONGEST_WORD = 22
SLACK = 1.8  # half characters a column has to spare: not every font is as narrow as it should be
MOST_LINES = 12  # of a cell; with smaller letters there are fewer
MOST_ROWS, STEP = 200, 2  # that widths are tried on, the longest; half characters a step

_WIDE = frozenset("WF")
_LONG = re.compile("[!-~]{7,}")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Layout:
    """widths: of the columns in mm; size: of the letters in points."""

    widths: tuple[float, ...]
    size: float


def measured(text: str) -> int:
    """How much room a text takes, in halves of a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(sign) in _WIDE or sign in "“”‘’…—·–≥≤≈" else 1 for sign in text)


def layout(table: Table, width: float) -> Layout:
    """On `width` mm: the largest letters with which every word stands whole and no cell becomes a column of its own."""
    least = _needs(table)
    for size in TABLE_SIZES:
        room = _room(width, size, len(least))
        if sum(least) > room:
            continue
        widths = _shared_out(table, least, room)
        if _lines(table, widths) <= MOST_LINES:
            break
    else:
        size = TABLE_SIZES[-1]
        room = _room(width, size, len(least))
        widths = _shared_out(table, least, room) if sum(least) <= room else [room * one / sum(least) for one in least]
    em = size / 2 / MM
    inside = [(one + SLACK) * em + 2 * CELL_SIDE for one in widths]
    rest = width - sum(inside)
    return Layout(tuple(one + rest * one / sum(inside) for one in inside), size)


def _room(width: float, size: float, columns: int) -> float:
    """For letters, in half characters."""
    return (width - columns * 2 * CELL_SIDE) * MM / (size / 2) - columns * SLACK


def _needs(table: Table) -> list[int]:
    """Of each column its longest word."""
    least = []
    for number, column in enumerate(table.columns):
        texts = [row[number] for row in table.rows]
        words = [_word(column.title), *(measured(text) if column.align == "right" else _word(text) for text in texts)]
        least.append(min(max(words), LONGEST_WORD))
    return least


def _word(text: str) -> int:
    """The longest part that should stay in one line."""
    longest = 0
    for found in _WORD.finditer(text):
        word = found[0]
        size = measured(word)
        longest = max(longest, min(size, CHINESE_WORD) if size > len(word) else size)
    return longest


def _shared_out(table: Table, least: Sequence[int], room: float) -> list[float]:
    """What is left goes, a character at a time, to the column that makes most lines: so the table becomes low."""
    widths = [float(one) for one in least]
    rows = sorted(([measured(cell) for cell in row] for row in table.rows), key=max, reverse=True)[:MOST_ROWS]
    while sum(widths) + STEP <= room:
        made = [0] * len(widths)
        for sizes in rows:
            lines = [ceil(size / width) for size, width in zip(sizes, widths, strict=True)]
            for i, one in enumerate(lines):
                made[i] += one if one == max(lines) > 1 else 0
        if not any(made):
            break
        widths[made.index(max(made))] += STEP
    return widths


def _lines(table: Table, widths: Sequence[float]) -> int:
    """Of the highest row."""
    rows = table.rows or (("",) * len(widths),)
    return max(ceil(measured(cell) / one) for row in rows for cell, one in zip(row, widths, strict=True))


def grouped(table: Table) -> list[tuple[str, int]]:
    """The upper row of a head: what stands over columns, and over how many; "" and 1 where a column stands alone."""
    found: list[tuple[str, int]] = []
    for column in table.columns:
        if column.over and found and found[-1][0] == column.over:
            found[-1] = (column.over, found[-1][1] + 1)
        else:
            found.append((column.over, 1))
    return found


def signed(office: str, day: str, characters: float) -> tuple[float, float]:
    """How far from the right the office and the day stand, in Chinese characters: the day four in, the office centred over it.

    Where the office is longer, it stands two in and the day is centred below it (7.3.5). characters: of a line.
    """
    wide, narrow = measured(office) / 2, measured(day) / 2
    if wide <= narrow + 4:
        return max(0.0, 4 + (narrow - wide) / 2), 4.0
    inset = max(0.0, min(2.0, characters - wide))
    return inset, min(inset + (wide - narrow) / 2, max(0.0, characters - narrow))


def ragged(text: str, lang: Lang) -> bool:
    """Whether a Chinese text is not spread to the full line: a long Latin word, which no line can break, would tear it apart."""
    return lang == "zh" and _LONG.search(text) is not None


def letterhead(office: str, most: float) -> float:
    """The size in points in which the name of the office stands in one line; `most` where it is short."""
    return max(BODY, min(most, floor(AREA_WIDTH * MM * 2 / max(1, measured(office)) / 1.02)))
