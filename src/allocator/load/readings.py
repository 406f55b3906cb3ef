"""How the columns of a model's tables are read: as texts, numbers, truth values or dates.

Lives here: the rule below, uses that contradict each other, the tables as they are read.
Not here: what is asked of a column (database/asked.py), the cells of one column (column_cells.py), what is written in a cell
(read/written.py), keys (data.py).

A cell is what is written in it. Ids, keys, names, and what groups are formed by are texts, always. A column is a number, a
truth value or a date where the model declares it (`columns`) or where an expression asks for one: `score >= 60` asks for a
number, `zone = '1.10'` for a text. Where no use says it, a column is what all of its filled cells are. One that holds no
value yet is whatever is asked of it. A cell that does not fit is a fault at that cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from allocator.database.asked import Asked, Demands, Kind, Wanted
from allocator.database.expression import BadExpression, parse
from allocator.database.names import ColumnNames, Ref
from allocator.faults import Fault, Notice, nearest
from allocator.load.column_cells import FaultOfCell, HeldColumn, misfit, too_fine, too_wide
from allocator.load.row_checks import Data
from allocator.load.shaped import Shaped
from allocator.model.fields import Refers, Scope, Uses, marks
from allocator.model.model import Model
from allocator.model.policy import Parameter
from allocator.model.source import CELL, EARLIER, UNITS, Source
from allocator.model.table import Coded, Column, DataTable
from allocator.read.fault_collector import FirstFaults
from allocator.read.places import KeyPath
from allocator.read.written import (
    MOST_DIGITS,
    MOST_PLACES,
    WHOLE_BELOW,
    day,
    number,
    spoiled,
)
from allocator.words import Say

Cell = tuple[Source, str]  # a column of a table

_WANTED: dict[Scope, Wanted] = {
    "condition": "truth",
    "measure": "number",
    "bound": "number",
    "groups_bound": "number",
    "indicator": "number",
    "data": "number",
    "setting": None,
}
_SHOWN = 4  # cells named as examples


def read_columns(shaped: Shaped, model: Model, data: Data, faults: list[Fault]) -> Model:
    """The model with its columns read; faults are added to `faults`, what must not be asked any more to `data`."""
    return _Readings(shaped, model, data, faults).model_read()


class _Readings:
    def __init__(self, shaped: Shaped, model: Model, data: Data, faults: list[Fault]) -> None:
        self.shaped, self.model, self.data, self.faults = shaped, model, data, faults
        self.policy = model.policy
        self.names = ColumnNames(model)
        self.few = FirstFaults(faults)
        self.asked = Asked()
        self.tables: dict[Source, DataTable] = {UNITS: model.units}
        self.tables |= {Source("group", name): table for name, table in model.groups.items()}
        self.tables |= {Source("table", name): table for name, table in model.tables.items()}
        self.tables |= {Source("family", name): table for name, table in model.families.items()}
        self.kinds: dict[Cell, Kind] = {}
        self.held: dict[Cell, HeldColumn] = {}
        self.reads: dict[KeyPath, tuple[str, ...]] = {}  # of each expression

    def model_read(self) -> Model:
        self._declared()
        for path, mark, sql in self._expressions():
            self._ask(path, mark, sql)
        for demands in self.asked.all():
            self._decide(demands)
        read = {source: self._read_table(source, table) for source, table in self.tables.items()}
        self.few.close()

        def of(kind: str) -> dict[str, DataTable]:
            return {source.name: table for source, table in read.items() if source.kind == kind}

        self.data.units, self.data.groups, self.data.tables = read[UNITS], of("group"), of("table")
        self.data.families = of("family")
        return replace(self.model, units=read[UNITS], groups=of("group"), tables=of("table"), families=of("family"))

    # What is asked ----------------------------------------------------------------------------------------------------

    def _sources(self) -> Iterator[tuple[Source, KeyPath, Any]]:
        """Every table with its place in the policy and its declaration."""
        yield UNITS, ("units",), self.policy.units
        for name, group in self.policy.groups.items():
            yield Source("group", name), ("groups", name), group
        for name, table in self.policy.tables.items():
            yield Source("table", name), ("tables", name), table
        for name, program in self.policy.programs.items():
            if program.source is not None:
                yield Source("family", name), ("programs", name, "source"), program.source

    def _declared(self) -> None:
        """The kinds that the model declares; a column that is not there is told."""
        for source, path, declared in self._sources():
            if source not in self.tables or declared is None:
                continue
            for name, said in declared.columns.items():
                known = [column for column in self.tables[source].columns if not self._is_key(source, column)]
                if name in known:
                    kind = said.read
                    if kind is None and (said.at_least, said.at_most) != (None, None):
                        kind = "number"
                    if kind is not None:
                        self.asked.of((source, name)).ask(kind, (*path, "columns", name))
                elif source not in self.data.lost:
                    place = self.shaped.place(*path, "columns", name, key=True)
                    code = "key-column-declared" if name in self.tables[source].columns else "declared-no-column"
                    self.faults.append(Fault(code, place, {"column": name}, nearest=nearest(name, known)))

    def _is_key(self, source: Source, column: str) -> bool:
        return column in self.model.key_of(source)

    def _expressions(self) -> Iterator[tuple[KeyPath, Uses, str]]:
        """Every expression of the policy with its path."""
        owners: list[tuple[KeyPath, Any]] = [(("programs", n), program) for n, program in self.policy.programs.items()]
        for section in ("rules", "objectives", "indicators"):
            owners += [((section, index), held) for index, held in enumerate(getattr(self.policy, section))]
        owners += [(("figures", name), figure) for name, figure in self.policy.figures.items()]
        for path, held in owners:
            for at, mark, value in marks(held):
                if isinstance(mark, Uses):
                    yield (*path, *at), mark, value

    def _ask(self, path: KeyPath, mark: Uses, sql: str) -> None:
        try:
            parsed = parse(sql)
        except BadExpression:  # told where expressions are checked
            return
        self.reads[path] = parsed.columns
        self.asked.add(parsed, _WANTED[mark.scope], self._known, path)

    def _known(self, name: str) -> Cell | Kind | None:
        """The column behind a name; or the kind of a parameter, a figure, a unit, a year, a count of awards."""
        try:
            ref = self.names.look_up(name)
        except BadExpression:
            counted = name == "weight" or name.startswith("awarded.")
            return "number" if counted else None
        if ref.source == CELL:
            return "number" if ref.sql == "c.period" else "text"
        if ref.source is None:
            parameter = self.policy.parameters.get(name)
            return "number" if parameter is None else _kind_of(parameter)
        if self._is_key(ref.source, ref.column):
            return "number" if ref.column == "period" else "text"
        return "number" if ref.source == EARLIER else (ref.source, ref.column)

    @cached_property
    def labels(self) -> set[Cell]:
        """Columns that groups are formed by, that are compared with ids, or that name: read as they are written."""
        found: set[Cell] = set()
        for section in ("rules", "objectives", "indicators"):
            for held in getattr(self.policy, section):
                for _, mark, value in marks(held):
                    if isinstance(mark, Refers) and mark.to in ("columns", "units_column"):
                        names = value if isinstance(value, tuple) else (value,)
                        found |= {cell for name in names if (cell := self._cell(name)) is not None}
        for name in self.policy.groups:
            found |= {(source, name) for source, table in self.tables.items() if name in table.columns}
        for table in self.policy.tables.values():
            found |= {(UNITS, key) for key in table.key}
        for source, _, declared in self._sources():
            named = getattr(declared, "name", None)
            columns = (getattr(declared, "id", None), *((named.zh, named.en) if named else ()))
            found |= {(source, column) for column in columns if column}
        return found

    def _cell(self, name: str) -> Cell | None:
        try:
            ref: Ref = self.names.look_up(name)
        except BadExpression:
            return None
        return None if ref.source is None else (ref.source, ref.column)

    # What follows from it ---------------------------------------------------------------------------------------------

    def _column(self, cell: Cell) -> HeldColumn:
        if cell not in self.held:
            self.held[cell] = HeldColumn(self.tables[cell[0]], cell[1])
        return self.held[cell]

    def _decide(self, demands: Demands) -> None:
        """The kind of columns that are of one kind; uses that do not go together are told."""
        columns = sorted(demands.columns)
        if not columns:
            if len(demands.by) > 1:  # a parameter, a year or an id, compared with a value of another kind
                (path, *_) = list(demands.by.values())[-1]
                self._ill_used(path)
                self.faults.append(Fault("expression-kinds", self.shaped.place(*path), {"kinds": _kinds(demands.by)}))
            return
        held = [self._column(cell) for cell in columns]
        by = dict(demands.by)
        kind = self._kind(demands, by, held)
        others = [place for other, places in by.items() if other != kind for place in places]
        if kind in ("text", "date"):
            others += demands.truth
        if others:
            self._contradicted(columns, kind, by.get(kind, []), others)
        misfits = [cell for cell, column in zip(columns, held, strict=True) if not _fits(column, kind)]
        if misfits and kind != "text":
            self._not_of_kind(misfits, kind, [*by.get(kind, ()), *demands.truth, *demands.ordered])
            return
        self.kinds |= dict.fromkeys(columns, kind)

    def _kind(self, demands: Demands, by: dict[Kind, list[KeyPath]], held: Sequence[HeldColumn]) -> Kind:
        """One kind for all; `by` loses what is said by a text that is a date."""
        declared = [kind for kind, places in by.items() for place in places if "columns" in place]
        if "date" in (*declared, *by) and "text" in by and all(day(text) for text in demands.texts):
            by.pop("text")
        if declared:
            return declared[0]
        if "date" in by:
            return "date"
        if set(by) == {"text"} and demands.ordered and demands.texts:
            if all(day(text) is not None for text in demands.texts) and all(c.seems("date") for c in held):
                by["date"] = by.pop("text")
                return "date"
            if all(number(text) is not None for text in demands.texts) and all(c.mostly("number") for c in held):
                return "number"  # '60' in quotes: told as a contradiction
        if len(by) == 1:
            return next(iter(by))
        if by:
            first = [kind for kind in by if kind != "text" and all(c.seems(kind) for c in held)]
            return first[0] if first else "text"
        if demands.truth:
            return "number" if all(c.natural == "number" for c in held) else "yes_no"
        if demands.columns <= self.labels:
            return "text"
        kinds: tuple[Kind, ...] = ("number", "date", "yes_no")
        likely = [kind for kind in kinds if any(column.mostly(kind) for column in held)]
        if likely and (demands.ordered or (len(held) == 1 and held[0].mostly(likely[0]))):
            return likely[0]
        return "text"

    def _contradicted(
        self, columns: Sequence[Cell], kind: Kind, places: Sequence[KeyPath], others: Sequence[KeyPath]
    ) -> None:
        for path in dict.fromkeys(others):
            self._ill_used(path)
            cell = self._named(path, columns)
            first = next((place for place in places if place != path), None)
            code = "column-two-kinds" if first is not None else "column-other-kind"
            params = {
                "column": cell[1],
                "kind": Say(f"faults.read-as.{kind}"),
                "first": None if first is None else self.shaped.place(*first),
                "example": next(iter(self._column(cell).filled), ""),
            }
            self.faults.append(Fault(code, self.shaped.place(*path), params))

    def _not_of_kind(self, columns: Sequence[Cell], kind: Kind, places: Sequence[KeyPath]) -> None:
        """A use that asks of a column what hardly any cell of it is: the use is wrong, not the cells."""
        for path in dict.fromkeys(places):
            self._ill_used(path)
            cell = self._named(path, columns)
            examples = [text for text, value in self._column(cell).read(kind).items() if value is None]
            params = {
                "column": cell[1],
                "kind": Say(f"faults.read-as.{kind}"),
                "examples": ", ".join(f'"{text}"' for text in examples[:_SHOWN]),
            }
            self.faults.append(Fault("column-not-of-kind", self.shaped.place(*path), params))

    def _named(self, path: KeyPath, columns: Sequence[Cell]) -> Cell:
        """Of columns that are of one kind, the one that the expression at a path reads."""
        read = [self._cell(name) for name in self.reads.get(path, ())]
        return next((cell for cell in columns if cell in read), columns[0])

    def _ill_used(self, path: KeyPath) -> None:
        """Marks the owner of an expression as wrong, as references.py does."""
        section = path[0]
        if section == "programs":
            self.data.ill_used.add(path[: 4 if path[2] == "eligible" else 3])
        else:
            self.data.ill_used.add(path[:2])

    # The cells --------------------------------------------------------------------------------------------------------

    def _read_table(self, source: Source, table: DataTable) -> DataTable:
        columns = {
            name: column if self._is_key(source, name) else self._read(source, name, table)
            for name, column in table.columns.items()
        }
        return replace(table, columns=columns)

    def _read(self, source: Source, name: str, table: DataTable) -> Column:
        cell = (source, name)
        column = table.columns[name]
        is_label = cell in self.labels
        held = self._column(cell)
        if cell in self.kinds or is_label:
            if self.kinds.get(cell, "text") == "text":
                self._told(name, table, {text: misfit("text") for text in held.filled if spoiled(text)})
        kind = self.kinds.get(cell)
        if kind is None:
            kind = "text" if is_label else held.natural
        if kind == "text":
            if is_label:
                self._lost_zeros(name, table, held)
            return column
        values = held.read(kind)
        self._told(name, table, {text: misfit(kind) for text, value in values.items() if value is None})
        if kind != "number":
            return self._made(kind, column, values, is_label)
        return self._numbers(name, table, values, is_label)

    def _numbers(self, name: str, table: DataTable, values: Mapping[str, Any], is_label: bool) -> Column:
        """A column of numbers: whole ones, or decimals with as many places as the finest."""
        column = table.columns[name]
        known = [value for value in values.values() if value is not None]
        places = {value: max(0, -int(value.as_tuple().exponent)) for value in known}
        if not any(places.values()) and all(-WHOLE_BELOW < value < WHOLE_BELOW for value in known):
            whole = {text: None if value is None else int(value) for text, value in values.items()}
            return self._made("whole", column, whole, is_label)
        fine = {t for t, v in values.items() if v is not None and places[v] > MOST_PLACES}
        digits = max((places[v] for t, v in values.items() if v is not None and t not in fine), default=0)
        wide = {t for t, v in values.items() if v is not None and t not in fine and _before(v) + digits > MOST_DIGITS}
        self._told(name, table, {t: too_fine(places[values[t]]) for t in fine} | dict.fromkeys(wide, too_wide))
        plain = {t: None if v is None or t in fine | wide else Decimal(format(v, "f")) for t, v in values.items()}
        return self._made("decimal", column, plain, is_label, digits)

    @staticmethod
    def _made(
        kind: Literal["whole", "decimal", "yes_no", "date"] | Kind,
        column: Column,
        values: Mapping[str, Any],
        is_label: bool,
        digits: int = 0,
    ) -> Column:
        coded = column.coded
        read = [None if text is None else values[text] for text in coded.distinct]
        texts = column.values if is_label else None
        if len(set(read)) == len(read):  # 1.5 and 1.50 are one number, and stay as they are written
            return Column.of(kind, Coded(tuple(read), coded.code), digits, texts)  # type: ignore[arg-type]
        return Column(kind, tuple(read[code] for code in coded.code.tolist()), digits, texts)  # type: ignore[arg-type]

    def _told(self, name: str, table: DataTable, bad: Mapping[str, FaultOfCell]) -> None:
        """The rows with a cell that does not fit, each at its place; `bad` says of each text what is wrong with it."""
        rows = [row for row, text in enumerate(table.columns[name].values) if text in bad] if bad else []
        for row in rows:
            text = str(table.columns[name].values[row])
            place = table.place(row, name)
            self.data.spoiled.add(place)
            self.few.add(bad[text](text, place), len(rows))

    def _lost_zeros(self, name: str, table: DataTable, held: HeldColumn) -> None:
        """Codes of one width that begin with 0, and one that is shorter: a spreadsheet has dropped its zeros."""
        padded = {len(text) for text in held.filled if text.isdigit() and text[0] == "0" and len(text) > 1}
        if len(padded) != 1:
            return
        (width,) = padded
        short = {text for text in held.filled if text.isdigit() and len(text) < width}
        for row, text in enumerate(held.cells):
            if text in short:
                whole = str(text).zfill(width)
                self.few.add(Notice("code-too-short", table.place(row, name), {"cell": text, "whole": whole}))


def _fits(column: HeldColumn, kind: Kind) -> bool:
    return kind == "text" or column.seems(kind)


def _kinds(by: Mapping[Kind, object]) -> tuple[Say, ...]:
    return tuple(Say(f"faults.read-as.{kind}") for kind in sorted(by))


def _before(value: Decimal) -> int:
    """The digits before the point."""
    return max(1, value.adjusted() + 1)


def _kind_of(parameter: Parameter) -> Kind:
    value = parameter.value
    return "yes_no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
