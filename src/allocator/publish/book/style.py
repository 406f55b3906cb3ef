"""How the cells of a book look: fonts, fills, formats of numbers, the signs of marked cells.

Lives here: the formats of xlsxwriter, each made once; what a cell shows as text (for widths), and as value.
Not here: where cells stand (layout.py), how wide they are (measure.py).

A mark is a sign and a fill. The fills differ in lightness, so that they differ on a grey print; the sign says the same without
any. The sign of a figure belongs to its format: the figure stays a figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from allocator.publish.content import Cell, Column, Value
from allocator.runs.sheets import runs_as_formula
from allocator.words import Lang

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

FONTS: dict[Lang, str] = {"zh": "宋体", "en": "Arial"}  # those that Excel and WPS Office have everywhere
SIZES: dict[Lang, float] = {"zh": 10.5, "en": 10}
SIGNS = {"drawn": "*", "broken": "!", "by-hand": "#"}
FILLS = {"drawn": "#DDEBF7", "broken": "#F4B084", "by-hand": "#C6E0B4"}
HEAD_FILL, TOTAL_FILL, EDGE = "#D9D9D9", "#F2F2F2", "#808080"
MOST_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
MOST_DIGITS = 4  # behind the point, where a figure has no short decimal
LONGEST_TEXT = 32_767  # of a cell: what a spreadsheet takes


@dataclass(frozen=True)
class Shown:
    """A cell as it is written: a number with its format, or a text; `text`: what a person sees."""

    number: float | int | None
    format: str
    text: str


def shown(cell: Cell, column: Column) -> Shown:
    """How a cell stands in the book."""
    return _shown(cell.value, cell.kind, cell.said, column.kind)


@lru_cache(maxsize=100_000)
def _shown(value: Value, mark: str, said: str, kind: str) -> Shown:
    """Most cells of a large book are alike."""
    sign = SIGNS.get(mark, "")
    if value is None:
        return Shown(None, "", sign)
    if isinstance(value, str) or said:  # a figure in the words of the policy is a text, which wraps
        value = said or str(value)
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        text = f"{value} {sign}" if sign else value
        return Shown(None, "", text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…")
    figure = Fraction(value)
    if abs(figure.numerator) >= MOST_EXACT or figure.denominator >= MOST_EXACT:
        return Shown(None, "", f"{figure} {sign}".strip())
    plain = _number_format(figure, kind)
    text = _as_text(figure, plain)
    end = f" {sign}" if sign else ""
    number = int(figure) if figure.denominator == 1 else float(figure)
    return Shown(number, plain + (_literal(end) if end else ""), text + end)


def _literal(text: str) -> str:
    return f'"{text}"' if text else ""


def _number_format(figure: Fraction, kind: str) -> str:
    """Numbers in columns of text are years and the like: no comma stands in them."""
    percent = kind == "percent"
    digits = _digits(figure * 100 if percent else figure)
    whole = "#,##0" if kind == "number" else "0"
    return whole + (f".{'0' * digits}" if digits else "") + ("%" if percent else "")


def _digits(figure: Fraction) -> int:
    """Behind the point: as many as make it exact, four at most."""
    return next((n for n in range(MOST_DIGITS) if (figure * 10**n).denominator == 1), MOST_DIGITS)


def _as_text(figure: Fraction, plain: str) -> str:
    percent = plain.endswith("%")
    digits = len(plain.rstrip("%").partition(".")[2])
    text = f"{float(figure * 100 if percent else figure):,.{digits}f}"
    return (text if "," in plain else text.replace(",", "")) + ("%" if percent else "")


class Styles:
    """The formats of one book, each made when it is first needed."""

    def __init__(self, book: Workbook, lang: Lang) -> None:
        self.book = book
        self.base: dict[str, Any] = {"font_name": FONTS[lang], "font_size": SIZES[lang], "valign": "vcenter"}
        self.size = SIZES[lang]
        self._of = cache(self._made)
        self._cells: dict[tuple[str, str, bool, str, bool, bool], Format] = {}

    def _made(self, **own: Any) -> Format:
        return self.book.add_format({**self.base, **own})

    def title(self) -> Format:
        return self._of(bold=True, font_size=self.size + 5, text_wrap=True)

    def line(self, *, bold: bool = False) -> Format:
        """A text over all columns, outside the table."""
        return self._of(text_wrap=True, bold=bold, valign="top")

    def block(self) -> Format:
        """The title of a table below another one."""
        return self._of(bold=True, text_wrap=True, border=1, border_color=EDGE, bg_color=HEAD_FILL)

    def head(self) -> Format:
        return self._of(bold=True, text_wrap=True, border=1, border_color=EDGE, bg_color=HEAD_FILL, align="center")

    def mark(self, kind: str) -> Format:
        """An entry of the legend."""
        return self._of(border=1, border_color=EDGE, bg_color=FILLS[kind], align="center", bold=kind == "broken")

    def text(self) -> Format:
        return self._of(border=1, border_color=EDGE, text_wrap=True, num_format="@", indent=1)

    def figure(self) -> Format:
        return self._of(border=1, border_color=EDGE, num_format="#,##0", align="right", indent=1)

    def link(self) -> Format:
        return self._of(font_color="#0563C1", underline=1, border=1, border_color=EDGE, text_wrap=True, indent=1)

    def cell(self, cell: Cell, column: Column, held: Shown, *, total: bool) -> Format:
        key = (cell.kind, column.kind, held.number is None, held.format, total, runs_as_formula(held.text))
        if key not in self._cells:
            self._cells[key] = self._cell(*key)
        return self._cells[key]

    def _cell(self, mark: str, kind: str, text: bool, number_format: str, total: bool, runs: bool) -> Format:
        own: dict[str, Any] = {"border": 1, "border_color": EDGE, "indent": 1}
        if text:
            own |= {"text_wrap": True, "num_format": "@", "align": "left" if kind == "text" else "center"}
            if kind != "text":
                own["indent"] = 0
            if runs:
                own["quote_prefix"] = True  # whoever opens the cell and leaves it has a text still
        else:
            own |= {"num_format": number_format, "align": "right"}
            if kind == "text":
                own |= {"align": "center", "indent": 0}
        if total:
            own |= {"bold": True, "bg_color": TOTAL_FILL}
        if mark in FILLS:
            own |= {"bg_color": FILLS[mark], "bold": total or mark == "broken"}
        return self._of(**own)
