"""The loaded model: a policy with its tables and the origin of every value.

Lives here: `Model`; the names that its parts have; the same model otherwise.
Not here: what may be declared (policy.py), tables (table.py), reading and checking (load/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

from allocator.faults import Notice, Place
from allocator.model.declared_tables import NameColumns
from allocator.model.fields import (
    Text,
)
from allocator.model.policy import Policy
from allocator.model.program import Program
from allocator.model.rule import RULES, Rule
from allocator.model.source import EARLIER, UNITS, Source
from allocator.model.table import Column, DataTable

DIMS = ("unit", "program", "period")  # of an award


def _exact(value: Any) -> Any:
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
        return self.changed({"set": {f"parameters.{name}": _exact(value) for name, value in values.items()}})

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
    def earlier(self) -> DataTable:
        """What each unit was awarded before the plan: a column for each program, each family and all together, 0 for nothing.

        Of the members of a family only those that the past knows have one.
        """
        units = self.units.columns["unit"]
        held: dict[str, dict[Any, int]] = {name: {} for name in (*self.policy.programs, *self.past_programs, "all")}
        if self.past is not None:
            rows = zip(*(self.past.columns[name].values for name in ("unit", "program", "amount")), strict=True)
            for unit, program, amount in rows:
                together = [self.family_of.get(program), "all" if program in self.programs else None]
                for name in filter(None, (program, *together)):
                    own = held.setdefault(name, {})
                    own[unit] = own.get(unit, 0) + amount
        sums = {name: Column("whole", tuple(map(own.get, units.values, repeat(0)))) for name, own in held.items()}
        return DataTable({**sums, "unit": units}, () if self.past is None else self.past.files)

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
        """The table of units, a group, a table or a family, or what the past comes to."""
        if source == UNITS:
            return self.units
        if source == EARLIER:
            return self.earlier
        return {"group": self.groups, "table": self.tables, "family": self.families}[source.kind][source.name]

    def key_of(self, source: Source) -> tuple[str, ...]:
        """The columns that name a row of a source's table, as that table has them."""
        own = {"units": ("unit",), "earlier": ("unit",), "group": ("id",), "family": ("program",)}.get(source.kind)
        return tuple(self.policy.tables[source.name].key) if own is None else own

    def is_illustrative(self, source: Source, column: str, files: Iterable[str]) -> bool:
        """Whether the policy calls a column illustrative, its table, or one of these files, from which it is read."""
        names = {source.called, f"{source.kind}s.{source.name}", f"{source.called}.{column}", *files}
        return not names.isdisjoint(self.policy.illustrative)

    def place(self, *path: str | int) -> Place:
        """Where a value of the policy stands in its file; the nearest thing around it where it has no place itself."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return Place(file="model.yaml")
