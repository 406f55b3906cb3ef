"""What each group gets in all, as rows: within bounds, or made of pieces that have a price each.

Lives here: the sums of groups, rows that bound them and totals of them, rows that tie a sum to pieces above and below a plan.
Not here: which bounds and which pieces (spread.py, given_up.py, remainders.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocator.model.query import Groups, Ints, Rows

LN_SCALE = 10**9  # of logarithms as prices of pieces, at first
ROOM = 2.0**60  # what a stage can come to stays below this


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

    def members(self) -> tuple[tuple[int, ...], ...]:
        """The groups of each whole."""
        return tuple(tuple(np.flatnonzero(self.whole == h).tolist()) for h in np.unique(self.whole))

    def joined(self, whole: Ints) -> tuple[Ints, Ints, Ints]:
        """The entries of the wholes that groups belong to."""
        return whole[self.entries[0]], self.entries[1], self.entries[2]


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


def piece_rows(sums: GroupSums, base: Sequence[int], pieces: Sequence[tuple[int, int, int, int]]) -> Rows:
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
