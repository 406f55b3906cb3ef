"""Figures of fairness of a plan: how evenly selections and amounts lie over the groups of the units.

Lives here: awards per unit and per 100,000 people of each group, their largest gap, the Gini coefficient.
Not here: what the policy itself demands (rules/, the indicators of a model).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.model.allocation import Allocation
from allocator.model.model import Model

PEOPLE = 100_000


@dataclass(frozen=True)
class Evenness:
    """How evenly one measure lies over the groups of one column of the units.

    rates: awards of each group divided by its size, which is counted in units (`per` is "unit") or in 100,000 of the
    column `per`. gap: the largest rate less the smallest. gini: of the rates, each group weighed by its size; 0 is even,
    towards 1 one group has all. Groups of size 0 are left out.
    """

    column: str
    per: str
    rates: Mapping[str, Fraction]
    gap: Fraction
    gini: Fraction


def gini(values: Sequence[Fraction], weights: Sequence[Fraction] | None = None) -> Fraction:
    """sum over pairs of w_i w_j |x_i - x_j| / (2 (sum w)^2 mean), exact; 0 where all is 0. Values and weights >= 0.

    The mean absolute difference divided by twice the mean (Gini 1912; Sen, On Economic Inequality, 2.6).
    """
    held = sorted(zip(values, weights or [Fraction(1)] * len(values), strict=True))
    whole = sum((w for _, w in held), Fraction(0))
    total = sum((x * w for x, w in held), Fraction(0))
    if not total or not whole:
        return Fraction(0)
    below = Fraction(0)  # the weight of those before
    doubled = Fraction(0)  # sum over pairs, each counted once
    for x, w in held:
        doubled += w * x * (2 * below + w - whole)
        below += w
    return doubled / (whole * total)


def people_column(model: Model) -> str | None:
    """The column of the units that counts people: the first whole number whose name begins with `population`."""
    for name, column in model.units.columns.items():
        if name.startswith("population") and column.kind == "whole":
            return name
    return None


def evenness(model: Model, plan: Allocation, column: str, per: str | None = None) -> Evenness:
    """The evenness of a plan's selections (of its amounts, where nothing is selected) over the groups of a column.

    per: a column of whole numbers that counts people; None: per unit.
    """
    chosen = {name for name, program in model.programs.items() if program.decides == "selection"} or set(model.programs)
    units = model.units.columns
    group_of = dict(zip(units["unit"].values, units[column].values, strict=True))
    size: Counter[str] = Counter()
    for unit, people in zip(units["unit"].values, units[per].values if per else [1] * len(group_of), strict=True):
        if group_of[unit] is not None:
            size[str(group_of[unit])] += people or 0
    made: Counter[str] = Counter()
    for award in plan.awards:
        if award.program in chosen and group_of.get(award.unit) is not None:
            made[str(group_of[award.unit])] += award.amount
    scale = PEOPLE if per else 1
    rates = {group: Fraction(made[group] * scale, people) for group, people in sorted(size.items()) if people}
    values = list(rates.values())
    gap = max(values, default=Fraction(0)) - min(values, default=Fraction(0))
    weights = [Fraction(size[group]) for group in rates]
    return Evenness(column, per or "unit", rates, gap, gini(values, weights))
