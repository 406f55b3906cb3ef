"""What may be chosen from a list in a column of a model's workbook.

Lives here: those lists, kinds of rules and objectives among them.
Not here: how a sheet gets them (write.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocator.model.objective import OBJECTIVES
from allocator.model.rule import RULES
from allocator.read.book.form import FLAGS
from allocator.scenario.layers import KEYS

_MOST = 255  # characters of a list in a sheet

_CHOICES: Mapping[tuple[str, str], Sequence[str]] = {
    ("programs", "decides"): ("selection", "amount"),
    ("programs", "repeat"): ("never", "yearly"),
    ("pins", "award"): ("in", "out"),
    ("columns", "read"): ("text", "number", "yes_no", "date"),
    ("columns", "reported_by"): ("unit",),
    ("scenarios", "part"): tuple(key for key in KEYS if key != "scenario"),
}


def choices(key: str, column: str, ranges: Mapping[str, str], periods: Sequence[int]) -> list[str] | str | None:
    """The list of a column of the sheet `key`, or the range that has it; None where anything may stand.

    ranges: the ranges with a name: `programs`, `units`.
    """
    if column == "program":
        return ranges.get("programs")
    if (key, column) == ("pins", "unit"):
        return ranges.get("units")
    found = _listed(key, column, periods)
    return found if found and len(",".join(found)) <= _MOST else None


def _listed(key: str, column: str, periods: Sequence[int]) -> list[str]:
    if column in FLAGS:
        return ["TRUE", "FALSE"]
    if column == "kind":
        kinds = (RULES if key == "rules" else OBJECTIVES).kinds()
        return sorted(name for name, kind in kinds.items() if not getattr(kind, "is_property", False))
    if (key, column) == ("pins", "period"):
        return [str(period) for period in periods]
    return list(_CHOICES.get((key, column), ()))
