"""Declarations that are well formed and make no sense: of a rule, an objective, a program, and of rules with objectives.

Lives here: bounds that say nothing or the same twice, what a kind itself knows to be wrong (`sanity`), softness that nobody
counts, years that are not planned, amounts without a largest one.
Not here: bounds as numbers (bounds.py), names and expressions (references.py, expressions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from allocator.faults import nearest
from allocator.load.context import Context
from allocator.load.owners import Owner
from allocator.model.program import NUMBER, Program
from allocator.read.places import KeyPath
from allocator.words import LANGUAGES

_BOUNDS = ("at_least", "at_most", "exactly")


def sense(context: Context, owner: Owner) -> None:
    """Bounds that say nothing or the same twice; what the kind itself knows to be wrong; softness."""
    declared = owner.declared
    for path, inner in _inside(owner.path, declared):
        fields = [f for f in _BOUNDS if f in type(inner).model_fields]
        given = [f for f in fields if getattr(inner, f) is not None]
        if fields and not given and not context.shaped.is_lost(*path):
            context.fault("no-bound", _body(path, inner), {"options": fields}, key=True)
        if "exactly" in given and len(given) > 1:
            context.fault("exactly-and", (*path, "exactly"), {"other": given[0]}, key=True)
    quota = getattr(declared, "quota", None)
    if quota is not None and quota.every is None and not quota.periods:
        context.fault("no-bound", (*owner.path, "quota"), {"options": list(_BOUNDS)}, key=True)
    if hasattr(declared, "sanity"):
        for code, name, params in declared.sanity(context.model):
            context.fault(code, (*owner.path, name), params, found=_plain(getattr(declared, name)))
    if getattr(declared, "soft", None) is not None and not getattr(declared, "can_be_soft", True):
        kind = str(getattr(declared, "kind", ""))
        context.fault("never-soft", (*owner.path, "soft"), {"kind": kind}, key=True)


def softness(context: Context) -> None:
    """Soft rules that no objective counts; soft objectives that name a hard rule."""
    everything = any(stage.misses_of() is None for stage in context.policy.objectives)
    counted = {rule for stage in context.policy.objectives for rule in stage.misses_of() or ()}
    lost = context.shaped.names_lost("objectives")
    soft = {}
    for index, rule in enumerate(context.policy.rules):
        if context.shaped.is_lost("rules", index, "soft"):
            soft[rule.id] = rule
        elif rule.soft is not None:
            soft[rule.id] = rule
            if not everything and rule.id not in counted and not lost:
                context.fault("soft-not-counted", ("rules", index, "soft"), {"rule": rule.id}, key=True)
    hard = {rule.id for rule in context.policy.rules} - set(soft)
    for index, stage in enumerate(context.policy.objectives):
        for number, named in enumerate(stage.misses_of() or ()):
            if named in hard:
                context.fault("rule-not-soft", ("objectives", index, "rules", number), {"rule": named})
        if stage.misses_of() is None and not soft and not context.shaped.names_lost("rules"):
            context.fault("no-soft-rule", ("objectives", index, stage.kind), key=True)


def actions(context: Context) -> None:
    """Actions that are told of and that no program belongs to; a year's words without a place for the number."""
    programs = context.policy.programs
    named = {str(program.action) for program in programs.values() if program.action is not None}
    for name in context.policy.actions:
        if name not in named and not context.shaped.names_lost("programs"):
            context.fault("unused-action", ("actions", name), {"action": name}, near=nearest(name, named), key=True)
    for name, program in programs.items():
        if program.yearly is not None and not all(NUMBER in getattr(program.yearly, lang) for lang in LANGUAGES):
            context.fault("no-number-in-words", ("programs", name, "yearly"), {"sign": NUMBER})


def quota_periods(context: Context, name: str, program: Program) -> None:
    for period in program.quota.periods if program.quota else ():
        if context.policy.periods and period not in context.policy.periods:
            context.fault(
                "unknown-period",
                ("programs", name, "quota", period),
                {"period": period},
                expected=list(context.policy.periods),
                key=True,
            )


def limited(context: Context, name: str, program: Program) -> None:
    """An amount needs a largest one: by the quota of every open period, or for each unit."""
    path = ("programs", name)
    if context.shaped.is_lost(*path, "quota") or context.shaped.is_lost(*path, "per_unit"):
        return
    if program.per_unit is not None and program.per_unit.at_most is not None:
        return
    through = context.policy.frozen.through if context.policy.frozen else None
    limits = {p: program.quota.of(p) if program.quota else None for p in context.policy.periods}
    free = [
        p
        for p, limit in limits.items()
        if (through is None or p > through) and (limit is None or not (limit.exactly or limit.at_most))
    ]
    if free:
        context.fault("no-upper-limit", path, {"program": name, "periods": free}, key=True)


def _body(path: KeyPath, inner: BaseModel) -> KeyPath:
    """The place of a rule's own fields: the key that names its kind."""
    kind = getattr(inner, "kind", None)
    return (*path, kind) if kind else path


def _plain(value: Any) -> object:
    return value if isinstance(value, (int, str)) else None


def _inside(path: KeyPath, declared: Any) -> Iterator[tuple[KeyPath, BaseModel]]:
    """A declaration and those inside it, each with its path."""
    if isinstance(declared, BaseModel):
        yield path, declared
        for name in type(declared).model_fields:
            yield from _inside((*path, name), getattr(declared, name))
    elif isinstance(declared, dict):
        for key, held in declared.items():
            yield from _inside((*path, key), held)
    elif isinstance(declared, tuple):
        for index, held in enumerate(declared):
            yield from _inside((*path, index), held)
