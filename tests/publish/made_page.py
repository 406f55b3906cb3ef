"""A page of invented values, of any size and with any names, without a model or a solve.

Lives here: that.
Not here: what is asked of it (test_page.py, test_page_in_chromium.py), a page of a real run (tests/publish/shared.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from allocator.explain.names import Names
from allocator.model.fields import Text
from allocator.publish.content import Cell, Column, Content, Row, Table
from allocator.publish.map.picture import Picture, Shape
from allocator.publish.page import Shown
from allocator.publish.page.letters import Pool
from allocator.publish.page.shown import Program, Unit
from allocator.publish.question import Question
from allocator.words import LANGUAGES

SIDE = 36


class Plain:
    """Names that no model stands behind: whole figures only."""

    lang = "en"

    def figure(self, value: object) -> str:
        return str(value)


def made(names: Sequence[str], programs: Sequence[str], periods: Sequence[int], letter: str | None = None) -> Shown:
    """Every unit has the same number of everything; all texts of the page are among the names that are given.

    letter: what each letter says; without one there are no letters.
    """
    both = {lang: list(names) for lang in LANGUAGES}
    units = tuple(
        Unit(f"u{i}", {lang: both[lang][i] for lang in LANGUAGES}, {"zh": "", "en": ""}) for i in range(len(names))
    )
    told = tuple(Program(f"p{i}", str(i + 1), {"zh": title, "en": title}, True) for i, title in enumerate(programs))
    block = ("p", letter or "")
    return Shown(
        contents={lang: _content(both[lang], programs, periods) for lang in LANGUAGES},
        pictures=dict.fromkeys(LANGUAGES, ()),
        periods=tuple(periods),
        programs=told,
        units=units,
        map=_picture(names),
        objections={"zh": names[0], "en": names[0]},
        letters=None
        if letter is None
        else Pool((("h1", letter), block), {lang: {unit.code: (0, 1) for unit in units} for lang in LANGUAGES}),
        without={"zh": names[-1], "en": names[-1]} if letter is None else {},
    )


def _content(names: Sequence[str], programs: Sequence[str], periods: Sequence[int]) -> Content:
    heads = (Column("unit"), Column("year"), *(Column(title, "number") for title in programs))
    rows = tuple(
        Row(
            (Cell(name), Cell(period), *(_figure((u + p + period) % 7) for p in range(len(programs)))),
            about=f"u{u}",
        )
        for u, name in enumerate(names)
        for period in periods
    )
    annex = tuple(Row((Cell(str(i)), Cell(title), _figure(i))) for i, title in enumerate(programs, 1))
    tables = (
        Table("annex", names[0], (Column("no"), Column("action"), Column("total", "number")), annex, (names[-1],)),
        Table("units", names[0], heads, rows),
        Table("illustrative", names[0], (Column("data"),), tuple(Row((Cell(name),)) for name in names[:40])),
    )
    return Content(cast("Names", Plain()), names[0], tuple(names[:3]), tables, "00000000", "made", "made", "2026-01-01")


def _figure(value: int) -> Cell:
    return Cell(value or None, "", Question("sql", "select 1"))


def _picture(names: Sequence[str]) -> Picture:
    across = max(1, round(len(names) ** 0.5))
    shapes = tuple(
        Shape(f"u{i}", Text(zh=name, en=name), i % across * SIDE, i // across * SIDE) for i, name in enumerate(names)
    )
    height = (len(names) // across + 1) * SIDE
    return Picture("tiles", height, SIDE, shapes, (), "", {shape.unit: {} for shape in shapes})
