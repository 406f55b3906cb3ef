"""The values of a model as the rows of the sheets that a workbook has for them: each value in one sheet, and in no other.

Lives here: which part of a model goes where; what is left goes to the sheet of paths.
Not here: what a cell says (read/book/values.py), the tables of data (data_sheets.py), the file (write.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from allocator.model.objective import OBJECTIVES
from allocator.model.pins import pin_id
from allocator.model.registry import Registry
from allocator.model.rule import RULES
from allocator.read.book import tree
from allocator.read.book.form import EXPRESSIONS, LINES, MANY, SCHEMA, is_text
from allocator.read.book.written_values import Written, as_number, flow, written, written_bounds, written_many

_SPLIT = ("per_unit", "goal", "soft")  # mappings with a column for each of their keys
_LONG = 2_000  # characters of a list in one cell; a longer one has a row for each of its items
Cells = dict[str, Written]


@dataclass
class FormSheet:
    """One sheet of the model: its rows, each cell by the name of its column. `extra`: columns that it needs beyond its own."""

    key: str
    rows: list[Cells] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Its own columns, then those that some row needs besides."""
        found = dict.fromkeys(SCHEMA[self.key])
        found.update(dict.fromkeys(column for row in self.rows for column in row))
        return list(found)


@dataclass(frozen=True)
class TableUse:
    """A table of the model: what it is (`units`, `groups.prefecture`), its files, and the columns that hold codes or names."""

    what: str
    files: tuple[str, ...]
    codes: frozenset[str]


class FormSheets:
    """The sheets of a model's values. `tables`: the tables that it names, in their order."""

    def __init__(self, raw: Mapping[Any, Any]) -> None:
        self.rest: dict[Any, Any] = deepcopy(dict(raw))
        self.sheets = {key: FormSheet(key) for key in SCHEMA}
        self.tables: list[TableUse] = []
        self._tables()
        self._programs()
        self._named("parameters")
        self._rules()
        self._declared("objectives", OBJECTIVES)
        for indicator in self._list("indicators"):
            self.sheets["indicators"].rows.append(_cells(indicator))
        for path, value in _leaves(self.rest, ()):
            text = tree.written(path)
            self.sheets["other"].rows.append({"path": text, "value": _said(text, value)})

    def _list(self, section: str) -> list[Any]:
        held = self.rest.pop(section, None)
        return held if isinstance(held, list) else []

    # Tables -----------------------------------------------------------------------------------------------------------

    def _tables(self) -> None:
        for section in ("units", "past", "frozen"):
            if section in self.rest:
                self._table((section,), self.rest, section)
        for section in ("groups", "tables"):
            for name in list(self.rest.get(section) or {}):
                self._table((section, name), self.rest[section], name)
        for name, program in (self.rest.get("programs") or {}).items():
            if isinstance(program, dict) and "from" in program:
                self._table(("programs", name, "from"), program, "from")

    def _table(self, path: tuple[Any, ...], held: dict[Any, Any], key: Any) -> None:
        source = held[key]
        if isinstance(source, str):
            source = {"file": source}
        what, given = tree.written(path), source.pop("file", None)
        files = tuple(str(name) for name in (given if isinstance(given, list) else [given]) if name)
        said = source.pop("columns", None) or {}
        programs = source.pop("programs", None)
        name = source.get("name")
        if isinstance(name, str):
            source["name"] = {"zh": name, "en": name}
        key_columns = source.get("key")
        keys = list(key_columns.values()) if isinstance(key_columns, dict) else _many(key_columns)
        awards = ("unit", "program") if path[0] in ("past", "frozen") else ()
        names = source["name"].values() if isinstance(source.get("name"), dict) else ()
        codes = frozenset(
            {str(source.get("id", "")), *map(str, names), *(k for k in map(str, keys) if k != "period"), *awards}
        )
        self.tables.append(TableUse(what, files, codes))
        cells = _cells(source)
        for number, file in enumerate(files):
            self.sheets["tables"].rows.append({"what": what, "file": file, **(cells if not number else {})})
        for column, saying in said.items():
            saying = {"read": saying} if isinstance(saying, str) else saying
            self.sheets["columns"].rows.append({"table": what, "column": str(column), **_cells(saying)})
        if programs:
            held[key] = {"programs": programs}
        else:
            del held[key]

    # Programs ---------------------------------------------------------------------------------------------------------

    def _programs(self) -> None:
        for name, program in (self.rest.pop("programs", None) or {}).items():
            quota, conditions = program.pop("quota", None), program.pop("eligible", None) or []
            self.sheets["programs"].rows.append({"id": str(name), **_cells(program)})
            if quota is not None:
                self.sheets["quotas"].rows.append({"program": str(name), **self._quota(quota)})
            for condition in conditions:
                self.sheets["conditions"].rows.append({"program": str(name), **_cells(condition)})

    def _quota(self, quota: Any) -> Cells:
        by_period = isinstance(quota, dict) and not set(quota) & {"at_least", "at_most", "exactly"}
        if not by_period:
            return {"every": written_bounds(as_number(quota))}
        return {str(period): written_bounds(as_number(held)) for period, held in quota.items()}

    def _named(self, section: str) -> None:
        for name, held in (self.rest.pop(section, None) or {}).items():
            held = held if isinstance(held, dict) else {"value": held}
            self.sheets[section].rows.append({"id": str(name), **_cells(held)})

    # Rules, pins, objectives ------------------------------------------------------------------------------------------

    def _rules(self) -> None:
        rules = self._list("rules")
        self.rest["rules"] = [rule for rule in rules if not _is_pin(rule)]
        self._declared("rules", RULES)
        for rule in filter(_is_pin, rules):
            pin = rule["fix"]
            cell = [pin[key] for key in ("unit", "program", "period") if key in pin]
            named = {} if str(rule["id"]) == pin_id(cell) else {"id": str(rule["id"])}
            self.sheets["pins"].rows.append({**_cells(pin), **named})

    def _declared(self, section: str, registry: Registry[Any]) -> None:
        """Rules or objectives: the fields of the kind beside those that all have."""
        kinds = registry.kinds()
        for declared in self._list(section):
            kind = next(key for key in declared if key in kinds)
            outer = {key: value for key, value in declared.items() if key != kind}
            inner = declared[kind] if isinstance(declared[kind], dict) else {}
            self.sheets[section].rows.append({"kind": kind, **_cells(outer), **_cells(inner)})

    # Scenarios --------------------------------------------------------------------------------------------------------

    def scenario(self, raw: Mapping[Any, Any]) -> None:
        """One scenario: its pins with the others, else one value a row."""
        name = str(raw["scenario"])
        for pin in raw.get("pins") or []:
            self.sheets["pins"].rows.append({"scenario": name, **_cells(pin)})
        for part, held in raw.items():
            if part in ("scenario", "pins") or held is None:
                continue
            for path, value in _scenario_leaves(str(part), held):
                at = {"path": path} if path else {}
                said = _said("zh" if part in ("title", "text") else path, value)
                self.sheets["scenarios"].rows.append({"scenario": name, "part": str(part), **at, "value": said})


