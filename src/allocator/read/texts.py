"""One spelling for every text that is read, and the rows of a table that are no rows.

Lives here: how a cell, a header and a scalar are spelled; whether bytes are surely Chinese; words of totals and of notes; a year.
Not here: where texts stand in a file (tables.py, yaml.py), what they mean.

Two texts that look the same are the same: composed (Unicode NFC), without blanks at the ends, without characters that
nobody sees, every kind of blank that keeps words together as a plain one. Width and case of letters are kept: they are seen.
"""

import re
import unicodedata
from collections.abc import Iterable

MOST_CHARACTERS = 10_000  # of one text: a cell, a value of YAML

CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")  # they would steer a screen

# Soft hyphen, joiner of graphemes, zero-width blank, marks of direction, word joiner, byte order mark.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TIED_BLANKS = re.compile("[\u00a0\u2007\u202f]")
_AT_ENDS = re.compile("^[\\s\u200c\u200d]+|[\\s\u200c\u200d]+$")  # joiners have a meaning inside words of some scripts

_TOTAL = re.compile(
    r"(合计|总计|小计|共计|累计|总和|合計|總計|小計|计|(grand |sub-?)?totals?|sum)(\s*[(（].*[)）])?\s*[:：]?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(注|备注|附注|说明|数据来源|资料来源|来源|填表人|制表人|审核人|notes?|sources?|remarks?)\s*\d*\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)

# What none of these words starts with, nearly every key: tables are long.
_MAY_BE = re.compile(r"[\s　]*[合总總小共累计計gsｇｓtｔ注备附说数资来填制审nr]", re.IGNORECASE)

_YEAR = re.compile(r"(-?(?:0|[1-9][0-9]{0,8}))\s*(?:年度?)?")

_LEAST_COMMON = 0.75  # of the characters outside ASCII
_COMMON_LEADS = range(0xB0, 0xD8)  # level 1 of GB 2312: the 3,755 characters of everyday texts
_MARK_LEADS = (0xA1, 0xA3)  # its punctuation, its full-width letters and digits


def spelled(text: str) -> str:
    """A text as it is held everywhere."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.strip()
    return _AT_ENDS.sub("", composed(text))


def composed(text: str) -> str:
    """As `spelled`, with the blanks at its ends kept."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _TIED_BLANKS.sub(" ", _UNSEEN.sub("", text)))


def header(text: str) -> str:
    """The name of a column: a line break or several blanks in it are one blank."""
    return " ".join(spelled(text).split())


def has_plain_spelling(text: str) -> bool:
    """Whether no part of this text, cut anywhere at an ASCII character, needs more than blanks cut off at its ends."""
    return text.isascii() or (
        unicodedata.is_normalized("NFC", text)
        and not _UNSEEN.search(text)
        and not _TIED_BLANKS.search(text)
        and "\u200c" not in text
        and "\u200d" not in text
    )


def is_total(text: str) -> bool:
    """Whether a key is the word for a sum of rows: `合 计`, `Total:`, `小计（人）`."""
    if not _MAY_BE.match(text) or len(text) > 40:
        return False
    plain = unicodedata.normalize("NFKC", text).strip()
    return bool(_TOTAL.fullmatch(plain) or _TOTAL.fullmatch("".join(plain.split())))


def is_note(text: str) -> bool:
    """Whether a key is a remark below a table: `注：…`, `Source: …`."""
    return bool(_MAY_BE.match(text) and _NOTE.fullmatch(text.strip()))


def period_of(text: str) -> int | None:
    """A year as people write it (`2025`, `2025年`, `2025 年度`), as a number."""
    match = _YEAR.fullmatch(unicodedata.normalize("NFKC", text))
    return None if match is None or match[1] == "-0" else int(match[1])


def bare_ids(ids: Iterable[str]) -> dict[str, str]:
    """Ids that start with a zero, by what a spreadsheet makes of them: `3` -> `000003`. Those that become one are left out."""
    found: dict[str, str | None] = {}
    for name in ids:
        if name.startswith("0") and name.isdigit():
            bare = name.lstrip("0") or "0"
            found[bare] = None if bare in found else name
    return {bare: name for bare, name in found.items() if name is not None}


def surely_chinese(text: str) -> bool:
    """Whether bytes that GB 18030 read as this text were surely Chinese.

    Nearly every byte string is GB 18030 of something: `Müller` in Latin-1 is `M黮ler`. So three of four characters must be
    everyday ones, and no other one may touch a Latin letter.
    """
    others = [index for index, char in enumerate(text) if not char.isascii()]
    rare = [index for index in others if not _common(text[index])]
    if len(others) - len(rare) < _LEAST_COMMON * len(others):
        return False
    return not any(_latin(text[index - 1 : index]) or _latin(text[index + 1 : index + 2]) for index in rare)


def _common(char: str) -> bool:
    data = char.encode("gb18030")
    return len(data) == 2 and data[1] >= 0xA1 and (data[0] in _COMMON_LEADS or data[0] in _MARK_LEADS)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
