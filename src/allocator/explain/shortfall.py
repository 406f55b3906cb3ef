"""Bounds that nothing can meet, in numbers: needs 12, at most 9 possible; the rows come to 9, the columns to 10.

Lives here: the least and the most that a row's sum can be, by the bounds of its cells alone or with one other rule.
Not here: the search for rules that cannot hold together (conflict.py), any solver.

The most of a row: every cell at its own upper bound. With another rule whose rows say "at most U of these cells", each cell is
counted under one of those rows and the cells under it come to U at most (times the largest coefficient). The least likewise.
The rows of one rule added up are tried as one row more: what all its groups need together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice

import numpy as np

from allocator.database.judged import place_of
from allocator.faults import Notice
from allocator.model.query import NO_LIMIT, Flags, Ints, Label
from allocator.model.rule import Judged, Rule
from allocator.problem import Problem
from allocator.problem.arrays import Matrix
from allocator.words import Say

MOST_TRIED = 200_000_000  # entries looked at, all pairs of rules together: a second or two
MOST_SUMMED = 2.0**52  # sums stay exact below this


@dataclass(frozen=True)
class Shortfall:
    """One group of a rule (None: all of them together) that cannot be what it must, and by which other rule that is so.

    `needs_more`: at least `bound` is asked and at most `possible` can be; else at most `bound` is asked and `possible` is
    the least that there will be. `because` is None where the cells' own bounds do not allow it. `others`: where all other
    rules of the conflict hold. Of a rule whose bound moves with what is awarded `possible` is by how much it is missed at least.
    """

    rule: Rule
    label: Label | None
    bound: Fraction
    possible: Fraction
    needs_more: bool
    because: Rule | None
    others: bool = False


def shortfalls(
    problem: Problem, rows: Ints, lower: Ints, upper: Ints, open_ended: Flags | None = None
) -> list[Shortfall]:
    """What of these rows cannot be met under these bounds of the columns, in order of the rows; each group once.

    `open_ended`: columns whose upper bound is none that a rule states.
    """
    found = _ShortfallSearch(problem, rows, lower, upper, open_ended).all()
    seen: dict[tuple[str, Label | None], Shortfall] = {}
    for one in found:
        seen.setdefault((one.rule.id, one.label), one)
    return list(seen.values())


class _ShortfallSearch:
    def __init__(self, problem: Problem, rows: Ints, lower: Ints, upper: Ints, open_ended: Flags | None) -> None:
        self.problem, self.rows = problem, rows
        hard = np.array([rule.soft is None for rule in problem.rules], np.bool_)
        rule = problem.row_rule[rows]
        self.rows = rows[(rule >= 0) & hard[rule]]
        self.rule = problem.row_rule[self.rows]
        self.matrix = problem.matrix.select(self.rows)
        self.low, self.high = problem.row_lower[self.rows], problem.row_upper[self.rows]
        self.lower, self.upper = lower, upper
        self.open = np.zeros(len(upper), np.bool_) if open_ended is None else open_ended
        self.judged: dict[int, dict[Label, Judged]] = {}

    def all(self) -> list[Shortfall]:
        """What the first of the ways shows that shows anything: cells alone, with another rule, all groups together."""
        for way in (self._alone, self._with_others):
            found = list(way())
            if found:
                return found
        return list(islice(self._all_together(), 1))  # two totals that differ are one thing, whichever is named first

    def _alone(self) -> Iterator[Shortfall]:
        for needs_more in (True, False):
            yield from self._of(self.matrix, self.low, self.high, self.rule, self._one, needs_more, None)

    def _with_others(self) -> Iterator[Shortfall]:
        for other in self._others:
            for needs_more in (True, False):
                yield from self._of(self.matrix, self.low, self.high, self.rule, self._one, needs_more, other)

    def _all_together(self) -> Iterator[Shortfall]:
        sums = [one for rule in np.unique(self.rule) if (one := self._summed(int(rule))) is not None]
        for other in self._others:
            for rule, matrix, low, high in sums:
                for needs_more in (True, False):
                    of = np.array([rule], np.int64)
                    yield from self._of(matrix, low, high, of, self._together, needs_more, other)

    @cached_property
    def _others(self) -> list[tuple[int, ...]]:
        """The rules that are tried beside a row: each by itself, the quotas (and so on) of one family together."""
        model, held = self.problem.model, self.problem.rules
        alike: dict[tuple[str, str], list[int]] = {}
        for rule in np.unique(self.rule).tolist():
            family = model.family_of.get(str(getattr(held[rule], "program", None)))
            alike.setdefault((held[rule].kind, family) if family else ("", held[rule].id), []).append(rule)
        few = len(alike) > 1 and len(alike) * len(self.matrix.value) <= MOST_TRIED
        return [tuple(rules) for rules in alike.values()] if few else []

    def _of(
        self,
        matrix: Matrix,
        low: Ints,
        high: Ints,
        rule: Ints,
        told: Callable[[int, int, int, bool, tuple[int, ...] | None], Shortfall | None],
        needs_more: bool,
        other: tuple[int, ...] | None,
    ) -> Iterator[Shortfall]:
        if not self._exact(matrix):
            return
        ends = self._ends(matrix, rule, needs_more, other)
        bad = (low > -NO_LIMIT) & (ends < low) if needs_more else (high < NO_LIMIT) & (ends > high)
        for r in np.flatnonzero(bad):
            one = told(int(r), int(rule[r]), int(ends[r]), needs_more, other)
            if one is not None:
                yield one

    def _exact(self, matrix: Matrix) -> bool:
        """Whether every sum here, and every product with a bound, stays exact."""
        largest = np.maximum(np.abs(self.lower), np.abs(self.upper))[matrix.column].astype(np.float64)
        reach = np.bincount(matrix.row, np.abs(matrix.value) * largest, minlength=1)
        limits = [np.abs(limit[np.abs(limit) < NO_LIMIT]).max(initial=0) for limit in (self.low, self.high)]
        return max(float(reach.max()), float(max(limits)) * float(np.abs(matrix.value).max(initial=1))) < MOST_SUMMED

    def _ends(self, matrix: Matrix, rule: Ints, most: bool, other: tuple[int, ...] | None) -> Ints:
        """The most (or the least) that each row's sum can come to; beyond every bound where it is open-ended."""
        row, column, value = matrix.row, matrix.column, matrix.value
        ends = np.stack([value * self.lower[column], value * self.upper[column]])
        part = ends.max(axis=0) if most else ends.min(axis=0)
        endless = self.open[column] & ((value > 0) if most else (value < 0))
        if other is not None:
            part, endless = self._with(other, row, column, value, part, endless, most, rule)
        total = np.zeros(matrix.height, np.int64)
        np.add.at(total, row, part)
        total[row[endless]] = NO_LIMIT if most else -NO_LIMIT
        return total

    def _with(
        self,
        other: tuple[int, ...],
        row: Ints,
        column: Ints,
        value: Ints,
        part: Ints,
        endless: Flags,
        most: bool,
        rule: Ints,
    ) -> tuple[Ints, Flags]:
        """The same where the cells of one row of the other rule come to what that row allows (or asks) together."""
        own = np.flatnonzero(np.isin(self.rule, other))
        rows = self.matrix.select(own)
        ones = np.ones(len(own), np.bool_)
        entry_row = rows.row
        np.logical_and.at(ones, entry_row, (rows.value == 1) & (self.lower[rows.column] >= 0))
        limit = self.high[own] if most else self.low[own]
        ones &= np.abs(limit) < NO_LIMIT
        under = np.full(len(self.upper), -1, np.int64)  # the first such row of each column
        backwards = np.flatnonzero(ones[entry_row])[::-1]
        under[rows.column[backwards]] = entry_row[backwards]
        counted = (under[column] >= 0) & (value > 0) & ~np.isin(rule[row], other)
        if not counted.any():
            return part, endless
        pair = row[counted] * len(own) + under[column[counted]]
        pairs, place = np.unique(pair, return_inverse=True)
        largest = np.zeros(len(pairs), np.int64)
        smallest = np.full(len(pairs), NO_LIMIT)
        together, size = np.zeros(len(pairs), np.int64), np.bincount(place)
        np.maximum.at(largest, place, value[counted])
        np.minimum.at(smallest, place, value[counted])
        np.add.at(together, place, part[counted])
        limits = limit[pairs % len(own)]
        if most:
            loose = np.zeros(len(pairs), np.bool_)
            np.logical_or.at(loose, place, endless[counted])
            capped = np.where(loose, limits * largest, np.minimum(together, limits * largest))
        else:
            whole = size == np.diff(rows.start)[pairs % len(own)]  # all cells of that row are in this one
            capped = np.where(whole, np.maximum(together, limits * smallest), together)
        part, endless = part.copy(), endless.copy()
        part[counted] = 0
        endless[counted] = False
        first = np.full(len(pairs), -1, np.int64)
        first[place[::-1]] = np.flatnonzero(counted)[::-1]
        part[first] += capped
        return part, endless

    # In declared figures ----------------------------------------------------------------------------------------------

    def _summed(self, rule: int) -> tuple[int, Matrix, Ints, Ints] | None:
        """All rows of a rule as one; None where they are not of one scale, or there is only one."""
        own = np.flatnonzero(self.rule == rule)
        if len(own) < 2 or len({self._unit(int(r)) for r in own}) > 1:
            return None
        rows = self.matrix.select(own)
        one = Matrix.of(1, np.zeros(len(rows.column), np.int64), rows.column, rows.value)
        low, high = self.low[own], self.high[own]
        total_low = int(low.sum()) if (low > -NO_LIMIT).all() else -NO_LIMIT
        total_high = int(high.sum()) if (high < NO_LIMIT).all() else NO_LIMIT
        return rule, one, np.array([total_low]), np.array([total_high])

    def _unit(self, r: int) -> Fraction:
        """What one in a row stands for among declared figures."""
        row = self.rows[r]
        return Fraction(int(self.problem.row_factor[row]), int(self.problem.row_scale[row]))

    def _asked(self, rule: int) -> dict[Label, Judged]:
        """What the rule asks of each of its groups, and what is there before anything is awarded."""
        if rule not in self.judged:
            self.judged[rule] = {one.label: one for one in self.problem.rules[rule].audit(self.problem.tables)}
        return self.judged[rule]

    def _one(self, r: int, rule: int, end: int, needs_more: bool, other: tuple[int, ...] | None) -> Shortfall | None:
        label = self.problem.row_label[self.rows[r]]
        asked = self._asked(rule).get(label)
        bound = None if asked is None else asked.at_least if needs_more else asked.at_most
        if asked is None or bound is None or asked.found is None or self.problem.rules[rule].bound_moves:
            return None
        return self._told(rule, label, bound, asked.found + end * self._unit(r), needs_more, other)

    def _together(
        self, _r: int, rule: int, end: int, needs_more: bool, other: tuple[int, ...] | None
    ) -> Shortfall | None:
        own = np.flatnonzero(self.rule == rule)
        labels = {self.problem.row_label[self.rows[r]] for r in own}
        asked = [self._asked(rule).get(label) for label in labels]
        bounds = [None if one is None else one.at_least if needs_more else one.at_most for one in asked]
        there = [None if one is None else one.found for one in asked]
        if None in bounds or None in there or len(labels) < len(own) or self.problem.rules[rule].bound_moves:
            return None
        bound = sum((one for one in bounds if one is not None), Fraction(0))
        found = sum((one for one in there if one is not None), Fraction(0))
        return self._told(rule, None, bound, found + end * self._unit(int(own[0])), needs_more, other)

    def _told(
        self,
        rule: int,
        label: Label | None,
        bound: Fraction,
        possible: Fraction,
        needs_more: bool,
        other: tuple[int, ...] | None,
    ) -> Shortfall | None:
        if (
            (possible >= bound) if needs_more else (possible <= bound)
        ):  # a soft end or another scale: nothing is claimed
            return None
        because = None if other is None else self.problem.rules[other[0]]
        return Shortfall(self.problem.rules[rule], label, bound, possible, needs_more, because)


def never(problem: Problem) -> list[Notice]:
    """A notice for each rule of a model that can never hold, with the numbers of the first of its groups."""
    every = np.arange(problem.matrix.height, dtype=np.int64)
    by_rule: dict[str, list[Shortfall]] = {}
    for one in shortfalls(problem, every, problem.lower, problem.upper):
        by_rule.setdefault(one.rule.id, []).append(one)
    found = []
    for rule, short in sorted(by_rule.items()):
        first = short[0]
        where = Say("notices.never.together")
        label = "" if not first.label else ", ".join(map(str, first.label))
        params = {
            "rule": rule,
            "bound": first.bound,
            "possible": first.possible,
            "where": where if first.label is None else Say("notices.never.in", {"label": label}) if label else "",
            "because": Say("notices.never.under", {"rule": first.because.id}) if first.because else "",
            "more": Say("notices.never.more", {"count": len(short) - 1}) if len(short) > 1 else "",
        }
        place = problem.model.place(*place_of(problem.model, first.rule))
        if first.needs_more:
            found.append(Notice("never-enough", place, params))
        else:
            found.append(Notice("always-too-much", place, params))
    return found
