"""An allocation from a file that a person made: any order of columns, ids or names, Chinese or English headers.

Lives here: which column says what, what a name in a cell means, every fault of the file in one pass.
Not here: the value itself (model/allocation.py), whether it keeps the rules (audit/).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from allocator.faults import Fault, InputError, Notice, Place, nearest
from allocator.load.data import Few
from allocator.load.kinds import other_kind_at
from allocator.load.shape import shown
from allocator.load.tables import Table, read_table
from allocator.model.allocation import Allocation
from allocator.model.fields import Text
from allocator.model.policy import Model
from allocator.words import Say

# Header words, the surest first: a table with ids and names is read by its ids. Case, blanks, "_", "-" do not count.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "unit": (
        "unit", "unit id", "unit code", "单位代码", "code", "代码", "行政区划代码", "id", "units", "单位", "单位名称", "county",
        "县（市、区）", "县(市、区)", "县市区", "市县", "区县", "县", "市", "name", "名称",
    ),
    "program": (
        "program", "program id", "programme", "项目代码", "programs", "programmes", "项目", "项目名称", "project", "title",
        "行动名称", "行动", "action",
    ),
    "period": ("period", "year", "年度", "年份", "年", "plan year", "periods", "years"),
    "amount": ("amount", "数量", "名额", "个数", "人数", "数", "number", "places", "count", "quantity", "计划数"),
}  # fmt: skip
_YEAR = re.compile(r"(-?[0-9]{1,9})\s*(?:年度?)?")
_WHOLE = re.compile(r"\+?([0-9]{1,18})(?:\.0+)?")


def read_allocation(path: str | Path, model: Model, notices: list[Notice] | None = None) -> Allocation:
    """The awards in a CSV file (UTF-8 or GBK). Raises InputError with every fault.

    Columns are found by their headers, further ones are ignored. A unit or a program stands as its id or, where only one
    has it, its name in either language. Without a column for the amount an award of a selection counts 1; rows with the
    amount 0 are no awards. A year outside the plan is no fault of the file: the audit says so. `notices`: takes what a
    person should look at in the file.
    """
    file = Path(path)
    if other := other_kind_at(file, "table"):
        raise InputError([other])
    table, faults = read_table(file, file.name if file.is_file() else str(file))
    reader = _Reader(model, [fault for fault in faults if not isinstance(fault, Notice)])
    awards = reader.awards(table) if table is not None else []
    if reader.faults:
        raise InputError(reader.faults)
    if notices is not None:
        notices += [fault for fault in faults if isinstance(fault, Notice)]
    return Allocation.of(awards)


@dataclass(frozen=True)
class _Known:
    """Ids, and what else they are called."""

    ids: frozenset[str]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, names: Mapping[str, Text]) -> _Known:
        called: dict[str, set[str]] = {}
        for key, text in names.items():
            for name in {_plain(key), _plain(text.zh), _plain(text.en)}:
                called.setdefault(name, set()).add(key)
        return cls(frozenset(names), {name: tuple(sorted(keys)) for name, keys in called.items()})

    def meant(self, text: str) -> tuple[str, ...]:
        """The ids that a cell may mean: one if it is clear."""
        return (text,) if text in self.ids else self.names.get(_plain(text), ())

    def all(self) -> Iterable[str]:
        return {*self.ids, *self.names}


class _Reader:
    def __init__(self, model: Model, faults: list[Fault]) -> None:
        self.model, self.faults = model, faults
        self.few = Few(faults)
        self.units = _Known.of(model.unit_names)
        self.programs = _Known.of({name: model.program_title(name) for name in model.programs})

    def awards(self, table: Table) -> list[tuple[str, str, int, int]]:
        columns = {what: self._column(table, what) for what in HEADERS}
        lacking = [what for what in ("unit", "program", "period") if columns[what] is None]
        for what in lacking:
            said = {"what": Say(f"faults.column.{what}")}
            near = nearest(HEADERS[what][0], table.columns)
            self.faults.append(
                Fault("allocation-column", table.header(), said, expected=HEADERS[what][0], nearest=near)
            )
        if lacking:
            return []
        awards = []
        first: dict[tuple[str, str, int], int] = {}
        for row in range(len(table)):
            cell = {what: table.columns[name][row] if name else None for what, name in columns.items()}
            at = {what: table.place_of(row, name) for what, name in columns.items()}
            unit = self._meant(self.units, "unit", cell["unit"], at["unit"])
            program = self._meant(self.programs, "program", cell["program"], at["program"])
            period = self._period(cell["period"], at["period"])
            amount = self._amount(cell["amount"], at["amount"], program, given=columns["amount"] is not None)
            if unit is None or program is None or period is None or amount is None:
                continue
            key = (unit, program, period)
            if key in first:
                words = ", ".join(map(str, key))
                self.few.add(
                    Fault("duplicate-row", table.place_of(row), {"key": words, "first": table.place_of(first[key])})
                )
                continue
            first[key] = row
            awards.append((*key, amount))
        self.few.close()
        return awards

    @staticmethod
    def _column(table: Table, what: str) -> str | None:
        """The column whose header says it most surely."""
        plain = {_header(name): name for name in reversed(table.columns)}
        return next((plain[_header(word)] for word in HEADERS[what] if _header(word) in plain), None)

    def _meant(self, known: _Known, what: str, text: str | None, place: Place) -> str | None:
        if text is None:
            self.few.add(Fault("empty-key", place, {"column": place.field}))
            return None
        found = known.meant(text)
        if len(found) == 1:
            return found[0]
        if found:
            expected = Say("faults.expect.one-of", {"options": ", ".join(found)})
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
        match = _YEAR.fullmatch(unicodedata.normalize("NFKC", text))
        if match is None:
            self.few.add(Fault("not-whole", place, found=shown(text)))
            return None
        return int(match[1])

    def _amount(self, text: str | None, place: Place, program: str | None, *, given: bool) -> int | None:
        if not given:
            if program is None or self.model.programs[program].decides == "selection":
                return 1
            self.few.add(Fault("allocation-no-amount", Place(place.file, row=place.row), {"program": program}))
            return None
        match = _WHOLE.fullmatch(unicodedata.normalize("NFKC", text or ""))
        if match is None:
            self.few.add(Fault("allocation-amount", place, found=shown(text)))
            return None
        return int(match[1])


_UNKNOWN = {"unit": "unknown-unit", "program": "unknown-program"}


def _plain(text: str) -> str:
    """A name as it is compared: width of letters, case and blanks around it do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _header(text: str) -> str:
    return re.sub(r"[\s_-]", "", _plain(text))
