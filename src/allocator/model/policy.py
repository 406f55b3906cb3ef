"""The declared policy: units, groups, periods, past, tables, parameters, programs, rules, objectives, indicators.

Lives here: the shape of a policy file, and the loaded model: the policy with its tables and the origin of every value.
Not here: reading and checking files (load/), evaluating expressions (database/), the kinds (rules/, objectives/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from allocator.faults import Notice, Place
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
from allocator.model.rule import RULES, Rule
from allocator.model.source import UNITS, Source

DIMS = ("unit", "program", "period")  # of an award

if TYPE_CHECKING:
    import pandas as pd


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


ColumnKind = Literal["text", "whole", "decimal", "yes_no", "date"]


@dataclass(frozen=True)
class Column:
    """One column as it is read: Python values (str, int, Decimal, bool, date), None for an empty cell.

    Decimals have `digits` places. `texts`: the cells as they are written, where groups are formed by a column of numbers,
    dates or truth values: `1.1` and `1.10` are one number and two groups.
    """

    kind: ColumnKind
    values: tuple[Any, ...]
    digits: int = 0
    texts: tuple[str | None, ...] | None = None

    @property
    def labels(self) -> tuple[Any, ...]:
        """What groups are formed by, and what is compared with an id."""
        return self.values if self.texts is None else self.texts

    @classmethod
    def of(cls, kind: ColumnKind, coded: Coded) -> Column:
        """A column whose distinct values are known already."""
        column = cls(kind, tuple(map(coded.distinct.__getitem__, coded.code.tolist())))
        vars(column)["coded"] = coded
        return column

    @cached_property
    def array(self) -> NDArray[Any]:
        """The values as an array: int64 for whole numbers of which none is empty, else objects, decimals as text."""
        if self.kind == "text":
            return np.array(self.values, dtype=object)
        if self.kind == "whole" and None not in self.values:
            return np.array(self.values, dtype=np.int64)
        return np.array([None if value is None else str(value) for value in self.values], dtype=object)

    @cached_property
    def coded(self) -> Coded:
        """The distinct values, and which of them each row has: keys of long tables are few."""
        return Coded.of(self.values)


@dataclass(frozen=True)
class Coded:
    """The distinct values of a column as they first appear; `code[row]` is the place of the row's value among them."""

    distinct: tuple[Any, ...]
    code: NDArray[np.int32]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Coded:
        number = {value: i for i, value in enumerate(dict.fromkeys(values))}
        return cls(tuple(number), np.fromiter(map(number.__getitem__, values), np.int32, len(values)))


@dataclass(frozen=True)
class Places(Sequence[tuple[str, int]]):
    """(file, line) of each row of a table: the rows of its files one after another, or those `rows` of them."""

    parts: tuple[tuple[str, Sequence[int]], ...] = ()
    rows: Sequence[int] | None = None

    def __len__(self) -> int:
        return sum(len(lines) for _, lines in self.parts) if self.rows is None else len(self.rows)

    def __getitem__(self, row: Any) -> Any:
        place = row if self.rows is None else self.rows[row]
        for file, lines in self.parts:
            if place < len(lines):
                return file, lines[place]
            place -= len(lines)
        raise IndexError(row)


@dataclass(frozen=True)
class DataTable:
    """A table of the model, typed and checked. `columns` in the order of the file; `file` and `lines` are for messages."""

    columns: Mapping[str, Column]
    files: tuple[str, ...] = ()
    places: Places = Places()  # empty for tables made in memory

    def place(self, row: int, column: str) -> Place:
        """Where a cell stands in its file."""
        file, line = self.places[row]
        return Place(file, row=line, field=column)

    @property
    def height(self) -> int:
        return len(next(iter(self.columns.values())).values) if self.columns else 0

    def frame(self) -> pd.DataFrame:
        """A pandas table: keys and codes are text, decimals exact, an empty cell None."""
        import pandas as pd

        return pd.DataFrame({name: pd.Series(list(c.values), dtype=object) for name, c in self.columns.items()})

    def __repr__(self) -> str:
        return f"<table: {self.height} rows; {', '.join(self.columns)}>"


def exact(value: Any) -> Any:
    """A value as a file would have it: a float is the decimal that it is written as."""
    return Decimal(repr(value)) if isinstance(value, float) else value


