"""The tables of awards that a policy names: the past, the signed years, plans to keep to.

Lives here: their columns, programs of the past, awards that stand twice.
Not here: allocations that a person made (allocation.py), the other tables (data.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from allocator.faults import Fault, Place, nearest
from allocator.load.row_checks import AWARD, RowChecks, places_of, whole_number, with_periods
from allocator.model.fields import Refers, marks
from allocator.model.model import DIMS
from allocator.model.source import FROZEN, PAST, Source
from allocator.model.table import Column, DataTable
from allocator.read.fault_collector import most_faults, shown
from allocator.read.headers import of_ids
from allocator.read.places import KeyPath, Step
from allocator.read.tables import Table, places
from allocator.read.written import near_whole


class AwardTables(RowChecks):
    """The same with the tables of awards."""

    def _past_titles(self, both: Iterable[str]) -> None:
        for name in sorted(both):
            place = self.shaped.place("past", "programs", name, key=True)
            self.faults.append(Fault("past-title-planned", place, {"program": name}))

    def _awards(self) -> None:
        if self.policy.past is not None:
            self.found.past = self._past(self.policy.past.file)
            if self.found.past is None:
                self.found.lost.add(PAST)
        if self.policy.frozen is not None:
            self.found.frozen = self._signed(self.policy.frozen.file, self.policy.frozen.through)
            if self.found.frozen is None:
                self.found.lost.add(FROZEN)
        self._former()

    def _past(self, file: str) -> DataTable | None:
        """Awards of the years before the plan."""
        first = min(self.policy.periods, default=None)

        def before(period: int, place: Place) -> Fault | None:
            if first is None or period < first:
                return None
            return Fault("past-in-plan", place, {"period": period, "first": first})

        return self._award_table(file, ("past", "file"), before, past=True)

    def _signed(self, file: str, through: int) -> DataTable | None:
        """Awards of the years of the plan that are signed."""
        periods = self.policy.periods
        if periods and through not in periods:
            place = self.shaped.place("frozen", "through")
            self.faults.append(Fault("frozen-through", place, {"period": through}, expected=list(periods)))

        def closed(period: int, place: Place) -> Fault | None:
            if periods and period not in periods:
                return Fault("unknown-period", place, {"period": period}, expected=list(periods))
            return Fault("frozen-later", place, {"period": period, "through": through}) if period > through else None

        return self._award_table(file, ("frozen", "file"), closed, past=False)

    def _former(self) -> None:
        """Plans that rules and objectives keep to, by the names of their files."""
        found = self.found
        named: list[tuple[KeyPath, str]] = [
            ((section, index, *at), value)
            for section in ("objectives", "rules")
            for index, declared in enumerate(getattr(self.policy, section))
            for at, mark, value in marks(declared)
            if isinstance(mark, Refers) and mark.to == "file"
        ]
        for path, file in named:
            if any(other != file and other.casefold() == file.casefold() for other in found.allocations):
                self.faults.append(Fault("file-twice", self.shaped.place(*path), {"file": file}))
            elif file not in found.allocations:
                table = self._award_table(file, path, lambda *_: None, past=False)
                if table is not None:
                    found.allocations[file] = table
                else:
                    found.lost.add(Source("former", file))

    def _award_table(
        self, file: str, path: tuple[Step, ...], right_time: Callable[[int, Place], Fault | None], *, past: bool
    ) -> DataTable | None:
        """A table unit, program, period, amount; further columns are left out."""
        table = self._file(file, *path)
        if table is None:
            return None
        own = {"unit": [self._id_of_units() or "unit"]}
        heads = {what: of_ids(what, table.columns, own.get(what, ())) or what for what in AWARD}
        lacking = [what for what, column in heads.items() if column not in table.columns]
        for column in lacking:
            self.faults.append(
                Fault("award-column", table.header(), {"column": column}, nearest=nearest(column, table.columns))
            )
        if lacking:
            return None
        table = with_periods(table, heads["period"])

        def timely(value: str, place: Place) -> Fault | None:
            if (period := whole_number(value)) is not None:
                return right_time(period, place)
            return Fault("not-whole", place, found=shown(value), nearest=near_whole(value))

        def counted(value: str, place: Place) -> Fault | None:
            if (amount := whole_number(value)) is not None and amount >= 1:
                return None
            return Fault("bad-amount", place, found=shown(value), nearest=near_whole(value))

        checks = (self._known_unit(), self._known_program(past=past), timely, counted)
        keys = [heads[what] for what in DIMS]
        bad = self._no_rows({c: table.columns[c] for c in heads.values()}, keys[:2], "award", table.place_of)
        bad |= self._lost_zeros(table.columns[keys[0]], self._unit_ids(), lambda row: table.place_of(row, keys[0]))
        for what, check in zip(AWARD, checks, strict=True):
            bad |= self._wrong_values(table, heads[what], check, bad)
        bad |= self._repeated(table, keys) | self._selected_twice(table, heads)
        good = [row for row in range(len(table)) if row not in bad]

        def kept(name: str) -> list[str]:
            return [value for row in good if (value := table.columns[heads[name]][row]) is not None]

        columns = {
            "unit": Column("text", tuple(kept("unit"))),
            "program": Column("text", tuple(kept("program"))),
            "period": Column("whole", tuple(map(int, kept("period")))),
            "amount": Column("whole", tuple(map(int, kept("amount")))),
        }
        return DataTable(columns, (file,), places_of(places([table]), good))

    def _selected_twice(self, table: Table, heads: Mapping[str, str]) -> set[int]:
        """The rows in which a program that decides a selection has an amount above 1, told."""
        programs, amounts = table.columns[heads["program"]], table.columns[heads["amount"]]
        selections = {program for program in set(programs) if program is not None and self._is_selection(program)}
        above = {amount for amount in set(amounts) if (whole_number(amount) or 0) > 1}
        rows = [row for row, amount in enumerate(amounts) if amount in above and programs[row] in selections]
        for row in rows[: most_faults() + 1]:
            place = table.place_of(row, heads["amount"])
            fault = Fault("selection-amount", place, {"program": programs[row]}, found=amounts[row])
            self.few.add(fault, len(rows))
        return set(rows)

    def _is_selection(self, program: str) -> bool:
        declared = self.policy.programs.get(program)
        if declared is None:
            family = next((f for f, t in self.found.families.items() if program in t.columns["program"].values), None)
            declared = self.policy.programs.get(family) if family else None
        return declared is not None and declared.decides == "selection"
