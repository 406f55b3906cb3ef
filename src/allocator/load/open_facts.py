"""What is not known yet: a file that names the open facts of a model, and what is certain of how they turn out.

Lives here: reading and judging such a file, the stated set of outcomes, a model with one outcome put into its tables.
Not here: whether a promise stays reachable (explain/guard.py).

    open: ratings-of-2013
    facts:
      - column: ratings.advanced_2013       # of the units, a group or a table: true or false, 1 or 0
        where: "level = 'county'"           # which rows are open; the others stand as they are
        known:                              # how many of them turn out true
          - {at_least: 30}
          - {by: prefecture, at_least: 1}   # in each prefecture that has an open row
          - {where: "unit in ('450603', '450621')", at_least: 1}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from allocator.database import Database
from allocator.database.expression import BadExpression, bind, parse
from allocator.database.names import Ref, quoted
from allocator.faults import Fault, InputError, nearest
from allocator.load.bad_expressions import bad_expression
from allocator.model.fields import Text
from allocator.model.model import Model
from allocator.model.source import UNITS, Source
from allocator.model.table import Column, DataTable
from allocator.read.fault_collector import FaultCollector, shown
from allocator.read.kinds import other_kind, other_kind_at
from allocator.read.places import KeyPath, Positions
from allocator.read.yaml import read_yaml

KEYS = ("open", "title", "facts")
FACT_KEYS = ("column", "where", "known")
KNOWN_KEYS = ("by", "where", "at_least", "at_most")
BOUNDS = ("at_least", "at_most")


@dataclass(frozen=True)
class Flag:
    """One open fact: a cell of the units, a group or a table that will be true or false."""

    source: Source
    column: str
    row: int
    label: tuple[Any, ...]  # of the row: its keys

    @property
    def table(self) -> str:
        """The table's name in the policy."""
        return self.source.called


@dataclass(frozen=True)
class FactCount:
    """What is certain: of these flags (their indices) at least and at most so many turn out true. `label`: the group."""

    flags: tuple[int, ...]
    at_least: int
    at_most: int
    label: tuple[Any, ...] = ()


FactOutcome = tuple[bool, ...]  # one value a flag


@dataclass(frozen=True)
class OpenFacts:
    """The open facts, and the stated set of their outcomes: those in which every count holds."""

    name: str
    title: Text
    flags: tuple[Flag, ...]
    counts: tuple[FactCount, ...] = ()

    def allows(self, outcome: Sequence[bool]) -> bool:
        """Whether an outcome is of the stated set."""
        return all(count.at_least <= sum(outcome[i] for i in count.flags) <= count.at_most for count in self.counts)


def with_outcome(model: Model, facts: OpenFacts, outcome: Sequence[bool]) -> Model:
    """The model in which the open facts have turned out so."""
    changed: dict[tuple[Source, str], dict[int, bool]] = {}
    for flag, value in zip(facts.flags, outcome, strict=True):
        changed.setdefault((flag.source, flag.column), {})[flag.row] = value
    units, groups, tables = model.units, dict(model.groups), dict(model.tables)
    for (source, column), values in changed.items():
        name = source.name
        if source == UNITS:
            units = _with_values(units, column, values)
        elif source.kind == "group":
            groups[name] = _with_values(groups[name], column, values)
        else:
            tables[name] = _with_values(tables[name], column, values)
    return replace(model, units=units, groups=groups, tables=tables)


def _with_values(table: DataTable, column: str, values: Mapping[int, bool]) -> DataTable:
    held = table.columns[column]
    as_number = held.kind == "whole"
    new = [
        (int(values[row]) if as_number else values[row]) if row in values else value
        for row, value in enumerate(held.values)
    ]
    return replace(table, columns={**table.columns, column: Column(held.kind, tuple(new), held.digits)})


def read_open(file: Path, model: Model) -> OpenFacts:
    """The open facts in a file. Raises InputError with every fault."""
    if other := other_kind_at(file, "open"):
        raise InputError([other])
    raw, positions, faults = read_yaml(file, file.name if file.is_file() else str(file))
    if not raw:
        raise InputError(faults)
    if other := other_kind(raw, positions, file.name, "open"):
        raise InputError([other])
    reader = _FactsReader(raw, positions, model, list(faults))
    found = reader.facts()
    if reader.faults or found is None:
        raise InputError(reader.faults)
    return found


