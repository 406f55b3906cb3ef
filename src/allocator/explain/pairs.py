"""Two things changed at once, where neither alone brings a unit what it did not get.

Lives here: `pairs`: of the bounds, rules and the condition that alone are not enough, every two of them together.
Not here: one thing at a time, the figures of the unit (changes.py).

A bound is moved by one step. Each pair is a solve of the model that is changed in both places. A rule left out is not asked
together with a bound of its own; what the model cannot be at once is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from allocator.explain.changes import Changes, Found, OfBound, OfRule, Standing
from allocator.faults import InputError
from allocator.model.eased import Move, dropped
from allocator.model.model import Model
from allocator.model.rule import Rule
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual

Lever = OfBound | OfRule


@dataclass(frozen=True)
class Pair:
    """Two levers that bring the award together: some best plan of the model with both has it."""

    one: Lever
    two: Lever
    standing: Standing


@dataclass(frozen=True)
class Pairs:
    """The pairs that are enough. asked: how many were, of `every` that there are; all others of these are not enough."""

    found: tuple[Pair, ...]
    asked: int
    every: int

    @property
    def complete(self) -> bool:
        return self.asked == self.every


def pairs(changes: Changes, found: Found) -> Pairs:
    """Of the levers that were tried alone. At a limit those that were asked until then."""
    alone = [replace(one, move=_by_one(one.move)) for one in found.bounds if not one.standing.possible]
    levers: list[Lever] = [*alone, *(one for one in found.rules if not one.standing.possible)]
    every = [pair for pair in combinations(levers, 2) if not _one_in_other(*pair)]
    told: list[Pair] = []
    asked = 0
    with suppress(Stopped), punctual(changes.clock):
        for one, two in every:
            model = _with_both(changes, one, two)
            standing = None if model is None else changes.standing(model)
            asked += 1
            if standing is not None and standing.possible:
                told.append(Pair(one, two, standing))
    return Pairs(tuple(told), asked, len(every))


def _by_one(move: Move) -> Move:
    return Move(move.label, move.side, Fraction(1))


def _one_in_other(one: Lever, two: Lever) -> bool:
    """Whether one leaves a rule out of which the other moves a bound."""
    out = {lever.rule.id for lever in (one, two) if isinstance(lever, OfRule) and lever.rule is not None}
    return any(isinstance(lever, OfBound) and lever.rule.id in out for lever in (one, two))


def _with_both(changes: Changes, one: Lever, two: Lever) -> Model | None:
    """The model with both; None where it cannot be so."""
    model = changes.model
    levers = (one, two)
    try:
        for rule, moves in _moves(levers):
            model = model.changed(next(iter(rule.eased(changes.tables, changes.model, moves))))
        for lever in levers:
            if isinstance(lever, OfRule) and lever.rule is not None:
                model = model.changed(dropped(lever.rule.id))
    except InputError:
        return None
    for lever in levers:
        if isinstance(lever, OfRule) and lever.condition is not None:
            model = changes.spared(model, lever.condition)
    return model


def _moves(levers: tuple[Lever, ...]) -> Iterator[tuple[Rule, list[Move]]]:
    """The moves of each rule; two of one rule are said at once."""
    found: dict[str, tuple[Rule, list[Move]]] = {}
    for lever in levers:
        if isinstance(lever, OfBound):
            found.setdefault(lever.rule.id, (lever.rule, []))[1].append(lever.move)
    yield from found.values()
