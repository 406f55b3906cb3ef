"""How a table of awards that a person made is laid out: which column says what, long or wide.

Lives here: the choice of columns by the model's own names, by what people write and by what stands in them; ids and names.
Not here: the awards themselves (allocation.py), the words of headers (read/headers.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allocator.faults import Fault, Notice, nearest
from allocator.load.row_checks import whole_number
from allocator.model.fields import Text
from allocator.model.model import Model
from allocator.read.fault_collector import FirstFaults
from allocator.read.headers import HEADERS, columns_of, plain
from allocator.read.tables import Table
from allocator.read.texts import bare_ids, is_total, period_of
from allocator.words import Say

_HALF = 0.5
# They may name something else of the row: a prefecture, the number of a measure, a line.
_NO_WITNESS = {plain(word) for word in ("id", "市", "action", "行动", "units", "programs")}


@dataclass(frozen=True)
class KnownIds:
    """Ids, and what else they are called."""

    ids: frozenset[str]
    names: Mapping[str, tuple[str, ...]]  # as they are compared
    written: frozenset[str]
    bare: Mapping[str, str]  # ids by what is left without the zeros at their start

    @classmethod
    def of(cls, names: Mapping[str, Text]) -> KnownIds:
        called: dict[str, set[str]] = {}
        for key, text in names.items():
            for name in {_plain(key), _plain(text.zh), _plain(text.en)}:
                called.setdefault(name, set()).add(key)
        meant = {name: tuple(sorted(keys)) for name, keys in called.items()}
        written = frozenset(name for text in names.values() for name in (text.zh, text.en))
        return cls(frozenset(names), meant, written, bare_ids(names))

    def meant(self, text: str) -> tuple[str, ...]:
        """The ids that a cell may mean: one if it is clear."""
        return (text,) if text in self.ids else self.names.get(_plain(text), ())

    def without_zeros(self, text: str) -> str | None:
        """The id that a cell would be with the zeros at its start, if it is none as it stands."""
        return None if self.meant(text) else self.bare.get(text)

    def loosely(self, text: str) -> tuple[str, ...]:
        """As `meant`, of an id that lost its zeros too."""
        found = self.without_zeros(text)
        return () if found is None else (found,)

    def all(self) -> Iterable[str]:
        return self.ids | self.written


@dataclass(frozen=True)
class Layout:
    """The columns of a table of awards. `across`: what a wide table has a column for each of, with the columns in `wide`.

    fixed: what no column says because there is only one. beside: further columns that name the unit or the program.
    """

    unit: str | None
    program: str | None
    period: str | None
    amount: str | None
    across: str | None = None
    wide: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)


def layout(table: Table, model: Model, units: KnownIds, programs: KnownIds, faults: list[Fault]) -> Layout | None:
    """The layout of a table; None where no column says a thing that must be said, told."""
    return _Finder(table, model, units, programs, faults).layout()


class _Finder:
    def __init__(self, table: Table, model: Model, units: KnownIds, programs: KnownIds, faults: list[Fault]) -> None:
        self.table, self.model, self.faults = table, model, faults
        self.known = {"unit": units, "program": programs}
        self.own = _own_names(model)
        self.taken: set[str] = set()

    def layout(self) -> Layout | None:
        beside: dict[str, Sequence[str]] = {}
        found: dict[str, str | None] = {}
        for what in ("unit", "program"):
            found[what], beside[what] = self._of_known(what)
        for what in ("period", "amount"):
            found[what] = next(iter(self._candidates(what)), None)
            self.taken |= {found[what] or ""}
        across, wide = self._across(found)
        fixed = self._fixed()
        lacking = [
            what for what in ("unit", "program", "period") if not (found[what] or what == across or what in fixed)
        ]
        for what in lacking:
            self._lacks(what)
        if lacking:
            return None
        if across is not None:
            self.taken -= {found["amount"] or ""}
            if not self._unread(wide):  # which a total may count
                self._sums(wide)
            found["amount"] = None
        return Layout(found["unit"], found["program"], found["period"], found["amount"], across, wide, fixed, beside)

    def _candidates(self, what: str) -> list[str]:
        return [c for c in columns_of(what, self.table.columns, self.own[what]) if c not in self.taken]

    def _of_known(self, what: str) -> tuple[str | None, Sequence[str]]:
        """The column that says the units or the programs, and those beside it that name them too.

        The surest by its header, unless less than half of it is known and another one is better. Without such a header it
        is the only column in which everything is known.
        """
        candidates = self._candidates(what)
        if not candidates:
            fitting = [c for c in self.table.columns if c not in self.taken and self._share(c, what) == 1]
            if len(fitting) != 1:
                return None, ()
            self.faults.append(
                Notice("column-by-content", self.table.header(fitting[0]), {"what": Say(f"faults.column.{what}")})
            )
            candidates = fitting
        shares = {c: self._share(c, what) for c in candidates}
        chosen = candidates[0]
        if shares[chosen] < _HALF:
            chosen = max(candidates, key=lambda c: (shares[c], -candidates.index(c)))
        own = {plain(name) for name in self.own[what]}
        beside = [
            c
            for c in candidates
            if c != chosen and (plain(c) in own or plain(c) not in _NO_WITNESS or (plain(c) == "id" and shares[c] == 1))
        ]
        self.taken |= {chosen, *beside}
        return chosen, tuple(beside)

    def _share(self, column: str, what: str) -> float:
        """How much of what stands in a column is known."""
        values = {value for value in self.table.columns[column] if value is not None and not is_total(value)}
        return sum(bool(self.known[what].meant(value)) for value in values) / len(values) if values else 0.0

    def _across(self, found: Mapping[str, str | None]) -> tuple[str | None, Mapping[str, str]]:
        """Of a wide table: what its columns are of, and each column's period or program."""
        rest = [column for column in self.table.columns if column not in self.taken and not is_total(column)]
        if found["period"] is None:
            periods = {column: str(period) for column in rest if (period := period_of(column)) is not None}
            planned = {str(period) for period in self.model.policy.periods}
            if planned & set(periods.values()):
                return "period", periods
        if found["program"] is None:
            named = {c: ids[0] for c in rest if len(ids := self.known["program"].meant(c)) == 1}
            if named:
                return "program", named
        return None, {}

    def _fixed(self) -> dict[str, str]:
        """What there is only one of."""
        programs, periods = list(self.model.programs), self.model.policy.periods
        fixed = {"program": programs[0]} if len(programs) == 1 else {}
        return fixed | ({"period": str(periods[0])} if len(periods) == 1 else {})

    def _lacks(self, what: str) -> None:
        words = [*self.own[what], *HEADERS[what][:1]]
        rest = [column for column in self.table.columns if column not in self.taken]
        near = next((column for column in rest if nearest(column, [*words, *HEADERS[what]])), None)
        params = {"what": Say(f"faults.column.{what}")}
        place = self.table.header()
        expected = Say("faults.expect.one-of", {"options": ", ".join(dict.fromkeys(words))})
        self.faults.append(
            Fault("allocation-column", place, params, expected=expected if len(words) > 1 else words[0], nearest=near)
        )

    def _unread(self, wide: Mapping[str, str]) -> list[str]:
        """The columns of a wide table that nobody reads, where they could hold awards."""
        unread = [
            column
            for column, values in self.table.columns.items()
            if not (column in wide or column in self.taken or is_total(column))
            and any(value is not None and value.isdigit() and value != "0" for value in values)
        ]
        self.faults += [Notice("column-not-read", self.table.header(column), {"column": column}) for column in unread]
        return unread

    def _sums(self, wide: Mapping[str, str]) -> None:
        """What a column of totals says otherwise than the cells of its row."""
        few = FirstFaults(self.faults)
        for column in filter(is_total, self.table.columns):
            for row, total in enumerate(self.table.columns[column]):
                cells = [cell for name in wide if (cell := self.table.columns[name][row]) is not None]
                numbers = [whole_number(cell) for cell in cells]
                said = None if total is None else whole_number(total)
                if said is None or None in numbers:
                    continue
                found = sum(number for number in numbers if number is not None)
                if said != found:
                    params = {"total": said, "sum": found, "cells": " + ".join(cells) or "0"}
                    few.add(Fault("allocation-sum", self.table.place_of(row, column), params))
        few.close()


def _own_names(model: Model) -> dict[str, list[str]]:
    """What the files of the model call their columns."""
    policy = model.policy
    units, program = [policy.units.id], []
    if policy.units.name is not None:
        units += [policy.units.name.zh, policy.units.name.en]
    for declared in policy.programs.values():
        if declared.source is not None:
            program.append(declared.source.id)
            if declared.source.name is not None:
                program += [declared.source.name.zh, declared.source.name.en]
    found = {"unit": units, "program": program, "period": [], "amount": []}
    for table in policy.tables.values():
        for what, column in table.key.in_file.items():
            if what in found:
                found[what].append(column)
    return found


def _plain(text: str) -> str:
    """A name as it is compared: width of letters, case and blanks around it do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
