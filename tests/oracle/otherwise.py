"""A small world with another value in one place, and the plan that an enumeration of all plans gives there.

Lives here: which numbers of a world can be another one; the answer with it.
Not here: anything of the engine that is tested (explain/along.py); what a policy means (enumeration.py).
"""

from __future__ import annotations

from typing import Any

from tests.oracle.enumeration import Answer, Fault, Reading
from tests.oracle.worlds import World

from allocator.explain.datum import Datum
from allocator.model.model import Model
from allocator.model.source import PAST, UNITS, Source


def data_of(model: Model) -> list[Datum]:
    """Every number of a model that can be contested; parameters among them, three times each since they are few."""
    found = []
    sources = [UNITS, *(Source("table", n) for n in model.tables), *(Source("group", n) for n in model.groups)]
    sources += [Source("family", n) for n in model.families]
    for source in sources:
        keys = model.key_of(source)
        for name, column in model.table_of(source).columns.items():
            if name not in keys and column.kind in ("whole", "decimal"):
                found += [Datum(source, name, row) for row, value in enumerate(column.values) if value is not None]
    numbers = [n for n, p in model.policy.parameters.items() if not isinstance(p.value, (bool, str))]
    return found + [Datum(None, name) for name in numbers] * 3


def past_of(model: Model) -> list[Datum]:
    """What each unit was awarded before the plan, program by program."""
    if model.past is None:
        return []
    made = zip(model.past.columns["unit"].values, model.past.columns["program"].values, strict=True)
    return [Datum(PAST, program, unit=unit) for unit, program in dict.fromkeys(made)]


def enumerated(asked: World, datum: Datum, value: Any) -> Answer | None:
    """The answer at a value, over all plans; None where a figure is missing."""
    try:
        return Reading(*_with(asked, datum, value)).answer()
    except Fault:
        return None


def _with(asked: World, datum: Datum, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    policy, files = dict(asked.policy), dict(asked.files)
    if datum.source is None:
        held = policy["parameters"][datum.column]
        new = {**held, "value": value} if isinstance(held, dict) else value
        policy["parameters"] = {**policy["parameters"], datum.column: new}
    elif datum.source == PAST:
        past = policy["past"]
        name = past if isinstance(past, str) else past["file"]
        if not value:
            own = (datum.unit, datum.column)
            files[name] = [row for row in files[name] if (str(row["unit"]), str(row["program"])) != own]
    else:
        at = datum.row
        for file in files_of(asked, datum.source):
            if at < len(files[file]):
                rows = list(files[file])
                rows[at] = {**rows[at], datum.column: value}
                files[file] = rows
                break
            at -= len(files[file])
    return policy, files


def files_of(asked: World, source: Source) -> list[str]:
    policy = asked.policy
    if source == UNITS:
        held = policy["units"]["file"]
        return [held] if isinstance(held, str) else list(held)
    if source.kind == "family":
        return [policy["programs"][source.name]["from"]["file"]]
    return [policy[{"table": "tables", "group": "groups"}[source.kind]][source.name]["file"]]
