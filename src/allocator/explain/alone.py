"""Awards that only the draw made: without them the plan keeps every rule and is as good in every objective.

Lives here: the search among the cells that the draw decided, each claim recounted by the audit.
Not here: the draw (solve/draw.py), how the awards are told (report/).

A quota that is met to the last place asks for each of its awards, and so does a total that counts it; these are not tried. All
others are left out at once; where the plan is then worse, in halves; and of an amount the least that will do is looked for. So
the awards that are told can be left out together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from allocator.audit import Audit, audit
from allocator.model.allocation import Allocation

if TYPE_CHECKING:
    from allocator.solve import Solution

MOST_RECOUNTS = 40  # after these the search ends, and says so
MOST_COUNTED = 400_000  # units x programs x periods, all recounts together: of a large model there are fewer

Cell = tuple[str, str, int]


@dataclass(frozen=True)
class Alone:
    """One award, or the part of it, that no rule and no objective asks for: `amount` awarded, `enough` would do."""

    unit: str
    program: str
    period: int
    amount: int
    enough: int


@dataclass(frozen=True)
class ByDrawAlone:
    """Those awards, by unit, program and period; `all_tried`: the search came to its end."""

    awards: tuple[Alone, ...] = ()
    all_tried: bool = True


def by_draw_alone(found: Audit, solution: Solution) -> ByDrawAlone:
    """The awards of a plan that only the draw made; nothing is said of a plan that is not recounted as it was solved."""
    if not solution.drawn or found.violations or any(value.figures is None for value in found.objectives):
        return ByDrawAlone()
    made = found.allocation.amounts
    cells = {cell for cell in solution.drawn if made.get(cell, 0)}
    for objective in found.model.policy.objectives if cells else ():
        cells.difference_update(objective.moved_by(found.tables))
    search = _AloneSearch(found)
    search.leave_out(sorted(_not_asked_by_sums(found, cells)))
    awards = tuple(Alone(*cell, made[cell], enough) for cell, enough in sorted(search.enough.items()))
    return ByDrawAlone(awards, search.left >= 0)


def _not_asked_by_sums(found: Audit, cells: set[Cell]) -> set[Cell]:
    """Those of some cells that are in no sum at the least that it may be: a sum asks for each award in it."""
    made, left = found.allocation.amounts, set(cells)
    for check in sorted(found.rules, key=lambda check: not check.rule.is_property):
        of = getattr(check.rule, "program", None)
        concerned = any(of in (None, program) for _, program, _ in left)
        if concerned and check.rule.soft is None and check.with_slack(Fraction(0)):
            for cap in check.rule.caps(found.tables):
                if cap.at_least is not None and sum(made.get(cell, 0) for cell in cap.cells) <= cap.at_least:
                    left -= cap.cells
    return left


class _AloneSearch:
    """Leaves awards out as long as the plan stays as good."""

    def __init__(self, found: Audit) -> None:
        self.found, self.made = found, found.allocation.amounts
        self.enough: dict[Cell, int] = {}
        size = found.model.units.height * len(found.model.programs) * len(found.model.policy.periods)
        self.left = max(1, min(MOST_RECOUNTS, MOST_COUNTED // size))

    def leave_out(self, cells: list[Cell]) -> None:
        if not cells or self.left < 0:
            return
        if self._as_good(dict.fromkeys(cells, 0)):
            self.enough |= dict.fromkeys(cells, 0)
        elif len(cells) == 1:
            self._lower(cells[0])
        else:
            half = len(cells) // 2
            self.leave_out(cells[:half])
            self.leave_out(cells[half:])

    def _lower(self, cell: Cell) -> None:
        """The least amount that will do: more than nothing, which was tried."""
        bad, good = 0, self.made[cell]
        while good - bad > 1:
            middle = (bad + good) // 2
            if self._as_good({cell: middle}):
                good = middle
            else:
                bad = middle
        if good < self.made[cell]:
            self.enough[cell] = good

    def _as_good(self, less: Mapping[Cell, int]) -> bool:
        """Whether the plan with these amounts keeps what it kept, and comes to the same values."""
        self.left -= 1
        if self.left < 0:
            return False
        amounts = {**self.made, **self.enough, **less}
        plan = Allocation.of((*cell, amount) for cell, amount in amounts.items())
        again = audit(self.found.model, plan)
        missed = {check.rule.id: sum((j.miss for j in check.broken), Fraction(0)) for check in self.found.rules}
        return (
            not again.violations
            and all(
                sum((j.miss for j in check.broken), Fraction(0)) <= missed.get(check.rule.id, 0)
                for check in again.rules
            )
            and [value.figures for value in again.objectives] == [value.figures for value in self.found.objectives]
        )
