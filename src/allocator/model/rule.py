"""The contract of a rule: its fields, its rows, its audit, its sentence; and the registry of kinds.

Lives here: what every rule has, and what every kind must answer.
Not here: any kind (rules/), how rows become a problem (problem/), how findings are written (audit/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Annotated, Any, ClassVar, overload

import numpy as np
from pydantic import Field

from allocator.model.eased import Move, dropped, plain, replaced, shifted
from allocator.model.fields import Decider, Declared, Flag, Id, Number, Programs, Setting, Text, Weight
from allocator.model.query import MOST, Figures, Flags, Label, Rows, Served, Tables
from allocator.model.registry import Registry
from allocator.model.view import ModelView
from allocator.words import Say

RULES: Registry[Rule]


class Soft(Declared):
    """A rule that may be missed, at a price: `weight` for each unit by which a group's bound is missed."""

    weight: Annotated[Number, Field(gt=0)]


@dataclass(frozen=True)
class Judged:
    """One group under one rule, recounted from the awards: at_least <= found <= at_most, or the rule is broken there.

    `found` is None where a figure it needs is missing. `because` says more than the figures can; where the rule is not
    broken it is a remark. `whole`: what `found` is a part of (all groups that could be reached, all that was awarded).
    """

    label: Label
    found: Fraction | None
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    because: Say | None = None
    whole: Fraction | None = None

    @property
    def miss(self) -> Fraction:
        """The amount by which the bound is missed, >= 0."""
        if self.found is None:
            return Fraction(0)
        below = self.at_least - self.found if self.at_least is not None else Fraction(0)
        above = self.found - self.at_most if self.at_most is not None else Fraction(0)
        return max(below, above, Fraction(0))

    @property
    def broken(self) -> bool:
        return self.found is None or self.miss > 0

    @property
    def slack(self) -> Fraction | None:
        """How far the nearest bound is; negative where it is missed, None where there is no bound."""
        if self.found is None:
            return None
        gaps = []
        if self.at_least is not None:
            gaps.append(self.found - self.at_least)
        if self.at_most is not None:
            gaps.append(self.at_most - self.found)
        return min(gaps) if gaps else None


@dataclass(frozen=True)
class Tally(Sequence[Judged]):
    """Many groups under one rule, as columns: lower <= found <= upper; each group is put together when it is asked for."""

    labels: Sequence[Label]
    found: Figures
    lower: Figures
    upper: Figures

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Tally:
        """The figures of groups that stand each by itself."""
        sides = (_column([getattr(one, side) for one in judged]) for side in ("found", "at_least", "at_most"))
        return cls([one.label for one in judged], *sides)

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, group: int) -> Judged: ...
    @overload
    def __getitem__(self, group: slice) -> tuple[Judged, ...]: ...
    def __getitem__(self, group: int | slice) -> Judged | tuple[Judged, ...]:
        if isinstance(group, slice):
            return tuple(map(self.__getitem__, range(*group.indices(len(self)))))
        return Judged(self.labels[group], self.found.at(group), self.lower.at(group), self.upper.at(group))

    @cached_property
    def slack(self) -> Figures:
        """How far each group's nearest bound is: see Judged."""
        scale = lcm(self.found.scale, self.lower.scale, self.upper.scale)
        found, lower, upper = (_at_scale(figures, scale) for figures in (self.found, self.lower, self.upper))
        below, above = found - lower, upper - found
        both = np.where(self.upper.given, np.minimum(below, above), below)
        given: Flags = self.found.given & (self.lower.given | self.upper.given)
        return Figures(np.where(self.lower.given, both, above), given, scale)


