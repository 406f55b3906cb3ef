"""The cells of one column, and what they say as a number, a truth value or a date; a cell that says nothing of the kind.

Lives here: a column with its cells read once a kind, which kind most of them are, the fault of a cell that does not fit.
Not here: which kind a column has (readings.py), how a text is read (read/written.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from allocator.database.asked import Kind
from allocator.faults import Fault, Place
from allocator.model.table import DataTable
from allocator.read.written import (
    MOST_DIGITS,
    MOST_PLACES,
    day,
    near_day,
    near_number,
    near_truth,
    nothing,
    number,
    spoiled,
    truth,
)
from allocator.words import Say

Cells = Sequence[str | None]
FaultOfCell = Callable[[str, Place], Fault]

_READ: dict[Kind, Callable[[str], Any]] = {"number": number, "yes_no": truth, "date": day}
_NEAR: dict[Kind, Callable[[str], str | None]] = {"number": near_number, "yes_no": near_truth, "date": near_day}


@dataclass(frozen=True)
class HeldColumn:
    """A column with its table."""

    table: DataTable
    name: str
    _read: dict[Kind, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def cells(self) -> Cells:
        return self.table.columns[self.name].values

    @cached_property
    def filled(self) -> tuple[str, ...]:
        """The different filled cells, in the order in which they first stand there."""
        return tuple(cell for cell in self.table.columns[self.name].coded.distinct if cell is not None)

    def read(self, kind: Kind) -> Mapping[str, Any]:
        """What each different filled cell says as a kind; None where it is none. Each cell is read once a kind."""
        if kind not in self._read:
            self._read[kind] = {cell: _READ[kind](cell) for cell in self.filled}
        return self._read[kind]

    def fitting(self, kind: Kind) -> int:
        return sum(value is not None for value in self.read(kind).values())

    @cached_property
    def natural(self) -> Kind:
        """What all filled cells are; a text where they are nothing else, or where there is none."""
        kinds: tuple[Kind, ...] = ("number", "yes_no", "date")
        return next((kind for kind in kinds if self.filled and self.fitting(kind) == len(self.filled)), "text")

    def mostly(self, kind: Kind) -> bool:
        """Whether at least half of the different filled cells are of a kind: then the others are mistakes."""
        return bool(self.filled) and 2 * self.fitting(kind) >= len(self.filled)

    def seems(self, kind: Kind) -> bool:
        """Whether most cells are of a kind, or are near to it."""
        if not self.filled:
            return True
        near = _NEAR[kind]
        fit = sum(
            value is not None or nothing(cell) or near(cell) is not None for cell, value in self.read(kind).items()
        )
        return 2 * fit >= len(self.filled)


def misfit(kind: Kind) -> FaultOfCell:
    def fault(text: str, place: Place) -> Fault:
        params = {"cell": text, "kind": Say(f"faults.read-as.{kind}")}
        if spoiled(text):
            return Fault("cell-spreadsheet-error", place, params)
        if nothing(text):
            return Fault("cell-no-value", place, params)
        return Fault("cell-not-of-kind", place, params, nearest=_NEAR[kind](text))

    return fault


def too_fine(places: int) -> FaultOfCell:
    return lambda _, place: Fault("too-many-places", place, {"most": MOST_PLACES}, found=places)


def too_wide(text: str, place: Place) -> Fault:
    return Fault("cell-many-digits", place, {"cell": text, "most": MOST_DIGITS})
