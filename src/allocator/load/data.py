"""The tables that a policy names, cells as written, with their keys checked.

Lives here: units, groups, tables, families, past, frozen and former awards: files, columns, keys, references of rows.
Not here: how a CSV file is read (read/tables.py), which columns are numbers (readings.py), expressions (references.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.faults import Fault, Notice, Place, nearest
from allocator.load.headers import of_ids, period_of
from allocator.load.structure import Shaped
from allocator.model.fields import Refers, marks
from allocator.model.model import DIMS
from allocator.model.policy import NameColumns
from allocator.model.source import FROZEN, PAST, UNITS, Source
from allocator.model.table import Coded, Column, DataTable, Places
from allocator.read.fault_collector import MOST_FAULTS, FirstFaults, shown
from allocator.read.files import whole
from allocator.read.inside import normal, plain
from allocator.read.places import KeyPath, Step
from allocator.read.tables import Table, TableBytes, held_table, places, read_table
from allocator.read.texts import bare_ids, is_note, is_total
from allocator.words import Say

AWARD = ("unit", "program", "period", "amount")
MOST_NEAR = 300
MOST_ALONE = 5  # rows with a key and nothing else that are pointed at


Check = Callable[[str, Place], Fault | None]
_WORDED = re.compile(r"[\s，。：；、:;]")  # several words: more than an id
_TOLD = Fault("unknown-unit", Place(""))  # a value that is wrong because of another fault, which is told already


@dataclass
class Data:
    """The tables as far as they could be read. `lost`: names of tables, groups, families whose file is of no use."""

    units: DataTable
    groups: dict[str, DataTable] = field(default_factory=dict)
    tables: dict[str, DataTable] = field(default_factory=dict)
    families: dict[str, DataTable] = field(default_factory=dict)
    past: DataTable | None = None
    frozen: DataTable | None = None
    allocations: dict[str, DataTable] = field(default_factory=dict)
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)  # every file named, with its columns
    lost: set[Source] = field(default_factory=set)
    unfit: dict[str, Fault] = field(
        default_factory=dict
    )  # tables whose key has a column that should be named otherwise
    partial: set[str] = field(default_factory=set)  # files of which some rows are left out
    spoiled: set[Place] = field(default_factory=set)  # cells that are told already
    ill_used: set[KeyPath] = field(default_factory=set)  # declarations that ask of a column what it does not hold
    programs: tuple[str, ...] = ()  # planned, families as their members
    past_programs: tuple[str, ...] = ()


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


@dataclass
class _Rows:
    """A table being put together from files: columns of text, and the place of each row."""

    columns: dict[str, list[str | None]]
    places: Places
    files: tuple[str, ...]

    def at(self, row: int, column: str) -> Place:
        return Place(self.places[row][0], row=self.places[row][1], field=column)

    def places_of(self, good: Sequence[int]) -> Places:
        """The places of some rows, ascending."""
        return places_of(self.places, good)


class _TableReader:
    def __init__(self, shaped: Shaped, folder: Path, faults: list[Fault], held: Mapping[str, TableBytes]) -> None:
        self.shaped, self.folder, self.faults, self.held = shaped, folder, faults, held
        self.policy = shaped.policy
        self.read: dict[str, Table | None] = {}
        self.few = FirstFaults(faults)
        self.nears: dict[tuple[str, str], str | None] = {}
        self.dropped: dict[str, set[str]] = {}  # what stands in rows of a file that are of no use
        self.found = Data(DataTable({"unit": Column("text", ())}))

    def data(self) -> Data:
        found, policy = self.found, self.policy
        if policy.units is None or not self._units():
            found.lost.add(UNITS)
        for name in policy.groups or {}:
            self._group(name)
        self._families()
        planned = [n for n, p in policy.programs.items() if p.source is None] + list(_members(found.families))
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

    # Files ------------------------------------------------------------------------------------------------------------

    def _file(self, name: str, *path: Step) -> Table | None:
        """The table in a file of the model's folder; None, with its faults told once, where there is none."""
        if name in self.read:
            return self.read[name]
        place = self.shaped.place(*path)
        self.read[name] = None
        if not name.strip():
            self.faults.append(Fault("empty-value", place, {"key": path[-1]}))
            return None
        if not plain(normal(name)):
            self.faults.append(Fault("file-outside", place, found=name))
            return None
        if name != normal(name):
            self.faults.append(Fault("file-not-plain", place, found=name, nearest=normal(name)))
            return None
        if name in self.held:
            table, faults = held_table(self.held[name], name)
            self.faults.extend(faults)
            return self._kept(name, table)
        target = self.folder / name
        if not whole(target).is_relative_to(whole(self.folder)):
            self.faults.append(Fault("file-outside", place, found=name))
            return None
        table, faults = read_table(target, name, place)
        self.faults.extend(faults)
        return self._kept(name, table)

    def _kept(self, name: str, table: Table | None) -> Table | None:
        self.read[name] = table
        if table is not None:
            self.found.files[name] = tuple(table.columns)
            self.dropped[name] = {cell for cells in table.dropped for cell in cells if cell}
        return table

    def _columns_exist(self, columns: Collection[str], wanted: Mapping[str, tuple[Step, ...]], file: str) -> bool:
        """Whether every wanted column is there; each that is not is told at its path, with the nearest one."""
        good = True
        for column, path in wanted.items():
            if column not in columns:
                good = False
                self.faults.append(
                    Fault(
                        "missing-column-in-file",
                        self.shaped.place(*path),
                        {"column": column, "file": file},
                        nearest=nearest(column, columns),
                    )
                )
        return good

    def _reserved(self, table: Table, name: str, kept: str) -> bool:
        """Whether a column other than `kept` has the name that the model itself gives to the key column."""
        for column in table.columns:
            if column.casefold() == name and column != kept and kept.casefold() != name:
                self.faults.append(Fault("reserved-column", table.header(column), {"column": column, "kept": kept}))
                return True
        return False

    def _named(self, name: NameColumns | None, *path: Step) -> dict[str, tuple[Step, ...]]:
        if name is None:
            return {}
        return {column: (*path, "name", lang) for lang, column in (("en", name.en), ("zh", name.zh))}

    # Units, groups, families ------------------------------------------------------------------------------------------

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
        rows = _Rows(columns, places(tables), tuple(t.name for t in tables))
        if not lost:
            self._columns_exist(names, self._named(source.name, "units"), ", ".join(source.file))
        kept = self._keyed(rows, source.id, "unit") if names else None
        if kept is not None:
            self.found.units = kept
            if not kept.height and not lost:
                self.faults.append(Fault("no-rows", Place(source.file[0])))
        return not lost

    def _one_case(self, tables: Sequence[Table], names: Iterable[str]) -> list[str]:
        """The columns of all files; those that differ from another by upper and lower case alone are told and left out."""
        first: dict[str, str] = {}
        for name in names:
            before = first.setdefault(name.casefold(), name)
            if before != name:
                at = next(t.header(name) for t in tables if name in t.columns)
                self.faults.append(Fault("duplicate-column", at, {"column": name, "first": before}))
        return list(first.values())

    def _keyed(self, rows: _Rows, id_column: str, key: str) -> DataTable:
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

    def _no_rows(
        self,
        columns: Mapping[str, Sequence[str | None]],
        keys: Sequence[str],
        what: str,
        at: Callable[[int, str], Place],
    ) -> set[int]:
        """The rows that are none, told: sums of the others and remarks, by what stands in a key or beside an empty one."""
        found: dict[int, Fault] = {}
        for key in keys:
            values = columns[key]
            words = {v for v in set(values) if v is not None and (is_total(v) or is_note(v))}
            for row in (
                [row for row, v in enumerate(values) if v is None or v in words] if words or None in values else ()
            ):
                cells = [v for name in columns if name != key and (v := columns[name][row]) is not None]
                text = values[row] or next((cell for cell in cells if is_total(cell)), None)
                if text is not None and is_total(text):
                    params = {
                        "text": text,
                        "what": Say(f"faults.row.{what}" if what in (*DIMS, "award") else "faults.row.other"),
                    }
                    found.setdefault(row, Fault("total-row", at(row, key), params))
                elif text is not None and not cells:
                    found.setdefault(row, Fault("note-row", at(row, key), {"text": text}))
        for row in sorted(found):
            self.few.add(found[row])
        return set(found)

    def _alone(self, rows: _Rows, id_column: str, good: Sequence[int]) -> None:
        """The few rows that have an id and nothing else, and an id unlike the others: a remark would look like that."""
        others = [name for name in rows.columns if name != id_column]
        alone: Sequence[int] = good if len(others) > 1 else ()
        for name in others:
            values = rows.columns[name]
            alone = [row for row in alone if values[row] is None]
        if len(alone) * 2 < len(good):
            ids = rows.columns[id_column]
            others_ids = [ids[row] or "" for row in set(good) - set(alone)]
            longest, worded = max(map(len, others_ids)), any(map(_WORDED.search, others_ids))
            for row in alone[:MOST_ALONE]:
                text = ids[row] or ""
                if len(text) <= 2 * longest and (worded or not _WORDED.search(text)):
                    continue
                self.faults.append(Notice("row-only-key", rows.at(row, id_column), {"text": text}))

    @staticmethod
    def _column(rows: _Rows, name: str, good: Sequence[int]) -> Column:
        """The cells of the `good` rows as they are written."""
        column = rows.columns[name]
        return Column("text", tuple(column if len(good) == len(column) else [column[r] for r in good]))

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
        self.found.groups[name] = self._keyed(_rows(table), source.id, "id")

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
            kept = self._keyed(_rows(table), source.id, "program")
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

    # Tables -----------------------------------------------------------------------------------------------------------

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
        table = _with_periods(table, named.get("period"))
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
        rows = _rows(table)
        columns: dict[str, Column] = {}
        keys = {column: key for key, column in named.items()}
        for column, values in table.columns.items():
            if column not in keys:
                columns[column] = self._column(rows, column, good)
                continue
            coded = table.coded(column) if len(good) == len(table) else Coded.of([values[r] for r in good])
            if keys[column] == "period":
                columns["period"] = Column.of("whole", Coded(tuple(int(v or 0) for v in coded.distinct), coded.code))
            else:
                columns[keys[column]] = Column.of("text", coded)
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

    def _id_of_units(self) -> str | None:
        return self.policy.units.id if self.policy.units is not None else None

    def _check_rows(self, table: Table, named: Mapping[str, str]) -> Sequence[int]:
        """The rows whose keys are whole, known and stand once; the others are told. `named`: the file's names of the keys."""
        key = list(named.values())
        checks = {"unit": self._known_unit(), "program": self._known_program(), "period": self._known_period()}
        others = [column for name, column in named.items() if name != "period"]
        bad = self._no_rows(table.columns, others, _what(list(named)), table.place_of)
        for name, column in named.items():
            if name == "unit":
                bad |= self._lost_zeros(
                    table.columns[column], self._unit_ids(), lambda row: table.place_of(row, named["unit"])
                )
            bad |= self._wrong_values(table, column, checks.get(name, _anything), bad)
        bad |= self._repeated(table, key)
        return [row for row in range(len(table)) if row not in bad] if bad else range(len(table))

    def _wrong_values(self, table: Table, column: str, check: Check, told: Collection[int]) -> set[int]:
        """The rows whose value in a column is empty or wrong, told but for those that are `told` already.

        Each value is judged once: tables are long.
        """

        def judged(value: str | None, place: Place) -> Fault | None:
            return Fault("empty-key", place, {"column": column}) if value is None else check(value, place)

        values, somewhere = table.columns[column], Place(table.name)
        wrong = {
            value: "" if fault is _TOLD else fault.code
            for value in table.coded(column).distinct
            if (fault := judged(value, somewhere)) is not None
        }
        if not wrong:
            return set()
        rows: dict[str, list[int]] = {}
        for row, value in enumerate(values):
            if value in wrong and row not in told:
                rows.setdefault(wrong[value], []).append(row)
        for code, of_one_code in rows.items():
            for row in of_one_code[: MOST_FAULTS + 1] if code else ():  # without a code: told already
                fault = judged(values[row], table.place_of(row, column))
                assert fault is not None
                self.few.add(fault, len(of_one_code))
        return {row for of_one_code in rows.values() for row in of_one_code}

    def _repeated(self, table: Table, key: Sequence[str]) -> set[int]:
        """The rows whose whole key stands in a row above, told."""
        if len(np.unique(_numbered([table.coded(column) for column in key]))) == len(table):
            return set()
        keys = list(zip(*(table.columns[column] for column in key), strict=True))
        first: dict[tuple[str | None, ...], int] = {}
        repeated = [row for row, whole in enumerate(keys) if None not in whole and first.setdefault(whole, row) != row]
        for row in repeated[: MOST_FAULTS + 1]:
            params = {"key": ", ".join(map(str, keys[row])), "first": table.place_of(first[keys[row]])}
            self.few.add(Fault("duplicate-row", table.place_of(row), params), len(repeated))
        return set(repeated)

    def _unit_ids(self) -> set[str]:
        return {str(unit) for unit in self.found.units.columns["unit"].values}

    def _lost_zeros(self, values: Sequence[object], known: set[str], at: Callable[[int], Place]) -> set[int]:
        """The rows whose id has lost the zeros at its start, as a spreadsheet makes it: one cause, told once."""
        bare = {text: name for text, name in bare_ids(known).items() if text not in known}
        rows = [row for row, value in enumerate(values) if value in bare] if bare else []
        if rows:
            text = str(values[rows[0]])
            self.faults.append(Fault("zeros-lost", at(rows[0]), {"text": text, "id": bare[text], "count": len(rows)}))
        return set(rows)

    def _known_unit(self) -> Check:
        known = set(self.found.units.columns["unit"].values)
        lost = UNITS in self.found.lost
        dropped = self._dropped(self.policy.units.file if self.policy.units else ())

        def check(value: str, place: Place) -> Fault | None:
            if value in known or lost:
                return None
            if value in dropped:
                return _TOLD
            return Fault("unknown-unit", place, {"unit": value}, nearest=self._near(value, known, "unit"))

        return check

    def _known_program(self, *, past: bool = True) -> Check:
        known = {*self.found.programs, *(self.found.past_programs if past else ())}
        broken = self.shaped.names_lost("programs")
        lost = ("programs",) in self.shaped.lost or any(n.kind == "family" for n in self.found.lost)
        dropped = self._dropped(p.source.file for p in self.policy.programs.values() if p.source is not None)

        def check(value: str, place: Place) -> Fault | None:
            if value in known or value in broken:
                return None
            if value in dropped:
                return _TOLD
            near = self._near(value, known, f"program {past}")
            return None if lost and near is None else Fault("unknown-program", place, {"program": value}, nearest=near)

        return check

    def _dropped(self, files: Iterable[str]) -> set[str]:
        return set().union(*(self.dropped.get(file, set()) for file in files))

    def _known_period(self) -> Check:
        known = {str(p) for p in self.policy.periods}
        if self.found.past is not None:
            known |= {str(p) for p in self.found.past.columns["period"].values}

        def check(value: str, place: Place) -> Fault | None:
            if value in known or (not self.policy.periods and _whole(value) is not None):
                return None
            if _whole(value) is None:
                return Fault("not-whole", place, found=shown(value))
            return Fault("unknown-period", place, {"period": value}, expected=list(self.policy.periods))

        return check

    def _near(self, value: str, known: set[str], of: str) -> str | None:
        """The nearest of the known names `of` a sort, for the first few hundred wrong ones: each takes milliseconds."""
        if (of, value) not in self.nears and len(self.nears) < MOST_NEAR:
            self.nears[of, value] = nearest(value, known)
        return self.nears.get((of, value))

    # Awards -----------------------------------------------------------------------------------------------------------

    def _past_titles(self, both: Iterable[str]) -> None:
        for name in sorted(both):
            place = self.shaped.place("past", "programs", name, key=True)
            self.faults.append(Fault("past-title-planned", place, {"program": name}))

    def _awards(self) -> None:
        policy, found = self.policy, self.found
        first = min(policy.periods, default=None)
        if policy.past is not None:

            def before(period: int, place: Place) -> Fault | None:
                if first is None or period < first:
                    return None
                return Fault("past-in-plan", place, {"period": period, "first": first})

            found.past = self._award_table(policy.past.file, ("past", "file"), before, past=True)
            if found.past is None:
                found.lost.add(PAST)
        if policy.frozen is not None:
            through = policy.frozen.through
            if policy.periods and through not in policy.periods:
                place = self.shaped.place("frozen", "through")
                self.faults.append(Fault("frozen-through", place, {"period": through}, expected=list(policy.periods)))

            def closed(period: int, place: Place) -> Fault | None:
                if policy.periods and period not in policy.periods:
                    return Fault("unknown-period", place, {"period": period}, expected=list(policy.periods))
                return (
                    Fault("frozen-later", place, {"period": period, "through": through}) if period > through else None
                )

            found.frozen = self._award_table(policy.frozen.file, ("frozen", "file"), closed, past=False)
            if found.frozen is None:
                found.lost.add(FROZEN)
        named: list[tuple[KeyPath, str]] = [
            ((section, index, *at), value)
            for section in ("objectives", "rules")
            for index, declared in enumerate(getattr(policy, section))
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
        table = _with_periods(table, heads["period"])

        def timely(value: str, place: Place) -> Fault | None:
            period = _whole(value)
            return Fault("not-whole", place, found=shown(value)) if period is None else right_time(period, place)

        def counted(value: str, place: Place) -> Fault | None:
            amount = _whole(value)
            return Fault("bad-amount", place, found=shown(value)) if amount is None or amount < 1 else None

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
        above = {amount for amount in set(amounts) if (_whole(amount) or 0) > 1}
        rows = [row for row, amount in enumerate(amounts) if amount in above and programs[row] in selections]
        for row in rows[: MOST_FAULTS + 1]:
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


def _rows(table: Table) -> _Rows:
    return _Rows(table.columns, places([table]), (table.name,))


def places_of(held: Places, good: Sequence[int]) -> Places:
    """The places of some rows, ascending."""
    if len(good) == len(held):
        return held
    return Places(held.parts, good if held.rows is None else [held.rows[row] for row in good])


def _members(families: Mapping[str, DataTable]) -> Iterable[str]:
    return (member for table in families.values() for member in table.columns["program"].values)


def _numbered(columns: Sequence[Coded]) -> NDArray[np.int64]:
    """A number for each row, the same for two rows just where all of these columns are the same."""
    number, size = np.zeros(len(columns[0].code), np.int64), 1
    for column in columns:
        if size * len(column.distinct) >= 2**62:
            number, size = np.unique(number, return_inverse=True)[1], len(number)
        number, size = number * len(column.distinct) + column.code, size * len(column.distinct)
    return number


def _with_periods(table: Table, column: str | None) -> Table:
    """The table with the years of a column as plain numbers, however people write them."""
    if column is None:
        return table
    years = {v: v if v is None or (y := period_of(v)) is None else str(y) for v in set(table.columns[column])}
    if all(value == year for value, year in years.items()):
        return table
    columns = {**table.columns, column: [years[value] for value in table.columns[column]]}
    return replace(table, columns=columns, _coded={})


def _what(key: Sequence[str]) -> str:
    return next((column for column in DIMS if column in key), "other")


def _anything(_value: str, _place: Place) -> Fault | None:
    return None


def _whole(text: Any) -> int | None:
    """A whole number as written, or None. Leading zeros and signs of plus are no whole numbers here."""
    text = str(text)
    body = text.removeprefix("-")
    if body.isascii() and body.isdigit() and len(body) <= 18 and (body == "0" or body[0] != "0"):
        return int(text)
    return None
