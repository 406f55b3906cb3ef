"""Why a group got so many places and not one more: its share, and the ranks of the places beside the last one.

Lives here: `sharings`: of each group of an objective that shares places out one by one, its weight, its own last and next place,
and the last place that was given to anybody and the next that would have been.
Not here: the methods (objectives/divisors.py), the proof that the places are shared out so (certificate/shares.py).

Of largest remainders the weight is the exact share, and no place has a rank: whole parts come first, then the largest remainders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import count
from math import isqrt
from typing import Literal, cast

import numpy as np

from allocator.certificate.chain import Chain
from allocator.certificate.shares import rank
from allocator.model.query import Ints, Label
from allocator.model.shared_out import SharedOut
from allocator.objectives.divisors import Method, Rank, square
from allocator.solve.trace import Required

Held = Literal["most", "least"]
MANY = 20


@dataclass(frozen=True)
class Place:
    """The `number`th place of a group. first: it comes before all others; else `squared`: its quotient, times itself."""

    label: Label
    number: int
    first: bool
    squared: Fraction

    @property
    def rank(self) -> Rank:
        return int(self.first), self.squared


@dataclass(frozen=True)
class Sharing:
    """One group: `amount` of the `places` of its whole. held: at the most or the least that it can have, where it would else have
    more or less. shared: the places that groups which are not held share; exact: its share of these in proportion to its weight.

    last, next: its own last place and the one after it; None where it can have no less or no more. given: of all groups of the
    whole the place that was given last, refused: the one that would have been next.
    """

    objective: str
    method: str
    label: Label
    weight: Fraction
    amount: int
    places: int
    held: Held | None
    shared: int
    exact: Fraction
    last: Place | None
    next: Place | None
    given: Place | None
    refused: Place | None

    @cached_property
    def divisor(self) -> Fraction | None:
        """What every weight of the whole, divided by it and rounded by the method, gives as places: the one with the fewest
        decimals; None where the last places were given in another way.

        It lies between the quotients of the last place that was given and of the next one. Where these are the same, it is
        that quotient, a root up to MANY decimals.
        """
        if self.given is None or self.given.first or self.method == "largest_remainder":
            return None
        most = self.given.squared
        least = Fraction(0) if self.refused is None else self.refused.squared
        if least >= most:
            root = Fraction(isqrt(most.numerator), isqrt(most.denominator))
            return root if root * root == most else _down(most, MANY)
        return next(found for digits in count(-9) if least < (found := _down(most, digits)) ** 2 < most)

    @property
    def quotient(self) -> Fraction | None:
        """The weight over the divisor, where that rounded by the method is the amount."""
        if self.divisor is None:
            return None
        own, method = self.weight / self.divisor, cast(Method, self.method)
        least = square(method, self.amount) if self.amount else Fraction(0)
        return own if least <= own * own <= square(method, self.amount + 1) else None


def _down(squared: Fraction, digits: int) -> Fraction:
    """The largest number with so many decimals below a root; one with -2 decimals is a whole number of hundreds."""
    step = Fraction(10) ** -digits
    steps = squared / step**2
    root = isqrt(steps.numerator // steps.denominator)
    return (root - (root * root == steps)) * step


def sharings(chain: Chain) -> tuple[Sharing, ...]:
    """Of every group that has a weight."""
    found: list[Sharing] = []
    for name, proved in zip(chain.names, chain.proved, strict=True):
        step = proved.step
        if isinstance(step, Required) and step.because is not None:
            made = np.zeros(len(step.rows.lower), np.int64)
            np.add.at(made, step.rows.row, step.rows.coefficient * chain.x[step.rows.column])
            found += _of(name, step.because, step.rows.labels, made)
    return tuple(found)


def _of(name: str, out: SharedOut, labels: Sequence[Label], made: Ints) -> Iterator[Sharing]:
    for members in out.wholes:
        own = {
            g: (_place(out, labels[g], g, int(made[g])), _place(out, labels[g], g, int(made[g]) + 1)) for g in members
        }
        last = {g: own[g][0] for g in members if made[g] > out.low[g]}
        next_ = {g: own[g][1] for g in members if made[g] < out.high[g]}
        given = min(last.values(), key=lambda place: place.rank, default=None)
        refused = max(next_.values(), key=lambda place: place.rank, default=None)
        held: dict[int, Held] = {}
        for g in members:
            if given is not None and g not in next_ and own[g][1].rank > given.rank:
                held[g] = "most"
            elif refused is not None and g not in last and made[g] and own[g][0].rank < refused.rank:
                held[g] = "least"
        places, free = int(made[list(members)].sum()), [g for g in members if g not in held]
        shared = places - sum(int(made[g]) for g in held)
        total = sum((out.weights[g] for g in free), Fraction(0))
        for g in members:
            weight = out.weights[g]
            if weight > 0:
                exact = weight if out.method == "largest_remainder" else weight * shared / (total or 1)
                beside = last.get(g), next_.get(g), given, refused
                yield Sharing(
                    name, out.method, labels[g], weight, int(made[g]), places, held.get(g), shared, exact, *beside
                )


def _place(out: SharedOut, label: Label, group: int, number: int) -> Place:
    order, squared = rank(out.method, out.weights[group], number)
    return Place(label, number, bool(order), squared)
