"""A small world as plain values: the policy as it is written, and its tables; as a model of the package, and as YAML.

Lives here: World, World -> Model without the loader, World -> a model folder for the loader, World -> YAML text and back.
Not here: what a policy means (enumerate.py), worlds made at random (generator.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from allocator.model.fields import Refers, marks
from allocator.model.model import Model
from allocator.model.objective import OBJECTIVES
from allocator.model.policy import Policy
from allocator.model.rule import RULES
from allocator.model.table import Column, DataTable

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """`policy` as a policy file holds it; `files`: name -> rows, with Python values (str, int, Decimal, bool, date, None)."""

    policy: Mapping[str, Any]
    files: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def with_policy(self, **changes: Any) -> World:
        """The same world with some keys of the policy replaced."""
        return World({**self.policy, **changes}, self.files)

    def text(self) -> str:
        """One YAML document from which `World.read` makes the same world again."""
        out = io.StringIO()
        _yaml().dump({"policy": _plain(self.policy), "files": _plain(self.files)}, out)
        return out.getvalue()

    @classmethod
    def read(cls, text: str) -> World:
        data = read_yaml(text)
        return cls(data["policy"], data.get("files", {}))

    def write(self, folder: Path) -> Path:
        """The world as a model folder: model.yaml, and a CSV file for each table."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "model.yaml").open("w", encoding="utf-8") as file:
            _yaml().dump(_plain(self.policy), file)
        for name, rows in self.files.items():
            columns = list(dict.fromkeys(column for row in rows for column in row)) or [
                "unit",
                "program",
                "period",
                "amount",
            ]
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
        return folder

    def model(self) -> Model:
        """The model as the loader would make it."""
        p = dict(self.policy)
        policy = Policy.model_validate(
            {
                **p,
                "rules": tuple(declared(RULES.kinds(), rule) for rule in p.get("rules", ())),
                "objectives": tuple(declared(OBJECTIVES.kinds(), objective) for objective in p.get("objectives", ())),
            }
        )
        files = self.files
        kept = [
            value
            for held in (*policy.objectives, *policy.rules)
            for _, mark, value in marks(held)
            if isinstance(mark, Refers) and mark.to == "file"
        ]
        return Model(
            policy,
            units=table([row for name in policy.units.file for row in files[name]], {policy.units.id: "unit"}, "unit"),
            groups={g: table(files[s.file], {s.id: "id"}, "id") for g, s in policy.groups.items()},
            tables={t: table(files[s.file], {}, *s.key) for t, s in policy.tables.items()},
            families={
                name: table(files[program.source.file], {program.source.id: "program"}, "program")
                for name, program in policy.programs.items()
                if program.source is not None
            },
            past=None if policy.past is None else awards(files[policy.past.file]),
            frozen=None if policy.frozen is None else awards(files[policy.frozen.file]),
            allocations={name: awards(files[name]) for name in kept},
        )


def _cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def declared(kinds: Mapping[str, Any], entry: Mapping[str, Any]) -> Any:
    """A rule or an objective: the key that names its kind holds its own fields, the others are common to all."""
    (kind,) = [key for key in entry if key in kinds]
    return kinds[kind].model_validate({**{k: v for k, v in entry.items() if k != kind}, **entry[kind]})


def table(rows: Sequence[Row], renamed: Mapping[str, str], *keys: str) -> DataTable:
    """A typed table; the columns named in `keys` are text, but a period."""
    names = list(dict.fromkeys(name for row in rows for name in row)) or list(keys)
    columns = {}
    for name in names:
        new = renamed.get(name, name)
        values = [row.get(name) for row in rows]
        is_key = new in keys and new != "period"
        columns[new] = Column("text", tuple(str(value) for value in values)) if is_key else column(values)
    return DataTable(columns)


def column(values: Sequence[Any]) -> Column:
    """The values as they are: a text stays a text, whatever it looks like."""
    held = [v for v in values if v is not None]
    if held and all(isinstance(v, bool) for v in held):
        return Column("yes_no", tuple(values))
    if held and all(isinstance(v, int) for v in held):
        return Column("whole", tuple(values))
    if held and all(isinstance(v, (int, Decimal)) for v in held):
        digits = max(-int(Decimal(v).as_tuple().exponent) for v in held)
        return Column("decimal", tuple(None if v is None else Decimal(v) for v in values), digits)
    if held and all(isinstance(v, date) for v in held):
        return Column("date", tuple(values))
    return Column("text", tuple(None if v is None else str(v) for v in values))


def awards(rows: Sequence[Row]) -> DataTable:
    """A table unit, program, period, amount, also where it has no row."""
    return DataTable(
        {
            "unit": Column("text", tuple(str(row["unit"]) for row in rows)),
            "program": Column("text", tuple(str(row["program"]) for row in rows)),
            "period": Column("whole", tuple(row["period"] for row in rows)),
            "amount": Column("whole", tuple(row["amount"] for row in rows)),
        }
    )


def read_yaml(text: str) -> Any:
    """Plain values; a number with a point is a Decimal."""
    return _yaml().load(text)


def _yaml() -> YAML:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = None
    yaml.width = 160
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.representer.add_representer(
        Decimal,
        lambda r, v: r.represent_scalar("tag:yaml.org,2002:float", format(v, "f") if "." in str(v) else f"{v}.0"),
    )
    yaml.constructor.add_constructor("tag:yaml.org,2002:float", lambda c, node: Decimal(c.construct_scalar(node)))
    return yaml


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    return value
