"""The declared policy: units, groups, periods, past, tables, parameters, programs, rules, objectives, indicators.

Lives here: the shape of a policy file, as declared.
Not here: the loaded model (model.py), reading and checking files (load/), evaluating expressions (database/), the kinds (rules/,
objectives/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from allocator.model.fields import (
    Columns,
    Condition,
    DataFigure,
    Declared,
    Figure,
    FileRef,
    Files,
    Flag,
    Id,
    KeyColumns,
    Measure,
    Number,
    PlacesBound,
    Text,
    Whole,
)
from allocator.model.objective import Objective
from allocator.model.rule import Rule


class NameColumns(Declared):
    """Which columns hold a unit's (or group's, or program's) name in each language."""

    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value


ReadAs = Literal["text", "number", "yes_no", "date"]  # how the cells of a column are read


class UnitsSource(Declared):
    """Who can receive: a table, one row a unit. Several files are put together; a column absent in one is empty there.

    `columns`, here and in the other tables: how some columns are read, where their uses do not say it.
    """

    file: Files
    id: str
    name: NameColumns | None = None
    columns: dict[str, ReadAs] = Field(default_factory=dict)


class GroupSource(Declared):
    """A column of the units as groups with a table of their own: every row of it is a group."""

    file: FileRef
    id: str
    name: NameColumns | None = None
    title: Text | None = None
    columns: dict[str, ReadAs] = Field(default_factory=dict)


class PastSource(Declared):
    """Awards made before the plan (unit, program, period, amount); `programs` titles those that the plan does not decide."""

    file: FileRef
    programs: dict[Id, Text] = Field(default_factory=dict)

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
    columns: dict[str, ReadAs] = Field(default_factory=dict)


class Parameter(Declared):
    """A value that a scenario can turn, usable in every expression. `choice`: the policy's text leaves it open.

    `options`: the values that it may have, where not every one has a meaning.
    """

    value: Number | Flag | str
    options: tuple[Number | Flag | str, ...] | None = Field(default=None, min_length=1)
    text: Text | None = None
    clause: Text | None = None
    choice: Flag = False
    ours: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"value": value}


class TableFigure(Declared):
    """A figure of the data, computed once and usable in every expression as a parameter is: `sum(votes)`.

    An aggregate over the rows of the one table whose columns it reads (the units, where it reads none).
    """

    value: DataFigure
    text: Text | None = None
    clause: Text | None = None
    ours: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"value": value}


class Bounds(Declared):
    """Lower and upper bound, both inclusive; either may be missing."""

    at_least: PlacesBound | None = None
    at_most: PlacesBound | None = None
    exactly: PlacesBound | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"exactly": value}


class UnitLimits(Declared):
    """Bounds of one cell's amount (one unit, one period); expressions over the cell."""

    at_least: Measure | None = None
    at_most: Measure | None = None


class Gap(Declared):
    """The periods of two awards of one unit lie at least `gap` places apart."""

    gap: Annotated[Whole, Field(ge=1)]


class Eligibility(Declared):
    """One condition of eligibility, with the words that tell a unit why not."""

    condition: Condition = Field(alias="if")
    says: Text
    id: Id | None = None
    clause: Text | None = None
    ours: Flag = False


class FamilySource(Declared):
    """The table that many programs of one form come from; one row a program."""

    file: FileRef
    id: str
    name: NameColumns | None = None
    columns: dict[str, ReadAs] = Field(default_factory=dict)


def _quota(value: Any) -> Any:
    """`quota: 10` and `quota: {at_least: 8}` hold for every period; `{2013: 10, ...}` names the periods."""
    if isinstance(value, Mapping) and not set(value) & {"at_least", "at_most", "exactly"}:
        return {"periods": value}
    return {"every": value}


class Quota(Declared):
    """The exact total of each period, or within bounds: for `every` period, or for each one named."""

    every: Bounds | None = None
    periods: dict[int, Bounds] = Field(default_factory=dict)

    def of(self, period: int) -> Bounds | None:
        return self.periods.get(period, self.every)


class Program(Declared):
    """A line of support. It decides a selection (0 or 1 a unit and period) or an amount (whole numbers)."""

    title: Text | None = None
    decides: Literal["selection", "amount"]
    quota: Annotated[Quota, BeforeValidator(_quota)] | None = None
    repeat: Literal["never", "yearly"] | Gap = "yearly"
    per_unit: UnitLimits | None = None
    eligible: tuple[Eligibility, ...] = ()
    score: Measure | None = None
    action: int | str | None = None
    departments: tuple[Text, ...] = ()
    text: Text | None = None
    clause: Text | None = None
    ours: Flag = False
    source: FamilySource | None = Field(default=None, alias="from")


class Goal(Declared):
    """What an indicator should come to."""

    at_least: Figure | None = None
    at_most: Figure | None = None


class Indicator(Declared):
    """A figure that is reported, not decided: an aggregate over the units; "no data" when a column it needs is missing."""

    id: Id
    value: Figure
    text: Text | None = None
    clause: Text | None = None
    ours: Flag = False
    where: Condition = "true"
    by: Columns = ()
    goal: Goal | None = None
    unit: Text | None = None


class Ties(Declared):
    """What decides between plans that are equal in every objective: a published draw with this seed.

    `ties: none` in its place: nothing does.
    """

    lottery: Whole = 0


class Policy(Declared):
    """A policy file as declared. Rules and objectives are parsed by their registries (load/structure.py)."""

    model: Id
    title: Text
    text: Text | None = None
    periods: Annotated[tuple[Whole, ...], Field(min_length=1)]
    units: UnitsSource
    groups: dict[str, GroupSource] = Field(default_factory=dict)
    past: PastSource | None = None
    frozen: FrozenSource | None = None
    tables: dict[str, TableSource] = Field(default_factory=dict)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    figures: dict[str, TableFigure] = Field(default_factory=dict)
    illustrative: tuple[str, ...] = ()
    missing: dict[str, Text] = Field(default_factory=dict)
    programs: Annotated[dict[Id, Program], Field(min_length=1)]
    rules: tuple[Rule, ...] = ()
    objectives: tuple[Objective, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    ties: Literal["none"] | Ties = Ties()

    @property
    def seed(self) -> int | None:
        """Of the draw; None where none is made, and any of the best plans will do."""
        return None if self.ties == "none" else self.ties.lottery
