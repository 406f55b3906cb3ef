"""Who did not get a program, and at what stage that was settled: looked up, never guessed.

Lives here: for every candidate without an award: the condition that fails, a decision by hand, a former award, a closed year,
or the choice.
Not here: what it would take to get it (explain/), how it is shown (report/).

Stages in their order: the first condition that fails; else one that is not known; then a person's decision that it gets nothing;
then a former award of a program that is not repeated so soon; then a year without places; then the choice among those who could
have been chosen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np

from allocator.database import Database
from allocator.model.periods import places
from allocator.model.program import Program
from allocator.model.query import NO_LIMIT, Figures, Flags, Ints, literal
from allocator.model.rule import ByHand
from allocator.words import Say

Stage = Literal["signed", "condition", "not-known", "by-hand", "repeat", "no-places", "not-chosen"]
ORDER: tuple[Stage, ...] = ("signed", "condition", "not-known", "by-hand", "repeat", "no-places", "not-chosen")


class Reason(NamedTuple):
    """What settled it, the same for many candidates.

    `condition` indexes the program's conditions (stages condition and not-known); `other` is the year of the award that
    stands in the way (repeat); `decided` is the decision (by-hand).
    """

    stage: Stage
    condition: int | None = None
    other: int | None = None
    decided: ByHand | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """How far the candidate came; more is further."""
        return ORDER.index(self.stage), -1 if self.condition is None else self.condition

    def settled_at(self, program: Program) -> str:
        """The id of the condition that fails, or the stage."""
        return self.condition_id(program) if self.stage == "condition" else self.stage

    def condition_id(self, program: Program) -> str:
        """The id of the condition that fails or is not known; its number where it has none."""
        assert self.condition is not None
        return program.eligible[self.condition].id or f"condition-{self.condition + 1}"

    def says(self, program: Program) -> Say:
        """The stage in words."""
        says = None if self.condition is None else program.eligible[self.condition].says
        told = {} if self.decided is None else {"name": self.decided.name, "reason": self.decided.reason}
        return Say(f"report.settled.{self.stage}", {"says": says, "period": self.other, **told})


@dataclass(frozen=True)
class Outcomes:
    """The candidates of one program without an award, by period and unit, as columns.

    `unit` is a place in `units`, `reason` one in `reasons`; `score` is the candidate's, `lowest` the lowest score that was
    awarded in that period.
    """

    program: str
    units: Sequence[str]
    reasons: tuple[Reason, ...]
    period: Ints
    unit: Ints
    reason: Ints
    score: Figures
    lowest: Figures

    @property
    def outscored(self) -> Flags:
        """Who was not chosen, though somebody with a lower score was."""
        open_ = np.array([reason.stage == "not-chosen" for reason in self.reasons], np.bool_)
        known = self.score.given & self.lowest.given
        outscored: Flags = known & (self.score.number > self.lowest.number) & open_[self.reason]
        return outscored


@lru_cache(maxsize=1)  # the tables for people and the page on the screen both want them
def outcomes(tables: Database) -> tuple[Outcomes, ...]:
    """Every candidate without an award, program by program; `tables` holds the allocation."""
    return tuple(_of(tables, program) for program in tables.model.programs)


def _of(tables: Database, name: str) -> Outcomes:
    program, periods = tables.model.programs[name], tables.axes["period"]
    flags = "".join(f", c.c{i}" for i in range(len(program.eligible)))
    scored = tables.measure(name, program.score) if program.score is not None else None
    score, scale = ("m.value", scored.scale) if scored else ("null::bigint", 1)
    joined = f"left join {scored.sql} m on m.unit = c.unit and m.period = c.period" if scored else ""
    found = tables.con.arrays(
        f"select t.place as period, u.place as unit, coalesce(a.amount, 0) <> 0 as awarded, {score} as score{flags} "
        f"from {tables.conditions(name)} c join all_units u on u.unit = c.unit join all_periods t on t.period = c.period "
        f"{joined} left join (select unit, period, amount from awards where program = {literal(name)}) a "
        f"on a.unit = c.unit and a.period = c.period order by t.place, u.place"
    )
    at, unit, awarded = (np.asarray(found.pop(column)) for column in ("period", "unit", "awarded"))
    scores = np.ma.asarray(found.pop("score"))
    given, number = ~np.ma.getmaskarray(scores), np.ma.filled(scores, 0).astype(np.int64)
    counted = awarded & given
    lowest, some = np.full(len(periods), NO_LIMIT), np.zeros(len(periods), np.bool_)
    np.minimum.at(lowest, at[counted], number[counted])
    some[at[counted]] = True
    left = ~awarded
    at, unit = at[left], unit[left]
    reasons, reason = _settled(tables, name, at, unit, [np.ma.asarray(holds)[left] for holds in found.values()])
    return Outcomes(
        name,
        tables.axes["unit"],
        reasons,
        np.array(periods, np.int64)[at],
        unit,
        reason,
        Figures(number[left], given[left], scale),
        Figures(lowest[at], some[at], scale),
    )


def _settled(
    tables: Database, name: str, at: Ints, unit: Ints, holds: Sequence[Any]
) -> tuple[tuple[Reason, ...], Ints]:
    """What settled each candidate, given the places of its period and unit and what is known of its conditions."""
    periods = tables.axes["period"]
    through = tables.model.policy.frozen.through if tables.model.policy.frozen else None
    none, fails, unknown = (np.full(len(at), -1) for _ in range(3))
    for i in reversed(range(len(holds))):
        missing = np.ma.getmaskarray(holds[i])
        unknown[missing] = i
        fails[~missing & ~np.ma.getdata(holds[i])] = i
    closed = np.array([through is not None and period <= through for period in periods], np.bool_)[at]
    full = np.array([_no_places(tables, name, period) for period in periods], np.bool_)[at]
    decisions, decided = _out_by_hand(tables, name)
    years, nearest = _award_years(tables, name)
    by_hand, repeat = decided[at, unit], nearest[at, unit]
    settled = [closed, fails >= 0, unknown >= 0, by_hand >= 0, repeat >= 0, full]  # as in ORDER
    stage = np.select(settled, range(len(settled)), len(settled))
    detail = np.select(settled, [none, fails, unknown, by_hand, repeat, none], none)
    wide = 2 + int(detail.max(initial=-1))
    kinds, reason = np.unique(stage * wide + detail + 1, return_inverse=True)
    told = []
    for number, i in zip((kinds // wide).tolist(), (kinds % wide - 1).tolist(), strict=True):
        own = ORDER[number]
        told.append(
            Reason(
                own,
                condition=i if own in ("condition", "not-known") else None,
                other=years[i] if own == "repeat" else None,
                decided=decisions[i] if own == "by-hand" else None,
            )
        )
    return tuple(told), reason


def _out_by_hand(tables: Database, program: str) -> tuple[list[ByHand], Ints]:
    """The decisions that a unit gets nothing of the program; for each period and unit the place of its own, else -1.

    One for a period goes before one for all of them.
    """
    made = (rule.by_hand() for rule in tables.rules_in_force() if rule.soft is None)
    found = [one for one in made if one is not None and one.program == program and one.most == 0]
    units, periods = tables.axes["unit"], tables.axes["period"]
    decided = np.full((len(periods), len(units)), -1)
    for i in sorted(range(len(found)), key=lambda i: found[i].period is not None):
        unit, period = bisect_left(units, found[i].unit), found[i].period
        if units[unit : unit + 1] == [found[i].unit] and (period is None or period in periods):
            decided[slice(None) if period is None else periods.index(period), unit] = i
    return found, decided


def _award_years(tables: Database, name: str) -> tuple[list[int], Ints]:
    """Years of awards of the program, in the plan or before it; for each period and unit the place of the year that is so
    near that it stands in the way, the nearest of these, the earlier of two; else -1."""
    repeat, periods, literal_ = tables.model.programs[name].repeat, tables.axes["period"], literal(name)
    found = tables.fetch(
        f"select u.place as unit, a.period as year from (select unit, period from awards where program = {literal_} and "
        f"amount > 0 union select unit, period from past where program = {literal_} and amount > 0) a "
        f"join all_units u on u.unit = a.unit"
    )
    unit, year = found["unit"], found["year"]
    years, place = np.unique(year, return_inverse=True)
    nearest = np.full((len(periods), len(tables.axes["unit"])), -1)
    if repeat == "yearly":
        return years.tolist(), nearest
    for at, period in enumerate(periods):
        near = np.ones(len(year), np.bool_)
        if not isinstance(repeat, str):
            here = places(periods, np.array([period], np.int64))
            near = np.abs(places(periods, year) - here) < repeat.gap
        order = np.flatnonzero(near)
        order = order[np.lexsort((year[order], np.abs(year[order] - period)))][::-1]  # the last one is kept
        nearest[at, unit[order]] = place[order]
    return years.tolist(), nearest


def _no_places(tables: Database, name: str, period: int) -> bool:
    quota = tables.model.programs[name].quota
    limits = quota.of(period) if quota else None
    text = (limits.exactly or limits.at_most) if limits else None
    if text is None:
        return False
    groups = tables.groups((name,), ("period",))
    return tables.bound(groups, text).at(groups.labels.index((period,))) == 0
