"""The bytes of a book: every sheet with its table, ready to be printed on A4.

Lives here: cells, frozen heads, the set-up of pages, the first sheet, what the file says of itself.
Not here: where tables stand (layout.py), widths (measure.py), fonts and fills (style.py).

Every text is written as a text: none becomes a formula, a number or a link. The day in the file is the run's, so that the same
run gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from allocator.publish.book.layout import FIRST, HEAD, Placed, Sheet, sheet_name, sheets
from allocator.publish.book.measure import INDENT, across, height, lines, widths
from allocator.publish.book.style import SIGNS, Styles, shown
from allocator.publish.content import Content, Row
from allocator.publish.provenance import provenance
from allocator.words import say

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

A4 = 9  # the number of the paper in the format
MARGINS = {"left": 0.6, "right": 0.6, "top": 0.9, "bottom": 0.8}  # inches
FILTERED_FROM = 20  # rows of a table that has buttons to filter it
ABOUT_WIDTHS = (36, 48, 8)


def book(content: Content, kind: str = "book") -> bytes:
    """The workbook of a run; kind: what the file says that it is, `comparison` for one of several."""
    import xlsxwriter

    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(held, options) as workbook:
        styles = Styles(workbook, content.names.lang)
        found = sheets(content)
        _properties(workbook, content, kind)
        first = workbook.add_worksheet(_tab(content))
        _about(first, content, found, styles)
        for sheet in found:
            _SheetWriter(workbook.add_worksheet(sheet.name), sheet, content, styles).write()
        first.activate()
    return held.getvalue()


def _tab(content: Content) -> str:
    return sheet_name(FIRST, content)


def _properties(workbook: Workbook, content: Content, kind: str) -> None:
    """What the file says of itself; its days are the run's."""
    written = datetime.fromisoformat(content.written[:10])
    title = f"{content.title} · {content.number}"
    workbook.set_properties({"title": title[:255], "created": written})
    for name, value in provenance(content, kind).told.items():
        workbook.set_custom_property(name, value)


def _about(page: Worksheet, content: Content, found: Sequence[Sheet], styles: Styles) -> None:
    """The first sheet: what this is, what is to be known of it, which sheets there are."""
    lang, total = content.names.lang, sum(ABOUT_WIDTHS)
    row = 0
    for c, own in enumerate(ABOUT_WIDTHS):
        page.set_column(c, c, own)
    rows: list[tuple[str, object]] = [(content.title, styles.title())]
    rows += [(line, styles.line()) for line in content.said]
    rows += [(say("book.of", lang, plan=content.number, run=content.run, written=content.written), styles.line())]
    rows += (
        [(say("book.ask-again", lang, sheet=found[0].name, cell="D7"), styles.line())] if any(content.figures()) else []
    )
    rows += [("", styles.line()), (say("book.sheets", lang), styles.line(bold=True))]
    for text, look in rows:
        big = 1.6 if row == 0 else 1.0
        page.set_row(row, height(lines(text, int(total / big) - 2)) * (1.3 if row == 0 else 1.0))
        page.merge_range(row, 0, row, 2, "", look)
        page.write_string(row, 0, text, look)
        row += 1
    head = row
    for c, what in enumerate(("name", "title", "rows")):
        page.write_string(row, c, say(f"book.head.{what}", lang), styles.head())
    for row, sheet in enumerate(found, head + 1):
        quoted = sheet.name.replace("'", "''")
        page.write_url(row, 0, f"internal:'{quoted}'!A1", styles.link(), sheet.name)
        page.write_string(row, 1, sheet.title, styles.text())
        page.write_number(row, 2, sum(len(placed.table.rows) for placed in sheet.tables), styles.figure())
        page.set_row(row, height(max(lines(sheet.title, ABOUT_WIDTHS[1] - 2), lines(sheet.name, ABOUT_WIDTHS[0] - 2))))
    _page(page, content, say("book.sheet.about", lang), (row, len(ABOUT_WIDTHS) - 1), on_its_side=False)
    page.repeat_rows(head)
    page.hide_gridlines(2)


def _page(page: Worksheet, content: Content, title: str, last: tuple[int, int], *, on_its_side: bool) -> None:
    """A4, as wide as the page, with the title above and the plan's number and the page's below."""
    lang = content.names.lang
    page.set_paper(A4)
    if on_its_side:
        page.set_landscape()
    page.set_margins(**MARGINS)
    page.fit_to_pages(1, 0)
    page.center_horizontally()
    page.print_area(0, 0, *last)
    page.set_header(f"&L&9 {_in_head(content.title, 110)}&R&9 {_in_head(title, 60)}")
    number = _in_head(say("book.foot.plan", lang, plan=content.number), 60)
    pages = say("book.foot.page", lang, page="&P", pages="&N")
    said = _in_head(say("book.foot.illustrative", lang), 60) if content.names.model.policy.illustrative else ""
    page.set_footer(f"&L&9 {number}&C&9 {pages}&R&9 {said}")


