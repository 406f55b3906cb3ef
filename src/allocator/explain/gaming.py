"""Whether a unit can gain by reporting another figure than it has: the smallest lie, who loses, or that there is none.

Lives here: which figures a unit reports, what counts as a gain, the search of each figure.
Not here: the plan along a value (along.py), how it is told (report/gaming.py).

A unit gains where it gets more of some program, all years together, than in the plan, and no less of any other. Where it gets
more of one and less of another, that is an exchange. Each figure is looked at by itself, all others as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from allocator.explain.along import Along, Memory, Piece, is_scale
from allocator.explain.datum import Datum, Value, kind_of, observed, said_of, steps_of, value_of
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.proof import Proofs
from allocator.model.source import PAST, UNITS, Source
from allocator.solve import Clock
from allocator.solve.parts import Stopped

Verdict = Literal["gain", "exchange", "none", "not read", "open"]
Counted = Callable[[int, int], None]
PAST_COLUMN = "past"  # what the awards before the plan are called among the columns


@dataclass(frozen=True)
class Reported:
    """A figure that a unit reports; column: as it is told; key: the rest of its row's key (program, year)."""

    unit: str
    column: str
    key: tuple[str, ...]
    datum: Datum


@dataclass(frozen=True)
class Chance:
    """What a unit can make of one figure. `open`: a limit came first, or not every value was asked: none was found.

    lie: the nearest value with a gain (else an exchange), and the plan with it. proved: no nearer one has it; of `none`, that
    there is none within the range. solves: different problems that were solved for it.
    """

    reported: Reported
    now: Value
    verdict: Verdict
    proved: bool
    range: tuple[Value, Value] | None = None
    lie: Value = None
    plan: Allocation | None = None
    solves: int = 0


def reported(model: Model) -> Iterator[Reported]:
    """Every figure that the model says units report, in the order of tables and columns, unit after unit."""
    for source in (UNITS, *(Source("table", name) for name in model.policy.tables)):
        table, key = model.table_of(source), model.key_of(source)
        if "unit" not in key:
            continue
        for column, held in table.columns.items():
            said = said_of(model, source, column)
            if said is None or said.reported_by != "unit":
                continue
            for row in range(table.height):
                if held.values[row] is None:
                    continue
                rest = tuple(str(table.columns[name].values[row]) for name in key if name != "unit")
                datum = Datum(source, column, row)
                yield Reported(str(table.columns["unit"].values[row]), datum.name, rest, datum)
    if model.past is not None and model.policy.past is not None and model.policy.past.reported_by == "unit":
        made = zip(model.past.columns["unit"].values, model.past.columns["program"].values, strict=True)
        for unit, program in dict.fromkeys(made):
            yield Reported(unit, f"{PAST_COLUMN}.{program}", (), Datum(PAST, program, unit=unit))


def columns_of(model: Model) -> list[str]:
    """The columns that units report, as they are told."""
    return list(dict.fromkeys(one.column for one in reported(model)))


def gaming(
    model: Model,
    plan: Allocation,
    wanted: list[Reported],
    clock: Clock,
    proofs: tuple[Proofs, ...] = (),
    counted: Counted = lambda *_: None,
) -> Iterator[Chance]:
    """What each figure can be made to bring its unit, one after the other. At a limit every figure that is left is open."""
    memory = Memory()
    for number, one in enumerate(wanted, 1):
        yield _chance(Along(model, plan, one.datum, clock, proofs, memory=memory), one)
        counted(number, len(wanted))


def _chance(along: Along, one: Reported) -> Chance:
    now = value_of(along.model, one.datum)
    if not along.depends.read:
        return Chance(one, now, "not read", True)
    open_ = Chance(one, now, "open", False, _range(along))
    best, sure = open_, _few(along) or is_scale(along.model, one.datum)
    try:
        if along.whole(along.at(now)) != along.plan:
            return replace(open_, solves=along.solves)
        for way in _ways(along, now):
            for piece in way:
                sure = sure and piece.proved
                plan = along.whole(piece.point)
                verdict = _brings(along.plan, plan, one.unit)
                if verdict != "none":
                    best = _nearer(best, replace(open_, verdict=verdict, lie=piece.start, plan=plan))
                if verdict == "gain":
                    break
    except Stopped:
        sure = False
    if best.verdict == "open" and sure:
        best = replace(best, verdict="none")
    return replace(best, proved=sure, solves=along.solves)


def _few(along: Along) -> bool:
    """Whether every value that there is can be asked: dates have no list."""
    return kind_of(along.model, along.datum) != "date"


def _nearer(one: Chance, other: Chance) -> Chance:
    """A gain before an exchange, then the nearer value."""
    if one.verdict != other.verdict:
        return one if one.verdict == "gain" or other.verdict == "open" else other
    far = [abs(c.lie - c.now) if isinstance(c.lie, (int, Decimal)) else 0 for c in (one, other)]
    return other if far[1] < far[0] else one


def _ways(along: Along, now: Value) -> Iterator[Iterator[Piece]]:
    """The other values, each way from the present one; those that lie on no line one by one."""
    if along.datum.source == PAST or not is_scale(along.model, along.datum):
        for value in observed(along.model, along.datum):
            if value != now:
                yield iter([Piece(value, value, along.at(value), True)])
        return
    steps = steps_of(along.model, along.datum, now)
    for last in (0, steps.count - 1):
        yield along.pieces(steps, steps.place(now), last)


def _range(along: Along) -> tuple[Value, Value] | None:
    if along.datum.source == PAST or not is_scale(along.model, along.datum):
        return None
    steps = steps_of(along.model, along.datum, along.now)
    return steps.value(0), steps.value(steps.count - 1)


def _brings(before: Allocation, after: Allocation | None, unit: str) -> Literal["gain", "exchange", "none"]:
    if after is None:
        return "none"
    had, has = _totals(before, unit), _totals(after, unit)
    more = any(has[program] > had[program] for program in has)
    less = any(had[program] > has[program] for program in had)
    return "none" if not more else "exchange" if less else "gain"


def _totals(plan: Allocation, unit: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for award in plan.awards:
        if award.unit == unit:
            found[award.program] += award.amount
    return found
