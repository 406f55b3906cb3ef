"""The identity of a model: a hash of what it says, not of how its files are written.

Lives here: the canonical content: the parsed policy, rules by id, tables with their rows and columns sorted.
Not here: the hashes of the files themselves (files.py).

Comments, the order of rows, columns and rules, the zeros behind a decimal do not change it; every value does, words included.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from allocator.model.model import Model
from allocator.model.table import Column, DataTable

SHORT = 8  # hexadecimal digits in the name of a folder


def model_id(model: Model) -> str:
    """SHA-256 of the model's content, 64 hexadecimal digits."""
    text = json.dumps(_content(model), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _content(model: Model) -> dict[str, Any]:
    policy = model.policy
    return {
        "policy": policy.model_dump(mode="json", exclude={"rules", "objectives"}),
        "rules": [_kind(rule) for rule in sorted(policy.rules, key=lambda rule: rule.id)],
        "objectives": [_kind(objective) for objective in policy.objectives],
        "units": _table(model.units),
        "past": None if model.past is None else _table(model.past),
        "frozen": None if model.frozen is None else _table(model.frozen),
        **{name: _tables(getattr(model, name)) for name in ("groups", "tables", "families", "allocations")},
    }


def _kind(declared: Any) -> dict[str, Any]:
    fields: BaseModel = declared
    return {"kind": declared.kind, **fields.model_dump(mode="json")}


def _tables(tables: Mapping[str, DataTable]) -> dict[str, Any]:
    return {name: _table(table) for name, table in tables.items()}


def _table(table: DataTable) -> dict[str, Any]:
    names = sorted(table.columns)
    columns = [_texts(table.columns[name]) for name in names]
    return {"columns": names, "rows": sorted(zip(*columns, strict=True))}


def _texts(column: Column) -> Iterable[str]:
    """The values as text, "" where there is none: no value is an empty text."""
    if column.kind == "text":
        return (value or "" for value in column.values)
    text = {value: _text(value) for value in set(column.values)}
    return (text[value] for value in column.values)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "" if value is None else str(value)
