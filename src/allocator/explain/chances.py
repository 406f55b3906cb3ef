"""The chance of each tied unit in the draw: exact where few orders are possible, else of seeded orders with its error.

Lives here: chances as figures.
Not here: drawing again (solve/draws.py), how they are shown (report/chances.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from allocator.solve.draws import Outcomes

Z = 1.96  # 95 % of a normal distribution lie within so many standard errors


@dataclass(frozen=True)
class Chance:
    """Of one unit in a program, in one year or (None) over all: the share of orders in which it gets each amount.

    planned: what the plan gives it; exact: all orders were tried.
    """

    unit: str
    program: str
    period: int | None
    planned: int
    amounts: Mapping[int, Fraction]
    orders: int
    exact: bool

    @property
    def some(self) -> Fraction:
        """The chance of more than nothing."""
        return 1 - self.amounts.get(0, Fraction(0))

    @property
    def varies(self) -> bool:
        return len(self.amounts) > 1

    def between(self, amount: int | None = None) -> tuple[float, float] | None:
        """The interval that holds the chance of an amount (None: of more than nothing) with 95 %; None where it is exact.

        Wilson's score interval (JASA 22, 1927).
        """
        if self.exact:
            return None
        share, n = float(self.some if amount is None else self.amounts.get(amount, 0)), self.orders
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def chances(outcomes: Sequence[Outcomes], planned: Mapping[tuple[str, str, int], int]) -> tuple[Chance, ...]:
    """planned: the amounts of the plan, by cell."""
    return tuple(
        Chance(
            one.unit,
            one.program,
            one.period,
            _planned(one, planned),
            {amount: Fraction(count, one.orders) for amount, count in one.amounts.items()},
            one.orders,
            one.all,
        )
        for one in outcomes
    )


def _planned(one: Outcomes, planned: Mapping[tuple[str, str, int], int]) -> int:
    if one.period is not None:
        return planned.get((one.unit, one.program, one.period), 0)
    return sum(amount for (unit, program, _), amount in planned.items() if (unit, program) == (one.unit, one.program))
