"""The rows of a CSV file that is what nearly every one is, as its columns: each distinct text is looked at once.

Lives here: rows of one line each, all as long as the header, none of them blank; anything else is no business of this file.
Not here: files of any other form, and what is wrong with them (tables.py); how a text is spelled (texts.py).
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from allocator.model.table import Coded
from allocator.read.texts import has_plain_spelling, header, spelled

_ROWS_AT_ONCE = 5_000  # few enough that their lists are gone before the garbage collector looks at them
_CHARACTERS_AT_ONCE = 1_000_000


class _Irregular(Exception):
    """Rows of several lengths, or rows of several lines."""


def regular_columns(text: str, delimiter: str) -> list[tuple[str, Coded]] | None:
    """Each column with its name, its cells in one spelling, nothing as None; None for a file of another form."""
    quoted = '"' in text or text.count("\r") != text.count("\r\n")
    batches = _read(text, delimiter) if quoted else _cut(text, delimiter)
    try:
        names = [header(cell) for (cell,) in next(batches)]
        if "" in names:
            return None
        numbers = [_numbering() for _ in names]
        codes: list[list[NDArray[np.int32]]] = [[np.empty(0, np.int32)] for _ in names]
        for cells_by_column in batches:
            for number, code, cells in zip(numbers, codes, cells_by_column, strict=True):
                code.append(np.fromiter(map(number.__getitem__, cells), np.int32, len(cells)))
    except (csv.Error, _Irregular):
        return None
    spell = str.strip if has_plain_spelling(text) else spelled
    columns = [_spelled(list(number), np.concatenate(code), spell) for number, code in zip(numbers, codes, strict=True)]
    return None if _has_blank_row(columns) else list(zip(names, columns, strict=True))


def _numbering() -> dict[str, int]:
    """Numbers texts in the order in which they are first looked up."""
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__
    return number


def _cut(text: str, delimiter: str) -> Iterator[Sequence[Sequence[str]]]:
    """The cells by column: of the header, then of some rows at a time; of a text without quotes. Raises _Irregular."""
    text = text.replace("\r\n", "\n")
    start = text.find("\n") + 1 or len(text)
    names = text[:start].removesuffix("\n").split(delimiter)
    yield [[name] for name in names]
    width = len(names)
    while start < len(text):
        end = text.find("\n", start + _CHARACTERS_AT_ONCE) + 1 or len(text)
        rows = text[start:end].removesuffix("\n").split("\n")
        if set(map(str.count, rows, repeat(delimiter))) != {width - 1}:
            raise _Irregular
        cells = delimiter.join(rows).split(delimiter)
        yield [cells[place::width] for place in range(width)]
        start = end


def _read(text: str, delimiter: str) -> Iterator[Sequence[Sequence[str]]]:
    """The same of any text. Raises _Irregular and csv.Error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = next(reader, [""])
    yield [[name] for name in names]
    count = 1
    while batch := list(itertools.islice(reader, _ROWS_AT_ONCE)):
        count += len(batch)
        if set(map(len, batch)) != {len(names)} or reader.line_num != count:
            raise _Irregular
        yield list(zip(*batch, strict=True))


def _spelled(texts: Sequence[str], code: NDArray[np.int32], spell: Callable[[str], str]) -> Coded:
    """A column, each of its texts spelled once; those that are then the same are one."""
    found = [spell(text) or None for text in texts]
    number = {text: place for place, text in enumerate(dict.fromkeys(found))}
    if len(number) == len(found):
        return Coded(tuple(found), code)
    return Coded(tuple(number), np.array([number[text] for text in found], np.int32)[code])


def _has_blank_row(columns: Sequence[Coded]) -> bool:
    """Whether some row has nothing in any column."""
    if any(None not in column.distinct for column in columns):
        return False
    return bool(np.all([column.code == column.distinct.index(None) for column in columns], axis=0).any())
