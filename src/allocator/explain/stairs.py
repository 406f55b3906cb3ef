"""What one more and one less is worth: a lever turned step by step, with the plan of each step; what excludes what.

Lives here: `stair`: every step within a range, asked one by one; `excluding`: pairs of levers that can be turned alone, not both.
Not here: which levers there are (levers.py), the answer to a changed model (answer/otherwise.py), what is shown (report/).

No step is left out: that one is impossible says nothing of the next, since more places, or a higher bound, can make possible what
fewer could not. A step whose problem equals one before has its plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any, Protocol

from allocator.audit import Audit
from allocator.explain.conflict import Conflict, conflict
from allocator.explain.levers import Lever, together
from allocator.faults import Fault, InputError
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.status import Status
from allocator.problem import Problem
from allocator.solve import Clock, Solution

CONFLICT_S = 15.0  # at most for the reasons why one step is impossible


class Found(Protocol):
    """What is known of a changed model."""

    @property
    def problem(self) -> Problem: ...
    @property
    def solution(self) -> Solution: ...
    @property
    def audit(self) -> Audit | None: ...


Ask = Callable[[Model], Found]


@dataclass(frozen=True)
class Tread:
    """One step of a stair: `at` steps from what is declared, the value there. fault: why the model cannot be so.

    conflict: of the first impossible step each way, what cannot hold together.
    """

    at: int
    value: Decimal | str
    status: Status | None = None
    audit: Audit | None = None
    fault: Fault | None = None
    conflict: Conflict | None = None

    @property
    def plan(self) -> Allocation | None:
        return None if self.audit is None else self.audit.allocation


@dataclass(frozen=True)
class Stair:
    """The steps from the lowest to the highest; `whole`: none is missing because a limit came first."""

    lever: Lever
    treads: tuple[Tread, ...]
    whole: bool

    @property
    def broken(self) -> tuple[tuple[Tread, Tread], ...]:
        """The neighbours whose plans are not one in the other: some award of the smaller is not in the larger."""
        planned = [one for one in self.treads if one.plan is not None]
        return tuple((one, two) for one, two in pairwise(planned) if not _one_in_other(one.plan, two.plan))

    @property
    def flat(self) -> bool:
        """Whether every step has the same plan and the same figures."""
        return len({_told(one) for one in self.treads}) == 1


def stair(model: Model, lever: Lever, steps: int, ask: Ask, clock: Clock, counted: Callable[[], None]) -> Stair:
    """Every step from -steps to +steps; the model as it stands among them."""
    found: dict[int, Tread] = {}
    for at in sorted(range(-steps, steps + 1), key=lambda at: (abs(at), at)):
        if clock.over:
            break
        found[at] = _tread(model, lever, at, ask)
        counted()
    treads = tuple(_with_reasons(found, model, lever, ask, clock))
    known = all(one.status is None or one.status.proved for one in treads)
    return Stair(lever, treads, known and len(found) == 2 * steps + 1)


def _tread(model: Model, lever: Lever, at: int, ask: Ask) -> Tread:
    value = lever.at(at)
    try:
        found = ask(model.changed({"set": lever.said(at)}) if at else model)
    except InputError as error:
        return Tread(at, value, fault=error.faults[0])
    return Tread(at, value, found.solution.status, found.audit)


def _with_reasons(found: dict[int, Tread], model: Model, lever: Lever, ask: Ask, clock: Clock) -> Iterable[Tread]:
    """The steps in order; the first impossible one each way with what cannot hold together."""
    first = [
        next((at for at in way if at in found and found[at].status == Status.INFEASIBLE), None) for way in _ways(found)
    ]
    for at in sorted(found):
        one = found[at]
        if at in first and not clock.over:
            answer = ask(model.changed({"set": lever.said(at)}) if at else model)
            seconds = CONFLICT_S if clock.left is None else min(CONFLICT_S, clock.left)
            why = conflict(answer.problem, answer.solution, seconds=seconds)
            one = Tread(at, one.value, one.status, one.audit, one.fault, why)
        yield one


def _ways(found: dict[int, Any]) -> tuple[Sequence[int], Sequence[int]]:
    return [at for at in sorted(found) if at >= 0], [at for at in sorted(found, reverse=True) if at < 0]


def _one_in_other(one: Allocation | None, two: Allocation | None) -> bool:
    assert one is not None and two is not None
    small, large = sorted((one.amounts, two.amounts), key=lambda amounts: sum(amounts.values()))
    return all(amount <= large.get(cell, 0) for cell, amount in small.items())


def _told(one: Tread) -> Any:
    if one.audit is None:
        return one.status, one.fault
    values = tuple(value.figures for value in one.audit.objectives)
    return one.status, one.audit.allocation, values, tuple(figure.value for figure in one.audit.indicators)


# What excludes what ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Excluding:
    """alone: the levers that can be turned by one step, each alone; not_alone: those that cannot; pairs: of `alone`, those that
    cannot both; whole: every pair was asked.
    """

    alone: tuple[Lever, ...]
    not_alone: tuple[Lever, ...]
    pairs: tuple[tuple[Lever, Lever], ...]
    whole: bool


def excluding(
    model: Model,
    found: Sequence[Lever],
    possible: Callable[[Model], bool | None],
    clock: Clock,
    counted: Callable[[], None],
) -> Excluding:
    """Of levers turned up by one step: which exclude one another. Every question is a solve of its own."""
    alone: list[Lever] = []
    not_alone: list[Lever] = []
    pairs: list[tuple[Lever, Lever]] = []
    whole = True
    for lever in found:
        answer = None if clock.over else _possible(model, (lever,), possible)
        counted()
        whole &= answer is not None
        if answer is not None:
            (alone if answer else not_alone).append(lever)
    for one, two in combinations(alone, 2):
        both = None if clock.over else _possible(model, (one, two), possible)
        counted()
        whole &= both is not None
        if both is False:
            pairs.append((one, two))
    return Excluding(tuple(alone), tuple(not_alone), tuple(pairs), whole)


def _possible(model: Model, turned: Sequence[Lever], possible: Callable[[Model], bool | None]) -> bool | None:
    try:
        return possible(model.changed({"set": together(turned, 1)}))
    except InputError:
        return False
