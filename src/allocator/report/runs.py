"""The runs of a store as a table and as records.

Lives here: what of each run is shown.
Not here: finding them, what may be deleted (store/entries.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.text import Text

from allocator.report.called import called
from allocator.report.grid import TextTable
from allocator.store.entries import Entry, Prunable
from allocator.words import Lang, say

MOST_VALUES = 4  # of the objectives, from the first
SHORT = 12  # a value longer than this is told to seven digits


def run_records(found: Sequence[Entry]) -> list[dict[str, Any]]:
    return [{"folder": entry.name, "state": entry.state, **entry.told} for entry in found]


def prune_records(found: Sequence[Prunable]) -> list[dict[str, Any]]:
    return [{"folder": one.folder.name, "why": one.why, "by": one.by} for one in found]


def show_runs(console: Console, found: Sequence[Entry], lang: Lang) -> None:
    if not found:
        console.print(say("report.runs.none", lang))
        return
    heads = ("run", "title", "status", "written", "values", "certificate", "taken", "signed")
    table = _table([say(f"report.runs.{head}", lang) for head in heads])
    for entry in found:
        told = entry.told
        taken, signed = told["taken_from"], told["signed"]
        table.add_row(
            Text(entry.name),
            Text(told["title"][lang]),
            Text(say(f"report.runs.state.{_state(entry)}", lang)),
            Text((told["written"] or "")[:10]),
            Text(_values(told["values"])),
            Text(_certificate(told["certificate"], lang)),
            Text("" if taken is None else taken["run"]),
            Text(_signed(signed, told["status"], lang)),
        )
    table.show(console)


def _state(entry: Entry) -> str:
    """The word for how it ended."""
    told = entry.told
    return called(entry.status, objectives=bool(told["values"]), drawn=told["seed"] is not None)


def show_prunable(console: Console, found: Sequence[Prunable], lang: Lang) -> None:
    if not found:
        console.print(say("report.runs.nothing-to-prune", lang))
        return
    table = _table([say("report.runs.run", lang), say("report.runs.why", lang)])
    for one in found:
        table.add_row(Text(one.folder.name), Text(say(f"report.runs.prune.{one.why}", lang, by=one.by or "")))
    table.show(console)


def _table(heads: Sequence[str]) -> TextTable:
    return TextTable([(head, "left") for head in heads])


def _values(values: Sequence[Sequence[str] | None]) -> str:
    """The first figures of the first objectives: enough to tell runs apart."""
    shown = ["–" if not figures else _figure(figures) for figures in values[:MOST_VALUES]]
    return ", ".join([*shown, *(["…"] if len(values) > MOST_VALUES else [])])


def _figure(figures: Sequence[str]) -> str:
    last = figures[-1] if len(figures) <= 2 else figures[0]  # of a vector the smallest, of a count and a sum the sum
    return last if len(last) <= SHORT else f"≈{float(Fraction(last)):.7g}"


def _signed(marks: Sequence[Mapping[str, Any]], status: str, lang: Lang) -> str:
    """Through which year; of a plan that is not proved to be the best it is said."""
    if not marks:
        return ""
    through = max(one["through"] for one in marks)
    return str(through) if status == "optimal" else say("report.runs.signed-unproved", lang, through=through)


def _certificate(verdict: str | None, lang: Lang) -> str:
    return "" if verdict is None else say(f"report.runs.verdict.{verdict.replace(' ', '-')}", lang)
