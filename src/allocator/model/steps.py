"""A group's sum cut into steps of one: what leximin and apportionment count.

Lives here: the helper columns y_{g,a} (1 only if the sum of group g is at least a) and their rows.
Not here: what the steps are worth (objectives/).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.model.query import NO_LIMIT, Groups, Ints, Rows


@dataclass(frozen=True)
class Steps:
    """Steps lower+1 ... upper of each group's sum (entries over cells, plus `fact`); first[g] is the first helper of g.

    Where a sum may lie outside lower .. upper, two more helpers a group carry it: `below` (how far under lower) and
    `above` (how far over upper), each up to the room given; they come after the steps, group by group.
    """

    groups: Groups
    entries: tuple[Ints, Ints, Ints]
    fact: Ints
    lower: Ints
    upper: Ints
    room_below: Ints
    room_above: Ints

    @property
    def size(self) -> Ints:
        size: Ints = np.maximum(self.upper - self.lower, 0)
        return size

    @property
    def first(self) -> Ints:
        before: Ints = np.cumsum(self.size) - self.size
        return before

    def rows(self, *, ordered: bool) -> Rows:
        """sum(cells) + fact - lower = sum of steps + above - below (ordered: >=, and no step before the one below it)."""
        n, total = len(self.groups), int(self.size.sum())
        each = np.arange(n, dtype=np.int64)
        group_of = np.repeat(each, self.size)
        helper = np.arange(total, dtype=np.int64)
        later = np.flatnonzero(helper > self.first[group_of]) if ordered else np.zeros(0, np.int64)
        link = n + np.arange(len(later), dtype=np.int64)
        one = np.ones(len(later), np.int64)
        base = self.lower - self.fact
        row = [self.entries[0], group_of, link, link]
        column = [self.entries[1], -1 - helper, -helper[later], -1 - helper[later]]
        coefficient = [self.entries[2], -np.ones(total, np.int64), one, -one]
        helper_upper = [np.ones(total, np.int64)]
        for room, sign, after in ((self.room_below, 1, total), (self.room_above, -1, total + n)):
            row.append(each)
            column.append(-1 - after - each)
            coefficient.append(np.full(n, sign, np.int64))
            helper_upper.append(room)
        return Rows(
            (*self.groups.labels, *(self.groups.labels[g] for g in group_of[later])),
            np.concatenate([base, np.zeros(len(later), np.int64)]),
            np.concatenate([np.full(n, NO_LIMIT) if ordered else base, np.full(len(later), NO_LIMIT)]),
            np.concatenate(row),
            np.concatenate(column),
            np.concatenate(coefficient),
            helper_upper=np.concatenate(helper_upper),
        )
