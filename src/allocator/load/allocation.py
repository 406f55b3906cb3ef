"""An allocation from a file that a person made: any order of columns, ids or names, Chinese or English headers, long or wide.

Lives here: what a name in a cell means, every fault of the file in one pass.
Not here: which column says what (layout.py), the value itself (model/allocation.py), whether it keeps the rules (audit/).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from allocator.faults import Fault, InputError, Notice, Place, nearest
from allocator.load.layout import KnownIds, Layout, layout
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.read.documents import read_table
from allocator.read.fault_collector import FirstFaults, shown
from allocator.read.kinds import other_kind_at
from allocator.read.tables import Table
from allocator.read.texts import is_note, is_total, period_of
from allocator.words import Say

_WHOLE = re.compile(r"\+?([0-9]{1,18})(?:\.0+)?")
_TICKS = {"√", "✓", "✔", "☑", "是", "yes"}


def read_allocation(path: str | Path, model: Model, notices: list[Notice] | None = None) -> Allocation:
    """The awards in a CSV file. Raises InputError with every fault.

    Columns are found by the model's own names for them and by the words that people write, further ones are ignored; a wide
    table has a column for each period or for each program. A unit or a program stands as its id or, where only one has it,
    its name in either language; where a row has both, they must agree. What a model has only one of need not be said.
    Without a column for the amount an award of a selection counts 1; rows with the amount 0 are no awards. A year outside
    the plan is no fault of the file: the audit says so. `notices`: takes what a person should look at in the file.
    """
    file = Path(path)
    if other := other_kind_at(file, "table", "book"):
        raise InputError([other])
    table, told = read_table(file, file.name if file.is_file() else str(file))
    reader = _AllocationReader(model, list(told))
    awards = reader.awards(table) if table is not None else []
    faults = [fault for fault in reader.faults if not isinstance(fault, Notice)]
    if faults:
        raise InputError(faults)
    if notices is not None:
        notices += [fault for fault in reader.faults if isinstance(fault, Notice)]
    return Allocation.of(awards)


@dataclass(frozen=True)
class _Said:
    """One award as the file says it: its row, the text of each part, and the column where it stands (None: nowhere)."""

    row: int
    text: Mapping[str, str | None]
    column: Mapping[str, str | None]


class _AllocationReader:
    def __init__(self, model: Model, faults: list[Fault]) -> None:
        self.model, self.faults = model, faults
        self.few = FirstFaults(faults)
        self.units = KnownIds.of(model.unit_names)
        self.programs = KnownIds.of({name: model.program_title(name) for name in model.programs})

    def awards(self, table: Table) -> list[tuple[str, str, int, int]]:
        found = layout(table, self.model, self.units, self.programs, self.faults)
        if found is None or self._lost_zeros(table, found):
            return []
        awards: list[tuple[str, str, int, int]] = []
        first: dict[tuple[str, str, int], Place] = {}
        for said in _each(table, found):
            at = {what: table.place_of(said.row, column) for what, column in said.column.items()}
            cell = said.text
            if self._is_none(table, said, at["unit"]):
                continue
            unit = self._meant(self.units, "unit", cell["unit"], at["unit"], table, said.row, found)
            program = self._meant(self.programs, "program", cell["program"], at["program"], table, said.row, found)
            period = self._period(cell["period"], at["period"])
            amount = self._amount(cell["amount"], at["amount"], program, given=said.column["amount"] is not None)
            if unit is None or program is None or period is None or amount is None:
                continue
            key = (unit, program, period)
            place = table.place_of(said.row, said.column["amount"] if found.across else None)
            if key in first:
                self.few.add(Fault("duplicate-row", place, {"key": ", ".join(map(str, key)), "first": first[key]}))
                continue
            first[key] = place
            awards.append((*key, amount))
        self.few.close()
        return awards

    def _is_none(self, table: Table, said: _Said, place: Place) -> bool:
        """Whether a row is a total or a remark, told."""
        text = said.text["unit"]
        cells = [value for values in table.columns.values() if (value := values[said.row]) is not None]
        if text is None:
            text = next((cell for cell in cells if is_total(cell)), None)
        if text is None or self.units.meant(text):
            return False
        if is_total(text):
            self.few.add(Fault("total-row", place, {"text": text, "what": Say("faults.row.award")}))
            return True
        if is_note(text) and len(cells) == 1:
            self.few.add(Fault("note-row", place, {"text": text}))
            return True
        return False

    def _lost_zeros(self, table: Table, found: Layout) -> bool:
        """Whether the ids have lost the zeros at their start, as a spreadsheet makes them: one cause, told once."""
        if found.unit is None:
            return False
        values = table.columns[found.unit]
        lost = [row for row, value in enumerate(values) if value is not None and self.units.without_zeros(value)]
        if not lost:
            return False
        text = values[lost[0]] or ""
        params = {"text": text, "id": self.units.without_zeros(text), "count": len(lost)}
        self.faults.append(Fault("zeros-lost", table.place_of(lost[0], found.unit), params))
        return True

    def _meant(
        self, known: KnownIds, what: str, text: str | None, place: Place, table: Table, row: int, found: Layout
    ) -> str | None:
        if text is None:
            self.few.add(Fault("empty-key", place, {"column": place.field}))
            return None
        ids = known.meant(text)
        beside = [(c, cell) for c in found.beside.get(what, ()) if (cell := table.columns[c][row]) is not None]
        for _, cell in beside if len(ids) > 1 else ():
            both = tuple(name for name in ids if name in known.meant(cell))
            ids = both or ids
        if len(ids) == 1:
            for column, cell in beside:
                others = known.meant(cell) or known.loosely(cell)
                if others and ids[0] not in others:
                    told = {"this": cell, "other": text, "column": place.field or "", "meant": others[0], "id": ids[0]}
                    self.few.add(Fault("allocation-contradiction", table.place_of(row, column), told))
                    return None
            return ids[0]
        if ids:
            expected = Say("faults.expect.one-of", {"options": ", ".join(ids)})
            self.few.add(Fault("allocation-ambiguous-name", place, {"name": text}, expected=expected))
        elif what == "program" and text in self.model.past_programs:
            self.few.add(Fault("program-not-planned", place, {"program": text}))
        else:
            self.few.add(Fault(_UNKNOWN[what], place, {what: text}, nearest=nearest(text, known.all())))
        return None

    def _period(self, text: str | None, place: Place) -> int | None:
        if text is None:
            self.few.add(Fault("empty-key", place, {"column": place.field}))
            return None
        period = period_of(text)
        if period is None:
            self.few.add(Fault("not-whole", place, found=shown(text)))
        return period

    def _amount(self, text: str | None, place: Place, program: str | None, *, given: bool) -> int | None:
        selection = program is not None and self.model.programs[program].decides == "selection"
        if not given:
            if program is None or selection:
                return 1
            self.few.add(Fault("allocation-no-amount", Place(place.file, row=place.row), {"program": program}))
            return None
        plain = unicodedata.normalize("NFKC", text or "")
        if selection and plain.casefold() in _TICKS:
            return 1
        match = _WHOLE.fullmatch(plain)
        if match is None:
            self.few.add(Fault("allocation-amount", place, found=shown(text)))
            return None
        return int(match[1])


_UNKNOWN = {"unit": "unknown-unit", "program": "unknown-program"}


def _each(table: Table, found: Layout) -> Iterator[_Said]:
    """The awards that a table says: one a row, or one a filled cell of a wide one."""

    def texts(row: int) -> dict[str, str | None]:
        columns = {"unit": found.unit, "program": found.program, "period": found.period, "amount": found.amount}
        held = {what: table.columns[name][row] if name else None for what, name in columns.items()}
        return held | {what: value for what, value in found.fixed.items() if columns[what] is None}

    columns = {"unit": found.unit, "program": found.program, "period": found.period, "amount": found.amount}
    for row in range(len(table)):
        if found.across is None:
            yield _Said(row, texts(row), columns)
            continue
        for column, value in found.wide.items():
            if (cell := table.columns[column][row]) is not None:
                yield _Said(row, texts(row) | {found.across: value, "amount": cell}, columns | {"amount": column})
