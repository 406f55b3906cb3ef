"""The course of an ordered solve: what is asked, what is held, the plan at hand.

Lives here: parts, asking a stage, holding its value; it answers model/query.py: Asker.
Not here: bounds, rows and plan at hand (state.py), the solvers (backends), the exact proofs (duality.py), the draw (draw.py).

Holding a stage: where exact prices prove its optimum without a gap, the optimal plans are exactly those in which every
priced column and row stays at its bound (complementary slackness), so bounds are all that is kept and later stages become
smaller. Otherwise the stage's function becomes a row. Columns that no row ties together are solved apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from allocator.model.proof import Proofs
from allocator.model.query import MOST, NO_LIMIT, Flags, Ints, Rows, Stage, StageAnswer, TooFine
from allocator.model.status import Status
from allocator.problem.arrays import Matrix, Problem
from allocator.solve.duality import face, priced, propagated, proved
from allocator.solve.neighbourhood_search import LARGE
from allocator.solve.proofs import Kept, name_of
from allocator.solve.solvers import asked, linear_prices, linear_value, settled
from allocator.solve.state import (
    State,
    batches,
    bounded,
    components,
    cost_of,
    joint_bounds,
    missed,
    outside_of,
    spans,
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
from allocator.solve.trace import Held, NoPlan, Required, Step
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


class StageSolver:
    """Asks stages one after the other; what is held stays true."""

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
        self.best: Ints | None = None  # the amounts of the last plan that satisfies every rule
        self.name = ""
        self.rough = False  # a question is asked whose extreme proves nothing: any good plan will do
        self.log: list[Question] = []
        self.trace: list[Step] = []
        self.others: list[Ints] = []  # amounts of plans that are equal in all that is held
        self._groupings: tuple[Ints, ...] | None = None

    # What objectives ask ----------------------------------------------------------------------------------------------

    def require(self, rows: Rows) -> Ints:
        """See Asker."""
        self.trace.append(Required(rows))
        return self.append(rows)

    def append(self, rows: Rows, *, holds: bool = False) -> Ints:
        """Append rows; gives the columns of their helpers. A row of one column is a bound of that column.

        holds: whether they hold what a stage came to.
        """
        state = self.state
        first = len(state.lower)
        helpers = len(rows.helper_upper)
        column = np.where(rows.column < 0, first - 1 - rows.column, rows.column)
        new = Matrix.of(len(rows.labels), rows.row, column, rows.coefficient)
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
            value, bound, parts, faces = self._minimise(cost, stage, sign, narrow=hold and not give and stage.exact)
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
        amounts = self.state.plan[: self.problem.cells].copy()
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
        part, _ = self._part(np.flatnonzero(free & np.isin(part_of, part_of[free & (cost != 0)])), cost)
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
            part, own = self._part(batch, cost)
            better = self._within(_beyond(part, np.flatnonzero(self.state.holds[own])), own)
            if better is not None:
                plan[batch], more[batch] = better, True
        self.state = replace(before, plan=plan[:n])
        self.best = plan[: self.problem.cells].copy()
        return self.best, np.flatnonzero(more[: self.problem.cells])

    def _held_parts(self, part_of: Ints) -> Ints:
        """The parts that have a row which holds a stage."""
        matrix = self.state.matrix
        inside = part_of[matrix.column[self.state.holds[matrix.row]]]
        return np.unique(inside[inside >= 0])

    # Parts ------------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Make the plan satisfy everything that was required since it was found."""
        self._minimise(np.zeros(len(self.state.lower), np.int64), None, 1, narrow=False)
        self.best = self.state.plan[: self.problem.cells].copy()

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
        state, matrix = self.state, self.state.matrix
        live = (state.lower < state.upper)[matrix.column]
        if self.best is None or 2 * int(np.sum(live)) > len(live):
            return
        fixed = np.zeros(matrix.height, np.int64)
        np.add.at(fixed, matrix.row[~live], (matrix.value * state.lower[matrix.column])[~live])
        rows = np.unique(matrix.row[live])
        low, high = state.row_lower[rows], state.row_upper[rows]
        number = np.full(matrix.height, -1, np.int64)
        number[rows] = np.arange(len(rows))
        self.state = replace(
            state,
            matrix=Matrix.of(len(rows), number[matrix.row[live]], matrix.column[live], matrix.value[live]),
            row_lower=np.where(low > -NO_LIMIT, low - fixed[rows], -NO_LIMIT),
            row_upper=np.where(high < NO_LIMIT, high - fixed[rows], NO_LIMIT),
            holds=state.holds[rows],
        )

    def parts(self) -> Ints:
        """The part of every column that is still free (its smallest column); -1 for the others."""
        state = self.state
        free = state.lower < state.upper
        return components(state.matrix, free)

    def _minimise(
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
            part, rows = self._part(columns, cost)
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
                    faces.append(self._face(part, outcome, columns, rows, value))
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
            part, rows = self._part(columns[part_of[columns] == one], cost)
            self._solved(part, report, rows)

    def _fixed_rows_hold(self, wrong: Flags, free: Flags) -> None:
        """A row without a free column that does not hold, or whose own bounds cross, ends it all."""
        matrix = self.state.matrix
        open_rows = np.zeros(matrix.height, np.bool_)
        open_rows[matrix.row[free[matrix.column]]] = True
        lost = np.flatnonzero((wrong & ~open_rows) | (self.state.row_lower > self.state.row_upper))
        if len(lost):
            raise Infeasible(lost)

    def _part(self, columns: Ints, cost: Ints) -> tuple[Subproblem, Ints]:
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
        cells = columns < self.problem.cells
        hints = []
        for grouping in self._groupings:
            hint = np.full(len(columns), -1, np.int64)
            hint[cells] = grouping[columns[cells]]
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
        outcome = in_order(part, back(self._asked(small, report)))
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

    def _asked(self, part: Subproblem, report: Report) -> SolverResult:
        """What solvers say of a part."""
        if self.rough:
            return asked(self.backend, part, self.clock.within(ROUGH_S), report, self.about)
        return settled(self.backend, part, self.clock, report, self.about)

    @property
    def about(self) -> Say:
        """What is being worked on."""
        if self.name in ("", DRAW):
            return Say("faults.lost.draw" if self.name else "faults.lost.plan")
        return Say("faults.lost.stage", {"stage": self.name})

    def _face(
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
            self._hold_row(full, value)

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

    def _hold_row(self, cost: Ints, most: int) -> None:
        columns = np.flatnonzero(cost)
        n = len(columns)
        if n:
            rows = Rows(
                (("held",),), np.array([-NO_LIMIT]), np.array([most]), np.zeros(n, np.int64), columns, cost[columns]
            )
            self.append(rows, holds=True)

    def _report(
        self, stage: Stage | None, sign: int, found: int | None, least: int | None, done: tuple[int, int]
    ) -> None:
        if stage is None:
            return

        def declared(value: int | None, so_far: int) -> float | None:
            return None if value is None else float(Fraction(sign * (value + so_far) + stage.constant, stage.scale))

        self.reporter(Progress(self.name, declared(found, done[0]), declared(least, done[1]), self.clock.seconds))


def _beyond(part: Subproblem, held: Ints) -> Subproblem:
    """The part with a target: a lower cost than that of its plan.

    Where a row of it holds a stage, the stage's function becomes the cost, its value the target, and the lower cost a row:
    solvers find their way by what a stage asked for, and a bound above its value proves that there is no such plan.
    """
    assert part.start is not None
    below = part.value(part.start) - 1
    if not len(held):
        return replace(part, target=below)
    matrix, row = part.matrix, int(held[-1])
    own = matrix.row == row
    cost = np.zeros(len(part.cost), np.int64)
    cost[matrix.column[own]] = matrix.value[own]
    wished = np.flatnonzero(part.cost)
    high = np.append(part.row_upper, below)
    high[row] = NO_LIMIT  # the target says it
    return Subproblem(
        Matrix.of(
            matrix.height + 1,
            np.concatenate([matrix.row, np.full(len(wished), matrix.height)]),
            np.concatenate([matrix.column, wished]),
            np.concatenate([matrix.value, part.cost[wished]]),
        ),
        np.append(part.row_lower, -NO_LIMIT),
        high,
        part.lower,
        part.upper,
        cost,
        hints=part.hints,
        target=int(part.row_upper[row]),
    )
