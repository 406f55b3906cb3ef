"""CP-SAT as a backend: exact in whole numbers, unlike HiGHS in every step.

Lives here: everything that knows or-tools.
Not here: stages (solve/stages.py).
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from ortools.sat import sat_parameters_pb2
from ortools.sat.python import cp_model, cp_model_helper

from allocator.model.query import NO_LIMIT, Ints
from allocator.model.status import Status
from allocator.problem.arrays import Matrix
from allocator.solve.duality import ROOM, centred, proved
from allocator.solve.interrupt import Unheard, waited
from allocator.solve.subproblem import Clock, Prices, Report, SolverResult, Subproblem

ALONE_S = (
    10.0  # one worker with full linearisation first; the portfolio of eight (also on two cores) if that is not enough
)
PORTFOLIO = 8
INFINITE = 2**62
FINE = 2**32  # costs from which on they are said by prices: logarithms, which CP-SAT bounds poorly as they are


class CpSat:
    """CP-SAT, called once a part."""

    name = "cpsat"

    def version(self) -> str:
        return version("ortools")

    def __call__(self, part: Subproblem, clock: Clock, report: Report) -> SolverResult:
        if part.target is not None:
            part = _within(part, part.target)
        prices = _prices(part, clock)
        model = loaded(part if prices is None else centred(part, prices))
        limits = [ALONE_S, None] if clock.limits.threads > 1 else [None]
        outcome = SolverResult(Status.NO_PLAN)
        for limit in limits:
            outcome = self._solved(
                model, part, prices, clock, report, limit, 1 if limit or len(limits) == 1 else PORTFOLIO
            )
            if outcome.status in (Status.OPTIMAL, Status.INFEASIBLE) or clock.over:
                break
        return outcome

    def _solved(
        self,
        model: Any,
        part: Subproblem,
        prices: Prices | None,
        clock: Clock,
        report: Report,
        limit: float | None,
        workers: int,
    ) -> SolverResult:
        n = len(part.cost)

        def own(bound: int) -> int:
            """A bound on what the solver was given, as one on the part's own cost."""
            return bound if prices is None else -(-(prices.constant(part) + bound) // prices.scale)

        parameters: Any = sat_parameters_pb2.SatParameters()
        parameters.num_workers = workers
        parameters.linearization_level = 2 if workers == 1 else parameters.linearization_level
        parameters.random_seed = clock.limits.seed % 2**31
        parameters.catch_sigint_signal = False
        if prices is None:
            parameters.relative_gap_limit = clock.limits.gap
        else:
            parameters.absolute_gap_limit = clock.limits.gap * abs(prices.least) * prices.scale
        left = [t for t in (limit, clock.left) if t is not None]
        if left:
            parameters.max_time_in_seconds = max(min(left), 0.01)
        solver: Any = cp_model_helper.SolveWrapper()
        converted = cp_model_helper.SatParameters()
        converted.parse_text_format(str(parameters))
        solver.set_parameters(converted)
        plans = _PlanListener(n, report)
        solver.add_solution_callback(plans)
        solver.add_best_bound_callback(lambda bound: report(None, own(int(bound))))
        try:
            response = waited(lambda: solver.solve(model), solver.stop_search, clock)
        except Unheard:
            return SolverResult(Status.NO_PLAN if part.start is None else Status.NOT_PROVED, part.start)
        status = int(response.status)
        if status == int(cp_model.INFEASIBLE):
            return SolverResult(Status.INFEASIBLE)
        if status == int(cp_model.MODEL_INVALID):
            return SolverResult(
                Status.NO_PLAN if part.start is None else Status.NOT_PROVED, part.start
            )  # its figures are too large for it
        bound = own(int(response.inner_objective_lower_bound)) if np.any(part.cost) else 0
        if status == int(cp_model.UNKNOWN):
            return SolverResult(
                Status.NO_PLAN if part.start is None else Status.NOT_PROVED,
                part.start,
                bound if np.any(part.cost) else None,
            )
        x = np.array(list(response.solution)[:n], dtype=np.int64)
        value = part.value(x)
        if status == int(cp_model.OPTIMAL) and (bound >= value or not np.any(part.cost)):
            return SolverResult(Status.OPTIMAL, x, value)
        return SolverResult(Status.NOT_PROVED, x, min(bound, value))


class _PlanListener(cp_model_helper.SolutionCallback):
    """Tells every better plan."""

    def __init__(self, columns: int, report: Report) -> None:
        super().__init__()
        self.columns, self.report = columns, report

    def on_solution_callback(self) -> None:
        found = [self.SolutionIntegerValue(column) for column in range(self.columns)]
        self.report(None, None, np.array(found, dtype=np.int64))

    OnSolutionCallback = on_solution_callback


def _within(part: Subproblem, target: int) -> Subproblem:
    """A plan within the target as a question without a cost: CP-SAT is quicker at that."""
    priced, height = np.flatnonzero(part.cost), part.matrix.height
    return replace(
        part,
        matrix=Matrix.of(
            height + 1,
            np.concatenate([part.matrix.row, np.full(len(priced), height)]),
            np.concatenate([part.matrix.column, priced]),
            np.concatenate([part.matrix.value, part.cost[priced]]),
        ),
        row_lower=np.append(part.row_lower, -NO_LIMIT),
        row_upper=np.append(part.row_upper, target),
        cost=part.cost * 0,
        target=None,
    )


def _prices(part: Subproblem, clock: Clock) -> Prices | None:
    """Prices to say the cost by: from the linear programme, whose floats are only a hint; None where there are none."""
    from allocator.solve.highs import linear_prices

    duals = linear_prices(part, clock) if np.abs(part.cost).max(initial=0) >= FINE else None
    prices = None if duals is None else proved(part, duals)
    if prices is None:
        return None
    given = centred(part, prices)
    reach = float(np.dot(np.abs(given.cost).astype(np.float64), np.maximum(np.abs(given.lower), np.abs(given.upper))))
    return prices if reach < ROOM else None


def loaded(part: Subproblem) -> Any:
    """The part as CP-SAT's own message."""
    model = cp_model_helper.CpModelProto()
    for low, high in zip(part.lower.tolist(), part.upper.tolist(), strict=True):
        model.variables.add().domain.extend([low, high])
    start, column, value = part.matrix.start.tolist(), part.matrix.column.tolist(), part.matrix.value.tolist()
    for r, (low, high) in enumerate(zip(_limits(part.row_lower), _limits(part.row_upper), strict=True)):
        row = model.constraints.add().linear
        row.vars.extend(column[start[r] : start[r + 1]])
        row.coeffs.extend(value[start[r] : start[r + 1]])
        row.domain.extend([low, high])
    priced = np.flatnonzero(part.cost)
    if len(priced):
        model.objective.vars.extend(priced.tolist())
        model.objective.coeffs.extend(part.cost[priced].tolist())
    if part.start is not None:
        model.solution_hint.vars.extend(range(len(part.start)))
        model.solution_hint.values.extend(part.start.tolist())
    return model


def _limits(limits: Ints) -> list[int]:
    return np.where(limits == NO_LIMIT, INFINITE, np.where(limits == -NO_LIMIT, -INFINITE, limits)).tolist()  # type: ignore[no-any-return]
