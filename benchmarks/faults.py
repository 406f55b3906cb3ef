"""Planted faults: right plans, each broken in one place; the audit must name the rule and the group that the fault breaks.

Lives here: choosing faults that spread over all rules, the comparison with the audit, the table, the command.
Not here: what the rules say (planted/), the audit (src/allocator/audit).

    python -m benchmarks.faults [--json FILE] [--seed N] [--each N] [MODEL ...]

The planter decides by simple reasoning of its own which rules a change breaks, and in which groups. The audit has to reject the
plan and to name just these: a rule that is missed and a rule that is accused wrongly both count as failures.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from allocator.audit import audit
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.solve import solve
from benchmarks.planted import bonds, coverage, guangxi, sums, tutorial
from benchmarks.planted.changes import Change, changes
from benchmarks.planted.clauses import Clause, Label, Plan, Planted

MODELS: dict[str, Callable[[], Planted]] = {
    "tutorial": tutorial.planted,
    "sums": sums.planted,
    "bonds": bonds.planted,
    "coverage": coverage.planted,
    "guangxi": guangxi.planted,
}
EACH = 6  # faults aimed at each declared rule; a program's property, of which there are many more, gets a third
WANTED = 300  # in all
MOST_CHANGES = 600  # of one way to change a plan, so that a large model does not take minutes

Named = frozenset[tuple[str, Label]]


@dataclass(frozen=True)
class Right:
    """A model with its right plan: the optimum, which neither the planter nor the audit finds fault with."""

    planted: Planted
    model: Model
    plan: Plan


@dataclass(frozen=True)
class Fault:
    """One change of a right plan, the clause that it was chosen for, and all groups that it breaks."""

    clause: Clause
    change: Change
    broken: Named


@dataclass(frozen=True)
class Verdict:
    """What the audit says of a fault."""

    model: str
    fault: Fault
    said: Named
    rejected: bool

    @property
    def named(self) -> bool:
        """The rule that the fault was planted for, in the very groups."""
        wanted = {(rule, label) for rule, label in self.fault.broken if rule == self.fault.clause.rule}
        return self.rejected and wanted <= self.said

    @property
    def exact(self) -> bool:
        """Everything that the fault breaks, and nothing else."""
        return self.said == self.fault.broken


def right(planted: Planted) -> Right:
    """Solve, and see that both readings accept the plan: the control without which a rejection says nothing."""
    model = load(planted.sheet.folder)
    allocation = solve(model).allocation
    if allocation is None:
        raise RuntimeError(f"{planted.name} has no plan")
    plan = allocation.amounts
    wrong = _broken(planted.clauses, plan) | _said(model, plan)[0]
    if wrong:
        raise RuntimeError(f"the right plan of {planted.name} is not right: {sorted(map(str, wrong))}")
    unread = {rule.id for rule in model.rules if rule.applies is None} - {clause.rule for clause in planted.clauses}
    if unread:
        raise RuntimeError(f"{planted.name}: the planter does not read {sorted(unread)}")
    return Right(planted, model, plan)


def plant(right: Right, seed: int, each: int) -> list[Fault]:
    """For every declared rule `each` faults, for every property a third of them.

    Those that break the fewest groups come first, of as many ways to change a plan as there are.
    Raises RuntimeError for a rule that no single change breaks: its model is not tight enough to test it.
    """
    draw = random.Random(f"{right.planted.name}-{seed}")
    made = changes(right.planted.sheet, right.plan, draw, MOST_CHANGES)
    hits: dict[str, list[Fault]] = {clause.rule: [] for clause in right.planted.clauses}
    for change in made:
        of = [c for c in right.planted.clauses if c.programs & change.programs]
        broken = _broken(of, change.plan)
        for clause in of:
            if any(rule == clause.rule for rule, _ in broken):
                hits[clause.rule].append(Fault(clause, change, broken))
    properties = {rule.id for rule in right.model.rules if rule.is_property}
    chosen: list[Fault] = []
    used: set[int] = set()
    for rule, faults in sorted(hits.items(), key=lambda hit: len(hit[1])):  # the rarest chooses first
        if not faults and rule not in right.planted.loose:
            raise RuntimeError(f"{right.planted.name}: no single change breaks {rule}")
        mine = [fault for fault in _turn_by_turn(faults, draw) if id(fault.change) not in used]
        mine = mine[: max(1, each // 3) if rule in properties else each]
        used |= {id(fault.change) for fault in mine}
        chosen += mine
    return chosen


def _turn_by_turn(faults: Iterable[Fault], draw: random.Random) -> list[Fault]:
    """One of each way to change in turn; within a way those with the fewest broken groups first."""
    ways: dict[str, list[Fault]] = {}
    for fault in faults:
        ways.setdefault(fault.change.how, []).append(fault)
    for found in ways.values():
        draw.shuffle(found)
        found.sort(key=lambda fault: len(fault.broken))
    ordered = [ways[how] for how in sorted(ways)]
    draw.shuffle(ordered)
    return [fault for turn in zip_longest(*ordered) for fault in turn if fault is not None]


def judge(right: Right, fault: Fault) -> Verdict:
    said, rejected = _said(right.model, fault.change.plan)
    return Verdict(right.planted.name, fault, said, rejected)


def _broken(clauses: Iterable[Clause], plan: Plan) -> Named:
    return frozenset((clause.rule, label) for clause in clauses for label in clause.broken(plan))


def _said(model: Model, plan: Plan) -> tuple[Named, bool]:
    """What the audit finds, and whether that makes the plan inadmissible."""
    found = audit(model, Allocation.of((*cell, amount) for cell, amount in plan.items()))
    return frozenset((finding.rule, finding.label) for finding in found.findings), bool(found.violations)


# The command ------------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(MODELS)}; all without it")
    parser.add_argument("--json", type=Path, help="write every fault and what the audit said of it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=EACH, help="faults aimed at each declared rule")
    asked = parser.parse_args(arguments)
    verdicts = []
    for name in asked.models or MODELS:
        this = right(MODELS[name]())
        faults = plant(this, asked.seed, asked.each)
        print(f"{name}: a right plan of {len(this.plan)} awards, {len(faults)} faults", file=sys.stderr)
        verdicts += [judge(this, fault) for fault in faults]
    print(table(verdicts))
    if asked.json:
        told = {"seed": asked.seed, "faults": [document(verdict) for verdict in verdicts]}
        asked.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    few = not asked.models and asked.each >= EACH and len(verdicts) < WANTED
    if few:
        print(f"only {len(verdicts)} faults; {WANTED} are wanted")
    return 1 if few or not all(verdict.named and verdict.exact for verdict in verdicts) else 0


def table(verdicts: Sequence[Verdict]) -> str:
    """A line for each form of a rule, then the ways the plans were changed, then every failure."""
    lines = [f"{'rule':<24}{'planted':>9}{'named':>7}{'exactly':>9}"]
    forms = sorted({verdict.fault.clause.form for verdict in verdicts})
    for form in (*forms, None):
        mine = [v for v in verdicts if form in (None, v.fault.clause.form)]
        counts = f"{len(mine):>9}{sum(v.named for v in mine):>7}{sum(v.exact for v in mine):>9}"
        lines.append(f"{form or 'all':<24}{counts}")
    ways = Counter(verdict.fault.change.how for verdict in verdicts)
    lines.append("changes: " + ", ".join(f"{how} {count}" for how, count in sorted(ways.items())))
    for verdict in verdicts:
        if not (verdict.named and verdict.exact):
            rule, change = verdict.fault.clause.rule, verdict.fault.change
            lines.append(f"MISSED {verdict.model} {rule}: {change.how} {change.cells}")
            lines.append(f"  not named: {_listed(verdict.fault.broken - verdict.said)}")
            lines.append(f"  named wrongly: {_listed(verdict.said - verdict.fault.broken)}")
    return "\n".join(lines)


def _listed(named: Named) -> list[str]:
    return sorted(f"{rule}{list(label)}" for rule, label in named)


def document(verdict: Verdict) -> dict[str, Any]:
    """One fault for the JSON file."""
    return {
        "model": verdict.model,
        "rule": verdict.fault.clause.rule,
        "form": verdict.fault.clause.form,
        "change": verdict.fault.change.how,
        "cells": [list(cell) for cell in verdict.fault.change.cells],
        "breaks": _listed(verdict.fault.broken),
        "audit": _listed(verdict.said),
        "named": verdict.named,
        "exact": verdict.exact,
    }


if __name__ == "__main__":
    sys.exit(main())
