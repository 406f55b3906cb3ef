"""Model + allocation -> findings: every rule, objective value and indicator recounted from the awards.

Lives here: the recount, with no solver, no compiled problem, and no code of the compiled reading of a rule.
Not here: reading the allocation from a file (load/allocation.py), the sentences (words/), the run folder (runs/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from allocator.database import Database
from allocator.database.expression import parse
from allocator.database.judged import judged, place_of
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.naming import bracketed
from allocator.model.objective import Objective, Value
from allocator.model.policy import Indicator
from allocator.model.query import Label, NotKnown, Served
from allocator.model.rule import Judged, Rule, Tally
from allocator.words import Say

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Audit", "Finding", "IndicatorFigure", "ObjectiveValue", "RuleCheck", "audit"]


@dataclass(frozen=True)
class Finding:
    """One group in which one rule is broken: what was found, what is required; found None: a figure is missing."""

    rule: str
    label: Label
    found: Fraction | None
    at_least: Fraction | None
    at_most: Fraction | None
    because: Say | None
    soft: bool


@dataclass(frozen=True)
class RuleCheck:
    """One rule with every group that was counted: what was found of it, what is required."""

    rule: Rule
    judged: Sequence[Judged]

    @property
    def groups(self) -> int:
        return len(self.judged)

    @cached_property
    def columns(self) -> Tally:
        return self.judged if isinstance(self.judged, Tally) else Tally.of(self.judged)

    @cached_property
    def broken(self) -> tuple[Judged, ...]:
        slack = self.columns.slack
        missed = ~self.columns.found.given | (slack.given & (slack.number < 0))
        return tuple(self.judged[g] for g in np.flatnonzero(missed).tolist())

    @cached_property
    def remarks(self) -> tuple[Judged, ...]:
        """Groups that are not broken, and of which something is to be said all the same."""
        said = () if self.judged is self.columns else self.judged
        return tuple(j for j in said if j.because is not None and not j.broken)

    @cached_property
    def nearest(self) -> Judged | None:
        """The group with the smallest slack; None where no group has a bound."""
        slack = self.columns.slack
        bound = np.flatnonzero(slack.given)
        return self.judged[int(bound[np.argmin(slack.number[bound])])] if len(bound) else None

    @property
    def slack(self) -> Fraction | None:
        return None if self.nearest is None else self.nearest.slack

    def with_slack(self, wanted: Fraction) -> int:
        """How many groups have just this slack."""
        slack = self.columns.slack
        number = wanted * slack.scale
        return int(np.sum(slack.given & (slack.number == int(number)))) if number.denominator == 1 else 0

    @property
    def tightest(self) -> Label | None:
        return None if self.nearest is None else self.nearest.label

    def findings(self, judged: Iterable[Judged]) -> Iterator[Finding]:
        """Some of its groups, each with the rule."""
        soft = self.rule.soft is not None
        for j in judged:
            yield Finding(self.rule.id, j.label, j.found, j.at_least, j.at_most, j.because, soft)


@dataclass(frozen=True)
class ObjectiveValue:
    """One objective, recounted; figures None where a figure is missing on an award."""

    id: str
    kind: str
    figures: tuple[Fraction, ...] | None
    better: str


@dataclass(frozen=True)
class IndicatorFigure:
    """One figure of one indicator; value None means "no data", and `lacking` names the column it lacks."""

    indicator: Indicator
    label: Label
    value: Fraction | None
    lacking: str | None
    at_least: Fraction | None
    at_most: Fraction | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal or without data."""
        if self.value is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    @property
    def group(self) -> str:
        """`[a][b]`"""
        return bracketed(self.label)

    @property
    def name(self) -> str:
        """What the figure is called in tables and records: no two are called the same."""
        return f"indicators.{self.indicator.id}{self.group}"


