"""How a figure that is handed over is asked again, by another way than it was made.

Lives here: the question as a value.
Not here: its answer (replayed/recount.py), which figure has which question (tables.py, lists.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allocator.model.query import Label


@dataclass(frozen=True)
class Question:
    """kind `sql`: `text` is a query of the awards and the tables of the run, with one row of one value (none: nothing).

    `rule`, `indicator`, `objective`: `text` is its id, recounted from the awards; `label` the group, `part` what of it: for a
    rule found, at_least, at_most or slack; for an objective its number among the figures. `threshold`: `text` is the program,
    `label` the period and the rules of its class, `part` a field of the list (lowest, highest, awarded, refused ...).

    Of a letter, `text` the program and `label` (unit, period): `score`: what the unit is worth; `needed`: the threshold of that
    unit; `share`: `part` is a field of how places were shared out (explain/sharing.py).
    """

    kind: Literal["sql", "rule", "indicator", "objective", "threshold", "score", "needed", "share"]
    text: str
    label: Label = ()
    part: str = ""
