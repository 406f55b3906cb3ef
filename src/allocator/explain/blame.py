"""Which signed award closes the door: the one without which an outcome would have a plan.

Lives here: the problem in which single signed awards may go elsewhere, the awards that reopen the door, each solved again.
Not here: the outcome without a plan (guard.py).

An award is freed by letting its places go to somebody else, or to nobody, in the same program and year; all other signed
awards stay. Those signed earlier, which the model itself holds as frozen, are never freed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from allocator.explain.conflict import Conflict
from allocator.explain.deletion_filter import thin_out
from allocator.model.allocation import Allocation, Award
from allocator.model.model import Model
from allocator.model.query import Ints
from allocator.problem import Problem, compile
from allocator.solve import Clock
from allocator.solve.feasible import some_plan
from allocator.solve.parts import Stopped
from allocator.solve.subproblem import Backend


@dataclass(frozen=True)
class Freed:
    """An award that closes the door, and awards of its program and year that another plan has in its place."""

    award: Award
    instead: tuple[Award, ...]


@dataclass(frozen=True)
class Blame:
    """each: every award of `freed` reopens the door alone. together: it takes all of them, and none could be spared.

    omission: it takes awards (`instead`) of programs that these years give to nobody. promise: the outcome has no plan
    even where nothing of these years is signed. unknown: a limit came first, or an award is not possible in this outcome,
    so that nothing can be said of others in its place. complete: every award was tried.
    """

    kind: Literal["each", "together", "omission", "promise", "unknown"]
    freed: tuple[Freed, ...] = ()
    instead: tuple[Award, ...] = ()
    complete: bool = True


def blame(
    model: Model,
    signed: Allocation,
    through: int,
    conflict: Conflict,
    engine: Backend,
    other: Backend,
    clock: Clock,
) -> Blame:
    """What of the years up to `through` closes the door, in a model whose open facts have turned out as they do.

    conflict: rules that cannot hold together there; an award that none of them counts cannot be to blame.
    """
    since = model.policy.frozen.through if model.policy.frozen else None
    awards = [a for a in signed.awards if a.period <= through and (since is None or a.period > since)]
    bare = replace(model, policy=model.policy.model_copy(update={"objectives": (), "indicators": ()}))
    search = _BlameSearch(compile(bare), awards, through, since, clock)
    if not search.possible:
        return Blame("unknown", complete=False)
    try:
        return search.found(search.counted(conflict), engine, other)
    except Stopped:
        return Blame("unknown", complete=False)


class _BlameSearch:
    """The problem with the years open again, every signed award in its place but those that are freed."""

    def __init__(
        self, problem: Problem, awards: Sequence[Award], through: int, since: int | None, clock: Clock
    ) -> None:
        self.problem, self.awards, self.clock = problem, tuple(awards), clock
        self.column = {problem.cell(c): c for c in range(problem.cells)}
        self.possible = all(award[:3] in self.column for award in awards)
        period = problem.period
        self.closed = (period <= through) & (True if since is None else period > since)
        self.amount = np.zeros(problem.cells, np.int64)
        for award in awards:
            if award[:3] in self.column:
                self.amount[self.column[award[:3]]] = award.amount

    def counted(self, conflict: Conflict) -> list[Award]:
        """The awards of the programs and years that the conflict's rules count."""
        ids = {rule.id for rule in conflict.rules}
        if not conflict.proved:
            return list(self.awards)
        rules = [i for i, rule in enumerate(self.problem.rules) if rule.id in ids]
        matrix = self.problem.matrix
        columns = np.unique(matrix.column[np.isin(self.problem.row_rule[matrix.row], rules)])
        owner = {int(mark): c for c, mark in enumerate(self.problem.mark)}
        cells = [self.problem.cell(owner[c]) for c in columns.tolist() if c in owner]
        cells += [self.problem.cell(c) for c in columns.tolist() if c < self.problem.cells]
        lines = {(program, period) for _, program, period in cells}
        return [award for award in self.awards if (award.program, award.period) in lines]

    def plan(self, freed: Collection[Award], engine: Backend) -> Ints | None:
        """A plan in which the freed awards are smaller or gone, and all others as they were signed."""
        problem, lower, upper = self.problem, self.problem.lower.copy(), self.problem.upper.copy()
        n = problem.cells
        cells = np.flatnonzero(self.closed)
        own_upper = upper[:n].copy()
        lower[cells] = upper[cells] = self.amount[cells]
        lines = {(award.program, award.period) for award in freed}
        for c in cells.tolist():
            if (str(problem.program[c]), int(problem.period[c])) in lines:
                upper[c] = max(int(own_upper[c]), int(self.amount[c]))
        for award in freed:
            own = self.column[award[:3]]
            lower[own], upper[own] = 0, award.amount
        return some_plan(replace(problem, lower=lower, upper=upper), engine, self.clock)

    def found(self, counted: list[Award], engine: Backend, other: Backend) -> Blame:
        if some_plan(self.problem, engine, self.clock) is None:
            agreed = some_plan(self.problem, other, self.clock) is None
            return Blame("promise") if agreed else Blame("unknown", complete=False)
        if self.plan(self.awards, engine) is None:
            amounts = some_plan(self.problem, other, self.clock)
            if amounts is None:
                return Blame("unknown", complete=False)
            return Blame("omission", instead=self.instead(self.unused(), amounts))
        alone = []
        for award in counted:
            amounts = self.plan([award], engine)
            if amounts is not None and self.plan([award], other) is not None:
                alone.append(Freed(award, self.instead({award[1:3]}, amounts)))
        if alone:
            return Blame("each", tuple(alone))
        kept = list(self.awards)
        thin_out(kept, lambda _, fewer: bool(fewer) and self.plan(fewer, engine) is not None)
        amounts = self.plan(kept, other)
        if amounts is None:
            return Blame("unknown", complete=False)
        return Blame("together", tuple(Freed(award, self.instead({award[1:3]}, amounts)) for award in kept))

    def unused(self) -> set[tuple[str, int]]:
        """The programs and years that give nothing to anybody."""
        lines = {self.problem.cell(c)[1:] for c in np.flatnonzero(self.closed).tolist()}
        return lines - {award[1:3] for award in self.awards}

    def instead(self, lines: Collection[tuple[str, int]], amounts: Ints) -> tuple[Award, ...]:
        """What the plan awards more of than was signed, in these programs and years."""
        more = []
        for c in np.flatnonzero(self.closed & (amounts > self.amount)).tolist():
            unit, program, period = self.problem.cell(c)
            if (program, period) in lines:
                more.append(Award(unit, program, period, int(amounts[c] - self.amount[c])))
        return tuple(more)
