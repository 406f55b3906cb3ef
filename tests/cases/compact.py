"""The case files: small worlds written briefly, and what they keep and break; one file a kind.

Lives here: the brief form of a world -> World, "A demo 2013 x2" -> an award, all cases of a kind.
Not here: the judging (tests/rules, tests/objectives).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from tests.oracle.worlds import World, read_yaml

from allocator.model.model import Model

FOLDER = Path(__file__).parent
Award = tuple[str, str, int, int]


@dataclass(frozen=True)
class Case:
    """One case: its world with the rule or the stages in it, and the rest of its entry."""

    about: str
    world: World
    entry: Mapping[str, Any]

    @cached_property
    def model(self) -> Model:
        """The world loaded, once for all who ask."""
        return self.world.model()


@cache
def cases(folder: str, kind: str) -> list[Case]:
    """All cases of a kind; an empty list where it has no file."""
    path = FOLDER / folder / f"{kind}.yaml"
    if not path.is_file():
        return []
    return [Case(entry["about"], world(entry), entry) for entry in read_yaml(path.read_text(encoding="utf-8"))]


def world(entry: Mapping[str, Any]) -> World:
    """The world of a case, with its `rule` (id: r) or its `objectives` (ids: o1, o2, ...)."""
    brief = entry["world"]
    units = brief["units"]
    programs = brief["programs"]
    policy: dict[str, Any] = {
        "model": "case",
        "title": entry["about"],
        "periods": brief.get("periods", [2013]),
        "units": {"file": "units.csv", "id": "unit"},
        "programs": programs if isinstance(programs, Mapping) else {p: {"decides": "selection"} for p in programs},
        "parameters": brief.get("parameters", {}),
    }
    files: dict[str, Any] = {
        "units.csv": [
            {"unit": u, **row}
            for u, row in (units if isinstance(units, Mapping) else {key: {} for key in units}).items()
        ]
    }
    for name, rows in brief.get("groups", {}).items():
        policy.setdefault("groups", {})[name] = {"file": f"{name}.csv", "id": "id"}
        files[f"{name}.csv"] = [{"id": i, **row} for i, row in rows.items()]
    for name, table in brief.get("tables", {}).items():
        policy.setdefault("tables", {})[name] = {"file": f"{name}.csv", "key": table["key"]}
        files[f"{name}.csv"] = table["rows"]
    for name, rows in brief.get("families", {}).items():
        files[policy["programs"][name]["from"]["file"]] = rows
    if "past" in brief:
        policy["past"] = {"file": "past.csv", "programs": {name: name for name in brief.get("past_programs", ())}}
        files["past.csv"] = award_rows(brief["past"])
    if "frozen" in brief:
        policy["frozen"] = {"file": "signed.csv", "through": brief["frozen"]["through"]}
        files["signed.csv"] = award_rows(brief["frozen"]["awards"])
    for name, lines in brief.get("allocations", {}).items():
        files[name] = award_rows(lines)
    policy["rules"] = [*brief.get("rules", ()), *([{"id": "r", **entry["rule"]}] if "rule" in entry else [])]
    policy["objectives"] = [{"id": f"o{i}", **stage} for i, stage in enumerate(entry.get("objectives", ()), start=1)]
    policy["ties"] = {"lottery": brief.get("lottery", 0)}
    return World(policy, files)


def awards(lines: Iterable[str]) -> list[Award]:
    """From `A demo 2013` (one) or `A demo 2013 x2`."""
    found = []
    for line in lines:
        unit, program, period, *amount = line.split()
        found.append((unit, program, int(period), int(amount[0].removeprefix("x")) if amount else 1))
    return sorted(found)


def award_rows(lines: Iterable[str]) -> list[dict[str, Any]]:
    return [dict(zip(("unit", "program", "period", "amount"), award, strict=True)) for award in awards(lines)]