@dataclass(frozen=True)
class Model:
    """A policy with its tables: validated, frozen, each value with its origin.

    units: key column `unit`; groups[g]: key column `id`; tables[t]: key columns as declared; past, frozen: unit, program,
    period, amount; families[f]: key column `program`. Keys are text, periods and amounts whole numbers.
    """

    policy: Policy
    units: DataTable
    groups: Mapping[str, DataTable] = field(default_factory=dict)
    tables: Mapping[str, DataTable] = field(default_factory=dict)
    families: Mapping[str, DataTable] = field(default_factory=dict)
    past: DataTable | None = None
    frozen: DataTable | None = None
    allocations: Mapping[str, DataTable] = field(default_factory=dict)  # files that `keep` names
    folder: Path | None = None
    places: Mapping[tuple[str | int, ...], Place] = field(default_factory=dict)
    raw: Mapping[str | int, Any] = field(default_factory=dict)  # the policy file as plain values, a scenario put in
    held: Mapping[str, bytes] = field(default_factory=dict)  # the bytes of every file that it was made of
    said: Mapping[str, bytes] = field(default_factory=dict)  # the scenario's own files, as they were written
    notices: tuple[Notice, ...] = ()  # what a person should look at, though the model can be used
    otherwise: Callable[[Model, Mapping[str, Any]], Model] | None = field(default=None, repr=False, compare=False)

    def changed(self, scenario: Mapping[str, Any]) -> Model:
        """The model with what a scenario says put in, in the words of a scenario file; this one stays as it is.

        {"set": {"programs.training.quota": 14}, "rules": {"one-each": "drop"}}. Raises InputError with every fault.
        """
        if self.otherwise is None:
            raise ValueError("only a model that was loaded can be changed in the words of a scenario")
        return self.otherwise(self, scenario)

    def with_parameters(self, **values: Any) -> Model:
        """The model with other values of parameters: `model.with_parameters(coverage_goal=0.95)`. Raises InputError."""
        return self.changed({"set": {f"parameters.{name}": exact(value) for name, value in values.items()}})

    def pinned(
        self,
        unit: str,
        program: str,
        period: int | None = None,
        *,
        award: str | int = "in",
        reason: str = "what if",
        name: str = "-",
    ) -> Model:
        """The model with one decision by hand. award: "in", "out" or an amount; period: None for all. Raises InputError."""
        pin = {"unit": unit, "program": program, "award": award, "reason": reason, "name": name}
        return self.changed({"pins": [pin if period is None else {**pin, "period": period}]})

    def __repr__(self) -> str:
        periods = ", ".join(map(str, self.policy.periods))
        return (
            f"<model {self.policy.model}: {self.units.height} units, periods {periods}, {len(self.programs)} programs, "
            f"{len(self.rules)} rules, {len(self.policy.objectives)} objectives>"
        )

    @cached_property
    def programs(self) -> dict[str, Program]:
        """Every program that the plan decides, by id, sorted; a family stands as its members."""
        found: dict[str, Program] = {}
        for name, program in self.policy.programs.items():
            if program.source is None:
                found[name] = program
            else:
                family = self.families[name]
                for row, member in enumerate(family.columns["program"].values):
                    found[member] = program.model_copy(update={"title": self._member_title(name, row)})
        return dict(sorted(found.items()))

    @cached_property
    def family_of(self) -> dict[str, str]:
        """The family of each program that comes from a table."""
        return {member: name for name, table in self.families.items() for member in table.columns["program"].values}

    def _member_title(self, family: str, row: int) -> Any:
        from allocator.model.fields import Text

        table, program = self.families[family], self.policy.programs[family]
        member = table.columns["program"].values[row]
        name = program.source.name if program.source else None
        if name is None:
            return Text(zh=member, en=member)
        zh, en = (table.columns[c].values[row] for c in (name.zh, name.en))
        return Text(zh=str(zh or member), en=str(en or member))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, the programs' own properties included, sorted by id."""
        kinds = [kind for kind in RULES.kinds().values() if kind.is_property]
        properties = [rule for kind in kinds for rule in kind.declared_in(self)]
        return tuple(sorted([*self.policy.rules, *properties], key=lambda rule: rule.id))

    @cached_property
    def past_programs(self) -> tuple[str, ...]:
        """Programs that only the past knows, sorted."""
        titled = set(self.policy.past.programs) if self.policy.past else set()
        return tuple(sorted(titled - set(self.programs)))

    @cached_property
    def unit_names(self) -> dict[str, Text]:
        """The name of each unit in both languages; the id where it has none."""
        return self._names(self.units, "unit", self.policy.units.name)

    @cached_property
    def unit_groups(self) -> tuple[str, ...]:
        """The declared groups that are columns of the units, so that a unit has one; others are columns of a table."""
        return tuple(group for group in self.policy.groups if group in self.units.columns)

    def group_names(self, group: str) -> dict[str, Text]:
        """The same for the groups of a column with a table of its own."""
        return self._names(self.groups[group], "id", self.policy.groups[group].name)

    @staticmethod
    def _names(table: DataTable, key: str, name: NameColumns | None) -> dict[str, Text]:
        ids = table.columns[key].values
        if name is None:
            return {i: Text(zh=i, en=i) for i in ids}
        pairs = zip(ids, table.columns[name.zh].values, table.columns[name.en].values, strict=True)
        return {i: Text(zh=str(zh or en or i), en=str(en or zh or i)) for i, zh, en in pairs}

    def program_title(self, program: str) -> Text:
        """The title of a program of the plan or of the past; its id where it has none."""
        known = self.programs.get(program)
        title = known.title if known else (self.policy.past.programs.get(program) if self.policy.past else None)
        return title or Text(zh=program, en=program)

    def table_of(self, source: Source) -> DataTable:
        """The table of units, a group, a table or a family."""
        if source == UNITS:
            return self.units
        return {"group": self.groups, "table": self.tables, "family": self.families}[source.kind][source.name]

    def key_of(self, source: Source) -> tuple[str, ...]:
        """The columns that name a row of a source's table, as that table has them."""
        own = {"units": ("unit",), "group": ("id",), "family": ("program",)}.get(source.kind)
        return tuple(self.policy.tables[source.name].key) if own is None else own

    def place(self, *path: str | int) -> Place:
        """Where a value of the policy stands in its file; the nearest thing around it where it has no place itself."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return Place(file="model.yaml")
