"""Single changes of a plan: an award more, one less, one moved, two exchanged, another amount, another year, no such unit.

Lives here: every change of one award (or of one pair) that a small plan allows, a seeded sample of them for a large one.
Not here: which rules a change breaks (clauses.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.planted.clauses import Cell, Plan, Sheet

STRANGER = "nobody"
MOST_AMOUNTS = 4  # other amounts of one award that are tried


@dataclass(frozen=True)
class Change:
    """What was done to the plan, in one word and in full; the plan that is left."""

    how: str
    cells: tuple[Cell, ...]
    plan: Plan

    @property
    def programs(self) -> frozenset[str]:
        return frozenset(cell[1] for cell in self.cells)


def changes(sheet: Sheet, plan: Plan, draw: random.Random, most: int) -> list[Change]:
    """Distinct changed plans, in an order of their own; at most about `most` of each way to change."""
    ways = (_more, _less, _other_amount, _other_unit, _other_period, _other_program, _exchanged, _outside)
    found: dict[Edit, Change] = {}
    for way in ways:
        edits = list(way(sheet, plan))
        for edit in draw.sample(edits, most) if len(edits) > most else edits:
            how = way.__name__.strip("_").replace("_", " ")
            found.setdefault(edit, Change(how, tuple(cell for cell, _ in edit), edited(plan, edit)))
    return list(found.values())


Edit = tuple[tuple[Cell, int], ...]  # cells with their new amounts, sorted


def edited(plan: Plan, edit: Edit) -> Plan:
    new = {**plan, **dict(edit)}
    return {cell: amount for cell, amount in new.items() if amount}


def _set(*amounts: tuple[Cell, int]) -> Edit:
    return tuple(sorted(amounts))


def _more(sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    """One place too many, where there was an award or none."""
    for unit in sheet.units:
        for program in sheet.decides:
            for period in sheet.periods:
                cell = (unit, program, period)
                yield _set((cell, plan.get(cell, 0) + 1))


def _less(_sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    """An award that is taken away."""
    for cell in plan:
        yield _set((cell, 0))


def _other_amount(sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    for cell, amount in plan.items():
        for step in range(1, min(sheet.decides[cell[1]], MOST_AMOUNTS) + 1):
            yield _set((cell, amount + step))
            if amount > step:
                yield _set((cell, amount - step))


def _other_unit(sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    """The whole award goes to another unit; what that one has already stays with it."""
    for cell, amount in plan.items():
        for unit in sheet.units:
            to = (unit, *cell[1:])
            if unit != cell[0]:
                yield _set((cell, 0), (to, plan.get(to, 0) + amount))


def _other_period(sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    for cell, amount in plan.items():
        for period in sheet.periods:
            to = (*cell[:2], period)
            if period != cell[2] and to not in plan:
                yield _set((cell, 0), (to, amount))


def _other_program(sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    for cell, amount in plan.items():
        for program in sheet.decides:
            to = (cell[0], program, cell[2])
            if program != cell[1] and to not in plan:
                yield _set((cell, 0), (to, amount))


def _exchanged(_sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    """Two units of one program and year change places: no total notices."""
    for one, amount in plan.items():
        for two, other in plan.items():
            if one < two and one[1:] == two[1:] and amount != other:
                yield _set((one, other), (two, amount))


def _outside(sheet: Sheet, plan: Plan) -> Iterator[Edit]:
    """A year after the plan, a unit that nobody knows, an award in place of the one that is moved there."""
    for cell, amount in plan.items():
        yield _set((cell, 0), ((STRANGER, *cell[1:]), amount))
        yield _set((cell, 0), ((*cell[:2], max(sheet.periods) + 1), amount))
