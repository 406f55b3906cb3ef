"""The questions of a divisor method to the solver: the textbook's plans if the rules allow one, else the best by exact worth.

Lives here: what is asked and held, windows of single places.
Not here: quotients and logarithms (divisors.py), the textbook's plans (textbook_plans.py), what may be given up (given_up.py),
how a stage is solved and held (solve/).

First the plans that are best under the bounds of each group and of the totals alone (textbook_plans.py, exact). If some plan
that keeps every rule is among them, the best plans are exactly these, and they are held as bounds: nothing is rounded.

Else other rules interfere, and sums of logarithms decide. Each group has a window of single places around the plan at hand, at
their worth in whole numbers (divisors.py: Logs), and blocks of places beyond, each at the worth of its first: never less than the
truth. Windows move until the best plan lies in them. Then every best plan does, or one place beyond: there the blocks are exact,
and further out they promise too much, so that a plan there would be better than the best. Work grows with the number of groups
and the digits of the amounts, not with the amounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

import numpy as np

from allocator.model.objective import held_at
from allocator.model.query import NO_LIMIT, Asker, Ints, Rows, Stage, StageAnswer
from allocator.model.shared_out import SharedOut
from allocator.model.steps import Steps
from allocator.objectives.divisors import (
    DIGITS,
    Logs,
    Method,
    ln,
    ln_divisors,
    square,
    told,
    total_worth,
)
from allocator.objectives.given_up import given_up, reach
from allocator.objectives.group_sums import LN_SCALE, ROOM, GroupSums, box, piece_rows
from allocator.objectives.textbook_plans import SpreadBounds, SpreadPlans

MOST_SCALE = 10**18
NEAR = 4  # places on both sides of a plan that are looked at one by one at first, and a tenth of the plan up to WIDE
WIDE = 60
GROWTH = 0.5  # blocks beyond grow by this part of their distance
MOST_PLACES = 20_000  # told one by one where a plan is to be worth no less
SHRINK = 64  # boxes become smaller by this
ROUGH = 2.0**36  # costs stay below this where nothing is proved


def spread(sums: GroupSums, method: Method, solver: Asker, give: Fraction) -> StageAnswer | None:
    """The best by a divisor method, held less `give`. The answer that was held; None where the textbook's plans are."""
    bounds = SpreadBounds.of(sums, method, solver)
    if bounds.lost:  # no plan at all: the solver says which rules are to blame
        solver.ask(_nothing(Fraction(0)), hold=False)
    first = square(method, 1) == 0
    if first and give:  # the plan that is given up from is the one that is found last
        _first_places(sums, bounds, solver)
    answer = None
    for plans in filter(None, (bounds.plans, bounds.apart)):
        rows = box(sums, plans.low, plans.high, plans.totals)
        value = told(total_worth(method, sums.weights, plans.one))
        answer = solver.ask(_nothing(value), hold=False, under=[rows])
        if answer is not None and not give:
            solver.require(rows, _because(sums, method, bounds, plans))
            return None
        if answer is not None:
            bounds = replace(bounds, plans=plans)
            break
    if answer is None:
        if first and not give:
            _first_places(sums, bounds, solver)
        answer = _searched(sums, method, bounds, solver, hold=not give)
        value = told(total_worth(method, sums.weights, sums.of(answer.amounts).tolist()))
    if answer.proved:
        solver.ask(_nothing(value), hold=False)
    if give:
        solver.require(given_up(sums, method, bounds, sums.of(answer.amounts).tolist(), give, solver))
    return answer


def _because(sums: GroupSums, method: Method, bounds: SpreadBounds, plans: SpreadPlans) -> SharedOut | None:
    """Where every whole has so many places in every plan."""
    if plans is not bounds.plans or any(least != most for _, least, most in plans.totals):
        return None
    wholes = tuple(tuple(members) for members, _, _ in plans.totals)
    return SharedOut(method, tuple(sums.weights), wholes, tuple(bounds.low.tolist()), tuple(bounds.high.tolist()))


def _nothing(value: Fraction) -> Stage:
    """A question for any plan, whose value is known."""
    none = np.zeros(0, np.int64)
    return Stage("maximize", none, none, constant=value.numerator, scale=value.denominator)


