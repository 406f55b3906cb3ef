"""The best plan with the opposite of one decision, beside the given one: objective by objective, and who moves; as a record.

Lives here: what of it is shown.
Not here: the plan (explain/opposite.py).
"""

from __future__ import annotations

from typing import Any

from allocator.audit import Audit
from allocator.compare.moves import moves
from allocator.explain.opposite import WithOpposite
from allocator.report.beside import show_beside, show_ways
from allocator.report.moved import moves_record, show_moves
from allocator.report.page import Page


def opposite_record(given: Audit, one: WithOpposite) -> dict[str, Any]:
    """Figures are exact texts; `objectives` and `moves` None where there is no such plan."""
    objectives = None
    if one.found is not None:
        pairs = zip(given.objectives, one.found.objectives, strict=True)
        objectives = {was.id: {"given": _texts(was.figures), "opposite": _texts(now.figures)} for was, now in pairs}
    plan = None if one.found is None else one.found.allocation
    return {
        "way": one.opposite.way,
        "proved": one.proved,
        "objectives": objectives,
        "moves": None if plan is None else moves_record(moves(given.allocation, plan)),
    }


def _texts(figures: tuple[Any, ...] | None) -> list[str] | None:
    return None if figures is None else list(map(str, figures))


def show_opposite(page: Page, given: Audit, one: WithOpposite) -> None:
    """The objectives, what is better and worse, who moves."""
    opposite = one.opposite
    told = {
        "program": page.names.program(opposite.program),
        "period": opposite.period,
        "amount": opposite.amount,
        "unit": page.names.unit(opposite.unit),
    }
    selects = page.names.model.programs[opposite.program].decides == "selection"
    more, less = ("in", "out") if selects else ("more", "less")
    page.heading(f"report.opposite.{more if opposite.way > 0 else less}", **told)
    if one.found is None:
        page.line(page.say(f"report.opposite.{'none' if one.proved else 'limit'}"))
        return
    if not one.proved:
        page.line(page.say("report.opposite.not-proved"), style="yellow")
    show_beside(page, [page.say("report.opposite.head")], [given, one.found])
    show_ways(page, given, one.found)
    show_moves(page, moves(given.allocation, one.found.allocation))
