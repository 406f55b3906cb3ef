"""Whether every promise stays reachable once some years are signed, whatever the open facts turn out to be.

Lives here: the search over outcomes, the proof that all are covered, the counter-example and what is said of it.
Not here: what is open (load/open_facts.py), how it acts (switches.py), which outcomes are left (adversary.py), which award
is to blame (blame.py), showing it (report/guard.py).

The question has two levels: for every outcome of the stated set there must be a plan that keeps every hard rule and the
signed awards. The adversary proposes an outcome; the whole model with that outcome is compiled and asked for a plan that
relies on as few open facts as it can. If there is none, the door is closed and the outcome is the counter-example. If there
is one, it is recounted, and every outcome in which its awards are possible too is covered by it. When the adversary has
none left, all are covered: that is the proof, and another solver is asked for it as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from allocator.audit import audit
from allocator.explain.adversary import Adversary
from allocator.explain.blame import Blame, blame
from allocator.explain.conflict import Conflict, conflict
from allocator.explain.deletion_filter import thin_out
from allocator.explain.switches import Effects, effects
from allocator.load.open_facts import FactOutcome, OpenFacts, with_outcome
from allocator.model.allocation import Allocation
from allocator.model.declared_tables import FrozenSource
from allocator.model.model import Model
from allocator.model.status import Status as Known
from allocator.model.table import Column, DataTable
from allocator.problem import Problem, compile
from allocator.solve import Clock, Limits, backend, second_solver, solve
from allocator.solve.feasible import some_plan
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual
from allocator.solve.subproblem import Backend

MOST_ASKED = 2000  # outcomes; a model that needs more is not decided in this way
CONFLICT_S = 30.0  # at most spent on making a conflict small
SIGNED = "signed-years.csv"

Status = Literal["safe", "closed", "not proved", "disagreement", "no outcome"]


@dataclass(frozen=True)
class Counter:
    """An outcome without a plan.

    against: the flags that turned out against the plan. minimal: were any one of them otherwise, there would be a plan, or
    the outcome would be outside the stated set (each was tried).
    """

    outcome: FactOutcome
    against: tuple[int, ...]
    minimal: bool
    conflict: Conflict
    blame: Blame


@dataclass(frozen=True)
class Verdict:
    """safe: every outcome of the stated set has a plan. closed: `counter` has none.

    asked: outcomes for which a plan was found, each a plan of its own. solvers: those that agree on the verdict.
    read_by: rules that read an open column, so that each outcome had to be asked by itself.
    """

    status: Status
    facts: OpenFacts
    through: int
    asked: int
    counter: Counter | None
    solvers: tuple[str, ...]
    read_by: tuple[str, ...]
    seconds: float


Told = Callable[[str, int], None]  # what is being done, and a number


def silent(_what: str, _number: int) -> None:
    """Tells nothing."""


def guard(
    model: Model,
    signed: Allocation,
    through: int,
    facts: OpenFacts,
    *,
    solver: str = "highs",
    limits: Limits | None = None,
    clock: Clock | None = None,
    report: Told = silent,
) -> Verdict:
    """Whether a plan remains for every outcome of `facts`, the awards of `signed` up to `through` being facts.

    clock: one that runs already, in place of `limits`. Objectives count for nothing here. Raises InputError where a figure
    is missing.
    """
    frozen = model.policy.frozen
    through = through if frozen is None else max(through, frozen.through)  # what is signed already stays so
    search = _GuardSearch(model, signed, through, facts, solver, clock or Clock(limits or Limits()), report)
    try:
        with punctual(search.clock):
            return search.verdict()
    except Stopped:
        return search.made("not proved")


def frozen_model(model: Model, signed: Allocation, through: int) -> Model:
    """The model without objectives, its years up to `through` closed with the awards that were signed."""
    held = [award for award in signed.awards if award.period <= through]
    columns = {
        "unit": Column("text", tuple(a.unit for a in held)),
        "program": Column("text", tuple(a.program for a in held)),
        "period": Column("whole", tuple(a.period for a in held)),
        "amount": Column("whole", tuple(a.amount for a in held)),
    }
    policy = model.policy.model_copy(
        update={"frozen": FrozenSource(file=SIGNED, through=through), "objectives": (), "indicators": ()}
    )
    return replace(model, policy=policy, frozen=DataTable(columns))


class _GuardSearch:
    def __init__(
        self,
        model: Model,
        signed: Allocation,
        through: int,
        facts: OpenFacts,
        solver: str,
        clock: Clock,
        report: Told,
    ) -> None:
        self.whole, self.signed, self.through, self.facts = model, signed, through, facts
        self.model = frozen_model(model, signed, through)
        self.solver, self.clock, self.report = solver, clock, report
        self.engine = backend(solver)
        self.effects = Effects((), (), ())
        self.asked = 0

    def made(self, status: Status, counter: Counter | None = None, solvers: tuple[str, ...] = ()) -> Verdict:
        read_by = self.effects.read_by
        return Verdict(status, self.facts, self.through, self.asked, counter, solvers, read_by, self.clock.seconds)

    def verdict(self) -> Verdict:
        self.effects = effects(self.model, self.facts)
        adversary = Adversary(self.facts, self.effects)
        switch_of = self.effects.switch_of()
        outcome = adversary.propose(self.engine, self.clock)
        if outcome is None:
            return self.made("no outcome")
        while outcome is not None:
            if self.clock.over or self.asked >= MOST_ASKED:
                raise Stopped
            self.report("asking", self.asked + 1)
            problem = self.problem(outcome)
            sparing = [c for c in range(problem.cells) if problem.cell(c) in switch_of]
            amounts = some_plan(problem, self.engine, self.clock, problem.mark[np.array(sparing, np.int64)])
            if amounts is None:
                return self.closed(outcome)
            self.asked += 1
            plan = problem.allocation(amounts)
            found = audit(problem.model, plan).violations
            if found:
                raise RuntimeError(f"the recount finds {found[0].rule} broken in a plan that keeps every row")
            relied = sorted({switch_of[(a.unit, a.program, a.period)] for a in plan.awards if a[:3] in switch_of})
            adversary.cover(outcome, relied)
            outcome = adversary.propose(self.engine, self.clock)
        other = second_solver(self.solver)
        self.report("second", self.asked)
        agrees = adversary.propose(backend(other), self.clock) is None
        return self.made("safe" if agrees else "disagreement", solvers=(self.solver, other))

    def problem(self, outcome: FactOutcome) -> Problem:
        return compile(with_outcome(self.model, self.facts, outcome))

    def has_plan(self, outcome: FactOutcome, engine: Backend | None = None) -> bool:
        return some_plan(self.problem(outcome), engine or self.engine, self.clock) is not None

    # The counter-example ----------------------------------------------------------------------------------------------

    def closed(self, outcome: FactOutcome) -> Verdict:
        self.report("closed", self.asked)
        outcome, against, minimal = self.smaller(outcome)
        other = second_solver(self.solver)
        if self.has_plan(outcome, backend(other)):
            return self.made("disagreement", solvers=(self.solver, other))
        problem = self.problem(outcome)
        solution = solve(problem, solver=self.solver, clock=self.clock)
        if solution.status != Known.INFEASIBLE:  # a limit came first: both solvers have said it above
            solution = replace(solution, status=Known.INFEASIBLE, allocation=None)
        left = CONFLICT_S if self.clock.left is None else min(CONFLICT_S, self.clock.left)
        against_it = conflict(problem, solution, seconds=left)
        self.report("blame", self.asked)
        whole = with_outcome(self.whole, self.facts, outcome)
        blamed = blame(whole, self.signed, self.through, against_it, self.engine, backend(other), self.clock)
        counter = Counter(outcome, against, minimal, against_it, blamed)
        return self.made("closed", counter, (self.solver, other))

    def smaller(self, outcome: FactOutcome) -> tuple[FactOutcome, tuple[int, ...], bool]:
        """The outcome with as few facts against the plan as can be: in halves first, then one by one."""
        better = self._better()
        against = [i for i, value in enumerate(outcome) if better[i] is not None and value != better[i]]
        kept = list(against)

        def spare(chunk: list[int], _: list[int]) -> bool:
            nonlocal outcome
            trial = self._turned(outcome, chunk)
            closed = self.facts.allows(trial) and not self.has_plan(trial)
            outcome = trial if closed else outcome
            return closed

        try:
            thin_out(kept, spare)
        except Stopped:
            return outcome, tuple(kept), False
        return outcome, tuple(kept), not self.effects.read_by

    def _turned(self, outcome: FactOutcome, flags: list[int]) -> FactOutcome:
        return tuple(not value if i in flags else value for i, value in enumerate(outcome))

    def _better(self) -> list[bool | None]:
        """The value of each flag that only opens cells; None where it also closes some, or acts with others."""
        said: list[set[bool | None]] = [set() for _ in self.facts.flags]
        for switch in self.effects.switches:
            for flag in switch.flags:
                said[flag].add(switch.helps)
        return [next(iter(values)) if len(values) == 1 else None for values in said]
