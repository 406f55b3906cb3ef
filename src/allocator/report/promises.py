"""Every rule with what is required and what is reached; who is reached; what people decided by hand: as a page shows them.

Lives here: which rules stand in a table, which are counted in one line; whom a list names.
Not here: the figures (facts.py, audit/), the layout of a table (grid.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.text import Text

from allocator.explain.counted import counted
from allocator.model.query import Label
from allocator.model.rule import ByHand
from allocator.report.facts import Facts, Promise, Reached
from allocator.report.page import Page

MOST_RULES = 60
MOST_BY_HAND = 40
FEW = 20  # reached or not reached: named even where the others are fewer


def show_promises(page: Page, facts: Facts) -> None:
    """Rules with a figure in a table; the quotas stand above, and of what has no figure it is said that it is kept."""
    by_hand = {made for promise in facts.promises if (made := promise.rule.by_hand()) is not None}
    told = [p for p in facts.promises if _has_figures(p) and p.rule.by_hand() not in by_hand]
    told.sort(key=lambda p: p.rule.is_property)
    rest = [p for p in facts.promises if not _has_figures(p) and p.rule.plans() is None and p.rule.by_hand() is None]
    kept = [p for p in rest if not p.check.broken]
    if told or kept:
        page.heading("report.promises.heading")
    if told:
        grid = page.new_table(
            [
                (page.say("report.promises.rule"), "left"),
                *((page.say(f"report.promises.{head}"), "right") for head in ("required", "reached", "slack")),
            ],
            across=True,
        )
        for promise in told[:MOST_RULES]:
            grid.add_row(*_row(page, facts, promise))
        page.table(grid)
        page.more(len(told) - MOST_RULES)
    if kept:
        page.line(page.say("report.promises.without-figure", count=len(kept)), style="dim", indent=1, hang=2)


def _has_figures(promise: Promise) -> bool:
    """Whether it sets a bound that a reader can weigh: not who is eligible, not a quota, which stands above."""
    return promise.nearest is not None and promise.rule.weighed


def _row(page: Page, facts: Facts, promise: Promise) -> tuple[str | Text, ...]:
    names, rule, nearest = page.names, promise.rule, promise.nearest
    assert nearest is not None
    text = names.rule(rule) if rule.text is not None else counted(names, rule, facts.audit.tables)
    text += page.say("report.findings.soft") if rule.soft is not None else ""
    clause = names.clause(rule)
    group = names.label(rule, tuple(part for part in nearest.label if part != getattr(rule, "program", None)))
    if group and promise.check.groups > 1:
        others = promise.check.with_slack(nearest.slack or Fraction(0)) - 1
        code = "tightest-alike" if others else "tightest"
        told = page.say(f"report.promises.{code}", count=promise.check.groups, group=group, others=others)
        text += "\n  " + told
    elif group:
        text += "\n  " + group
    if clause:
        text += "\n  " + page.say("report.promises.clause", clause=clause)
    required = names.sign(nearest.at_least, nearest.at_most)
    reached = names.figure(nearest.found)
    if nearest.whole:
        ends = [end for end in dict.fromkeys((nearest.at_least, nearest.at_most)) if end is not None]
        parts = [names.part(end, nearest.whole) for end in ends]
        required = page.say("report.promises.bound", bound=required, part="–".join(parts))
        reached = page.say(
            "report.promises.of",
            found=reached,
            whole=names.figure(nearest.whole),
            part=names.part(nearest.found or Fraction(0), nearest.whole),
        )
    style = "bold red" if nearest.broken and rule.soft is None else "yellow" if nearest.broken else ""
    return text, required, Text(reached, style=style), Text(names.figure(nearest.slack), style=style)


def show_reached(page: Page, facts: Facts) -> None:
    """Whom each rule and each objective of that kind reaches, by name; where these are many, whom it does not reach."""
    if not facts.reach:
        return
    page.heading("report.reach.heading")
    for one in facts.reach:
        names, total = page.names, len(one.hit) + len(one.missed)
        text = names.declared(one.declared)
        group = names.label(one.declared, one.within) if one.within else ""
        text += f" · {group}" if group else ""
        page.line(page.say("report.reach.line", rule=text, reached=len(one.hit), total=total), hang=2)
        for code, labels, others in (("hit", one.hit, one.missed), ("missed", one.missed, one.hit)):
            if labels and (len(labels) <= FEW or len(labels) <= len(others)):
                told = [page.names.listed(_plain(page, one, label)) for label in labels]
                page.names_line(page.say(f"report.reach.{code}"), told)


def _plain(page: Page, one: Reached, label: Label) -> Iterator[str]:
    columns: Sequence[str] = getattr(one.declared, "by", ())
    for column, value in zip(columns, label, strict=True):
        yield page.names.plain(column, value)


def show_by_hand(page: Page, made: Sequence[ByHand]) -> None:
    """Decisions of people, each with the name and the reason."""
    if not made:
        return
    page.heading("report.by-hand.heading", count=len(made))
    for one in made[:MOST_BY_HAND]:
        page.line(page.names.by_hand(one), hang=2)
    page.more(len(made) - MOST_BY_HAND)
