"""What `give` allows to be lost from a divisor method's best plan, as rows.

Lives here: places near the plan at their worth, rounded to the safe side; blocks at their mean worth far from it; how far a
group can be from the plan.
Not here: the plan itself (spread.py), the worth of places (divisors.py).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from functools import partial

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Rows
from allocator.objectives.divisors import DIGITS, Method, ln, ln_divisors, square, worth
from allocator.objectives.group_sums import LN_SCALE, ROOM, GroupSums, piece_rows
from allocator.objectives.textbook_plans import SpreadBounds

SINGLE = 256  # places from the plan up to which what is given up is counted one by one
COARSE = 16  # beyond: blocks of this part of the distance


def given_up(
    sums: GroupSums, method: Method, bounds: SpreadBounds, at: list[int], give: Fraction, solver: Asker
) -> Rows:
    """Rows that only plans satisfy which are worth at most `give` less than the plan `at`.

    Far from the plan single places would be too many: blocks have their mean worth, which is never more than the true one.
    """
    low, high = reach(sums, method, bounds, at, give, solver)
    pieces: list[tuple[int, int, int, int]] = []
    price: list[Decimal] = []
    with localcontext() as context:
        context.prec = DIGITS + 10
        for g, start in enumerate(at):
            solver.go_on()
            for way, end in ((1, high[g]), (-1, low[g])):
                where = start
                while where != end:
                    away = abs(where - start)
                    length = min(1 if away < SINGLE else away // COARSE, abs(end - where))
                    first, last = sorted((where, where + way * length))
                    lost = ln_divisors(method, last) - ln_divisors(method, first)
                    pieces.append((g, last, length, way))
                    price.append(ln(sums.weights[g]) - lost / length)
                    where += way * length
        scale = LN_SCALE
        while (
            sum(float(p[2]) * abs(float(c)) for p, c in zip(pieces, price, strict=True)) * scale >= ROOM and scale > 1
        ):
            scale //= 10
        coefficient = [
            way * int((c * scale).to_integral_value(ROUND_FLOOR if way > 0 else ROUND_CEILING))
            for (_, _, _, way), c in zip(pieces, price, strict=True)
        ]
    rows = piece_rows(sums, at, pieces)
    n, count = len(sums.groups), len(pieces)
    return Rows(
        (*rows.labels, ("give",)),
        np.append(rows.lower, -int(give * scale)),
        np.append(rows.upper, NO_LIMIT),
        np.concatenate([rows.row, np.full(count, n, np.int64)]),
        np.concatenate([rows.column, -1 - np.arange(count, dtype=np.int64)]),
        np.concatenate([rows.coefficient, np.array(coefficient, np.int64)]),
        helper_upper=rows.helper_upper,
    )


def reach(
    sums: GroupSums, method: Method, bounds: SpreadBounds, at: list[int], give: Fraction, solver: Asker
) -> tuple[list[int], list[int]]:
    """How far each group can be from the plan: what it alone loses against the textbook's prices is within what may be lost."""
    low, high = bounds.low.tolist(), bounds.high.tolist()
    plans = bounds.plans
    if plans is None or any(price is None for price in plans.price):
        return low, high
    with localcontext() as context:
        context.prec = DIGITS + 10

        def net(g: int, x: int) -> Decimal:
            price = plans.price[g]
            assert price is not None
            return worth(method, sums.weights[g], x) - price * x

        def enough(g: int, least: Decimal, x: int) -> bool:
            return net(g, x) >= least

        may = Decimal(give.numerator) / Decimal(give.denominator) + Decimal("1e-6")
        may += sum((net(g, plans.one[g]) - net(g, x) for g, x in enumerate(at)), Decimal(0))
        if square(method, 1) == 0:  # the textbook may give first places that cost more than they are worth
            may += sum(
                (max(-net(g, 1), Decimal(0)) for g in range(len(at)) if high[g] > 0 and sums.weights[g] > 0), Decimal(0)
            )
        for g, top in enumerate(plans.one):
            solver.go_on()
            if sums.weights[g] <= 0:
                continue
            near = partial(enough, g, net(g, top) - may)
            low[g] = min(_furthest(near, top, low[g]), at[g])
            high[g] = max(_furthest(near, top, high[g]), at[g])
            if low[g] == 1 and square(method, 1) == 0:
                low[g] = int(bounds.low[g])
    return low, high


def _furthest(good: Callable[[int], bool], start: int, end: int) -> int:
    """The last number from start towards end for which all is good."""
    inside, outside = start, end
    if good(end):
        return end
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        if good(middle):
            inside = middle
        else:
            outside = middle
    return inside
