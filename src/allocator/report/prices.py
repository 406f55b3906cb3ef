"""What one more and one less is worth, as lines, as stairs, as records and as CSV; what excludes what.

Lives here: what of each stair is shown.
Not here: the stairs (explain/stairs.py), lines about who moves (moved.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from allocator.audit import Audit
from allocator.compare.moves import moves
from allocator.explain.levers import Lever
from allocator.explain.names import Names
from allocator.explain.stairs import Excluding, Stair, Tread
from allocator.faults import sentence
from allocator.model.status import Status
from allocator.report.moved import moves_record, show_moves
from allocator.report.page import Page
from allocator.runs.sheets import rows_sheet

MOST_FIGURES = 3  # of a vector
MOST_IN_FULL = 4  # levers whose stairs are shown; of more, what one step is worth
MOST_MOVING = 12  # steps of which it is listed who moves
MOST_BREAKS = 6


# Records --------------------------------------------------------------------------------------------------------------


def stairs_record(found: Sequence[Stair]) -> list[dict[str, Any]]:
    """Figures are exact texts. moves: from the neighbour that is nearer to what is declared."""
    return [
        {
            "lever": one.lever.name,
            "kind": one.lever.kind,
            "owner": one.lever.owner,
            "side": one.lever.side,
            "declared": str(one.lever.value),
            "step": str(one.lever.step),
            "whole": one.whole,
            "nested": not one.broken if one.whole else None,
            "not_nested": [[str(a.value), str(b.value)] for a, b in one.broken],
            "steps": [_tread_record(tread, one.treads) for tread in one.treads],
        }
        for one in found
    ]


def _tread_record(one: Tread, among: Sequence[Tread]) -> dict[str, Any]:
    near = next((other for other in among if other.at == one.at - (one.at > 0) + (one.at < 0)), None)
    told = {"at": one.at, "value": str(one.value), "status": status(one), "objectives": {}, "indicators": {}}
    if one.audit is not None:
        told["objectives"] = {
            v.id: None if v.figures is None else list(map(str, v.figures)) for v in one.audit.objectives
        }
        told["indicators"] = {v.name: None if v.value is None else str(v.value) for v in one.audit.indicators}
    if one.plan is not None and near is not None and near.plan is not None and one.at:
        told["moves"] = moves_record(moves(near.plan, one.plan))
    if one.conflict is not None:
        told["conflict"] = {"rules": [rule.id for rule in one.conflict.rules], "minimal": one.conflict.minimal}
    if one.fault is not None:
        told["fault"] = one.fault.code
    return told


def status(one: Tread) -> str:
    """The status of a step; `not allowed` where the model cannot be so."""
    return "not allowed" if one.status is None else str(one.status)


def excluding_record(found: Excluding) -> dict[str, Any]:
    return {
        "alone": [one.name for one in found.alone],
        "not_alone": [one.name for one in found.not_alone],
        "pairs": [[one.name, two.name] for one, two in found.pairs],
        "whole": found.whole,
    }


def stairs_csv(found: Sequence[Stair], names: Names) -> bytes:
    """A line a step; texts that a spreadsheet would run as formulas are made text."""
    judged = [tread.audit for one in found for tread in one.treads if tread.audit is not None]
    objectives = [one.id for one in names.model.policy.objectives]
    indicators = list(dict.fromkeys(figure.name for audit in judged for figure in audit.indicators))
    heads = [names.say(f"report.prices.head.{head}") for head in ("lever", "at", "value", "status", "changes")]
    rows: list[list[object]] = [[*heads, *objectives, *indicators]]
    for one in found:
        declared = next((tread.plan for tread in one.treads if tread.at == 0), None)
        for tread in one.treads:
            changes = "" if tread.plan is None or declared is None else declared.distance(tread.plan)
            told = {} if tread.audit is None else {v.id: v.figures for v in tread.audit.objectives}
            counted = {} if tread.audit is None else {v.name: v.value for v in tread.audit.indicators}
            values = [" ".join(map(str, told.get(name) or ())) for name in objectives]
            values += ["" if counted.get(name) is None else str(counted[name]) for name in indicators]
            rows.append([one.lever.name, tread.at, str(tread.value), status(tread), changes, *values])
    return rows_sheet(rows)


# Page -----------------------------------------------------------------------------------------------------------------


def show_prices(page: Page, found: Sequence[Stair], solves: int, searched: int) -> None:
    page.heading("report.prices.heading")
    page.line(page.say("report.prices.lead"))
    for one in found:
        _worth(page, one)
    if len(found) <= MOST_IN_FULL:
        for one in found:
            _stair(page, one)
    else:
        page.console.print()
        page.line(page.say("report.prices.in-full"))
    page.console.print()
    page.line(page.say("report.alternatives.solves", solves=solves, searched=searched), style="dim")


def title(names: Names, lever: Lever) -> str:
    """What a lever is, in words: the text of a parameter or a rule, the title of a program."""
    if lever.kind == "parameter":
        text = names.model.policy.parameters[lever.owner].text
        return (
            lever.owner if text is None else names.say("report.prices.parameter", text=names.text(text), id=lever.owner)
        )
    side = "" if lever.kind == "quota" and lever.side == "exactly" else names.say(f"report.prices.side.{lever.side}")
    if lever.kind == "bound":
        rule = next(rule for rule in names.model.policy.rules if rule.id == lever.owner)
        return names.say("report.prices.bound", rule=names.rule(rule), side=side)
    code = lever.kind if lever.period is None else f"{lever.kind}-year"
    return names.say(f"report.prices.{code}", program=names.program(lever.owner), side=side, period=lever.period)


def value_of(names: Names, value: Decimal | str) -> str:
    return value if isinstance(value, str) else names.figure(Fraction(value))


def _worth(page: Page, one: Stair) -> None:
    """What one more and one less is worth, and from where on it is impossible."""
    names = page.names
    page.console.print()
    page.line(
        page.say("report.prices.now", lever=title(names, one.lever), value=value_of(names, one.lever.value)), hang=2
    )
    by_step = {tread.at: tread for tread in one.treads}
    if one.flat and one.whole:
        ends = {"first": value_of(names, one.treads[0].value), "last": value_of(names, one.treads[-1].value)}
        lost = one.treads[0].status == Status.INFEASIBLE
        page.line(page.say(f"report.prices.{'flat-none' if lost else 'flat'}", **ends), indent=4)
        return
    for at, code in ((1, "more"), (-1, "less")):
        if at in by_step and by_step[at].status != Status.INFEASIBLE:  # that is told below, with its reasons
            head = page.say(f"report.prices.{code}", value=value_of(names, by_step[at].value))
            page.line(head + _change(names, by_step.get(0), by_step[at]), indent=4, hang=2)
    for way, code in ((sorted, "up"), (lambda steps: sorted(steps, reverse=True), "down")):
        _impossible(page, by_step, way, code)
    if not one.whole:
        page.line(page.say("report.prices.not-whole"), indent=4, style="yellow")


def _change(names: Names, zero: Tread | None, other: Tread) -> str:
    """What changes in the first objective that changes, and how many awards."""
    if other.fault is not None:
        return names.say("report.prices.not-allowed")
    if other.audit is None or zero is None or zero.audit is None or zero.plan is None or other.plan is None:
        return names.say("report.prices.unknown")
    awards = zero.plan.distance(other.plan)
    first = next(
        (i for i, v in enumerate(zero.audit.objectives) if v.figures != other.audit.objectives[i].figures), None
    )
    if first is None:
        return names.say("report.prices.same-value" if awards else "report.prices.nothing", awards=awards)
    before, after = zero.audit.objectives[first], other.audit.objectives[first]
    objective = names.objective(names.model.policy.objectives[first])
    if before.figures is None or after.figures is None or len(before.figures) != 1:
        return names.say("report.prices.otherwise", objective=objective, awards=awards)
    change = after.figures[0] - before.figures[0]
    sign, told = "+" if change > 0 else "−", names.figure(abs(change))
    told = f"≈ {sign}{told.removeprefix('≈ ')}" if told.startswith("≈") else sign + told
    return names.say("report.prices.change", change=told, objective=objective, awards=awards)


def _impossible(page: Page, by_step: dict[int, Tread], way: Callable[[list[int]], list[int]], code: str) -> None:
    """The first step this way that no plan keeps, with the rules that cannot hold together; and where it is possible again."""
    steps = way([at for at in by_step if (at >= 0) == (code == "up")])
    lost = [at for at in steps if by_step[at].status == Status.INFEASIBLE]
    if not lost:
        return
    names, first = page.names, by_step[lost[0]]
    again = [at for at in steps[steps.index(lost[0]) :] if by_step[at].plan is not None]
    page.line(page.say(f"report.prices.impossible-{code}", value=value_of(names, first.value)), indent=4, hang=2)
    if first.conflict is not None and first.conflict.rules:
        known = "together" if first.conflict.proved else "suspects"
        told = [names.rule(rule) for rule in first.conflict.rules]
        page.names_line(page.say(f"report.prices.{known}"), told, indent=6, between=page.say("report.semicolon"))
    if again:
        values = [value_of(names, by_step[at].value) for at in again]
        page.line(page.say("report.prices.again", values=names.listed(values)), indent=6, hang=2)


def _stair(page: Page, one: Stair) -> None:
    names = page.names
    if one.flat and one.whole:
        return
    page.heading("report.prices.stair", lever=title(names, one.lever))
    flights = [list(own) for _, own in groupby(one.treads, key=lambda tread: _alike(tread))]
    judged = [tread.audit for tread in one.treads if tread.audit is not None]
    chosen = _unlike(names, judged)
    heads = [(page.say("report.prices.head.value"), "right"), (page.say("report.prices.head.status"), "left")]
    heads += [(label, "right") for label, _ in chosen]
    table = page.new_table(heads, across=True)
    for own in flights:
        first, last = own[0], own[-1]
        span = value_of(names, first.value)
        if last is not first:
            span = page.say("report.from-to", first=span, last=value_of(names, last.value))
        told = ["–" if first.audit is None else told_of(first.audit) for _, told_of in chosen]
        table.add_row(span, page.say(f"report.prices.status.{status(first).replace(' ', '-')}"), *told)
    page.table(table)
    refused = next((tread.fault for tread in one.treads if tread.fault is not None), None)
    if refused is not None:
        page.line(page.say("report.prices.refused", why=sentence(refused, names.lang)), style="dim", hang=2)
    _who(page, flights)
    _nested(page, one)


def _alike(one: Tread) -> tuple[Any, ...]:
    if one.audit is None:
        return (one.status, one.fault is None)
    values = tuple(value.figures for value in one.audit.objectives)
    return (one.status, one.plan, values, tuple(figure.value for figure in one.audit.indicators))


def _unlike(names: Names, judged: Sequence[Audit]) -> list[tuple[str, Callable[[Audit], str]]]:
    """The objectives and indicators that are not the same at every step: what they are called, and the figure of a step."""
    found: list[tuple[str, Callable[[Audit], str]]] = []
    for i, objective in enumerate(names.model.policy.objectives):
        if len({audit.objectives[i].figures for audit in judged}) > 1:

            def told(audit: Audit, i: int = i, objective: Any = objective) -> str:
                return names.objective_value(objective, audit.objectives[i].figures, MOST_FIGURES)

            found.append((names.objective(objective), told))
    for i, figure in enumerate(judged[0].indicators if judged else ()):
        if len({audit.indicators[i].value for audit in judged if i < len(audit.indicators)}) > 1:
            text = figure.indicator.id if figure.indicator.text is None else names.text(figure.indicator.text)

            def counted(audit: Audit, i: int = i) -> str:
                return names.figure(audit.indicators[i].value)

            found.append((f"{text} {figure.group}".strip(), counted))
    return found


def _who(page: Page, flights: Sequence[Sequence[Tread]]) -> None:
    """From each step to the next: who comes in and who drops out."""
    planned = [own for own in flights if own[0].plan is not None]
    for number, (one, two) in enumerate(pairwise(planned)):
        before, after = one[-1].plan, two[0].plan
        assert before is not None and after is not None
        if number == MOST_MOVING:
            page.more(len(planned) - 1 - MOST_MOVING)
            break
        if before != after:
            told = {"before": value_of(page.names, one[-1].value), "after": value_of(page.names, two[0].value)}
            page.line(page.say("report.prices.from-to", **told), hang=2)
            show_moves(page, moves(before, after))


def _nested(page: Page, one: Stair) -> None:
    if sum(tread.plan is not None for tread in one.treads) < 2:
        return
    broken = one.broken
    if not broken:
        page.line(page.say("report.prices.nested"))
        return
    told = [f"{value_of(page.names, a.value)} → {value_of(page.names, b.value)}" for a, b in broken]
    page.names_line(page.say("report.prices.not-nested"), told, indent=2, most=MOST_BREAKS)


def show_excluding(page: Page, found: Excluding, solves: int, searched: int) -> None:
    names = page.names
    page.heading("report.prices.pairs.heading")
    page.line(page.say("report.prices.pairs.lead"))
    for one, two in found.pairs:
        page.line(page.say("report.prices.pairs.pair", one=_turned(names, one), two=_turned(names, two)), hang=2)
    if not found.pairs and len(found.alone) > 1:
        page.line(page.say("report.prices.pairs.none", count=len(found.alone)))
    for lever in found.not_alone:
        page.line(page.say("report.prices.pairs.not-alone", lever=_turned(names, lever)), hang=2)
    page.line(
        page.say(f"report.prices.pairs.{'whole' if found.whole else 'part'}", count=len(found.alone)), style="dim"
    )
    page.line(page.say("report.prices.pairs.solves", solves=solves, searched=searched), style="dim")


def _turned(names: Names, lever: Lever) -> str:
    ends = {"before": value_of(names, lever.value), "after": value_of(names, lever.at(1))}
    return names.say("report.prices.turned", lever=title(names, lever), **ends)
