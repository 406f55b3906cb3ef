"""HiGHS as a backend: the linear programme first, and branch and cut only where its answer is not whole.

Lives here: everything that knows highspy.
Not here: the exact proof of what it claims (solve/duality.py), stages (solve/stages.py).

Most policies are close to networks: the linear programme often gives whole numbers, and its prices, rounded, prove the
optimum in exact arithmetic. Then nothing rests on a tolerance. Otherwise HiGHS' own proof is taken (gap zero), after
every row was checked in whole numbers.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from allocator.model.query import NO_LIMIT, Ints
from allocator.model.status import Status
from allocator.solve.duality import proved
from allocator.solve.first_plan import filled
from allocator.solve.interrupt import GRACE_S, Unheard, waited
from allocator.solve.neighbourhood_search import LARGE, solve_large
from allocator.solve.sifting import sifted
from allocator.solve.solvers import SOLVERS, second_solver
from allocator.solve.subproblem import Clock, Report, SolverResult, Subproblem, in_order, near_enough

Floats = NDArray[np.float64]

LARGEST_COST = (
    2.0**20
)  # costs are passed divided by a power of two so that none is larger: tolerances then mean something
LARGEST_EXACT_COST = 2.0**40  # a unit of the cost is then above HiGHS' tolerances, 1e-6 of 2**20
LARGEST_EXACT_SUM = 2.0**50
NEAR_WHOLE = 1e-6  # HiGHS' own integrality tolerance
LONG_SEARCH = (
    1000  # columns from which on a search takes all threads and may begin anew at its root: shorter ones lose by it
)
PROVING = {  # of a short search for a plan within a target: most end with the proof that there is none
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_pscost_minreliable": 1,  # branch rather than look ahead
}
PERTURBED = (2_000, 200_000)  # columns between which a linear programme takes half as long with its costs perturbed
INTERRUPTIBLE = 2000  # columns from which on a linear programme can be stopped in between


class Highs:
    """HiGHS, called once a part."""

    name = "highs"

    def version(self) -> str:
        return version("highspy")

    def __call__(self, part: Subproblem, clock: Clock, report: Report) -> SolverResult:
        if not _reckoned(part):
            return _exactly(part, clock, report)
        first = _FirstPlan(part, clock, report)
        try:
            found = self._solved(part, clock, report, first)
        except Unheard:
            found = SolverResult(Status.NO_PLAN, part.start)
        if found.x is None and found.status == Status.NO_PLAN:
            found = replace(found, x=first.plan)
        return (
            replace(found, status=Status.NOT_PROVED)
            if found.status == Status.NO_PLAN and found.x is not None
            else found
        )

    def _solved(self, part: Subproblem, clock: Clock, report: Report, first: _FirstPlan) -> SolverResult:
        with first:
            point = sifted(part, lambda small: linear_point(small, clock), _unit(part.cost))
            solver = self._loaded(part, clock) if point is None else None
            if solver is not None:
                _run_linear(solver, clock)
        if solver is not None:
            status = solver.getModelStatus()
            if status != highspy.HighsModelStatus.kOptimal and not clock.over:
                solver.clearSolver()  # that there is no plan must be said with presolve and without it
                waited(solver.run, solver.cancelSolve, clock)
                status = solver.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return SolverResult(Status.INFEASIBLE)
            point = _point(solver, part) if status == highspy.HighsModelStatus.kOptimal else None
        duals = prices = None
        if point is not None:
            duals, relaxed = point
            x = _whole(relaxed)
            value = part.value(x) if x is not None and part.feasible(x) else None
            prices = proved(part, duals, value)
            exact = prices is not None and value is not None and prices.least >= value
            if exact or (value is not None and part.target is not None and value <= part.target):
                return SolverResult(Status.OPTIMAL, x, value, duals, prices)
            if prices is not None and part.target is not None and prices.least > part.target:
                return SolverResult(Status.INFEASIBLE, None, prices.least, duals, prices)
            if len(part.cost) >= LARGE and prices is not None:
                outcome = solve_large(
                    part, prices, relaxed, clock, report, lambda small, s, told: self._branched(small, clock, s, told)
                )
                ended = in_order(part, outcome).status.proved
                if ended or clock.over or near_enough(part, outcome, clock):
                    return replace(outcome, duals=duals)
                part = replace(part, start=outcome.x)
        elif clock.over:
            return SolverResult(Status.NO_PLAN, part.start)
        linear = SolverResult(Status.NO_PLAN, duals=duals, prices=prices)
        return self._branch(solver or self._loaded(part, clock), part, clock, report, linear)

    def _branched(self, part: Subproblem, clock: Clock, seconds: float, report: Report) -> SolverResult:
        """One part by branch and cut, for some seconds."""
        solver = self._loaded(part, clock)
        solver.setOptionValue("time_limit", seconds)
        _on(solver, 1)  # parts are searched side by side
        return self._branch(solver, part, clock, report, SolverResult(Status.NO_PLAN), seconds)

    def _branch(
        self,
        solver: highspy.Highs,
        part: Subproblem,
        clock: Clock,
        report: Report,
        linear: SolverResult,
        seconds: float | None = None,
    ) -> SolverResult:
        """By branch and cut. linear: the duals and prices of the linear programme, if it was solved."""
        n, unit = len(part.cost), _unit(part.cost)
        solver.clearSolver()  # the fractions of the linear programme would be taken for a plan to be made whole
        kinds = np.full(n, highspy.HighsVarType.kInteger, dtype=object)
        solver.changeColsIntegrality(n, np.arange(n, dtype=np.int32), kinds)
        solver.HandleUserInterrupt = True
        solver.setOptionValue("mip_allow_restart", n >= LONG_SEARCH)
        if part.target is not None:
            solver.setOptionValue("objective_target", (part.target + 0.5) / unit)
            solver.setOptionValue("objective_bound", (part.target + 0.5) / unit)
            for name, value in PROVING.items() if n < LONG_SEARCH else ():
                solver.setOptionValue(name, value)
        if part.start is not None:
            solver.setSolution(n, np.arange(n, dtype=np.int32), part.start.astype(np.float64))
        limit = clock.left if seconds is None else seconds
        if limit is not None:
            solver.setOptionValue("time_limit", solver.getRunTime() + limit)
        try:
            _told_run(solver, clock, report, unit)
        except Unheard:
            return SolverResult(
                Status.NO_PLAN if part.start is None else Status.NOT_PROVED, part.start, None, linear.duals
            )
        unsearched = solver.getInfo().mip_node_count <= 0
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible and unsearched:
            solver.clearSolver()  # the presolve of HiGHS 1.16 has called whole problems infeasible that have a plan
            solver.setOptionValue("presolve", "off")
            waited(solver.run, solver.cancelSolve, clock)
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return SolverResult(Status.INFEASIBLE)
        return self._found(solver, part, clock, report, linear)

    def _found(
        self, solver: highspy.Highs, part: Subproblem, clock: Clock, report: Report, linear: SolverResult
    ) -> SolverResult:
        """What the search has come to, in whole numbers; where HiGHS claims more than that shows, it is asked exactly."""
        status, info = solver.getModelStatus(), solver.getInfo()
        duals, prices = linear.duals, linear.prices
        x = _whole(solver.getSolution().col_value) if info.primal_solution_status == 2 else None
        if x is None or not part.feasible(x):
            x = part.start
        bound = _units(info.mip_dual_bound, _unit(part.cost), lambda v: np.ceil(v - 1e-4))
        if prices is not None:
            bound = prices.least if bound is None else max(bound, prices.least)
        if x is None:
            claimed = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolveError)
            return _exactly(part, clock, report) if claimed else SolverResult(Status.NO_PLAN, None, bound, duals)
        value = part.value(x)
        if prices is not None and prices.least >= value:
            return SolverResult(Status.OPTIMAL, x, value, duals, prices)
        if part.target is not None and value <= part.target:
            return SolverResult(Status.OPTIMAL, x, bound, duals)
        optimal = status == highspy.HighsModelStatus.kOptimal
        if optimal and bound is not None and bound >= value:
            return SolverResult(Status.OPTIMAL, x, value, duals, prices)
        if optimal and clock.limits.gap == 0:
            return _exactly(part, clock, report)
        return SolverResult(Status.NOT_PROVED, x, bound if bound is None else min(bound, value - 1), duals)

    def _loaded(self, part: Subproblem, clock: Clock) -> highspy.Highs:
        solver = _new()
        _on(solver, clock.limits.threads if len(part.cost) >= LONG_SEARCH else 1)
        solver.setOptionValue("random_seed", clock.limits.seed % 2**31)
        solver.setOptionValue("mip_rel_gap", clock.limits.gap)
        solver.setOptionValue("mip_abs_gap", 0.99 / _unit(part.cost))
        if clock.left is not None:
            solver.setOptionValue("time_limit", clock.left)
        solver.HandleUserInterrupt = len(part.cost) >= INTERRUPTIBLE
        _pass(solver, part)
        return solver


def _told_run(solver: highspy.Highs, clock: Clock, report: Report, unit: float) -> None:
    """Branch and cut, with its bounds and better plans reported."""

    def told(event: Any) -> None:
        out = event.data_out
        report(_units(out.mip_primal_bound, unit, np.floor), _units(out.mip_dual_bound, unit, np.ceil))

    def better(event: Any) -> None:
        x = _whole(event.data_out.mip_solution)
        if x is not None:
            report(None, None, x)

    solver.cbMipLogging.subscribe(told)
    solver.cbMipImprovingSolution.subscribe(better)
    waited(solver.run, solver.cancelSolve, clock)
    solver.cbMipLogging.unsubscribe(told)
    solver.cbMipImprovingSolution.unsubscribe(better)


class _FirstPlan:
    """Any plan of a large part, looked for beside its linear programme, so that there is one where the limit comes first."""

    def __init__(self, part: Subproblem, clock: Clock, report: Report) -> None:
        self.part, self.report = part, report
        self.clock = Clock(clock.limits, clock.began)  # ends by itself too
        self.plan: Ints | None = None
        idle = clock.limits.threads > 1 and clock.left is not None
        wanted = idle and len(part.cost) >= LARGE and part.start is None and part.target is None
        self.thread = threading.Thread(target=self._look, daemon=True) if wanted else None

    def __enter__(self) -> None:
        if self.thread is not None:
            self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.clock.stop.set()
        if self.thread is not None:
            self.thread.join(GRACE_S)

    def _look(self) -> None:
        solver = _linear(replace(self.part, cost=np.zeros_like(self.part.cost)), self.clock)
        x = None if solver is None else _whole(solver.getSolution().col_value)
        if x is not None and self.part.feasible(x):
            self.plan = filled(self.part, x, self.clock)
            self.report(None, None, self.plan)


def _reckoned(part: Subproblem) -> bool:
    """Whether floats can tell the part's figures apart: one unit of the cost, and any sum that a row can come to."""
    return bool(np.abs(part.cost).max(initial=0) < LARGEST_EXACT_COST) and _passable(part)


