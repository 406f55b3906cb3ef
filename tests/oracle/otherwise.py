"""A small world with another value in one place, and the plan that an enumeration of all plans gives there.

Lives here: which values of a world can be another one, read off its own tables: their kinds, the steps of numbers, empty cells,
days; the answer with another value.
Not here: anything of the engine that is tested (explain/along.py); what a policy means (enumeration.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.oracle.enumeration import Answer, Fault, Reading, many
from tests.oracle.worlds import World

from allocator.explain.datum import Datum, Steps
from allocator.model.source import PAST, UNITS, Source

DAYS = ("opened <= '2014-06-15'", "opened < '2014-06-15' or size > 2", "opened between '2014-01-01' and '2014-12-31'",
        "opened is null or opened >= '2014-06-15'", "not (opened = '2014-06-15')", "opened <> '2014-06-14'")  # fmt: skip


def dated(asked: World, seed: int) -> World:
    """The world with a day, or none, of each unit, and a program that asks for it."""
    random, first = Random(f"{seed} days"), date(2014, 6, 15)
    spread = [-200, -1, 0, 1, 200, None]
    days = [None if (n := random.choice(spread)) is None else first + timedelta(n) for _ in asked.files["units.csv"]]
    if set(days) == {None}:
        days[0] = first
    units = [{**row, "opened": day} for row, day in zip(asked.files["units.csv"], days, strict=True)]
    name = random.choice(sorted(asked.policy["programs"]))
    program = asked.policy["programs"][name]
    condition = {"if": random.choice(DAYS), "says": "not in time"}
    changed = {**program, "eligible": [*program.get("eligible", ()), condition]}
    policy = {**asked.policy, "programs": {**asked.policy["programs"], name: changed}}
    return World(policy, {**asked.files, "units.csv": units})


# Values of a world ------------------------------------------------------------------------------------------------------


def data_of(asked: World) -> list[Datum]:
    """Every number of a world that can be contested; parameters among them, three times each since they are few."""
    found = [one for one in cells_of(asked) if kind_of(asked, one) == "number" and value_of(asked, one) is not None]
    values = {name: held_in(held) for name, held in asked.policy.get("parameters", {}).items()}
    numbers = [name for name, value in values.items() if not isinstance(value, (bool, str))]
    return found + [Datum(None, name) for name in numbers] * 3


def others_of(asked: World) -> list[Datum]:
    """Every value that is no number, and every empty cell."""
    return [one for one in cells_of(asked) if kind_of(asked, one) != "number" or value_of(asked, one) is None]


def cells_of(asked: World) -> Iterator[Datum]:
    """Every cell of a table beside its key."""
    for source, key in _tables(asked).items():
        rows = rows_of(asked, source)
        for column in dict.fromkeys(name for row in rows for name in row):
            if column not in key and any(row.get(column) is not None for row in rows):
                yield from (Datum(source, column, at) for at in range(len(rows)))


def past_of(asked: World) -> list[Datum]:
    """What each unit was awarded before the plan, program by program."""
    past = asked.policy.get("past")
    rows = [] if past is None else asked.files[past if isinstance(past, str) else past["file"]]
    made = dict.fromkeys((str(row["unit"]), str(row["program"])) for row in rows)
    return [Datum(PAST, program, unit=unit) for unit, program in made]


def _tables(asked: World) -> dict[Source, list[str]]:
    """The tables of a world with the columns of their keys."""
    policy = asked.policy
    found = {UNITS: [policy["units"]["id"]]}
    found |= {Source("table", name): list(held["key"]) for name, held in policy.get("tables", {}).items()}
    found |= {Source("group", name): [held["id"]] for name, held in policy.get("groups", {}).items()}
    families = {name: held for name, held in policy["programs"].items() if "from" in held}
    return found | {Source("family", name): [held["from"]["id"]] for name, held in families.items()}


def files_of(asked: World, source: Source) -> list[str]:
    policy = asked.policy
    if source == UNITS:
        return list(many(policy["units"]["file"]))
    if source.kind == "family":
        return [policy["programs"][source.name]["from"]["file"]]
    return [policy[{"table": "tables", "group": "groups"}[source.kind]][source.name]["file"]]


def rows_of(asked: World, source: Source) -> list[Any]:
    return [row for file in files_of(asked, source) for row in asked.files[file]]


def held_in(parameter: Any) -> Any:
    return parameter["value"] if isinstance(parameter, dict) else parameter


def value_of(asked: World, datum: Datum) -> Any:
    if datum.source is None:
        return held_in(asked.policy["parameters"][datum.column])
    return 1 if datum.source == PAST else rows_of(asked, datum.source)[datum.row].get(datum.column)


def column_of(asked: World, datum: Datum) -> list[Any]:
    """The values of its column, empty cells left out; of a parameter its own."""
    if datum.source in (None, PAST):
        return [value_of(asked, datum)]
    assert datum.source is not None
    return [v for row in rows_of(asked, datum.source) if (v := row.get(datum.column)) is not None]


def kind_of(asked: World, datum: Datum) -> str:
    """number, yes_no, date or text: whatever all values of the column are."""
    values = column_of(asked, datum)
    if all(isinstance(v, bool) for v in values):
        return "yes_no"
    if all(isinstance(v, (int, Decimal)) and not isinstance(v, bool) for v in values):
        return "number"
    return "date" if all(isinstance(v, date) for v in values) else "text"


def steps_of(asked: World, datum: Datum, *also: Any) -> Steps:
    """The numbers between the smallest and the largest of the column and `also`, as fine as the finest of them."""
    seen = [Decimal(value) for value in (*column_of(asked, datum), *also)]
    digits = max(0, *(-int(value.as_tuple().exponent) for value in seen))
    step = Decimal(1).scaleb(-digits)
    return Steps(min(seen), step, int((max(seen) - min(seen)) / step) + 1)


# The answer with another value ------------------------------------------------------------------------------------------


def enumerated(asked: World, datum: Datum, value: Any) -> Answer | None:
    """The answer at a value, over all plans; None where a figure is missing."""
    try:
        answer = Reading(*changed(asked, datum, value)).answer()
    except Fault:
        return None
    return None if answer.status == "fault" else answer


def changed(asked: World, datum: Datum, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The policy and the tables with another value."""
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
