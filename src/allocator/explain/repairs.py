"""The cheapest changes that make a plan possible, each tried on a model that was really changed.

Lives here: which rules may be changed, at what price, by whom; several repairs, ranked; how far each promise alone gives way.
Not here: the programme behind them (elastic.py), the words of a change (`Rule.eased`), how they are told (report/repairs.py).

What is marked `waivable: false` is never touched, nor is a signed year or who is eligible. Where something is marked
`waivable: true`, repairs keep to that, as long as it is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, islice, product
from typing import Any

from allocator.database import Database
from allocator.explain.conflict import hard_rules
from allocator.explain.elastic import Elastic, Least, Lever
from allocator.explain.feasibility import Feasibility, apart, joined_rows
from allocator.faults import InputError
from allocator.model.eased import Move, Side
from allocator.model.fields import Decider
from allocator.model.model import Model
from allocator.model.query import Ints, Label
from allocator.model.rule import Judged, Rule
from allocator.model.status import Status
from allocator.problem import Problem, compile
from allocator.solve import Clock
from allocator.solve.feasible import some_plan
from allocator.solve.parts import Stopped
from allocator.solve.subproblem import Backend

DECIDERS: tuple[Decider, ...] = ("panel", "department", "government")
DEARER = 4  # repairs that cost more than so many times the cheapest are not told
MOST_WORDINGS = 4  # ways to write one repair that are tried


@dataclass(frozen=True)
class Change:
    """A bound that gives way: `at_least` is `by` lower than `bound`, or `at_most` so much higher, in declared figures.

    exactly: both bounds were one. bound is None where it moves with what is awarded: `by` is then what is missed.
    """

    rule: Rule
    label: Label
    move: Move
    bound: Fraction | None
    exactly: bool = False

    @property
    def new(self) -> Fraction | None:
        return None if self.bound is None else self.bound + self.move.signed


@dataclass(frozen=True)
class Repair:
    """Changes that together make a plan possible; what they cost, who can decide all of them.

    scenario: what a scenario says so that it is so, tried: the model with it has a plan. None: no words for it were found.
    whole: rules of which that scenario changes more than these groups.
    """

    changes: tuple[Change, ...]
    cost: Fraction
    decider: Decider
    scenario: Mapping[str, Any] | None
    whole: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """How far one rule must give way while all that share awards with it hold.

    changes is None where even that does not help: proved or not. alike: by how much where all its groups give way alike, the
    bounds (at_least, at_most) that move; empty where one group is enough, or nothing is known.
    """

    rule: Rule
    changes: tuple[Change, ...] | None
    cost: Fraction
    proved: bool
    alike: Mapping[Side, int]


@dataclass(frozen=True)
class Repairs:
    """found: the cheapest first, each touching other rules than those before. cost: the least, proved; None: none is known.

    complete: no other set of rules mends it for up to DEARER times the least, in none of the `parts` that share no award.
    status: infeasible where it is proved that what may be changed is not enough. beyond: what is marked as waivable is not, and
    other rules are touched. out_of_reach: bodies that cannot decide any repair by themselves, proved.
    """

    status: Status
    found: tuple[Repair, ...]
    cost: Fraction | None
    complete: bool
    parts: int
    beyond: bool
    out_of_reach: tuple[Decider, ...]
    promises: tuple[Promise, ...]
    solves: int


def decider(rule: Rule) -> Decider:
    """Who can change a rule: as it is declared, else by where it comes from."""
    if rule.decided_by is not None:
        return rule.decided_by
    if rule.ours or rule.by_hand() is not None:
        return "panel"
    return "department" if rule.clause is None else "government"


def repairs(
    problem: Problem, solver: Backend, clock: Clock, *, most: int = 3, promises: Sequence[str] = (), bodies: bool = True
) -> Repairs:
    """Repairs of a problem without a plan, at most so many. promises: ids of rules that are asked alone."""
    search = _RepairSearch(problem, solver, clock)
    status, least, beyond = search.least()
    alone = tuple(search.alone(rule) for rule in promises)
    if not least:
        return Repairs(status, (), None, False, len(search.parts), beyond, (), alone, search.asked.solves)
    ways, complete = search.ways(least, most)
    out: list[Decider] = []
    if bodies:
        own, out = search.of_each_body(ways)
        ways = [*ways, *own]
    order = {body: number for number, body in enumerate(DECIDERS)}
    found = sorted((search.made(one) for one in ways), key=lambda one: (one.cost, order[one.decider], len(one.changes)))
    return Repairs(
        Status.OPTIMAL,
        tuple(found),
        _cost(least),
        complete,
        len(search.parts),
        beyond,
        tuple(out),
        alone,
        search.asked.solves,
    )


def _cost(parts: Sequence[Least]) -> Fraction:
    return sum((one.cost for one in parts), Fraction(0))


def cheapest(problem: Problem, solver: Backend, clock: Clock, most: int) -> tuple[list[tuple[Change, ...]], bool]:
    """All repairs that cost the least, bound by bound, at most so many; whether these are proved to be all."""
    search = _RepairSearch(problem, solver, clock)
    _, least, _ = search.least()
    complete = bool(least)
    each = []
    for part, one in zip(search.parts, least, strict=False):
        found = [one]
        while len(found) < most:
            status, other = part.as_cheap(found, one.cost)
            if other is None:
                complete &= status == Status.INFEASIBLE
                break
            found.append(other)
        complete &= len(found) < most
        each.append([search.changes(part, held) for held in found])
    together = islice(product(*each), most + 1) if least else ()
    listed = [tuple(change for part in whole for change in part) for whole in together]
    return listed[:most], complete and len(listed) <= most


class _RepairSearch:
    """The parts of a problem that have no plan, each with bounds that may move."""

    def __init__(self, problem: Problem, solver: Backend, clock: Clock) -> None:
        self.problem, self.solver, self.clock = problem, solver, clock
        self.asked = Feasibility(problem, solver, clock)
        hard = hard_rules(problem)
        parts = apart(self.asked, {rule: self.asked.rows_of([rule]) for rule in hard})
        rows = [joined_rows(part.values()) for part in parts]
        self.broken = [own for own in rows if not self.asked.status(own).planned]
        self.open = {i for i in hard if problem.rules[i].waivable is not False}
        self.marked = {i for i in hard if problem.rules[i].waivable}
        self._may_move(self.marked or self.open)

    def _may_move(self, movable: Collection[int]) -> None:
        self.movable = set(movable)
        self.parts = [self._elastic(rows, movable) for rows in self.broken]

    def _elastic(self, rows: Ints, movable: Collection[int]) -> Elastic:
        rules = self.problem.rules

        def price(rule: int) -> Fraction | None:
            return Fraction(rules[rule].change_weight or 1) if rule in movable else None

        return Elastic(self.asked, rows, price)

    def least(self) -> tuple[Status, list[Least], bool]:
        """The cheapest repair of each part; whether it touches what is not marked, since what is marked is not enough."""
        status, found = self._of_all(None)
        if status == Status.INFEASIBLE and self.marked and self.marked != self.open:
            self._may_move(self.open)
            return *self._of_all(None), True
        return status, found, False

    def _of_all(self, rules: Collection[int] | None) -> tuple[Status, list[Least]]:
        """The cheapest repair of each part by moves of these rules; nothing where one of the parts has none."""
        found = []
        for part in self.parts:
            status, least = part.least(rules)
            if least is None:
                return status, []
            found.append(least)
        return Status.OPTIMAL, found

    def ways(self, least: Sequence[Least], most: int) -> tuple[list[list[Least]], bool]:
        """The cheapest repair, then those that touch other rules in one of the parts; whether there are no more."""
        total = sum((one.cost for one in least), Fraction(0))
        ways, complete = [list(least)], True
        for number, part in enumerate(self.parts):
            found = [least[number]]
            while len(found) < most:
                status, other = part.others(found, least[number].cost + total * (DEARER - 1))
                if other is None:
                    complete &= status == Status.INFEASIBLE
                    break
                found.append(other)
                ways.append([*least[:number], other, *least[number + 1 :]])
            complete &= len(found) < most
        ways.sort(key=_cost)
        return ways[:most], complete and len(ways) <= most

    def of_each_body(self, ways: Sequence[Sequence[Least]]) -> tuple[list[list[Least]], list[Decider]]:
        """For bodies of which no repair is known yet, the cheapest that they can decide; and those that can decide none."""
        more: list[list[Least]] = []
        out: list[Decider] = []
        for number, body in enumerate(DECIDERS[:-1]):
            own = {r for r in self.movable if decider(self.problem.rules[r]) in DECIDERS[: number + 1]}
            if any({lever[0] for one in way for lever in one.moves} <= own for way in [*ways, *more]):
                continue
            status, found = self._of_all(own) if own else (Status.INFEASIBLE, [])
            if found:
                more.append(found)
            elif status == Status.INFEASIBLE:
                out.append(body)
        return more, out

    def alone(self, rule: str) -> Promise:
        """How far a rule gives way while all that are tied to it hold, whoever may change it."""
        index = next(i for i, one in enumerate(self.problem.rules) if one.id == rule)
        own = [rows for rows in self.broken if index in self.problem.row_rule[rows]]
        only = [self._elastic(rows, {index}) for rows in own]
        answers = [part.least() for part in only]
        proved = all(status in (Status.OPTIMAL, Status.INFEASIBLE) for status, _ in answers)
        held = [found for _, found in answers if found is not None]
        changes = tuple(
            change
            for part, (_, found) in zip(only, answers, strict=True)
            if found
            for change in self.changes(part, found)
        )
        alike = self._alike(index, own) if len({change.label for change in changes}) > 1 else {}
        known = changes if len(held) == len(answers) else None
        return Promise(self.problem.rules[index], known, _cost(held), proved, alike)

    def _alike(self, index: int, parts: Sequence[Ints]) -> dict[Side, int]:
        """By how much the bounds of all groups of a rule move alike."""
        by: dict[Side, int] = {}
        for rows in parts:
            _, least = Elastic(self.asked, rows, lambda i: Fraction(1) if i == index else None, alike=True).least()
            for (_, _, side), moved in least.moves.items() if least is not None else ():
                by[side] = max(by.get(side, 0), moved)
        return by

    # What was found -------------------------------------------------------------------------------------------------------

    def changes(self, part: Elastic, least: Least) -> tuple[Change, ...]:
        """The moves as changes of bounds; of a bound that is a part of what is awarded, with the part that is reached."""
        recounted: dict[int, dict[Label, Judged]] = {}

        def change(lever: Lever, by: int) -> Change:
            index, label, side = lever
            rule, reached = self.problem.rules[index], None
            if rule.bound_moves:
                if index not in recounted:
                    made = Database(self.problem.model, self.problem.allocation(least.amounts))
                    recounted[index] = {one.label: one for one in rule.audit(made)}
                one = recounted[index].get(label)
                if one is not None and one.found is not None and one.whole:
                    reached = one.found / one.whole
            judged = part.judged.get(index, {}).get(label)
            bound = None if judged is None or rule.bound_moves else getattr(judged, side)
            exactly = bound is not None and judged is not None and judged.at_least == judged.at_most
            return Change(rule, label, Move(label, side, Fraction(by), reached), bound, exactly)

        ordered = sorted(least.moves.items(), key=lambda item: (self.problem.rules[item[0][0]].id, str(item[0][1:])))
        return tuple(change(lever, by) for lever, by in ordered)

    def made(self, way: Sequence[Least]) -> Repair:
        pairs = zip(self.parts, way, strict=True)
        changes = tuple(change for part, one in pairs for change in self.changes(part, one))
        who = max((DECIDERS.index(decider(one.rule)) for one in changes), default=0)
        scenario, whole = self._worded(changes)
        return Repair(changes, _cost(way), DECIDERS[who], scenario, whole)

    def _worded(self, changes: Sequence[Change]) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
        """A scenario that makes these changes and has a plan, as it was tried."""
        model = self.problem.model
        each = []
        for _, own in groupby(changes, key=lambda change: change.rule.id):
            held = list(own)
            worded = held[0].rule.eased(self.problem.tables, model, [one.move for one in held])
            each.append((held[0].rule, list(islice(worded, MOST_WORDINGS))))
        for number in range(max((len(worded) for _, worded in each), default=0)):
            chosen = [(rule, worded[min(number, len(worded) - 1)]) for rule, worded in each]
            scenario = self._together(chosen, changes)
            if self._has_a_plan(model, scenario):
                return scenario, tuple(rule.id for rule, part in chosen if _whole(rule, part))
        return None, ()

    def _together(self, chosen: Sequence[tuple[Rule, Mapping[str, Any]]], changes: Sequence[Change]) -> dict[str, Any]:
        """One scenario of several; where two change one value (members of a family), the second one goes on from the first."""
        scenario: dict[str, Any] = {}
        for rule, worded in chosen:
            part = worded
            if set(part.get("set", ())) & set(scenario.get("set", ())):
                model = self.problem.model.changed(scenario)
                again = next(one for one in model.rules if one.id == rule.id)
                moves = [change.move for change in changes if change.rule.id == rule.id]
                part = next(iter(again.eased(Database(model), model, moves)))
            for key, held in part.items():
                scenario.setdefault(key, {}).update(held)
        return scenario

    def _has_a_plan(self, model: Model, scenario: Mapping[str, Any]) -> bool:
        if self.clock.over:
            return False
        self.asked.solves += 1
        try:
            changed = model.changed(scenario)
            bare = replace(changed, policy=changed.policy.model_copy(update={"objectives": (), "indicators": ()}))
            return some_plan(compile(bare), self.solver, self.clock) is not None
        except (InputError, Stopped):
            return False


def _whole(rule: Rule, part: Mapping[str, Any]) -> bool:
    """Whether these words change the rule as a whole, and not some of its groups. A decision by hand is of one cell."""
    if rule.by_hand() is not None:
        return False
    return part.get("rules", {}).get(rule.id) == "drop" or any(key.endswith(".repeat") for key in part.get("set", {}))
