"""Who gets something else in another plan: who comes in, drops out, changes the year, gets more or less; which groups gain.

Lives here: these lines on a page, and the same as records.
Not here: the moves themselves (compare/moves.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from allocator.compare.comparison import told_years, unit_values
from allocator.compare.moves import KINDS, Kind, Move
from allocator.explain.names import Names
from allocator.report.page import Page

MOST_MOVED = 12  # units named in one line; more are counted


def show_moves(page: Page, moves: Sequence[Move], indent: int = 4) -> None:
    """A line for each kind of move, and one for each way in which groups of units fare."""
    for kind in KINDS:
        own = [_told(page.names, move) for move in moves if move.kind == kind]
        if own:
            head = page.say(f"report.moved.{kind.replace(' ', '-')}")
            between = page.say("report.semicolon")
            page.names_line(head, own, indent=indent, most=MOST_MOVED, between=between)
    for column, gains in grouped(page.names, moves):
        told = [
            page.say("report.moved.group", group=page.names.value(column, group), change=f"{change:+,}")
            for group, change in sorted(gains.items(), key=lambda item: (-item[1], item[0]))
        ]
        head = page.say("report.moved.groups", column=page.names.column(column))
        page.names_line(head, told, indent=indent, most=MOST_MOVED)


def grouped(names: Names, moves: Sequence[Move]) -> Iterator[tuple[str, dict[str, int]]]:
    """Of each declared group of the units: what each one gets more or less in all, where that is not 0."""
    columns = names.model.unit_groups
    values = unit_values(names.model, columns)
    for column in columns:
        changed: Counter[str] = Counter()
        for move in moves:
            changed[str(values[move.unit][column])] += move.change
        found = {group: change for group, change in changed.items() if change and group != "None"}
        if found:
            yield column, found


def moves_record(moves: Sequence[Move]) -> list[dict[str, Any]]:
    return [
        {
            "unit": move.unit,
            "program": move.program,
            "kind": move.kind,
            "before": [list(year) for year in move.before],
            "after": [list(year) for year in move.after],
        }
        for move in moves
    ]


def _told(names: Names, move: Move) -> str:
    """`Oak County (Training, 2014)`; where amounts or years change, from what to what."""
    program = names.model.programs.get(move.program)
    decides = "amount" if program is None else program.decides
    before, after = told_years(move.before, decides), told_years(move.after, decides)
    one: dict[Kind, str] = {"gains": after, "loses": before}
    years = one.get(move.kind) or names.say("report.moved.from-to", before=before, after=after)
    return names.say("report.moved.unit", unit=names.unit(move.unit), program=names.program(move.program), years=years)
