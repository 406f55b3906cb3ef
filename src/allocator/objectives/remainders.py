"""The method of the largest remainder, exactly: exact shares under floors and caps, and who gets the spare places.

Lives here: the least and the most that a group can get as declared, its exact share, the textbook's result.
Not here: the objective (apportion.py), what is asked where other rules interfere (there).

The places of a whole are shared in proportion to the weights among the groups that can be awarded. Who would get more than its
cap gets the cap, who would get less than its floor gets the floor, and the rest is shared anew among the others: the shares are
min(cap, max(floor, m x weight)) with the one multiplier m that gives out all places. Each group first gets the whole part of its
share; the spare places go to the largest remainders, one each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from allocator.model.query import Groups, Tables
from allocator.rules.total import cells_in


@dataclass(frozen=True)
class Room:
    """What each group can get at least and at most by what is declared of it alone; `most` is at most 0 where nobody can."""

    least: list[int]
    most: list[int]


def room(q: Tables, groups: Groups, of: Sequence[str], places: int) -> Room:
    """From who is eligible, what is signed, and the rules that bound what one unit or exactly one group gets."""
    cells = cells_in(q, groups)
    mine = {cell for held in cells for cell in held}
    chosen = set(q.selections(of))
    least: dict[frozenset[tuple[str, str, int]], Fraction] = {}
    most: dict[frozenset[tuple[str, str, int]], Fraction] = {
        frozenset({cell}): Fraction(1) for cell in mine if cell[1] in chosen
    }
    for rule in q.rules_in_force():
        for cap in rule.caps(q) if rule.soft is None else ():
            if cap.at_least is not None:
                least[cap.cells] = max(least.get(cap.cells, cap.at_least), cap.at_least)
            if cap.at_most is not None:
                most[cap.cells] = min(most.get(cap.cells, cap.at_most), cap.at_most)
    low, high = [], []
    for held in cells:
        alone = [frozenset({cell}) for cell in held]
        floors = sum(max(ceil(least.get(one, 0)), 0) for one in alone)
        caps = sum(max(min(floor(most.get(one, places)), places), 0) for one in alone)
        low.append(max(floors, ceil(least.get(held, 0))) if held else 0)
        high.append(min(caps, max(floor(most.get(held, places)), 0), places) if held else 0)
    return Room(low, high)


def exact_shares(weights: Sequence[Fraction], least: Sequence[int], most: Sequence[int], places: int) -> list[Fraction]:
    """min(most, max(least, m x weight)) with the m that gives out all places; the nearest to it where there is none."""
    shares = [Fraction(0)] * len(weights)
    ends: list[tuple[Fraction, Fraction]] = []  # at this m the sum begins to grow by so much more
    total = Fraction(0)
    for g, weight in enumerate(weights):
        low, high = min(least[g], most[g]), most[g]
        total += low
        if weight > 0 and high > low:
            ends += [(low / weight, weight), (high / weight, -weight)]
    multiplier, slope, at = Fraction(0), Fraction(0), total
    for m, change in sorted(ends):
        if at + slope * (m - multiplier) >= places:
            break
        at += slope * (m - multiplier)
        multiplier, slope = m, slope + change
    if slope > 0 and at < places:
        multiplier += (places - at) / slope
    for g, weight in enumerate(weights):
        low, high = min(least[g], most[g]), most[g]
        shares[g] = min(Fraction(high), max(Fraction(low), multiplier * weight)) if weight > 0 else Fraction(low)
    return shares


def textbook(shares: Sequence[Fraction]) -> tuple[list[int], list[int]] | None:
    """The least and the most that each group can get in a textbook result: they differ where remainders are equal.

    None where the shares do not add up to whole places.
    """
    total = sum(shares, Fraction(0))
    if total.denominator != 1:
        return None
    low = [floor(share) for share in shares]
    spare = int(total) - sum(low)
    high = list(low)
    order = sorted(range(len(shares)), key=lambda g: low[g] - shares[g])
    if spare:
        last = shares[order[spare - 1]] - low[order[spare - 1]]
        for g in order:
            remainder = shares[g] - floor(shares[g])
            if remainder > last:
                low[g] += 1
                high[g] += 1
            elif remainder == last:
                high[g] += 1
        if sum(high) == int(total):
            low = list(high)
    return low, high
