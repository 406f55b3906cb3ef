"""What differs between two models as they are declared, before anything is solved.

Lives here: values by their paths with the places that say them, quotas, rules and objectives, the cells of tables.
Not here: what differs between their plans (compare/), how it is shown (report/).

Names and titles differ between any two models and are no difference; a quota written in another way is none either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allocator.database import Database
from allocator.faults import Place
from allocator.model.model import Model
from allocator.model.table import DataTable
from allocator.read.places import KeyPath
from allocator.scenario.paths import dotted

NAMES = ("model", "title", "text")
LISTS = ("rules", "objectives")
_MISSING = object()


@dataclass(frozen=True)
class Side:
    """A value in one of the two models, and where it is said."""

    value: Any
    place: Place


@dataclass(frozen=True)
class ValueChange:
    """A value that is another one, or is in one of the two only (None: not there). ListChange of lists go by their ids."""

    path: KeyPath
    before: Side | None
    after: Side | None

    @property
    def written(self) -> str:
        """The path as a scenario writes it."""
        bare = self.path[:-1] if self.path[0] == "parameters" and self.path[-1] == "value" else self.path
        return dotted(bare)


@dataclass(frozen=True)
class QuotaChange:
    """Another quota of a program in one period; each side as (at least, at most), None where it is open."""

    program: str
    period: int
    before: tuple[str | None, str | None]
    after: tuple[str | None, str | None]
    was: Place
    now: Place


@dataclass(frozen=True)
class Cell:
    """Another value in a table: `key` is the row's key, a value of None is an empty cell or a row that is not there."""

    key: tuple[Any, ...]
    column: str
    before: Any
    after: Any
    place: Place | None  # of the row in the second model; None where it is gone


