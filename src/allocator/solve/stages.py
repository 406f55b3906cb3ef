"""The course of an ordered solve: what is asked, what is held, the plan at hand.

Lives here: `StageSolver`: asking a stage, holding its value; it answers model/query.py: Asker.
Not here: the least of one function (parts.py), the exact proofs (duality.py), the draw (draw.py).

Holding a stage: where exact prices prove its optimum without a gap, the optimal plans are exactly those in which every
priced column and row stays at its bound (complementary slackness), so bounds are all that is kept and later stages become
smaller. Otherwise the stage's function becomes a row. Columns that no row ties together are solved apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from allocator.model.objective import Objective
from allocator.model.proof import Proofs
from allocator.model.query import MOST, Ints, Rows, Stage, StageAnswer, TooFine
from allocator.model.shared_out import SharedOut
from allocator.problem.arrays import Problem
from allocator.solve.another_plan import beyond, halves
from allocator.solve.duality import proved
from allocator.solve.neighbourhood_search import LARGE
from allocator.solve.parts import Infeasible, PartSolver, Stopped
from allocator.solve.solvers import linear_prices, linear_value
from allocator.solve.state import (
    batches,
    components,
    cost_of,
    joint_bounds,
    missed,
    narrow,
    spans,
)
from allocator.solve.subproblem import (
    Backend,
    Clock,
    Reporter,
    Subproblem,
)
from allocator.solve.symmetry import FEW
from allocator.solve.trace import Held, NoPlan, Required, Step


@dataclass(frozen=True)
class Question:
    """One question that was answered: its name, size, value and bound in the declared unit, seconds."""

    value: Fraction
    bound: Fraction | None
    columns: int
    parts: int
    seconds: float

    @property
    def proved(self) -> bool:
        return self.bound == self.value


class StageSolver(PartSolver):
    """Asks stages one after the other; what is held stays true."""

    def __init__(
        self, problem: Problem, backend: Backend, clock: Clock, reporter: Reporter, known: Sequence[Proofs] = ()
    ) -> None:
        super().__init__(problem, backend, clock, reporter, known)
        self.log: list[Question] = []
        self.trace: list[Step] = []

    def require(self, rows: Rows, because: SharedOut | None = None) -> Ints:
        """See Asker."""
        self.trace.append(Required(rows, because))
        return self.append(rows)

    def ask(
        self,
        stage: Stage,
        *,
        hold: bool = True,
        give: Fraction = Fraction(0),
        under: Sequence[Rows] = (),
        accept: Callable[[StageAnswer], bool] | None = None,
    ) -> StageAnswer | None:
        """See Asker. Raises Infeasible (of the whole), Stopped."""
        if self.clock.over and self.best is not None:
            raise Stopped
        self.compact()
        before, began = self.state, self.clock.seconds
        helpers = self.append(stage.rows) if stage.rows is not None else np.zeros(0, np.int64)
        for rows in under:
            self.append(rows)
        cost = cost_of(len(self.state.lower), stage, helpers)
        reach = np.maximum(np.abs(self.state.lower), np.abs(self.state.upper)).astype(np.float64)
        if float(np.dot(np.abs(cost).astype(np.float64), reach)) >= MOST:
            raise TooFine(self.name)
        sign = 1 if stage.sense == "minimize" else -1
        self.rough = not stage.exact
        try:
            value, bound, parts, faces = self.minimise(cost, stage, sign, narrow=hold and not give and stage.exact)
            bound = bound if stage.exact else None
        except Infeasible:
            self.state = before
            if under:
                self.trace.append(NoPlan((*(() if stage.rows is None else (stage.rows,)), *under)))
                return None
            raise
        except Stopped:
            if not self.rough or self.clock.over:
                raise
            self.state = before
            return None
        finally:
            self.rough = False
        declared = Fraction(sign * value + stage.constant, stage.scale)
        limit = None if bound is None else Fraction(sign * bound + stage.constant, stage.scale)
        amounts = self.state.plan[: len(self.own)].copy()
        answer = StageAnswer(declared, limit, amounts, self.state.plan[helpers])
        self.best = amounts
        self.log.append(Question(declared, limit, int(np.sum(cost != 0)), parts, self.clock.seconds - began))
        if accept is not None and not accept(answer):
            hold = False
        if not hold:
            self.state = replace(before, plan=self.state.plan[: len(before.plan)])
            return answer
        given = int(give * stage.scale)
        self.trace.append(Held(stage, tuple(under), value, given, self.state.plan.copy() if give else None))
        for apply in faces:
            apply()
        if give or bound != value:
            self._hold_row(cost, value + given)
        return answer

    def span(self, entries: tuple[Ints, Ints, Ints], groups: int) -> tuple[Ints, Ints]:
        """See Asker: by the bounds of the columns, a few rounds of propagation, and rows that are a group's own sum."""
        self.compact()
        return spans(self.state, entries, groups)

    def joint(self, entries: tuple[Ints, Ints, Ints], groups: int) -> list[tuple[list[int], int, int]]:
        """See Asker."""
        self.compact()
        return joint_bounds(self.state, entries, groups)

    def go_on(self) -> None:
        """See Asker."""
        if self.clock.over:
            raise Stopped

    def relaxed(self, stage: Stage, *, under: Sequence[Rows] = ()) -> float | None:
        """See Asker. Nothing is held, no plan is renewed."""
        before = self.state
        helpers = self.append(stage.rows) if stage.rows is not None else np.zeros(0, np.int64)
        for rows in under:
            self.append(rows)
        cost = cost_of(len(self.state.lower), stage, helpers)
        free = self.state.lower < self.state.upper
        plan = np.where(free, self.state.plan, self.state.lower)
        self.state = replace(self.state, plan=plan)
        part_of = components(self.state.matrix, free)
        part, _ = self.part(np.flatnonzero(free & np.isin(part_of, part_of[free & (cost != 0)])), cost)
        self.state = before
        value = linear_value(part, self.clock)
        if value is None:
            return None
        value += float(np.dot(cost[~free], plan[~free]))
        return ((value if stage.sense == "minimize" else -value) + stage.constant) / stage.scale

    def misses(self, rules: Sequence[str] | None) -> Stage:
        """See Asker."""
        return missed(self.problem, rules)

    def another(self, rows: Rows | None, columns: Ints, coefficients: Ints) -> tuple[Ints, Ints]:
        """A plan that keeps all that is held and has more of a sum than the plan at hand, part by part.

        The sum, of columns (-1 - k: the k-th helper of `rows`, 0 in the plan at hand), need not be the most: whatever is found
        first will do. Gives the amounts, and the cells of the parts that have more; in the others none has. Raises Stopped.
        """
        sum_ = Stage("maximize", columns, coefficients)
        self._report(sum_, -1, None, None, (0, 0))
        self.compact()
        before, n = self.state, len(self.state.lower)
        helpers = self.append(rows) if rows is not None else np.zeros(0, np.int64)
        cost = cost_of(len(self.state.lower), sum_, helpers)
        self.state.plan[helpers] = 0
        part_of = self.parts()
        chosen = np.unique(part_of[(part_of >= 0) & (cost != 0)])
        held = np.isin(chosen, self._held_parts(part_of))
        alone = [np.flatnonzero(part_of == one) for one in chosen[held]]
        plan, more = self.state.plan.copy(), np.zeros(len(self.state.plan), np.bool_)
        for batch in [*batches(part_of, chosen[~held]), *alone]:
            part, own = self.part(batch, cost)
            assert part.start is not None
            question = beyond(part, np.flatnonzero(self.state.holds[own]))
            for half in self._halves(question, part.start):
                better = self._within(half, own)
                if better is not None:
                    plan[batch], more[batch] = better, True
                    break
        self.state = replace(before, plan=plan[:n])
        self.best = plan[: len(self.own)].copy()
        return self.best, np.flatnonzero(more[: len(self.own)])

    @contextmanager
    def narrowed(self) -> Iterator[StageSolver]:
        """The course over the columns that are still free, numbered anew; what it comes to is taken over where it ends.

        Only once a plan is known: all other columns have their value, and rows without a free one hold.
        """
        assert self.best is not None
        before, best = self.state, self.best.copy()
        columns = np.flatnonzero(before.lower < before.upper)
        cells = columns[columns < len(self.own)]
        inner = copy(self)
        inner.own, inner.state, inner.best = self.own[cells], narrow(before, columns), best[cells]
        try:
            yield inner
        finally:
            lower, upper, plan = before.lower.copy(), before.upper.copy(), before.plan.copy()
            for whole, part in ((lower, inner.state.lower), (upper, inner.state.upper), (plan, inner.state.plan)):
                whole[columns] = part[: len(columns)]
            best[cells] = inner.best
            self.state, self.best = replace(before, lower=lower, upper=upper, plan=plan), best

    def _halves(self, question: Subproblem, plan: Ints) -> tuple[Subproblem, ...]:
        """A question for another plan as it is asked, one after the other until one has an answer."""
        if question.start is not None or not FEW < len(plan) < LARGE:  # nothing leads, or it is not worth the while
            return (question,)
        duals = linear_prices(question, self.clock)
        return halves(question, plan, None if duals is None else proved(question, duals))

    def held_columns(self) -> Ints:
        """How many columns each part has that has a row which holds a stage."""
        part_of = self.parts()
        return np.bincount(part_of[part_of >= 0], minlength=1)[self._held_parts(part_of)]

    def _held_parts(self, part_of: Ints) -> Ints:
        """The parts that have a row which holds a stage."""
        matrix = self.state.matrix
        inside = part_of[matrix.column[self.state.holds[matrix.row]]]
        return np.unique(inside[inside >= 0])


def in_turn(objectives: Sequence[Objective]) -> Iterator[tuple[int, Fraction]]:
    """Each objective with what it may give up; then those again, for the least of it: the first proof still counts."""
    yield from ((index, Fraction(one.give)) for index, one in enumerate(objectives))
    yield from ((index, Fraction(0)) for index, one in enumerate(objectives) if one.give)
