"""The second opinion: an unlike solver refutes anything better than the plan, stage by stage and draw by draw.

Lives here: the certificate, and who answers the objectives with refutations in place of optima.
Not here: rows, parts and asking a solver (stages.py, parts.py), the recount from the awards (audit/), what happens on a
disagreement (cli/).

The second solver need not find the plan again. For every stage it gets the rows, what was held before, and one row more:
"strictly better than the plan". If it proves that this cannot be, the stage's value is certified; if it finds a plan, the
two solvers disagree, and one of them (or we) is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from allocator.model.allocation import Allocation
from allocator.model.objective import Objective
from allocator.model.query import NO_LIMIT, Ints, Rows, Stage, StageAnswer
from allocator.model.shared_out import SharedOut
from allocator.model.status import Status
from allocator.objectives.lottery import order
from allocator.problem import Problem
from allocator.problem.arrays import Matrix
from allocator.solve.draw import batch_of, later_twins, twins
from allocator.solve.parts import Infeasible, Stopped
from allocator.solve.punctual import punctual
from allocator.solve.stages import StageSolver
from allocator.solve.state import cost_of
from allocator.solve.subproblem import (
    Backend,
    Clock,
    Reporter,
    SolverResult,
    Subproblem,
    in_order,
    silent,
    untold,
)
from allocator.solve.symmetry import merged

Verdict = Literal["certified", "disagreement", "not certified"]


@dataclass(frozen=True)
class Claim:
    """One stage (or the draw): how many refutations were asked and given, in how many seconds; what contradicts it."""

    stage: str
    refutations: int
    refuted: int
    seconds: float
    better: Allocation | None = None


@dataclass(frozen=True)
class Certificate:
    """What the second solver says of a plan. `certified` only if every refutation was given."""

    verdict: Verdict
    solver: str
    solver_version: str
    claims: tuple[Claim, ...]
    seconds: float


class _Disagreement(Exception):
    def __init__(self, better: Ints) -> None:
        super().__init__("a better plan exists")
        self.better = better


class _Alone(StageSolver):
    """The stages as the second solver alone sees them."""

    alone = True


class _Verifier:
    """What objectives ask of a solver (model/query.py: Asker), along a plan that is given: is there anything better?"""

    def __init__(self, problem: Problem, backend: Backend, clock: Clock, reporter: Reporter, amounts: Ints) -> None:
        self.stages = _Alone(problem, backend, clock, reporter)
        self.given = amounts
        self.asked = self.refuted = 0

    def span(self, entries: tuple[Ints, Ints, Ints], groups: int) -> tuple[Ints, Ints]:
        return self.stages.span(entries, groups)

    def joint(self, entries: tuple[Ints, Ints, Ints], groups: int) -> list[tuple[list[int], int, int]]:
        return self.stages.joint(entries, groups)

    def go_on(self) -> None:
        self.stages.go_on()

    def relaxed(self, stage: Stage, *, under: Sequence[Rows] = ()) -> float | None:
        return self.stages.relaxed(stage, under=under)

    def misses(self, rules: Sequence[str] | None) -> Stage:
        return self.stages.misses(rules)

    def require(self, rows: Rows, because: SharedOut | None = None) -> Ints:
        """What an objective requires for good, the plan must keep: else the plan that showed the way is the better one."""
        cells = np.all((rows.column >= 0) & (rows.column < self.stages.problem.cells))
        if cells and self.stages.best is not None:
            made = np.zeros(len(rows.labels), np.int64)
            np.add.at(made, rows.row, rows.coefficient * self.given[rows.column])
            if np.any((made < rows.lower) | (made > rows.upper)):
                raise _Disagreement(self.stages.best)
        return self.stages.require(rows, because)

    def ask(
        self,
        stage: Stage,
        *,
        hold: bool = True,
        give: Fraction = Fraction(0),
        under: Sequence[Rows] = (),
        accept: Callable[[StageAnswer], bool] | None = None,
    ) -> StageAnswer | None:
        """A stage that is held: its value at the plan, once nothing better is proved to exist. Others are solved anew.

        So is a stage that gives something away: what may be given is counted from its optimum, which the plan need not have.
        """
        stages = self.stages
        stages.go_on()
        if not hold or give:
            solved = stages.ask(stage, hold=hold, give=give, under=under, accept=accept)
            self.asked += 1
            self.refuted += solved is None or solved.proved
            return solved
        before = stages.state
        helpers = self.require(stage.rows) if stage.rows is not None else np.zeros(0, np.int64)
        cost = cost_of(len(stages.state.lower), stage, helpers)
        value = self._at_the_plan(cost)
        sign = 1 if stage.sense == "minimize" else -1
        declared = Fraction(sign * value + stage.constant, stage.scale)
        answer = StageAnswer(declared, declared, self.given, stages.state.plan[helpers])
        if accept is not None and not accept(answer):
            stages.state = before
            return answer
        free = stages.state.lower < stages.state.upper
        part_of = stages.parts()
        faces = []
        for one in np.unique(part_of[free & (cost != 0)]):
            columns = np.flatnonzero(part_of == one)
            part, rows = stages.part(columns, cost)
            self._refute(part, columns)
            at = part.value(stages.state.plan[columns])
            faces.append(stages.face_of(part, SolverResult(Status.OPTIMAL, part.start), columns, rows, at))
        for apply in faces:
            apply()
        return answer

    def _at_the_plan(self, cost: Ints) -> int:
        """The least cost with all cells as given: the helpers take their best values."""
        open_state = self.stages.state
        self.stages.fix(np.arange(self.stages.problem.cells), self.given)
        try:
            value, *_ = self.stages.minimise(cost, None, 1, narrow=False)
        except Infeasible:
            raise _Disagreement(self.given) from None
        self.stages.state = replace(open_state, plan=self.stages.state.plan)
        return value

    def _refute(self, part: Subproblem, columns: Ints) -> None:
        """Prove that no plan of the part costs less than the one at hand."""
        assert part.start is not None
        priced = np.flatnonzero(part.cost)
        matrix, height = part.matrix, part.matrix.height
        stricter = Subproblem(
            Matrix.of(
                height + 1,
                np.concatenate([matrix.row, np.full(len(priced), height)]),
                np.concatenate([matrix.column, priced]),
                np.concatenate([matrix.value, part.cost[priced]]),
            ),
            np.append(part.row_lower, -NO_LIMIT),
            np.append(part.row_upper, part.value(part.start) - 1),
            part.lower,
            part.upper,
            part.cost * 0,
        )
        self.asked += 1
        small, back = merged(stricter)
        outcome = in_order(stricter, back(self.stages.asked_of(small, untold)))
        if outcome.status == Status.INFEASIBLE:
            self.refuted += 1
        elif outcome.x is not None:
            better = self.stages.state.plan.copy()
            better[columns] = outcome.x
            raise _Disagreement(better)


def certify(
    problem: Problem, allocation: Allocation, backend: Backend, clock: Clock, reporter: Reporter = silent
) -> Certificate:
    """Certify a plan that is said to be optimal in every stage and, where one is made, in the draw."""
    verifier = _Verifier(problem, backend, clock, reporter, problem.amounts(allocation))
    claims: list[Claim] = []
    objectives = problem.model.policy.objectives
    stages: list[tuple[str, Callable[[], None]]]
    stages = [(o.id, _pursuit(problem, verifier, o, Fraction(o.give))) for o in objectives]
    stages += [(o.id, _pursuit(problem, verifier, o, Fraction(0))) for o in objectives if o.give]
    seed = problem.model.policy.seed
    if seed is not None:
        stages.append(("lottery", lambda: _draw(verifier, seed)))
    verdict: Verdict = "certified"
    for name, pursue in stages:
        began, asked, refuted = clock.seconds, verifier.asked, verifier.refuted
        verifier.stages.name, better = name, None
        try:
            verifier.go_on()
            with punctual(clock):
                pursue()
        except _Disagreement as found:
            verdict, better = "disagreement", problem.allocation(found.better)
        except Stopped:
            verifier.asked += 1  # what a limit stopped is not refuted
        claims.append(Claim(name, verifier.asked - asked, verifier.refuted - refuted, clock.seconds - began, better))
        if better is not None:
            break
    if verdict == "certified" and verifier.refuted < verifier.asked:
        verdict = "not certified"
    return Certificate(verdict, backend.name, backend.version(), tuple(claims), clock.seconds)


def _pursuit(problem: Problem, verifier: _Verifier, objective: Objective, give: Fraction) -> Callable[[], None]:
    return lambda: objective.pursue(problem.tables, verifier, give)


def _draw(verifier: _Verifier, seed: int) -> None:
    """No plan that is equal in every stage comes before this one in the order of the draw."""
    course = verifier.stages
    cells = np.arange(course.problem.cells)
    names = [course.problem.cell(int(c)) for c in cells]
    drawn = cells[np.array(order(seed, names), dtype=np.int64)]
    alike = twins(course, drawn)
    while True:
        open_ = course.state.lower[drawn] < course.state.upper[drawn]
        drawn, alike = drawn[open_], alike[open_]
        if not len(drawn):
            return
        batch, weights = batch_of(course, drawn)
        verifier.ask(Stage("maximize", batch, weights))
        least = batch[verifier.given[batch] == course.state.lower[batch]]
        later = later_twins(drawn, alike, batch, least)
        course.fix(batch, verifier.given[batch])
        course.fix(later, verifier.given[later])
