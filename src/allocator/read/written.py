"""What a cell says: the number, the truth value or the date that is written in it; and what was meant where it is none.

Lives here: the forms that are read, exactly; the nearest right form of a cell that has another one.
Not here: which columns are numbers or dates (load/readings.py), reading files (tables.py).

A number: 12, -3, 0.5, .5, 4.77e-05; no sign for thousands, no percent, no leading zero (007 is a code). A truth value: true or
false in any case. A date: year, month and day, 2026-03-01, 2026/3/1 or 2026年3月1日.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

MOST_DIGITS = 38  # what DuckDB's decimals hold
MOST_PLACES = 18  # decimal places of exact figures
WHOLE_BELOW = 2**63

_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
)
_TRUTH = {"true": True, "false": False}

_SPREADSHEET = {"#n/a", "#na", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!"}
_NOTHING = {
    "na", "n/a", "nan", "null", "none", "nil", "-", "--", "---", "—", "——", "–", "/", "\\", "?", ".", "…", "...",
    "tbd", "unknown", "无", "没有", "缺", "缺失", "暂无", "未知", "不详", "待定", "空",
}  # fmt: skip
_YES = {"yes", "y", "t", "1", "是", "真", "有", "√", "✓", "对"}
_NO = {"no", "n", "f", "0", "否", "假", "无", "×", "✗", "x", "错"}
_THOUSANDS = re.compile(r"([+-]?[0-9]{1,3})((?:[,'’ \u00a0\u202f\u2009][0-9]{3})+)(\.[0-9]+)?")
_POINTS = re.compile(r"([+-]?[0-9]{1,3})((?:\.[0-9]{3})+),([0-9]+)")
_COMMA = re.compile(r"([+-]?[0-9]+),([0-9]+)")
_BRACKETS = re.compile(r"\((.+)\)")
_UNIT = re.compile(r"[^\d.,+-]*\s*([+-]?[\d.,' ]*\d)\s*[^\d.,]*")
_FIGURE = re.compile(r"[+-]?[0-9][0-9OolI.,' ]*(%|[^\x00-\x7f]+| [A-Za-z]+)?")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "。": "."})
_LETTERS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
_FIRST_DAY = date(1899, 12, 30)  # day 0 of a spreadsheet


def number(cell: str) -> Decimal | None:
    """The number that is written, exact; None for anything else."""
    return Decimal(cell) if _NUMBER.fullmatch(cell) else None


def truth(cell: str) -> bool | None:
    return _TRUTH.get(cell.lower())


def day(cell: str) -> date | None:
    """The date that is written; None for anything else, and for a day that no calendar has."""
    match = _DATE.fullmatch(cell)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups() if part is not None))
    except ValueError:
        return None


def spoiled(cell: str) -> bool:
    """Whether a cell holds an error of a spreadsheet (#N/A): nobody means it."""
    return cell.lower() in _SPREADSHEET


def nothing(cell: str) -> bool:
    """Whether a cell seems to say that there is no value."""
    return spoiled(cell) or cell.lower() in _NOTHING


def near_number(cell: str) -> str | None:
    """The number that a cell was most likely meant to be; None where nothing is near."""
    text = unicodedata.normalize("NFKC", cell).translate(_MINUS).strip(" '\"`")
    return _near_number(text) if text else None


def near_whole(cell: str) -> str | None:
    """The same where it is a whole number above 0."""
    near = near_number(cell)
    return near if near is not None and near.isdigit() and int(near) > 0 else None


def near_figure(text: str) -> str | None:
    """The number that an expression was most likely meant to be, where it is one with a sign or a unit behind it: `12 places`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return near_number(plain) if _FIGURE.fullmatch(plain) else None


def _near_number(text: str) -> str | None:
    if number(text) is not None:
        return text
    if match := _BRACKETS.fullmatch(text):
        inner = _near_number(match[1])
        return f"-{inner}" if inner and inner[0] not in "+-" else None
    if text.endswith("%"):
        inner = _near_number(text[:-1].strip())
        return _plain(Decimal(inner) / 100) if inner else None
    if match := _THOUSANDS.fullmatch(text):
        return match[1] + re.sub(r"[^0-9]", "", match[2]) + (match[3] or "")
    if match := _POINTS.fullmatch(text):
        return f"{match[1]}{match[2].replace('.', '')}.{match[3]}"
    if match := _COMMA.fullmatch(text):
        return _near_number(f"{match[1]}.{match[2]}")
    if re.fullmatch(r"[+-]?0+[0-9.]+", text):
        sign = "-" if text[0] == "-" else ""
        bare = text.lstrip("+-").lstrip("0")
        return sign + ("0" + bare if bare[:1] in ("", ".") else bare)
    if re.fullmatch(r"[+-]?[0-9]+\.", text):
        return text[:-1]
    if re.search(r"[0-9]", text) and number(letters := text.translate(_LETTERS)) is not None:
        return letters
    if (match := _UNIT.fullmatch(text)) and match[1] != text:
        return _near_number(match[1].strip())
    return None


def near_truth(cell: str) -> str | None:
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    return text if text in _TRUTH else "true" if text in _YES else "false" if text in _NO else None


def near_day(cell: str) -> str | None:
    """The date that a cell was most likely meant to be, where the order of day and month is no guess."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if (found := day(text)) is not None:
        return found.isoformat()
    if re.fullmatch(r"[1-9][0-9]{4}", text):  # how a spreadsheet counts days
        return (_FIRST_DAY + timedelta(days=int(text))).isoformat()
    if match := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text):
        return _iso("-".join(match.groups()))
    if match := re.match(r"([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})(?:[T ].*)?$", text):
        return _iso("-".join(match.groups()))
    if match := re.fullmatch(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})", text):
        one, other, year = match.groups()
        if int(one) > 12:
            return _iso(f"{year}-{other}-{one}")
        if int(other) > 12 or one == other:
            return _iso(f"{year}-{one}-{other}")
    return None


def _iso(text: str) -> str | None:
    found = day(text)
    return None if found is None else found.isoformat()


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