def _in_head(text: str, most: int) -> str:
    """A text in the head of a page, where & is a sign of the format."""
    plain = " ".join(text.split())
    return (plain if len(plain) <= most else plain[: most - 1] + "…").replace("&", "&&")


class _SheetWriter:
    """Writes one sheet."""

    def __init__(self, page: Worksheet, sheet: Sheet, content: Content, styles: Styles) -> None:
        self.page, self.sheet, self.content, self.styles = page, sheet, content, styles
        self.names = content.names
        self.widths = widths(sheet)
        self.across = across(self.widths)

    def write(self) -> None:
        last = len(self.widths) - 1
        for c, own in enumerate(self.widths):
            self.page.set_column(c, c, own * 1.06 + 1.6)
        self._over(0, self.sheet.title, self.styles.title(), 1.55)
        of = say("book.line", self.names.lang, title=self.content.title, plan=self.content.number)
        self._over(1, of, self.styles.line())
        self._legend()
        for placed in self.sheet.tables:
            self._table(placed)
        self._freeze(last)
        _page(self.page, self.content, self.sheet.title, (self.sheet.rows - 1, last), on_its_side=self.across)

    def _over(self, row: int, text: str, look: object, size: float = 1.0) -> None:
        """A text over all columns, as high as it needs."""
        count = lines(text, int(sum(self.widths) * 1.06 / size))
        self.page.set_row(row, height(count) * (1.35 if size > 1 else 1.0))
        if len(self.widths) > 1:
            self.page.merge_range(row, 0, row, len(self.widths) - 1, "", look)
        self.page.write_string(row, 0, text, look)

    def _legend(self) -> None:
        """The marks that stand on the sheet, side by side above it, each with its sign and its fill."""
        there = {cell.kind for p in self.sheet.tables for row in p.table.rows for cell in row.cells}
        kinds = [kind for kind in SIGNS if kind in there]
        high = 1
        for kind, (first, last) in zip(kinds, _shared(self.widths, len(kinds)), strict=False):
            what = say(f"book.mark.{kind}", self.names.lang)
            text = say("book.legend", self.names.lang, sign=SIGNS[kind], what=what)
            look = self.styles.mark(kind)
            if last > first:
                self.page.merge_range(HEAD - 1, first, HEAD - 1, last, "", look)
            self.page.write_string(HEAD - 1, first, text, look)
            high = max(high, lines(text, sum(self.widths[first : last + 1])))
        self.page.set_row(HEAD - 1, height(high))

    def _table(self, placed: Placed) -> None:
        table = placed.table
        if placed.title is not None:
            self._over(placed.title, table.title, self.styles.block())
        heads = [HEAD] if placed is self.sheet.tables[0] and placed.head is None else []
        for row in [*heads, *([] if placed.head is None else [placed.head])]:
            count = max(lines(column.title, own) for column, own in zip(table.columns, self.widths, strict=False))
            self.page.set_row(row, height(count))
            for c, column in enumerate(table.columns):
                self.page.write_string(row, c, column.title, self.styles.head())
        for r, own in enumerate(table.rows, placed.first):
            self._row(r, placed, own)
        for r, note in enumerate(table.notes, placed.end):
            self._over(r, note, self.styles.line())

    def _row(self, r: int, placed: Placed, row: Row) -> None:
        count = 1
        for c, (cell, column) in enumerate(zip(row.cells, placed.table.columns, strict=True)):
            held = shown(cell, column)
            look = self.styles.cell(cell, column, held, total=row.kind == "total")
            if held.number is not None:
                self.page.write_number(r, c, held.number, look)
            elif held.text:
                self.page.write_string(r, c, held.text, look)
                count = max(count, lines(held.text, self.widths[c] - INDENT))
            else:
                self.page.write_blank(r, c, None, look)
        self.page.set_row(r, height(count))

    def _freeze(self, last: int) -> None:
        """The head stays in sight, and names do where there are many columns beside them; it stands on every printed page."""
        first = self.sheet.tables[0]
        head = first.head if first.head is not None else HEAD
        if len(self.sheet.tables) > 1 and first.head is not None:
            return  # each table has a head of its own
        names = 1 if last > 5 and self.widths[0] <= 30 else 0
        self.page.freeze_panes(head + 1, names)
        self.page.repeat_rows(head)
        if len(self.sheet.tables) == 1 and len(first.table.rows) > FILTERED_FROM:
            rows = [row.kind != "total" for row in first.table.rows]
            self.page.autofilter(head, 0, first.first + sum(rows) - 1, last)
        self.page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _shared(widths: Sequence[int], parts: int) -> list[tuple[int, int]]:
    """The columns of a sheet as so many parts side by side, about as wide as one another: first and last column of each."""
    found: list[tuple[int, int]] = []
    first = 0
    for part in range(1, min(parts, len(widths)) + 1):
        last, most = first, len(widths) - 1 - (min(parts, len(widths)) - part)
        while last < most and sum(widths[: last + 1]) * parts < sum(widths) * part:
            last += 1
        found.append((first, last))
        first = last + 1
    return found
