"""The sheets of a model as the bytes of an .xlsx file, in what every spreadsheet knows: no macros, no dynamic arrays.

Lives here: formats, widths, frozen headings, lists to choose from, named ranges, the order of the sheets.
Not here: what stands in the cells (form_sheets.py, data_sheets.py), the first sheet (about.py).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from allocator.read.book.form import SCHEMA, column_title, sheet_title
from allocator.read.book.written_values import Written
from allocator.words import Lang, say
from allocator.workbook.about import About, columns_of, write_about
from allocator.workbook.choices import choices
from allocator.workbook.data_sheets import DataColumn, DataSheet
from allocator.workbook.form_sheets import FormSheet

_MADE = datetime(2000, 1, 1)  # the same model gives the same bytes
_A4, _A3 = 9, 8
_FITS = 170  # characters on the wide side of A4 that can be read
_NARROW, _WIDE = 8, 38  # characters of Latin text
_TRUTH = '"TRUE";"TRUE";"FALSE"'  # LibreOffice shows 1 without it
_LINE = 15  # points of a line of text
_ROOM = 200  # rows below the filled ones that have the lists to choose from
_CODES = ("id", "unit", "program", "scenario", "path", "what", "sheet", "file", "table", "column", "kind", "period")
_COLOURS = {"form": "#DCE6F1", "data": "#E2EFDA", "line": "#7F7F7F", "grey": "#7F7F7F"}


@dataclass(frozen=True)
class BookContent:
    """All that a workbook of a model holds. `program_titles`: what each program is called in the language of the book."""

    forms: Mapping[str, FormSheet]
    data: Sequence[DataSheet]
    about: About
    periods: Sequence[int]
    program_titles: Mapping[str, str]
    units: tuple[str, str] | None  # the sheet and the column with the ids of the units, where it is one


def book_bytes(content: BookContent, lang: Lang) -> bytes:
    """The workbook, in `lang`. The same content gives the same bytes."""
    return _Writer(content, lang).all()


class _Writer:
    def __init__(self, content: BookContent, lang: Lang) -> None:
        import xlsxwriter  # of the extra `outputs`

        self.content, self.lang = content, lang
        self.out = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self.out, options)
        self.book.set_properties({"created": _MADE, "title": content.about.title, "comments": "allocator"})
        self.formats: dict[tuple[Any, ...], Any] = {}
        self.lists: dict[str, str] = {}

    def all(self) -> bytes:
        forms = [self.content.forms[key] for key in SCHEMA]
        titles = {form.key: sheet_title(form.key, self.lang) for form in forms}
        write_about(self.book, self.content.about, self.format)
        pages = {form.key: self._page(titles[form.key], "form") for form in forms}
        data = [(sheet, self._page(sheet.title, "data")) for sheet in self.content.data]
        self._names(titles)
        for form in forms:
            self._form(pages[form.key], form)
        for sheet, page in data:
            self._data(page, sheet)
        self.book.close()
        return self.out.getvalue()

    def _page(self, title: str, kind: str) -> Any:
        page = self.book.add_worksheet(title)
        page.set_tab_color(_COLOURS[kind])
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.set_footer("&L&A&R&P / &N")
        return page

    def format(self, **properties: Any) -> Any:
        """One format for all cells that look alike."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", **properties})
        return self.formats[key]

    # Names and lists --------------------------------------------------------------------------------------------------

    def _names(self, titles: Mapping[str, str]) -> None:
        """The ranges that have a name: the lists to choose from, and each table of data."""
        programs = self.content.forms["programs"]
        if programs.rows:
            self._define("list_programs", titles["programs"], programs.columns.index("id"), 1, len(programs.rows))
        for number, sheet in enumerate(self.content.data, 1):
            slug = re.sub(r"\W", "_", sheet.title)
            last = len(sheet.columns) - 1
            self._range(f"table_{number}_{slug}"[:200], sheet.title, (0, 0, max(sheet.height, 1), max(last, 0)))
            if self.content.units is not None and sheet.title == self.content.units[0] and sheet.height:
                column = next(n for n, c in enumerate(sheet.columns) if c.name == self.content.units[1])
                self._define("list_units", sheet.title, column, 1, sheet.height)

    def _define(self, name: str, sheet: str, column: int, first: int, last: int) -> None:
        self._range(name, sheet, (first, column, last, column))
        self.lists[name.removeprefix("list_")] = f"={name}"

    def _range(self, name: str, sheet: str, cells: tuple[int, int, int, int]) -> None:
        from xlsxwriter.utility import quote_sheetname, xl_range_abs

        self.book.define_name(name, f"={quote_sheetname(sheet)}!{xl_range_abs(*cells)}")

    def _choose(self, page: Any, key: str, number: int, column: str, height: int) -> None:
        source = choices(key, column, self.lists, self.content.periods)
        message = {("quotas", "every"): "quota", ("pins", "award"): "award"}.get((key, column))
        if source is None and message is None:
            return
        rule: dict[str, Any] = {"validate": "any"} if source is None else {"validate": "list", "source": source}
        rule |= {"error_type": "warning", "ignore_blank": True}
        if message is not None:
            rule["input_message"] = say(f"workbook.note.{message}", self.lang)
        page.data_validation(1, number, height + _ROOM, number, rule)

    # Sheets of the model ----------------------------------------------------------------------------------------------

    def _form(self, page: Any, form: FormSheet) -> None:
        columns = form.columns
        if form.key == "quotas":
            periods = [str(period) for period in self.content.periods]
            columns = [
                *SCHEMA["quotas"],
                *dict.fromkeys([*periods, *(c for c in columns if c not in SCHEMA["quotas"])]),
            ]
        head = self.format(bold=True, bg_color=_COLOURS["form"], bottom=1, text_wrap=True)
        tall = [1] * (len(form.rows) + 1)
        widths = 0
        for number, column in enumerate(columns):
            title = column_title(column, self.lang)
            texts = [title, *(str(row[column]) for row in form.rows if column in row)]
            if column == "called":
                texts += self.content.program_titles.values()
            code = column in _CODES
            side = {"align": "right"} if form.key == "quotas" and not code and column != "called" else {"align": "left"}
            cell = self.format(num_format="@") if code else self.format(text_wrap=True, **side)
            wide = width(texts)
            page.set_column(number, number, wide, cell)
            widths += wide
            self._grow(tall, 0, title, wide)
            if form.key == "quotas" and column.isdigit() and str(int(column)) == column:
                page.write_number(0, number, int(column), self.format(bold=True, bg_color=_COLOURS["form"], bottom=1))
            else:
                page.write_string(0, number, title, head)
            self._choose(page, form.key, number, column, len(form.rows))
            for line, row in enumerate(form.rows, 1):
                if column == "called":
                    self._called(page, line, number, row)
                elif column in row:
                    self._cell(page, line, number, row[column], cell)
                    self._grow(tall, line, str(row[column]), wide)
        for line, lines in enumerate(tall):
            page.set_row(line, _LINE * min(lines, 27))
        if widths > _FITS:
            page.set_paper(_A3)
        page.freeze_panes(1, 2 if form.key in ("programs", "quotas", "rules", "objectives", "conditions") else 1)
        page.autofilter(0, 0, max(len(form.rows), 1), len(columns) - 1)

    def _grow(self, tall: list[int], line: int, text: str, wide: int) -> None:
        """As many lines as a text takes in a column: not every program makes a row as high as its texts."""
        tall[line] = max(tall[line], sum(-(-columns_of(part) // (wide - 2)) or 1 for part in text.split("\n")))

    def _cell(self, page: Any, line: int, number: int, value: Written, cell: Any) -> None:
        if isinstance(value, bool):
            page.write_boolean(line, number, value, self.format(align="left", num_format=_TRUTH))
        elif isinstance(value, int | Decimal):
            page.write_number(line, number, float(value), cell)
        else:
            page.write_string(line, number, value, cell)

    def _called(self, page: Any, line: int, number: int, row: Mapping[str, Written]) -> None:
        """What a program is called: looked up, so that it stands in one place only."""
        from xlsxwriter.utility import quote_sheetname

        programs = self.content.forms["programs"]
        at = programs.columns.index(f"title.{self.lang}") + 1
        sheet = quote_sheetname(sheet_title("programs", self.lang))
        formula = f'=IFERROR(VLOOKUP($A{line + 1},{sheet}!$A:$Z,{at},FALSE)&"","")'
        value = self.content.program_titles.get(str(row["program"]), "")
        page.write_formula(line, number, formula, self.format(font_color=_COLOURS["grey"], text_wrap=True), value)

    # Tables -----------------------------------------------------------------------------------------------------------

    def _data(self, page: Any, sheet: DataSheet) -> None:
        head = self.format(bold=True, bg_color=_COLOURS["data"], bottom=1, num_format="@")
        for number, column in enumerate(sheet.columns):
            page.write_string(0, number, column.name, head)
            cell = self._of(column)
            page.set_column(number, number, width([column.name, *filter(None, column.cells)], most=32), cell)
            for line, text in enumerate(column.cells, 1):
                if text is None:
                    continue
                if column.form == "number":
                    page.write_number(line, number, float(text), cell)
                elif column.form == "date":
                    page.write_datetime(line, number, date.fromisoformat(text), cell)
                else:
                    page.write_string(line, number, text, cell)
        page.freeze_panes(1, 1)
        if sheet.columns:
            page.autofilter(0, 0, max(sheet.height, 1), len(sheet.columns) - 1)

    def _of(self, column: DataColumn) -> Any:
        if column.form == "date":
            return self.format(num_format="yyyy-mm-dd")
        if column.form == "number":
            return self.format(num_format="0." + "0" * column.places) if column.places else self.format()
        return self.format(num_format="@")


def width(texts: Iterable[str], most: int = _WIDE) -> int:
    """The width of a column for these texts, in characters of Latin text; longer ones are broken."""
    longest = 0
    for text in texts:
        for line in text.split("\n"):
            longest = max(longest, columns_of(line))
            if longest >= most:
                return most
    return max(_NARROW, longest + 3)
