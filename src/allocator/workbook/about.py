"""The first sheet of a model's workbook: what it is, what stands in which sheet, how its cells are read.

Lives here: that sheet.
Not here: the other sheets (write.py), its words (words/*/workbook.toml).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from allocator.read.book.form import ABOUT, column_title, sheet_title
from allocator.words import Lang, joined, say


@dataclass(frozen=True)
class About:
    """title: of the model. sheets: the title of each, what stands there, how many rows. invented: what is no real data."""

    title: str
    file: str
    lang: Lang
    sheets: Sequence[tuple[str, str, int]]
    invented: Sequence[str]
    public: str  # who chose the seed


def write_about(book: Any, about: About, form: Callable[..., Any]) -> None:
    lang = about.lang

    def told(name: str, **params: object) -> str:
        return say(f"workbook.about.{name}", lang, **params)

    page = book.add_worksheet(sheet_title(ABOUT, lang))
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 74)
    page.set_column(2, 2, 9)
    page.hide_gridlines(2)
    page.set_portrait()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    wide, head = form(text_wrap=True), form(bold=True, bg_color="#DCE6F1", bottom=1)
    page.merge_range(0, 0, 0, 2, "", form(bold=True, font_size=16, text_wrap=True))
    page.write_string(0, 0, told("heading", title=about.title), form(bold=True, font_size=16, text_wrap=True))
    page.set_row(0, 22 * (1 + columns_of(about.title) // 70))
    lines = [told("intro", file=about.file), told("check", file=about.file)]
    lines.append(told("scenario", file=about.file, sheet=sheet_title("scenarios", lang)))
    if about.invented:
        lines.append(told("illustrative", what=joined(about.invented, lang)))
    lines.append(about.public)
    row = _lines(page, 2, lines, wide)
    for number, name in enumerate(("sheet", "holds", "rows")):
        page.write_string(row, number, told(name), head)
    for title, holds, rows in about.sheets:
        row += 1
        page.write_url(row, 0, f"internal:'{title}'!A1", form(font_color="#0563C1", underline=1), title)
        page.write_string(row, 1, holds, wide)
        page.set_row(row, 15 * (1 + columns_of(holds) // 84))
        page.write_number(row, 2, rows, form(align="right"))
    row += 2
    page.merge_range(row, 0, row, 2, "", head)
    page.write_string(row, 0, told("rules"), head)
    rules = [told("codes"), told("typed"), told("people", remark=column_title("remark", lang)), told("plain")]
    _lines(page, row + 1, rules, wide)


def _lines(page: Any, row: int, lines: Sequence[str], wide: Any) -> int:
    """Texts over the whole width, one below the other; gives the row after them and a blank one."""
    for line in filter(None, lines):
        page.merge_range(row, 0, row, 2, "", wide)
        page.write_string(row, 0, line, wide)
        page.set_row(row, 15 * (1 + columns_of(line) // 92))  # merged cells do not grow by themselves
        row += 1
    return row + 1


def columns_of(text: str) -> int:
    """How much room a line takes, in characters of Latin text."""
    return len(text) if text.isascii() else sum(1 if char.isascii() else 2 for char in text)
