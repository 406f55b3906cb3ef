"""The tables that a policy names: their files, their columns, the names in them.

Lives here: the declarations of units, groups, tables, families of programs, awards of the past and signed years.
Not here: the tables as they were read (table.py), the policy (policy.py).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from allocator.model.fields import (
    Declared,
    FileRef,
    Files,
    Id,
    KeyColumns,
    Number,
    Text,
    Whole,
)


class NameColumns(Declared):
    """Which columns hold a unit's (or group's, or program's) name in each language."""

    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value


ReadAs = Literal["text", "number", "yes_no", "date"]  # how the cells of a column are read


class ColumnSaid(Declared):
    """What is said of one column: how its cells are read; whether the units report it themselves, and within which bounds.

    `zone: text` is `zone: {read: text}`.
    """

    read: ReadAs | None = None
    reported_by: Literal["unit"] | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"read": value} if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _said(self, whole: SerializerFunctionWrapHandler) -> Any:
        """As short as it can be written."""
        said = {key: value for key, value in whole(self).items() if value is not None}
        return said["read"] if set(said) == {"read"} else said


class UnitsSource(Declared):
    """Who can receive: a table, one row a unit. Several files are put together; a column absent in one is empty there.

    `columns`, here and in the other tables: what is said of some columns.
    """

    file: Files
    id: str
    name: NameColumns | None = None
    columns: dict[str, ColumnSaid] = Field(default_factory=dict)


class GroupSource(Declared):
    """A column of the units as groups with a table of their own: every row of it is a group."""

    file: FileRef
    id: str
    name: NameColumns | None = None
    title: Text | None = None
    columns: dict[str, ColumnSaid] = Field(default_factory=dict)


class PastSource(Declared):
    """Awards made before the plan (unit, program, period, amount); `programs` titles those that the plan does not decide.

    `reported_by: unit`: the units report these awards themselves.
    """

    file: FileRef
    programs: dict[Id, Text] = Field(default_factory=dict)
    reported_by: Literal["unit"] | None = None

    @model_serializer(mode="wrap")
    def _said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what it does not say."""
        return {key: value for key, value in whole(self).items() if key != "reported_by" or value is not None}

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value


class FrozenSource(Declared):
    """Awards of plan years already signed: facts of the plan. Every period up to `through` is closed."""

    file: FileRef
    through: Whole


class TableSource(Declared):
    """More data, joined on the keys it shares with a cell; a key column beyond unit, program, period: one-to-many.

    `key: {unit: CCN, period: Round}` says what the file calls them.
    """

    file: FileRef
    key: KeyColumns
    columns: dict[str, ColumnSaid] = Field(default_factory=dict)


class FamilySource(Declared):
    """The table that many programs of one form come from; one row a program."""

    file: FileRef
    id: str
    name: NameColumns | None = None
    columns: dict[str, ColumnSaid] = Field(default_factory=dict)
