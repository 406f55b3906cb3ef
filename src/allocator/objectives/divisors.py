"""The divisor methods, exactly: what a place is worth, and whole numbers that stand for logarithms.

Lives here: d(k), the rank of a place, the worth of any number of places in closed form, prices of places.
Not here: the objective (apportion.py), the best plans (best_places.py), what is asked where other rules interfere (spread.py).

The k-th place of a group of weight w is worth ln(w / d(k)): d(k) = k - 1/2 Webster, sqrt(k(k-1)) Huntington-Hill, k Jefferson,
k - 1 Adams. Where d(1) = 0 the first place comes before all others, and is worth ln(w) among its like.

Quotients are compared as fractions, w^2 / d(k)^2: nothing is rounded there. Where sums of logarithms must be compared, the
logarithm of a quotient is put together from those of the factors of w and d(k), each rounded once: equal products have equal
sums, and the scale is made fine enough that unequal quotients keep their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, gcd, isqrt
from typing import Literal

Method = Literal["webster", "huntington_hill", "jefferson", "adams"]
# The quality of a place: first places before others where d(1) = 0, then the quotient squared.
Rank = tuple[int, Fraction]

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
