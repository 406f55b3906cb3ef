"""The identity of a model: a hash of what it says, not of how its files are written.

Lives here: the canonical content: the parsed policy, rules by id, tables with their rows and columns sorted.
Not here: the hashes of the files themselves (runs/files.py).

Comments, the order of rows, columns and rules, the zeros behind a decimal do not change it; every value does, words included.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from pydantic import BaseModel

from allocator.model.model import Model
from allocator.model.policy import Ties
from allocator.model.query import Ints
from allocator.model.table import Column, DataTable

SHORT = 8  # hexadecimal digits in the name of a folder


# Keys of later versions. A model that does not say them keeps the hash that it had.
ADDED = ("private", "objections", "change_weight", "decided_by", "actions", "yearly", "map", "files")
_LIMITS = {"at_least", "at_most", "text"}  # of `per_unit`: its text is of a later version too


def model_id(model: Model) -> str:
    """SHA-256 of the model's content, 64 hexadecimal digits."""
    return hashlib.sha256(_content(model).encode()).hexdigest()


def seedless_id(model: Model) -> str:
    """The same of the model whatever decides between equal plans."""
    policy = model.policy.model_copy(update={"ties": Ties()})
    return model_id(replace(model, policy=policy))


def _content(model: Model) -> str:
    """A JSON document, its keys sorted."""
    policy = model.policy
    return _object(
        {
            "policy": _json(_as_before(policy.model_dump(mode="json", exclude={"rules", "objectives"}))),
            "rules": _json([_kind(rule) for rule in sorted(policy.rules, key=lambda rule: rule.id)]),
            "objectives": _json([_kind(objective) for objective in policy.objectives]),
            "units": _table(model.units),
            "past": _table(model.past),
            "frozen": _table(model.frozen),
            **{name: _tables(getattr(model, name)) for name in ("groups", "tables", "families", "allocations")},
        }
    )


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def _object(values: Mapping[str, str]) -> str:
    """A JSON object of values that are JSON already."""
    return "{" + ", ".join(f"{_json(key)}: {values[key]}" for key in sorted(values)) + "}"


def _kind(declared: Any) -> dict[str, Any]:
    fields: BaseModel = declared
    told = fields.model_dump(mode="json")
    if "waivable" in told:  # unsaid is what false was, before it meant never
        told["waivable"] = {None: False, False: "never"}.get(told["waivable"], True)
    return {"kind": declared.kind, **_as_before(told)}


def _as_before(value: Any) -> Any:
    """Plain values without what is not said of later keys."""
    if isinstance(value, list):
        return [_as_before(part) for part in value]
    if not isinstance(value, dict):
        return value
    unsaid = {key for key in ADDED if key in value and value[key] in (None, [], {})}
    unsaid |= {"waivable"} if value.get("waivable", False) is None else set()  # of a program
    unsaid |= {"text"} if value.keys() == _LIMITS and value["text"] is None else set()
    return {key: _as_before(part) for key, part in value.items() if key not in unsaid}


def _tables(tables: Mapping[str, DataTable]) -> str:
    return _object({name: _table(table) for name, table in tables.items()})


def _table(table: DataTable | None) -> str:
    """The columns by name, the rows sorted as texts."""
    if table is None:
        return _json(None)
    names = sorted(table.columns)
    columns = [_texts(table.columns[name]) for name in names]
    order = np.lexsort([rank for _, rank in reversed(columns)]) if columns else ()
    cells = [np.array([_json(text) for text in texts], object)[rank[order]] for texts, rank in columns]
    rows = "], [".join(map(", ".join, zip(*(column.tolist() for column in cells), strict=True)))
    return _object({"columns": _json(names), "rows": f"[[{rows}]]" if len(order) else "[]"})


def _texts(column: Column) -> tuple[list[str], Ints]:
    """The distinct values as texts, sorted, "" where there is none: no value is an empty text; and the place of each row's."""
    told = [value or "" if column.kind == "text" else _text(value) for value in column.coded.distinct]
    texts = sorted(set(told))
    place = {text: i for i, text in enumerate(texts)}
    return texts, np.array([place[text] for text in told], np.int64)[column.coded.code]


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "" if value is None else str(value)