def _passable(part: Subproblem) -> bool:
    """Whether HiGHS can be given the rows: version 1.16 does not only err on sums of sixteen digits, it crashes."""
    reach = np.maximum(np.abs(part.lower), np.abs(part.upper)).astype(np.float64)
    sums = np.bincount(part.matrix.row, np.abs(part.matrix.value).astype(np.float64) * reach[part.matrix.column])
    return bool(sums.max(initial=0.0) < LARGEST_EXACT_SUM)


def _exactly(part: Subproblem, clock: Clock, report: Report) -> SolverResult:
    """Figures too fine for floats; or HiGHS claims an optimum that whole numbers contradict: a plan within its tolerances
    breaks a row (coefficients of nine digits), or its value is not the claimed one (a start mapped through presolve).
    The second solver, exact, decides: in this process, which is one of its own already."""
    return SOLVERS[second_solver(Highs.name)].made()(part, clock, report)


def loaded(part: Subproblem, *, whole: bool = False) -> highspy.Highs:
    """A solver that holds the part: as a linear programme, or with whole numbers."""
    solver = _new()
    _pass(solver, part, whole=whole)
    return solver


def _pass(solver: highspy.Highs, part: Subproblem, *, whole: bool = False) -> None:
    """The part in one call."""
    n, m = len(part.cost), part.matrix.height
    solver.setOptionValue("output_flag", False)
    solver.passModel(
        n,
        m,
        len(part.matrix.value),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        part.cost / _unit(part.cost),
        part.lower.astype(np.float64),
        part.upper.astype(np.float64),
        _limits(part.row_lower),
        _limits(part.row_upper),
        part.matrix.start.astype(np.int32),
        part.matrix.column.astype(np.int32),
        part.matrix.value.astype(np.float64),
        np.full(n, int(whole), np.int32),
    )


