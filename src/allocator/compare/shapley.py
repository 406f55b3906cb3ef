"""A difference split exactly over what caused it: Shapley's split over all subsets, or over sampled orders.

Lives here: the arithmetic, exact, over any function of a subset of keys.
Not here: what the keys are and how a subset is solved (split.py).

Shapley (1953): the share of key k is the mean, over all orders in which the keys may come, of what the value changes when k
comes. The shares add up to the whole, a key that never changes anything gets 0, keys that act alike get the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial, sqrt

Subset = frozenset[int]
Values = Sequence[Fraction]  # the figures of one subset, always in the same order
MOST_EXACT = 8  # keys; 2^8 subsets
ORDERS = 60  # sampled where there are more


@dataclass(frozen=True)
class Shares:
    """Per key and figure: its share, and its standard error (0 where all orders were taken).

    interaction[i, j][figure]: Shapley's interaction index of two keys (Grabisch and Roubens 1999): what they change
    together beyond what each changes alone; only pairs with some interaction stand there. orders: how many were sampled;
    None: all subsets.
    """

    share: tuple[tuple[Fraction, ...], ...]
    error: tuple[tuple[float, ...], ...]
    interaction: dict[tuple[int, int], tuple[Fraction, ...]]
    orders: int | None


class NoValue(Exception):
    """A subset has no value (its model has no plan)."""

    def __init__(self, subset: Subset) -> None:
        super().__init__(sorted(subset))
        self.subset = subset


def subsets(keys: int) -> list[Subset]:
    """All of them, small ones first."""
    return [frozenset(chosen) for size in range(keys + 1) for chosen in combinations(range(keys), size)]


def shapley(keys: int, value: Callable[[Subset], Values]) -> Shares:
    """The split over all 2^keys subsets. Raises whatever `value` raises for a subset without a value."""
    held = {subset: tuple(value(subset)) for subset in subsets(keys)}
    figures = range(len(held[frozenset()]))
    share = [[Fraction(0)] * len(figures) for _ in range(keys)]
    for subset, before in held.items():
        for key in range(keys):
            if key not in subset:
                weight = _weight(len(subset), keys)
                after = held[subset | {key}]
                for f in figures:
                    share[key][f] += weight * (after[f] - before[f])
    interaction = {}
    for i, j in combinations(range(keys), 2):
        index = [Fraction(0)] * len(figures)
        for subset, base in held.items():
            if i not in subset and j not in subset:
                weight = _weight(len(subset), keys - 1)
                both, one, two = held[subset | {i, j}], held[subset | {i}], held[subset | {j}]
                for f in figures:
                    index[f] += weight * (both[f] - one[f] - two[f] + base[f])
        if any(index):
            interaction[i, j] = tuple(index)
    none = tuple(tuple(0.0 for _ in figures) for _ in range(keys))
    return Shares(tuple(map(tuple, share)), none, interaction, None)


def sampled(keys: int, value: Callable[[Subset], Values], *, seed: int, orders: int = ORDERS) -> Shares:
    """The mean over `orders` seeded orders: the shares still add up to the whole; each has its standard error."""
    changes: list[list[tuple[Fraction, ...]]] = [[] for _ in range(keys)]
    for number in range(orders):
        order = sorted(range(keys), key=lambda k: hashlib.sha256(f"{seed}/{number}/{k}".encode()).digest())
        come: Subset = frozenset()
        before = tuple(value(come))
        for key in order:
            come |= {key}
            after = tuple(value(come))
            changes[key].append(tuple(a - b for a, b in zip(after, before, strict=True)))
            before = after
    share = tuple(tuple(sum(column, Fraction(0)) / orders for column in zip(*own, strict=True)) for own in changes)
    error = tuple(
        tuple(_error(column, mean) for column, mean in zip(zip(*own, strict=True), means, strict=True))
        for own, means in zip(changes, share, strict=True)
    )
    return Shares(share, error, {}, orders)


def in_order(keys: int, value: Callable[[Subset], Values]) -> list[tuple[Fraction, ...] | None]:
    """What each key changes when the keys come in their own order; None where the subset before or after has no value."""
    found: list[tuple[Fraction, ...] | None] = []
    before: tuple[Fraction, ...] | None = _or_none(value, frozenset())
    for key in range(keys):
        after = _or_none(value, frozenset(range(key + 1)))
        both = before is not None and after is not None
        found.append(tuple(a - b for a, b in zip(after, before, strict=True)) if both else None)  # type: ignore[arg-type]
        before = after
    return found


def _or_none(value: Callable[[Subset], Values], subset: Subset) -> tuple[Fraction, ...] | None:
    try:
        return tuple(value(subset))
    except NoValue:
        return None


def _weight(size: int, keys: int) -> Fraction:
    return Fraction(factorial(size) * factorial(keys - size - 1), factorial(keys))


def _error(changes: Sequence[Fraction], mean: Fraction) -> float:
    n = len(changes)
    return sqrt(float(sum(((c - mean) ** 2 for c in changes), Fraction(0))) / (n - 1) / n) if n > 1 else float("inf")
