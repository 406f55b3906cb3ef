"""What a scenario says, on a screen and as a document: where its values come from, what differs from another model.

Lives here: both as plain values, and as tables that fit a terminal.
Not here: how they are found (origin.py, scenario/differences.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from json import dumps
from typing import Any

from rich.text import Text

from allocator.explain.names import Names
from allocator.faults import Place
from allocator.model.model import Model
from allocator.report.origin import Origin, Origins
from allocator.report.screen import Screen
from allocator.runs.manifest import both
from allocator.scenario.differences import (
    LISTS,
    Cell,
    Differences,
    ListChange,
    QuotaChange,
    Side,
    TableChange,
    ValueChange,
)
from allocator.words import LANGUAGES, Lang, spoken

MOST_CELLS = 20  # of one table on a screen
MOST_VALUE = 70  # characters of a value on a screen


def plain(value: Any) -> Any:
    """As JSON holds it: a decimal as its text, exact."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(held) for key, held in value.items()}
    return [plain(held) for held in value] if isinstance(value, list) else value


def told(value: Any, lang: Lang, most: int | None = None) -> str:
    """A value on a screen, cut after `most` characters; a text in two languages in the reader's own."""
    if isinstance(value, dict) and set(value) == {"zh", "en"}:
        value = value[lang]
    text = dumps(plain(value), ensure_ascii=False) if isinstance(value, (dict, list)) else spoken(value, lang)
    text = " ".join(text.split())
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


# Where values come from -----------------------------------------------------------------------------------------------


def origins_record(model: Model, found: Origins) -> dict[str, Any]:
    """Every value that is listed with its place, and the tables."""
    return {
        "model": model.policy.model,
        "title": both(model.policy.title),
        "file": found.file,
        "values": [{"path": one.path, "value": plain(one.value), **_spot(one.place)} for one in found.said],
        "others": found.others,
        "tables": [{"table": name, "rows": dict(rows)} for name, rows in found.tables.items()],
    }


def show_origins(screen: Screen, found: Origins, *, every: bool) -> None:
    """The values, one a row, and how many others come from the model's own file."""
    say, lang = screen.say, screen.names.lang
    screen.console.print(Text(screen.names.text(screen.names.model.policy.title), style="bold"))
    if found.said:
        table = screen.new_table([(say(f"report.declared.{head}"), "left") for head in ("path", "value", "place")])
        for one in found.said:
            table.add_row(one.path, _in_words(screen.names, one), one.place.text(lang))
        screen.table(table)
    for name, rows in found.tables.items():
        parts = [say("report.declared.rows", count=count, file=file) for file, count in rows.items()]
        screen.line(say("report.declared.table-from", table=name, rows=screen.names.listed(parts)))
    if not every:
        code = "others" if found.said or found.tables else "all-of"
        screen.line(say(f"report.declared.{code}", count=found.others, file=found.file))


def _in_words(names: Names, one: Origin) -> str:
    """A value on a screen; a whole rule or objective by its sentence."""
    section, _, entry = one.path.partition(".")
    known = {declared.id for declared in getattr(names.model.policy, section)} if section in LISTS else set()
    return _called(names, section, entry) if entry in known else told(one.value, names.lang, MOST_VALUE)


def _spot(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.row or place.line, "column": place.column}


# What differs ---------------------------------------------------------------------------------------------------------


