"""The divisor methods, exactly: what a place is worth, the textbook's result, whole numbers that stand for logarithms.

Lives here: d(k), the worth of any number of places in closed form, the best plans under bounds of each group alone, prices.
Not here: the objective (apportion.py), the question that is asked where other rules interfere (apportion.py).

The k-th place of a group of weight w is worth ln(w / d(k)): d(k) = k - 1/2 Webster, sqrt(k(k-1)) Huntington-Hill, k Jefferson,
k - 1 Adams. Where d(1) = 0 the first place comes before all others, and is worth ln(w) among its like.

The textbook's result compares quotients, w^2 / d(k)^2, as fractions: nothing is rounded there. Where sums of logarithms must be
compared, the logarithm of a quotient is put together from those of the factors of w and d(k), each rounded once: equal products
have equal sums, and the scale is made fine enough that unequal quotients keep their order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, gcd, isqrt
from typing import Literal

import numpy as np

Method = Literal["webster", "huntington_hill", "jefferson", "adams"]
Rank = tuple[
    int, Fraction
]  # the quality of a place: first places before others where d(1) = 0, then the quotient squared

DIGITS = 45
SHORT = 500  # up to so many places factorials are multiplied out; beyond, Stirling's series has all DIGITS
SMALL_PRIMES = tuple(n for n in range(2, 1000) if all(n % p for p in range(2, int(n**0.5) + 1)))
LEAST_TERM = Decimal(10) ** -DIGITS
REFINED = 1000  # numbers with large factors up to which these are compared with each other
PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214"
)
with localcontext() as _context:
    _context.prec = DIGITS + 10
    LN_PI, LN_2_PI = PI.ln(), (2 * PI).ln()


def square(method: Method, k: int) -> Fraction:
    """d(k) squared, exact (so that Huntington-Hill's root stays a fraction)."""
    if method == "webster":
        return Fraction((2 * k - 1) ** 2, 4)
    if method == "huntington_hill":
        return Fraction(k * (k - 1))
    return Fraction((k if method == "jefferson" else k - 1) ** 2)


def rank(method: Method, weight: Fraction, k: int) -> Rank:
    """The k-th place of a group among all places: the larger the better, exactly."""
    divisor = square(method, k)
    return (0, weight * weight / divisor) if divisor else (1, weight * weight)


# Worth ----------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=100_000)
def ln(value: Fraction) -> Decimal:
    """The natural logarithm to some DIGITS digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(value.numerator).ln() - Decimal(value.denominator).ln()


@lru_cache(maxsize=100)
def _stirling(n: int) -> Decimal:
    """B(2n) / (2n (2n - 1)), the coefficients of Stirling's series."""
    exact = _bernoulli(2 * n) / (2 * n * (2 * n - 1))
    with localcontext() as context:
        context.prec = DIGITS + 10
        return Decimal(exact.numerator) / Decimal(exact.denominator)


@lru_cache(maxsize=200)
def _bernoulli(m: int) -> Fraction:
    if m == 0:
        return Fraction(1)
    return -sum((comb(m + 1, k) * _bernoulli(k) for k in range(m)), Fraction(0)) / (m + 1)


def _ln_gamma(z: Decimal) -> Decimal:
    """ln Gamma(z) for z > SHORT."""
    total = (z - Decimal("0.5")) * z.ln() - z + LN_2_PI / 2
    n, power, square_ = 1, z, z * z
    while True:
        term = _stirling(n) / power
        if abs(term) < LEAST_TERM:
            return total
        total, power, n = total + term, power * square_, n + 1


@lru_cache(maxsize=100_000)
def _ln_factorial(n: int) -> Decimal:
    with localcontext() as context:
        context.prec = DIGITS + 10
        return Decimal(factorial(n)).ln() if n <= SHORT else _ln_gamma(Decimal(n + 1))


@lru_cache(maxsize=100_000)
def ln_divisors(method: Method, x: int) -> Decimal:
    """The sum of ln d(k) for k = 1 .. x (0 for d(k) = 0): in a time that does not grow with x."""
    if x <= 0:
        return Decimal(0)
    with localcontext() as context:
        context.prec = DIGITS + 10
        if method == "webster":
            if x <= SHORT:
                return Decimal(factorial(2 * x)).ln() - Decimal(factorial(x) * 4**x).ln()
            return _ln_gamma(Decimal(x) + Decimal("0.5")) - LN_PI / 2
        if method == "huntington_hill":
            return _ln_factorial(x) - Decimal(x).ln() / 2
        return _ln_factorial(x if method == "jefferson" else x - 1)


def worth(method: Method, weight: Fraction, x: int) -> Decimal:
    """The worth of a group's first x places."""
    with localcontext() as context:
        context.prec = DIGITS + 10
        return x * ln(weight) - ln_divisors(method, x) if x else Decimal(0)


def total_worth(method: Method, weights: Sequence[Fraction], amounts: Iterable[int]) -> Decimal:
    with localcontext() as context:
        context.prec = DIGITS + 10
        return sum((worth(method, w, x) for w, x in zip(weights, amounts, strict=True) if x), Decimal(0))


def told(value: Decimal) -> Fraction:
    """The worth as it is told: rounded to nine decimal places, once."""
    with localcontext() as context:
        context.prec = DIGITS + 10
        return Fraction(int((value * 10**9).to_integral_value(ROUND_HALF_EVEN)), 10**9)


# The textbook's result ------------------------------------------------------------------------------------------------


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


def _shared(method: Method, weights: Sequence[Fraction], low: Sequence[int], high: Sequence[int], total: int) -> Best:
    """Exactly `total` places: from a guess in floats, places are given and taken by exact comparison of quotients."""
    x = _guess(method, weights, low, high, total)
    given = [(_down(rank(method, weights[g], x[g] + 1)), g, x[g] + 1) for g in range(len(x)) if x[g] < high[g]]
    taken = [(rank(method, weights[g], x[g]), g, x[g]) for g in range(len(x)) if x[g] > low[g]]
    heapq.heapify(given)
    heapq.heapify(taken)
    surplus = sum(x) - total

    def next_place() -> tuple[Rank, int] | None:
        while given and given[0][2] != x[given[0][1]] + 1:
            heapq.heappop(given)
        return (_down(given[0][0]), given[0][1]) if given else None

    def last_place() -> tuple[Rank, int] | None:
        while taken and taken[0][2] != x[taken[0][1]]:
            heapq.heappop(taken)
        return taken[0][:2] if taken else None

    def move(g: int, by: int) -> None:
        x[g] += by
        if x[g] < high[g]:
            heapq.heappush(given, (_down(rank(method, weights[g], x[g] + 1)), g, x[g] + 1))
        if x[g] > low[g]:
            heapq.heappush(taken, (rank(method, weights[g], x[g]), g, x[g]))

    while True:
        up, down = next_place(), last_place()
        if surplus < 0 and up is not None:
            move(up[1], 1)
            surplus += 1
        elif surplus > 0 and down is not None:
            move(down[1], -1)
            surplus -= 1
        elif up is not None and down is not None and up[0] > down[0]:
            move(down[1], -1)
            move(up[1], 1)
        else:
            break
    margin = up[0] if up is not None else down[0] if down is not None else (0, Fraction(1))
    lowest, highest = list(x), list(x)
    if up is not None and down is not None and up[0] == down[0]:
        for g in range(len(x)):
            lowest[g] -= x[g] > low[g] and rank(method, weights[g], x[g]) == margin
            highest[g] += x[g] < high[g] and rank(method, weights[g], x[g] + 1) == margin
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


# Whole numbers for logarithms -----------------------------------------------------------------------------------------


class Logs:
    """Whole numbers near scale x ln(q): the sum over the factors of q of numbers rounded once, so that they add as logarithms do.

    The quotients are given squared. `weights`: whose factors are told apart (what SMALL_PRIMES leave of them).
    """

    def __init__(self, method: Method, weights: Iterable[Fraction]) -> None:
        self.method: Method = method
        left = {_without_small(n) for w in set(weights) for n in (w.numerator, w.denominator) if n}
        self.base = _coprime(sorted(left - {1})) if len(left) <= REFINED else sorted(left - {1})
        self._factors: dict[int, tuple[tuple[int, int], ...]] = {}
        self._numbers: dict[tuple[int, int], int] = {}

    def place(self, weight: Fraction, k: int, scale: int) -> int:
        """The worth of a group's k-th place times the scale."""
        divisor = square(self.method, k)
        doubled = 2 * (self._log(weight.numerator, scale) - self._log(weight.denominator, scale))
        if divisor:
            doubled -= self._log(divisor.numerator, scale) - self._log(divisor.denominator, scale)
        return doubled

    def _log(self, number: int, scale: int) -> int:
        """The logarithm of a number times half the scale (places are reckoned by squares: halves would not be whole)."""
        return sum(e * self._rounded(p, scale) for p, e in self._factored(number))

    def _rounded(self, factor: int, scale: int) -> int:
        key = factor, scale
        if key not in self._numbers:
            with localcontext() as context:
                context.prec = DIGITS
                exact = Decimal(factor).ln() * scale / 2
                self._numbers[key] = int(exact.to_integral_value(ROUND_HALF_EVEN))
        return self._numbers[key]

    def _factored(self, number: int) -> tuple[tuple[int, int], ...]:
        if number not in self._factors:
            found, left = [], number
            for p in (*SMALL_PRIMES, *self.base):
                if left == 1:
                    break
                times = 0
                while left % p == 0:
                    left //= p
                    times += 1
                if times:
                    found.append((p, times))
            if left > 1:
                root = isqrt(left)  # d(k) squared: the factor is that of d(k)
                found.append((root, 2) if root * root == left else (left, 1))
            self._factors[number] = tuple(found)
        return self._factors[number]


def _without_small(number: int) -> int:
    for p in SMALL_PRIMES:
        while number % p == 0:
            number //= p
    return number


def _coprime(numbers: Iterable[int]) -> list[int]:
    """Numbers without a common factor whose products the given ones are."""
    base: list[int] = []
    waiting = list(numbers)
    while waiting:
        m = waiting.pop()
        for i, b in enumerate(base):
            common = gcd(m, b)
            if common > 1:
                del base[i]
                waiting += [n for n in (common, b // common, m // common) if n > 1]
                break
        else:
            base.append(m)
    return sorted(base)
