"""Tables as the script of the page reads them: both languages in one, each text once.

Lives here: the form; a pair of texts is kept in a pool and stands in a table by its number.
Not here: what the script makes of it (assets/tables.js).

A column is {t: number of its title, k: kind, p: 1 where its values are numbers of the pool, v: values, a: 1 where its figures
can be asked again (a text of 0 and 1 where only some can)}. A value is nothing (null), a whole figure, [pool number, figure as
a decimal] of one that is not whole, or a number of the pool.
Of a table: c: its columns; n: its notes; m: marked cells as row, column, mark, one after another; a, b: what its rows are about,
and which of it each row; p: the program or group that it is about itself; s: its last row is a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from allocator.explain.names import Names
from allocator.publish.content import Cell, Table
from allocator.words import LANGUAGES, Lang

MARKS = ("", "drawn", "broken", "by-hand")


class Packing:
    """Packs tables; names: of each language, in which figures that are not whole are written."""

    def __init__(self, names: Mapping[Lang, Names] | None) -> None:
        self.names = names
        self._pool: dict[tuple[str, ...], int] = {}

    @property
    def pool(self) -> list[str | list[str]]:
        """The texts: one that is the same in both languages by itself, else Chinese and English."""
        return [pair[0] if pair[0] == pair[1] else list(pair) for pair in self._pool]

    def text(self, both: Mapping[Lang, str]) -> int:
        """The number of a text."""
        return self._pool.setdefault(tuple(both[lang] for lang in LANGUAGES), len(self._pool))

    def table(self, both: Mapping[Lang, Table]) -> dict[str, Any]:
        """A table, which has the same rows and columns in both languages."""
        zh, en = (both[lang] for lang in LANGUAGES)
        columns = [
            self._column(
                self._pair(one.title, two.title),
                one.kind,
                [row.cells[c] for row in zh.rows],
                [row.cells[c] for row in en.rows],
            )
            for c, (one, two) in enumerate(zip(zh.columns, en.columns, strict=True))
        ]
        packed: dict[str, Any] = {
            "t": self._pair(zh.title, en.title),
            "n": [self._pair(*notes) for notes in zip(zh.notes, en.notes, strict=True)],
            "c": columns,
            "m": _flat(
                (r, c, MARKS.index(cell.kind))
                for r, row in enumerate(zh.rows)
                for c, cell in enumerate(row.cells)
                if cell.kind
            ),
        }
        if any(row.about is not None for row in zh.rows):
            codes = {about: n for n, about in enumerate(dict.fromkeys(row.about for row in zh.rows))}
            packed["a"] = list(codes)
            packed["b"] = [codes[row.about] for row in zh.rows]
        if zh.about is not None:
            packed["p"] = zh.about
        if zh.rows and zh.rows[-1].kind == "total":
            packed["s"] = 1
        return packed

    def _column(self, title: int, kind: str, zh: Sequence[Cell], en: Sequence[Cell]) -> dict[str, Any]:
        figures = all(cell.value is None or not isinstance(cell.value, str) for cell in zh)
        put: Callable[[Cell, Cell], Any] = self._figure if figures else lambda one, two: self._text(one, two, kind)
        packed = {"t": title, "k": kind[0], "v": [put(*pair) for pair in zip(zh, en, strict=True)]}
        asked = "".join("0" if cell.asked is None else "1" for cell in zh)
        if "1" in asked:
            packed["a"] = asked if "0" in asked else 1
        return packed if figures else {**packed, "p": 1}

    def _text(self, zh: Cell, en: Cell, kind: str) -> int | None:
        if zh.value is None:
            return None
        return self._pair(*(self.shown(cell, lang, kind) for cell, lang in zip((zh, en), LANGUAGES, strict=True)))

    def _figure(self, zh: Cell, en: Cell) -> Any:
        value = zh.value
        if value is None or isinstance(value, int):
            return value
        assert isinstance(value, Fraction)
        if value.denominator == 1:
            return value.numerator
        told = self._pair(*(self.shown(cell, lang) for cell, lang in zip((zh, en), LANGUAGES, strict=True)))
        return [told, round(float(value), 6)]

    def shown(self, cell: Cell, lang: Lang, kind: str = "number") -> str:
        """A cell as it is read; a whole number in a column of texts is a year or a number of something."""
        if cell.value is None or isinstance(cell.value, str):
            return cell.value or ""
        if kind == "text" and isinstance(cell.value, int):
            return str(cell.value)
        return f"{cell.value:,}" if self.names is None else self.names[lang].figure(cell.value)

    def _pair(self, *texts: str) -> int:
        return self._pool.setdefault(texts, len(self._pool))


def _flat(rows: Any) -> list[int]:
    return [part for row in rows for part in row]
