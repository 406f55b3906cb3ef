"""What a conflict takes as given and could not do without: conditions of eligibility, signed years.

Lives here: the rules of a conflict asked again with more units eligible, or with the signed years open.
Not here: the conflict (conflict.py), who is eligible (problem/cells.py).

A condition belongs to the conflict if, with it left out and all else kept, its rules have a plan; each that is named was
tried so. Where a figure is missing for those who would come in, nothing is known of a condition, and it is not named.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allocator.explain.conflict import Conflict
from allocator.explain.deletion_filter import thin_out
from allocator.explain.feasibility import Feasibility
from allocator.faults import InputError
from allocator.model.fields import Refers, marks
from allocator.model.model import Model
from allocator.model.program import Eligibility
from allocator.model.rule import Rule
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.solve import Clock
from allocator.solve.subproblem import Backend


@dataclass(frozen=True)
class Condition:
    """A condition of eligibility of a program (of a family: of all its members)."""

    program: str
    index: int
    declared: Eligibility


@dataclass(frozen=True)
class Givens:
    """conditions: without any one of them the rules have a plan. signed: so they have if the signed years were open.

    complete: every condition of the programs concerned was tried.
    """

    conditions: tuple[Condition, ...] = ()
    signed: bool = False
    complete: bool = True


def givens(problem: Problem, found: Conflict, solver: Backend, clock: Clock) -> Givens:
    """What a conflict takes as given, each shown to be needed by a solve."""
    search = _GivenSearch(problem, found, solver, clock)
    signed = problem.model.policy.frozen is not None and search.has_a_plan((), signed=False)
    conditions = search.conditions()
    kept = list(conditions)
    if not conditions or search.has_no_plan(conditions):
        return Givens((), bool(signed), not search.failed)
    thin_out(
        kept, lambda _, rest: search.has_no_plan([c for c in conditions if c not in rest]), over=lambda: clock.over
    )
    needed = tuple(c for c in kept if search.has_a_plan([d for d in conditions if d not in kept or d == c]))
    return Givens(needed, bool(signed), not search.failed and len(needed) == len(kept))


class _GivenSearch:
    def __init__(self, problem: Problem, found: Conflict, solver: Backend, clock: Clock) -> None:
        self.problem, self.solver, self.clock = problem, solver, clock
        self.rules = {rule.id for rule in found.rules}
        self.programs = sorted({name for rule in found.rules for name in _programs(problem, rule)})
        self.failed = False

    def conditions(self) -> list[Condition]:
        model = self.problem.model
        names = dict.fromkeys(model.family_of.get(name, name) for name in self.programs)
        return [
            Condition(name, index, condition)
            for name in names
            for index, condition in enumerate(model.policy.programs[name].eligible)
        ]

    def has_no_plan(self, without: Collection[Condition]) -> bool:
        return self._asked(without, signed=True) == Status.INFEASIBLE

    def has_a_plan(self, without: Collection[Condition], *, signed: bool = True) -> bool:
        found = self._asked(without, signed=signed)
        return found is not None and found.planned

    def _asked(self, without: Collection[Condition], *, signed: bool) -> Status | None:
        """Whether the conflict's rules have a plan without these conditions; None where that cannot be asked."""
        if self.clock.over:
            return None
        try:
            problem = compile(_opened(self.problem.model, self.rules, without, signed=signed))
        except InputError:  # a figure is missing for whoever would come in
            self.failed = True
            return None
        asked = Feasibility(problem, self.solver, self.clock)
        return asked.of_rules([i for i, rule in enumerate(problem.rules) if rule.id in self.rules])


def _opened(model: Model, rules: Collection[str], without: Collection[Condition], *, signed: bool) -> Model:
    """The model with these rules alone, without some conditions, its years open or not."""
    policy = model.policy
    programs = {
        name: program.model_copy(
            update={
                "eligible": tuple(
                    condition
                    for index, condition in enumerate(program.eligible)
                    if not any(one.program == name and one.index == index for one in without)
                )
            }
        )
        for name, program in policy.programs.items()
    }
    bare: dict[str, Any] = {"objectives": (), "indicators": (), "programs": programs}
    bare["rules"] = tuple(rule for rule in policy.rules if rule.id in rules)
    if signed:
        return replace(model, policy=policy.model_copy(update=bare))
    return replace(model, frozen=None, policy=policy.model_copy(update={**bare, "frozen": None}))


def _programs(problem: Problem, rule: Rule) -> Sequence[str]:
    """The programs of the plan that a rule is about."""
    own = getattr(rule, "program", None)
    named = [own] if own is not None else []
    for _, mark, value in marks(rule):
        if isinstance(mark, Refers) and mark.to in ("programs", "program"):
            named += [value] if isinstance(value, str) else list(value)
    known = [name for name in named if name in ("all", *problem.model.policy.programs, *problem.model.programs)]
    return problem.tables.programs(known) if known else ()
