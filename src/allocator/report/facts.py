"""The facts of a report, as frozen values: what the screen and the JSON document both hold.

Lives here: the look-ups in model, allocation and recount that make them.
Not here: words and layout (screen.py, document.py), the recount itself (audit/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from allocator.audit import Audit, RuleCheck
from allocator.audit.not_awarded import Outcomes, Reason, outcomes
from allocator.database import Database
from allocator.explain.alone import ByDrawAlone, by_draw_alone
from allocator.model.model import Model
from allocator.model.objective import Objective
from allocator.model.query import Label
from allocator.model.rule import ByHand, Judged, Rule

if TYPE_CHECKING:
    from allocator.solve import Solution

__all__ = ["AnnexLine", "Counted", "Facts", "Promise", "Reached", "Refused", "Spread", "Without", "annex", "facts"]


@dataclass(frozen=True)
class AnnexLine:
    """One program in the annex: `mark` numbers it (1, 2a, 2b); planned and awarded of each period, in order.

    Planned is (at_least, at_most), equal where the quota is exact; None where there is no bound.
    """

    mark: str
    program: str
    planned: tuple[tuple[Fraction | None, Fraction | None], ...]
    awarded: tuple[int, ...]

    @property
    def total(self) -> tuple[tuple[Fraction | None, Fraction | None], int]:
        """The same of all periods together."""
        lows, highs = zip(*self.planned, strict=True)
        return (_sum(lows), _sum(highs)), sum(self.awarded)


@dataclass(frozen=True)
class Spread:
    """Awards by the groups of one column: (group, units in it, amount of each program in the annex's order)."""

    column: str
    rows: tuple[tuple[str, int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Promise:
    """One rule: what is required and what is reached, in its tightest group and in all of them."""

    check: RuleCheck

    @property
    def rule(self) -> Rule:
        return self.check.rule

    @property
    def nearest(self) -> Judged | None:
        return self.check.nearest


@dataclass(frozen=True)
class Reached:
    """The groups that a rule or an objective reaches, and those that it does not, of one whole (`within`)."""

    declared: Rule | Objective
    within: Label
    hit: tuple[Label, ...]
    missed: tuple[Label, ...]


@dataclass(frozen=True)
class Without:
    """Units that got nothing, and those that got amounts alone, though there are selections too; sorted."""

    nothing: tuple[str, ...]
    amounts_alone: tuple[str, ...] | None


@dataclass(frozen=True)
class Refused:
    """One program's units without any award in the plan, each by the stage that its best year came to."""

    program: str
    awarded: int  # units
    stages: tuple[tuple[Reason, int], ...]  # (an example of the stage, units), from the last stage to the first
    outscored: tuple[str, ...]  # units not chosen in a year in which a lower score was, sorted


@dataclass(frozen=True)
class Counted:
    """One cell that the plan awards otherwise than the former plan of an objective `keep` (its id)."""

    objective: str
    unit: str
    program: str
    period: int
    before: int
    after: int


@dataclass(frozen=True)
class Facts:
    """All of it; `solution` is None for an allocation that somebody else made."""

    model: Model
    audit: Audit
    solution: Solution | None
    annex: tuple[AnnexLine, ...]
    spreads: tuple[Spread, ...]
    promises: tuple[Promise, ...]
    reach: tuple[Reached, ...]
    by_hand: tuple[ByHand, ...]
    by_draw_alone: ByDrawAlone
    without: Without
    refused: tuple[Refused, ...]
    changes: tuple[Counted, ...]  # of all objectives `keep`, by objective, unit, program, period


def facts(model: Model, audit: Audit, solution: Solution | None = None) -> Facts:
    """The facts of an allocation that was recounted, and of the solve that found it, if one did."""
    tables = audit.tables
    lines = tuple(annex(tables))
    return Facts(
        model,
        audit,
        solution,
        lines,
        tuple(_spread(model, audit, column, [line.program for line in lines]) for column in model.unit_groups),
        tuple(map(Promise, audit.rules)),
        tuple(_reached(audit)),
        tuple(made for rule in tables.rules_in_force() if (made := rule.by_hand()) is not None),
        ByDrawAlone((), True) if solution is None else by_draw_alone(audit, solution),
        _without(model, audit),
        tuple(_refused(model, audit, outcomes(tables))),
        tuple(_changes(tables)),
    )


def _changes(tables: Database) -> Iterable[Counted]:
    """Every change that an objective `keep` counts: their amounts add up to its value."""
    for objective in tables.model.policy.objectives:
        for change in objective.changes(tables):
            yield Counted(objective.id, **vars(change))


def _sum(parts: Iterable[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def marks(model: Model) -> dict[str, str]:
    """The programs in the annex's order, each with its number: 1, 2a, 2b; those without an action last: +1."""
    declared = list(model.policy.programs)
    place = {p: (declared.index(model.family_of.get(p, p)), p) for p in model.programs}
    actions = {p: model.programs[p].action for p in model.programs}
    first = {a: min(place[p] for p in actions if actions[p] == a) for a in set(actions.values())}
    ordered = sorted(model.programs, key=lambda p: (actions[p] is None, first[actions[p]], place[p]))
    size = Counter(actions.values())
    plus = "+" if len(size) > 1 else ""  # a number of ours beside those of the policy
    seen: Counter[object] = Counter()
    found = {}
    for p in ordered:
        action = actions[p]
        letter = _letters(seen[action]) if size[action] > 1 and action is not None else ""
        found[p] = f"{plus}{seen[action] + 1}" if action is None else f"{action}{letter}"
        seen[action] += 1
    return found


def _letters(index: int) -> str:
    return (_letters(index // 26 - 1) if index >= 26 else "") + chr(ord("a") + index % 26)


def annex(tables: Database) -> Iterable[AnnexLine]:
    """What is planned and awarded of every program in every period."""
    model = tables.model
    periods = model.policy.periods
    made: Counter[tuple[str, int]] = Counter()
    for program, period, amount in tables.rows("select program, period, sum(amount) from awards group by all"):
        made[program, period] = int(amount)
    quotas = {
        program: {judged.label[0]: (judged.at_least, judged.at_most) for judged in rule.audit(tables)}
        for rule in tables.rules_in_force()
        if (program := rule.plans()) is not None
    }
    for program, mark in marks(model).items():
        planned = tuple(quotas.get(program, {}).get(period, (None, None)) for period in periods)
        yield AnnexLine(mark, program, planned, tuple(made[program, period] for period in periods))


def _spread(model: Model, audit: Audit, column: str, programs: list[str]) -> Spread:
    group_of = dict(zip(model.units.columns["unit"].values, model.units.columns[column].values, strict=True))
    size = Counter(group_of.values())
    made: Counter[tuple[object, str]] = Counter()
    for award in audit.allocation.awards:
        made[group_of.get(award.unit), award.program] += award.amount
    keys = model.groups[column].columns["id"].values
    return Spread(column, tuple((key, size[key], tuple(made[key, p] for p in programs)) for key in keys))


def _reached(audit: Audit) -> Iterable[Reached]:
    for declared, served in audit.served:
        for within in dict.fromkeys(one.within for one in served):
            own = [one for one in served if one.within == within]
            hit, missed = (tuple(one.label for one in own if one.reached is wanted) for wanted in (True, False))
            yield Reached(declared, within, hit, missed)


def _without(model: Model, audit: Audit) -> Without:
    selections = {name for name, program in model.programs.items() if program.decides == "selection"}
    got = {award.unit for award in audit.allocation.awards}
    chosen = {award.unit for award in audit.allocation.awards if award.program in selections}
    units = sorted(model.units.columns["unit"].values)
    mixed = 0 < len(selections) < len(model.programs)
    return Without(
        tuple(unit for unit in units if unit not in got),
        tuple(unit for unit in units if unit in got and unit not in chosen) if mixed else None,
    )


def _refused(model: Model, audit: Audit, found: Iterable[Outcomes]) -> Iterable[Refused]:
    got: dict[str, set[str]] = {program: set() for program in model.programs}
    for award in audit.allocation.awards:
        got.setdefault(award.program, set()).add(award.unit)
    of = {one.program: one for one in found}
    for program in marks(model):
        yield _refused_of(of[program], got[program])


def _refused_of(one: Outcomes, got: set[str]) -> Refused:
    without = np.array([unit not in got for unit in one.units], np.bool_)[one.unit]
    unit, reason = one.unit[without], one.reason[without]
    ranks = [why.rank for why in one.reasons]
    rank = np.array([sorted(set(ranks)).index(r) for r in ranks], np.int64)[reason]
    order = np.lexsort((-rank, unit))  # of each unit the best year first, and the first of equal ones
    best = reason[order[np.flatnonzero(np.diff(unit[order], prepend=-1))]]
    alike: dict[tuple[object, ...], list[int]] = {}  # decisions by hand each by itself
    for i, why in enumerate(one.reasons):
        alike.setdefault((why.rank, why.decided), []).append(i)
    stages = []
    for (reached, _), reasons in alike.items():
        units = np.flatnonzero(np.isin(best, reasons))
        if len(units):
            stages.append((reached, -int(units[0]), one.reasons[best[units[0]]], len(units)))
    stages.sort(key=lambda stage: stage[:2], reverse=True)
    outscored = np.unique(unit[one.outscored[without]]).tolist()
    return Refused(
        one.program,
        len(got),
        tuple((why, count) for _, _, why, count in stages),
        tuple(one.units[i] for i in outscored),
    )
