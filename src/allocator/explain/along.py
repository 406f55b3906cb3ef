"""The best plan as a function of one value of a model: for which values it is which plan, and what of that is proved.

Lives here: `Along`: the answer at a value; the pieces between two values, one after the other.
Not here: how a plan depends on a value (uses.py), changing the model (datum.py), what is told of it (report/).

Between two values where rows, cells and bounds are the same, and each objective's prices follow the value along a line, a plan
that is the answer at both is the answer at every value between: stage by stage, the plans that are best there are those that are
best at both ends, and the draw orders plans without looking at prices. So halving needs no monotony: it ends where both ends
agree or no step lies between. Where places are shared out by weights the same holds along the logarithm of the weight, if no
other objective's prices change and no logarithm was rounded. Where none of this is known every step is asked, or a few are and
it is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import exp, log

from allocator.database import Database
from allocator.explain.concerned import concerned, only
from allocator.explain.datum import Datum, Steps, Value, kind_of, put, value_of
from allocator.explain.uses import Dependence, dependence
from allocator.faults import InputError
from allocator.model.allocation import Allocation, Award
from allocator.model.model import Model
from allocator.model.proof import Proofs
from allocator.model.status import Status
from allocator.problem import compile
from allocator.solve import Clock, Solution, solve
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual
from allocator.solve.subproblem import Reporter, silent
from allocator.solve.trace import Required
from allocator.store.key import problem_key

MOST_SCANNED = 60  # steps between two values that are asked one by one
MOST_GUESSES = 5  # in a row; then the middle is taken
Counted = Callable[[int], None]  # values that were asked so far


def untold(_: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Point:
    """The answer at one value: the awards of the programs that it can change. None: no plan keeps the rules (`wrong`: the model
    lacks a figure there)."""

    plan: Allocation | None
    key: str
    wrong: bool = False
    shared: frozenset[str] = frozenset()  # objectives that shared places out without rounding

    def same(self, other: Point) -> bool:
        return self.plan == other.plan and self.wrong == other.wrong


@dataclass(frozen=True)
class Piece:
    """One plan for the values from `start` to `end`, both included. proved: for every step between; else for the ends alone."""

    start: Value
    end: Value
    point: Point
    proved: bool


@dataclass
class Memory:
    """What many questions about one model share: its parts, the answers to them as they are, every problem solved."""

    parts: dict[frozenset[str], Model] = field(default_factory=dict)
    base: dict[frozenset[str], Point] = field(default_factory=dict)
    known: dict[str, Point] = field(default_factory=dict)


@dataclass
class Along:
    """model: as it is, `plan`: its proved answer; proofs: of it. given: the model at values where it is known already.

    asked: each value that was compiled; solves: how many different problems were solved. The answer at a value raises Stopped at
    a limit.
    """

    model: Model
    plan: Allocation
    datum: Datum
    clock: Clock
    proofs: tuple[Proofs, ...] = ()
    solver: str = "highs"
    counted: Counted = untold
    reporter: Reporter = silent
    given: Mapping[Value, Model] = field(default_factory=dict)
    asked: dict[Value, Point] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    solves: int = 0

    def __post_init__(self) -> None:
        self.depends: Dependence = dependence(self.model, self.datum)
        self.programs = concerned(self.model, self.depends.owners)
        if self.depends.read and self.programs not in self.memory.parts:
            self.memory.parts[self.programs] = only(self.model, self.programs)
        self.part = self.memory.parts[self.programs] if self.depends.read else self.model
        self.own = frozenset(self.part.programs) if self.depends.read else frozenset()

    @property
    def now(self) -> Value:
        return value_of(self.model, self.datum)

    def at(self, value: Value) -> Point:
        """The answer where the datum has this value."""
        if value not in self.asked:
            own = value == self.now and self.depends.read and value not in self.given
            if own and self.programs not in self.memory.base:
                self.memory.base[self.programs] = self._solved(value)
            self.asked[value] = self.memory.base[self.programs] if own else self._solved(value)
            self.counted(len(self.asked))
        return self.asked[value]

    def whole(self, point: Point) -> Allocation | None:
        """The plan with the awards of the programs that the value cannot change."""
        if point.plan is None:
            return None
        others = [award for award in self.plan.awards if award.program not in self.own]
        return Allocation.of([*others, *point.plan.awards])

    def _solved(self, value: Value) -> Point:
        if not self.depends.read:
            return Point(Allocation(()), "")
        if self.clock.over:
            raise Stopped
        try:
            with punctual(self.clock):
                problem = compile(self._model(value))
                key = problem_key(problem)
                if key not in self.memory.known:
                    found = solve(
                        problem, solver=self.solver, clock=self.clock, reporter=self.reporter, known=self.proofs
                    )
                    self.solves += 1
                    self.memory.known[key] = _point(found, key)
        except InputError:
            return Point(None, "", wrong=True)
        return self.memory.known[key]

    def _model(self, value: Value) -> Model:
        if value in self.given:
            return only(self.given[value], self.programs)
        return put(self.part, self.datum, value)

    # Between two values -----------------------------------------------------------------------------------------------

    def pieces(self, steps: Steps, start: int, end: int) -> Iterator[Piece]:
        """One plan after the other from step `start` to step `end` (either way); two that meet may hold the same plan only
        where it is not proved that they are one. Raises Stopped."""
        waiting: Piece | None = None
        for piece in self.parts(steps, start, end):
            if waiting is not None and waiting.point.same(piece.point) and waiting.proved and piece.proved:
                waiting = Piece(waiting.start, piece.end, waiting.point, True)
                continue
            if waiting is not None:
                yield waiting
            waiting = piece
        if waiting is not None:
            yield waiting

    def parts(self, steps: Steps, start: int, end: int) -> Iterator[Piece]:
        """The same, in parts between whose ends only prices change, along a line; or of one step each. Raises Stopped."""
        if not self.depends.read:
            yield Piece(steps.value(start), steps.value(end), self.at(steps.value(start)), True)
            return
        way = 1 if end >= start else -1
        if not self.depends.even:
            yield from self._tried(steps, start, end, way)
            return
        for first, last in _segments(steps, sorted(self.depends.cuts), start, end, way):
            yield from self._halved(steps, first, last, way)

    def _halved(self, steps: Steps, first: int, last: int, way: int, guesses: int = 0) -> Iterator[Piece]:
        """The pieces of values between which only prices change. guesses: how often a place was guessed in a row."""
        one, other = self.at(steps.value(first)), self.at(steps.value(last))
        if first == last or (one.same(other) and self._proves(one, other)):
            yield Piece(steps.value(first), steps.value(last), one, True)
        elif abs(last - first) == 1:
            yield Piece(steps.value(first), steps.value(first), one, True)
            yield Piece(steps.value(last), steps.value(last), other, True)
        elif one.same(other) and abs(last - first) > MOST_SCANNED:
            yield Piece(steps.value(first), steps.value(last), one, False)
        else:
            guess = None if guesses == MOST_GUESSES else self._crossing(steps, first, last)
            middle = (first + last) // 2 if guess is None else guess
            middle = max(first, min(middle, last - way)) if way > 0 else min(first, max(middle, last - way))
            guesses = 0 if guess is None else guesses + 1
            yield from self._halved(steps, first, middle, way, guesses)
            yield from self._halved(steps, middle + way, last, way, guesses)

    def _crossing(self, steps: Steps, first: int, last: int) -> int | None:
        """Where the plan at one step and the plan at another are worth the same, from what both come to at either step: only a
        guess where to look. None where that says nothing."""
        ends = steps.value(first), steps.value(last)
        plans = [self.at(value).plan for value in ends]
        if None in plans:
            return None
        worth = [[self._worth(value, plan) for plan in plans if plan is not None] for value in ends]
        gaps = [[(a - b) for a, b in zip(*pair, strict=True)] for pair in worth]
        own = next((n for n, gap in enumerate(zip(*gaps, strict=True)) if gap[0] != gap[1]), None)
        if own is None:
            return None
        before, after = float(gaps[0][own]), float(gaps[1][own])
        part = before / (before - after)
        if not 0 <= part <= 1:
            return None
        low, high = (float(value) for value in ends)
        if self.depends.shared and min(low, high) > 0:
            value = exp(log(low) + part * (log(high) - log(low)))
            return steps.place(Decimal(value)) + (0 if last > first else 1)
        return first + int(part * abs(last - first)) * (1 if last > first else -1)

    def _worth(self, value: Value, plan: Allocation) -> list[Fraction]:
        """What a plan comes to in the objectives whose prices change, at a value."""
        tables = Database(self._model(value), plan)
        priced = [one for one in self.part.policy.objectives if one.id in self.depends.priced]
        return [figure for one in priced for figure in one.recount(tables).figures or ()]

    def _proves(self, one: Point, other: Point) -> bool:
        """Whether one plan at two values is the plan between them."""
        if one.wrong:  # nothing was solved
            return False
        if one.key == other.key or one.plan is None:  # the rows alone have no plan, and they are the same
            return True
        return set(self.depends.shared) <= one.shared and set(self.depends.shared) <= other.shared

    def _tried(self, steps: Steps, start: int, end: int, way: int) -> Iterator[Piece]:
        """Every step where they are few; else values further and further from the first one, and the last."""
        if abs(end - start) < MOST_SCANNED:
            for place in range(start, end + way, way):
                yield Piece(steps.value(place), steps.value(place), self.at(steps.value(place)), True)
            return
        places, gap = [start], 1
        while (place := start + way * gap) * way < end * way:
            places.append(place)
            gap *= 2
        for place in [*places, end]:
            value = steps.value(place)
            yield Piece(value, value, self.at(value), False)


def _segments(steps: Steps, cuts: Sequence[Decimal], start: int, end: int, way: int) -> Iterator[tuple[int, int]]:
    """The steps from `start` to `end` in parts between which a condition turns."""
    low, high = min(start, end), max(start, end)
    edges = {low}
    for cut in cuts:
        place = steps.place(cut)
        exact = steps.value(place) == cut
        edges |= {place, place + 1} if exact else {place + 1}
    firsts = sorted(edge for edge in edges if low <= edge <= high)
    parts = [(first, after - 1) for first, after in zip(firsts, [*firsts[1:], high + 1], strict=True)]
    yield from parts if way > 0 else [(last, first) for first, last in reversed(parts)]


def _point(found: Solution, key: str) -> Point:
    if found.status == Status.INFEASIBLE:
        return Point(None, key)
    if found.status != Status.OPTIMAL or found.allocation is None:
        raise Stopped
    shared = {
        name
        for name, steps in found.trace
        if steps and all(isinstance(step, Required) and step.because is not None for step in steps)
    }
    return Point(found.allocation, key, shared=frozenset(shared))


def awards_of(plan: Allocation | None, unit: str) -> tuple[Award, ...]:
    return () if plan is None else tuple(award for award in plan.awards if award.unit == unit)


def is_scale(model: Model, datum: Datum) -> bool:
    """Whether the values of a datum lie on a line of steps."""
    return kind_of(model, datum) == "number"
