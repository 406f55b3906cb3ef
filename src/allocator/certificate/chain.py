"""The way from the rows of a problem to one plan: what each stage asked, and what proves it for that plan.

Lives here: the proofs of what a solve held, in order (solve/trace.py); the columns of the plan under all of it.
Not here: the proofs themselves (prove.py), the cells that no stage decides (last.py), the files (document.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

import numpy as np

from allocator.certificate.prove import Proof, Splits, Tree, impossible, prove
from allocator.certificate.shares import Shared, shared
from allocator.certificate.system import System, at_most
from allocator.model.query import Ints, Rows
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve.duality import propagated
from allocator.solve.parts import Stopped
from allocator.solve.solution import Solution
from allocator.solve.solvers import backend, settled
from allocator.solve.state import cost_of
from allocator.solve.subproblem import Clock, untold
from allocator.solve.trace import Held, NoPlan, Required, Step


@dataclass(frozen=True)
class Proved:
    """A step with what proves it. `cost`: of all columns, for a stage; `shared`: of rows that are required.

    under: what every plan left must satisfy when the step is asked, with the step's own rows; after: once it is held.
    """

    step: Step
    under: System
    after: System
    cost: Ints | None = None
    proof: Proof | None = None
    tree: Tree | None = None
    shared: Shared | None = None

    @property
    def found(self) -> list[bool]:
        """Of each claim, whether it is proved; rows that are only stated are none."""
        if isinstance(self.step, Required):
            return [] if self.shared is None else [True] * len(self.shared.proofs)
        return [self.tree is not None if self.proof is None else self.proof.gap == 0]


class Grows(Protocol):
    """Columns and rows to which further rows can be put: a system, a problem."""

    @property
    def columns(self) -> int: ...
    def with_rows(self, rows: Rows) -> Self: ...


G = TypeVar("G", bound=Grows)


def joined(within: G, step: Step) -> tuple[G, Ints | None]:
    """With the rows of a step, and the cost of a stage."""
    first = within.columns
    for rows in (step.rows,) if isinstance(step, Required) else step.rows:
        within = within.with_rows(rows)
    if not isinstance(step, Held):
        return within, None
    helpers = 0 if step.stage.rows is None else len(step.stage.rows.helper_upper)
    return within, cost_of(within.columns, step.stage, first + np.arange(helpers, dtype=np.int64))


def held(within: G, steps: Sequence[Step]) -> G:
    """With all that a solve required and held."""
    for step in steps:
        if not isinstance(step, NoPlan):  # its rows do not stay
            within, cost = joined(within, step)
            if isinstance(step, Held) and cost is not None:
                within = within.with_rows(at_most(cost, step.value + step.give))
    return within


def columns_of(problem: Problem, amounts: Ints, steps: Sequence[Step], clock: Clock, solver: str) -> Ints | None:
    """All columns of a plan, given its cells, so that it keeps every row and all that was held; None where it does not."""
    system = held(System.of(problem), steps)
    cells = np.arange(problem.cells)
    if np.any((amounts < system.lower[cells]) | (amounts > system.upper[cells])):
        return None
    return any_plan(system.fixed(cells, amounts), clock, solver)


def any_plan(system: System, clock: Clock, solver: str) -> Ints | None:
    """Any x of a system; None where it has none. Raises Stopped."""
    tight = propagated(system.whole())
    if tight is None:
        return None
    x, columns = tight[0].copy(), np.flatnonzero(tight[0] < tight[1])
    if len(columns):
        part, _ = replace(system, lower=tight[0], upper=tight[1]).part(columns, np.zeros(system.columns, np.int64))
        found = settled(backend(solver), part, clock, untold)
        if found.status != Status.INFEASIBLE and found.x is None:
            raise Stopped
        if found.x is None:
            return None
        x[columns] = found.x
    activity = system.matrix.times(x)
    return x if np.all((activity >= system.row_lower) & (activity <= system.row_upper)) else None


@dataclass(frozen=True)
class Chain:
    """The steps of a solution with their proofs, in order; its columns; what every plan left must satisfy.

    names: the objective of each step; turns: the number of that objective among all that were asked one after the other.
    splits: what the proofs split, where they did.
    """

    proved: Sequence[Proved]
    x: Ints
    left: System
    names: Sequence[str]
    turns: Sequence[int]
    splits: Splits


def chain_of(problem: Problem, solution: Solution, clock: Clock) -> Chain | None:
    """The chain of a solution; None where it has no plan, or one that keeps not all that was held. Raises Stopped."""
    if solution.allocation is None:
        return None
    steps = [step for _, own in solution.trace for step in own]
    x = columns_of(problem, problem.amounts(solution.allocation), steps, clock, solution.solver)
    if x is None:
        return None
    splits = Splits()
    proved, left = _proofs(problem, x, steps, clock, splits)
    of = [(name, turn) for turn, (name, own) in enumerate(solution.trace) for _ in own]
    return Chain(proved, x, left, [name for name, _ in of], [turn for _, turn in of], splits)


def _proofs(
    problem: Problem, x: Ints, steps: Sequence[Step], clock: Clock, splits: Splits
) -> tuple[list[Proved], System]:
    """Each step with its proof, and what every plan left must satisfy. Raises Stopped."""
    system, found = System.of(problem), []
    for step in steps:
        if clock.over:
            raise Stopped
        under, cost = joined(system, step)
        if isinstance(step, NoPlan):
            found.append(Proved(step, under, system, tree=impossible(under, clock, splits)))
        elif isinstance(step, Held):
            assert cost is not None
            plan = x[: under.columns] if step.plan is None else step.plan
            proof = prove(under, cost, plan, clock, splits)
            narrow = under
            prices = proof.prices or proof.fixes
            if prices is not None and not step.give:
                narrow = under.narrowed(prices, step.value)
            system = narrow.with_most(cost, step.value + step.give)
            found.append(Proved(step, under, system, cost, proof))
        else:
            out = step.because
            proved = None if out is None else shared(system, step.rows, out, x, clock)
            system = under
            found.append(Proved(step, under, system, shared=proved))
    return found, system
