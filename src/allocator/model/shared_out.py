"""What proves, for whoever checks, that rows of an objective keep every best plan: places shared out one by one.

Lives here: the methods' weights and wholes, as an objective states them.
Not here: the shares (objectives/apportion.py), the proof (certificate/shares.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class SharedOut:
    """Why rows keep every best plan: the places of a whole go one by one to the group whose next place ranks highest.

    The first rows are those of the groups, in order. method: a divisor method, or largest_remainder; weights: of the groups
    (largest_remainder: their exact shares); wholes: groups whose total is the same in every plan; low, high: what a group can
    have at least and at most.
    """

    method: str
    weights: tuple[Fraction, ...]
    wholes: tuple[tuple[int, ...], ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