@cache
def _hush() -> None:
    """The first solver of a process writes a banner to standard output, where results belong: let it speak to nobody."""
    flush = ctypes.CDLL(None).fflush
    sys.stdout.flush()
    flush(None)
    kept, nobody = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nobody, 1)
        highspy.Highs()
        flush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nobody)


def _new() -> highspy.Highs:
    _hush()
    return highspy.Highs()


_threads = threading.local()  # how many HiGHS has that work for a thread of ours; it refuses another number


def _on(solver: highspy.Highs, number: int) -> None:
    """So many threads for a solver."""
    if getattr(_threads, "number", number) != number:
        highspy.Highs.resetGlobalScheduler(True)
    _threads.number = number
    solver.setOptionValue("threads", number)


def linear_prices(part: Subproblem, clock: Clock) -> Floats | None:
    """The row prices of the linear programme alone; see linear_point."""
    found = linear_point(part, clock)
    return None if found is None else found[0]


def linear_value(part: Subproblem, clock: Clock) -> float | None:
    """The optimum of the linear programme, a float; None where it has none, or a limit comes first."""
    solver = _linear(part, clock) if _reckoned(part) else None
    return None if solver is None else float(solver.getInfo().objective_function_value) * _unit(part.cost)


def linear_point(part: Subproblem, clock: Clock) -> tuple[Floats, Floats] | None:
    """The row prices of the linear programme and a point where it is at its optimum: floats, a hint for an exact proof
    (solve/duality.py); None if it has no optimum, or none in the time."""
    solver = _linear(part, clock) if _passable(part) else None
    return None if solver is None else _point(solver, part)


