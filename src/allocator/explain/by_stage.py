"""What the best plan with the opposite of a yes/no decision comes to in every objective, for many decisions at once.

Lives here: `by_stage`: of each such decision the objectives in which that plan comes to something else.
Not here: the first objective that gets worse, of every decision (firmness.py); one such plan with the draw and who moves
(opposite.py).

Programs that nothing ties to one another are asked apart (concerned.py), each question without a draw: it changes no value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.explain.concerned import Programs, concerned, only
from allocator.explain.firmness import Opposite
from allocator.model.model import Model
from allocator.model.query import NO_LIMIT, Rows
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.solve import Clock, Solution, solve
from allocator.solve.parts import Stopped

Counted = Callable[[int, int], None]  # decisions asked, of how many
Figures = tuple[Fraction, ...]


@dataclass(frozen=True)
class Differs:
    """An objective that comes to `given` in the plan and to `opposite` in the best plan with the opposite decision."""

    objective: str
    given: Figures
    opposite: Figures


def by_stage(
    model: Model, opposites: Sequence[Opposite], clock: Clock, solver: str = "highs", counted: Counted | None = None
) -> dict[Opposite, tuple[Differs, ...]]:
    """Of each yes/no decision among these that some plan has otherwise; () where the draw alone decided. Raises Stopped."""
    selects = {name for name, program in model.programs.items() if program.decides == "selection"}
    asked = [one for one in opposites if one.possible and one.program in selects]
    parts: dict[Programs, _Part] = {}
    found: dict[Opposite, tuple[Differs, ...]] = {}
    for one in asked:
        if one.drawn:
            found[one] = ()
        else:
            programs = concerned(model, [("programs", model.family_of.get(one.program, one.program))])
            if programs not in parts:
                parts[programs] = _Part(only(model, programs), clock, solver)
            found[one] = parts[programs].differs(one)
        if counted is not None:
            counted(len(found), len(asked))
    return found


class _Part:
    """Programs that hang together, with their best plan."""

    def __init__(self, model: Model, clock: Clock, solver: str) -> None:
        undrawn = replace(model, policy=model.policy.model_copy(update={"ties": "none"}))
        self.clock, self.solver = clock, solver
        self.problem = compile(undrawn)
        self.cells = {self.problem.cell(cell): cell for cell in range(self.problem.cells)}
        self.best = self._solved(self.problem)

    def differs(self, one: Opposite) -> tuple[Differs, ...]:
        cell = self.cells[one.unit, one.program, one.period]
        least = one.amount + 1 if one.way > 0 else -NO_LIMIT
        most = NO_LIMIT if one.way > 0 else one.amount - 1
        found = self._solved(self.problem.with_rows(Rows.build([("opposite",)], [least], [most], [(0, cell, 1)])))
        pairs = zip(self.best.stages, found.stages, strict=True)
        return tuple(
            Differs(was.id, was.value, now.value)
            for was, now in pairs
            if was.value != now.value and was.value is not None and now.value is not None
        )

    def _solved(self, problem: Problem) -> Solution:
        known = (self.best.proofs,) if problem is not self.problem else ()
        found = solve(problem, solver=self.solver, clock=self.clock, known=known)
        if found.status != Status.OPTIMAL:
            raise Stopped
        return found
