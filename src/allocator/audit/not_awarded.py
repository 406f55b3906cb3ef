"""Who did not get a program, and at what stage that was settled: looked up, never guessed.

Lives here: for every candidate without an award: the condition that fails, a decision by hand, a former award, a closed year,
or the choice.
Not here: what it would take to get it (explain/), how it is shown (report/).

Stages in their order: the first condition that fails; else one that is not known; then a person's decision that it gets nothing;
then a former award of a program that is not repeated so soon; then a year without places; then the choice among those who could
have been chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from allocator.database import Database
from allocator.model.periods import place
from allocator.model.program import Program
from allocator.model.rule import ByHand
from allocator.words import Say

Stage = Literal["signed", "condition", "not-known", "by-hand", "repeat", "no-places", "not-chosen"]
ORDER: tuple[Stage, ...] = ("signed", "condition", "not-known", "by-hand", "repeat", "no-places", "not-chosen")


class NotAwarded(NamedTuple):
    """A candidate without an award in one period.

    `condition` indexes the program's conditions (stages condition and not-known); `other` is the year of the award that
    stands in the way (repeat); `decided` is the decision (by-hand); `score` is the candidate's, `lowest` the lowest score
    that was awarded in that period.
    """

    program: str
    period: int
    unit: str
    stage: Stage
    condition: int | None = None
    other: int | None = None
    score: Fraction | None = None
    lowest: Fraction | None = None
    decided: ByHand | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """How far the candidate came; more is further."""
        return ORDER.index(self.stage), -1 if self.condition is None else self.condition

    @property
    def outscored(self) -> bool:
        """Not chosen, though somebody with a lower score was."""
        known = self.score is not None and self.lowest is not None
        return known and self.stage == "not-chosen" and self.score > self.lowest  # type: ignore[operator]  # both known

    def settled_at(self, program: Program) -> str:
        """The id of the condition that fails, or the stage."""
        return self.condition_id(program) if self.stage == "condition" else self.stage

    def condition_id(self, program: Program) -> str:
        """The id of the condition that fails or is not known; its number where it has none."""
        assert self.condition is not None
        return program.eligible[self.condition].id or f"condition-{self.condition + 1}"

    def reason(self, program: Program) -> Say:
        """The stage in words."""
        says = None if self.condition is None else program.eligible[self.condition].says
        told = {} if self.decided is None else {"name": self.decided.name, "reason": self.decided.reason}
        return Say(f"report.settled.{self.stage}", {"says": says, "period": self.other, **told})


@lru_cache(maxsize=1)  # the tables for people and the page on the screen both want them
def outcomes(tables: Database) -> tuple[NotAwarded, ...]:
    """Every candidate without an award, by program, period, unit; `tables` holds the allocation."""
    return tuple(found for program in tables.model.programs for found in _of(tables, program))


def _of(tables: Database, name: str) -> Iterator[NotAwarded]:
    program = tables.model.programs[name]
    flags = "".join(f", c.c{i}" for i in range(len(program.eligible)))
    scored = tables.measure(name, program.score) if program.score is not None else None
    score, scale = ("m.value", scored.scale) if scored else ("null", 1)
    joined = f"left join {scored.sql} m on m.unit = c.unit and m.period = c.period" if scored else ""
    rows = tables.rows(
        f"select c.period, c.unit, coalesce(a.amount, 0), {score}{flags} from {tables.conditions(name)} c {joined} "
        f"left join (select unit, period, amount from awards where program = '{_quoted(name)}') a "
        f"on a.unit = c.unit and a.period = c.period order by c.period, c.unit"
    )
    taken = _award_years(tables, name)
    figure = {value: None if value is None else Fraction(value, scale) for value in {row[3] for row in rows}}
    lowest: dict[int, Fraction] = {}
    for period, _, amount, value, *_ in rows:
        if amount and value is not None:
            lowest[period] = min(lowest.get(period, Fraction(value, scale)), Fraction(value, scale))
    periods = tables.model.policy.periods
    through = tables.model.policy.frozen.through if tables.model.policy.frozen else None
    by_hand = _out_by_hand(tables, name)
    full = {period for period in tables.model.policy.periods if _no_places(tables, name, period)}
    for period, unit, amount, value, *holds in rows:
        if amount:
            continue
        closed = through is not None and period <= through
        decided = by_hand.get((unit, period), by_hand.get((unit, None)))
        made, is_full = taken.get(unit, []), period in full
        stage, condition, other = _settled(program, period, holds, made, closed, is_full, decided, periods)
        shown = decided if stage == "by-hand" else None
        yield NotAwarded(name, period, unit, stage, condition, other, figure[value], lowest.get(period), shown)


def _settled(
    program: Program,
    period: int,
    holds: list[bool | None],
    taken: list[int],
    closed: bool,
    full: bool,
    decided: ByHand | None,
    periods: Sequence[int],
) -> tuple[Stage, int | None, int | None]:
    if closed:
        return "signed", None, None
    if False in holds:
        return "condition", holds.index(False), None
    if None in holds:
        return "not-known", holds.index(None), None
    if decided is not None:
        return "by-hand", None, None
    if taken and program.repeat != "yearly":
        here = place(periods, period)
        near = [
            t for t in taken if isinstance(program.repeat, str) or abs(place(periods, t) - here) < program.repeat.gap
        ]
        if near:
            return "repeat", None, min(near, key=lambda t: (abs(t - period), t))
    return ("no-places" if full else "not-chosen"), None, None


def _out_by_hand(tables: Database, program: str) -> dict[tuple[str, int | None], ByHand]:
    """The decisions that a unit gets nothing of the program, by unit and period (None: in all of them)."""
    made = (rule.by_hand() for rule in tables.rules_in_force() if rule.soft is None)
    return {(one.unit, one.period): one for one in made if one is not None and one.program == program and one.most == 0}


def _award_years(tables: Database, name: str) -> dict[str, list[int]]:
    """The years in which each unit has an award of the program, in the plan or before it."""
    found: dict[str, list[int]] = {}
    quoted = _quoted(name)
    for unit, period in tables.rows(
        f"select unit, period from awards where program = '{quoted}' and amount > 0 union "
        f"select unit, period from past where program = '{quoted}' and amount > 0 order by all"
    ):
        found.setdefault(unit, []).append(period)
    return found


def _no_places(tables: Database, name: str, period: int) -> bool:
    quota = tables.model.programs[name].quota
    limits = quota.of(period) if quota else None
    text = (limits.exactly or limits.at_most) if limits else None
    if text is None:
        return False
    groups = tables.groups((name,), ("period",))
    return tables.bound(groups, text).at(groups.labels.index((period,))) == 0


def _quoted(name: str) -> str:
    return name.replace("'", "''")
