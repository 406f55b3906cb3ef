"""The bounds of rules and programs as numbers: known for every group, inside their range, and not crossed.

Lives here: bounds that are not known, weights that are not positive, figures out of a field's range, a lower bound above its
upper one, no whole number between the two.
Not here: which cell of a table is to blame (missing_figures.py), which bounds are asked for (evaluation.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from allocator.database import Database
from allocator.faults import Fault, Place
from allocator.load.bad_expressions import label_text, short
from allocator.load.missing_figures import Blame, most_rows
from allocator.load.owners import Owner
from allocator.load.shaped import Shaped
from allocator.model.fields import Uses
from allocator.model.model import DIMS, Model
from allocator.model.query import Figures, Groups, Label
from allocator.model.rule import Rule, Tally
from allocator.read.places import KeyPath


class Bounds:
    """`tainted`: programs whose cells are not known."""

    def __init__(self, shaped: Shaped, model: Model, db: Database, blame: Blame, tainted: Collection[str]) -> None:
        self.shaped, self.model, self.db, self.blame, self.tainted = shaped, model, db, blame, tainted
        self.few, self.faults = blame.few, blame.few.faults

    def not_known(self, path: KeyPath, sql: str, groups: Groups, figures: Figures) -> bool:
        """Whether a bound is not known for some group; tells it."""
        unknown = [int(g) for g in np.flatnonzero(~figures.given)]
        for g in unknown[: most_rows()]:
            if not self.blame.of_group(path, sql, groups, g) and not self.blame.rows_left_out(sql):
                params = {
                    "expression": short(sql),
                    "label": label_text(groups.labels[g]),
                    "needed": self.shaped.place(*path),
                }
                self.few.add(Fault("figure-missing", self.shaped.place(*path), params), len(unknown))
        return bool(unknown)

    def judge(self, owner: Owner, at: KeyPath, mark: Uses, sql: str) -> None:
        groups = self.db.groups(owner.of, owner.by, owner.where)
        if not mark.positive:
            figures = self.db.bound(groups, sql)
            if not self.out_of_range((*owner.path, *at), mark, groups, figures, sql):
                other = getattr(owner.declared, "at_most", None)
                if at == ("at_least",) and other is not None:
                    self._crossing((*owner.path, *at), groups.labels, figures, self.db.bound(groups, other))
            return
        figures = self.db.bound(groups, sql, missing=True)
        can = self._can_be_awarded(groups)
        zero = [g for g in range(len(groups)) if can[g] and not (figures.at(g) or 0) > 0]
        for g in zero[: most_rows()]:
            label = groups.labels[g]
            cell = self._cell_of(groups, label)
            if not figures.given[g] and self.blame.of_group((*owner.path, *at), sql, groups, g):
                continue
            place = None if figures.given[g] else self.blame.find(sql, cell)
            if place in self.blame.empty:
                continue
            self.blame.empty |= {place} if place else set()
            self.few.add(
                Fault(
                    "weight-not-positive" if figures.given[g] else "weight-missing",
                    place or self.shaped.place(*owner.path, *at),
                    {"expression": short(sql), "label": label_text(label)},
                    found=figures.at(g),
                ),
                len(zero),
            )

    def _can_be_awarded(self, groups: Groups) -> list[bool]:
        """Which groups have an eligible cell whose unit may get more than 0."""
        can = [False] * len(groups)
        for name in groups.of:
            if name not in self.model.programs or name in self.tainted:
                continue
            one = replace(groups, of=(name,))
            limits = self.model.programs[name].per_unit
            upper = limits.at_most if limits and limits.at_most is not None else "1"
            for (gid,) in self.db.rows(f"select distinct gid from {self.db.possible(one, upper).sql} where value > 0"):
                can[gid] = True
        return can

    @staticmethod
    def _cell_of(groups: Groups, label: Label) -> dict[str, Any]:
        """What a group's label says of a candidate."""
        cell = {column: value for column, value in zip(groups.by, label) if column in DIMS}
        if len(groups.of) == 1:
            cell.setdefault("program", groups.of[0])
        return cell

    def out_of_range(self, path: KeyPath, mark: Uses, groups: Groups, figures: Figures, sql: str) -> bool:
        """Whether a bound leaves the range that its field has; the first group where it does is told."""
        for g in np.flatnonzero(figures.given):
            value = figures.at(int(g)) or Fraction(0)
            if mark.above is not None and value <= mark.above:
                params = {"expression": short(sql), "label": label_text(groups.labels[g]), "above": mark.above}
                self.faults.append(Fault("bound-not-above", self.shaped.place(*path), params, found=value))
                return True
            if (mark.least is not None and value < mark.least) or (mark.most is not None and value > mark.most):
                params = {
                    "expression": short(sql),
                    "least": "" if mark.least is None else mark.least,
                    "most": mark.most or "",
                }
                code = "bound-below" if mark.most is None else "bound-outside"
                self.faults.append(Fault(code, self.shaped.place(*path), params, found=value))
                return True
        return False

    def crossed(self, path: KeyPath, rule: Rule) -> None:
        """Tells the first group whose lower bound is above its upper one, or with no whole number between the two."""
        judged = rule.audit(self.db)
        if isinstance(judged, Tally):
            judged = [judged[g] for g in np.flatnonzero(judged.lower.given & judged.upper.given).tolist()]
        bounds = [(j.label, j.at_least, j.at_most) for j in judged]
        both = [(label, low, high) for label, low, high in bounds if low is not None and high is not None]
        crossed = [one for one in both if one[1] > one[2]]
        if crossed:
            self._crossed_fault(path, *crossed[0], len(crossed))
        elif rule.soft is None and any(ceil(low) > floor(high) for _, low, high in both) and rule.counts_whole(self.db):
            between = [one for one in both if ceil(one[1]) > floor(one[2])]
            self._between_fault(path, *between[0], len(between))

    def _between_fault(self, path: KeyPath, label: Label, low: Fraction, high: Fraction, count: int) -> None:
        steps = [("exactly",), *((part, "exactly") for part in label), *((part,) for part in label), ()]
        places = [self.shaped.in_file((*path, *step)) for step in steps]
        place = self.shaped.positions.at(max(places, key=len))
        code = "not-whole-amount" if low == high else "no-whole-amount"
        self.faults.append(Fault(code, place, {"at_least": low, "at_most": high, "count": count}))

    def _crossing(self, path: KeyPath, labels: Sequence[Label], lower: Figures, upper: Figures) -> None:
        pairs = [(label, lower.at(g), upper.at(g)) for g, label in enumerate(labels)]
        crossed = [
            (label, low, high) for label, low, high in pairs if low is not None and high is not None and low > high
        ]
        if crossed:
            self._crossed_fault(path[:-1], *crossed[0], len(crossed))

    def _crossed_fault(self, path: KeyPath, label: Label, low: Any, high: Any, count: int) -> None:
        code = "bounds-crossed-in" if label else "bounds-crossed"
        params = {"at_least": low, "at_most": high, "label": label_text(label), "count": count}
        self.faults.append(Fault(code, self._bounds_place(path, label), params))

    def _bounds_place(self, path: KeyPath, label: Label) -> Place:
        """Where the lower bound stands, or else the declaration."""
        for inner in ((*path, "at_least"), *((*path, part, "at_least") for part in label)):
            raw = self.shaped.in_file(inner)
            if raw and raw[-1] == "at_least":
                return self.shaped.place(*inner)
        return self.shaped.place(*path)
