"""Which rules cannot hold together: a small set of them, each claim solved again.

Lives here: one conflict, made small; its groups; its figures.
Not here: the feasibility problem of some of the rules (feasibility.py), the order in which things are tried (deletion_filter.py),
all conflicts (conflicts.py), the sentences (report/conflict.py), repairs (repairs.py).

Deletion filter: a rule whose absence leaves the others without a plan is left out for good; one whose absence lets them
have a plan belongs to the conflict. When every remaining rule has been tried, the conflict is minimal: none can be spared.
Where no numbers alone say why (shortfall.py), the solver is asked how much a rule can come to while the others hold.
Groups are tried the same way, in halves first: which prefectures, units or years of those rules it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from allocator.database import Database
from allocator.explain.deletion_filter import thin_out
from allocator.explain.feasibility import Feasibility, joined_rows
from allocator.explain.shortfall import Shortfall
from allocator.model.model import Model
from allocator.model.query import NO_LIMIT, Ints, Label
from allocator.model.rule import Judged, Rule
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.solve import Clock, Limits, Solution, backend

if TYPE_CHECKING:
    import pandas as pd

MOST_ASKED = 4  # rules of a conflict of which it is asked how far they are missed


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
    solver = Feasibility(problem, backend(solution.solver), Clock(Limits(seconds, solution.threads, solution.seed)))
    hard = hard_rules(problem)
    first = [i for i in hard if problem.rules[i].id in solution.in_play]
    if solver.of_rules(first) != Status.INFEASIBLE:  # it took more than the rows in which the solver failed
        first = hard
        if solver.of_rules(first) != Status.INFEASIBLE:
            return not_proved(solver, first)
    kept, minimal = filtered(first, solver.of_rules, solver.clock)
    return of_rules(solver, kept, minimal)


def hard_rules(problem: Problem) -> list[int]:
    """The rules that have rows and must hold."""
    held = set(problem.row_rule.tolist())
    return [i for i, rule in enumerate(problem.rules) if rule.soft is None and i in held]


def not_proved(solver: Feasibility, rules: Sequence[int]) -> Conflict:
    """Rules among which a conflict is, as far as is known."""
    told = _rules(solver.problem, rules)
    return Conflict(told, (), False, False, False, solver.solves, solver.clock.seconds, (), solver.problem.tables)


def of_rules(solver: Feasibility, rules: Sequence[int], minimal: bool) -> Conflict:
    """A conflict of these rules, with the groups of them that it takes."""
    atoms = solver.atoms(rules)
    keys = list(atoms)
    needed, all_tried = filtered(
        range(len(keys)), lambda some: solver.status(joined_rows(atoms[keys[k]] for k in some)), solver.clock
    )
    return of_groups(solver, [keys[k] for k in needed], minimal, all_tried)


def of_groups(
    solver: Feasibility, groups: Sequence[tuple[int, Label]], minimal: bool, groups_minimal: bool
) -> Conflict:
    """A conflict of these groups of rules."""
    problem = solver.problem
    kept = sorted({rule for rule, _ in groups})
    atoms = solver.atoms(kept)
    rows = joined_rows(atoms[group] for group in groups)
    short = tuple(solver.short(rows) or _missed(problem, solver, kept, rows))
    named = tuple(Group(problem.rules[rule].id, label) for rule, label in sorted(groups, key=lambda g: atoms[g][0]))
    told, seconds = _rules(problem, kept), solver.clock.seconds
    return Conflict(told, named, minimal, groups_minimal, True, solver.solves, seconds, short, problem.tables)


def _missed(problem: Problem, solver: Feasibility, rules: Sequence[int], rows: Ints) -> list[Shortfall]:
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


def filtered(
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
