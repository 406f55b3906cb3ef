"""An objection: a unit says that one of its figures is another one. What the plan is then, and for which values it stays.

Lives here: the answer at the contested value; the stretch of values around the present and around the contested one; the
values between them from which on the plan is another one.
Not here: the plan along a value (along.py), which figure is meant (contested.py), how it is told (report/objection.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from allocator.explain.along import Along, Piece, is_scale
from allocator.explain.datum import Datum, Steps, Value, steps_of, value_of, written
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.read.ledger_lines import Answer
from allocator.read.records import Outcome
from allocator.solve.parts import Stopped

MOST_TURNS = 6  # between the present and the contested value; more are not looked for


@dataclass(frozen=True)
class Stretch:
    """The values from `low` to `high` with one plan; proved for every step between, or found at the values that were tried."""

    low: Value
    high: Value
    proved: bool

    def record(self) -> dict[str, Any]:
        return {"from": written(self.low), "to": written(self.high), "proved": self.proved}


@dataclass(frozen=True)
class Turn:
    """From this value on, seen from the present one, the plan is this one; None: none keeps the rules."""

    value: Value
    plan: Allocation | None


@dataclass(frozen=True)
class Objection:
    """before, after: the plan as it is, and with the contested value; after is None where no plan keeps the rules, or a figure is
    lacking (`wrong`). read: whether any plan can depend on the figure. around, there: where the present plan stays, and that of
    the contested value; None where the figure is not a number or a limit came first. turns: from the present value to the
    contested one. tried: the values that were asked. complete: no limit came first.
    """

    model: Model
    datum: Datum
    now: Value
    contested: Value
    before: Allocation
    after: Allocation | None
    wrong: bool
    read: bool
    range: tuple[Value, Value] | None
    around: Stretch | None
    there: Stretch | None
    turns: tuple[Turn, ...]
    tried: tuple[Value, ...]
    solves: int
    complete: bool

    @property
    def changes(self) -> bool:
        return self.before != self.after

    @property
    def entry(self) -> Answer:
        """The answer, as a ledger has it."""
        outcome: Outcome = "changed" if self.changes else "unchanged"
        if self.after is None:
            outcome = "no answer" if self.wrong else "no plan"
        return Answer(outcome, None if self.around is None else self.around.record())


def objection(along: Along, contested: Value) -> Objection | None:
    """What a contested value brings; None where a limit came before its answer, or the plan could not be proved again.

    along: of the contested figure, with the model as it is.
    """
    now = value_of(along.model, along.datum)
    try:
        if along.depends.read and along.whole(along.at(now)) != along.plan:
            return None
        point = along.at(contested)
    except Stopped:
        return None
    after = along.whole(point) if along.depends.read else along.plan
    around = there = None
    turns: list[Turn] = []
    steps, complete = None, True
    if is_scale(along.model, along.datum) and contested is not None:
        steps = steps_of(along.model, along.datum, contested)
        complete = False
        with suppress(Stopped):
            around = None if now is None else _stretch(along, steps, steps.place(now))
            there = around if around is not None and _within(contested, around) else None
            there = there or _stretch(along, steps, steps.place(contested))
            turns = [] if now is None else list(_turns(along, steps, now, contested))
            complete = True
    ends = None if steps is None else (steps.value(0), steps.value(steps.count - 1))
    return Objection(
        along.model,
        along.datum,
        now,
        contested,
        along.plan,
        after,
        point.wrong,
        along.depends.read,
        ends,
        around,
        there,
        tuple(turns),
        tuple(along.asked),
        along.solves,
        complete,
    )


def _within(value: Value, stretch: Stretch) -> bool:
    return stretch.proved and bool(stretch.low <= value <= stretch.high)


def _stretch(along: Along, steps: Steps, place: int) -> Stretch:
    """The values around a step with the plan of it."""
    ends: list[Value] = []
    proved = True
    for last in (0, steps.count - 1):
        end, sure = _reach(along.pieces(steps, place, last), steps.value(place))
        ends.append(end)
        proved = proved and sure
    return Stretch(ends[0], ends[1], proved)


def _reach(pieces: Iterator[Piece], start: Value) -> tuple[Value, bool]:
    """How far the first plan goes, and whether every step so far has it."""
    end, sure, first = start, True, None
    for piece in pieces:
        if first is not None and not piece.point.same(first):
            break
        first = piece.point
        end, sure = piece.end, sure and piece.proved
    return end, sure


def _turns(along: Along, steps: Steps, now: Value, contested: Value) -> Iterator[Turn]:
    """From the present value to the contested one: each value from which on the plan is another one."""
    before = along.at(now)
    found = 0
    for piece in along.pieces(steps, steps.place(now), steps.place(contested)):
        if not piece.point.same(before):
            yield Turn(piece.start, along.whole(piece.point))
            found += 1
            if found == MOST_TURNS:
                return
        before = piece.point
