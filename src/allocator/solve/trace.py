"""What a solve required and held, in order: the problem as its objectives state it, one stage after the other.

Lives here: the steps.
Not here: asking (stages.py), what proves a step (certificate/).

Columns are numbered as the solve made them: those of the problem, then the helpers of each step in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from allocator.model.query import Ints, Rows, Stage
from allocator.model.shared_out import SharedOut


@dataclass(frozen=True)
class Required:
    """Rows that an objective states for good, and why no best plan is lost by them."""

    rows: Rows
    because: SharedOut | None = None


@dataclass(frozen=True)
class Held:
    """A stage with the rows that came with it: the least that its cost comes to, and how much of that may be given up.

    plan: every column of a plan that comes to `value`, where something may be given up; else the plan of the solve does.
    """

    stage: Stage
    under: tuple[Rows, ...]
    value: int
    give: int = 0
    plan: Ints | None = None

    @property
    def rows(self) -> tuple[Rows, ...]:
        return (*(() if self.stage.rows is None else (self.stage.rows,)), *self.under)


@dataclass(frozen=True)
class NoPlan:
    """Further rows under which there is no plan."""

    rows: tuple[Rows, ...]


Step = Required | Held | NoPlan
