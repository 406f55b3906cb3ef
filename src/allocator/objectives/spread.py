"""The questions of a divisor method to the solver: the textbook's plans if the rules allow one, else the best by exact worth.

Lives here: what is asked and held, windows of single places, what may be given up.
Not here: quotients, logarithms, the textbook's result (divisors.py), how a stage is solved and held (solve/).

First the plans that are best under the bounds of each group and of the totals alone (divisors.py, exact). If some plan that keeps
every rule is among them, the best plans are exactly these, and they are held as bounds: nothing is rounded.

Else other rules interfere, and sums of logarithms decide. Each group has a window of single places around the plan at hand, at
their worth in whole numbers (divisors.py: Logs), and blocks of places beyond, each at the worth of its first: never less than the
truth. Windows move until the best plan lies in them. Then every best plan does, or one place beyond: there the blocks are exact,
and further out they promise too much, so that a plan there would be better than the best. Work grows with the number of groups
and the digits of the amounts, not with the amounts.

What `give` allows to be lost is a row over places near the best plan at their worth, rounded to the safe side; far from the plan,
where single places would be too many, in blocks at their mean worth, which is never more than the true one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from functools import partial

import numpy as np

from allocator.model.query import NO_LIMIT, Asker, Groups, Ints, Rows, Stage, StageAnswer
from allocator.model.steps import Steps
from allocator.objectives.divisors import (
    DIGITS,
    Best,
    Logs,
    Method,
    best,
    best_of_parts,
    ln,
    ln_divisors,
    square,
    told,
    total_worth,
    worth,
)

LN_SCALE = 10**9
MOST_SCALE = 10**18
ROOM = 2.0**60  # what a stage can come to stays below this
NEAR = 4  # places on both sides of a plan that are looked at one by one at first, and a tenth of the plan up to WIDE
WIDE = 60
GROWTH = 0.5  # blocks beyond grow by this part of their distance
SHRINK = 64  # boxes become smaller by this
ROUGH = 2.0**36  # costs stay below this where nothing is proved
SINGLE = 256  # places from the plan up to which what is given up is counted one by one
COARSE = 16  # beyond: blocks of this part of the distance


@dataclass(frozen=True)
class GroupSums:
    """The groups' sums of awards: their cells, the weights; the whole that each group belongs to."""

    groups: Groups
    entries: tuple[Ints, Ints, Ints]
    weights: list[Fraction]
    whole: Ints

    def of(self, amounts: Ints) -> Ints:
        found = np.zeros(len(self.groups), np.int64)
        np.add.at(found, self.entries[0], self.entries[2] * amounts[self.entries[1]])
        return found

    def joined(self, whole: Ints) -> tuple[Ints, Ints, Ints]:
        """The entries of the wholes that groups belong to."""
        return whole[self.entries[0]], self.entries[1], self.entries[2]


def spread(sums: GroupSums, method: Method, solver: Asker, give: Fraction) -> StageAnswer | None:
    """The best by a divisor method, held less `give`. The answer that was held; None where the textbook's plans are."""
    bounds = _Bounds.of(sums, method, solver)
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
            solver.require(rows)
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
        solver.require(_less(sums, method, bounds, sums.of(answer.amounts).tolist(), give, solver))
    return answer


def _nothing(value: Fraction) -> Stage:
    """A question for any plan, whose value is known."""
    none = np.zeros(0, np.int64)
    return Stage("maximize", none, none, constant=value.numerator, scale=value.denominator)


def box(
    sums: GroupSums, low: Sequence[int], high: Sequence[int], totals: Sequence[tuple[Sequence[int], int, int]] = ()
) -> Rows:
    """Rows low <= sum <= high of every group, and of totals of groups."""
    gid, column, value = sums.entries
    n = len(sums.groups)
    rows, columns, values = [gid], [column], [value]
    labels = list(sums.groups.labels)
    for number, (members, _, _) in enumerate(totals):
        inside = np.isin(gid, np.array(members, np.int64))
        rows.append(np.full(int(inside.sum()), n + number, np.int64))
        columns.append(column[inside])
        values.append(value[inside])
        labels.append(("total",))
    return Rows(
        tuple(labels),
        np.array([*low, *(least for _, least, _ in totals)], np.int64),
        np.array([*high, *(most for _, _, most in totals)], np.int64),
        np.concatenate(rows),
        np.concatenate(columns),
        np.concatenate(values),
    )


