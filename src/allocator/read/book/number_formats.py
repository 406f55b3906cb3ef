"""The number formats of a workbook: what a cell shows of the number in it, as a text.

Lives here: formats with zeros before or behind, dates, times; 15 digits of a number.
Not here: the cells (cells.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from allocator.read.book.container import Handler, local

DIGITS = 15  # what a spreadsheet keeps and shows of a number
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')  # parts of a number format that are no form of the number
_DATES = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_TIMES = {*range(18, 22), 45, 46, 47}
_ZEROS = re.compile(r"0{2,}")
_PLACES = re.compile(r"0\.(0+)")
_BUILT_IN = {1: "0", 2: "0.00", 49: "@"}


@dataclass(frozen=True)
class Form:
    """What a number format says of a number: its places, the zeros before it, whether it is a date; text is text."""

    is_text: bool = False
    date: bool = False
    time: bool = False
    zeros: int = 0
    places: int = 0


class Styles(Handler):
    def __init__(self) -> None:
        self.codes: dict[int, str] = dict(_BUILT_IN)
        self.styles: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "numFmt":
                if attributes.get("numFmtId", "").isdigit():
                    self.codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            case "cellXfs":
                self._inside = True
            case "xf" if self._inside:
                number = attributes.get("numFmtId", "0")
                self.styles.append(int(number) if number.isdigit() else 0)

    def end(self, name: str) -> None:
        if local(name) == "cellXfs":
            self._inside = False

    def forms(self) -> list[Form]:
        known = {number: form_of(number, self.codes.get(number, "")) for number in set(self.styles)}
        return [known[number] for number in self.styles]


def form_of(number: int, code: str) -> Form:
    if number in _DATES or number in _TIMES:
        return Form(date=number in _DATES, time=number in _TIMES or number == 22)
    plain = _QUOTED.sub("", code).lower().partition(";")[0].strip()
    if plain == "@":
        return Form(is_text=True)
    if plain != "general" and re.search("[yd]|m{3}", plain):
        return Form(date=True)
    if re.search("[hs]", plain):
        return Form(time=True)
    if _ZEROS.fullmatch(plain):
        return Form(zeros=len(plain))
    match = _PLACES.fullmatch(plain)
    return Form(places=len(match[1])) if match else Form()


def number_text(value: float, zeros: int, places: int) -> str:
    """A number as it is read, with zeros before it and places behind it as its format has them."""
    if value != value or abs(value) == float("inf"):
        return str(value)
    exact = Decimal(format(value, f".{DIGITS}g"))
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    if places:
        whole, _, behind = text.partition(".")
        text = f"{whole}.{behind.ljust(places, '0')}"
    if zeros and text.isdigit():
        text = text.zfill(zeros)
    return text


def moment(value: float, form: Form, since_1904: bool) -> str | None:
    """A day, a day with its time, or a time; None for a number that is no day."""
    days, rest = divmod(value, 1)
    seconds = round(rest * 86_400)
    if form.time and not form.date:
        hours, left = divmod(seconds, 3_600)
        return f"{int(days) * 24 + hours:02d}:{left // 60:02d}" + (f":{left % 60:02d}" if left % 60 else "")
    if since_1904:
        days += 1462
    elif days < 60:  # spreadsheets hold 1900 for a leap year
        days += 1
    try:
        moment = datetime(1899, 12, 30) + timedelta(days=days, seconds=seconds)
    except OverflowError:
        return None
    return moment.date().isoformat() if not seconds else moment.isoformat(sep=" ")
