"""The short names of units that a tile has room for.

Lives here: `short_names`.
Not here: the whole names: every tile tells its own to whoever points at it or hears it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from allocator.words import Lang

_CHINESE = re.compile("[\u3400-\u9fff]+")
_WORD = re.compile(r"[^\W\d_][\w'’-]{0,13}(?=\W|$)")  # Sanjiang Dong Autonomous County -> Sanjiang
_CHARACTERS = (2, 3)  # 三江侗族自治县 -> 三江; three where two are not enough: 防城区, 防城港市 -> 防城区, 防城港
_CODE = 4  # letters of a code that may stand for a name


def short_names(names: Mapping[str, str], lang: Lang) -> dict[str, str]:
    """The first characters of a Chinese name, the first word of another: where no other unit has the same.

    Else its code, if that is short; a unit with neither has no short name.
    """
    short: dict[str, str] = {}
    for length in _CHARACTERS:
        first = {unit: found for unit, name in names.items() if (found := _first(name, lang, length))}
        often = Counter(first.values())
        short |= {unit: found for unit, found in first.items() if often[found] == 1 and unit not in short}
    return {unit: short.get(unit, unit) for unit in names if unit in short or len(unit) <= _CODE}


def _first(name: str, lang: Lang, length: int) -> str:
    found = _CHINESE.match(name) if lang == "zh" else None
    if found:
        return found[0][:length]
    word = _WORD.match(name)
    return word[0] if word else ""
