"""A program's quota: the exact total of each period, or within bounds, frozen awards included.

Lives here: all of this property - its rows, its audit, its sentence.
Not here: how a quota is written in a program (model/program.py).
Rows: for every period t:  at_least(t) <= sum of x[., program, t] <= at_most(t)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from allocator.model.eased import Move, key_of, plain, shifted
from allocator.model.phrases import limits
from allocator.model.program import Quota as Declaration
from allocator.model.query import Figures, Groups, Rows, Tables, between
from allocator.model.rule import Cap, Rule, Tally
from allocator.model.view import ModelView
from allocator.rules.total import cells_in, found_in
from allocator.words import Say


class QuotaRule(Rule):
    """How much of a program there is in each period."""

    kind: ClassVar[str] = "quota"
    weighed: ClassVar[bool] = False
    is_property: ClassVar[bool] = True
    limits_amounts: ClassVar[bool] = True

    program: str
    quota: Declaration

    @classmethod
    def declared_in(cls, model: ModelView) -> Iterable[Rule]:
        for name, program in model.programs.items():
            if program.quota is not None:
                yield cls(
                    id=f"{name}.quota", program=name, quota=program.quota, clause=program.clause, **program.change
                )

    def _bounds(self, q: Tables, groups: Groups) -> tuple[Figures, Figures]:
        sides = []
        for side in ("at_least", "at_most"):
            number, given, scale = [], [], 1
            figures = []
            for g, (period,) in enumerate(groups.labels):
                limits = self.quota.of(int(period))
                text = (limits.exactly or getattr(limits, side)) if limits else None
                figures.append(q.bound(groups, text).at(g))
            scale = max([1, *(f.denominator for f in figures if f is not None)])
            while any(f is not None and scale % f.denominator for f in figures):
                scale *= 10
            number = [0 if f is None else int(f * scale) for f in figures]
            given = [f is not None for f in figures]
            sides.append(Figures(np.array(number, np.int64), np.array(given, np.bool_), scale))
        return sides[0], sides[1]

    def bounds(self, q: Tables) -> Iterable[tuple[str, Figures]]:
        """Of every year by itself: a bound that is written for one year counts in that year only."""
        groups = q.groups((self.program,), ("period",))
        found: dict[str, Figures] = {}
        for held in filter(None, (self.quota.every, *self.quota.periods.values())):
            own = np.array([self.quota.of(int(period)) == held for (period,) in groups.labels], np.bool_)
            for bound in filter(None, (held.at_least, held.at_most, held.exactly)):
                given = own | found[bound].given if bound in found else own
                found[bound] = replace(q.bound(groups, bound), given=given)
        yield from found.items()

    def counts_whole(self, q: Tables) -> bool:
        return True

    def plans(self) -> str:
        return self.program

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        groups = q.groups((self.program,), ("period",))
        return between(groups.labels, q.entries(groups).sums(), 1, *self._bounds(q, groups))

    def caps(self, q: Tables) -> Iterable[Cap]:
        groups = q.groups((self.program,), ("period",))
        lower, upper = self._bounds(q, groups)
        for g, cells in enumerate(cells_in(q, groups)):
            yield Cap(cells, lower.at(g), upper.at(g))
            yield from (Cap(frozenset({cell}), None, upper.at(g)) for cell in cells)

    def audit(self, q: Tables) -> Tally:
        groups = q.groups((self.program,), ("period",))
        return Tally(groups.labels, found_in(q, groups, q.awards(groups)), *self._bounds(q, groups))

    def eased(self, q: Tables, model: ModelView, moves: Sequence[Move]) -> Iterator[Mapping[str, Any]]:
        family = model.family_of.get(self.program)
        told: dict[int, dict[str, str]] = {}
        for (period,) in q.groups((self.program,), ("period",)).labels:
            declared = self.quota.of(int(period))
            held = {} if declared is None else {side: bound for side, bound in declared if bound is not None}
            for move in moves:
                side = "exactly" if "exactly" in held else move.side
                if move.label == (period,) and side in held:
                    by, label = ((), ()) if family is None else (("program",), (self.program,))
                    one = Move(label, move.side, move.by)
                    held[side] = shifted(held[side], by, [one], every=family is None)
            if held:
                told[int(period)] = held
        every = {
            t: plain(held["exactly"]) if set(held) == {"exactly"} else {side: plain(b) for side, b in held.items()}
            for t, held in told.items()
        }
        yield {"set": {key_of("programs", family or self.program, "quota"): every}}

    def sentence(self) -> Say:
        named = [
            Say("rules.quota-in", {"period": t, "limits": limits(q)}) for t, q in sorted(self.quota.periods.items())
        ]
        every = [Say("rules.quota-every", {"limits": limits(self.quota.every)})] if self.quota.every else []
        return Say("rules.quota", {"program": self.program, "limits": [*named, *every]})
