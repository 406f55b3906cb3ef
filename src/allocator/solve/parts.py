"""What one function comes to over all that is held, part by part; the plan at hand is renewed on the way.

Lives here: `PartSolver`: columns that no row ties together are asked apart, or a few small parts together.
Not here: what is asked (stages.py), bounds, rows and plan at hand (state.py), the solvers (backends), the exact proofs
(duality.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from allocator.model.proof import Proofs
from allocator.model.query import NO_LIMIT, Flags, Ints, Rows, Stage
from allocator.model.status import Status
from allocator.problem.arrays import Matrix, Problem
from allocator.solve.duality import face, priced, propagated, proved
from allocator.solve.neighbourhood_search import LARGE
from allocator.solve.proofs import Kept, name_of
from allocator.solve.solvers import asked, linear_prices, settled
from allocator.solve.state import (
    State,
    batches,
    bounded,
    components,
    folded,
    outside_of,
)
from allocator.solve.subproblem import (
    Backend,
    Clock,
    Progress,
    Report,
    Reporter,
    SolverResult,
    Subproblem,
    in_order,
    untold,
)
from allocator.solve.symmetry import merged
from allocator.words import Say

DRAW = "lottery"
ROUGH_S = 1.0


class Infeasible(Exception):
    """No plan satisfies the rows; `rows` are those of the part that failed."""

    def __init__(self, rows: Ints) -> None:
        super().__init__(f"{len(rows)} rows cannot hold together")
        self.rows = rows


class Stopped(Exception):
    """A limit or the user ended the solve."""


class PartSolver:
    """Bounds, rows and a plan (`state`), and the least of a function over them.

    alone: it is this solver's opinion that counts: no other is asked in its place, and rows stay as they were declared.
    """

    alone = False

    def __init__(
        self, problem: Problem, backend: Backend, clock: Clock, reporter: Reporter, known: Sequence[Proofs] = ()
    ) -> None:
        self.problem, self.backend, self.clock, self.reporter = problem, backend, clock, reporter
        self.kept = Kept(known)
        self.state = State(
            problem.lower.copy(),
            problem.upper.copy(),
            problem.matrix,
            problem.row_lower.copy(),
            problem.row_upper.copy(),
            np.full(problem.columns, -1, np.int64),
            np.zeros(problem.matrix.height, np.bool_),
        )
        self.own = np.arange(problem.cells)  # the cells that it decides, as numbers of the problem; its first columns
        self.best: Ints | None = None  # their amounts in the last plan that satisfies every rule
        self.name = ""
        self.rough = False  # a question is asked whose extreme proves nothing: any good plan will do
        self._groupings: tuple[Ints, ...] | None = None

    def append(self, rows: Rows, *, holds: bool = False) -> Ints:
        """Append rows; gives the columns of their helpers. A row of one column is a bound of that column.

        holds: whether they hold the least that a stage came to.
        """
        state = self.state
        first = len(state.lower)
        helpers = len(rows.helper_upper)
        new = Matrix.of(len(rows.labels), rows.row, rows.placed(first), rows.coefficient)
        lower = np.concatenate([state.lower, np.zeros(helpers, np.int64)])
        upper = np.concatenate([state.upper, rows.helper_upper])
        kept = bounded(new, rows.lower, rows.upper, lower, upper)
        new = new.select(kept)
        joined = Matrix(
            np.concatenate([state.matrix.start, state.matrix.start[-1] + new.start[1:]]),
            np.concatenate([state.matrix.column, new.column]),
            np.concatenate([state.matrix.value, new.value]),
        )
        plan = np.concatenate([state.plan, np.full(helpers, -1, np.int64)])
        self.state = State(
            lower,
            upper,
            joined,
            np.concatenate([state.row_lower, rows.lower[kept]]),
            np.concatenate([state.row_upper, rows.upper[kept]]),
            np.where((plan < lower) | (plan > upper), -1, plan),
            np.concatenate([state.holds, np.full(len(kept), holds)]),
        )
        return first + np.arange(helpers, dtype=np.int64)

    def finish(self) -> None:
        """Make the plan satisfy everything that was required since it was found."""
        self.minimise(np.zeros(len(self.state.lower), np.int64), None, 1, narrow=False)
        self.best = self.state.plan[: len(self.own)].copy()

    def fix(self, columns: Ints, values: Ints) -> None:
        """Columns that have their value for good."""
        lower, upper = self.state.lower.copy(), self.state.upper.copy()
        lower[columns] = upper[columns] = values
        self.state = replace(self.state, lower=lower, upper=upper)

    def tighten(self) -> None:
        """Bounds of columns that follow from single rows, round after round. No plan is lost by it."""
        state = self.state
        none = np.zeros(len(state.lower), np.int64)
        tight = propagated(Subproblem(state.matrix, state.row_lower, state.row_upper, state.lower, state.upper, none))
        if tight is not None:
            self.state = replace(state, lower=tight[0], upper=tight[1])

    def compact(self) -> None:
        """Drop what is decided: entries of fixed columns (folded into the bounds of their rows) and rows left empty.

        Only once a plan is known: from then on every row can hold, and rows need not be told apart any more.
        """
        live = (self.state.lower < self.state.upper)[self.state.matrix.column]
        if not self.alone and self.best is not None and 2 * int(np.sum(live)) <= len(live):
            self.state = folded(self.state)

    def parts(self) -> Ints:
        """The part of every column that is still free (its smallest column); -1 for the others."""
        state = self.state
        free = state.lower < state.upper
        return components(state.matrix, free)

    def minimise(
        self, cost: Ints, stage: Stage | None, sign: int, *, narrow: bool
    ) -> tuple[int, int | None, int, list[Callable[[], None]]]:
        """The least of `cost`, its bound (None: unknown), how many parts were solved, what would hold each optimum.

        The plan is renewed."""
        state = self.state
        free = state.lower < state.upper
        plan = np.where(free, state.plan, state.lower)
        self.state = state = replace(state, plan=plan)
        part_of = components(state.matrix, free)
        activity = state.matrix.times(np.maximum(plan, 0))
        wrong = (activity < state.row_lower) | (activity > state.row_upper)
        self._fixed_rows_hold(wrong, free)
        dirty = np.zeros(len(plan), np.bool_)
        dirty[plan < 0] = True
        wrong_entries = wrong[state.matrix.row]
        dirty[state.matrix.column[wrong_entries]] = True
        asked = free & (dirty | (cost != 0))
        chosen = np.unique(part_of[asked])
        total, bound, count = int(np.dot(cost[~free], plan[~free])), int(np.dot(cost[~free], plan[~free])), 0
        known = True
        faces: list[Callable[[], None]] = []
        rest = free & ~np.isin(part_of, chosen)
        total += int(np.dot(cost[rest], plan[rest]))
        bound += int(np.dot(cost[rest], plan[rest]))
        for columns in batches(part_of, chosen):
            if self.clock.over:
                if dirty[columns].any():
                    raise Stopped
                total, known = total + int(np.dot(cost[columns], plan[columns])), False
                continue
            part, rows = self.part(columns, cost)
            done = (total, bound)

            def report(
                found: int | None, least: int | None, _: Ints | None = None, done: tuple[int, int] = done
            ) -> None:
                self._report(stage, sign, found, least, done)

            try:
                outcome = self._solved(part, report, rows)
            except Infeasible:
                self._blame(columns, part_of, cost, report)
                raise
            assert outcome.x is not None
            state.plan[columns] = outcome.x
            value = part.value(outcome.x)
            total += value
            count += 1
            if outcome.status == Status.OPTIMAL:
                bound += value
                if narrow and np.any(part.cost):
                    faces.append(self.face_of(part, outcome, columns, rows, value))
            elif outcome.bound is not None:
                bound += outcome.bound
            else:
                known = False
        self._report(stage, sign, total, bound if known else None, (0, 0))
        return total, (bound if known else None), count, faces

    def _blame(self, columns: Ints, part_of: Ints, cost: Ints, report: Report) -> None:
        """Several parts went together and one of them has no plan: raise Infeasible with the rows of that one alone."""
        alone = np.unique(part_of[columns])
        for one in alone if len(alone) > 1 else ():
            part, rows = self.part(columns[part_of[columns] == one], cost)
            self._solved(part, report, rows)

    def _fixed_rows_hold(self, wrong: Flags, free: Flags) -> None:
        """A row without a free column that does not hold, or whose own bounds cross, ends it all."""
        matrix = self.state.matrix
        open_rows = np.zeros(matrix.height, np.bool_)
        open_rows[matrix.row[free[matrix.column]]] = True
        lost = np.flatnonzero((wrong & ~open_rows) | (self.state.row_lower > self.state.row_upper))
        if len(lost):
            raise Infeasible(lost)

    def part(self, columns: Ints, cost: Ints) -> tuple[Subproblem, Ints]:
        """The part of some columns, everything else at its value; and the rows that it has, as numbers of the whole."""
        state = self.state
        place = np.full(len(state.lower), -1, np.int64)
        place[columns] = np.arange(len(columns))
        has = np.zeros(state.matrix.height, np.bool_)
        has[state.matrix.row[place[state.matrix.column] >= 0]] = True
        rows = np.flatnonzero(has)
        matrix = state.matrix.select(rows)
        own = place[matrix.column] >= 0
        outside = np.zeros(len(rows), np.int64)
        entry_row = matrix.row
        np.add.at(outside, entry_row[~own], matrix.value[~own] * np.maximum(state.plan[matrix.column[~own]], 0))
        small = Matrix.of(len(rows), entry_row[own], place[matrix.column[own]], matrix.value[own])
        low, high = state.row_lower[rows], state.row_upper[rows]
        start = state.plan[columns]
        part = Subproblem(
            small,
            np.where(low > -NO_LIMIT, low - outside, -NO_LIMIT),
            np.where(high < NO_LIMIT, high - outside, NO_LIMIT),
            state.lower[columns],
            state.upper[columns],
            cost[columns],
            hints=self._hints(columns) if len(columns) >= LARGE else (),
        )
        return (replace(part, start=start) if np.all(start >= 0) and part.feasible(start) else part), rows

    def _hints(self, columns: Ints) -> tuple[Ints, ...]:
        """The groupings of the cells (by period, program and the units' own columns) for these columns."""
        if self._groupings is None:
            self._groupings = self.problem.groupings()
        cells = columns < len(self.own)
        hints = []
        for grouping in self._groupings:
            hint = np.full(len(columns), -1, np.int64)
            hint[cells] = grouping[self.own[columns[cells]]]
            hints.append(hint)
        return tuple(hints)

    def _solved(self, part: Subproblem, report: Report, rows: Ints) -> SolverResult:
        if part.start is not None and not np.any(part.cost):
            return SolverResult(Status.OPTIMAL, part.start, 0)
        name = "" if self.rough else name_of(part)
        outcome = self.kept.recalled(part, name)
        if outcome is None:
            outcome = self._searched(part, report, rows)
        if outcome.status == Status.OPTIMAL and name:
            assert outcome.x is not None
            exact = outcome.prices is not None and outcome.prices.least == part.value(outcome.x)
            self.kept.keep(name, outcome.x, outcome.prices if exact else None)
        return outcome

    def _within(self, part: Subproblem, rows: Ints) -> Ints | None:
        """A plan of a part within its target; None where there is none."""
        name = name_of(part)
        outcome = self.kept.recalled(part, name)
        if outcome is None:
            try:
                outcome = self._searched(part, untold, rows)
            except Infeasible:
                return None
        if outcome.x is not None:
            self.kept.keep(name, outcome.x, None)
            return outcome.x
        if outcome.prices is not None:
            self.kept.keep(name, np.zeros(0, np.int64), outcome.prices)
        return None

    def _searched(self, part: Subproblem, report: Report, rows: Ints) -> SolverResult:
        """What solvers find; with the best prices of it that are at hand."""
        if self.clock.over:
            raise Stopped
        self.kept.searched += 1
        small, back = merged(part)
        outcome = in_order(part, back(self.asked_of(small, report)))
        if outcome.prices is not None:  # of the part with like columns merged: the rows are the same
            outcome = replace(outcome, prices=priced(part, outcome.prices.price, outcome.prices.scale))
        if outcome.status == Status.INFEASIBLE:
            if part.target is not None and outcome.prices is not None and outcome.prices.least > part.target:
                return outcome
            raise Infeasible(rows)
        if outcome.x is None:
            raise Stopped
        if (
            outcome.status == Status.OPTIMAL
            and outcome.prices is None
            and outcome.duals is not None
            and np.any(part.cost)
        ):
            outcome = replace(outcome, prices=proved(part, outcome.duals, part.value(outcome.x)))
        return outcome

    def asked_of(self, part: Subproblem, report: Report) -> SolverResult:
        """What solvers say of a part."""
        if self.alone:
            return asked(self.backend, part, self.clock, report, self.about)
        if self.rough:
            return asked(self.backend, part, self.clock.within(ROUGH_S), report, self.about)
        return settled(self.backend, part, self.clock, report, self.about)

    @property
    def about(self) -> Say:
        """What is being worked on."""
        if self.name in ("", DRAW):
            return Say("faults.lost.draw" if self.name else "faults.lost.plan")
        return Say("faults.lost.stage", {"stage": self.name})

    def face_of(
        self, part: Subproblem, outcome: SolverResult, columns: Ints, rows: Ints, value: int
    ) -> Callable[[], None]:
        """What holds the optimum of one part: bounds where exact prices prove it, a row where they leave a gap."""
        prices = outcome.prices
        if prices is None:
            duals = outcome.duals if outcome.duals is not None else linear_prices(part, self.clock)
            prices = proved(part, duals, value) if duals is not None else None

        def row_only() -> None:
            full = np.zeros(len(self.state.lower), np.int64)
            full[columns] = part.cost
            self._hold_row(full, value, least=True)

        if prices is None:
            return row_only
        kept = face(part, prices, value)

        def apply() -> None:
            state = self.state
            lower, upper = state.lower.copy(), state.upper.copy()
            lower[columns], upper[columns] = kept.lower, kept.upper
            low, high = state.row_lower.copy(), state.row_upper.copy()
            tight_low = (kept.row_lower > part.row_lower) | (kept.row_upper < part.row_upper)
            if tight_low.any():
                outside = outside_of(state, rows, columns)
                low[rows[tight_low]] = (kept.row_lower + outside)[tight_low]
                high[rows[tight_low]] = (kept.row_upper + outside)[tight_low]
            self.state = replace(state, lower=lower, upper=upper, row_lower=low, row_upper=high)
            if not kept.closed:
                row_only()

        return apply

    def _hold_row(self, cost: Ints, most: int, *, least: bool = False) -> None:
        columns = np.flatnonzero(cost)
        n = len(columns)
        if n:
            rows = Rows(
                (("held",),), np.array([-NO_LIMIT]), np.array([most]), np.zeros(n, np.int64), columns, cost[columns]
            )
            self.append(rows, holds=least)

    def _report(
        self, stage: Stage | None, sign: int, found: int | None, least: int | None, done: tuple[int, int]
    ) -> None:
        if stage is None:
            return

        def declared(value: int | None, so_far: int) -> float | None:
            return None if value is None else float(Fraction(sign * (value + so_far) + stage.constant, stage.scale))

        self.reporter(Progress(self.name, declared(found, done[0]), declared(least, done[1]), self.clock.seconds))
