"""Who gets what: selections by name, amounts by period, and which of them the draw decided, as a page shows them.

Lives here: how many are named, what is said of the rest; the mark of the draw.
Not here: the awards (model/allocation.py), the layout of a table (grid.py), the files that have all (runs/people_tables.py).
"""

from __future__ import annotations

from collections import Counter

from allocator.explain.alone import Alone
from allocator.report.facts import AnnexLine, Facts
from allocator.report.page import Page

MOST_PROGRAMS = 30
MOST_ROWS = 120  # units listed with their amounts, all programs together
MOST_AMOUNTS = 40  # of one program
LARGEST = 10  # of more, the largest
MOST_ALONE = 20
DRAWN = "*"

Cell = tuple[str, str, int]
Awards = list[tuple[str, int, int]]  # of one program: unit, period, amount


def show_gets(page: Page, facts: Facts) -> None:
    """Program by program, in the annex's order."""
    decides = {line.program: facts.model.programs[line.program].decides for line in facts.annex}
    drawn = set() if facts.solution is None else set(facts.solution.drawn)
    made: dict[str, Awards] = {}
    for unit, program, period, amount in facts.audit.allocation.awards:
        made.setdefault(program, []).append((unit, period, amount))
    for kind, heading in (("selection", "chosen"), ("amount", "amounts")):
        lines = [line for line in facts.annex if decides[line.program] == kind and line.program in made]
        if not lines:
            continue
        page.heading(f"report.{heading}.heading")
        for line in lines[:MOST_PROGRAMS]:
            if kind == "selection":
                _chosen(page, facts, line, made[line.program], drawn)
            else:
                if line is not lines[0]:
                    page.console.print()
                most = max(LARGEST, min(MOST_AMOUNTS, MOST_ROWS // len(lines)))
                _amounts(page, facts, line, made[line.program], drawn, most)
        page.more(len(lines) - MOST_PROGRAMS)
        if any((unit, line.program, period) in drawn for line in lines for unit, period, _ in made[line.program]):
            page.line(page.say("report.draw.mark"), style="dim")


def _chosen(page: Page, facts: Facts, line: AnnexLine, awards: Awards, drawn: set[Cell]) -> None:
    page.line(f"{line.mark}  {page.names.program(line.program)}", hang=4)
    for period in facts.model.policy.periods:
        own = [
            page.names.unit(unit) + (DRAWN if (unit, line.program, period) in drawn else "")
            for unit, when, _ in awards
            if when == period
        ]
        if own:
            page.names_line(page.say("report.chosen.year", period=period, count=len(own)), own, rest=_rest(facts))


def _amounts(page: Page, facts: Facts, line: AnnexLine, awards: Awards, drawn: set[Cell], most: int) -> None:
    """A table of units and periods: all of them where they are few, else the largest."""
    periods = facts.model.policy.periods
    amounts = {(unit, period): amount for unit, period, amount in awards}
    total: Counter[str] = Counter()
    for unit, _, amount in awards:
        total[unit] += amount
    ordered = sorted(total, key=lambda unit: (-total[unit], unit))
    shown = ordered if len(ordered) <= most else ordered[:LARGEST]
    title = f"{line.mark}  {page.names.program(line.program)}"
    several = len(periods) > 1
    columns = [(title, "left"), *((str(period), "right") for period in periods)]
    columns += [(page.say("report.annex.total"), "right")] if several else []
    grid = page.new_table(columns, whole=True)
    for unit in shown:
        cells = [
            f"{amounts.get((unit, period), 0):,}" + (DRAWN if (unit, line.program, period) in drawn else " ")
            for period in periods
        ]
        if not any((unit, line.program, period) in drawn for unit in shown for period in periods):
            cells = [cell.rstrip() for cell in cells]
        grid.add_row(page.names.unit(unit), *cells, *([f"{total[unit]:,}"] if several else []))
    page.table(grid)
    if len(shown) < len(ordered):
        rest = ordered[len(shown) :]
        left = sum(total[unit] for unit in rest)
        page.line(page.say("report.amounts.rest", count=len(rest), amount=f"{left:,}", where=_rest(facts)), style="dim")


def _rest(facts: Facts) -> str:
    """Where all of it stands: in the run of a plan that was solved, else in the document."""
    return "awards.csv" if facts.solution is not None else "--json"


def show_by_draw_alone(page: Page, facts: Facts) -> None:
    """Awards that no rule and no objective asks for."""
    found = facts.by_draw_alone
    if found.awards:
        page.heading("report.alone.heading", count=len(found.awards))
        page.line(page.say("report.alone.what"), style="yellow")
        marks = {line.program: line.mark for line in facts.annex}
        told = [_alone(page, one, marks) for one in found.awards]
        page.names_line("", told, most=MOST_ALONE, between=page.say("report.semicolon"), rest="--json")
    if not found.all_tried:
        page.line(page.say("report.alone.not-all"), style="dim")


def _alone(page: Page, one: Alone, marks: dict[str, str]) -> str:
    code = "award" if not one.enough else "part"
    return page.say(
        f"report.alone.{code}",
        unit=page.names.unit(one.unit),
        mark=marks[one.program],
        period=one.period,
        amount=f"{one.amount:,}",
        enough=f"{one.enough:,}",
    )
