"""The rows of a CSV file that is what nearly every one is, as its columns: each distinct text is looked at once.

Lives here: rows of one line each, all as long as the header, none of them blank; anything else is no business of this file.
Not here: files of any other form, and what is wrong with them (tables.py); how a text is spelled (texts.py).
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.model.table import Coded
from allocator.read.texts import CONTROLS, has_plain_spelling, header, spelled

_ROWS_AT_ONCE = 5_000  # few enough that their lists are gone before the garbage collector looks at them
_WORD = 8  # bytes that are compared as one number
_MOST_WORDS = 8  # of the longest cell: columns of longer ones are read cell by cell
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], np.uint64)  # the first bytes of a word

Ints = NDArray[np.int64]


class _Irregular(Exception):
    """Rows of several lengths or of several lines, or characters that steer a screen."""


def regular_columns(text: str, delimiter: str) -> list[tuple[str, Coded]] | None:
    """Each column with its name, its cells in one spelling, nothing as None; None for a file of another form."""
    quoted = '"' in text or text.count("\r") != text.count("\r\n")
    try:
        names, found = _read(text, delimiter) if quoted else _cut(text, delimiter)
        if any(CONTROLS.search("\n".join(cells)) for cells in (names, *(column.distinct for column in found))):
            raise _Irregular
    except (csv.Error, _Irregular):
        return None
    names = [header(name) for name in names]
    if "" in names:
        return None
    spell = str.strip if has_plain_spelling(text) else spelled
    columns = [column.mapped([spell(cell) or None for cell in column.distinct]) for column in found]
    return None if _has_blank_row(columns) else list(zip(names, columns, strict=True))


def _cut(text: str, delimiter: str) -> tuple[list[str], list[Coded]]:
    """The names, and the cells by column, of a text without quotes. Raises _Irregular."""
    data = text.replace("\r\n", "\n").encode()
    data = data if data.endswith(b"\n") else data + b"\n"
    array = np.frombuffer(data, np.uint8)
    newline, mark = ord("\n"), ord(delimiter)
    end = np.flatnonzero((array == mark) | (array == newline))
    last = array[end] == newline  # of its row
    width = int(np.argmax(last)) + 1
    if len(end) % width or np.any(last.reshape(-1, width) != (np.arange(width) == width - 1)):
        raise _Irregular
    start = np.concatenate([[0], end[:-1] + 1])
    names = [data[a:b].decode() for a, b in zip(start[:width].tolist(), end[:width].tolist(), strict=True)]
    words = np.ndarray((len(data),), "<u8", data + bytes(_WORD), strides=(1,))  # the word from each byte on
    return names, [_column(data, words, start[width + i :: width], end[width + i :: width]) for i in range(width)]


def _column(data: bytes, words: NDArray[np.uint64], start: Ints, end: Ints) -> Coded:
    """A column from where its cells stand in UTF-8, without NUL: cells are the same where all their words are equal."""
    size = end - start
    longest = int(size.max(initial=0))
    if longest > _WORD * _MOST_WORDS:
        return Coded.of([data[a:b].decode() for a, b in zip(start.tolist(), end.tolist(), strict=True)])
    code = np.zeros(len(size), np.int64)
    for place in range(0, longest, _WORD):
        word = words[np.minimum(start + place, end)] & _MASKS[np.clip(size - place, 0, _WORD)]
        own = _numbered(word)
        code = _numbered(code * len(size) + own) if place else own
    first = np.empty(int(code.max(initial=-1)) + 1, np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    order = np.argsort(first)
    rank = np.empty(len(first), np.int32)
    rank[order] = np.arange(len(first))
    cells = zip(start[first[order]].tolist(), end[first[order]].tolist(), strict=True)
    return Coded(tuple(data[a:b].decode() for a, b in cells), rank[code])


def _numbered(values: NDArray[Any]) -> Ints:
    """Equal values have equal numbers: their places among the different ones in order."""
    numbers: Ints = np.unique(values, return_inverse=True)[1]
    return numbers


def _read(text: str, delimiter: str) -> tuple[list[str], list[Coded]]:
    """The same of any text. Raises _Irregular and csv.Error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = next(reader, [""])
    numbers = [_numbering() for _ in names]
    codes: list[list[NDArray[np.int32]]] = [[np.empty(0, np.int32)] for _ in names]
    count = 1
    while batch := list(itertools.islice(reader, _ROWS_AT_ONCE)):
        count += len(batch)
        if set(map(len, batch)) != {len(names)} or reader.line_num != count:
            raise _Irregular
        for number, code, cells in zip(numbers, codes, zip(*batch, strict=True), strict=True):
            code.append(np.fromiter(map(number.__getitem__, cells), np.int32, len(cells)))
    columns = [Coded(tuple(number), np.concatenate(code)) for number, code in zip(numbers, codes, strict=True)]
    return names, columns


def _numbering() -> dict[str, int]:
    """Numbers texts in the order in which they are first looked up."""
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__
    return number


def _has_blank_row(columns: Sequence[Coded]) -> bool:
    """Whether some row has nothing in any column."""
    if any(None not in column.distinct for column in columns):
        return False
    return bool(np.all([column.code == column.distinct.index(None) for column in columns], axis=0).any())
