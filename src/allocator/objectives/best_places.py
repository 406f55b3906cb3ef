"""The textbook's result of a divisor method: the best plans under bounds of each group, of a total, and of parts of the whole.

Lives here: the best plans with every tie, by exact comparison of quotients; a guess in floats where to begin.
Not here: d(k), ranks and logarithms (divisors.py), rows and questions to the solver (textbook_plans.py, spread.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.objectives.divisors import Method, Rank, ln, rank


@dataclass(frozen=True)
class Best:
    """All best plans under bounds of each group and of the total: low <= x <= high, least <= sum <= most; `one` of them, and
    the price of a place (its worth at the margin) where the total is bounded."""

    low: list[int]
    high: list[int]
    least: int
    most: int
    one: list[int]
    price: Decimal | None  # None: first places are at the margin, which no worth decides


def best(
    method: Method, weights: Sequence[Fraction], low: Sequence[int], high: Sequence[int], least: int, most: int
) -> Best | None:
    """The best plans with low <= x <= high and least <= sum <= most; None where there is none.

    Without a bound of the total a place is taken if it is worth more than nothing (ln > 0), and may be if it is worth nothing.
    """
    if sum(low) > most or sum(high) < least or any(lo > up for lo, up in zip(low, high, strict=True)):
        return None
    if least == most:
        return _shared(method, weights, low, high, least)
    one: Rank = (0, Fraction(1))
    above = [_places_above(method, w, lo, up, one, False) for w, lo, up in zip(weights, low, high, strict=True)]
    not_below = [_places_above(method, w, lo, up, one, True) for w, lo, up in zip(weights, low, high, strict=True)]
    if sum(above) < most and sum(not_below) > least:
        some, room = [], max(least - sum(above), 0)
        for a, b in zip(above, not_below, strict=True):
            some.append(a + min(b - a, room))
            room -= some[-1] - a
        return Best(above, not_below, least, most, some, Decimal(0))
    return _shared(method, weights, low, high, most if sum(above) >= most else least)


Part = tuple[list[int], int, int]  # groups that are bounded together: which, the least and the most of their sum


def best_of_parts(
    method: Method,
    weights: Sequence[Fraction],
    low: Sequence[int],
    high: Sequence[int],
    total: int,
    parts: Sequence[Part],
) -> list[tuple[list[int], Best]] | None:
    """The best plans of exactly `total` places where parts, no two with a group in common, are bounded too: as independent
    shares, (groups, their best plans). None where they are not independent, or there is no plan.

    All that is not settled is shared out; parts above their most get that, or parts below their least get that, whichever
    side misses more in all; then the rest anew. It is the best if each settled part would rather go back over its bound.
    """
    settled: dict[int, int] = {}
    bounded = {g for members, _, _ in parts for g in members}
    while True:
        free = [g for g in range(len(weights)) if g not in bounded]
        free += [g for p, (members, _, _) in enumerate(parts) if p not in settled for g in members]
        free.sort()
        rest = total - sum(settled.values())
        found = _best_among(method, weights, low, high, free, rest)
        if found is None:
            return None
        at = dict(zip(free, found.one, strict=True))
        sums = {p: sum(at[g] for g in members) for p, (members, _, _) in enumerate(parts) if p not in settled}
        over = {p: n - parts[p][2] for p, n in sums.items() if n > parts[p][2]}
        under = {p: parts[p][1] - n for p, n in sums.items() if n < parts[p][1]}
        if not over and not under:
            break
        if sum(over.values()) >= sum(under.values()):
            settled |= {p: parts[p][2] for p in over}
        else:
            settled |= {p: parts[p][1] for p in under}
    shares = [(free, found)]
    last, next_ = _margins(method, weights, free, low, high, found)
    givers, takers = [], []  # the last place of parts that could have less, the next one of parts that could have more
    for p, places in settled.items():
        members, least, most = parts[p]
        own = _best_among(method, weights, low, high, members, places)
        if own is None:
            return None
        inner = _margins(method, weights, members, low, high, own)
        givers += [inner[0]] if least < places and inner[0] is not None else []
        takers += [inner[1]] if places < most and inner[1] is not None else []
        shares.append((members, own))
    pairs = [(giver, taker) for giver in givers for taker in takers]
    pairs += [(giver, next_) for giver in givers if next_ is not None]
    pairs += [(last, taker) for taker in takers if last is not None]
    return shares if all(giver > taker for giver, taker in pairs) else None  # else a tie, or settled too early


def _best_among(
    method: Method,
    weights: Sequence[Fraction],
    low: Sequence[int],
    high: Sequence[int],
    members: list[int],
    places: int,
) -> Best | None:
    """The best plans of so many places among some groups."""
    own = [weights[g] for g in members]
    return best(method, own, [low[g] for g in members], [high[g] for g in members], places, places)


def _margins(
    method: Method,
    weights: Sequence[Fraction],
    members: Sequence[int],
    low: Sequence[int],
    high: Sequence[int],
    plans: Best,
) -> tuple[Rank | None, Rank | None]:
    """The last place that was given and the next one."""
    x = dict(zip(members, plans.one, strict=True))
    last = min((rank(method, weights[g], x[g]) for g in members if x[g] > low[g]), default=None)
    next_ = max((rank(method, weights[g], x[g] + 1) for g in members if x[g] < high[g]), default=None)
    return last, next_


def _places_above(method: Method, weight: Fraction, low: int, high: int, than: Rank, even: bool) -> int:
    """How many places of a group are ranked above a rank (even: or equal to it), within its bounds."""
    lo, up = low, high
    while lo < up:
        k = (lo + up + 1) // 2
        mine = rank(method, weight, k)
        if mine > than or (even and mine == than):
            lo = k
        else:
            up = k - 1
    return lo


class _Places:
    """Places given to groups, `x`; the best one to give next and the least one to take back are at hand."""

    def __init__(
        self, method: Method, weights: Sequence[Fraction], low: Sequence[int], high: Sequence[int], x: list[int]
    ) -> None:
        self.method, self.weights, self.low, self.high, self.x = method, weights, low, high, x
        groups = range(len(x))
        self.given = [(_down(self.rank(g, x[g] + 1)), g, x[g] + 1) for g in groups if x[g] < high[g]]
        self.taken = [(self.rank(g, x[g]), g, x[g]) for g in groups if x[g] > low[g]]
        heapq.heapify(self.given)
        heapq.heapify(self.taken)

    def rank(self, g: int, k: int) -> Rank:
        return rank(self.method, self.weights[g], k)

    def next_place(self) -> tuple[Rank, int] | None:
        """The best place that is not given, with its group."""
        while self.given and self.given[0][2] != self.x[self.given[0][1]] + 1:
            heapq.heappop(self.given)
        return (_down(self.given[0][0]), self.given[0][1]) if self.given else None

    def last_place(self) -> tuple[Rank, int] | None:
        """The least place that is given, with its group."""
        while self.taken and self.taken[0][2] != self.x[self.taken[0][1]]:
            heapq.heappop(self.taken)
        return self.taken[0][:2] if self.taken else None

    def move(self, g: int, by: int) -> None:
        self.x[g] += by
        if self.x[g] < self.high[g]:
            heapq.heappush(self.given, (_down(self.rank(g, self.x[g] + 1)), g, self.x[g] + 1))
        if self.x[g] > self.low[g]:
            heapq.heappush(self.taken, (self.rank(g, self.x[g]), g, self.x[g]))

    def tied(self, margin: Rank) -> tuple[list[int], list[int]]:
        """The fewest and the most places of each group, where places of the rank `margin` may change hands."""
        lowest, highest = list(self.x), list(self.x)
        for g, x in enumerate(self.x):
            lowest[g] -= x > self.low[g] and self.rank(g, x) == margin
            highest[g] += x < self.high[g] and self.rank(g, x + 1) == margin
        return lowest, highest


def _shared(method: Method, weights: Sequence[Fraction], low: Sequence[int], high: Sequence[int], total: int) -> Best:
    """Exactly `total` places: from a guess in floats, places are given and taken by exact comparison of quotients."""
    x = _guess(method, weights, low, high, total)
    places = _Places(method, weights, low, high, x)
    surplus = sum(x) - total
    while True:
        up, down = places.next_place(), places.last_place()
        if surplus < 0 and up is not None:
            places.move(up[1], 1)
            surplus += 1
        elif surplus > 0 and down is not None:
            places.move(down[1], -1)
            surplus -= 1
        elif up is not None and down is not None and up[0] > down[0]:
            places.move(down[1], -1)
            places.move(up[1], 1)
        else:
            break
    margin = up[0] if up is not None else down[0] if down is not None else (0, Fraction(1))
    lowest, highest = list(x), list(x)
    if up is not None and down is not None and up[0] == down[0]:
        lowest, highest = places.tied(margin)
    return Best(lowest, highest, total, total, x, None if margin[0] else ln(margin[1]) / 2)


def _down(of: Rank) -> Rank:
    return -of[0], -of[1]


def _guess(
    method: Method, weights: Sequence[Fraction], low: Sequence[int], high: Sequence[int], total: int
) -> list[int]:
    """Near the result: floats, a multiplier found by halving."""
    w = np.array([float(weight) for weight in weights])
    lo, up = np.array(low, np.float64), np.array(high, np.float64)

    def at(multiplier: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        z = np.minimum(w * multiplier, up + 1)
        if method == "webster":
            z = z + 0.5
        elif method == "huntington_hill":
            z = (1 + np.sqrt(1 + 4 * z * z)) / 2
        elif method == "adams":
            z = z + 1
        return np.clip(np.floor(z), lo, up)

    positive = w[w > 0]
    if not len(positive):
        return list(map(int, low))
    least, most = 0.0, (float(total) + 2) / float(positive.min())
    for _ in range(120):
        middle = (least + most) / 2
        if at(middle).sum() < total:
            least = middle
        else:
            most = middle
    return [min(max(int(x), a), b) for x, a, b in zip(at(most).tolist(), low, high, strict=True)]
