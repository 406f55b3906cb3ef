"""The kinds of value a policy file holds: texts, ids, expressions, references.

Lives here: annotated field types. Each carries a mark (`Uses`, `Refers`) that says how the value is checked, so that the
loader can walk any declaration, of a kind it has never heard of, and check every expression and every name in it.
Not here: the checks (load/references.py), the evaluation of expressions (database/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticKnownError

Scope = Literal["condition", "measure", "bound", "groups_bound", "setting", "indicator", "data"]


@dataclass(frozen=True)
class Uses:
    """Marks a field that holds an SQL expression, and what the expression is evaluated over.

    condition, measure: one candidate (unit, program, period); bound: the units of one group; groups_bound: the groups of
    a `reach` rule; setting: parameters only; indicator: the units, with awarded.* and past.*; data: the rows of one table.
    `least` and `most`: what its value must lie between; `above`: what it must exceed; `positive`: above 0 wherever there
    can be an award.
    """

    scope: Scope
    least: int | None = None
    most: int | None = None
    above: int | None = None
    positive: bool = False


@dataclass(frozen=True)
class Refers:
    """Marks a field that names something declared elsewhere."""

    to: Literal["programs", "columns", "unit", "units_column", "program", "period", "rules", "file"]


class Declared(BaseModel):
    """Base of every declaration: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Text(Declared):
    """A text in both languages; a plain string in the file is the same text in both."""

    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.en


def _as_truth(value: Any) -> Any:
    """A truth value in the file is a condition too: true -> "true"."""
    return ("true" if value else "false") if isinstance(value, bool) else _as_sql(value)


def _as_sql(value: Any) -> Any:
    """A number in the file is an expression too: 0.9 -> "0.9". A truth value is no figure."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def _as_id(value: Any) -> Any:
    """450102 in the file is the id "450102"."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_or_many(value: Any) -> Any:
    """`of: demonstration` is `of: [demonstration]`."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return (_as_id(value),)
    if isinstance(value, (list, tuple)):
        return tuple(_as_id(v) for v in value)
    return value


class Key(tuple[str, ...]):
    """The key columns of a table by their names in the model; `in_file`: what the file calls each."""

    in_file: Mapping[str, str]

    def __new__(cls, names: Iterable[str], in_file: Mapping[str, str] | None = None) -> Key:
        made = super().__new__(cls, names)
        made.in_file = {name: (in_file or {}).get(name, name) for name in made}
        return made


def _as_key(value: Any) -> Key:
    """`key: [unit, period]`, or `key: {unit: CCN, period: Round}` where the file calls them otherwise."""
    if isinstance(value, Mapping):
        if not all(isinstance(part, (str, int)) and not isinstance(part, bool) for part in value.values()):
            raise PydanticKnownError("string_type")
        return Key((str(name) for name in value), {str(name): str(column) for name, column in value.items()})
    names = _one_or_many(value)
    if not isinstance(names, tuple):
        raise PydanticKnownError("tuple_type")
    if not all(isinstance(name, str) for name in names):
        raise PydanticKnownError("string_type")
    return Key(names)


_EXPRESSION = WithJsonSchema({"type": ["string", "number"], "description": "SQL expression"})
_CONDITION = WithJsonSchema({"type": ["string", "number", "boolean"], "description": "SQL expression"})
_NAMES = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]})

Whole = Annotated[int, Strict()]
Number = Annotated[int, Strict()] | Decimal
Flag = Annotated[bool, Strict()]
Weight = Annotated[Number, Field(gt=0)]
Decider = Literal["panel", "department", "government"]
Id = Annotated[str, BeforeValidator(_as_id)]
Condition = Annotated[str, BeforeValidator(_as_truth), Uses("condition"), _CONDITION]
Measure = Annotated[str, BeforeValidator(_as_sql), Uses("measure"), _EXPRESSION]
Bound = Annotated[str, BeforeValidator(_as_sql), Uses("bound"), _EXPRESSION]
PlacesBound = Annotated[str, BeforeValidator(_as_sql), Uses("bound", least=0), _EXPRESSION]
ShareBound = Annotated[str, BeforeValidator(_as_sql), Uses("bound", least=0, most=1), _EXPRESSION]
Denominator = Annotated[str, BeforeValidator(_as_sql), Uses("bound", above=0), _EXPRESSION]
WeightBound = Annotated[str, BeforeValidator(_as_sql), Uses("bound", positive=True), _EXPRESSION]
GroupsBound = Annotated[str, BeforeValidator(_as_sql), Uses("groups_bound"), _EXPRESSION]
Setting = Annotated[str, BeforeValidator(_as_truth), Uses("setting"), _CONDITION]
Figure = Annotated[str, BeforeValidator(_as_sql), Uses("indicator"), _EXPRESSION]
DataFigure = Annotated[str, BeforeValidator(_as_sql), Uses("data"), _EXPRESSION]
Programs = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Refers("programs"), _NAMES]
Columns = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Refers("columns"), _NAMES]
RuleIds = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Refers("rules"), _NAMES]
KeyColumns = Annotated[
    Key,
    PlainValidator(_as_key),
    Refers("columns"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
            ]
        }
    ),
]
UnitsColumn = Annotated[str, Refers("units_column")]
UnitRef = Annotated[str, BeforeValidator(_as_id), Refers("unit")]
ProgramRef = Annotated[str, BeforeValidator(_as_id), Refers("program")]
PeriodRef = Annotated[int, Strict(), Refers("period")]
FileRef = Annotated[str, Refers("file")]
Files = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Refers("file"), _NAMES]


def marks(declared: BaseModel) -> Iterator[tuple[tuple[str | int, ...], Uses | Refers, Any]]:
    """Every marked value inside a declaration: (path from it, mark, value). Values that are None are left out."""
    for name, mark in _marked(type(declared)):
        value = getattr(declared, name)
        if value is None:
            continue
        if mark is not None and not isinstance(value, (dict, BaseModel)):
            yield (name,), mark, value
        else:
            yield from _inside((name,), value, mark)


def _inside(path: tuple[str | int, ...], value: Any, mark: Uses | Refers | None) -> Iterator[tuple[Any, Any, Any]]:
    if isinstance(value, BaseModel):
        for below, found, held in marks(value):
            yield (*path, *below), found, held
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _inside((*path, key), held, mark)
    elif isinstance(value, tuple):
        for index, held in enumerate(value):
            yield from _inside((*path, index), held, mark)
    elif mark is not None and isinstance(value, str):
        yield path, mark, value


@cache
def _marked(declared: type[BaseModel]) -> tuple[tuple[str, Uses | Refers | None], ...]:
    """The fields of a kind of declaration, each with its mark."""
    fields = declared.model_fields
    return tuple((name, _mark([*field.metadata, field.annotation])) for name, field in fields.items())


def _mark(annotations: Any) -> Uses | Refers | None:
    for annotation in annotations:
        if isinstance(annotation, (Uses, Refers)):
            return annotation
        found = _mark(get_args(annotation))
        if found is not None:
            return found
    return None
