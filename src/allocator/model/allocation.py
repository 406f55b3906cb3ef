"""The allocation: a tidy table `unit, program, period, amount`, sorted; the plan, the past and a proposal have this form.

Lives here: the value and its bytes as CSV.
Not here: reading one from a file that a person made (load/allocation.py), judging it (audit/).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Award(NamedTuple):
    """One unit's award of one program in one period; `amount` is a whole number >= 1."""

    unit: str
    program: str
    period: int
    amount: int


@dataclass(frozen=True)
class Allocation:
    """Awards sorted by unit, program, period; each (unit, program, period) stands once."""

    awards: tuple[Award, ...]

    @classmethod
    def of(cls, awards: Iterable[tuple[str, str, int, int]]) -> Allocation:
        """From any order; amounts of 0 are left out. Raises ValueError for a cell named twice."""
        kept = sorted(Award(u, p, int(t), int(a)) for u, p, t, a in awards if a)
        for one, two in pairwise(kept):
            if one[:3] == two[:3]:
                raise ValueError(f"named twice: {one[:3]}")
        return cls(tuple(kept))

    @cached_property
    def amounts(self) -> dict[tuple[str, str, int], int]:
        return {(a.unit, a.program, a.period): a.amount for a in self.awards}

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Allocation:
        """From a pandas table with the columns unit, program, period, amount; others are ignored. Ids are compared as text.

        Raises ValueError for a column that is missing, an empty cell, an amount or a period that is no whole number.
        """
        missing = [name for name in Award._fields if name not in frame.columns]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}; there are: {', '.join(map(str, frame.columns))}")
        rows = []
        for row, cells in enumerate(zip(*(frame[name].tolist() for name in Award._fields), strict=True)):
            if any(cell is None or cell != cell for cell in cells):
                raise ValueError(f"row {row}: an empty cell")
            period, amount = (_whole(cell, row, name) for cell, name in zip(cells[2:], Award._fields[2:], strict=True))
            rows.append((str(cells[0]), str(cells[1]), period, amount))
        return cls.of(rows)

    def distance(self, other: Allocation, of: Collection[str] | None = None) -> int:
        """Sum over units, programs (None: all) and periods of |amount in one - amount in the other|."""
        one, two = self.amounts, other.amounts
        cells = one.keys() | two.keys()
        return sum(abs(one.get(cell, 0) - two.get(cell, 0)) for cell in cells if of is None or cell[1] in of)

    def __repr__(self) -> str:
        return f"<allocation: {len(self.awards)} awards, {sum(award.amount for award in self.awards)} in all>"

    def csv(self) -> str:
        """The bytes of allocation.csv (UTF-8, one line feed a line)."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Award._fields)
        writer.writerows(self.awards)
        return text.getvalue()

    def frame(self) -> pd.DataFrame:
        """A pandas table with the columns unit, program, period, amount."""
        import pandas as pd

        return pd.DataFrame(list(self.awards), columns=list(Award._fields))


def _whole(cell: object, row: int, name: str) -> int:
    try:
        number = int(cell)  # type: ignore[call-overload]
        same = number == cell or str(number) == str(cell).strip()
    except (TypeError, ValueError, OverflowError):
        same = False
    if not same or number < 0:
        raise ValueError(f"row {row}: {name} is no whole number: {cell!r}")
    return int(number)
