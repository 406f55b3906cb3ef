"""Why a unit has what it has: of each program and year what settled it, what the opposite would lose, and who would move then.

Lives here: putting together, for one unit or the units of a group, what is known of its decisions.
Not here: the losses, nearest plans and thresholds themselves (firmness.py, nearest.py, cutoffs.py, sharing.py), the words
(report/why.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from allocator.audit.not_awarded import Reason, outcomes
from allocator.database import Database
from allocator.explain.cutoffs import Cell
from allocator.explain.firmness import Opposite
from allocator.explain.nearest import Contrast
from allocator.explain.sharing import Sharing
from allocator.model.allocation import Allocation
from allocator.model.objective import Objective
from allocator.model.query import Label
from allocator.model.rule import ByHand, Rule

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Opposed:
    """An opposite decision with the nearest plan that has it; None where no plan has it."""

    opposite: Opposite
    nearest: Contrast | None


@dataclass(frozen=True)
class Settled:
    """At what stage it was settled that a unit gets nothing of a program in a year."""

    unit: str
    program: str
    period: int
    reason: Reason


def all_settled(tables: Database, unit: str | None = None) -> tuple[Settled, ...]:
    """Of every candidate without an award, or of one unit's; `tables` holds the awards."""
    found = []
    for one in outcomes(tables):
        for at, period, reason in zip(one.unit.tolist(), one.period.tolist(), one.reason.tolist(), strict=True):
            if unit in (None, one.units[at]):
                found.append(Settled(one.units[at], one.program, period, one.reasons[reason]))
    return tuple(found)


@dataclass(frozen=True)
class Decision:
    """One unit, program and year. `settled`: of one without an award, at what stage (audit/not_awarded.py).

    more, less: what one more or one less would lose; None where it is no decision (not eligible, signed, at its limit). cell:
    what score was needed, for a yes/no decision; sharing: how its places were shared out. by_hand: who decided it.
    """

    unit: str
    program: str
    period: int
    amount: int
    settled: Reason | None = None
    more: Opposed | None = None
    less: Opposed | None = None
    cell: Cell | None = None
    sharing: Sharing | None = None
    by_hand: ByHand | None = None

    @property
    def chosen(self) -> bool:
        """Whether a choice among those who could have it settled it."""
        return self.settled is None or self.settled.stage in ("not-chosen", "repeat")


class Why:
    """The decisions of a plan. tables: with the awards; the rest: what is known of all units, or of those asked for."""

    def __init__(
        self,
        tables: Database,
        plan: Allocation,
        opposed: Iterable[Opposed],
        cells: Iterable[Cell],
        sharings: Iterable[Sharing],
        settled: Iterable[Settled],
    ) -> None:
        self.tables, self.model = tables, tables.model
        self._plan = plan.amounts
        self._opposed = {
            (one.opposite.unit, one.opposite.program, one.opposite.period, one.opposite.way): one for one in opposed
        }
        self._cells = {(cell.unit, cell.program, cell.period): cell for cell in cells}
        self._rules = tables.rules_in_force()
        self._by_hand = [made for rule in self._rules if (made := rule.by_hand()) is not None]
        self._settled = {(one.unit, one.program, one.period): one.reason for one in settled}
        self._sharings = self._by_cell(sharings)

    @property
    def declared(self) -> Mapping[str, Rule | Objective]:
        """Rules and objectives by their ids."""
        return {**{one.id: one for one in self.model.policy.objectives}, **{rule.id: rule for rule in self._rules}}

    def of(self, unit: str, program: str | None = None, period: int | None = None) -> tuple[Decision, ...]:
        """The decisions about a unit, in the order of programs and years."""
        return tuple(
            self._decision(unit, name, at)
            for name in self.model.programs
            for at in self.model.policy.periods
            if program in (None, name) and period in (None, at)
        )

    def in_the_way(self, one: Decision, forced: Iterable[tuple[Rule, Label]] = ()) -> list[tuple[Rule, Label]]:
        """The rules that raise a decision's threshold or force it, each with the group; the program's own places first."""
        rules = {rule.id: rule for rule in self._rules}
        found: dict[tuple[str, Label], Rule] = {}
        for rule in self._rules:
            if rule.plans() == one.program:
                found[rule.id, (one.period,)] = rule
        if one.cell is not None:
            for amount in one.cell.amounts:
                if amount.rule and (amount.by > 0) != one.cell.less and amount.label and amount.source in rules:
                    found.setdefault((amount.source, amount.label), rules[amount.source])
        for rule, label in forced:
            found.setdefault((rule.id, label), rule)
        return [(rule, label) for (_, label), rule in found.items()]

    def _decision(self, unit: str, program: str, period: int) -> Decision:
        key = unit, program, period
        hands = [one for one in self._by_hand if (one.unit, one.program) == key[:2] and one.period in (None, period)]
        return Decision(
            *key,
            amount=self._plan.get(key, 0),
            settled=None if self._plan.get(key) else self._settled.get(key),
            more=self._opposed.get((*key, 1)),
            less=self._opposed.get((*key, -1)),
            cell=self._cells.get(key),
            sharing=self._sharings.get(key),
            by_hand=hands[-1] if hands else None,
        )

    def _by_cell(self, sharings: Iterable[Sharing]) -> Mapping[Key, Sharing]:
        """Places that are shared out among single units, by unit, program and year; a year of its own or all years alike."""
        declared = {objective.id: objective for objective in self.model.policy.objectives}
        found: dict[Key, Sharing] = {}
        for one in sharings:
            objective = declared[one.objective]
            by = (*getattr(objective, "within", ()), *getattr(objective, "by", ()))
            programs = self.tables.programs(getattr(objective, "of", ("all",)))
            if "unit" not in by or len(programs) != 1 or "period" not in by:
                continue
            told = dict(zip(by, one.label, strict=True))
            found.setdefault((str(told["unit"]), programs[0], int(told["period"])), one)
        return found
