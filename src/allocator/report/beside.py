"""Plans beside each other, objective by objective: what each comes to, which it does better and which worse.

Lives here: the table and these two lines.
Not here: which plans (explain/alternatives.py, explain/opposite.py), who moves between them (moved.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.audit import Audit
from allocator.report.page import Page

MOST_FIGURES = 3  # of a vector


def show_beside(
    page: Page, heads: Sequence[str], audits: Sequence[Audit], more: Sequence[tuple[str, list[str]]] = ()
) -> None:
    """The objectives in which a plan differs from the first, whose column comes before `heads`; `more`: further rows."""
    columns = [(page.say("report.alternatives.head.objective"), "left")]
    columns += [(head, "right") for head in (page.say("report.alternatives.head.given"), *heads)]
    table = page.new_table(columns)
    equal = 0
    for i, objective in enumerate(page.names.model.policy.objectives):
        values = [judged.objectives[i].figures for judged in audits]
        if len(set(values)) == 1:
            equal += 1
            continue
        told = [page.names.objective_value(objective, value, MOST_FIGURES) for value in values]
        table.add_row(page.names.objective(objective), *told)
    for head, cells in more:
        table.add_row(head, *cells)
    page.console.print()
    page.table(table)
    if equal:
        page.line(page.say("report.compare.equal", count=equal), style="dim")


def show_ways(page: Page, given: Audit, other: Audit, indent: int = 4) -> None:
    """The objectives in which a plan is better than the given one, and those in which it is worse."""
    objectives = {objective.id: objective for objective in page.names.model.policy.objectives}
    for way in ("better", "worse"):
        told = [
            page.names.objective(objectives[before.id])
            for before, after in zip(given.objectives, other.objectives, strict=True)
            if _way(before.figures, after.figures, before.better) == way
        ]
        if told:
            between = page.say("report.semicolon")
            page.names_line(page.say(f"report.alternatives.{way}"), told, indent=indent, between=between)


def _way(before: tuple[Fraction, ...] | None, after: tuple[Fraction, ...] | None, better: str) -> str:
    if before is None or after is None or before == after:
        return "equal"
    return "better" if (after > before) == (better == "more") else "worse"
