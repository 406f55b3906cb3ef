"""How much room texts and figures need on a sheet: widths of columns, heights of rows.

Lives here: the width of a text in characters, the lines that it takes, the widths of a sheet's columns.
Not here: fonts and colours (style.py), the bytes (write.py).

A program that opens the file does not work this out: a column that is too narrow shows #### in place of a figure, and a merged
row that is too low cuts its text. So both are counted here, on the wide side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import east_asian_width

from allocator.publish.book.layout import Sheet
from allocator.publish.book.style import shown
from allocator.publish.content import Column, Table

PORTRAIT, LANDSCAPE = 92, 138  # characters of our font that a page of A4 takes at its full size
NARROW = 72  # a table that needs less is made as wide as this
LEEWAY = 1.4
IN_WORDS = 16  # a column of figures that are told in words
NARROWER = 1.1  # characters of running Latin text to a digit
SMALLEST = 0.7  # a page is not made smaller than this where columns of text can give way
INDENT = 1  # of texts and figures from the lines of the table
LEAST = 12  # a column of text that gives way
LINE, ABOVE = 14.8, 5.0  # points a line, and around the text of a row
_PIECE = re.compile(r"[⺀-﹏＀-｠]|[^\s⺀-﹏＀-｠]+|\s+")


@lru_cache(maxsize=100_000)
def width(text: str) -> int:
    """In characters of Latin text: a Chinese one is as wide as two, and so is what may be either."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


@lru_cache(maxsize=100_000)
def lines(text: str, room: int) -> int:
    """How many lines a text takes in a column: broken at blanks and between Chinese characters."""
    return sum(_lines(part, max(room, 2)) for part in text.split("\n"))


def _lines(text: str, room: int) -> int:
    count, used = 1, 0
    room = int(room * NARROWER) if text.isascii() else room
    if width(text) <= room:
        return count
    for piece in _PIECE.findall(text):
        need = width(piece)
        if piece.isspace() or used + need <= room:
            used += need
        else:
            count += 1 if used else 0
            count += (need - 1) // room
            used = (need - 1) % room + 1
    return count


def longest_word(text: str) -> int:
    return max((width(piece) for piece in _PIECE.findall(text)), default=0)


def height(count: int) -> float:
    """Points of a row of so many lines."""
    return min(count * LINE + ABOVE, 409)  # the format allows no more


def widths(sheet: Sheet) -> list[int]:
    """The characters that each column of a sheet takes: a figure or a word is never cut, longer texts wrap."""
    found = [0] * sheet.columns
    least = [0] * sheet.columns
    for placed in sheet.tables:
        for c, column in enumerate(placed.table.columns):
            own, word = _column(placed.table, c, column)
            found[c], least[c] = max(found[c], own), max(least[c], word)
    found = [max(own, word) for own, word in zip(found, least, strict=True)]
    over = sum(found) - int(LANDSCAPE / SMALLEST)
    while over > 0:  # the widest column of text gives way
        c = max(range(len(found)), key=lambda c: found[c] - max(least[c], LEAST))
        spare = found[c] - max(least[c], LEAST)
        if spare <= 0:
            break
        step = min(over, max(1, spare // 4))
        found[c], over = found[c] - step, over - step
    return _filled(found, sheet)


def _filled(found: list[int], sheet: Sheet) -> list[int]:
    """A narrow table takes the page: its columns of text share what is left, as wide as they are."""
    spare = NARROW - sum(found)
    texts = [c for c, column in enumerate(sheet.tables[0].table.columns) if column.kind == "text"]
    whole = sum(found[c] for c in texts)
    if spare <= 0 or not whole:
        return found
    return [own + (spare * own // whole if c in texts else 0) for c, own in enumerate(found)]


def _column(table: Table, c: int, column: Column) -> tuple[int, int]:
    """What a column takes, and what it takes at least."""
    held = {shown(row.cells[c], column) for row in table.rows}
    figures = [width(one.text) for one in held if one.number is not None]
    texts = {one.text for one in held if one.number is None}
    least = max([longest_word(column.title), *figures], default=0)
    most = max([*map(_longest_line, texts), *figures], default=0)
    words = max(map(longest_word, texts), default=0)
    room = column.width if column.kind == "text" else max(column.width, IN_WORDS)
    fits = most if most <= room * LEEWAY else room  # a name that is little longer stays on its line
    wanted = max(min(width(column.title), room), fits)
    return max(wanted, least) + INDENT, max(least, min(words, room, LEAST))


def _longest_line(text: str) -> int:
    return max(map(width, text.split("\n")))


def across(found: Sequence[int]) -> bool:
    """Whether a sheet is printed on its side."""
    return sum(found) > PORTRAIT / 0.9
