"""The contract of an objective: its fields, how it is pursued, how its value is recounted; and the registry of kinds.

Lives here: what every objective has, and what every kind must answer.
Not here: any kind (objectives/), the solving (solve/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from allocator.model.fields import Declared, Flag, Id, Number, Programs, Text
from allocator.model.query import NO_LIMIT, Asker, Ints, Rows, Served, Stage, Tables
from allocator.model.registry import Registry
from allocator.model.view import ModelView
from allocator.words import Say

OBJECTIVES: Registry[Objective]


@dataclass(frozen=True)
class Change:
    """What one award was in a former plan, and what it is now; 0 where there is none."""

    unit: str
    program: str
    period: int
    before: int
    after: int


@dataclass(frozen=True)
class Value:
    """What an objective comes to: `figures` compared from the first to the last; None where a figure is missing.

    `better` says which way is better. A total is one figure, a leximin vector as many as there are groups.
    """

    figures: tuple[Fraction, ...] | None
    better: str = "more"


class Objective(Declared):
    """One stage of the ordered list. A kind is a subclass in a file of its own in objectives/; `kind` registers it."""

    kind: ClassVar[str] = ""
    asks_its_value: ClassVar[bool] = True  # what it asks the solver for is its value, not a rank or a number of groups

    counts_changes: ClassVar[bool] = False  # from a former plan: those that `changes` gives
    rounding: ClassVar[Fraction] = Fraction(0)  # what the value told may differ by from the exact one, twice

    id: Id = ""
    text: Text | None = None
    clause: Text | None = None
    ours: Flag = False
    give: Annotated[Number, Field(ge=0)] = 0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.kind:
            OBJECTIVES.add(cls.kind, cls)

    @property
    def figure_kind(self) -> str:
        """What its figures are, where they are told (words: report.value)."""
        return self.kind

    def asks_whether(self) -> Programs:
        """Programs for which it asks whether there is an award, not how much."""
        return ()

    def sanity(self, model: ModelView) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """What is wrong with the declaration by itself: (code of a fault, field, parameters of its sentence)."""
        return ()

    def out_of_reach(self, q: Tables) -> Iterable[tuple[str, str, Mapping[str, object]]]:
        """What no plan can bring about as it is declared: (code of a notice, field, parameters of its sentence)."""
        return ()

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        """Ask the solver for the best, and hold it less `give` (absolute, in the stage's unit).

        Whatever it reads of the tables, it reads before its first question: store/key.py listens up to there.
        """
        raise NotImplementedError

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        """Require that none of its figures is worse than in a plan by more than `loss`, whatever else holds.

        plan: the amounts of all cells; figures: what the objective comes to there. False where the kind has no rows for it.
        """
        return False

    def recount(self, q: Tables) -> Value:
        """The value of the awards that were made, without any solver."""
        raise NotImplementedError

    def moved_by(self, q: Tables) -> Iterable[tuple[str, str, int]]:
        """The (unit, program, period) of awards without which its value is another, whatever else is awarded; none for most."""
        return ()

    def follows(self, path: tuple[str | int, ...]) -> Literal["", "sum", "shares"]:
        """How what is asked for follows the expression at a path of the declaration, if that alone depends on it.

        sum: one sum is asked for, in which an award counts times the expression. shares: places are shared out by it as a
        weight, so that one sum is asked for in which a group's places count times the logarithm of it.
        """
        return ""

    def weighs(self) -> str:
        """The measure whose sum over awards it is, each counted times its amount; "" for most kinds."""
        return ""

    def misses_of(self) -> Collection[str] | None:
        """The soft rules whose misses it counts; None: all there are; none for most kinds."""
        return ()

    def changes(self, q: Tables) -> Iterable[Change]:
        """Each change from the former plan that it counts, by unit, program and period: their amounts add up to its value."""
        return ()

    def served(self, q: Tables) -> Iterable[Served]:
        """Each group of which the objective asks whether it is reached; none for most kinds."""
        return ()

    def sentence(self) -> Say:
        """The objective in words, where it has no text of its own."""
        raise NotImplementedError


def held_at(stage: Stage, value: Fraction) -> Rows:
    """Rows, with the helpers of a stage's own, that just the plans keep in which it comes to `value` or better."""
    own = stage.rows or Rows.build((), (), (), ())
    limit = value * stage.scale - stage.constant
    if stage.sense == "maximize":
        least, most = min(max(ceil(limit), -NO_LIMIT), NO_LIMIT), NO_LIMIT
    else:
        least, most = -NO_LIMIT, min(max(floor(limit), -NO_LIMIT), NO_LIMIT)
    count = len(own.labels)
    return Rows(
        (*own.labels, ("held",)),
        np.append(own.lower, least),
        np.append(own.upper, most),
        np.concatenate([own.row, np.full(len(stage.column), count, np.int64)]),
        np.concatenate([own.column, stage.column]),
        np.concatenate([own.coefficient, stage.coefficient]),
        helper_upper=own.helper_upper,
    )


OBJECTIVES = Registry("allocator.objectives")