def _point(solver: highspy.Highs, part: Subproblem) -> tuple[Floats, Floats]:
    found = solver.getSolution()
    return np.array(found.row_dual, np.float64) * _unit(part.cost), np.array(found.col_value, np.float64)


def _linear(part: Subproblem, clock: Clock) -> Any:
    """HiGHS with the linear programme solved; None where it has no optimum, or none in the time."""
    if clock.over:
        return None
    solver = loaded(part)
    _on(solver, 1)
    if clock.left is not None:
        solver.setOptionValue("time_limit", clock.left)
    solver.HandleUserInterrupt = len(part.cost) >= INTERRUPTIBLE
    try:
        _run_linear(solver, clock)
    except Unheard:
        return None
    return solver if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal else None


def _run_linear(solver: highspy.Highs, clock: Clock) -> None:
    """The simplex on the linear programme as it stands: presolve takes longer on all that we measured."""
    solver.setOptionValue("presolve", "off")
    perturbed = PERTURBED[0] <= solver.getNumCol() < PERTURBED[1]
    solver.setOptionValue("dual_simplex_cost_perturbation_multiplier", float(perturbed))
    waited(solver.run, solver.cancelSolve, clock)
    solver.setOptionValue("presolve", "choose")
    solver.setOptionValue("dual_simplex_cost_perturbation_multiplier", 1.0)


def _unit(cost: Ints) -> float:
    """The power of two that the costs are divided by."""
    largest = float(np.abs(cost).max(initial=0))
    return 1.0 if largest <= LARGEST_COST else 2.0 ** np.ceil(np.log2(largest / LARGEST_COST))


def _units(value: float, unit: float, rounded: Callable[[float], Any]) -> int | None:
    """A float of the solver in whole units of the cost; None for an infinity."""
    return int(rounded(value * unit)) if np.isfinite(value) and abs(value * unit) < 2.0**62 else None


def _limits(limits: Ints) -> Floats:
    found = limits.astype(np.float64)
    found[limits == NO_LIMIT] = highspy.kHighsInf
    found[limits == -NO_LIMIT] = -highspy.kHighsInf
    return found


def _whole(values: Any) -> Ints | None:
    """The nearest whole numbers, if every value is near one."""
    found = np.array(values, dtype=np.float64)
    nearest = np.rint(found)
    return nearest.astype(np.int64) if np.all(np.abs(found - nearest) <= NEAR_WHOLE) else None
