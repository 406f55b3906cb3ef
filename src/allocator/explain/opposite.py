"""The best plan that has the opposite of one decision: what it comes to in every objective, from the first to the last.

Lives here: `with_opposite`: the problem with one row more, solved as the problem itself was.
Not here: of all decisions the first objective that gets worse (firmness.py), the nearest such plan (nearest.py), what is shown
(report/opposite.py).

An objective after the first that gets worse may come out better: a plan that may lose there has more to choose from. Where the
opposite of an amount is asked for, the amount may also be further away than by one: whatever is best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allocator.audit import Audit, audit
from allocator.explain.firmness import Opposite
from allocator.model.proof import Proofs
from allocator.model.query import NO_LIMIT, Rows
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve import Clock, solve
from allocator.solve.recheck import Mismatch
from allocator.solve.subproblem import Reporter, silent


@dataclass(frozen=True)
class WithOpposite:
    """found: the recount of the best plan with the opposite; None where no plan has it, or a limit came before any.

    proved: that it is the best one of these, or that there is none.
    """

    opposite: Opposite
    found: Audit | None
    proved: bool


def with_opposite(
    problem: Problem,
    opposite: Opposite,
    *,
    solver: str = "highs",
    clock: Clock,
    reporter: Reporter = silent,
    known: Sequence[Proofs] = (),
) -> WithOpposite:
    """The best plan in which a cell has more (way 1) or less (-1) than its amount; the draw decides between equal ones."""
    key = (opposite.unit, opposite.program, opposite.period)
    (cell,) = (cell for cell in range(problem.cells) if problem.cell(cell) == key)
    least = opposite.amount + 1 if opposite.way > 0 else -NO_LIMIT
    most = NO_LIMIT if opposite.way > 0 else opposite.amount - 1
    row = Rows.build([("opposite",)], [least], [most], [(0, cell, 1)])
    made = solve(problem.with_rows(row), solver=solver, clock=clock, reporter=reporter, known=known)
    if made.allocation is None:
        return WithOpposite(opposite, None, made.status == Status.INFEASIBLE)
    found = audit(problem.model, made.allocation)
    change = made.allocation.amounts.get(key, 0) - opposite.amount
    if found.violations or change * opposite.way <= 0:  # the recount is not what our own rows say
        raise Mismatch(f"{found!r}: {opposite}")
    return WithOpposite(opposite, found, made.status == Status.OPTIMAL)