@dataclass(frozen=True)
class TableChange:
    """A table with cells that differ, sorted by key and column; `key` names the key's columns."""

    table: str
    key: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ListChange:
    """The rules, or the objectives, of two models: ids in one of the two only, and what changed in those of both."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: tuple[ValueChange, ...]


@dataclass(frozen=True)
class Differences:
    """All that differs from the first model to the second. `order`: the ids of the objectives, where their order changed.

    into_force, out_of_force: rules of both models that a condition of theirs (`applies`) now lets in or keeps out.
    """

    first: Model
    second: Model
    values: tuple[ValueChange, ...]
    quotas: tuple[QuotaChange, ...]
    rules: ListChange
    into_force: tuple[str, ...]
    out_of_force: tuple[str, ...]
    objectives: ListChange
    order: tuple[tuple[str, ...], tuple[str, ...]] | None
    tables: tuple[TableChange, ...]

    @property
    def none(self) -> bool:
        """Whether the two say the same."""
        lists = (self.values, self.quotas, self.into_force, self.out_of_force, self.tables)
        entries = (self.rules, self.objectives)
        return self.order is None and not any((*lists, *(x for e in entries for x in (e.added, e.dropped, e.changed))))


def differences(first: Model, second: Model) -> Differences:
    """What the second model says otherwise than the first."""
    bare = [{k: v for k, v in model.raw.items() if k not in (*NAMES, *LISTS)} for model in (first, second)]
    changes = _changes(bare[0], bare[1], (), first, second)
    known = [set(model.policy.programs) for model in (first, second)]

    def is_quota(change: ValueChange) -> bool:
        return (
            change.path[0] == "programs"
            and change.path[2:3] == ("quota",)
            and all(change.path[1] in programs for programs in known)
        )

    return Differences(
        first,
        second,
        tuple(change for change in changes if not is_quota(change)),
        tuple(_quotas(first, second)),
        _entries("rules", first, second),
        *_force(first, second),
        _entries("objectives", first, second),
        _order(first, second),
        tuple(_tables(first, second)),
    )


def _changes(before: Any, after: Any, path: KeyPath, first: Model, second: Model) -> Iterator[ValueChange]:
    """The outermost values that differ; mappings and lists of things with ids are gone into."""
    if before == after and type(before) is type(after):
        return
    parts = [_parts(value) for value in (before, after)]
    if parts[0] is not None and parts[1] is not None:
        for key in dict.fromkeys([*parts[0], *parts[1]]):
            held = [part.get(key, _MISSING) for part in parts if part is not None]
            yield from _changes(held[0], held[1], (*path, key), first, second)
        return
    was = None if before is _MISSING else Side(before, _place(first, path, before))
    now = None if after is _MISSING else Side(after, _place(second, path, after))
    yield ValueChange(path, was, now)


def _place(model: Model, path: KeyPath, value: Any) -> Place:
    """Where a value is said; of a text whose words another file gives, there."""
    whole = model.place(*path)
    words = model.place(*path, "zh") if _is_text(value) else whole
    return whole if words.file == whole.file else words


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"zh", "en"}


def _parts(value: Any) -> Mapping[str | int, Any] | None:
    if isinstance(value, Mapping):
        return None if _is_text(value) else value  # a text is one value
    if isinstance(value, list) and value and all(isinstance(v, Mapping) and "id" in v for v in value):
        return {str(v["id"]): v for v in value}
    return {} if value == [] else None


def _entries(section: str, first: Model, second: Model) -> ListChange:
    held = [
        dict(zip((entry.id for entry in getattr(model.policy, section)), model.raw.get(section) or (), strict=True))
        for model in (first, second)
    ]
    both = [i for i in held[1] if i in held[0]]
    return ListChange(
        tuple(i for i in held[1] if i not in held[0]),
        tuple(i for i in held[0] if i not in held[1]),
        tuple(c for i in both for c in _changes(held[0][i], held[1][i], (section, i), first, second)),
    )


def _force(first: Model, second: Model) -> tuple[tuple[str, ...], tuple[str, ...]]:
    force = [{rule.id for rule in Database(model).rules_in_force()} for model in (first, second)]
    both = {rule.id for rule in first.policy.rules} & {rule.id for rule in second.policy.rules}
    return tuple(sorted(both & (force[1] - force[0]))), tuple(sorted(both & (force[0] - force[1])))


def _order(first: Model, second: Model) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    ids = [tuple(o.id for o in model.policy.objectives) for model in (first, second)]
    both = set(ids[0]) & set(ids[1])
    common = [tuple(i for i in one if i in both) for one in ids]
    return (ids[0], ids[1]) if common[0] != common[1] else None


def _quotas(first: Model, second: Model) -> Iterator[QuotaChange]:
    for name in first.policy.programs:
        if name not in second.policy.programs:
            continue
        for period in second.policy.periods:
            if period in first.policy.periods:
                was, now = (_limits(model, name, period) for model in (first, second))
                if was != now:
                    places = [_quota_place(model, name, period) for model in (first, second)]
                    yield QuotaChange(name, period, was, now, *places)


def _limits(model: Model, name: str, period: int) -> tuple[str | None, str | None]:
    quota = model.policy.programs[name].quota
    limits = None if quota is None else quota.of(period)
    if limits is None:
        return None, None
    return (limits.exactly, limits.exactly) if limits.exactly is not None else (limits.at_least, limits.at_most)


def _quota_place(model: Model, name: str, period: int) -> Place:
    return model.place("programs", name, "quota", period)


def _tables(first: Model, second: Model) -> Iterator[TableChange]:
    one, two = _keyed(first), _keyed(second)
    for name in dict.fromkeys([*one, *two]):
        key, before = one.get(name, (two[name][0] if name in two else (), None))
        _, after = two.get(name, (key, None))
        cells = tuple(_cells(before, after, key))
        if cells:
            yield TableChange(name, key, cells)


def _keyed(model: Model) -> dict[str, tuple[tuple[str, ...], DataTable | None]]:
    award = ("unit", "program", "period")
    found: dict[str, tuple[tuple[str, ...], DataTable | None]] = {"units": (("unit",), model.units)}
    found |= {"past": (award, model.past), "frozen": (award, model.frozen)}
    for name, table in model.groups.items():
        found[f"groups.{name}"] = (("id",), table)
    for name, table in model.tables.items():
        found[f"tables.{name}"] = (tuple(model.policy.tables[name].key), table)
    for name, table in model.families.items():
        found[f"programs.{name}"] = (("program",), table)
    for name, table in model.allocations.items():
        found[f"files.{name}" if name in found else name] = (award, table)
    return found


def _cells(before: DataTable | None, after: DataTable | None, key: tuple[str, ...]) -> Iterator[Cell]:
    if before is after:
        return
    rows = [_rows(table, key) for table in (before, after)]
    tables = [table for table in (before, after) if table is not None]
    columns = [c for c in dict.fromkeys(c for table in tables for c in table.columns) if c not in key]
    for whole in sorted(rows[0].keys() | rows[1].keys(), key=lambda k: tuple(map(str, k))):
        at = [held.get(whole) for held in rows]
        place = None
        if after is not None and at[1] is not None and at[1] < len(after.places):
            file, line = after.places[at[1]]
            place = Place(file, row=line)
        told = False
        for column in columns:
            was, now = (_value(table, column, row) for table, row in zip((before, after), at, strict=True))
            if was != now:
                told = True
                yield Cell(whole, column, was, now, place)
        if not told and None in at:  # a row of keys alone
            was, now = (None if row is None else whole[-1] for row in at)
            yield Cell(whole, key[-1], was, now, place)


def _rows(table: DataTable | None, key: tuple[str, ...]) -> dict[tuple[Any, ...], int]:
    if table is None:
        return {}
    return {whole: row for row, whole in enumerate(zip(*(table.columns[k].values for k in key), strict=True))}


def _value(table: DataTable | None, column: str, row: int | None) -> Any:
    return None if table is None or row is None or column not in table.columns else table.columns[column].values[row]