def _many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_pin(rule: Any) -> bool:
    """Whether a rule is a decision by hand and nothing more."""
    return isinstance(rule, dict) and set(rule) == {"id", "fix"} and isinstance(rule["fix"], dict)


def _cells(held: Mapping[Any, Any]) -> Cells:
    """The fields of one thing by the columns that they stand in."""
    cells: Cells = {}
    for key, value in held.items():
        name = str(key)
        if value is None:
            continue
        if name in LINES and _are_lines(value):
            for lang in ("zh", "en"):
                cells[f"{name}.{lang}"] = "\n".join(text[lang] for text in value)
        elif isinstance(value, dict) and value and (set(value) <= {"zh", "en"} or name in _SPLIT):
            cells.update(
                (f"{name}.{below}", _cell(f"{name}.{below}", part)) for below, part in value.items() if part is not None
            )
        else:
            cells[name] = _cell(name, value)
    return cells


def _are_lines(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(text, dict)
        and set(text) == {"zh", "en"}
        and all(isinstance(part, str) and part == part.strip() and part and "\n" not in part for part in text.values())
        for text in value
    )


def _cell(column: str, value: Any) -> Written:
    name = column.rpartition(".")[2]
    if is_text(column) and isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if name in EXPRESSIONS:
        value = as_number(value)
    return written_many(value) if name in MANY and name != "options" else written(value)


def _said(path: str, value: Any) -> Written:
    """A value beside its path; a text in a language stands as it is."""
    return value if isinstance(value, str) and path.rpartition(".")[2] in ("zh", "en") else written(value)


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value that stands in one cell, with its path."""
    if isinstance(value, dict) and value:
        for key, held in value.items():
            yield from _leaves(held, (*path, key))
    elif isinstance(value, list) and value and len(flow(value)) > _LONG:
        for number, held in enumerate(value):
            yield from _leaves(held, (*path, number))
    elif value not in (None, [], {}):
        yield path, value


def _scenario_leaves(part: str, held: Any) -> Iterable[tuple[str, Any]]:
    if part == "set" and isinstance(held, dict):
        yield from ((str(path), value) for path, value in held.items())
    else:
        yield from ((tree.written(path), value) for path, value in _leaves(held, ()))
