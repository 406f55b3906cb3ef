"""allocator why: the reasons of a unit's decisions, or of those about a group of units."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from allocator.answer.forced import Forced, forced
from allocator.answer.reasons import reasons_of, why_of
from allocator.audit import audit
from allocator.cli.commands._listed import (
    period_of,
    program_id,
    proved_run,
    seconds_option,
    unit_code,
    unit_option,
    units_of,
)
from allocator.cli.commands._shared import json_option, page, run_argument, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.changes import Changes, Found
from allocator.explain.firmness import Opposite
from allocator.explain.names import Names
from allocator.explain.opposite import WithOpposite, with_opposite
from allocator.explain.why import Decision, Why
from allocator.faults import Exit
from allocator.model.query import Label
from allocator.model.rule import Rule
from allocator.problem import compile
from allocator.report.changes import changes_record, show_changes
from allocator.report.opposite import opposite_record, show_opposite
from allocator.report.screen import Screen
from allocator.report.why import show_group, show_why, why_record
from allocator.runs.proofs import proofs_of
from allocator.runs.read import Run
from allocator.solve import Clock, Limits
from allocator.solve.subproblem import Reporter
from allocator.words import Lang, Say, say


@click.command()
@run_argument
@unit_option
@click.option("--group")
@click.option("--program")
@click.option("--period", type=int)
@click.option("--changes", is_flag=True)
@click.option("--opposite", is_flag=True)
@seconds_option
@json_option
@click.pass_obj
def command(
    lang: Lang,
    run: Path,
    unit: str | None,
    group: str | None,
    program: str | None,
    period: int | None,
    changes: bool,
    opposite: bool,
    time_limit: float | None,
    json: bool,
) -> Exit:
    kept = proved_run(run)
    _one_question(unit, group, program, period, changes=changes, opposite=opposite)
    names = Names(kept.model, lang)
    of_group = None if group is None else units_of(kept.model, group)
    about = [unit_code(kept.model, str(unit))] if of_group is None else of_group[2]
    chosen = None if program is None else program_id(kept.model, program)
    period = period_of(kept.model, period)
    clock = Clock(Limits(time_limit))
    with Watch(names, clock, "commands.firmness.settled") as watch:
        only = about[0] if of_group is None else None
        found = reasons_of(kept, only, clock=clock, reporter=watch, counted=watch.counted)
        if found is not None:
            why = why_of(kept, found)
            decisions = [one for code in about for one in why.of(code, chosen, period)]
            rules = _forced(kept, decisions, clock) if of_group is None else {}
            would = _changes(kept, why, decisions, rules, clock) if changes else []
            plans = _opposites(kept, decisions, clock, watch) if opposite else []
    if found is None:
        click.echo(say("commands.firmness.not-proved", lang), err=True)
        return Exit.LIMIT_NO_PLAN if clock.over else Exit.DEFECT
    assert kept.allocation is not None
    given = audit(kept.model, kept.allocation) if plans else None
    if json:
        told: dict[str, Any] = {
            "illustrative": list(kept.model.policy.illustrative),
            "decisions": why_record(decisions, rules),
        }
        if changes:
            told["changes"] = [{"program": one.program, "period": one.period, **changes_record(w)} for one, w in would]
        if opposite:
            told["opposite"] = [] if given is None else [opposite_record(given, plan) for plan in plans]
        write_json(told)
        return Exit.DONE
    screen = Screen(names, page())
    if of_group is None:
        show_why(screen, decisions, why.declared, about[0], rules)
    else:
        show_group(screen, decisions, why.declared, names.value(*of_group[:2]))
    if would:
        show_changes(screen, would)
    if given is not None:
        for plan in plans:
            show_opposite(screen, given, plan)
    screen.illustrative(kept.model)
    return Exit.DONE


def _one_question(
    unit: str | None, group: str | None, program: str | None, period: int | None, *, changes: bool, opposite: bool
) -> None:
    """Raises Wrong where it is not said whom, or what, the question is about."""
    if (unit is None) == (group is None):
        raise Wrong(Say("commands.why.one-of"))
    if changes and (unit is None or program is None):
        raise Wrong(Say("commands.why.changes-of"), "--changes")
    if opposite and (unit is None or program is None or period is None):
        raise Wrong(Say("commands.why.opposite-of"), "--opposite")


def _forced(run: Run, decisions: list[Decision], clock: Clock) -> dict[Opposite, Forced]:
    """What forces the decisions that no plan has otherwise; without those for which there was no time."""
    found: dict[Opposite, Forced] = {}
    for opposed in [
        opposed for one in decisions if one.chosen for opposed in (one.less, one.more) if opposed is not None
    ]:
        if not opposed.opposite.possible and not clock.over:
            rules = forced(run.model, opposed.opposite, clock)
            found |= {} if rules is None else {opposed.opposite: rules}
    return found


def _opposites(run: Run, decisions: list[Decision], clock: Clock, reporter: Reporter) -> list[WithOpposite]:
    """The best plan with more, and with less, of each decision; none where a former decision leaves no choice."""
    asked = [o.opposite for one in decisions if one.chosen for o in (one.less, one.more) if o is not None]
    problem = compile(run.model)
    return [with_opposite(problem, one, clock=clock, reporter=reporter, known=(proofs_of(run),)) for one in asked]


def _changes(
    run: Run, why: Why, decisions: list[Decision], forced: Mapping[Opposite, Forced], clock: Clock
) -> list[tuple[Decision, Found]]:
    """What would have to change, for each decision without an award that something could change."""
    assert run.allocation is not None
    found = []
    for one in decisions:
        condition = None if one.settled is None or one.settled.stage != "condition" else one.settled.condition
        if one.amount or (not one.chosen and condition is None):
            continue
        key, proofs = (one.unit, one.program, one.period), (proofs_of(run),)
        tied = one.more is not None and one.more.opposite.drawn
        levers = Changes(why.tables, run.allocation, key, clock, proofs, tied=tied)
        found.append((one, levers.all(why.in_the_way(one, _groups(one, forced)), condition)))
    return found


def _groups(one: Decision, forced: Mapping[Opposite, Forced]) -> list[tuple[Rule, Label]]:
    """The rules that force a decision, each with its groups."""
    rules = None if one.more is None else forced.get(one.more.opposite)
    if rules is None:
        return []
    return [(rule, group.label) for rule in rules.rules for group in rules.groups if group.rule == rule.id]