class _FactsReader(FaultCollector):
    def __init__(self, raw: Mapping[Any, Any], positions: Positions, model: Model, faults: list[Fault]) -> None:
        super().__init__(positions, faults)
        self.raw, self.model = raw, model
        self.tables = Database(model)
        self.flags: list[Flag] = []
        self.counts: list[FactCount] = []
        self.stands: dict[tuple[Source, str, int], int] = {}  # which entry of the file has opened a cell

    def facts(self) -> OpenFacts | None:
        self._keys(self.raw, KEYS)
        name, title = self.raw.get("open"), self.raw.get("title")
        if not isinstance(name, str) or not name:
            self._missing_or_wrong("open", name)
        entries = self.raw.get("facts")
        if not isinstance(entries, list) or not entries:
            self._missing_or_wrong("facts", entries)
            entries = []
        text = Text(zh=str(name), en=str(name))
        if isinstance(title, str):
            text = Text(zh=title, en=title)
        elif isinstance(title, dict) and set(title) == {"zh", "en"} and all(isinstance(t, str) for t in title.values()):
            text = Text(zh=title["zh"], en=title["en"])
        elif title is not None:
            self._wrong(("title",), title, "words")
        for number, entry in enumerate(entries):
            if isinstance(entry, dict):
                self._entry(entry, number)
            else:
                self._wrong(("facts", number), entry, "mapping", key="facts")
        return OpenFacts(str(name), text, tuple(self.flags), tuple(self.counts))

    def _missing_or_wrong(self, key: str, value: Any, at: KeyPath = ()) -> None:
        if value is None:
            self.fault("missing-key", at, {"key": key})
        else:
            self._wrong((*at, key), value, "text")

    # One column -------------------------------------------------------------------------------------------------------

    def _entry(self, entry: Mapping[Any, Any], number: int) -> None:
        at: KeyPath = ("facts", number)
        self._keys(entry, FACT_KEYS, at)
        written = entry.get("column")
        if not isinstance(written, str):
            self._missing_or_wrong("column", written, at)
            return
        ref = self._column(written, (*at, "column"))
        if ref is None or ref.source is None:
            return
        column = _name(ref)
        table = self.model.table_of(ref.source)
        if not self._is_yes_no(table.columns[column], written, (*at, "column")):
            return
        rows = self._rows(ref, entry.get("where", "true"), (*at, "where"))
        if rows is None:
            return
        if not rows:
            self.fault("open-no-rows", (*at, "where") if "where" in entry else at, {"column": written})
            return
        keys = self.model.key_of(ref.source)
        flags: dict[int, int] = {}
        for row in rows:
            label = tuple(table.columns[key].values[row] for key in keys)
            cell = (ref.source, column, row)
            if cell in self.stands:
                told = {"column": written, "label": ", ".join(map(str, label)), "first": self.stands[cell] + 1}
                self.fault("open-twice", at, told)
                return
            flags[row] = len(self.flags)
            self.flags.append(Flag(ref.source, column, row, label))
        self.stands |= {(ref.source, column, row): number for row in rows}
        known = entry.get("known")
        if known is not None and not isinstance(known, list):
            self._wrong((*at, "known"), known, "list")
            return
        for place, count in enumerate(known or []):
            if isinstance(count, dict):
                self._known(count, ref, flags, (*at, "known", place))
            else:
                self._wrong((*at, "known", place), count, "mapping", key="known")

    def _column(self, written: str, at: KeyPath, *, of: Source | None = None) -> Ref | None:
        """The column behind a name; `of`: seen from the rows of a table, whose own columns come first."""
        try:
            ref = self._seen_from(of, written) if of is not None else self.tables.names.look_up(written)
        except BadExpression as bad:
            if bad.code == "unknown-column":
                near = nearest(written, bad.options)
                self.fault("open-no-column", at, {"column": written}, near=near)
            else:
                self.fault(bad.code, at, {"expression": written, "what": bad.found})
            return None
        usable = ref.source is not None and ref.source.kind in ("units", "table", "group")
        if of is None and (
            ref.source is None or not usable or _name(ref) in (*self.model.key_of(ref.source), "unit", "id")
        ):
            self.fault("open-not-a-fact", at, {"column": written})
            return None
        return ref

    def _is_yes_no(self, column: Column, written: str, at: KeyPath) -> bool:
        if column.kind == "yes_no":
            return True
        strange = next((v for v in column.values if v is not None and v not in (0, 1)), None)
        if column.kind == "whole" and strange is None:
            return True
        self.fault("open-not-yes-no", at, {"column": written}, found=shown(strange))
        return False

    # Rows, and what is known of them ----------------------------------------------------------------------------------

    def _seen_from(self, source: Source, written: str) -> Ref:
        """A name in an expression over the rows of a table: its own columns, then those of the row's unit and groups."""
        own = self.model.table_of(source).columns
        table, _, last = written.rpartition(".")
        if last in own and table in ("", source.called):
            return Ref(f"t.{quoted(last)}", source, frozenset(), column=last)
        ref = self.tables.names.look_up(written)
        has_unit = source == UNITS or "unit" in own
        needs_unit = ref.source is not None and ref.source.kind in ("units", "group")
        if ref.source and not (needs_unit and has_unit):
            raise BadExpression("unknown-column", written, (*own, *(self.model.units.columns if has_unit else ())))
        return ref

    def _select(self, source: Source, expressions: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of expressions for every row of a table, in its order."""
        refs: list[Ref] = []

        def name(column: str, _inside: bool = False) -> str:
            ref = self._seen_from(source, column)
            refs.append(ref)
            return ref.sql

        sql = []
        for expression in expressions:
            parsed = parse(expression)
            if parsed.aggregates:
                raise BadExpression("expression-aggregate", expression)
            sql.append(bind(parsed, name))
        own = self.model.table_of(source).columns
        unit = "unit" if "unit" in own else "null"
        joins = self.tables.joins([ref for ref in refs if ref.source != source], unit="t._unit")
        relation = f"(select *, {unit} as _unit, rowid as _place from {self.tables.table(source)})"
        return self.tables.rows(f"select t._place, {', '.join(sql)} from {relation} t {joins} order by t._place")

    def _rows(self, ref: Ref, where: Any, at: KeyPath) -> list[int] | None:
        where = ("true" if where else "false") if isinstance(where, bool) else where
        if not isinstance(where, str):
            self._wrong(at, where, "expression", key="where")
            return None
        assert ref.source is not None
        found = self._asked(ref.source, where, at)
        if found is None:
            return None
        if any(not isinstance(value, bool) and value is not None for _, value in found):
            self.fault("expression-condition", at, {"expression": where})
            return None
        return [row for row, holds in found if holds]

    def _asked(self, source: Source, expression: str, at: KeyPath) -> list[tuple[Any, ...]] | None:
        try:
            return self._select(source, [expression])
        except BadExpression as bad:
            near = nearest(bad.found, bad.options) if bad.options else None
            place = self.positions.at(at)
            self.faults.append(bad_expression(bad, place, bad.expected or expression, near, self.tables.names.found))
        return None

    def _known(self, count: Mapping[Any, Any], ref: Ref, flags: Mapping[int, int], at: KeyPath) -> None:
        self._keys(count, KNOWN_KEYS, at)
        bounds: dict[str, int] = {}
        wrong = False
        for key in BOUNDS:
            value = count.get(key)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                self._wrong((*at, key), value, "none-or-more")
                wrong = True
            else:
                bounds[key] = value
        rows = self._rows(ref, count.get("where", "true"), (*at, "where"))
        inside = {row: flag for row, flag in flags.items() if rows is not None and row in rows}
        groups = self._groups(count.get("by"), ref, inside, (*at, "by"))
        if wrong or rows is None or groups is None:
            return
        if not bounds:
            self.fault("no-bound", at, {"options": ", ".join(BOUNDS)})
            return
        least, most = bounds.get("at_least", 0), bounds.get("at_most")
        if most is not None and least > most:
            self.fault("bounds-crossed", at, {"at_least": least, "at_most": most})
            return
        for label, members in sorted(groups.items(), key=lambda item: tuple(map(str, item[0]))):
            if least > len(members):
                told = {"at_least": least, "count": len(members), "label": ", ".join(map(str, label)) or "-"}
                self.fault("open-too-few", (*at, "at_least"), told)
                continue
            self.counts.append(FactCount(tuple(members), least, len(members) if most is None else most, label))

    def _groups(
        self, by: Any, ref: Ref, flags: Mapping[int, int], at: KeyPath
    ) -> dict[tuple[Any, ...], list[int]] | None:
        """The open flags in the groups of `by`; None after a fault."""
        columns = [] if by is None else by if isinstance(by, list) else [by]
        if not columns:
            return {(): list(flags.values())}
        values: list[dict[int, Any]] = []
        for column in columns:
            if not isinstance(column, str):
                self._wrong(at, by, "columns", key="by")
                return None
            assert ref.source is not None
            if self._column(column, at, of=ref.source) is None:
                return None
            found = self._asked(ref.source, column, at)
            if found is None:
                return None
            values.append(dict(found))
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row, flag in flags.items():
            label = tuple(held[row] for held in values)
            if None not in label:
                groups.setdefault(label, []).append(flag)
        return groups


def _name(ref: Ref) -> str:
    """The column's own name in its table."""
    assert ref.source is not None
    return (
        ref.sql.removeprefix(f"{quoted(ref.source.relation)}.").removeprefix('"').removesuffix('"').replace('""', '"')
    )
