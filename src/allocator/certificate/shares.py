"""That rows which share places out keep every best plan: the places of a whole rank on both sides of one margin.

Lives here: `shared`: the margins, and the claims about totals and about groups that can have no more or no less.
Not here: the shares themselves (objectives/apportion.py), what proves a claim (prove.py).

Each place of a group has a rank, lower from place to place. Where a whole has so many places in every plan, one is best if no
group would rather have a place (rank above the margin) that another one holds (rank below): moving places then gains nothing. A
group that can have no more in any plan may have its next place above the margin, one that can have no less its last one below.
Best plans differ only in places that rank exactly at the margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocator.certificate.prove import Proof, prove
from allocator.certificate.system import System
from allocator.model.query import Ints, Rows
from allocator.model.shared_out import SharedOut
from allocator.objectives.divisors import Rank
from allocator.objectives.divisors import rank as divided
from allocator.solve.duality import priced
from allocator.solve.subproblem import Clock


@dataclass(frozen=True)
class Shared:
    """margins: of each whole. totals: that it has no less and no more. ends: (group, 1: no more, -1: no less, its proof)."""

    margins: tuple[Rank, ...]
    totals: tuple[tuple[Proof, Proof], ...]
    ends: tuple[tuple[int, int, Proof], ...]

    @property
    def proofs(self) -> list[Proof]:
        return [*(proof for pair in self.totals for proof in pair), *(proof for _, _, proof in self.ends)]


def rank(method: str, weight: Fraction, k: int) -> Rank:
    """Of a group's k-th place. Of largest remainders, the weight is the exact share: what the place brings nearer to it."""
    if method == "largest_remainder":
        return 0, abs(k - 1 - weight) - abs(k - weight)
    return divided(method, weight, k)  # type: ignore[arg-type]


def shared(system: System, rows: Rows, out: SharedOut, x: Ints, clock: Clock) -> Shared | None:
    """The proof for these rows, which the system does not have yet; None where something has none."""
    gid = rows.row
    made = np.zeros(len(rows.lower), np.int64)
    np.add.at(made, gid, rows.coefficient * x[rows.column])

    side = np.where(rows.coefficient > 0, system.lower[rows.column], system.upper[rows.column])
    least = np.zeros_like(made)
    np.add.at(least, gid, rows.coefficient * side)

    alike = _Alike(system, rows)

    def claim(groups: Ints, sign: int) -> Proof:
        inside = np.isin(gid, groups)
        column, value = rows.column[inside], rows.coefficient[inside]
        own = alike.proof(column, value, sign, int(made[groups].sum()))
        if own is not None:
            return own
        cost = np.zeros(system.columns, np.int64)
        np.add.at(cost, column, sign * value)
        return prove(system, cost, x[: system.columns], clock)

    margins: list[Rank] = []
    totals: list[tuple[Proof, Proof]] = []
    ends: list[tuple[int, int, Proof]] = []
    for members in out.wholes:
        found = _margin(out, members, made)
        if found is None:
            return None
        margin, no_more, no_less = found
        margins.append(margin)
        totals.append((claim(np.array(members), 1), claim(np.array(members), -1)))
        ends += [(g, 1, claim(np.array([g]), -1)) for g in no_more]
        ends += [(g, -1, claim(np.array([g]), 1)) for g in no_less if made[g] > least[g]]  # else the bounds say it
    told = Shared(tuple(margins), tuple(totals), tuple(ends))
    return told if all(proof.gap == 0 for proof in told.proofs) else None


class _Alike:
    """The rows of a system by what they sum: most claims about a sum are what one row of it says."""

    def __init__(self, system: System, rows: Rows) -> None:
        self.system = system
        self.rows: dict[tuple[bytes, bytes], list[int]] = {}
        of_interest = np.zeros(system.columns, np.bool_)
        of_interest[rows.column] = True
        outside = np.bincount(system.matrix.row[~of_interest[system.matrix.column]], minlength=system.matrix.height)
        for r in np.flatnonzero(outside == 0).tolist():
            own = slice(int(system.matrix.start[r]), int(system.matrix.start[r + 1]))
            key = _key(system.matrix.column[own], system.matrix.value[own])
            self.rows.setdefault(key, []).append(r)

    def proof(self, column: Ints, value: Ints, sign: int, made: int) -> Proof | None:
        """That sign times the sum is at least what is made of it; None where no row says so."""
        for r in self.rows.get(_key(column, value), ()):
            if (self.system.row_lower if sign > 0 else self.system.row_upper)[r] == made:
                cost = np.zeros(self.system.columns, np.int64)
                cost[column] = sign * value
                price = np.zeros(self.system.matrix.height, np.int64)
                price[r] = sign
                found = priced(self.system.whole(cost), price, 1)
                return Proof((), found) if found is not None and found.least >= sign * made else None
        return None


def _key(column: Ints, value: Ints) -> tuple[bytes, bytes]:
    order = np.argsort(column, kind="stable")
    return column[order].tobytes(), value[order].tobytes()


def _margin(out: SharedOut, members: tuple[int, ...], made: Ints) -> tuple[Rank, list[int], list[int]] | None:
    """The margin of a whole; the groups that must have no more, as their next place ranks high enough; and no less."""
    above = {g: rank(out.method, out.weights[g], int(made[g]) + 1) for g in members if made[g] < out.high[g]}
    below = {g: rank(out.method, out.weights[g], int(made[g])) for g in members if made[g] > out.low[g]}
    up, down = max(above.values(), default=None), min(below.values(), default=None)
    if up is not None and down is not None and up > down:
        return None
    margin = _between(up, down)
    tops = [g for g in members if g not in above and _at(out, g, int(made[g]) + 1) >= margin]
    bottoms = [g for g in members if g not in below and _at(out, g, int(made[g])) <= margin]
    return margin, tops, bottoms


def _at(out: SharedOut, g: int, k: int) -> Rank:
    return rank(out.method, out.weights[g], k)


def _between(up: Rank | None, down: Rank | None) -> Rank:
    """A rank from the one to the other, strictly between them where there is room."""
    if up is None or down is None:
        end = up or down or (0, Fraction(0))
        return (end[0], end[1] + (1 if down is None else -1)) if up or down else end
    if up[0] == down[0]:
        return up[0], (up[1] + down[1]) / 2
    return up[0], up[1] + 1
