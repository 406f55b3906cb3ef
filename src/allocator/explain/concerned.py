"""The part of a model that a question is about: programs that nothing ties to the others have a plan of their own.

Lives here: which programs hang together with some; the model of these alone.
Not here: parts of a compiled problem (solve/parts.py).

Where no rule and no objective names programs of both sides, a plan is the best exactly if each side's part of it is: objectives
are compared side by side, and the draw orders each cell by a number of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from allocator.explain.uses import tied
from allocator.model.model import Model
from allocator.model.table import Column, DataTable, Places

Programs = frozenset[str]  # by the names of the policy: a family is one


def concerned(model: Model, owners: Iterable[tuple[str, str]]) -> Programs:
    """The programs that hang together with what is read by some declarations, each named (section, id)."""
    every, by_name = frozenset(model.policy.programs), tied(model)
    wanted: set[str] = set()
    for section, name in owners:
        if section == "programs":
            wanted.add(name)
        elif section in ("rules", "objectives"):
            wanted |= by_name[section, name]
        else:
            return every
    while more := {p for group in by_name.values() if group & wanted for p in group} - wanted:
        wanted |= more
    return frozenset(wanted)


def only(model: Model, programs: Programs) -> Model:
    """The model of some programs alone: with their rules, their objectives, no indicators."""
    if programs >= frozenset(model.policy.programs):
        return model
    names = tied(model)
    policy = model.policy
    kept: dict[str, Any] = {
        "programs": {name: program for name, program in policy.programs.items() if name in programs},
        "rules": tuple(rule for rule in policy.rules if names["rules", rule.id] & programs),
        "objectives": tuple(one for one in policy.objectives if names["objectives", one.id] & programs),
        "indicators": (),
    }
    families = {name: table for name, table in model.families.items() if name in programs}
    part = replace(model, policy=policy.model_copy(update=kept), families=families)
    return replace(part, frozen=_of(model.frozen, set(part.programs)))


def _of(awards: DataTable | None, programs: set[str]) -> DataTable | None:
    if awards is None:
        return None
    kept = [row for row, program in enumerate(awards.columns["program"].values) if program in programs]
    columns = {
        name: Column(c.kind, tuple(c.values[row] for row in kept), c.digits) for name, c in awards.columns.items()
    }
    return DataTable(columns, awards.files, Places(awards.places.parts, kept))
