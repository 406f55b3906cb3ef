"""A group's part of the total actually awarded lies within bounds.

Lives here: all of this kind - its fields, its rows, its audit, its sentence.
Not here: what a group is (database/), any solver.
Rows: with S_g the awards of the part, T the awards of everything within the same `within`:
      S_g - at_least * T >= 0   and   S_g - at_most * T <= 0        (T = 0 satisfies both)
With `rounding` the bound is the nearest whole number above, below or (from a half on, above) of share * T. With the share
p / q and whole-number sums that is still one row: S >= floor(p T / q) says the same as q S >= p T - (q - 1), and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar, Literal

import numpy as np

from allocator.model.fields import Columns, Condition, Flag, Measure, Programs, ShareBound
from allocator.model.phrases import limits, part, scope
from allocator.model.query import NO_LIMIT, Figures, Groups, Label, Rows, Tables, TooFine
from allocator.model.rule import Judged, Rule
from allocator.model.view import ModelView
from allocator.rules.total import found_in, known
from allocator.words import Say


class Share(Rule):
    """At most 40 % to one prefecture; at least 15 % to poor counties: fractions of what is actually awarded."""

    kind: ClassVar[str] = "share"
    bound_moves: ClassVar[bool] = True

    of: Programs
    by: Columns = ()
    part: Condition | None = None
    within: Columns = ()
    measure: Measure = "1"
    where: Condition = "true"
    at_least: ShareBound | None = None
    at_most: ShareBound | None = None
    rounding: Literal["up", "down", "half_up"] | None = None
    past: Flag = False

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        if self.rounding is not None and self.soft is not None:
            yield "rounded-soft", "rounding", {}
        same_part = self.part is None or self.part in ("true", self.where)
        if same_part and set(self.by) <= set(self.within):
            yield "share-of-itself", "of", {}

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """Parts that are the whole, or none of it, whoever is awarded: by the data, where it does not show in the words."""
        parts, wholes, whole_of = self._groups(q)
        part, whole = (dict(self._possible(q, groups)) for groups in (parts, wholes))
        field = "by" if self.part is None else "part"
        asked = [g for g in range(len(parts)) if whole.get(whole_of[g])]
        if asked and all(part.get(g) == whole[whole_of[g]] for g in asked):
            yield "share-always-one", field, {}
        at_least = q.bound(parts, self.at_least)
        none = [parts.labels[g] for g in asked if not part.get(g) and at_least.given[g] and at_least.number[g] > 0]
        if none:
            label = ", ".join(map(str, none[0])) or "-"
            yield "share-always-none", field, {"label": label, "count": len(none)}

    def _possible(self, q: Tables, groups: Groups) -> Iterable[tuple[int, int]]:
        """The groups with the number of awards that can count in each."""
        counted = [q.possible(groups), *([q.past(groups)] if self.past else [])]
        held = " union all ".join(f"select gid from {relation.sql}" for relation in counted)
        return q.rows(f"select gid, count(*) from ({held}) group by gid")

    def _groups(self, q: Tables) -> tuple[Groups, Groups, list[int]]:
        """The parts, the wholes, and the whole that each part belongs to."""
        wholes = q.groups(self.of, self.within, self.where)
        where = self.where if self.part is None else f"({self.where}) and ({self.part})"
        parts = q.groups(self.of, (*self.within, *self.by), where)
        index = {label: i for i, label in enumerate(wholes.labels)}
        return parts, wholes, [index[label[: len(self.within)]] for label in parts.labels]

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        parts, wholes, whole_of = self._groups(q)
        part, whole = q.entries(parts, self.measure), q.entries(wholes, self.measure)
        scale = max(part.scale, whole.scale)
        self._whole_numbers(scale)
        s_fact = known(q, q.past(parts, self.measure), len(parts)) if self.past else np.zeros(len(parts), np.int64)
        t_fact = known(q, q.past(wholes, self.measure), len(wholes)) if self.past else np.zeros(len(wholes), np.int64)
        s_sum, t_sum = part.sums(), whole.sums()
        labels: list[Label] = []
        lower: list[int] = []
        upper: list[int] = []
        pieces: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        common = 1
        limits = [(q.bound(parts, self.at_least), True), (q.bound(parts, self.at_most), False)]
        for figures, _ in limits:
            common = max(common, figures.scale)
        twice = 1 if self.rounding is None else 2
        biggest = max([1, *(int(np.abs(values).max(initial=0)) for values in (s_sum[2], t_sum[2], s_fact, t_fact))])
        if biggest * common * twice >= NO_LIMIT // 4:
            raise TooFine(self.measure)
        for figures, is_lower in limits:
            for g in np.flatnonzero(figures.given):
                share = int(figures.number[g]) * (common // figures.scale)
                own = s_sum[0] == g
                all_of = t_sum[0] == whole_of[g]
                row = len(labels)
                columns = np.concatenate([s_sum[1][own], t_sum[1][all_of]])
                figures_of = np.concatenate([s_sum[2][own] * common, -t_sum[2][all_of] * share]) * twice
                distinct, place = np.unique(columns, return_inverse=True)
                added = np.zeros(len(distinct), np.int64)
                np.add.at(added, place, figures_of)
                pieces.append((np.full(len(distinct), row), distinct, added))
                fact = -(int(s_fact[g]) * common - int(t_fact[whole_of[g]]) * share) * twice
                labels.append(parts.labels[g])
                lower.append(fact - self._room(common, lower=True) if is_lower else -NO_LIMIT)
                upper.append(NO_LIMIT if is_lower else fact + self._room(common, lower=False))
        none = np.zeros(0, np.int64)
        triplets = [np.concatenate([none, *(p[i] for p in pieces)]).astype(np.int64) for i in range(3)]
        return Rows.build(labels, lower, upper, (triplets[0], triplets[1], triplets[2]), scale=scale * common * twice)

    def _room(self, q: int, *, lower: bool) -> int:
        """What rounding leaves on the side of a bound p T / q, times 2 q."""
        if self.rounding is None or self.rounding == ("up" if lower else "down"):
            return 0
        if self.rounding == "half_up":
            return q - 1 if lower else q
        return 2 * (q - 1)

    def _whole_numbers(self, scale: int) -> None:
        if self.rounding is not None and scale != 1:
            raise TooFine(self.measure)

    def _rounded(self, bound: Fraction) -> Fraction:
        match self.rounding:
            case "up":
                return Fraction(ceil(bound))
            case "down":
                return Fraction(floor(bound))
            case "half_up":
                return Fraction(floor(bound + Fraction(1, 2)))
        return bound

    def audit(self, q: Tables) -> list[Judged]:
        parts, wholes, whole_of = self._groups(q)
        made = found_in(q, parts, q.awards(parts, self.measure, past=self.past)).each()
        total = found_in(q, wholes, q.awards(wholes, self.measure, past=self.past)).each()
        at_least, at_most = q.bound(parts, self.at_least), q.bound(parts, self.at_most)
        self._whole_numbers(q.awards(parts, self.measure).scale)

        def of(figures: Figures, g: int) -> Fraction | None:
            share, all_of = figures.at(g), total[whole_of[g]]
            return None if share is None or all_of is None else self._rounded(share * all_of)

        return [
            Judged(
                label,
                made[g] if total[whole_of[g]] is not None else None,
                of(at_least, g),
                of(at_most, g),
                whole=total[whole_of[g]],
            )
            for g, label in enumerate(parts.labels)
        ]

    def sentence(self) -> Say:
        kind = "".join(f"-{name}" for name in ("part", "by") if getattr(self, name))
        who = Say(f"rules.share-of{kind}", {"part": self.part, "by": self.by})
        measure = part("rules.part.measure", unless="1", measure=self.measure)
        rounding = Say(f"rules.rounding.{self.rounding}") if self.rounding else ""
        told = {
            **scope(self),
            "of": self.of,
            "who": who,
            "measure": measure,
            "limits": limits(self),
            "rounding": rounding,
        }
        return Say("rules.share", told)
