"""Which figure of a model a unit means, and what it says of it: from the words of a command.

Lives here: the cell behind a unit and a column, the value that is written; every reason why there is none.
Not here: what follows from it (objection.py), reading tables (load/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocator.database.expression import BadExpression
from allocator.database.names import ColumnNames
from allocator.explain.datum import READ, Datum, Value, kind_of, value_of, written
from allocator.faults import nearest
from allocator.load.model import corrected
from allocator.model.model import Model
from allocator.model.source import CELL, EARLIER, Source
from allocator.read.ledger_lines import Contested
from allocator.read.written import near_day, near_number, near_truth
from allocator.scenario.ground import sources
from allocator.words import Say

EMPTY = "empty"  # what stands in a cell of a patch that empties one
NEAR = {"number": near_number, "yes_no": near_truth, "date": near_day}


class NoSuchDatum(Exception):
    """What is said stands for no figure: why, and the nearest right name; `of`: what of it is to blame."""

    def __init__(self, why: Say, of: str, near: str | None = None) -> None:
        super().__init__(why.code)
        self.why, self.of, self.near = why, of, near


def datum_of(model: Model, unit: str, column: str, program: str | None = None, period: int | None = None) -> Datum:
    """The cell of a unit. Raises NoSuchDatum."""
    source, own = _column(model, column)
    table, key = model.table_of(source), model.key_of(source)
    if own in key:
        raise NoSuchDatum(Say("report.contested.key", {"column": column}), "--set")
    wanted: dict[str, object] = {"unit": unit, "program": program, "period": period}
    rows = list(range(table.height))
    for name in key:
        value = _of_unit(model, source, name, unit) if name not in wanted else wanted[name]
        if source.kind == "family" and name == "program":
            value = program
        if value is not None:
            rows = [row for row in rows if str(table.columns[name].values[row]) == str(value)]
    if len(rows) == 1:
        return Datum(source, own, rows[0])
    told = {"column": column, "table": source.called, "count": len(rows), "key": ", ".join(key)}
    told["rows"] = [" ".join(str(table.columns[name].values[row]) for name in key) for row in rows[:6]]
    raise NoSuchDatum(Say("report.contested.rows" if rows else "report.contested.no-row", told), "--set")


def _of_unit(model: Model, source: Source, key: str, unit: str) -> object | None:
    """What a unit has in the column of the units that a table is joined by."""
    units = model.units.columns
    name = source.name if source.kind == "group" else key
    if name not in units:
        return None
    found: object = units[name].labels[units["unit"].values.index(unit)]
    return found


def _column(model: Model, written_as: str) -> tuple[Source, str]:
    names = ColumnNames(model)
    try:
        ref = names.look_up(written_as)
    except BadExpression as error:
        told = {"column": written_as, "options": list(error.options)}
        if error.code == "ambiguous-column":
            raise NoSuchDatum(Say("report.contested.ambiguous", told), "--set") from None
        code = "report.contested.missing" if error.code == "missing-column" else "report.contested.no-column"
        raise NoSuchDatum(Say(code, told), "--set", nearest(written_as, error.options)) from None
    if ref.source is None or ref.source in (CELL, EARLIER):
        raise NoSuchDatum(Say("report.contested.not-a-column", {"column": written_as}), "--set")
    return ref.source, ref.column


def read_value(model: Model, datum: Datum, text: str) -> Value:
    """The value that a text says in the column of a datum; None for an empty text. Raises NoSuchDatum."""
    if not text:
        value = None
    else:
        kind = kind_of(model, datum)
        value = READ[kind](text)
        if value is None:
            near = NEAR[kind](text) if kind in NEAR else None
            told = {"value": text, "column": datum.name, "kind": Say(f"faults.read-as.{kind}")}
            raise NoSuchDatum(Say("report.contested.not-of-kind", told), "--set", near)
        if kind == "number" and value == int(value):
            value = int(value) if written(value) == str(int(value)) else value
    if value == value_of(model, datum):
        raise NoSuchDatum(Say("report.contested.same", {"column": datum.name, "value": text}), "--set")
    return value


def contested_of(model: Model, unit: str, datum: Datum, value: Value) -> Contested:
    """What is contested, as a ledger has it."""
    source = datum.source
    assert source is not None
    table = model.table_of(source)
    file = table.places[datum.row][0]
    key = {name: str(table.columns[name].values[datum.row]) for name in model.key_of(source) if name != "unit"}
    made = model.is_illustrative(source, datum.column, (file,))
    return Contested(unit, file, datum.name, key, written(value_of(model, datum)), written(value), made)


# The scenario that corrects it ----------------------------------------------------------------------------------------


def patch_of(model: Model, datum: Datum, value: Value) -> tuple[str, str]:
    """The name of the table in a scenario, and the rows that correct it, as CSV."""
    assert datum.source is not None
    table = model.table_of(datum.source)
    file = table.places[datum.row][0]
    name, key = next((name, key) for name, (held, key) in sources(model.raw).items() if held == file)
    cells = [str(table.columns[own].values[datum.row]) for own in model.key_of(datum.source)]
    row = [*cells, EMPTY if value is None else written(value) or ""]
    return name, _csv([[*key, datum.column], row])


def with_correction(model: Model, datum: Datum, value: Value) -> Model:
    """The model with the correction, read and judged as from files. Raises InputError."""
    name, text = patch_of(model, datum, value)
    return corrected(model, change(name, "correction.csv", value), {"correction.csv": text.encode("utf-8")})


def change(name: str, file: str, value: Value) -> Mapping[str, object]:
    """The words of a scenario."""
    patch = {"patch": file} if value is not None else {"patch": file, "empty": EMPTY}
    return {"tables": {name: patch}}


def _csv(rows: Sequence[Sequence[str]]) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text

    return "".join(",".join(map(cell, row)) + "\n" for row in rows)
