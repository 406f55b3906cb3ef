"""Which rules force a decision: those that cannot hold together with the opposite one.

Lives here: the question, put as a decision by hand; what of its conflict are rules of the policy.
Not here: how a conflict is made small (explain/conflict.py), which decisions no plan has otherwise (explain/firmness.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.answer.pipeline import answer
from allocator.explain.conflict import Group
from allocator.explain.firmness import Opposite
from allocator.faults import InputError
from allocator.model.model import Model
from allocator.model.rule import Rule
from allocator.solve import Clock


@dataclass(frozen=True)
class Forced:
    """Rules that leave no plan with the opposite decision. minimal: without any one of them there is such a plan; groups: where
    they apply."""

    rules: tuple[Rule, ...]
    groups: tuple[Group, ...]
    minimal: bool


def forced(model: Model, opposite: Opposite, clock: Clock) -> Forced | None:
    """The rules that force what an impossible opposite would change; None where a limit came first, or it is a decision by hand
    itself that forces it."""
    amount = opposite.amount + opposite.way
    selects = model.programs[opposite.program].decides == "selection"
    award = ("in" if amount else "out") if selects else amount
    cell = opposite.unit, opposite.program, opposite.period
    try:
        asked = model.pinned(*cell, award=award)
    except InputError:
        return None
    conflict = answer(asked, Path(), clock=clock, write=False, fresh=True, checkable=False).conflict
    if conflict is None or not conflict.proved:
        return None
    own = [rule for rule in conflict.rules if (hand := rule.by_hand()) is None or (hand.unit, hand.program) != cell[:2]]
    kept = {rule.id for rule in own}
    return Forced(tuple(own), tuple(group for group in conflict.groups if group.rule in kept), conflict.minimal)
