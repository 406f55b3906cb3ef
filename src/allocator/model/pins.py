"""The id of a pin's rule.

Lives here: one id a (unit, program, period), whatever characters these have, so that no two pins are one rule.
Not here: what a pin says (scenario/overlay.py), the rule itself (rules/fix.py).

Ids of letters, digits and "_" are joined as they are: `pin-ash-training-2026`. Where one has "-" inside, the parts are joined
by "--"; whatever else it has stands as its code point between dots (`.2f.` for "/"). So every id can be taken apart again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_PLAIN = re.compile(r"\w+([.-]\w+)*")
_CODED = re.compile(r"\.[0-9a-f]+\.")


def pin_id(parts: Sequence[object]) -> str:
    """Of unit, program and, where one is named, period."""
    told = [_told(normal(part)) for part in parts]
    between = "--" if any("-" in part for part in told) else "-"
    return f"pin-{between.join(told)}"


def normal(part: object) -> str:
    """A key as it is compared with others."""
    return unicodedata.normalize("NFC", str(part).strip())


def _told(part: str) -> str:
    if _PLAIN.fullmatch(part) and not _CODED.search(part):
        return part
    return "".join(c if re.fullmatch(r"\w", c) else f".{ord(c):x}." for c in part)