# The bounds of each group and of the totals ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _SpreadPlans:
    """The textbook's plans of all wholes together."""

    low: list[int]
    high: list[int]
    one: list[int]
    totals: list[tuple[list[int], int, int]]
    price: list[Decimal | None]  # of a place, for each group


@dataclass(frozen=True)
class _Bounds:
    low: Ints
    high: Ints
    plans: _SpreadPlans | None
    lost: bool
    apart: _SpreadPlans | None = None  # the best where rows bound several groups together as well

    @classmethod
    def of(cls, sums: GroupSums, method: Method, solver: Asker) -> _Bounds:
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
        plans = _SpreadPlans([0] * n, [0] * n, [0] * n, [], [None] * n)
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
    sums: GroupSums, method: Method, low: Ints, high: Ints, plans: _SpreadPlans, solver: Asker
) -> _SpreadPlans | None:
    """The best where rows also bound parts of a whole, from the largest part down, no two with a group in common."""
    n = len(sums.groups)
    found = _SpreadPlans([0] * n, [0] * n, [0] * n, [], [None] * n)
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


def _put(plans: _SpreadPlans, members: list[int], found: Best) -> None:
    for i, g in enumerate(members):
        plans.low[g], plans.high[g], plans.one[g] = found.low[i], found.high[i], found.one[i]
        plans.price[g] = found.price
    plans.totals.append((members, found.least, found.most))


# Where other rules interfere ------------------------------------------------------------------------------------------


def _first_places(sums: GroupSums, bounds: _Bounds, solver: Asker) -> None:
    """As many groups as possible get one place."""
    zero = np.zeros(len(sums.groups), np.int64)
    low, high = np.maximum(bounds.low, 0), np.maximum(bounds.high, 0)
    steps = Steps(sums.groups, sums.entries, zero, np.minimum(low, 1), np.minimum(high, 1), zero, high)
    column = solver.require(steps.rows(ordered=False))
    ones = column[: int(steps.size.sum())]
    solver.ask(Stage("maximize", ones, np.ones(len(ones), np.int64), constant=int(np.sum(low > 0))))


def _searched(sums: GroupSums, method: Method, bounds: _Bounds, solver: Asker, *, hold: bool) -> StageAnswer:
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
    sums: GroupSums, method: Method, logs: Logs, bounds: _Bounds, low: Ints, high: Ints, solver: Asker
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
    rows = _rows(sums, low.tolist(), pieces)
    return Stage("maximize", helpers, coefficient, constant=round(base * scale), scale=scale, rows=rows)


def _approached(sums: GroupSums, method: Method, bounds: _Bounds, at: Ints, solver: Asker) -> StageAnswer:
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
    rows = _rows(sums, at.tolist(), pieces)
    return Stage("maximize", helpers, np.array(price, np.int64), rows=rows, exact=False)


def _pieces(bounds: _Bounds, low: Ints, high: Ints, solver: Asker) -> Iterator[tuple[int, int, int, int]]:
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


def _rows(sums: GroupSums, base: Sequence[int], pieces: Sequence[tuple[int, int, int, int]]) -> Rows:
    """sum of a group = base + its pieces above - its pieces below."""
    start = np.array(base, np.int64)
    return Rows(
        sums.groups.labels,
        start,
        start,
        np.concatenate([sums.entries[0], np.array([g for g, _, _, _ in pieces], np.int64)]),
        np.concatenate([sums.entries[1], -1 - np.arange(len(pieces), dtype=np.int64)]),
        np.concatenate([sums.entries[2], np.array([-way for _, _, _, way in pieces], np.int64)]),
        helper_upper=np.array([length for _, _, length, _ in pieces], np.int64),
    )


# What may be given up -------------------------------------------------------------------------------------------------


def _less(sums: GroupSums, method: Method, bounds: _Bounds, at: list[int], give: Fraction, solver: Asker) -> Rows:
    """Rows that only plans satisfy which are worth at most `give` less than the plan `at`."""
    low, high = _reach(sums, method, bounds, at, give, solver)
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
    rows = _rows(sums, at, pieces)
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


def _reach(
    sums: GroupSums, method: Method, bounds: _Bounds, at: list[int], give: Fraction, solver: Asker
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
