"""What would make a plan possible: changes by who can decide them, in words and as keys of a scenario.

Lives here: the sentences of a change, the keys to be written, what one promise alone must give way.
Not here: finding repairs (explain/repairs.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from allocator.explain.names import Names
from allocator.explain.repairs import Change, Promise, Repair, Repairs, decider
from allocator.model.status import Status
from allocator.report.page import Page
from allocator.runs.manifest import exact

MOST_CHANGES = 8  # of one rule
LONGEST = 240  # characters of a line of a scenario


def show_repairs(page: Page, found: Repairs) -> None:
    """Repairs, the cheapest first, and who can decide them."""
    say = page.say
    page.heading("report.repairs.heading")
    if not found.found:
        page.line(say(f"report.repairs.{'none' if found.status == Status.INFEASIBLE else 'unknown'}"))
        return
    page.line(say("report.repairs.lead", cost=page.names.figure(found.cost)))
    if found.beyond:
        page.line(say("report.repairs.beyond"))
    for number, repair in enumerate(found.found, 1):
        _show_repair(page, repair, number)
    for body in found.out_of_reach:
        page.line(say("report.repairs.out-of-reach", who=say(f"report.repairs.by.{body}")))
    code = ("complete" if found.parts == 1 else "complete-parts") if found.complete else "more"
    page.line(say(f"report.repairs.{code}"))


def show_cheapest(page: Page, found: Repairs) -> None:
    """The cheapest repair alone, under a conflict."""
    if found.found:
        page.heading("report.repairs.cheapest")
        _show_repair(page, found.found[0], 0)
    page.line(page.say("report.repairs.more-with"))


def show_promises(page: Page, promises: Sequence[Promise]) -> None:
    """How far each rule must give way while all others hold."""
    page.heading("report.repairs.alone")
    for one in promises:
        page.line(page.names.judged(one.rule), hang=2)
        if one.changes is None:
            page.line(page.say(f"report.repairs.alone-{'never' if one.proved else 'unknown'}"), indent=4)
        else:
            _show_changes(page, one.changes)
            for side, by in one.alike.items():
                page.line(page.say(f"report.repairs.alike-{side.replace('_', '-')}", by=by), indent=4, hang=2)


def _show_repair(page: Page, repair: Repair, number: int) -> None:
    who = page.say(f"report.repairs.by.{repair.decider}")
    code = "report.repairs.one" if number else "report.repairs.only"
    page.line(page.say(code, number=number, who=who, cost=page.names.figure(repair.cost)), style="bold", hang=3)
    for _, own in groupby(repair.changes, key=lambda change: change.rule.id):
        held = list(own)
        page.line(page.names.judged(held[0].rule), indent=5, hang=2)
        _show_changes(page, held, indent=7)
        if held[0].rule.id in repair.whole:
            page.line(page.say("report.repairs.whole"), indent=7)
    if repair.scenario is None:
        page.line(page.say("report.repairs.no-words"), indent=5)
        return
    page.line(page.say("report.repairs.keys"), indent=5)
    for line in scenario_lines(repair.scenario):
        text = line if len(line) <= LONGEST else page.say("report.repairs.long", start=line[:60])
        page.line(text, indent=7, hang=2)


def _show_changes(page: Page, changes: Sequence[Change], indent: int = 4) -> None:
    for change in changes[:MOST_CHANGES]:
        page.line(change_text(page.names, change), indent=indent, hang=2)
    if len(changes) > MOST_CHANGES:
        page.line(page.say("report.more", count=len(changes) - MOST_CHANGES), indent=indent)


def change_text(names: Names, change: Change) -> str:
    """`Hezhou (451100): at least 0 in place of 1`."""
    program = getattr(change.rule, "program", None)
    label = tuple(part for part in change.label if part != program)
    group = names.label(change.rule if label == change.label else None, label)
    where = names.say("report.conflict.group", names=group) if group else ""
    if change.bound is None or change.new is None:
        if change.move.reached is not None:
            part = names.part(change.move.reached, type(change.move.reached)(1))
            return names.say("report.repairs.reached", where=where, part=part, by=names.figure(change.move.by))
        return names.say("report.repairs.missed", where=where, by=names.figure(change.move.by))
    code = "exactly" if change.exactly else change.move.side.replace("_", "-")
    figures = {"new": names.figure(change.new), "old": names.figure(change.bound)}
    return names.say(f"report.repairs.{code}", where=where, **figures)


def scenario_lines(scenario: Mapping[str, Any]) -> Iterator[str]:
    """A scenario's keys as they are written."""
    for section, entries in scenario.items():
        yield f"{section}:"
        for key, value in entries.items():
            yield f"  {_flow(key)}: {_flow(value)}"


def _flow(value: Any) -> str:
    """A value in a line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, str) and not value.replace(".", "a").replace("-", "a").replace("_", "a").isalnum():
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def repairs_record(found: Repairs) -> dict[str, Any]:
    """The same as plain values; figures are exact."""
    return {
        "status": str(found.status),
        "cost": None if found.cost is None else exact(found.cost),
        "complete": found.complete,
        "separate_parts": found.parts,
        "beyond_waivable": found.beyond,
        "out_of_reach": list(found.out_of_reach),
        "repairs": [
            {
                "cost": exact(repair.cost),
                "decided_by": repair.decider,
                "tried": repair.scenario is not None,
                "scenario": repair.scenario,
                "changes_whole_rules": list(repair.whole),
                "changes": changes_record(repair.changes),
            }
            for repair in found.found
        ],
        "promises": [
            {
                "rule": one.rule.id,
                "decided_by": decider(one.rule),
                "cost": None if one.changes is None else exact(one.cost),
                "proved": one.proved,
                "all_groups_alike": dict(one.alike),
                "changes": None if one.changes is None else changes_record(one.changes),
            }
            for one in found.promises
        ],
    }


def changes_record(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "rule": change.rule.id,
            "group": list(change.label),
            "bound": change.move.side,
            "by": exact(change.move.by),
            "from": None if change.bound is None else exact(change.bound),
            "to": None if change.new is None else exact(change.new),
        }
        for change in changes
    ]
