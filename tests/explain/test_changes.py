# mypy: disable-error-code="no-untyped-call,attr-defined,arg-type"
"""What would have to change: on small worlds, the first values and the smallest moves with each of the three words are those of
all plans."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from random import Random

import pytest
from tests.explain.test_along import several, solved
from tests.oracle.enumeration import Fault, Reading, TooLarge, text
from tests.oracle.expressions import evaluate, names
from tests.oracle.generator import world
from tests.oracle.otherwise import changed, value_of

from allocator.database import Database
from allocator.explain import changes as room
from allocator.explain.changes import NOWHERE, Changes, Found, OfBound, OfRule, Standing
from allocator.explain.datum import Steps
from allocator.explain.pairs import pairs
from allocator.faults import InputError
from allocator.load import load
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

CHUNK = 20
WIDE = 4  # steps on both sides


def standing(reading, key):
    """(some best plan has the award, every one has, that of the draw has) over all plans; NOWHERE where there is no plan."""
    try:
        every = reading.allocations()
        best = every[reading.admissible(every)]
        answer = reading.answer()
    except Fault:
        return NOWHERE
    if answer.status != "optimal" or key not in reading.cells:
        return NOWHERE
    having = reading.equal(best)[:, list(reading.cells).index(key)] > 0
    return Standing(bool(having.any()), bool(having.all()), key in {award[:3] for award in answer.plan})


# Figures ----------------------------------------------------------------------------------------------------------------


def agrees(seed, seen):
    known = solved(seed)
    if known is None:
        return
    asked, model, best, proofs = known
    reading = Reading(asked.policy, asked.files)
    refused = [cell for cell in reading.cells if cell not in best.amounts]
    Random(seed).shuffle(refused)
    for key in refused[:2]:
        now = standing(reading, key)
        found = Changes(Database(model, best), best, key, Clock(Limits(threads=1)), proofs, tied=now.possible)
        for datum in found.data()[:2]:
            own = Decimal(value_of(asked, datum))
            told = figure(found, datum, Steps(own - WIDE, Decimal(1), 2 * WIDE + 1))
            values = [own + n for n in range(-WIDE, WIDE + 1)]
            wanted = {value: now if value == own else standing_at(asked, datum, value, key) for value in values}
            judged(told, wanted, own, seen)


def standing_at(asked, datum, value, key):
    try:
        return standing(Reading(*changed(asked, datum, value)), key)
    except Fault:
        return NOWHERE


def judged(told, wanted, now, seen):
    """The nearest value with each word; the award stays from `drawn` to `until`."""
    for word in ("possible", "certain", "drawn"):
        having = [value for value in wanted if getattr(wanted[value], word)]
        first = min((abs(value - now) for value in having), default=None)
        own = getattr(told, word)
        assert (None if own is None else abs(own - now)) == first, (told, word, wanted)
        assert own is None or own in having, (told, word, wanted)
        seen[word if having else f"not {word}"] += 1
    if told.drawn is not None:
        low, high = sorted((told.drawn, told.until))
        assert all(wanted[value].drawn for value in wanted if low <= value <= high), (told, wanted)


def figure(found, datum, steps):
    held = room.steps_of
    room.steps_of = lambda *_: steps
    try:
        return found.of_figure(datum)
    finally:
        room.steps_of = held


EVERY = [pytest.param(range(first, first + CHUNK), marks=pytest.mark.thorough) for first in range(0, 200, CHUNK)]


@pytest.mark.parametrize("worlds", [(6, 87), *EVERY])
def test_the_first_values_with_each_word_are_those_of_all_plans(worlds):
    """World 87: whoever may have less of an amount has some of it all the same. Thorough, as of the two below: 200 worlds."""
    seen: Counter[str] = several(worlds, agrees)
    assert len(worlds) == CHUNK or (seen["possible"] and seen["certain"] and seen["drawn"] and seen["not possible"]), (
        seen
    )


# Bounds, rules, conditions ------------------------------------------------------------------------------------------------


class Eased(Reading):
    """A world in which bounds of groups, (rule, label), are so much wider, or a unit need not meet one condition of a program."""

    def __init__(self, asked, moves=(), unit="", program="", condition=-1):
        self.moves = {(rule, tuple(map(str, label))): by for (rule, label), by in dict(moves).items()}
        self.spared = unit, program, condition
        super().__init__(asked.policy, asked.files)

    def quota(self, program, period):
        low, high = super().quota(program, period)
        by = self.moves.get((f"{program}.quota", (str(period),)), 0)
        if "exactly" in self.limits(program, period):
            return low + by, high + by
        return (low, high + by) if high is not None else (low if low is None else low - by, high)

    def judge(self, rule, x):
        found = super().judge(rule, x)
        (kind,) = [key for key in rule if isinstance(rule[key], dict) and key not in ("soft", "text")]
        exactly = "exactly" in rule[kind] or isinstance(rule[kind].get("award"), int)
        return [self._eased(one, exactly, self._by(rule, one)) for one in found]

    def _by(self, rule, one):
        if "fix" in rule:
            return next((by for (name, _), by in self.moves.items() if name == rule["id"]), 0)
        return self.moves.get((rule["id"], tuple(map(str, one.label))), 0)

    def _eased(self, one, exactly, by):
        if exactly:
            return replace(one, lower=one.lower + by, upper=one.upper + by)
        if one.upper is not None:
            return replace(one, upper=one.upper + by)
        return replace(one, lower=one.lower - by) if one.lower is not None else one

    def _is_eligible(self, cell):
        unit, program, condition = self.spared
        asked = [text(one["if"]) for one in self.programs[cell[1]].get("eligible", ())]
        if cell[:2] == (unit, program):
            asked = [sql for n, sql in enumerate(asked) if n != condition]
        return all(any(evaluate(sql, row) is True for row in self.rows(names(sql), *cell)) for sql in asked)


def loaded(seed, folder):
    """A world with its model as files have it, and its best plan; None where it has none, or makes no draw."""
    asked = world(seed)
    try:
        reading = Reading(asked.policy, asked.files)
        reading.allocations()
        model = load(asked.write(folder / str(seed)), look=False)
        solution = solve(compile(model), limits=Limits(threads=1))
    except (InputError, TooLarge):
        return None
    if solution.allocation is None or solution.status != "optimal" or model.policy.seed is None:
        return None
    return asked, reading, model, solution


def bounds_of(tables):
    """Bounds that enumeration moves too."""
    kinds = ("per_unit", "repeat", "requires", "order", "keep")
    return [
        (rule, one.label) for rule in tables.rules_in_force() if rule.kind not in kinds for one in rule.audit(tables)
    ]


def bounds_agree(seed, seen, folder, most):
    """Of some refused decisions: some bounds, some rules, some conditions."""
    known = loaded(seed, folder)
    if known is None:
        return
    asked, reading, model, solution = known
    random, best = Random(seed), solution.allocation
    refused = [cell for cell in reading.cells if cell not in best.amounts]
    random.shuffle(refused)
    tables = Database(model, best)
    levers = bounds_of(tables)
    for key in refused[:most]:
        found = Changes(tables, best, key, Clock(Limits(threads=1)), (solution.proofs,))
        for rule, label in random.sample(levers, min(2 * most, len(levers))):
            for told in found.of_bound(rule, label):
                tried = [standing(Eased(asked, {(rule.id, label): by}), key) for by in (1, 2, 3)]
                first = next((n for n, one in enumerate(tried) if one.possible), len(tried) - 1)
                assert (int(told.move.by), told.standing) == (first + 1, tried[first]), (
                    seed,
                    key,
                    rule.id,
                    label,
                    tried,
                )
                seen[f"{rule.kind} {'possible' if told.standing.possible else 'not enough'}"] += 1
        for rule in random.sample(list(tables.rules_in_force()), min(most, len(tables.rules_in_force()))):
            for left in found.of_rule(rule):
                without = asked.with_policy(rules=[r for r in asked.policy["rules"] if r["id"] != rule.id])
                assert left.standing == standing(Reading(without.policy, asked.files), key), (seed, key, rule.id)
                seen[f"without {left.standing.possible}"] += 1
    outside = [cell for cell in reading.candidates(tuple(reading.programs)) if cell not in reading.cells]
    random.shuffle(outside)
    for key in [cell for cell in outside if cell[2] > reading.closed_through][:most]:
        found = Changes(tables, best, key, Clock(Limits(threads=1)), (solution.proofs,))
        for condition in range(len(reading.programs[key[1]].get("eligible", ()))):
            spared = found.of_condition(condition)
            eased = Eased(asked, unit=key[0], program=key[1], condition=condition)
            assert spared.standing == standing(eased, key), (seed, key, condition)
            seen[f"condition {spared.standing.possible}"] += 1


SEEN = {"quota possible", "quota not enough", "without True", "without False", "condition True"}


@pytest.mark.parametrize("worlds", [(0, 2, 8), *EVERY])
def test_the_smallest_move_of_a_bound_is_that_of_all_plans(worlds, tmp_path):
    seen = several(worlds, lambda seed, seen: bounds_agree(seed, seen, tmp_path, 2))
    assert seen.keys() >= SEEN or len(worlds) == CHUNK, seen


# Two at once ------------------------------------------------------------------------------------------------------------


def pairs_agree(seed, seen, folder):
    """Of a decision that a condition or a choice refused: every pair of some levers that alone are not enough."""
    known = loaded(seed, folder)
    if known is None:
        return
    asked, reading, model, solution = known
    random, best, tables = Random(seed), solution.allocation, Database(model, solution.allocation)
    outside = [cell for cell in reading.candidates(tuple(reading.programs)) if cell not in reading.cells]
    refused = [
        cell for cell in (*reading.cells, *outside) if cell not in best.amounts and cell[2] > reading.closed_through
    ]
    for key in random.sample(refused, min(2, len(refused))):
        changes = Changes(tables, best, key, Clock(Limits(threads=1)), (solution.proofs,))
        levers, rules = bounds_of(tables), list(tables.rules_in_force())
        bounds = [one for pair in random.sample(levers, min(4, len(levers))) for one in changes.of_bound(*pair)]
        without = [one for rule in random.sample(rules, min(3, len(rules))) for one in changes.of_rule(rule)]
        if key not in reading.cells:
            without.append(changes.of_condition(random.randrange(len(reading.programs[key[1]]["eligible"]))))
        found = pairs(changes, Found((), tuple(bounds), tuple(without), 0, True))
        alone = [
            *(one for one in bounds if not one.standing.possible),
            *(w for w in without if not w.standing.possible),
        ]
        wanted = {frozenset(map(named, pair)): both(asked, key, pair) for pair in combinations(alone, 2)}
        enough = {frozenset((named(one.one), named(one.two))): one.standing for one in found.found}
        assert enough == {pair: one for pair, one in wanted.items() if one is not None and one.possible}, (seed, key)
        assert found.complete and found.asked == sum(one is not None for one in wanted.values()), (seed, key)
        seen["enough"] += len(enough)
        seen["not enough"] += found.asked - len(enough)


def named(lever):
    return (
        (lever.rule.id, lever.move.label)
        if isinstance(lever, OfBound)
        else (lever.rule and lever.rule.id, lever.condition)
    )


def both(asked, key, pair):
    """What two levers bring together, over all plans; None where one of them is in the other."""
    moved = {(one.rule.id, one.move.label): 1 for one in pair if isinstance(one, OfBound)}
    out = {one.rule.id for one in pair if isinstance(one, OfRule) and one.rule is not None}
    if out & {rule for rule, _ in moved}:
        return None
    policy = asked.with_policy(rules=[rule for rule in asked.policy["rules"] if rule["id"] not in out])
    condition = next((one.condition for one in pair if isinstance(one, OfRule) and one.rule is None), -1)
    return standing(Eased(policy, moved, key[0], key[1], condition), key)


@pytest.mark.parametrize("worlds", [(32, 38), *EVERY])
def test_pairs_of_levers_that_alone_are_not_enough_are_those_of_all_plans(worlds, tmp_path):
    seen = several(worlds, lambda seed, seen: pairs_agree(seed, seen, tmp_path))
    assert len(worlds) == CHUNK or (seen["enough"] and seen["not enough"]), seen
