"""Small worlds with open facts, years to be signed, and whether each outcome leaves a plan: by writing down every allocation.

Lives here: open columns put into worlds made at random, the stated set, the answer for one outcome.
Not here: anything of the search that is tested (explain/guard.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from tests.oracle.enumeration import Fault, Reading, TooLarge
from tests.oracle.generator import world
from tests.oracle.worlds import World

MOST_FLAGS = 6


@dataclass(frozen=True)
class Door:
    """A world; `open`: the file of open facts as plain values; `signed`: a plan of the world; `columns`: the open ones."""

    world: World
    open: dict[str, Any]
    signed: tuple[tuple[str, str, int, int], ...]
    through: int
    columns: tuple[str, ...]
    number: bool  # whether the open columns hold 1 and 0

    @property
    def units(self) -> list[str]:
        return [row["unit"] for row in self.world.files["flags.csv"]]

    def flags(self) -> list[tuple[str, str]]:
        """(column, unit) of every open fact, in the order of the file."""
        opened = set(self.open_units())
        return [(entry["column"].split(".")[-1], u) for entry in self.open["facts"] for u in self.units if u in opened]

    def open_units(self) -> list[str]:
        where = self.open["facts"][0].get("where")
        return [u for u in self.units if where is None or where != _but(u)]

    def allowed(self, outcome: Sequence[bool]) -> bool:
        values = dict(zip(self.flags(), outcome, strict=True))
        region = {row["unit"]: row["region"] for row in self.world.files["flags.csv"]}
        for entry in self.open["facts"]:
            column = entry["column"].split(".")[-1]
            for known in entry.get("known", ()):
                groups: dict[Any, int] = {}
                for u in self.open_units():
                    key = region[u] if "by" in known else None
                    groups[key] = groups.get(key, 0) + values[column, u]
                if any(not known.get("at_least", 0) <= n <= known.get("at_most", 99) for n in groups.values()):
                    return False
        return True

    def outcomes(self) -> Iterator[tuple[bool, ...]]:
        """The stated set."""
        return (o for o in product((False, True), repeat=len(self.flags())) if self.allowed(o))

    def reading(self, outcome: Sequence[bool], signed: Sequence[tuple[str, str, int, int]] | None = None) -> Reading:
        """The world with one outcome, its first years closed with what was signed."""
        values = dict(zip(self.flags(), outcome, strict=True))
        rows = []
        for row in self.world.files["flags.csv"]:
            new = {c: values.get((c, row["unit"]), bool(row[c])) for c in self.columns}
            rows.append({**row, **{c: int(v) if self.number else v for c, v in new.items()}})
        held = self.signed if signed is None else signed
        files: dict[str, Any] = {**self.world.files, "flags.csv": rows}
        keys = ("unit", "program", "period", "amount")
        files["closed.csv"] = [dict(zip(keys, a, strict=True)) for a in held if a[2] <= self.through]
        return Reading({**self.world.policy, "frozen": {"file": "closed.csv", "through": self.through}}, files)

    def has_plan(self, outcome: Sequence[bool], signed: Sequence[tuple[str, str, int, int]] | None = None) -> bool:
        reading = self.reading(outcome, signed)
        every = reading.allocations()
        return bool(reading.admissible(every).any())

    def write(self, folder: Path) -> Path:
        """The file of open facts."""
        lines = ["open: door", "facts:"]
        for entry in self.open["facts"]:
            lines.append(f"  - column: {entry['column']}")
            if "where" in entry:
                lines.append(f"    where: {json.dumps(entry['where'], ensure_ascii=False)}")
            if entry.get("known"):
                lines.append("    known:")
                lines += [
                    "      - {" + ", ".join(f"{k}: {v}" for k, v in known.items()) + "}" for known in entry["known"]
                ]
        file = folder / "open.yaml"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file


def door(seed: int) -> Door:
    """A door of a seed: rules of every kind, open facts that add cells, remove them, or are read by rules."""
    for attempt in range(1000):
        random = Random(f"door {seed} {attempt}")
        found = _door(world(random.randrange(10**6)), random)
        if found is not None:
            return found
    raise AssertionError(f"no door of seed {seed}")


def _door(base: World, random: Random) -> Door | None:  # noqa: C901 - one part of the model after the other, each drawn
    policy, files = dict(base.policy), dict(base.files)
    units = [str(row[policy["units"]["id"]]) for name in _many(policy["units"]["file"]) for row in files[name]]
    number = random.random() < 0.5
    columns = ("open_a",) if random.random() < 0.6 else ("open_a", "open_b")
    if len(policy["periods"]) < 2 or len(units) * len(columns) > MOST_FLAGS or len(units) < 2:
        return None
    value = int if number else bool
    files["flags.csv"] = [
        {"unit": u, "region": random.choice("xy"), **{c: value(random.random() < 0.7) for c in columns}} for u in units
    ]
    policy["tables"] = {**policy.get("tables", {}), "flags": {"file": "flags.csv", "key": ["unit"]}}
    policy["objectives"] = []
    policy["rules"] = [rule for rule in policy["rules"] if "soft" not in rule]
    through = policy["periods"][0]
    if "frozen" in policy:
        if len(policy["periods"]) < 3:
            return None
        through = policy["periods"][1]
    is_on = {c: f"flags.{c} = 1" if number else f"flags.{c}" for c in columns}
    a, b = is_on[columns[0]], is_on[columns[-1]]
    conditions = [a, a, f"period <= {through} or {a}", f"period <= {through} or {a}", f"not ({a})", f"({a}) or ({b})"]
    conditions += [f"({a}) and not ({b})", f"({b}) or period = {policy['periods'][-1]}"]
    programs = {}
    for name, program in policy["programs"].items():
        extra = [{"if": random.choice(conditions), "says": "closed"}] if random.random() < 0.8 else []
        programs[name] = {**program, "eligible": [*program.get("eligible", ()), *extra]}
    policy["programs"] = programs
    if random.random() < 0.15:
        policy["rules"] = [*policy["rules"], {"id": "read", "total": {"of": "all", "where": a, "at_least": 1}}]
    if not policy["rules"]:
        policy["rules"] = [{"id": "some", "total": {"of": "all", "by": "unit", "at_most": 2}}]
    try:
        reading = Reading(policy, files)
        every = reading.allocations()
        good = every[reading.admissible(every)]
    except (TooLarge, Fault):
        return None
    if not len(good):
        return None
    plan = good[random.randrange(len(good))]
    signed = tuple((*cell, int(n)) for cell, n in zip(reading.cells, plan, strict=True) if n)
    where = {"where": _but(random.choice(units))} if random.random() < 0.3 else {}
    facts = []
    for column in columns:
        known: list[dict[str, Any]] = []
        if random.random() < 0.5:
            known.append({"at_least": random.randint(0, len(units) - 1)})
        if random.random() < 0.3:
            known.append({"by": "region", "at_most": random.randint(1, len(units))})
        facts.append({"column": f"flags.{column}", **where, "known": known})
    made = Door(World(policy, files), {"facts": facts}, signed, through, columns, number)
    try:
        for outcome in made.outcomes():
            made.has_plan(outcome)
    except (TooLarge, Fault):
        return None
    return made


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _but(unit: str) -> str:
    return "unit <> '" + unit.replace("'", "''") + "'"
