"""The declared policy: units, groups, periods, past, tables, parameters, programs, rules, objectives, indicators.

Lives here: the shape of a policy file, as declared.
Not here: programs (program.py), tables (declared_tables.py), the loaded model (model.py), reading and checking files (load/),
evaluating expressions (database/), the kinds (rules/, objectives/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from allocator.model.declared_tables import FrozenSource, GroupSource, PastSource, TableSource, UnitsSource
from allocator.model.fields import (
    Columns,
    Condition,
    DataFigure,
    Declared,
    Figure,
    Flag,
    Id,
    Number,
    Text,
    Whole,
)
from allocator.model.objective import Objective
from allocator.model.program import Program
from allocator.model.public_draw import PublicDraw
from allocator.model.rule import Rule


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


class Action(Declared):
    """An action of the policy, as its annex tells of it: what it is called, what it sets out to do, where."""

    title: Text
    task: Text | None = None
    place: Text | None = None


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

    `ties: none` in its place: nothing does. `public`: the seed is made of public numbers, in place of one that is chosen.
    """

    lottery: Whole = 0
    public: PublicDraw | None = None

    @model_validator(mode="after")
    def _one_seed(self) -> Ties:
        if self.public is not None and "lottery" in self.model_fields_set:
            raise ValueError("two-seeds")
        return self

    @model_serializer(mode="wrap")
    def _said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what it does not say."""
        left_out = "public" if self.public is None else "lottery"
        return {key: value for key, value in whole(self).items() if key != left_out}

    @property
    def seed(self) -> int:
        return self.lottery if self.public is None else self.public.seed


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
    map: str | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    figures: dict[str, TableFigure] = Field(default_factory=dict)
    files: dict[str, Text] = Field(default_factory=dict)
    illustrative: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    objections: Text | None = None
    missing: dict[str, Text] = Field(default_factory=dict)
    actions: dict[str, Action] = Field(default_factory=dict)
    programs: Annotated[dict[Id, Program], Field(min_length=1)]
    rules: tuple[Rule, ...] = ()
    objectives: tuple[Objective, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    ties: Literal["none"] | Ties = Ties()

    @property
    def seed(self) -> int | None:
        """Of the draw; None where none is made, and any of the best plans will do."""
        return None if self.ties == "none" else self.ties.seed

    @property
    def public_draw(self) -> PublicDraw | None:
        """What the seed is made of; None where the author of the model chose it."""
        return None if self.ties == "none" else self.ties.public
