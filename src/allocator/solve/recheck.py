"""What was held of each stage, and whether the plan at the end keeps it: a second look at what the whole order rests on.

Lives here: the comparison of each stage's value, recounted at the end, with its best and with what `give` allows.
Not here: holding (stages.py), recounting (the objectives).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.model.objective import Objective, Value
from allocator.model.status import Status
from allocator.solve.solution import StageResult


class Mismatch(RuntimeError):
    """A plan does not keep what was held: a defect of ours. Nothing may be made of the plan."""


@dataclass(frozen=True)
class HeldStage:
    """An objective, its value when it was held, what it may lose from there, whether that value was proved to be the best."""

    objective: Objective
    value: Value
    give: Fraction
    proved: bool


def check(held: Sequence[HeldStage], stages: Sequence[StageResult]) -> None:
    """Raises Mismatch where a stage ends worse than it may, better than its proved best, or with another value than its bound."""
    ends = {stage.id: stage for stage in stages}
    for one in held:
        stage = ends[one.objective.id]
        if one.value.figures is None or stage.value is None:
            continue
        sign = 1 if one.value.better == "more" else -1
        best, end = ([sign * figure for figure in figures] for figures in (one.value.figures, stage.value))
        least = [*best[:-1], best[-1] - one.give - (one.objective.rounding if one.give else 0)]
        if end < least or (one.proved and end > best):
            raise Mismatch(
                f"{stage.id}: held at {_told(one.value.figures)}, give {one.give}, ends at {_told(stage.value)}"
            )
    for stage in stages:
        if stage.status == Status.OPTIMAL and stage.value and stage.bound not in (None, stage.value[-1]):
            raise Mismatch(f"{stage.id}: proved to be {stage.bound}, recounted as {_told(stage.value)}")


def _told(figures: Sequence[Fraction]) -> str:
    return ", ".join(map(str, figures[:6]))