@dataclass(frozen=True)
class Audit:
    """The recount of one allocation under one model."""

    model: Model
    allocation: Allocation
    rules: tuple[RuleCheck, ...]
    objectives: tuple[ObjectiveValue, ...]
    indicators: tuple[IndicatorFigure, ...]
    not_in_force: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<audit: {len(self.rules)} rules, {len(self.violations)} violations; {self.allocation!r}>"

    @cached_property
    def tables(self) -> Database:
        """The model's tables with the allocation, as they were recounted."""
        return Database(self.model, self.allocation)

    @cached_property
    def served(self) -> tuple[tuple[Rule | Objective, tuple[Served, ...]], ...]:
        """Rules in force and objectives that ask whether groups are reached, each with all its groups."""
        asking: tuple[Rule | Objective, ...] = (*self.tables.rules_in_force(), *self.model.policy.objectives)
        told = ((one, tuple(one.served(self.tables))) for one in asking)
        return tuple((one, groups) for one, groups in told if groups)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every group in which a rule is broken, soft rules included, sorted by rule."""
        return tuple(finding for check in self.rules for finding in check.findings(check.broken))

    @cached_property
    def remarks(self) -> tuple[Finding, ...]:
        """What breaks no rule and is said all the same: signed awards to units that are not eligible by the data at hand."""
        return tuple(finding for check in self.rules for finding in check.findings(check.remarks))

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings of hard rules: what makes an allocation inadmissible."""
        return tuple(f for f in self.findings if not f.soft)

    def frame(self) -> pd.DataFrame:
        """One row a rule: rule, kind, groups, broken; of its tightest group: at_least, at_most, found, whole, slack, tightest."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "rule": c.rule.id,
                    "kind": c.rule.kind,
                    "groups": c.groups,
                    "broken": len(c.broken),
                    **{
                        name: None if c.nearest is None else _number(getattr(c.nearest, name))
                        for name in ("at_least", "at_most", "found", "whole", "slack")
                    },
                    "tightest": None if c.tightest is None else ", ".join(map(str, c.tightest)),
                }
                for c in self.rules
            ]
        )


def _number(figure: Fraction | None) -> float | None:
    return None if figure is None else float(figure)


def audit(model: Model, allocation: Allocation) -> Audit:
    """Recount every rule, program property, objective value and indicator from the awards.

    Raises InputError where the awards are such that a figure cannot be worked out: too large, or a division by zero of a unit
    that no plan of ours would award.
    """
    tables = Database(model, allocation)
    held = tables.rules_in_force()
    names = {rule.id for rule in held}
    found = Audit(
        model,
        allocation,
        (
            *(RuleCheck(rule, _audited(model, rule, tables)) for rule in held),
            *_strangers(model, allocation),
        ),
        tuple(_value(tables, index) for index in range(len(model.policy.objectives))),
        tuple(
            figure
            for index, indicator in enumerate(model.policy.indicators)
            for figure in judged(model, ("indicators", index), partial(_figures, tables, indicator))
        ),
        tuple(rule.id for rule in model.rules if rule.id not in names),
    )
    found.__dict__["tables"] = tables
    return found


def _audited(model: Model, rule: Rule, tables: Database) -> Sequence[Judged]:
    return judged(model, place_of(model, rule), lambda: rule.audit(tables))


class KnownFigure(Rule):
    """An award names a unit, a program and a period of the plan."""

    kind: ClassVar[str] = "known"
    weighed: ClassVar[bool] = False
    is_property: ClassVar[bool] = True

    def sentence(self) -> Say:
        return Say("rules.known")


def _strangers(model: Model, allocation: Allocation) -> list[RuleCheck]:
    """Awards of units or programs that the model does not have: no rule counts them, so they are told apart."""
    units, programs = set(model.units.columns["unit"].values), set(model.programs)
    lost = [
        Judged(
            a[:3],
            Fraction(1),
            at_most=Fraction(0),
            because=Say("audit.stranger", {"unit": a.unit, "program": a.program}),
        )
        for a in allocation.awards
        if a.unit not in units or a.program not in programs
    ]
    return [RuleCheck(KnownFigure(id="known"), tuple(lost))] if lost else []


def _value(tables: Database, index: int) -> ObjectiveValue:
    objective = tables.model.policy.objectives[index]
    value = judged(tables.model, ("objectives", index), lambda: _recounted(objective, tables))
    if value is None:
        return ObjectiveValue(objective.id, objective.kind, None, "more")
    return ObjectiveValue(objective.id, objective.kind, value.figures, value.better)


def _recounted(objective: Objective, tables: Database) -> Value | None:
    """None where a figure is missing on an award."""
    try:
        return objective.recount(tables)
    except NotKnown:
        return None


def _figures(tables: Database, indicator: Indicator) -> list[IndicatorFigure]:
    lacking = [c for c in parse(indicator.value).columns if c in tables.names.missing]
    if lacking:
        return [IndicatorFigure(indicator, (), None, lacking[0], None, None)]
    goals = {}
    for side in ("at_least", "at_most"):
        text = getattr(indicator.goal, side) if indicator.goal else None
        goals[side] = dict(tables.indicator(text, indicator.where, indicator.by)) if text else {}
    rows = tables.indicator(indicator.value, indicator.where, indicator.by)
    return [
        IndicatorFigure(
            indicator,
            label,
            value,
            None if value is not None else ", ".join(parse(indicator.value).columns),
            goals["at_least"].get(label),
            goals["at_most"].get(label),
        )
        for label, value in rows
    ]
