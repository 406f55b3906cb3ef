"""What counts of a rule, beside its sentence: the kind's own sentence, each bound with what it comes to.

Lives here: the figures of bounds (`at least 50 %`, `at least ceil(goal * count(*)) = 99`) put into that sentence.
Not here: the bounds themselves (rules/), names in the place of ids (names.py).
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from allocator.explain.names import Names
from allocator.faults import InputError
from allocator.model.fields import Uses, marks
from allocator.model.query import Figures, NotKnown, Tables, TooFine
from allocator.model.rule import Rule
from allocator.words import Say, say, spoken

_NUMBER = re.compile(r"[-+]?[0-9.]+")
_LIMITS = "rules.limits."


def counted(names: Names, rule: Rule, tables: Tables) -> str:
    """What the rule asks for, whatever its text says: `Places of “training”, for each prefecture: at least 3`."""
    try:
        bounds = dict(rule.bounds(tables))
    except (NotKnown, TooFine, InputError):
        bounds = {}
    fractions = {sql for _, mark, sql in marks(rule) if isinstance(mark, Uses) and mark.most == 1}
    shown = {sql: _shown(names, sql, figures, sql in fractions) for sql, figures in bounds.items()}
    return spoken(names.named(_with_figures(rule.sentence(), shown)), names.lang)


def _with_figures(held: Any, shown: dict[str, str]) -> Any:
    if isinstance(held, Say):
        limits = held.code.startswith(_LIMITS)
        params = {
            name: shown.get(value, value) if limits and isinstance(value, str) else _with_figures(value, shown)
            for name, value in held.params.items()
        }
        return Say(held.code, params)
    return [_with_figures(part, shown) for part in held] if isinstance(held, (tuple, list)) else held


def _shown(names: Names, sql: str, figures: Figures, fraction: bool) -> str:
    """`50 %`; `goal = 50 %`; `townships = 3 to 21` where it differs from group to group."""
    values = sorted({value for g in range(len(figures.number)) if (value := figures.at(g)) is not None})
    if not values:
        return sql
    ends = [_figure(names, value, fraction) for value in dict.fromkeys((values[0], values[-1]))]
    told = ends[0] if len(ends) == 1 else names.say("report.from-to", first=ends[0], last=ends[1])
    return (
        told
        if _NUMBER.fullmatch(sql.strip())
        else names.say("report.comes-to", what=" ".join(sql.split()), figure=told)
    )


def _figure(names: Names, value: Fraction, fraction: bool) -> str:
    return say("words.percent", names.lang, number=names.figure(value * 100)) if fraction else names.figure(value)
