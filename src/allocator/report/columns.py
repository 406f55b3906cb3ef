"""The columns of a model's tables as they are read: text, number, yes/no or date; what is in them.

Lives here: their records, and the table of them on a screen.
Not here: how it is decided what a column is (load/readings.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocator.model.model import Model
from allocator.model.table import Column, DataTable
from allocator.report.screen import Screen
from allocator.words import spoken

READ_AS = {"text": "text", "whole": "number", "decimal": "number", "yes_no": "yes_no", "date": "date"}
MOST_VALUES = 4  # different texts that are shown; of more, how many there are
MOST_LETTERS = 40


def columns_record(model: Model) -> list[dict[str, Any]]:
    """Every column: table, column, read_as, empty (cells), distinct (values), least and most (of numbers and dates).

    `labels`: true where groups are formed by the cells as written, beside their values.
    """
    return [
        _record(table, name, column)
        for table, held, key in _tables(model)
        for name, column in held.columns.items()
        if name != key
    ]


def _tables(model: Model) -> Iterator[tuple[str, DataTable, str]]:
    """Every table with its name, and the key under which its id stands there a second time."""
    sources = {name: program.source for name, program in model.policy.programs.items() if program.source is not None}
    yield "units", model.units, "unit" if model.policy.units.id != "unit" else ""
    for name, table in model.groups.items():
        yield name, table, "id" if model.policy.groups[name].id != "id" else ""
    for name, table in model.families.items():
        yield name, table, "program" if sources[name].id != "program" else ""
    for name, table in model.tables.items():
        yield name, table, ""


def _record(table: str, name: str, column: Column) -> dict[str, Any]:
    distinct = [value for value in column.coded.distinct if value is not None]
    ordered = bool(distinct) and column.kind in ("whole", "decimal", "date")
    return {
        "table": table,
        "column": name,
        "read_as": READ_AS[column.kind],
        "labels": column.texts is not None,
        "empty": sum(value is None for value in column.values) if None in column.coded.distinct else 0,
        "distinct": len(distinct),
        "least": spoken(min(distinct), "en") if ordered else None,
        "most": spoken(max(distinct), "en") if ordered else None,
        "values": None if ordered else [str(value) for value in sorted(distinct, key=str)[:MOST_VALUES]],
    }


def show_columns(screen: Screen, records: list[dict[str, Any]]) -> None:
    """The columns as a table."""
    say = screen.names.say
    screen.heading("report.columns.heading")
    titles = [say(f"report.columns.{name}") for name in ("table", "column", "read-as", "holds", "empty")]
    table = screen.new_table([*((title, "left") for title in titles[:4]), (titles[4], "right")])
    for record in records:
        table.add_row(
            record["table"],
            record["column"],
            say(f"report.columns.{record['read_as']}") + (say("report.columns.labels") if record["labels"] else ""),
            _holds(screen, record),
            str(record["empty"] or ""),
        )
    screen.table(table)


def _holds(screen: Screen, record: Mapping[str, Any]) -> str:
    """`3 … 17` for numbers and dates; the values where they are few and short, else how many there are."""
    if record["least"] is not None:
        same = record["least"] == record["most"]
        return str(record["least"]) if same else f"{record['least']} … {record['most']}"
    values = record["values"]
    if record["distinct"] <= len(values) and sum(map(len, values)) <= MOST_LETTERS:
        return ", ".join(values)
    return screen.names.say("report.columns.distinct", count=record["distinct"])