def differences_record(found: Differences) -> dict[str, Any]:
    """All of it as plain values."""
    return {
        "base": _model(found.first),
        "model": _model(found.second),
        "same": found.none,
        "values": [_change(change) for change in found.values],
        "quotas": [
            {
                "program": one.program,
                "period": one.period,
                "before": dict(zip(("at_least", "at_most"), one.before, strict=True)),
                "after": dict(zip(("at_least", "at_most"), one.after, strict=True)),
                "was": _spot(one.was),
                "now": _spot(one.now),
            }
            for one in found.quotas
        ],
        "rules": {
            **_entries(found, found.rules, "rules"),
            "into_force": list(found.into_force),
            "out_of_force": list(found.out_of_force),
        },
        "objectives": {
            **_entries(found, found.objectives, "objectives"),
            "order": None if found.order is None else [list(ids) for ids in found.order],
        },
        "tables": [
            {
                "table": one.table,
                "key": list(one.key),
                "cells": [
                    {
                        "key": [plain(part) for part in cell.key],
                        "column": cell.column,
                        "before": plain(cell.before),
                        "after": plain(cell.after),
                        "now": None if cell.place is None else _spot(cell.place),
                    }
                    for cell in one.cells
                ],
            }
            for one in found.tables
        ],
    }


def _model(model: Model) -> dict[str, Any]:
    return {"model": model.policy.model, "title": both(model.policy.title)}


def _side(side: Side | None) -> dict[str, Any] | None:
    return None if side is None else {"value": plain(side.value), **_spot(side.place)}


def _change(change: ValueChange) -> dict[str, Any]:
    return {"path": change.written, "before": _side(change.before), "after": _side(change.after)}


def _entries(found: Differences, entries: ListChange, section: str) -> dict[str, Any]:
    def listed(ids: Sequence[str], model: Model) -> list[dict[str, Any]]:
        return [
            {
                "id": one,
                "text": {lang: _called(Names(model, lang), section, one) for lang in LANGUAGES},
                **_spot(model.place(section, one)),
            }
            for one in ids
        ]

    return {
        "added": listed(entries.added, found.second),
        "dropped": listed(entries.dropped, found.first),
        "changed": [_change(change) for change in entries.changed],
    }


def _called(names: Names, section: str, one: str) -> str:
    """A rule or an objective in words."""
    entry = next(entry for entry in getattr(names.model.policy, section) if entry.id == one)
    return names.rule(entry) if section == "rules" else names.objective(entry)


def show_differences(screen: Screen, found: Differences, lang: Lang) -> None:
    """All of it on a screen; long tables are cut, and say so."""
    _DeclaredPage(screen, found, lang).show()


