"""Other plans within a loss: beside the given one, what each does better and worse, who comes in and who drops out; as records.

Lives here: what of them is shown.
Not here: the plans (explain/alternatives.py), lines about who moves (moved.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.audit import Audit
from allocator.compare.moves import moves
from allocator.explain.alternatives import Alternative, Alternatives, Losses
from allocator.model.model import Model
from allocator.report.beside import show_beside, show_ways
from allocator.report.moved import moves_record, show_moves
from allocator.report.page import Page


@dataclass(frozen=True)
class Asked:
    """What was asked for: so many plans, so far apart, within losses; programs whose awards count (None: all)."""

    count: int
    apart: int
    losses: Losses
    of: Collection[str] | None = None


def alternatives_record(model: Model, found: Alternatives, asked: Asked) -> dict[str, Any]:
    """Figures are exact texts; a loss of null: any."""
    losses = {one.id: asked.losses.get(one.id, Fraction(0)) for one in model.policy.objectives}
    return {
        "asked": {
            "count": asked.count,
            "apart": asked.apart,
            "of": None if asked.of is None else sorted(asked.of),
            "losses": {name: None if loss is None else str(loss) for name, loss in losses.items()},
        },
        "end": found.end,
        "solves": found.solves,
        "searched": found.searched,
        "given": _values(found.given),
        "plans": [
            {
                "proved": one.proved,
                "apart": list(one.apart),
                "objectives": _values(one.audit),
                "awards": [list(award) for award in one.plan.awards],
                "moves": moves_record(moves(found.given.allocation, one.plan)),
            }
            for one in found.plans
        ],
    }


def _values(judged: Audit) -> dict[str, list[str] | None]:
    return {one.id: None if one.figures is None else list(map(str, one.figures)) for one in judged.objectives}


def show_alternatives(page: Page, found: Alternatives, asked: Asked) -> None:
    page.heading("report.alternatives.heading")
    page.line(page.say("report.alternatives.lead", apart=asked.apart))
    _losses(page, asked)
    if found.plans:
        _beside(page, found)
    for number, one in enumerate(found.plans, 1):
        _plan(page, found, one, number)
    page.console.print()
    told = {"count": len(found.plans), "asked": asked.count, "apart": asked.apart}
    end = "none-at-all" if found.end == "none" and not found.plans else found.end
    page.line(page.say(f"report.alternatives.end.{end}", **told))
    page.line(page.say("report.alternatives.solves", solves=found.solves, searched=found.searched), style="dim")


def _losses(page: Page, asked: Asked) -> None:
    objectives = page.names.model.policy.objectives
    lossy = [one for one in objectives if asked.losses.get(one.id, Fraction(0)) != 0]
    for one in lossy:
        loss = asked.losses[one.id]
        code = "report.alternatives.any" if loss is None else "report.alternatives.loss"
        page.line(page.say(code, objective=page.names.objective(one), loss=page.names.figure(loss)), hang=2)
    if len(lossy) < len(objectives):
        page.line(page.say(f"report.alternatives.{'others' if lossy else 'none'}"))
    if asked.of is not None:
        programs = page.names.listed(page.names.program(program) for program in sorted(asked.of))
        page.line(page.say("report.alternatives.of", programs=programs))


def _beside(page: Page, found: Alternatives) -> None:
    """The objectives in which a plan differs, and how far apart the plans are."""
    heads = [page.say("report.alternatives.head.plan", number=number + 1) for number in range(len(found.plans))]
    apart = ["–", *(f"{one.apart[0]:,}" for one in found.plans)]
    audits = [found.given, *(one.audit for one in found.plans)]
    show_beside(page, heads, audits, [(page.say("report.alternatives.apart"), apart)])


def _plan(page: Page, found: Alternatives, one: Alternative, number: int) -> None:
    code = "report.alternatives.plan" if one.proved else "report.alternatives.plan-not-proved"
    page.heading(code, number=number, apart=one.apart[0], nearest=min(one.apart))
    show_ways(page, found.given, one.audit)
    show_moves(page, moves(found.given.allocation, one.plan))
