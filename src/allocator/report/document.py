"""The facts of a report as one JSON document: the same facts as the screen, with codes, and texts in both languages.

Lives here: its keys. Exact figures are texts, as in audit.json.
Not here: the facts (facts.py), the records of a run (runs/manifest.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from allocator.audit import Finding, IndicatorFigure
from allocator.explain.names import Names
from allocator.model.rule import ByHand, Rule
from allocator.report.facts import AnnexLine, Facts, Promise, Reached, Refused, Spread
from allocator.report.faults import fault_record
from allocator.runs.manifest import both, exact, group_record
from allocator.words import LANGUAGES

MOST_GROUPS = 200  # of one rule, told one by one; of more the tightest and the broken ones
Bounds = tuple[Fraction | None, Fraction | None]


def document(facts: Facts) -> dict[str, Any]:
    """All facts of a report."""
    model, audit = facts.model, facts.audit
    told = _Both(facts)
    return {
        "model": model.policy.model,
        "title": both(model.policy.title),
        "status": None if facts.solution is None else facts.solution.status,
        "illustrative": list(model.policy.illustrative),
        "notices": [fault_record(notice) for notice in model.notices],
        "annex": [told.line(line) for line in facts.annex],
        "awards": [list(award) for award in audit.allocation.awards],
        "groups": [told.spread(spread) for spread in facts.spreads],
        "rules": [told.promise(one) for one in facts.promises],
        "decided_by_hand": [told.by_hand(one) for one in facts.by_hand],
        "reach": [told.reached(one) for one in facts.reach],
        "nothing": list(facts.without.nothing),
        "amounts_alone": None if facts.without.amounts_alone is None else list(facts.without.amounts_alone),
        "indicators": [_indicator(figure) for figure in audit.indicators],
        "changes": [vars(change) for change in facts.changes],
        "not_awarded": [told.refused(one) for one in facts.refused],
        "objectives": [
            {
                "objective": value.id,
                "text": told.both(Names.objective, model.policy.objectives[i]),
                "ours": model.policy.objectives[i].ours,
                "value": None if value.figures is None else [exact(figure) for figure in value.figures],
                **({} if facts.solution is None else told.proof(i)),
            }
            for i, value in enumerate(audit.objectives)
        ],
        **({} if facts.solution is None else told.solved()),
        "audit": {
            "rules": len(audit.rules),
            "violations": len(audit.violations),
            "findings": [told.finding(finding) for finding in audit.findings],
            "remarks": [told.finding(finding) for finding in audit.remarks],
        },
    }


def _indicator(figure: IndicatorFigure) -> dict[str, Any]:
    return {
        "indicator": figure.indicator.id,
        "text": both(figure.indicator.text),
        "group": list(figure.label),
        "value": exact(figure.value),
        "at_least": exact(figure.at_least),
        "at_most": exact(figure.at_most),
        "met": figure.met,
        "lacking": figure.lacking,
    }


class _Both:
    """Pieces of the document, in both languages where they are words."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.names = {lang: Names(facts.model, lang) for lang in LANGUAGES}
        self.rules = {check.rule.id: check.rule for check in facts.audit.rules}

    def both(self, told: Callable[..., str], *what: object) -> dict[str, str]:
        """What a method of Names says in each language."""
        return {lang: told(names, *what) for lang, names in self.names.items()}

    def line(self, line: AnnexLine) -> dict[str, Any]:
        program = self.facts.model.programs[line.program]
        periods = self.facts.model.policy.periods
        total, awarded = line.total
        return {
            "no": line.mark,
            "program": line.program,
            "title": both(self.facts.model.program_title(line.program)),
            "action": program.action,
            "decides": program.decides,
            "departments": [both(department) for department in program.departments],
            "periods": {
                str(t): {**_bounds(planned), "awarded": made}
                for t, planned, made in zip(periods, line.planned, line.awarded, strict=True)
            },
            "total": {**_bounds(total), "awarded": awarded},
        }

    def spread(self, spread: Spread) -> dict[str, Any]:
        """How much of each program the groups of one column get."""
        return {
            "column": spread.column,
            "rows": [
                {
                    "group": key,
                    "name": self.both(Names.group, spread.column, key),
                    "units": units,
                    "awarded": {line.program: amount for line, amount in zip(self.facts.annex, amounts, strict=True)},
                }
                for key, units, amounts in spread.rows
            ],
        }

    def reached(self, one: Reached) -> dict[str, Any]:
        return {
            "rule" if isinstance(one.declared, Rule) else "objective": one.declared.id,
            "text": self.both(Names.declared, one.declared),
            "within": list(one.within),
            "total": len(one.hit) + len(one.missed),
            "reached": [list(label) for label in one.hit],
            "not_reached": [list(label) for label in one.missed],
        }

    def promise(self, one: Promise) -> dict[str, Any]:
        """One rule: what is required and reached in its tightest group, and in each where these are few."""
        return {
            "rule": one.rule.id,
            "kind": one.rule.kind,
            "text": self.both(Names.rule, one.rule),
            "clause": both(one.rule.clause),
            "ours": one.rule.ours,
            "soft": one.rule.soft is not None,
            "groups": one.check.groups,
            "broken": len(one.check.broken),
            "tightest": None if one.nearest is None else group_record(one.nearest),
            "each": [group_record(judged) for judged in one.check.judged] if one.check.groups <= MOST_GROUPS else None,
        }

    def by_hand(self, one: ByHand) -> dict[str, Any]:
        return {
            "unit": one.unit,
            "program": one.program,
            "period": one.period,
            "at_least": one.least,
            "at_most": one.most,
            "name": one.name,
            "reason": both(one.reason),
        }

    def refused(self, one: Refused) -> dict[str, Any]:
        program = self.facts.model.programs[one.program]
        return {
            "program": one.program,
            "awarded_units": one.awarded,
            "units": sum(count for _, count in one.stages),
            "settled_at": [
                {
                    "stage": example.settled_at(program),
                    "condition": None if example.condition is None else example.condition_id(program),
                    "decided_by": None if example.decided is None else example.decided.name,
                    "units": count,
                    "reason": self.both(Names.stage, program, example),
                }
                for example, count in one.stages
            ],
            "outscored_a_chosen_one": list(one.outscored),
        }

    def proof(self, index: int) -> dict[str, Any]:
        assert self.facts.solution is not None
        stage = self.facts.solution.stages[index]
        return {
            "proof": stage.status,
            "gap": stage.gap,
            "bound": exact(stage.bound),
            "seconds": round(stage.seconds, 3),
        }

    def solved(self) -> dict[str, Any]:
        solution, public = self.facts.solution, self.facts.model.policy.public_draw
        assert solution is not None
        return {
            "draw": {
                "made": self.facts.model.policy.seed is not None,
                "seed": self.facts.model.policy.seed,
                "public": None if public is None else public.model_dump(),
                "proof": solution.draw_status,
                "cells": [list(cell) for cell in solution.drawn],
                "alone": [vars(one) for one in self.facts.by_draw_alone.awards],
                "all_tried": self.facts.by_draw_alone.all_tried,
            },
            "solver": {
                "solver": solution.solver,
                "version": solution.solver_version,
                "threads": solution.threads,
                "seconds": round(solution.seconds, 3),
                "cells": solution.cells,
                "rows": solution.rows,
            },
        }

    def finding(self, finding: Finding) -> dict[str, Any]:
        return {
            "rule": finding.rule,
            "rule_text": self.both(Names.judged, self.rules[finding.rule]),
            "group": list(finding.label),
            "found": exact(finding.found),
            "at_least": exact(finding.at_least),
            "at_most": exact(finding.at_most),
            "soft": finding.soft,
            "text": self.both(Names.finding, self.rules[finding.rule], finding),
        }


def _bounds(planned: Bounds | Sequence[Fraction | None]) -> dict[str, str | None]:
    low, high = planned
    return {"at_least": exact(low), "at_most": exact(high)}
