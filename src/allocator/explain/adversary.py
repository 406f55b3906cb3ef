"""Proposes outcomes of the open facts that no plan at hand covers, the worst first.

Lives here: the stated set and the covered outcomes as one small integer programme.
Not here: plans (guard.py), how facts act on cells (switches.py).

What a plan covers: every outcome in which, of each class of like switches, at least as many hold as the plan relies on,
and those that a rule minds stand as they did. Of a model whose rules read open facts a plan covers its own outcome alone.
So each plan adds one row: in what is left, one of these conditions fails. When no outcome is left, all are covered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from allocator.explain.switches import Effects
from allocator.load.open_facts import FactOutcome, OpenFacts
from allocator.model.query import NO_LIMIT
from allocator.model.status import Status
from allocator.problem.arrays import Matrix
from allocator.solve import Clock
from allocator.solve.parts import Stopped
from allocator.solve.solvers import asked
from allocator.solve.subproblem import Backend, Subproblem
from allocator.words import Say

Row = tuple[dict[int, int], int, int]  # coefficients by column, lower, upper


class Adversary:
    """All outcomes of the stated set but those that were covered."""

    def __init__(self, facts: OpenFacts, effects: Effects) -> None:
        self.facts, self.effects = facts, effects
        self.columns = len(facts.flags)
        self.rows: list[Row] = [
            (dict.fromkeys(count.flags, 1), count.at_least, count.at_most) for count in facts.counts
        ]
        self.cost = [0] * self.columns
        self.terms = [self._switch(number) for number in range(len(effects.switches))]
        self.sizes = Counter(effects.classes)

    def _switch(self, number: int) -> tuple[int, int, int]:
        """A switch as constant + sign * column: 1 where it holds."""
        switch = self.effects.switches[number]
        if switch.helps is not None:
            (flag,) = switch.flags
            self.cost[flag] += 1 if switch.helps else -1
            return (0, 1, flag) if switch.helps else (1, -1, flag)
        own = self._column()
        for values in _all(len(switch.flags)):
            # apart: in how many flags an outcome differs from these values. y = 1 or y = 0 where it is none
            entries = {flag: -1 if value else 1 for flag, value in zip(switch.flags, values, strict=True)}
            apart = sum(values)
            if values in switch.on:
                self.rows.append(({own: 1, **entries}, 1 - apart, NO_LIMIT))
            else:
                self.rows.append(({own: 1, **{f: -c for f, c in entries.items()}}, -NO_LIMIT, apart))
        return 0, 1, own

    def _column(self) -> int:
        self.columns += 1
        self.cost.append(0)
        return self.columns - 1

    def cover(self, outcome: FactOutcome, relied: Sequence[int]) -> None:
        """A plan for this outcome is known; it relies on these switches."""
        row: dict[int, int] = {}
        least = 1

        def add(constant: int, sign: int, column: int) -> None:
            nonlocal least
            row[column] = row.get(column, 0) + sign
            least -= constant

        if self.effects.read_by:
            for flag, value in enumerate(outcome):
                add(*((1, -1, flag) if value else (0, 1, flag)))
            self.rows.append((row, least, NO_LIMIT))
            return
        switches, classes = self.effects.switches, self.effects.classes
        for number, switch in enumerate(switches):
            if switch.minded or (number in relied and self.sizes[classes[number]] == 1):
                constant, sign, column = self.terms[number]
                add(*((1 - constant, -sign, column) if switch.holds(outcome) else (constant, sign, column)))
        used = Counter(classes[number] for number in relied if self.sizes[classes[number]] > 1)
        for own, count in used.items():
            # z = 1 only where fewer than `count` of the class hold:  held <= size - (size - count + 1) z
            size, short = self.sizes[own], self._column()
            held: dict[int, int] = {short: size - count + 1}
            given = 0
            for number in (n for n, c in enumerate(classes) if c == own):
                constant, sign, column = self.terms[number]
                held[column] = held.get(column, 0) + sign
                given += constant
            self.rows.append((held, -NO_LIMIT, size - given))
            add(0, 1, short)
        self.rows.append((row, least, NO_LIMIT))

    def propose(self, engine: Backend, clock: Clock) -> FactOutcome | None:
        """An outcome that is left, with as little of what helps as can be; None where it is proved that none is left."""
        if any(low > 0 or high < 0 for row, low, high in self.rows if not any(row.values())):
            return None
        rows = [row for row in self.rows if any(row[0].values())]
        entries = [(r, column, value) for r, (row, _, _) in enumerate(rows) for column, value in row.items() if value]
        row, column, value = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        zero = np.zeros(self.columns, np.int64)
        part = Subproblem(
            Matrix.of(len(rows), row, column, value),
            np.array([low for _, low, _ in rows], np.int64),
            np.array([high for _, _, high in rows], np.int64),
            zero,
            zero + 1,
            np.array(self.cost, np.int64),
        )
        outcome = asked(engine, part, clock, about=Say("faults.lost.outcome"))
        if outcome.status == Status.INFEASIBLE:
            return None
        if outcome.x is None:
            raise Stopped
        return tuple(bool(x) for x in outcome.x[: len(self.facts.flags)])


def _all(count: int) -> list[tuple[bool, ...]]:
    return [tuple(bool(number >> i & 1) for i in range(count)) for number in range(2**count)]
