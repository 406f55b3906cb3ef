"""What would have to change so that a unit gets what it did not get: the smallest change of one thing, and what does not do.

Lives here: `Changes`: of one refused decision, its own figures, the bounds that stand in its way, rules without which it would
be otherwise, the condition that it fails; each tried by solving the changed model.
Not here: the plan along a figure (along.py), how a bound is put otherwise (model/eased.py), who decides a rule (repairs.py).

Three words. possible: some best plan has the award. certain: every best plan has it. drawn in: the plan of the published draw
has it. One thing is changed at a time. What happened before the plan is no lever. Bounds are tried step by step, never halved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from allocator.certificate.chain import Chain, any_plan, chain_of
from allocator.database import Database
from allocator.explain.along import Along, Memory, Point, is_scale
from allocator.explain.contested import NoSuchDatum, datum_of
from allocator.explain.datum import Datum, Steps, Value, put, said_of, steps_of, value_of
from allocator.explain.firmness import firmness
from allocator.explain.read_columns import columns_read
from allocator.explain.repairs import decider
from allocator.faults import InputError
from allocator.model.allocation import Allocation
from allocator.model.eased import Move, Side, dropped, in_group
from allocator.model.fields import Decider
from allocator.model.model import Model
from allocator.model.proof import Proofs
from allocator.model.query import Label
from allocator.model.rule import Rule
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.solve import Clock, solve
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual

MOST_STEPS = 3  # of a bound that are tried, one after the other


@dataclass(frozen=True)
class Standing:
    """possible: some best plan has the award; certain: every one; drawn: that of the published draw."""

    possible: bool
    certain: bool
    drawn: bool


NOWHERE = Standing(False, False, False)


@dataclass(frozen=True)
class OfFigure:
    """A figure of the unit: from which value, nearest to the present one, the award is possible, certain, drawn in; None: for no
    value tried. until: how far the award stays, from `drawn` on. ends: the values that were looked at. proved: the values in
    between were settled too, so that less is not enough; else those that were asked alone.
    """

    datum: Datum
    now: Value
    possible: Value | None
    certain: Value | None
    drawn: Value | None
    until: Value | None
    ends: tuple[Value, Value]
    proved: bool
    by_unit: bool  # the unit reports it itself

    @property
    def reaches(self) -> bool:
        return self.possible is not None or self.certain is not None or self.drawn is not None


@dataclass(frozen=True)
class OfBound:
    """A bound of one group moved by `move.by`: what it brings. None of the smaller moves was enough."""

    rule: Rule
    move: Move
    standing: Standing
    who: Decider


@dataclass(frozen=True)
class OfRule:
    """The plan without a rule, or the unit without a condition (`condition`: its number)."""

    rule: Rule | None
    condition: int | None
    standing: Standing
    who: Decider


@dataclass(frozen=True)
class Found:
    """What was tried; complete: no limit came first."""

    figures: tuple[OfFigure, ...]
    bounds: tuple[OfBound, ...]
    rules: tuple[OfRule, ...]
    solves: int
    complete: bool


class Changes:
    """The levers of one decision without an award. tables: with the awards of the plan; proofs: of it; tied: whether the draw
    alone decided against it."""

    def __init__(
        self,
        tables: Database,
        plan: Allocation,
        key: tuple[str, str, int],
        clock: Clock,
        proofs: tuple[Proofs, ...] = (),
        solver: str = "highs",
        *,
        tied: bool = False,
    ) -> None:
        self.tables, self.model, self.plan = tables, tables.model, plan
        self.key, self.tied = key, tied
        self.unit, self.program, self.period = key
        self.clock, self.proofs, self.solver = clock, proofs, solver
        self.memory, self.solves = Memory(), 0
        self.standings: dict[str, Standing] = {}  # by the key of the problem

    def all(self, rules: Iterable[tuple[Rule, Label]], condition: int | None) -> Found:
        """rules: those that stand in the way, with the group; condition: the number of the one that fails."""
        figures: list[OfFigure] = []
        bounds: list[OfBound] = []
        without: list[OfRule] = []
        complete = False
        with suppress(Stopped), punctual(self.clock):
            pairs = list(rules)
            for rule, label in pairs:
                bounds += self.of_bound(rule, label)
            for rule in {rule.id: rule for rule, _ in pairs if rule.by_hand() is None}.values():
                without += self.of_rule(rule)
            if condition is not None:
                without.append(self.of_condition(condition))
            for datum in self.data():
                figures.append(self.of_figure(datum))
            complete = True
        return Found(tuple(figures), tuple(bounds), tuple(without), self.solves, complete)

    # A model ----------------------------------------------------------------------------------------------------------

    def standing(self, model: Model) -> Standing:
        """Of the decision in another model. Raises Stopped."""
        try:
            problem = compile(model)
            found = solve(problem, solver=self.solver, clock=self.clock, known=self.proofs)
        except InputError:
            return NOWHERE  # a figure is lacking
        self.solves += 1
        if found.status == Status.INFEASIBLE:
            return NOWHERE
        if found.status != Status.OPTIMAL or found.allocation is None:
            raise Stopped
        amount = found.allocation.amounts.get(self.key, 0)
        own = amount > 0
        chain = chain_of(problem, found, self.clock)
        if chain is None:
            raise Stopped
        opposites = firmness(problem, chain, self.clock, found.solver, None, self.key).opposites
        other = any(one.drawn and (one.way < 0) == own for one in opposites)
        if other and amount > 1:  # less of it may still be some
            other = self._without(problem, chain)
        return Standing(own or other, own and not other, own)

    def _without(self, problem: Problem, chain: Chain) -> bool:
        """Whether some best plan has no award there at all."""
        (cell,) = (cell for cell in range(problem.cells) if problem.cell(cell) == self.key)
        if chain.left.lower[cell] > 0:
            return False
        none = chain.left.fixed(np.array([cell]), np.zeros(1, np.int64))
        return any_plan(none, self.clock, self.solver) is not None

    # Figures of the unit ----------------------------------------------------------------------------------------------

    def data(self) -> list[Datum]:
        """The numbers of this unit that its eligibility and the objectives about it read; nothing of the past."""
        policy, tables = self.model.policy, self.tables
        about = [one for one in policy.objectives if self.program in tables.programs(getattr(one, "of", ()))]
        reads = {read for one in (self.model.programs[self.program], *about) for read in columns_read(one, tables)}
        found = []
        for source, column in sorted(reads):
            if source.kind in ("units", "table") and "unit" in self.model.key_of(source):
                with suppress(NoSuchDatum):
                    datum = datum_of(self.model, self.unit, f"{source.called}.{column}", self.program, self.period)
                    if is_scale(self.model, datum) and value_of(self.model, datum) is not None:
                        found.append(datum)
        return found

    def of_figure(self, datum: Datum) -> OfFigure:
        along = Along(
            self.model, self.plan, datum, self.clock, proofs=self.proofs, solver=self.solver, memory=self.memory
        )
        now, steps = value_of(self.model, datum), steps_of(self.model, datum)
        ends = steps.value(0), steps.value(steps.count - 1)
        said = None if datum.source is None else said_of(self.model, datum.source, datum.column)
        by_unit = said is not None and said.reported_by == "unit"
        if not along.depends.read:  # no plan follows from it
            return OfFigure(datum, now, now if self.tied else None, None, None, None, ends, True, by_unit)
        ways = [self._way(along, steps, steps.place(now), last) for last in (steps.count - 1, 0)]
        self.solves += along.solves
        first = {word: _nearest(now, [way[word] for way in ways]) for word in ("possible", "certain", "drawn")}
        until = next(
            (way["until"] for way in ways if first["drawn"] is not None and way["drawn"] == first["drawn"]), None
        )
        proved = all(way["proved"] for way in ways)
        words = first["possible"], first["certain"], first["drawn"]
        return OfFigure(datum, now, *words, until, ends, proved, by_unit)

    def _way(self, along: Along, steps: Steps, place: int, last: int) -> dict[str, Any]:
        """From the present step to the last one on one side: the first value with each word.

        Between the ends of a proved part best plans are those that are best at both. So an award that is possible there is
        possible at both ends, and one that is certain at an end is certain there.
        """
        told: dict[str, Any] = {"possible": None, "certain": None, "drawn": None, "until": None, "proved": True}
        way = 1 if last >= place else -1
        stays: Point | None = None  # the plan from `drawn` on, as long as it is the plan
        for piece in along.parts(steps, place, last):
            told["proved"] = told["proved"] and piece.proved
            own = piece.point.plan is not None and self.key in piece.point.plan.amounts
            if own and told["drawn"] is None:
                told |= {"drawn": piece.start, "until": piece.end}
                stays = piece.point
            elif stays is not None and piece.proved and piece.point.same(stays):
                told["until"] = piece.end
            else:
                stays = None
            if told["certain"] is not None and stays is None:
                return told
            first, end = steps.place(piece.start), steps.place(piece.end)
            for at in dict.fromkeys([first, min(first + way, end) if way > 0 else max(first + way, end), end]):
                value = steps.value(at)
                found = self._at(along, value)
                for word in ("possible", "certain"):
                    if told[word] is None and getattr(found, word):
                        told[word] = value
        return told

    def _at(self, along: Along, value: Value) -> Standing:
        if value == value_of(self.model, along.datum):
            return Standing(self.tied, False, False)
        key = along.at(value).key
        if key not in self.standings:
            self.standings[key] = self.standing(put(self.model, along.datum, value))
        return self.standings[key]

    # Bounds, rules, conditions ----------------------------------------------------------------------------------------

    def of_bound(self, rule: Rule, label: Label) -> Iterator[OfBound]:
        """The smallest move of a bound of one group, of up to MOST_STEPS, that makes the award possible; else the last tried."""
        judged = next((one for one in rule.audit(self.tables) if one.label == label), None)
        if judged is None or rule.bound_moves:
            return
        for side in ("at_most", "at_least"):
            if getattr(judged, side) is not None:
                yield from self._moved(rule, label, side)
                return

    def _moved(self, rule: Rule, label: Label, side: Side) -> Iterator[OfBound]:
        for by in range(1, MOST_STEPS + 1):
            move = Move(label, side, Fraction(by))
            changed = self._changed(next(iter(rule.eased(self.tables, self.model, [move])), None))
            if changed is None:
                return
            standing = self.standing(changed)
            if standing.possible or by == MOST_STEPS:
                yield OfBound(rule, move, standing, decider(rule))
                return

    def of_rule(self, rule: Rule) -> Iterator[OfRule]:
        """The plan without a rule, where that can be said."""
        if rule.is_property:
            return
        changed = self._changed(dropped(rule.id))
        if changed is not None:
            yield OfRule(rule, None, self.standing(changed), decider(rule))

    def of_condition(self, condition: int) -> OfRule:
        """The plan where the unit need not meet one condition of the program."""
        policy = self.model.policy
        family = self.model.family_of.get(self.program)
        name = self.program if family is None else family
        declared = policy.programs[name]
        own = declared.eligible[condition]
        named = {"unit": self.unit} | ({} if family is None else {"program": self.program})
        where = in_group(list(named), tuple(named.values()))
        eased = own.model_copy(update={"condition": f"({own.condition}) or ({where})"})
        eligible = (*declared.eligible[:condition], eased, *declared.eligible[condition + 1 :])
        programs = {**policy.programs, name: declared.model_copy(update={"eligible": eligible})}
        model = replace(self.model, policy=policy.model_copy(update={"programs": programs}))
        who: Decider = "panel" if own.ours else "department" if own.clause is None else "government"
        return OfRule(None, condition, self.standing(model), who)

    def _changed(self, scenario: Mapping[str, Any] | None) -> Model | None:
        if scenario is None:
            return None
        try:
            return self.model.changed(scenario)
        except InputError:
            return None


def _nearest(now: Value, values: Sequence[Value | None]) -> Value | None:
    return min((value for value in values if value is not None), key=lambda value: abs(value - now), default=None)
