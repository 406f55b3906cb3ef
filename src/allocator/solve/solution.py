"""What a solve gives: the allocation, what was proved of each stage, where the draw had a choice.

Lives here: the frozen results.
Not here: solving (solve/stages.py), judging (audit/), writing (runs/).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from allocator.model.allocation import Allocation
from allocator.model.proof import Proofs
from allocator.model.status import Status
from allocator.solve.trace import Step
from allocator.words import Say


@dataclass(frozen=True)
class StageResult:
    """One stage: its value recounted from the awards (figures in order of comparison), and what was proved of it.

    `status`: optimal (gap zero proved), within (`gap`, relative, proved), not proved.
    """

    id: str
    kind: str
    value: tuple[Fraction, ...] | None
    better: str
    status: Status
    bound: Fraction | None
    gap: float | None
    questions: int
    seconds: float


@dataclass(frozen=True)
class Solution:
    """`status` of the whole: optimal only if every stage and every decision of the draw, if one is made, was proved with a
    gap of zero; disagreement if a second solver, asked to certify it, found something better.

    `drawn`: the cells that equal plans differ in, so that the draw decided. `in_play`: for an infeasible model, the ids of
    the rules of the part that has no plan. `proofs`: of the questions that were proved, for a later solve; `used`: for each
    former solve whose proofs were known, how many questions they answered; `searched`: how many went to a solver. `lost`: what
    is told of solvers that crashed or ran out of memory. `trace`: what each objective required and held, in order.
    """

    status: Status
    allocation: Allocation | None
    stages: tuple[StageResult, ...]
    draw_status: Status
    drawn: tuple[tuple[str, str, int], ...]
    in_play: tuple[str, ...]
    solver: str
    solver_version: str
    threads: int
    seed: int
    seconds: float
    cells: int
    rows: int
    proofs: Proofs = field(default_factory=dict, repr=False, compare=False)
    used: tuple[int, ...] = ()
    searched: int = 0
    lost: tuple[Say, ...] = ()
    trace: tuple[tuple[str, tuple[Step, ...]], ...] = field(default=(), repr=False, compare=False)

    def __repr__(self) -> str:
        values = {stage.id: stage.value for stage in self.stages}
        told = ", ".join(f"{name}: {_short(value)}" for name, value in values.items())
        return f"<solution: {self.status}; {told}; {self.allocation!r}>"


def _short(value: tuple[Fraction, ...] | None) -> str:
    figures = value or ()
    return ", ".join(map(str, figures[:3])) + (", …" if len(figures) > 3 else "") if figures else "no figure"
