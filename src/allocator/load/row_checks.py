"""The rows of the tables that a policy names: ids, keys, what is told of a row that is of no use.

Lives here: `Data` (the tables as far as they could be read), the checks of rows that every table has.
Not here: which tables there are (data.py), awards (award_tables.py), how a CSV file is read (read/tables.py).
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
from allocator.load.shaped import Shaped
from allocator.model.declared_tables import NameColumns
from allocator.model.model import DIMS
from allocator.model.source import UNITS, Source
from allocator.model.table import Coded, Column, DataTable, Places, distinct
from allocator.read.documents import read_table
from allocator.read.fault_collector import FirstFaults, most_faults, shown
from allocator.read.files import inside
from allocator.read.inside import normal, plain
from allocator.read.places import KeyPath, Step
from allocator.read.tables import Table, TableBytes, held_table, places
from allocator.read.texts import bare_ids, is_note, is_total, period_of
from allocator.read.written import near_whole
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


@dataclass
class FileRows:
    """A table being put together from files: columns of text, and the place of each row."""

    columns: Mapping[str, Sequence[str | None]]
    places: Places
    files: tuple[str, ...]

    def at(self, row: int, column: str) -> Place:
        return Place(self.places[row][0], row=self.places[row][1], field=column)

    def places_of(self, good: Sequence[int]) -> Places:
        """The places of some rows, ascending."""
        return places_of(self.places, good)


class RowChecks:
    """Files read as tables, and what is wrong with their rows, told in one list of faults."""

    def __init__(self, shaped: Shaped, folder: Path, faults: list[Fault], held: Mapping[str, TableBytes]) -> None:
        self.shaped, self.folder, self.faults, self.held = shaped, folder, faults, held
        self.policy = shaped.policy
        self.read: dict[str, Table | None] = {}
        self.few = FirstFaults(faults)
        self.nears: dict[tuple[str, str], str | None] = {}
        self.dropped: dict[str, set[str]] = {}  # what stands in rows of a file that are of no use
        self.found = Data(DataTable({"unit": Column("text", ())}))

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
        if not inside(target, self.folder):
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

    def _one_case(self, tables: Sequence[Table], names: Iterable[str]) -> list[str]:
        """The columns of all files; those that differ from another by upper and lower case alone are told and left out."""
        first: dict[str, str] = {}
        for name in names:
            before = first.setdefault(name.casefold(), name)
            if before != name:
                at = next(t.header(name) for t in tables if name in t.columns)
                self.faults.append(Fault("duplicate-column", at, {"column": name, "first": before}))
        return list(first.values())

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
            words = {v for v in distinct(values) if v is not None and (is_total(v) or is_note(v))}
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

    def _alone(self, rows: FileRows, id_column: str, good: Sequence[int]) -> None:
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
    def _column(rows: FileRows, name: str, good: Sequence[int]) -> Column:
        """The cells of the `good` rows as they are written."""
        column = rows.columns[name]
        return (
            Column.of("text", Coded.of(column))
            if len(good) == len(column)
            else Column("text", tuple(column[r] for r in good))
        )

    def _id_of_units(self) -> str | None:
        return self.policy.units.id if self.policy.units is not None else None

    def _check_rows(self, table: Table, named: Mapping[str, str]) -> Sequence[int]:
        """The rows whose keys are whole, known and stand once; the others are told. `named`: the file's names of the keys."""
        key = list(named.values())
        checks = {"unit": self._known_unit(), "program": self._known_program(), "period": self._known_period()}
        others = [column for name, column in named.items() if name != "period"]
        bad = self._no_rows(table.columns, others, what(list(named)), table.place_of)
        for name, column in named.items():
            if name == "unit":
                bad |= self._lost_zeros(
                    table.columns[column], self._unit_ids(), lambda row: table.place_of(row, named["unit"])
                )
            bad |= self._wrong_values(table, column, checks.get(name, anything), bad)
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
            for row in of_one_code[: most_faults() + 1] if code else ():  # without a code: told already
                fault = judged(values[row], table.place_of(row, column))
                assert fault is not None
                self.few.add(fault, len(of_one_code))
        return {row for of_one_code in rows.values() for row in of_one_code}

    def _repeated(self, table: Table, key: Sequence[str]) -> set[int]:
        """The rows whose whole key stands in a row above, told."""
        if not np.any(np.diff(np.sort(numbered([table.coded(column) for column in key]))) == 0):
            return set()
        keys = list(zip(*(table.columns[column] for column in key), strict=True))
        first: dict[tuple[str | None, ...], int] = {}
        repeated = [row for row, whole in enumerate(keys) if None not in whole and first.setdefault(whole, row) != row]
        for row in repeated[: most_faults() + 1]:
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
        kept = bare_ids({str(value) for value in distinct(values) if value is not None} - known)
        whole = {name for text, name in kept.items() if text in known}
        rows = [row for row, value in enumerate(values) if value in whole] if whole else []
        if rows:  # the other way round: the list of ids has lost them
            name = str(values[rows[0]])
            told = {"id": name, "text": name.lstrip("0") or "0", "count": len(rows)}
            self.faults.append(Fault("zeros-lost-of-ids", at(rows[0]), told))
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
            if value in known or (not self.policy.periods and whole_number(value) is not None):
                return None
            if whole_number(value) is None:
                return Fault("not-whole", place, found=shown(value), nearest=near_whole(value))
            return Fault("unknown-period", place, {"period": value}, expected=list(self.policy.periods))

        return check

    def _near(self, value: str, known: set[str], of: str) -> str | None:
        """The nearest of the known names `of` a sort, for the first few hundred wrong ones: each takes milliseconds."""
        if (of, value) not in self.nears and len(self.nears) < MOST_NEAR:
            self.nears[of, value] = nearest(value, known)
        return self.nears.get((of, value))


def rows_of(table: Table) -> FileRows:
    return FileRows(table.columns, places([table]), (table.name,))


def places_of(held: Places, good: Sequence[int]) -> Places:
    """The places of some rows, ascending."""
    if len(good) == len(held):
        return held
    return Places(held.parts, good if held.rows is None else [held.rows[row] for row in good])


def members(families: Mapping[str, DataTable]) -> Iterable[str]:
    return (member for table in families.values() for member in table.columns["program"].values)


def numbered(columns: Sequence[Coded]) -> NDArray[np.int64]:
    """A number for each row, the same for two rows just where all of these columns are the same."""
    number, size = np.zeros(len(columns[0].code), np.int64), 1
    for column in columns:
        if size * len(column.distinct) >= 2**62:
            number, size = np.unique(number, return_inverse=True)[1], len(number)
        number, size = number * len(column.distinct) + column.code, size * len(column.distinct)
    return number


def with_periods(table: Table, column: str | None) -> Table:
    """The table with the years of a column as plain numbers, however people write them."""
    if column is None:
        return table
    held = table.coded(column)
    years = [v if v is None or (y := period_of(v)) is None else str(y) for v in held.distinct]
    return replace(table, columns={**table.columns, column: held.mapped(years)}, _coded={})


def what(key: Sequence[str]) -> str:
    return next((column for column in DIMS if column in key), "other")


def anything(_value: str, _place: Place) -> Fault | None:
    return None


def whole_number(text: Any) -> int | None:
    """A whole number as written, or None. Leading zeros and signs of plus are no whole numbers here."""
    text = str(text)
    body = text.removeprefix("-")
    if body.isascii() and body.isdigit() and len(body) <= 18 and (body == "0" or body[0] != "0"):
        return int(text)
    return None