class _DeclaredPage:
    def __init__(self, screen: Screen, found: Differences, lang: Lang) -> None:
        self.screen, self.found, self.lang = screen, found, lang
        self.first, self.second = Names(found.first, lang), Names(found.second, lang)

    def say(self, code: str, /, **params: object) -> str:
        return self.screen.say(f"report.declared.{code}", **params)

    def show(self) -> None:
        found, policies = self.found, (self.found.first.policy, self.found.second.policy)
        ids = [policy.model for policy in policies]
        self.screen.console.print(Text(self.say("from-to", first=ids[0], second=ids[1]), style="bold"))
        for names, policy in zip((self.first, self.second), policies, strict=True):
            self.screen.line(self.say("called", model=policy.model, title=names.text(policy.title)))
        if found.none:
            self.screen.line(self.say("same"))
            return
        self._values(found.values)
        self._quotas(found.quotas)
        self._entries("rules", found.rules)
        self._entries("objectives", found.objectives)
        if found.order is not None:
            before, after = (self.screen.names.listed(ids) for ids in found.order)
            self.screen.line(self.say("order", before=before, after=after), hang=2)
        for table in found.tables:
            self._table(table)

    def _heading(self, code: str, **params: object) -> None:
        self.screen.heading(f"report.declared.{code}", **params)

    def _rows(self, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
        table = self.screen.new_table([(head, "left") for head in heads])
        for row in rows:
            table.add_row(*row)
        self.screen.table(table)

    def _heads(self, *heads: str) -> list[str]:
        return [self.say(head) for head in heads]

    def _values(self, changes: Sequence[ValueChange]) -> None:
        if changes:
            self._heading("values")
            self._rows(self._heads("path", "before", "after", "place"), (self._row(c, self._path(c)) for c in changes))

    def _row(self, change: ValueChange, path: str) -> tuple[str, ...]:
        """Of a value that is gone, the place where it was."""
        side = change.after or change.before
        place = "" if side is None else side.place.text(self.lang)
        return path, self._side(change.before), self._side(change.after), place

    def _path(self, change: ValueChange) -> str:
        """The path, and under it what the parameter or the program at its head is called."""
        text = self._meant(change.path)
        return f"{change.written}\n{text}" if text and text != change.path[1] else change.written

    def _meant(self, path: tuple[str | int, ...]) -> str:
        section, one = path[0], str(path[1]) if len(path) > 1 else ""
        for names in (self.second, self.first):
            policy = names.model.policy
            if section == "parameters" and one in policy.parameters:
                text = policy.parameters[one].text
                return "" if text is None else names.text(text)
            if section == "programs" and one in policy.programs:
                return names.program(one)
        return ""

    def _side(self, side: Side | None) -> str:
        if side is None:
            return "–"
        value = side.value["value"] if isinstance(side.value, dict) and "value" in side.value else side.value
        return told(value, self.lang, MOST_VALUE)

    def _quotas(self, quotas: Sequence[QuotaChange]) -> None:
        """Years that change alike share a row."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for q in quotas:
            row = (self.second.program(q.program), self._limits(q.before), self._limits(q.after), q.now.text(self.lang))
            alike.setdefault(row, []).append(str(q.period))
        if alike:
            self._heading("quotas")
            heads = self._heads("program", "period", "before", "after", "place")
            listed = self.screen.names.listed
            self._rows(heads, ((row[0], listed(years), *row[1:]) for row, years in alike.items()))

    def _limits(self, limits: tuple[str | None, str | None]) -> str:
        low, high = limits
        if low is None and high is None:
            return self.screen.say("report.overview.open")
        if low == high:
            return str(low)
        return f"≥ {low}" if high is None else f"≤ {high}" if low is None else f"{low}–{high}"

    def _entries(self, section: str, entries: ListChange) -> None:
        force = (self.found.into_force, self.found.out_of_force) if section == "rules" else ((), ())
        if not any((entries.added, entries.dropped, entries.changed, *force)):
            return
        self._heading(section)
        for code, ids, names in (
            ("added", entries.added, self.second),
            ("dropped", entries.dropped, self.first),
            ("into-force", force[0], self.second),
            ("out-of-force", force[1], self.second),
        ):
            for one in ids:
                place = names.model.place(section, one).text(self.lang)
                params = {"id": one, "text": _called(names, section, one), "place": place}
                self.screen.line(self.say(code, **params), hang=2)
        for one in dict.fromkeys(str(change.path[1]) for change in entries.changed):
            self.screen.line(self.say("changed", id=one, text=_called(self.second, section, one)), hang=2)
            own = [change for change in entries.changed if change.path[1] == one]
            heads = self._heads("field", "before", "after", "place")
            self._rows(heads, (self._row(change, ".".join(map(str, change.path[2:]))) for change in own))

    def _table(self, change: TableChange) -> None:
        self._heading("table", table=change.table, count=len(change.cells))
        columns = [self.second.column(column) for column in change.key]
        cells = change.cells[:MOST_CELLS]
        heads = [*columns, *self._heads("column", "before", "after", "place")]
        self._rows(heads, ((*self._key(change, cell), cell.column, *self._cell(cell)) for cell in cells))
        if len(change.cells) > MOST_CELLS:
            self.screen.line(self.say("more", count=len(change.cells) - MOST_CELLS))

    def _key(self, change: TableChange, cell: Cell) -> list[str]:
        return [self.second.value(column, part) for column, part in zip(change.key, cell.key, strict=True)]

    def _cell(self, cell: Cell) -> tuple[str, str, str]:
        before, after = ("–" if v is None else told(v, self.lang, MOST_VALUE) for v in (cell.before, cell.after))
        return before, after, "" if cell.place is None else cell.place.text(self.lang)
