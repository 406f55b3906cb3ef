"""Plans near a plan: a few columns change by one each, and every row still holds. Found without a solver.

Lives here: looking for such exchanges.
Not here: what other plans are asked for (draw.py), the proof that there are no more of them (a solver's).

A change of one column may break rows; another one mends the first of them, may break others, and so on, up to LONGEST changes.
Of many unfinished exchanges those go on that cost least by the prices of the rows. What is found is sure, in whole numbers;
what is not found may be there all the same.
"""

from __future__ import annotations

import numpy as np

from allocator.model.query import NO_LIMIT, Flags, Ints
from allocator.solve.subproblem import Prices, Subproblem
from allocator.solve.symmetry import FEW, mixed

LONGEST = 6  # three pairs: three units change places
ROOM = 10**6  # figures that are held at once: rows times unfinished exchanges
CHOICE = 10**5  # next changes that are weighed at once


def exchanges(part: Subproblem, plan: Ints, prices: Prices | None) -> tuple[Ints, Ints]:
    """Columns, and the amount of each in some plan near this one that satisfies the part.

    prices: prove what no plan can cost less than; an exchange that takes its prices beyond the cost of this plan is left.
    """
    steps = _Steps(part, plan, prices)
    chain, effect, price = np.arange(len(steps.column), dtype=np.int64)[:, None], steps.effect, steps.price
    columns, amounts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for length in range(1, LONGEST + 1):
        below, above = steps.broken(effect)
        broken = (below | above).any(axis=1)
        done = np.unique(chain[~broken])
        columns.append(steps.column[done])
        amounts.append(plan[steps.column[done]] + steps.way[done])
        open_ = np.flatnonzero(broken)
        if length == LONGEST or not len(open_):
            break
        origin, step = steps.mending(below[open_], above[open_])
        origin = open_[origin]
        kept = steps.worth_while(chain[origin], step, price[origin] + steps.price[step])
        origin, step = origin[kept], step[kept]
        chain = np.column_stack([chain[origin], step])
        effect, price = effect[origin] + steps.effect[step], price[origin] + steps.price[step]
    return np.concatenate(columns), np.concatenate(amounts)


def worth_trying(part: Subproblem) -> bool:
    """Whether looking for exchanges is less work than asking a solver."""
    return len(part.cost) > FEW and 2 * len(part.cost) * part.matrix.height <= ROOM


class _Steps:
    """Every change of one column by one: what it does to the rows, what it costs by the prices, which changes mend a row."""

    def __init__(self, part: Subproblem, plan: Ints, prices: Prices | None) -> None:
        up, down = np.flatnonzero(plan < part.upper), np.flatnonzero(plan > part.lower)
        self.column = np.concatenate([up, down]).astype(np.int64)
        self.way = np.repeat(np.array([1, -1], np.int64), [len(up), len(down)])
        self.wide = min(ROOM // max(part.matrix.height, 1), CHOICE // 10)
        self.most = NO_LIMIT if prices is None else part.value(plan) * prices.scale - prices.bound
        self.price = np.zeros(len(self.column), np.int64) if prices is None else prices.reduced[self.column] * self.way
        matrix = part.matrix
        entries = np.zeros((len(plan), matrix.height), np.int64)
        entries[matrix.column, matrix.row] = matrix.value
        self.effect = entries[self.column] * self.way[:, None]
        activity = matrix.times(plan)
        self.low = np.where(part.row_lower > -NO_LIMIT, part.row_lower - activity, -NO_LIMIT)
        self.high = np.where(part.row_upper < NO_LIMIT, part.row_upper - activity, NO_LIMIT)
        self.order = np.argsort(np.diff(matrix.start), kind="stable")  # short rows first: few changes mend them
        rises, falls = np.nonzero(self.effect.T > 0), np.nonzero(self.effect.T < 0)
        key = np.concatenate([2 * rises[0], 2 * falls[0] + 1])
        self.menders = np.concatenate([rises[1], falls[1]])[np.argsort(key, kind="stable")]
        self.start = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=2 * matrix.height))])

    def broken(self, effect: Ints) -> tuple[Flags, Flags]:
        """The rows that fall below their bound, and those that rise above it."""
        return effect < self.low, effect > self.high

    def mending(self, below: Flags, above: Flags) -> tuple[Ints, Ints]:
        """For each exchange every change that mends the first row that it breaks: the exchange, the change."""
        first = self.order[np.argmax((below | above)[:, self.order], axis=1)]
        key = 2 * first + np.where(below[np.arange(len(first)), first], 0, 1)
        size = self.start[key + 1] - self.start[key]
        size[np.cumsum(size) > CHOICE] = 0  # the cheapest stand first
        origin = np.repeat(np.arange(len(first)), size)
        place = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        return origin, self.menders[np.repeat(self.start[key], size) + place]

    def worth_while(self, chain: Ints, step: Ints, price: Ints) -> Ints:
        """Those that change no column twice and can still be as good as the plan, each once, the cheapest of them."""
        other = (self.column[chain] != self.column[step][:, None]).all(axis=1)
        kept = np.flatnonzero(other & (price <= self.most))
        whole = np.column_stack([chain[kept], step[kept]])
        prints = mixed(whole.astype(np.uint64)).sum(axis=1)
        kept = kept[np.unique(prints, return_index=True)[1]]
        return kept[np.argsort(price[kept], kind="stable")[: self.wide]]