def worth_kept(sums: GroupSums, method: Method, solver: Asker, at: list[int], loss: Fraction) -> bool:
    """Require that a plan is worth at most `loss` less than the sums `at`, at a scale that tells unequal quotients apart, and
    that as many groups less `loss` have a first place where that comes before all others. False where that is too much to ask.
    """
    bounds = SpreadBounds.of(sums, method, solver)
    low, high = (np.array(end, np.int64) for end in reach(sums, method, bounds, at, loss, solver))
    if int((high - low).sum()) > MOST_PLACES:
        return False
    near = replace(bounds, low=low, high=high)
    stage = _stage(sums, method, Logs(method, sums.weights), near, low, high, solver)
    if stage is None:
        return False
    places = [(g, k) for g, k, _, _ in _pieces(near, low, high, solver)]
    worth = sum(int(price) for (g, k), price in zip(places, stage.coefficient.tolist(), strict=True) if k <= at[g])
    rows = held_at(stage, Fraction(worth + stage.constant, stage.scale) - loss)
    if square(method, 1) == 0:
        least = max(ceil(sum(x > 0 for x in at) - loss), 0) - int(np.sum(low > 0))
        rows = _and_row(rows, least, [-1 - i for i, (_, k) in enumerate(places) if k == 1])
    solver.require(rows)
    return True


def _and_row(rows: Rows, least: int, columns: list[int]) -> Rows:
    """The rows with one more: so many of the columns at least."""
    return replace(
        rows,
        labels=(*rows.labels, ("first",)),
        lower=np.append(rows.lower, least),
        upper=np.append(rows.upper, NO_LIMIT),
        row=np.concatenate([rows.row, np.full(len(columns), len(rows.labels), np.int64)]),
        column=np.concatenate([rows.column, np.array(columns, np.int64)]),
        coefficient=np.concatenate([rows.coefficient, np.ones(len(columns), np.int64)]),
    )


# Where other rules interfere ------------------------------------------------------------------------------------------


def _first_places(sums: GroupSums, bounds: SpreadBounds, solver: Asker) -> None:
    """As many groups as possible get one place."""
    zero = np.zeros(len(sums.groups), np.int64)
    low, high = np.maximum(bounds.low, 0), np.maximum(bounds.high, 0)
    steps = Steps(sums.groups, sums.entries, zero, np.minimum(low, 1), np.minimum(high, 1), zero, high)
    column = solver.require(steps.rows(ordered=False))
    ones = column[: int(steps.size.sum())]
    solver.ask(Stage("maximize", ones, np.ones(len(ones), np.int64), constant=int(np.sum(low > 0))))


