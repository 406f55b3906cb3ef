"""The plans of a divisor method under the bounds of each group and of totals alone: what the textbook gives.

Lives here: the bounds that single rows tell, the best plans of every whole under them, the best where rows bound parts of a
whole as well.
Not here: the best places of one whole (best_places.py), whether the other rules allow such a plan (spread.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from allocator.model.query import Asker, Ints
from allocator.objectives.best_places import Best, best, best_of_parts
from allocator.objectives.divisors import Method
from allocator.objectives.group_sums import GroupSums


@dataclass(frozen=True)
class SpreadPlans:
    """The textbook's plans of all wholes together."""

    low: list[int]
    high: list[int]
    one: list[int]
    totals: list[tuple[list[int], int, int]]
    price: list[Decimal | None]  # of a place, for each group


@dataclass(frozen=True)
class SpreadBounds:
    low: Ints
    high: Ints
    plans: SpreadPlans | None
    lost: bool
    apart: SpreadPlans | None = None  # the best where rows bound several groups together as well

    @classmethod
    def of(cls, sums: GroupSums, method: Method, solver: Asker) -> SpreadBounds:
        """From what single rows tell: the wholes by themselves if their totals are known, else all groups together."""
        n = len(sums.groups)
        low, high = solver.span(sums.entries, n)
        wholes = int(sums.whole.max(initial=-1)) + 1
        least, most = solver.span(sums.joined(sums.whole), wholes)
        whole = sums.whole
        if np.any(least < most) and wholes > 1:
            together = np.zeros(n, np.int64)
            bottom, top = solver.span(sums.joined(together), 1)
            if bottom[0] == top[0]:
                whole, least, most, wholes = together, bottom, top, 1
        plans = SpreadPlans([0] * n, [0] * n, [0] * n, [], [None] * n)
        for h in range(wholes):
            solver.go_on()
            members = np.flatnonzero(whole == h).tolist()
            found = best(
                method,
                [sums.weights[g] for g in members],
                [int(low[g]) for g in members],
                [int(high[g]) for g in members],
                int(least[h]),
                int(most[h]),
            )
            if found is None:
                return cls(low, high, None, True)
            _put(plans, members, found)
        return cls(low, high, plans, False, _apart(sums, method, low, high, plans, solver))


def _apart(
    sums: GroupSums, method: Method, low: Ints, high: Ints, plans: SpreadPlans, solver: Asker
) -> SpreadPlans | None:
    """The best where rows also bound parts of a whole, from the largest part down, no two with a group in common."""
    n = len(sums.groups)
    found = SpreadPlans([0] * n, [0] * n, [0] * n, [], [None] * n)
    joint = sorted(solver.joint(sums.entries, n), key=lambda part: (-len(part[0]), part[0]))
    if not joint:
        return None
    for members, least, most in plans.totals:
        place = {g: i for i, g in enumerate(members)}
        taken: set[int] = set()
        parts = []
        for part, fewest, greatest in joint:
            if len(part) < len(members) and set(part) <= set(members) and not taken & set(part):
                parts.append(([place[g] for g in part], fewest, greatest))
                taken |= set(part)
        if least != most:
            return None
        own_weights = [sums.weights[g] for g in members]
        bottom, top = [int(low[g]) for g in members], [int(high[g]) for g in members]
        shares = best_of_parts(method, own_weights, bottom, top, most, parts)
        if shares is None:
            return None
        for own, best_ in shares:
            _put(found, [members[i] for i in own], replace(best_, price=None))  # prices differ from part to part
    return found


def _put(plans: SpreadPlans, members: list[int], found: Best) -> None:
    for i, g in enumerate(members):
        plans.low[g], plans.high[g], plans.one[g] = found.low[i], found.high[i], found.one[i]
        plans.price[g] = found.price
    plans.totals.append((members, found.least, found.most))