def _column(figures: Sequence[Fraction | None]) -> Figures:
    scale = lcm(1, *(figure.denominator for figure in figures if figure is not None))
    numbers = [0 if figure is None else figure.numerator * (scale // figure.denominator) for figure in figures]
    return Figures(np.array(numbers, object), np.array([figure is not None for figure in figures], np.bool_), scale)


def _at_scale(figures: Figures, scale: int) -> Any:
    """The numbers at another scale; as numbers of Python where differences of such could leave 64 bits."""
    times = scale // figures.scale
    small = (
        figures.number.dtype != object
        and int(np.abs(figures.number.astype(np.float64)).max(initial=0)) * times < MOST / 4
    )
    return (figures.number if small else figures.number.astype(object)) * times


@dataclass(frozen=True)
class Cap:
    """Bounds of a plain sum of awards, as they are declared: the (unit, program, period) summed, the least, the most."""

    cells: frozenset[tuple[str, str, int]]
    at_least: Fraction | None
    at_most: Fraction | None


@dataclass(frozen=True)
class ByHand:
    """What a person decided about one unit: `most` awarded at most, `least` at least (None: open), who, and why."""

    unit: str
    program: str
    period: int | None
    least: int | None
    most: int | None
    name: str
    reason: Text


class Rule(Declared):
    """A condition on awards. A kind is a subclass in a file of its own in rules/; `kind` registers it.

    A kind with `is_property` is declared inside a program (quota, repeat, ...): `declared_in` finds it there.
    """

    kind: ClassVar[str] = ""
    is_property: ClassVar[bool] = False
    can_be_soft: ClassVar[bool] = True
    weighed: ClassVar[bool] = True  # its bound is a figure of the policy, told beside what is reached
    decides_cells: ClassVar[bool] = False  # it says which awards are possible, and has no rows of its own
    limits_amounts: ClassVar[bool] = (
        False  # of a property: it has bounds of amounts, which may cross or leave no whole number
    )
    bound_moves: ClassVar[bool] = False  # its bound is a part of what is awarded, not a figure of its own
    may_be_missing: ClassVar[tuple[str, ...]] = ()  # measures that a cell need not have

    id: Id
    text: Text | None = None
    clause: Text | None = None
    ours: Flag = False
    applies: Setting | None = None
    soft: Soft | None = None
    waivable: Flag | None = None
    change_weight: Weight | None = None
    decided_by: Decider | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.kind:
            RULES.add(cls.kind, cls)

    @classmethod
    def declared_in(cls, model: ModelView) -> Iterable[Rule]:  # noqa: ARG003 - a property overrides this
        """The rules that programs declare by their own fields (properties only)."""
        return ()

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """What is wrong with the declaration by itself: (code of a fault, field, parameters of its sentence)."""
        return ()

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """What no plan can bring about as it is declared: (code of a notice, field, parameters of its sentence)."""
        return ()

    def asks_whether(self) -> Programs:
        """Programs for which the rule asks whether there is an award, not how much (amount programs need a 0/1 helper)."""
        return ()

    def depends_on_unawarded_cells(self) -> Programs:
        """Programs of which a cell without an award can matter: whether it exists decides whether other awards are right.

        A kind that says nothing is taken to mind all of them. Where it says "none of these", a plan that keeps the rule
        keeps it whoever else becomes or ceases to be eligible without an award.
        """
        return ("all",)

    def bounds(self, q: Tables) -> Iterable[tuple[str, Figures]]:
        """Each bound as it is declared, with what it comes to in its groups. Raises NotKnown."""
        held = [getattr(self, side, None) for side in ("at_least", "at_most", "exactly")]
        given = [bound for bound in held if bound is not None]
        if given:
            by = (*getattr(self, "within", ()), *getattr(self, "by", ()))
            groups = q.groups(getattr(self, "of", ()), by, getattr(self, "where", "true"))
            yield from ((bound, q.bound(groups, bound)) for bound in given)

    def counts_whole(self, q: Tables) -> bool:
        """Whether what its bounds are about is a whole number by construction: a sum of amounts, a number of groups."""
        return False

    def plans(self) -> str | None:
        """The program whose total of each period it bounds, if that is all it says: groups (period,)."""
        return None

    def rows(self, q: Tables) -> Rows | None:
        """Over all possible awards: the rows of the problem. None: the rule decides which cells exist, or nothing."""
        raise NotImplementedError

    def audit(self, q: Tables) -> Sequence[Judged]:
        """Over the awards that were made: each group with what was found and what is required."""
        raise NotImplementedError

    def caps(self, q: Tables) -> Iterable[Cap]:
        """The bounds that the rule sets to what a unit or a group gets, read as `audit` reads; none for most kinds."""
        return ()

    def bound_columns(self) -> tuple[str, ...]:
        """The columns whose values name a group that `audit` judges; where it names groups otherwise, of no use."""
        return (*getattr(self, "within", ()), *getattr(self, "by", ()))

    def eased(self, q: Tables, model: ModelView, moves: Sequence[Move]) -> Iterator[Mapping[str, Any]]:
        """Scenarios in which these bounds give way, the one that changes least first; at last one without the rule.

        Raises what `audit` raises.
        """
        by = self.bound_columns()
        held = {side: getattr(self, "exactly", None) or getattr(self, side, None) for side in ("at_least", "at_most")}
        if all(held[move.side] is not None and len(move.label) == len(by) for move in moves):
            every = {move.label for move in moves} == {judged.label for judged in self.audit(q)}
            yield {"rules": {self.id: {self.kind: self._shifted(by, moves, every)}}}
        yield dropped(self.id)

    def _shifted(self, by: Sequence[str], moves: Sequence[Move], every: bool) -> dict[str, str | int]:
        """Each bound that moves, by its key."""
        told: dict[str, str | int] = {}
        exactly = getattr(self, "exactly", None)
        for sides in [("at_least", "at_most")] if exactly is not None else [("at_least",), ("at_most",)]:
            own = [move for move in moves if move.side in sides]
            if own:
                key = "exactly" if exactly is not None else sides[0]
                told[key] = plain((replaced if self.bound_moves else shifted)(getattr(self, key), by, own, every))
        return told

    def served(self, q: Tables) -> Iterable[Served]:
        """Each group of which the rule asks whether it is reached; none for most kinds."""
        return ()

    def by_hand(self) -> ByHand | None:
        """The decision of a person that the rule holds, if it is one."""
        return None

    def sentence(self) -> Say:
        """The rule in words, where it has no text of its own."""
        raise NotImplementedError


RULES = Registry("allocator.rules")
