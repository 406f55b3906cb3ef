"""The tables that a policy names, cells as written, with their keys checked.

Lives here: units, groups, tables, families, past, frozen and former awards: files, columns, keys, references of rows.
Not here: how a CSV file is read (read/tables.py), which columns are numbers (readings.py), expressions (references.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from allocator.faults import Fault, Notice, Place, nearest
from allocator.load.award_tables import AwardTables
from allocator.load.row_checks import Data, FileRows, members, rows_of, with_periods
from allocator.load.shaped import Shaped
from allocator.model.model import DIMS
from allocator.model.source import UNITS, Source
from allocator.model.table import Coded, Column, DataTable
from allocator.read.places import Step
from allocator.read.tables import Table, TableBytes, places
from allocator.read.texts import period_of
from allocator.words import Say


class _TableReader(AwardTables):
    def data(self) -> Data:
        found, policy = self.found, self.policy
        if policy.units is None or not self._units():
            found.lost.add(UNITS)
        for name in policy.groups or {}:
            self._group(name)
        self._families()
        planned = [n for n, p in policy.programs.items() if p.source is None] + list(members(found.families))
        found.programs = tuple(sorted(planned))
        titled = set(policy.past.programs) if policy.past else set()
        found.past_programs = tuple(sorted(titled - set(planned)))
        self._past_titles(titled & set(planned))
        self._awards()
        for name in policy.tables or {}:
            self._table(name)
        self._group_columns()
        self.few.close()
        wrong = [fault for fault in self.faults if not isinstance(fault, Notice)]
        found.partial = {fault.place.file for fault in wrong if fault.place.row is not None}
        for name, given in self.held.items():
            if not found.partial.isdisjoint(file for file, _ in given.origins):
                found.partial.add(name)
        return found

    def _units(self) -> bool:
        source = self.policy.units
        tables: list[Table] = []
        lost = False
        for index, name in enumerate(source.file):
            table = self._file(name, "units", "file", index)
            lost = lost or table is None
            if table is None:
                continue
            if source.file.index(name) != index:
                self.faults.append(Fault("file-twice", self.shaped.place("units", "file", index), {"file": name}))
                continue
            if self._columns_exist(table.columns, {source.id: ("units", "id")}, name) and not self._reserved(
                table, "unit", source.id
            ):
                tables.append(table)
            else:
                lost = True
        names = self._one_case(tables, dict.fromkeys(c for t in tables for c in t.columns))
        columns: dict[str, list[str | None]] = {c: [] for c in names}
        for table in tables:
            for column in names:
                columns[column].extend(table.columns.get(column, [None] * len(table)))
        rows = FileRows(columns, places(tables), tuple(t.name for t in tables))
        if not lost:
            self._columns_exist(names, self._named(source.name, "units"), ", ".join(source.file))
        kept = self._keyed(rows, source.id, "unit") if names else None
        if kept is not None:
            self.found.units = kept
            if not kept.height and not lost:
                self.faults.append(Fault("no-rows", Place(source.file[0])))
        return not lost

    def _keyed(self, rows: FileRows, id_column: str, key: str) -> DataTable:
        """The table with its id column under the name `key` too; rows with an empty or repeated id are told and left out."""
        ids = rows.columns[id_column]
        first: dict[str, int] = {}
        good = []
        strangers = self._no_rows(rows.columns, (id_column,), key, rows.at)
        for row, value in enumerate(ids):
            if row in strangers:
                continue
            if value is None:
                self.few.add(Fault("empty-key", rows.at(row, id_column), {"column": id_column}))
            elif value in first:
                before = Place(rows.places[first[value]][0], row=rows.places[first[value]][1])
                self.few.add(Fault("duplicate-row", rows.at(row, id_column), {"key": value, "first": before}))
            else:
                first[value] = row
                good.append(row)
        self._alone(rows, id_column, good)
        columns = {key: Column("text", tuple(ids[r] for r in good))}
        for name in rows.columns:
            if name.casefold() != key:
                columns[name] = self._column(rows, name, good)
        return DataTable(columns, rows.files, rows.places_of(good))

    def _group(self, name: str) -> None:
        source = self.policy.groups[name]
        table = self._file(source.file, "groups", name, "file")
        if table is None:
            self.found.lost.add(Source("group", name))
            return
        wanted = {source.id: ("groups", name, "id"), **self._named(source.name, "groups", name)}
        if not self._columns_exist(table.columns, wanted, source.file) or self._reserved(table, "id", source.id):
            self.found.lost.add(Source("group", name))
            return
        self.found.groups[name] = self._keyed(rows_of(table), source.id, "id")

    def _group_columns(self) -> None:
        """Every group is a column: of the units, else of a family or a table; and its values are rows of its own table."""
        found = self.found
        for name, group in found.groups.items():
            holders = [found.units] if name in found.units.columns else []
            holders = holders or [t for t in (*found.families.values(), *found.tables.values()) if name in t.columns]
            if not holders and not any(lost.kind in ("units", "table", "family") for lost in found.lost):
                columns = {
                    c for t in (found.units, *found.families.values(), *found.tables.values()) for c in t.columns
                }
                place = self.shaped.place("groups", name, key=True)
                self.faults.append(Fault("group-not-a-column", place, {"group": name}, nearest=nearest(name, columns)))
            known = set(group.columns["id"].values) | self.dropped.get(self.policy.groups[name].file, set())
            for holder in holders:
                values = holder.columns[name].values
                lost = self._lost_zeros(values, known, lambda row, h=holder, n=name: h.place(row, n))  # type: ignore[misc]
                for row, value in enumerate(values):
                    if value is not None and value not in known and row not in lost:
                        place = holder.place(row, name)
                        params = {"group": value, "file": self.policy.groups[name].file}
                        self.few.add(Fault("unknown-group", place, params, nearest=self._near(str(value), known, name)))

    def _families(self) -> None:
        taken: dict[str, Place] = {}
        for name in self.policy.programs:
            taken[name] = self.shaped.place("programs", name, key=True)
        for name, program in self.policy.programs.items():
            source = program.source
            if source is None:
                continue
            table = self._file(source.file, "programs", name, "from", "file")
            if table is None:
                self.found.lost.add(Source("family", name))
                continue
            wanted = {source.id: ("programs", name, "from", "id"), **self._named(source.name, "programs", name, "from")}
            if not self._columns_exist(table.columns, wanted, source.file) or self._reserved(
                table, "program", source.id
            ):
                self.found.lost.add(Source("family", name))
                continue
            kept = self._keyed(rows_of(table), source.id, "program")
            for row, member in enumerate(kept.columns["program"].values):
                place = kept.place(row, source.id)
                if member == "all" or set(member) & set("'\"`"):
                    self.few.add(Fault("bad-program-id", place, {"id": member}))
                elif member in taken:
                    self.few.add(Fault("duplicate-id", place, {"id": member, "first": taken[member]}))
                taken[member] = place
            if not kept.height:
                self.faults.append(Fault("no-rows", Place(source.file)))
            self.found.families[name] = kept

    def _table(self, name: str) -> None:
        source = self.policy.tables[name]
        table = self._file(source.file, "tables", name, "file")
        if table is None:
            self.found.lost.add(Source("table", name))
            return
        named = source.key.in_file
        listed = all(key == column for key, column in named.items())
        wanted: dict[str, tuple[Step, ...]] = {
            named[k]: ("tables", name, "key", i if listed else k) for i, k in enumerate(source.key)
        }
        if not self._columns_exist(table.columns, wanted, source.file) or self._taken(table, named):
            self.found.lost.add(Source("table", name))
            return
        table = with_periods(table, named.get("period"))
        if len(wanted) < len(source.key):
            self.faults.append(
                Fault("key-column-twice", self.shaped.place("tables", name, "key"), {"key": list(source.key)})
            )
        unfit = self._held_elsewhere(name, table)
        if not set(source.key) & {*DIMS, *self.found.units.columns} and UNITS not in self.found.lost:
            place = self.shaped.place("tables", name, "key")
            self.faults.append(unfit or Fault("key-joins-nothing", place, {"key": list(source.key)}))
        if unfit is not None:
            self.found.unfit[name] = unfit
        good = self._check_rows(table, named)
        rows = rows_of(table)
        columns: dict[str, Column] = {}
        keys = {column: key for key, column in named.items()}
        for column, values in table.columns.items():
            coded = table.coded(column) if len(good) == len(table) else Coded.of([values[r] for r in good])
            if keys.get(column) == "period":
                columns["period"] = Column.of("whole", Coded(tuple(int(v or 0) for v in coded.distinct), coded.code))
            else:
                columns[keys.get(column, column)] = Column.of("text", coded)
        self.found.tables[name] = DataTable(columns, (source.file,), rows.places_of(good))

    def _taken(self, table: Table, named: Mapping[str, str]) -> bool:
        """Whether a column of the file has the name under which the model knows another one as a key; told."""
        taken = [key for key, column in named.items() if key != column and key in table.columns]
        for key in taken:
            params = {"column": key, "kept": named[key]}
            self.faults.append(Fault("reserved-column", table.header(key), params))
        return bool(taken)

    def _held_elsewhere(self, name: str, table: Table) -> Fault | None:
        """A key column of its own that holds nothing but the plan's periods, units or programs: it should be named so."""
        key, units = self.policy.tables[name].key, self.found.units.columns
        known = {
            "period": {str(period) for period in self.policy.periods},
            "unit": {str(unit) for unit in units["unit"].values},
            "program": set(self.found.programs),
        }
        meant = {column: "unit" for column in key if column == self._id_of_units()}
        wrong = []
        for column in key:
            if column in DIMS or column in units:
                continue
            values = {value for value in table.columns[key.in_file[column]] if value is not None}
            for what, names in known.items():
                held = {str(period_of(value)) for value in values} if what == "period" else values
                if what not in key and what not in meant.values() and held and held <= names:
                    meant[column] = what
                    wrong.append((column, what, sorted(values)))
                    break
        if not wrong:
            return None
        column, what, shown_values = wrong[0]
        params = {
            "column": key.in_file[column],
            "what": Say(f"faults.held.{what}"),
            "values": shown_values[:3] + (["…"] if len(shown_values) > 3 else []),
            "write": "key: {" + ", ".join(f"{meant.get(k, k)}: {key.in_file[k]}" for k in key) + "}",
        }
        return Fault("key-holds", self.shaped.place("tables", name, "key"), params)


def read_data(
    shaped: Shaped,
    folder: Path,
    faults: list[Fault],
    held: Mapping[str, TableBytes] | None = None,
) -> Data:
    """Every table of the policy; faults are added to `faults`.

    held: files that are not those of the folder.
    """
    return _TableReader(shaped, folder, faults, held or {}).data()
