"""Rules that cannot hold together, in words.

Lives here: each rule's sentence with its clause, the groups it takes, what was tried.
Not here: the search (explain/conflict.py), the document (explain/record.py).
"""

from __future__ import annotations

from allocator.explain.conflict import Conflict
from allocator.explain.counted import counted
from allocator.explain.names import Names
from allocator.explain.shortfall import Shortfall
from allocator.report.page import Page

MOST_GROUPS = 12


def show_conflict(screen: Page, found: Conflict, number: int = 0, count: int = 0) -> None:
    """The conflict on a screen; number: which of `count` it is."""
    names = screen.names
    code = ("heading" if len(found.rules) > 1 else "heading-alone") if found.proved else "suspects"
    if count > 1:
        screen.heading(
            "report.conflict.numbered", number=number, count=count, text=names.say(f"report.conflict.{code}")
        )
    else:
        screen.heading(f"report.conflict.{code}")
    show_rules(screen, found)


def show_rules(screen: Page, found: Conflict) -> None:
    """The rules of a conflict with their groups and figures, and what was tried."""
    names = screen.names
    for number, rule in enumerate(found.rules, 1):
        own, what = rule.text is not None, counted(names, rule, found.tables)
        screen.line(f"{number}. {names.judged(rule) if own else names.with_clause(rule, what)}", hang=3)
        if own:
            screen.line(names.say("report.counts", what=what), indent=5, hang=2, style="dim")
        labels = [group.label for group in found.groups if group.rule == rule.id and group.label]
        if labels:
            shown = names.say("report.semicolon").join(names.label(rule, label) for label in labels[:MOST_GROUPS])
            rest = len(labels) - MOST_GROUPS
            shown = names.say("report.cut", names=shown, count=rest) if rest > 0 else shown
            screen.line(names.say("report.conflict.groups", names=shown), indent=5, style="dim")
        for one in [one for one in found.short if one.rule == rule][:MOST_GROUPS]:
            screen.line(_short(names, one), indent=5)
    if found.proved:
        code = "alone" if len(found.rules) == 1 else "minimal" if found.minimal else "not-minimal"
        screen.line(names.say(f"report.conflict.{code}", count=len(found.rules)))


def _short(names: Names, one: Shortfall) -> str:
    """`2026: 12 needed, at most 9 possible`."""
    where = names.say("report.conflict.group", names=names.label(one.rule, one.label)) if one.label else ""
    if one.rule.bound_moves:
        return names.say("report.conflict.short-by", where=where, short=names.figure(one.possible))
    code = ("together-" if one.label is None else "") + ("needs-more" if one.needs_more else "allows-less")
    code += "-others" if one.others and one.label is not None else ""
    figures = {"bound": names.figure(one.bound), "possible": names.figure(one.possible)}
    return names.say(f"report.conflict.{code}", where=where, **figures)
