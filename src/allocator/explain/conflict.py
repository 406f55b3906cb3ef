"""Which rules cannot hold together: a small set of them, each claim solved again.

Lives here: the feasibility problem of some of the rules, and what can be spared of it.
Not here: the order in which things are tried (deletion_filter.py), the sentences (report/conflict.py), repairs.

The problem's column bounds already carry what single rules say (quotas, limits of one unit), so the rows of a rule cannot
simply be left out: every cell gets its own bounds back, wide enough for all that a row can ask for, and the rows alone
speak. Cells exist by eligibility and signed years; those are taken as they stand.
Deletion filter: a rule whose absence leaves the others without a plan is left out for good; one whose absence lets them
have a plan belongs to the conflict. When every remaining rule has been tried, the conflict is minimal: none can be spared.
Where no numbers alone say why (shortfall.py), the solver is asked how much a rule can come to while the others hold.
Groups are tried the same way, in halves first: which prefectures, units or years of those rules it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from allocator.database import Database
from allocator.explain.deletion_filter import thin_out
from allocator.explain.shortfall import Shortfall, shortfalls
from allocator.model.model import Model
from allocator.model.query import NO_LIMIT, Ints, Label
from allocator.model.rule import Judged, Rule
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.problem.arrays import Matrix
from allocator.problem.assemble import tightened
from allocator.solve import Clock, Limits, Solution, backend
from allocator.solve.solvers import settled
from allocator.solve.subproblem import Backend, SolverResult, Subproblem, untold
from allocator.words import Say

if TYPE_CHECKING:
    import pandas as pd

NONE = np.zeros(0, np.int64)
MOST_ASKED = 4  # rules of a conflict of which it is asked how far they are missed
LARGEST = 10**6  # of a cell's amount in these problems: far more than any row here can use, small enough for the solver


@dataclass(frozen=True)
class Group:
    """One group of one rule that the conflict needs."""

    rule: str
    label: Label


@dataclass(frozen=True)
class Conflict:
    """Rules that cannot hold together, given who is eligible and what is signed.

    minimal: without any one of them the others have a plan (each was tried). groups: those of their groups that suffice;
    groups_minimal: none of these can be spared either. proved: the set itself was solved again and has no plan.
    """

    rules: tuple[Rule, ...]
    groups: tuple[Group, ...]
    minimal: bool
    groups_minimal: bool
    proved: bool
    solves: int
    seconds: float
    short: tuple[Shortfall, ...]  # what of these rules cannot be met, in numbers, where numbers alone say it
    tables: Database = field(compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<conflict of {', '.join(rule.id for rule in self.rules)}{'' if self.proved else ' (not proved)'}>"

    def frame(self) -> pd.DataFrame:
        """One row a rule, or a bound of it that cannot be met: rule, kind, group, at_least, at_most, possible, short_by."""
        import pandas as pd

        rows = []
        for rule in self.rules:
            short: list[Shortfall | None] = [one for one in self.short if one.rule == rule]
            for one in short or [None]:
                told: dict[str, object] = {} if one is None else {"group": one.label}
                if one is not None and rule.bound_moves:
                    told |= {"short_by": float(one.possible)}
                elif one is not None:
                    side = "at_least" if one.needs_more else "at_most"
                    told |= {side: float(one.bound), "possible": float(one.possible)}
                rows.append({"rule": rule.id, "kind": rule.kind, **told})
        head = ["rule", "kind", "group", "at_least", "at_most", "possible", "short_by"]
        return pd.DataFrame(rows, columns=head)


def conflict(problem: Problem | Model, solution: Solution, *, seconds: float = 30.0) -> Conflict:
    """A conflict of an infeasible problem, made as small as `seconds` allow; `solution.in_play` is where the search begins.

    Raises ValueError for a solution that is not infeasible.
    """
    if solution.status != "infeasible":
        raise ValueError(f"nothing is in conflict: {solution.status}")
    problem = compile(problem) if isinstance(problem, Model) else problem
    solver = _Feasibility(problem, backend(solution.solver), Clock(Limits(seconds, solution.threads, solution.seed)))
    ids = [rule.id for rule in problem.rules]
    hard = [i for i, rule in enumerate(problem.rules) if rule.soft is None and np.any(problem.row_rule == i)]
    first = [i for i in hard if ids[i] in solution.in_play]
    proved = True
    if (
        solver.status(solver.rows_of(first)) != Status.INFEASIBLE
    ):  # it took more than the rows in which the solver failed
        first = hard
        proved = solver.status(solver.rows_of(first)) == Status.INFEASIBLE
    if not proved:
        rules = _rules(problem, first)
        return Conflict(rules, (), False, False, False, solver.solves, solver.clock.seconds, (), problem.tables)
    kept, minimal = _filtered(first, lambda rules: solver.status(solver.rows_of(rules)), solver.clock)
    rows = solver.rows_of(kept).tolist()
    needed, all_tried = _filtered(
        rows, lambda chosen: solver.status(np.array(sorted(chosen), dtype=np.int64)), solver.clock
    )
    groups = {Group(ids[problem.row_rule[r]], problem.row_label[r]): None for r in sorted(needed)}
    rules, seconds = _rules(problem, kept), solver.clock.seconds
    chosen = np.array(sorted(needed), dtype=np.int64)
    short = tuple(solver.short(chosen) or _missed(problem, solver, kept, chosen))
    return Conflict(rules, tuple(groups), minimal, all_tried, True, solver.solves, seconds, short, problem.tables)


def _missed(problem: Problem, solver: _Feasibility, rules: Sequence[int], rows: Ints) -> list[Shortfall]:
    """By how much rules miss their bounds where all others of the conflict hold: each asked of the solver."""
    found: list[Shortfall] = []
    for rule in sorted(rules, key=lambda i: problem.rules[i].id)[:MOST_ASKED]:
        asked = {one.label: one for one in problem.rules[rule].audit(problem.tables)}
        for needs_more in (True, False):
            own = [int(r) for r in rows[problem.row_rule[rows] == rule] if _states(problem, int(r), asked, needs_more)]
            units = {_unit(problem, r) for r in own}
            end = solver.end(np.array(own), np.setdiff1d(rows, own), most=needs_more) if len(units) == 1 else None
            if end is None:
                continue
            limits = problem.row_lower if needs_more else problem.row_upper
            short = (sum(int(limits[r]) for r in own) - end) * next(iter(units)) * (1 if needs_more else -1)
            if short <= 0:
                continue
            judged = [asked[problem.row_label[r]] for r in own]
            bound = sum((_bound(one, needs_more) or Fraction(0) for one in judged), Fraction(0))
            label = problem.row_label[own[0]] if len(own) == 1 else None
            possible = short if problem.rules[rule].bound_moves else bound - short if needs_more else bound + short
            found.append(Shortfall(problem.rules[rule], label, bound, possible, needs_more, None, others=True))
            break
    return found


def _states(problem: Problem, row: int, asked: Mapping[Label, Judged], needs_more: bool) -> bool:
    """Whether a row is the bound of a group as it is declared: at least (or at most) so much."""
    one = asked.get(problem.row_label[row])
    limit = int((problem.row_lower if needs_more else problem.row_upper)[row])
    bound = None if one is None else _bound(one, needs_more)
    if one is None or bound is None or one.found is None or abs(limit) == NO_LIMIT:
        return False
    moves = problem.rules[int(problem.row_rule[row])].bound_moves
    return moves or bound == one.found + limit * _unit(problem, row)


def _bound(one: Judged, needs_more: bool) -> Fraction | None:
    return one.at_least if needs_more else one.at_most


def _unit(problem: Problem, row: int) -> Fraction:
    """What one in a row stands for among declared figures."""
    return Fraction(int(problem.row_factor[row]), int(problem.row_scale[row]))


def _rules(problem: Problem, chosen: Sequence[int]) -> tuple[Rule, ...]:
    return tuple(sorted((problem.rules[i] for i in chosen), key=lambda rule: rule.id))


def _filtered(
    items: Sequence[int], status: Callable[[list[int]], Status], clock: Clock | None = None
) -> tuple[list[int], bool]:
    """A part of `items` that is infeasible as well, and whether every item of it was found to be needed (in the time)."""
    kept, undecided = list(items), False

    def spare(chunk: list[int], rest: list[int]) -> bool:
        nonlocal undecided
        found = status(rest)
        undecided |= len(chunk) == 1 and found != Status.INFEASIBLE and not found.planned
        return found == Status.INFEASIBLE

    in_time = thin_out(kept, spare, part=4, again=False, over=lambda: clock is not None and clock.over)
    return kept, in_time and not undecided


class _Feasibility:
    """The problem with some of its rows, no objective, and every cell's own bounds."""

    def __init__(self, problem: Problem, solver: Backend, clock: Clock) -> None:
        self.problem, self.solver, self.clock = problem, solver, clock
        self.solves = 0
        cells = problem.cells
        marks, vectors = problem.mark, problem.tables.vectors
        assert vectors is not None
        self.lower, self.upper = problem.lower.copy(), problem.upper.copy()
        programs = problem.model.programs
        through = problem.model.policy.frozen.through if problem.model.policy.frozen else None
        finite = [
            np.abs(limit[np.abs(limit) < NO_LIMIT]).max(initial=0) for limit in (problem.row_lower, problem.row_upper)
        ]
        wide = int(min(max(*finite, problem.upper[:cells].max(initial=1)), LARGEST))
        closed = np.full(cells, False) if through is None else problem.period <= through
        selects = {name for name, program in programs.items() if program.decides == "selection"}
        is_selection = np.isin(problem.program.astype(str), sorted(selects))
        self.lower[:cells], high = vectors.own
        self.upper[:cells] = np.where(closed, high, np.where(is_selection, 1, wide))
        self.endless = np.zeros(len(self.upper), np.bool_)
        self.endless[:cells] = ~closed & ~is_selection
        marked = np.flatnonzero(marks >= cells)
        self.lower[marks[marked]] = np.minimum(self.lower[marked], 1)
        self.upper[marks[marked]] = np.minimum(self.upper[marked], 1)
        self.marks = self._mark_rows(marked, marks[marked])

    def _mark_rows(self, cells: Ints, marks: Ints) -> tuple[Matrix, Ints, Ints]:
        """A mark is 1 exactly where its cell has an award: x - z >= 0 and x - upper z <= 0."""
        n = len(cells)
        row, one = np.arange(n, dtype=np.int64), np.ones(n, np.int64)
        matrix = Matrix.of(
            2 * n,
            np.concatenate([row, row, n + row, n + row]),
            np.concatenate([cells, marks, cells, marks]),
            np.concatenate([one, -one, one, -np.maximum(self.upper[cells], 1)]),
        )
        zero, none = np.zeros(n, np.int64), np.full(n, NO_LIMIT)
        return matrix, np.concatenate([zero, -none]), np.concatenate([none, zero])

    def rows_of(self, rules: Sequence[int]) -> Ints:
        """The rows of some rules, by their indices."""
        return np.flatnonzero(np.isin(self.problem.row_rule, np.array(list(rules), dtype=np.int64)))

    def short(self, rows: Ints) -> list[Shortfall]:
        """What of these rows cannot be met, with the rows about single cells as bounds of these."""
        chosen = self.problem.matrix.select(rows)
        low, high = self.problem.row_lower[rows], self.problem.row_upper[rows]
        lower, upper = tightened(chosen, low, high, self.lower, self.upper)
        return shortfalls(self.problem, rows, lower, upper, self.endless & (upper == self.upper))

    def status(self, rows: Ints | list[int]) -> Status:
        """Infeasible; a plan; or no plan, where the time is over."""
        if self.clock.over:
            return Status.NO_PLAN
        if not len(rows):
            return Status.NOT_PROVED
        self.solves += 1
        part = self._part(np.asarray(rows, dtype=np.int64))
        if part is None:
            return Status.INFEASIBLE
        return self._settled(part).status

    def _settled(self, part: Subproblem) -> SolverResult:
        """No progress is told: these problems take moments."""
        return settled(self.solver, part, self.clock, untold, Say("faults.lost.conflict"))

    def end(self, summed: Ints, rows: Ints, *, most: bool) -> int | None:
        """The most (or the least) that some rows come to together where others hold; None where that is not known, or no end."""
        if not len(summed) or self.clock.over:
            return None
        self.solves += 1
        own = self.problem.matrix.select(summed)
        part = self._part(rows, own.column)
        if part is None:
            return None
        used = self._used(rows, own.column)
        cost = np.zeros(len(used), np.int64)
        np.add.at(cost, np.searchsorted(used, own.column), -own.value if most else own.value)
        asked = replace(part, cost=cost)
        outcome = self._settled(asked)
        if outcome.status != Status.OPTIMAL or outcome.x is None:
            return None
        at_no_end = self.endless[used] & (outcome.x == self.upper[used]) & (cost < 0)
        return None if at_no_end.any() else (-1 if most else 1) * int(np.dot(cost, outcome.x))

    def _used(self, rows: Ints, more: Ints) -> Ints:
        used: Ints = np.unique(np.concatenate([self.problem.matrix.select(rows).column, self.marks[0].column, more]))
        return used

    def _part(self, rows: Ints, more: Ints = NONE) -> Subproblem | None:
        """Those rows, with the marks' own; None where a row without any column already fails. `more`: further columns."""
        problem, (marks, mark_low, mark_high) = self.problem, self.marks
        chosen = problem.matrix.select(rows)
        low, high = problem.row_lower[rows], problem.row_upper[rows]
        empty = np.diff(chosen.start) == 0
        if np.any(empty & ((low > 0) | (high < 0))):
            return None
        start = np.concatenate([chosen.start, chosen.start[-1] + marks.start[1:]])
        column = np.concatenate([chosen.column, marks.column])
        value = np.concatenate([chosen.value, marks.value])
        used = self._used(rows, more)
        place = np.searchsorted(used, column)
        matrix = Matrix(start, place, value)
        return Subproblem(
            matrix,
            np.concatenate([low, mark_low]),
            np.concatenate([high, mark_high]),
            self.lower[used],
            self.upper[used],
            np.zeros(len(used), np.int64),
        )
