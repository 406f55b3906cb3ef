"""Apportionment: places in proportion to weights, by one of the classical methods, together with every other rule.

Lives here: all of this kind - its fields, its stages, its recount, its sentence.
Not here: the methods themselves (divisors.py, remainders.py), the questions of divisor methods (spread.py), how a stage is
solved and held (solve/).

A divisor method maximises the sum over groups g and steps k = 1..x_g of ln(w_g / d(k)) (N. Gaffke, F. Pukelsheim: Divisor
methods for proportional representation systems, 2008). Where d(1) = 0, first as many groups as possible get one; among them
the first step is worth ln(w_g). Where only totals and bounds of single groups matter, quotients are compared as fractions, and
nothing is rounded; where other rules interfere, spread.py says how. The value told is rounded to nine decimal places, once.

Largest remainder: the textbook's plans under what is declared of each group alone (remainders.py); where the rules allow none of
these, the least sum of |x_g - exact share|, in exact fractions; and among such plans what is over goes in proportion (Webster).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import ClassVar, Literal

import numpy as np

from allocator.model.fields import Columns, Condition, Programs, WeightBound
from allocator.model.objective import Objective, Value, held_at
from allocator.model.phrases import scope
from allocator.model.query import NO_LIMIT, Asker, Groups, Ints, NotKnown, Rows, Stage, Tables, TooFine
from allocator.model.shared_out import SharedOut
from allocator.model.view import ModelView
from allocator.objectives.divisors import square, told, total_worth
from allocator.objectives.group_sums import GroupSums, box
from allocator.objectives.remainders import exact_shares, room, textbook
from allocator.objectives.spread import spread, worth_kept
from allocator.rules.total import found_in
from allocator.words import Say

ROOM = 2**60  # what deviations can come to stays below this
COUNTED = {"program", "period"}  # what quotas are declared for


class Apportion(Objective):
    """Places by need: townships, population, staff."""

    kind: ClassVar[str] = "apportion"
    rounding: ClassVar[Fraction] = Fraction(1, 10**9)

    of: Programs
    by: Columns = ("unit",)
    weight: WeightBound
    method: Literal["largest_remainder", "webster", "huntington_hill", "jefferson", "adams"]
    within: Columns = ()
    where: Condition = "true"

    @property
    def figure_kind(self) -> str:
        return "shares" if self.method == "largest_remainder" else self.kind

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        if self.method != "largest_remainder":
            return
        for column in self.within:
            if column not in COUNTED:
                yield "needs-fixed-total", "within", {"column": column}
        chosen = [p for p in model.programs if {p, "all", model.family_of.get(p)} & set(self.of)]
        for program in chosen:
            quota = model.programs[program].quota
            limits = [quota.of(period) if quota else None for period in model.policy.periods]
            if any(limit is None or limit.exactly is None for limit in limits):
                yield "needs-exact-quota", "of", {"program": program}

    def follows(self, path: tuple[str | int, ...]) -> Literal["", "shares"]:
        return "shares" if path == ("weight",) and self.method != "largest_remainder" else ""

    def _groups(self, q: Tables) -> Groups:
        return q.groups(self.of, (*self.within, *self.by), self.where)

    def _weights(self, q: Tables, groups: Groups, needed: Ints) -> list[Fraction]:
        figures = q.bound(groups, self.weight, missing=True)
        weights = [figures.at(g) or Fraction(0) for g in range(len(groups))]
        for g in np.flatnonzero(needed):
            if weights[g] <= 0:
                raise NotKnown(f"weight: {self.weight} (= {weights[g]})", groups.labels[g])
        return weights

    def _wholes(self, groups: Groups) -> Ints:
        """The whole that each group belongs to, as a number."""
        number: dict[tuple[str | int, ...], int] = {}
        labels = [label[: len(self.within)] for label in groups.labels]
        return np.array([number.setdefault(label, len(number)) for label in labels], np.int64)

    def _shares(self, q: Tables, groups: Groups, weights: list[Fraction]) -> list[Fraction]:
        """The exact share of each group in the places of its whole (the quotas of the programs, which must be exact)."""
        places = q.places(self.of, self.within)
        wholes = self._wholes(groups)
        shares = [Fraction(0)] * len(groups)
        for h in range(int(wholes.max(initial=-1)) + 1):
            members = np.flatnonzero(wholes == h).tolist()
            label = groups.labels[members[0]][: len(self.within)]
            seats = places.get(label)
            if seats is None:
                raise NotKnown("largest_remainder: quota", label)
            held = room(q, groups, self.of, seats)
            least, most = ([side[g] for g in members] for side in (held.least, held.most))
            for g, share in zip(members, exact_shares([weights[g] for g in members], least, most, seats), strict=True):
                shares[g] = share
        return shares

    def _sums(self, q: Tables) -> GroupSums:
        groups = self._groups(q)
        cells = q.entries(groups)
        _, upper = cells.span(len(groups))
        return GroupSums(groups, cells.sums(), self._weights(q, groups, upper), self._wholes(groups))

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        sums = self._sums(q)
        if self.method == "largest_remainder":
            every = q.entries(q.groups(self.of, ())).col
            whole = bool(np.array_equal(np.sort(sums.entries[1]), every))  # each cell is in one group
            self._remainders(sums, self._shares(q, sums.groups, sums.weights), solver, give, whole=whole)
        else:
            spread(sums, self.method, solver, give)

    def _remainders(
        self, sums: GroupSums, shares: list[Fraction], solver: Asker, give: Fraction, *, whole: bool
    ) -> None:
        ideal = textbook(shares) if whole else None
        if ideal is not None and not give:
            rows = box(sums, *ideal)
            value = 2 * sum((s - x for s, x in zip(shares, _one(*ideal, shares), strict=True) if s > x), Fraction(0))
            if solver.ask(_settled(value), hold=False, under=[rows]) is not None:
                n = len(shares)
                wholes = sums.members()
                solver.require(rows, SharedOut(self.method, tuple(shares), wholes, (0,) * n, (NO_LIMIT,) * n))
                return
        low, high = solver.span(sums.entries, len(sums.groups))
        answer = solver.ask(self._stage(sums, shares, low, high), give=give)
        nearest = sum((min(share % 1, 1 - share % 1) for share in shares), Fraction(0))
        if give or answer is None or answer.value == nearest:
            return
        spread(sums, "webster", solver, Fraction(0))
        if answer.proved:
            solver.ask(_settled(answer.value), hold=False)

    def _stage(self, sums: GroupSums, shares: list[Fraction], low: Ints, high: Ints) -> Stage:
        """The sum of what each group misses its share by: the places below its whole part, the next one, and those above."""
        scale = lcm(1, *(share.denominator for share in shares))
        if scale * (1 + sum(map(abs, high.tolist()))) * 2 >= ROOM:
            raise TooFine(self.weight)
        base = [min(max(int(share), int(a)), int(b)) for share, a, b in zip(shares, low, high, strict=True)]
        row, way, price, length = [], [], [], []
        start = sum((abs(share - x) for share, x in zip(shares, base, strict=True)), Fraction(0))
        for g, (share, x) in enumerate(zip(shares, base, strict=True)):
            below, above = x - int(low[g]), int(high[g]) - x
            for place, sign, size in ((x, -1, below), (x, 1, min(above, 1)), (x + 1, 1, above - 1)):
                if size > 0:
                    row.append(g)
                    way.append(-sign)
                    price.append(int((abs(share - place - sign) - abs(share - place)) * scale))
                    length.append(size)
        helpers = -1 - np.arange(len(row), dtype=np.int64)
        at = np.array(base, np.int64)
        rows = Rows(
            sums.groups.labels,
            at,
            at,
            np.concatenate([sums.entries[0], np.array(row, np.int64)]),
            np.concatenate([sums.entries[1], helpers]),
            np.concatenate([sums.entries[2], np.array(way, np.int64)]),
            helper_upper=np.array(length, np.int64),
        )
        return Stage(
            "minimize", helpers, np.array(price, np.int64), constant=int(start * scale), scale=scale, rows=rows
        )

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        sums = self._sums(q)
        if self.method != "largest_remainder":
            return worth_kept(sums, self.method, solver, sums.of(plan).tolist(), loss)
        shares = self._shares(q, sums.groups, sums.weights)
        stage = self._stage(sums, shares, *solver.span(sums.entries, len(sums.groups)))
        solver.require(held_at(stage, figures[0] + loss))
        return True

    def recount(self, q: Tables) -> Value:
        groups = self._groups(q)
        made = found_in(q, groups, q.awards(groups))
        amounts = made.number.tolist()
        weights = self._weights(q, groups, made.number)
        if self.method == "largest_remainder":
            shares = self._shares(q, groups, weights)
            return Value((sum((abs(a - s) for a, s in zip(amounts, shares, strict=True)), Fraction(0)),), "less")
        figures: tuple[Fraction, ...] = (told(total_worth(self.method, weights, amounts)),)
        if square(self.method, 1) == 0:
            figures = (Fraction(sum(a > 0 for a in amounts)), *figures)
        return Value(figures)

    def sentence(self) -> Say:
        told = {"of": self.of, "weight": self.weight, "by": self.by}
        return Say(f"objectives.{self.method}", {**scope(self), **told})


def _settled(value: Fraction) -> Stage:
    """A question for any plan, whose value is known."""
    none = np.zeros(0, np.int64)
    return Stage("minimize", none, none, constant=value.numerator, scale=value.denominator)


def _one(low: list[int], high: list[int], shares: list[Fraction]) -> list[int]:
    """One of the textbook's results."""
    spare = int(sum(shares, Fraction(0))) - sum(low)
    plan = list(low)
    for g in range(len(plan)):
        if spare and high[g] > low[g]:
            plan[g] += 1
            spare -= 1
    return plan