def _searched(sums: GroupSums, method: Method, bounds: SpreadBounds, solver: Asker, *, hold: bool) -> StageAnswer:
    """The best plan, in windows that move until it lies in them."""
    at = bounds.low if bounds.plans is None else np.array(bounds.plans.one, np.int64)
    width = np.minimum(at // 10, WIDE) + NEAR
    logs = Logs(method, sums.weights)
    while True:
        low, high = np.maximum(at - width, bounds.low), np.minimum(at + width, bounds.high)
        found = np.zeros(0, np.int64)

        def inside(answer: StageAnswer, low: Ints = low, high: Ints = high) -> bool:
            """Whether what was found is worth what the stage says, in every group."""
            nonlocal found
            found = sums.of(answer.amounts)
            return bool(np.all((found >= low - 1) & (found <= high + 1)))

        stage = _stage(sums, method, logs, bounds, low, high, solver)
        if stage is None:
            return _approached(sums, method, bounds, at, solver)
        answer = solver.ask(stage, hold=hold, accept=inside)
        assert answer is not None
        out = (found < low - 1) | (found > high + 1)
        if not out.any():
            if hold and answer.proved and np.any((low > bounds.low) | (high < bounds.high)):
                least, most = np.maximum(low - 1, bounds.low), np.minimum(high + 1, bounds.high)
                solver.require(box(sums, least.tolist(), most.tolist()))
            return answer
        at, width = np.where(out, found, at), np.where(out, 2 * width, width)


def _stage(
    sums: GroupSums, method: Method, logs: Logs, bounds: SpreadBounds, low: Ints, high: Ints, solver: Asker
) -> Stage | None:
    """Single places inside the windows, blocks beyond; each at its worth, at a scale that tells unequal quotients apart.

    None where 64 bits do not hold such a scale.
    """
    pieces = list(_pieces(bounds, low, high, solver))
    single = [(g, k) for g, k, _, way in pieces if way > 0 and low[g] < k <= high[g]]
    scale, finer = LN_SCALE, True
    while True:
        price = [logs.place(sums.weights[g], k, scale) for g, k, _, _ in pieces]
        reach = sum(float(length) * abs(p) for p, (_, _, length, _) in zip(price, pieces, strict=True))
        if reach >= ROOM and scale > 1:
            scale, finer = scale // 10, False
            continue
        solver.go_on()
        if _in_order(sums, method, logs, single, scale):
            break
        if not finer or scale >= MOST_SCALE:
            return None
        scale *= 1000
    base = told(total_worth(method, sums.weights, low.tolist()))
    helpers = -1 - np.arange(len(pieces), dtype=np.int64)
    coefficient = np.array([p * way for p, (_, _, _, way) in zip(price, pieces, strict=True)], np.int64)
    rows = piece_rows(sums, low.tolist(), pieces)
    return Stage("maximize", helpers, coefficient, constant=round(base * scale), scale=scale, rows=rows)


def _approached(sums: GroupSums, method: Method, bounds: SpreadBounds, at: Ints, solver: Asker) -> StageAnswer:
    """A plan near the best where figures are too large to prove one: boxes around the plan at hand that become smaller.

    Prices of places are taken off their worth where a total is fixed, so that small differences are not lost.
    """
    low, high = bounds.low.copy(), bounds.high.copy()
    fixed = bounds.plans is not None and all(least == most for _, least, most in bounds.plans.totals)
    prices = bounds.plans.price if bounds.plans is not None and fixed else [None] * len(at)
    best_ = solver.ask(replace(_nothing(Fraction(0)), exact=False), hold=False)
    assert best_ is not None
    while True:
        span = int(np.max(high - low, initial=0))
        stage = _rough(sums, method, prices, low, high, np.clip(at, low, high))
        answer = solver.ask(stage, hold=False, under=[box(sums, low.tolist(), high.tolist())])
        best_ = answer or best_
        at = sums.of(best_.amounts)
        if answer is None or span <= 2 * NEAR:
            solver.require(box(sums, at.tolist(), at.tolist()))
            return best_
        width = max(span // SHRINK, NEAR)
        low, high = np.maximum(at - width, bounds.low), np.minimum(at + width, bounds.high)


def _rough(sums: GroupSums, method: Method, prices: Sequence[Decimal | None], low: Ints, high: Ints, at: Ints) -> Stage:
    """The worth in a box, in blocks that grow with the distance from a plan; each at its mean worth less a place's price."""
    pieces: list[tuple[int, int, int, int]] = []
    worths: list[Decimal] = []
    with localcontext() as context:
        context.prec = DIGITS + 10
        for g, start in enumerate(at.tolist()):
            for way, end in ((1, int(high[g])), (-1, int(low[g]))):
                where = start
                while where != end:
                    length = min(1 + abs(where - start) // 4, abs(end - where))
                    first, last = sorted((where, where + way * length))
                    lost = (ln_divisors(method, last) - ln_divisors(method, first)) / length
                    pieces.append((g, last, length, way))
                    worths.append(ln(sums.weights[g]) - lost - (prices[g] or 0))
                    where += way * length
        reach = sum(float(p[2]) * abs(float(c)) for p, c in zip(pieces, worths, strict=True))
        most = max((abs(float(c)) for c in worths), default=0.0)
        factor = Decimal(min(ROOM / reach, ROUGH / most)) if most else Decimal(1)
        price = [way * int(c * factor) for (_, _, _, way), c in zip(pieces, worths, strict=True)]
    helpers = -1 - np.arange(len(pieces), dtype=np.int64)
    rows = piece_rows(sums, at.tolist(), pieces)
    return Stage("maximize", helpers, np.array(price, np.int64), rows=rows, exact=False)


def _pieces(bounds: SpreadBounds, low: Ints, high: Ints, solver: Asker) -> Iterator[tuple[int, int, int, int]]:
    """(group, the place whose worth counts, how many places, up or down): what a sum can have above or below `low`."""
    for g in range(len(low)):
        solver.go_on()
        least, most, bottom, top = int(low[g]), int(high[g]), int(bounds.low[g]), int(bounds.high[g])
        for k in range(least + 1, most + 1):
            yield g, k, 1, 1
        at = most
        while at < top:
            length = min(1 + int(GROWTH * (at - most)), top - at)
            yield g, at + 1, length, 1
            at += length
        at = least
        while at > bottom:
            length = min(1 + int(GROWTH * (least - at)), at - bottom)
            yield g, at, length, -1
            at -= length


def _in_order(sums: GroupSums, method: Method, logs: Logs, single: list[tuple[int, int]], scale: int) -> bool:
    """Whether unequal quotients are unequal numbers in the same order at this scale, and equal ones equal."""
    priced = sorted((logs.place(sums.weights[g], k, scale), g, k) for g, k in single)
    last: tuple[int, Fraction] | None = None
    for number, g, k in priced:
        divisor = square(method, k)
        quotient = sums.weights[g] ** 2 / divisor if divisor else sums.weights[g] ** 2
        if last is not None and ((number == last[0]) != (quotient == last[1]) or quotient < last[1]):
            return False
        last = number, quotient
    return True
