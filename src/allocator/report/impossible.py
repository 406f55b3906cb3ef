"""A policy that no plan keeps, on a page and as a document: conflicts, repairs, promises alone, figures that look wrong.

Lives here: their order, what each conflict takes as given, the suspects.
Not here: the rules of one conflict (conflict.py), repairs (repairs.py), what is found (explain/impossible.py).
"""

from __future__ import annotations

from typing import Any

from allocator.explain.givens import Givens
from allocator.explain.impossible import Impossible
from allocator.explain.record import conflict_record
from allocator.explain.suspects import Suspect, Suspects
from allocator.report.conflict import show_conflict
from allocator.report.page import Page
from allocator.report.repairs import changes_record, repairs_record, show_promises, show_repairs
from allocator.runs.manifest import both


def show_impossible(page: Page, found: Impossible) -> None:
    """All that is known, in the order in which a planner needs it."""
    count = len(found.conflicts.found)
    for number, (one, given) in enumerate(zip(found.conflicts.found, found.given, strict=True), 1):
        show_conflict(page, one, number, count)
        if one.proved:
            _show_given(page, given)
    page.console.print()
    page.line(page.say(f"report.conflicts.{'complete' if found.conflicts.complete else 'more'}", count=count))
    if found.repairs is not None:
        show_repairs(page, found.repairs)
        if found.equal:
            code = "equal" if found.equal_complete else "equal-more"
            page.line(page.say(f"report.repairs.{code}", count=len(found.equal)))
        if found.repairs.promises:
            show_promises(page, found.repairs.promises)
    if found.suspects is not None and found.suspects.found:
        _show_suspects(page, found.suspects)
    page.console.print()
    page.line(page.say("report.conflicts.solves", count=found.solves), style="dim")


def _show_given(page: Page, given: Givens) -> None:
    names = page.names
    for one in given.conditions:
        told = {"program": names.program(one.program), "says": names.text(one.declared.says)}
        page.line(page.say("report.conflicts.condition", **told), hang=2)
    if given.signed:
        page.line(page.say("report.conflicts.signed"))
    if not given.conditions and not given.signed and given.complete:
        page.line(page.say("report.conflicts.nothing-given"))
    if not given.complete:
        page.line(page.say("report.conflicts.not-all-given"))


def _show_suspects(page: Page, found: Suspects) -> None:
    page.heading("report.suspects.heading")
    page.line(page.say("report.suspects.lead"))
    for one in found.found:
        told: dict[str, object] = {
            "place": f"{one.place.file}:{one.place.row}",
            "of": page.names.listed(
                [_named(page, name, part) for name, part in zip(one.key_columns, one.key, strict=True)]
            ),
            "found": f"{one.found:f}" if not isinstance(one.found, int) else str(one.found),
            "instead": f"{one.instead:f}" if not isinstance(one.instead, int) else str(one.instead),
        }
        other = page.say("report.suspects.other", column=one.other) if one.other else ""
        mended = page.say(f"report.suspects.{'all' if one.all_mended else 'this'}")
        page.line(page.say("report.suspects.one", **told, column=one.column, other=other, mended=mended), hang=2)


def _named(page: Page, column: str, value: str) -> str:
    return page.names.value(column, value) if column in ("unit", "program") else value


def impossible_record(found: Impossible) -> dict[str, Any]:
    """The same as plain values."""
    proved = [(one, given) for one, given in zip(found.conflicts.found, found.given, strict=False)]
    told: dict[str, Any] = {
        "status": str(found.conflicts.status),
        "complete": found.conflicts.complete,
        "solves": found.solves,
        "conflicts": [
            {**conflict_record(one.tables.model, one), "given": _given_record(given)} for one, given in proved
        ],
    }
    if found.repairs is not None:
        told["repairs"] = repairs_record(found.repairs)
    if found.equal:
        told["cheapest"] = {"complete": found.equal_complete, "repairs": [changes_record(one) for one in found.equal]}
    if found.suspects is not None:
        told["suspects"] = {
            "complete": found.suspects.complete,
            "cells": [_suspect_record(one) for one in found.suspects.found],
        }
    return told


def _given_record(given: Givens) -> dict[str, Any]:
    conditions = [
        {"program": one.program, "index": one.index, "id": one.declared.id, "says": both(one.declared.says)}
        for one in given.conditions
    ]
    return {"conditions": conditions, "signed": given.signed, "complete": given.complete}


def _suspect_record(one: Suspect) -> dict[str, Any]:
    return {
        "file": one.place.file,
        "row": one.place.row,
        "key": list(one.key),
        "column": one.column,
        "found": str(one.found),
        "instead": str(one.instead),
        "kind": one.kind,
        "changes_place_with": one.other,
        "all_mended": one.all_mended,
    }
