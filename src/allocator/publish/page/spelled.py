"""How a name can be typed in the search of the page: as it is, in pinyin, by its initials.

Lives here: that, made once when the page is written, so that its script needs no table of pinyin.
Not here: the search itself (assets/search.js).
"""

from __future__ import annotations

from itertools import product

MOST_READINGS = 4  # of a name with characters that are read in several ways


def keys(code: str, zh: str, en: str) -> str:
    """What the search looks through, in small letters, one key a line: code, English name, pinyin and initials.

    The Chinese name itself stands beside them in the page.
    """
    found = [code, en]
    for reading in () if zh.isascii() else _readings(zh):
        found += ["".join(reading), "".join(part[:1] for part in reading)]
    return "\n".join(dict.fromkeys(text.casefold() for text in found if text))


def _readings(text: str) -> list[tuple[str, ...]]:
    """The usual reading first, then others of its characters."""
    from pypinyin import Style, lazy_pinyin, pinyin

    usual = tuple(_parts(lazy_pinyin(text, style=Style.NORMAL)))
    each = pinyin(text, style=Style.NORMAL, heteronym=True)
    others = [tuple(_parts(reading)) for _, reading in zip(range(MOST_READINGS), product(*each), strict=False)]
    return list(dict.fromkeys([usual, *others]))


def _parts(reading: list[str] | tuple[str, ...]) -> list[str]:
    """Letters and digits only; what is no Chinese character stays as it is written."""
    parts = ["".join(sign for sign in part if sign.isalnum()) for part in reading]
    return [part for part in parts if part]
