"""What changes from one plan to another: one move for each unit and program that has not the same awards in both.

Lives here: the moves, applying them, how large the difference is.
Not here: who is told of them (report/), why they happen (split.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from allocator.model.allocation import Allocation, Award

Years = tuple[tuple[int, int], ...]  # (period, amount), ascending
Kind = Literal["gains", "loses", "changes year", "gets more", "gets less"]
KINDS: tuple[Kind, ...] = ("gains", "loses", "changes year", "gets more", "gets less")


@dataclass(frozen=True, order=True)
class Move:
    """The awards of one unit in one program in the first plan and in the second; they differ."""

    unit: str
    program: str
    before: Years
    after: Years

    @property
    def kind(self) -> Kind:
        """gains: nothing before; loses: nothing after; changes year: as much in all, in other years; else more or less."""
        if not self.before:
            return "gains"
        if not self.after:
            return "loses"
        change = self.change
        return "changes year" if change == 0 else "gets more" if change > 0 else "gets less"

    @property
    def change(self) -> int:
        """The amount after less the amount before, all periods together."""
        return sum(amount for _, amount in self.after) - sum(amount for _, amount in self.before)


def moves(first: Allocation, second: Allocation) -> tuple[Move, ...]:
    """Every move from the first plan to the second, by unit and program."""
    before, after = _years(first), _years(second)
    return tuple(
        Move(*key, before.get(key, ()), after.get(key, ()))
        for key in sorted(before.keys() | after.keys())
        if before.get(key, ()) != after.get(key, ())
    )


def applied(first: Allocation, changes: Iterable[Move]) -> Allocation:
    """The plan that the moves lead to. Raises ValueError where a move does not begin in `first`."""
    years = _years(first)
    for move in changes:
        if years.get((move.unit, move.program), ()) != move.before:
            raise ValueError(f"{move.unit}, {move.program}: {move.before}")
        years[move.unit, move.program] = move.after
    return Allocation.of(_awards(years))


def distance(first: Allocation, second: Allocation) -> int:
    """Sum over units, programs and periods of |amount in one - amount in the other|."""
    return first.distance(second)


def _years(plan: Allocation) -> dict[tuple[str, str], Years]:
    found: dict[tuple[str, str], Years] = {}
    for unit, program, period, amount in plan.awards:  # sorted, so the periods ascend
        found[unit, program] = (*found.get((unit, program), ()), (period, amount))
    return found


def _awards(years: dict[tuple[str, str], Years]) -> Iterator[Award]:
    for (unit, program), held in years.items():
        for period, amount in held:
            yield Award(unit, program, period, amount)
