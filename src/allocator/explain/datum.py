"""One value of a model, and the model with another one in its place.

Lives here: `Datum`: a cell of a table, a parameter, or what a unit was awarded of one program before the plan; the values that it
can have, in steps.
Not here: how the plan depends on it (uses.py, along.py), reading files (load/).

The model is changed in memory: the column is read as the loader would read it with that cell (a test says so of every kind).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from allocator.model.model import Model
from allocator.model.source import PAST, UNITS, Source
from allocator.model.table import Column, DataTable, Places
from allocator.read.written import WHOLE_BELOW, day, number, truth

Value = Any  # str, int, Decimal, bool, date; None: an empty cell


@dataclass(frozen=True)
class Datum:
    """source: the table; None for a parameter, which `column` names. row: of the table.

    Of the awards before the plan (PAST) `column` is a program and `unit` whose: the value is 1, and 0 where they are left out.
    """

    source: Source | None
    column: str
    row: int = -1
    unit: str = ""

    @property
    def name(self) -> str:
        """As a scenario names it."""
        bare = self.source is None or self.source == UNITS
        return self.column if bare else f"{self.source.called}.{self.column}"  # type: ignore[union-attr]


@dataclass(frozen=True)
class Steps:
    """Values one step apart: `first`, first + step, ..., so many of them."""

    first: Decimal
    step: Decimal
    count: int

    def value(self, place: int) -> Value:
        found = self.first + place * self.step
        return int(found) if self.step == self.step.to_integral_value() and found == int(found) else found

    def place(self, value: Value) -> int:
        """Where a value stands; the place below it where it lies between two."""
        return int((Decimal(value) - self.first) // self.step)


def value_of(model: Model, datum: Datum) -> Value:
    if datum.source is None:
        return model.policy.parameters[datum.column].value
    if datum.source == PAST:
        return 1
    return model.table_of(datum.source).columns[datum.column].values[datum.row]


def kind_of(model: Model, datum: Datum) -> str:
    """text, number, yes_no or date."""
    if datum.source is None:
        value = model.policy.parameters[datum.column].value
        return "yes_no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if datum.source == PAST:
        return "number"
    kind = model.table_of(datum.source).columns[datum.column].kind
    return "number" if kind in ("whole", "decimal") else kind


READ: dict[str, Callable[[str], Any]] = {"number": number, "yes_no": truth, "date": day, "text": str}


def observed(model: Model, datum: Datum) -> list[Value]:
    """The different values of the column, in their order; of the past both that there are."""
    if datum.source is None:
        return [value_of(model, datum)]
    if datum.source == PAST:
        return [0, 1]
    values = set(model.table_of(datum.source).columns[datum.column].values) - {None}
    return sorted(values)


def steps_of(model: Model, datum: Datum, *also: Value) -> Steps:
    """The values between the smallest and the largest that is declared, or else observed, and `also`."""
    seen = [Decimal(value) for value in (*observed(model, datum), *also) if value is not None]
    declared = None if datum.source in (None, PAST) else said_of(model, datum.source, datum.column)
    if declared is not None:
        seen += [Decimal(end) for end in (declared.at_least, declared.at_most) if end is not None]
        inside = (declared.at_least, declared.at_most)
        told = [Decimal(value) for value in also if value is not None]
        seen = [v for v in seen if v in told or not _outside(v, *inside)]
    digits = max([0, *(-int(value.as_tuple().exponent) for value in seen)])
    step = Decimal(1).scaleb(-digits)
    return Steps(min(seen), step, int((max(seen) - min(seen)) / step) + 1)


def _outside(value: Decimal, least: Any, most: Any) -> bool:
    return (least is not None and value < least) or (most is not None and value > most)


def said_of(model: Model, source: Source, column: str) -> Any:
    """What the model declares of a column beside how it is read; None where it says nothing."""
    policy = model.policy
    held: Any = {
        "units": policy.units,
        "group": policy.groups.get(source.name),
        "table": policy.tables.get(source.name),
        "family": None,
    }.get(source.kind)
    if source.kind == "family" and source.name in policy.programs:
        held = policy.programs[source.name].source
    return None if held is None else held.columns.get(column)


def put(model: Model, datum: Datum, value: Value) -> Model:
    """The model with another value; it is not judged again: compiling tells what cannot be."""
    if datum.source is None:
        declared = model.policy.parameters[datum.column].model_copy(update={"value": value})
        parameters = {**model.policy.parameters, datum.column: declared}
        return replace(model, policy=model.policy.model_copy(update={"parameters": parameters}))
    if datum.source == PAST:
        return model if value else replace(model, past=_without(model.past, datum))
    table = model.table_of(datum.source)
    column = table.columns[datum.column]
    values = (*column.values[: datum.row], value, *column.values[datum.row + 1 :])
    texts = None
    if column.texts is not None:
        texts = (*column.texts[: datum.row], written(value), *column.texts[datum.row + 1 :])
    changed = replace(table, columns={**table.columns, datum.column: _column(column, values, texts)})
    return _with_table(model, datum.source, changed)


def written(value: Value) -> str | None:
    """A value as a file has it."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
    return str(value)


def _column(column: Column, values: Sequence[Value], texts: Sequence[str | None] | None) -> Column:
    texts = None if texts is None else tuple(texts)
    if column.kind not in ("whole", "decimal"):
        return Column(column.kind, tuple(values), 0, texts)
    known = [Decimal(value) for value in values if value is not None]
    digits = max([0, *(-int(value.as_tuple().exponent) for value in known)])
    if not digits and all(-WHOLE_BELOW < value < WHOLE_BELOW for value in known):
        return Column("whole", tuple(None if value is None else int(value) for value in values), 0, texts)
    return Column("decimal", tuple(None if value is None else Decimal(value) for value in values), digits, texts)


def _with_table(model: Model, source: Source, table: DataTable) -> Model:
    if source == UNITS:
        return replace(model, units=table)
    part = {"group": "groups", "table": "tables", "family": "families"}[source.kind]
    return replace(model, **{part: {**getattr(model, part), source.name: table}})  # type: ignore[arg-type]


def _without(past: DataTable | None, datum: Datum) -> DataTable | None:
    """The awards before the plan without those of one unit in one program."""
    if past is None:
        return None
    of = zip(past.columns["unit"].values, past.columns["program"].values, strict=True)
    kept = [row for row, (unit, program) in enumerate(of) if (unit, program) != (datum.unit, datum.column)]
    columns = {
        name: Column(
            held.kind,
            tuple(held.values[row] for row in kept),
            held.digits,
            None if held.texts is None else tuple(held.texts[row] for row in kept),
        )
        for name, held in past.columns.items()
    }
    return DataTable(columns, past.files, Places(past.places.parts, kept))
