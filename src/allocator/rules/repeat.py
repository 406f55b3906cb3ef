"""How often one unit may be awarded a program: never again, or with a gap of periods; the program's own past counts.

Lives here: all of this property - its rows, its audit, its sentence.
Not here: how it is written in a program (model/program.py).
Rows: never: for every unit: sum of marks + past <= 1 (0 if it has one already);
      gap n: for every unit and every window of n places in the list of periods: the same within the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from allocator.model.eased import Move, key_of
from allocator.model.periods import place_sql, places
from allocator.model.query import NO_LIMIT, Figures, Ints, Labels, Rows, Tables
from allocator.model.rule import Rule, Tally
from allocator.model.view import ModelView
from allocator.words import Say

EVER = 10_000  # a gap longer than any plan and its past


class Repeat(Rule):
    """The periods of two awards of one unit lie at least `gap` places apart."""

    kind: ClassVar[str] = "repeat"
    weighed: ClassVar[bool] = False
    is_property: ClassVar[bool] = True

    program: str
    gap: int

    @classmethod
    def declared_in(cls, model: ModelView) -> Iterable[Rule]:
        for name, program in model.programs.items():
            if program.repeat != "yearly":
                gap = EVER if isinstance(program.repeat, str) else program.repeat.gap
                yield cls(id=f"{name}.repeat", program=name, gap=gap, clause=program.clause, **program.change)

    def asks_whether(self) -> tuple[str, ...]:
        return (self.program,)

    def depends_on_unawarded_cells(self) -> tuple[str, ...]:
        return ()

    def rows(self, q: Tables) -> Rows:
        cells = q.entries(q.groups((self.program,), ()))
        past = q.history(self.program)
        place = {unit: i for i, unit in enumerate(q.axes["unit"])} if past else {}
        history = [(place[unit], period) for unit, period in past if unit in place]
        past_unit, past_period = np.array(history, dtype=np.int64).reshape(-1, 2).T
        if self.gap == EVER:  # one window is all: a row for each unit with a cell
            present = np.bincount(cells.unit, minlength=len(q.axes["unit"])) > 0
            units, row = np.flatnonzero(present), (np.cumsum(present) - 1)[cells.unit]
            column = cells.mark
            fact = np.bincount(past_unit, minlength=len(q.axes["unit"]))[units]
            labels = Labels(len(units), lambda: zip(named(q, units)))
        else:  # a window begins at the period of a cell (or of the past) and is `gap` places long
            periods = q.axes["period"]
            both = {*zip(cells.unit.tolist(), cells.period.tolist(), strict=True), *history}
            units, starts = np.array(sorted(both), dtype=np.int64).reshape(-1, 2).T
            at = places(periods, starts)
            row, entry = _within(units, at, cells.unit, places(periods, cells.period), self.gap)
            column = cells.mark[entry]
            before = _within(units, at, past_unit, places(periods, past_period), self.gap)[0]
            fact = np.bincount(before, minlength=len(units))
            labels = Labels(len(units), lambda: zip(named(q, units), starts.tolist(), strict=True))
        upper = np.maximum(1 - fact, 0).astype(np.int64)
        return Rows(labels, np.full(len(units), -NO_LIMIT), upper, row, column, np.ones(len(row), np.int64))

    def audit(self, q: Tables) -> Tally:
        made = q.awards(q.groups((self.program,), ()), past=True)
        one, other = (place_sql(q.axes["period"], f"{name}.period") for name in ("a", "b"))
        rows = q.rows(
            f"select a.unit, a.period, (select count(*) from {made.sql} b where b.unit = a.unit and b.amount > 0 "
            f"and b.period <> a.period and abs({other} - {one}) < {self.gap}) from {made.sql} a "
            f"where a.amount > 0 and not a.is_past order by all"
        )
        none, every = np.zeros(len(rows), np.int64), np.ones(len(rows), np.bool_)
        others = Figures(np.array([count for *_, count in rows], np.int64), every)
        return Tally([row[:2] for row in rows], others, Figures.none(len(rows)), Figures(none, every))

    def eased(self, q: Tables, model: ModelView, moves: Sequence[Move]) -> Iterator[Mapping[str, Any]]:
        key = key_of("programs", model.family_of.get(self.program, self.program), "repeat")
        longest = min(self.gap - 1, len(model.policy.periods) - 1)
        for gap in range(longest, 1, -1):
            yield {"set": {key: {"gap": gap}}}
        yield {"set": {key: "yearly"}}

    def sentence(self) -> Say:
        never = self.gap == EVER
        return Say("rules.repeat-never" if never else "rules.repeat", {"program": self.program, "gap": self.gap})


def named(q: Tables, units: Ints) -> list[str]:
    """The ids of units."""
    return [q.axes["unit"][unit] for unit in units.tolist()]


def _within(units: Ints, starts: Ints, unit: Ints, period: Ints, length: int) -> tuple[Ints, Ints]:
    """The pairs (window, entry) of one unit with start <= period < start + length; windows ascend by unit and start."""
    if not len(units) or not len(unit):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    least = min(int(starts.min()), int(period.min()) - length)
    span = max(int(starts.max()), int(period.max())) - least + 2
    key = units * span + (starts - least)
    first = np.searchsorted(key, unit * span + (period - length + 1 - least), side="left")
    last = np.searchsorted(key, unit * span + (period - least), side="right")
    count = last - first
    entry = np.repeat(np.arange(len(unit), dtype=np.int64), count)
    window = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(len(entry))
    return window, entry
