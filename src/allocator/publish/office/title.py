"""A title that is longer than a line, in lines of about the same length, no word torn.

Lives here: where its lines end.
Not here: what it says (documents.py).

The standard (7.3.1) asks that no word is torn and that lines stand evenly. Which characters make a Chinese word is not known:
a line ends where marks part the text if that is near, never before a mark that closes or a particle.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import ceil

from allocator.publish.office.layout import measured
from allocator.publish.office.measures import MM
from allocator.publish.office.shown import shown

_CLOSES = frozenset("），。、：；”’》〉」』〕】！？%‰)],.:;!?的和与及")
_OPENS = frozenset("（“‘《〈「『〔【([")
_NEAR = 5  # half characters from the even place


def title_lines(text: str, width: float, size: float) -> list[str]:
    """On `width` mm, of letters of `size` points; a line break of the text's own is one."""
    return [line for part in text.split("\n") for line in _lines(shown(part).strip(), width, size)]


def _lines(text: str, width: float, size: float) -> list[str]:
    room = width * MM / (size / 2) * 0.97
    whole = measured(text)
    count = ceil(whole / room)
    if count < 2:
        return [text]
    places = _places(text)
    ends, start = [0], 0
    for number in range(1, count):
        ideal = whole * number / count
        fit = [place for place in places if start < place < len(text)]
        if not fit:
            break
        start = min(fit, key=lambda place: abs(measured(text[:place]) - ideal) + (0 if _parted(text, place) else _NEAR))
        ends.append(start)
    return [text[a:b].strip() for a, b in pairwise([*ends, len(text)])]


def _places(text: str) -> list[int]:
    """Where a line may end: at blanks, and between Chinese characters."""
    found = []
    for place in range(1, len(text)):
        before, after = text[place - 1], text[place]
        if before == " " or (
            after not in _CLOSES
            and before not in _OPENS
            and after != " "
            and not re.fullmatch(r"[0-9A-Za-z.,－–-]{2}", before + after)
            and (measured(before) == 2 or measured(after) == 2)
        ):
            found.append(place)
    return found


def _parted(text: str, place: int) -> bool:
    """Whether a mark or a blank parts the text there."""
    return text[place - 1] in "），。、：；”’》 :;)" or text[place] in _OPENS
