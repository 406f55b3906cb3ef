# mypy: disable-error-code="no-untyped-call,attr-defined,arg-type"
"""What would have to change: on small worlds, the first values and the smallest moves with each of the three words are those of
all plans."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from tests.explain.test_along import several, solved
from tests.oracle.enumeration import Fault, Reading, TooLarge, text
from tests.oracle.expressions import evaluate, names
from tests.oracle.generator import world
from tests.oracle.otherwise import changed, value_of

from allocator.database import Database
from allocator.explain import changes as room
from allocator.explain.changes import NOWHERE, Changes, Standing
from allocator.explain.datum import Steps
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


THOROUGH = [pytest.param(first, CHUNK, marks=pytest.mark.thorough) for first in range(0, 200, CHUNK)]


@pytest.mark.parametrize(("first", "number"), [(0, 8), (87, 1), *THOROUGH])
def test_the_first_values_with_each_word_are_those_of_all_plans(first, number):
    """World 87: whoever may have less of an amount has some of it all the same."""
    seen: Counter[str] = several(first, first + number, agrees)
    assert number == 1 or (seen["possible"] and seen["certain"] and seen["drawn"] and seen["not possible"]), seen


# Bounds, rules, conditions ------------------------------------------------------------------------------------------------


class Eased(Reading):
    """A world in which one bound of one group is so much wider, or a unit need not meet one condition of a program."""

    def __init__(self, asked, *, rule="", label=(), by=0, unit="", program="", condition=-1):
        self.rule, self.label, self.by = rule, tuple(map(str, label)), by
        self.spared = unit, program, condition
        super().__init__(asked.policy, asked.files)

    def quota(self, program, period):
        low, high = super().quota(program, period)
        if (self.rule, self.label) != (f"{program}.quota", (str(period),)):
            return low, high
        exactly = "exactly" in self.limits(program, period)
        if exactly:
            return low + self.by, high + self.by
        return (low, high + self.by) if high is not None else (low - self.by, high)

    def judge(self, rule, x):
        found = super().judge(rule, x)
        (kind,) = [key for key in rule if isinstance(rule[key], dict) and key not in ("soft", "text")]
        exactly = "exactly" in rule[kind] or isinstance(rule[kind].get("award"), int)
        return [self._eased(one, exactly) if self._meant(rule, one) else one for one in found]

    def _meant(self, rule, one):
        return rule["id"] == self.rule and (tuple(map(str, one.label)) == self.label or "fix" in rule)

    def _eased(self, one, exactly):
        if exactly:
            return replace(one, lower=one.lower + self.by, upper=one.upper + self.by)
        if one.upper is not None:
            return replace(one, upper=one.upper + self.by)
        return replace(one, lower=one.lower - self.by)

    def _is_eligible(self, cell):
        unit, program, condition = self.spared
        asked = [text(one["if"]) for one in self.programs[cell[1]].get("eligible", ())]
        if cell[:2] == (unit, program):
            asked = [sql for n, sql in enumerate(asked) if n != condition]
        return all(any(evaluate(sql, row) is True for row in self.rows(names(sql), *cell)) for sql in asked)


def bounds_agree(seed, seen, folder, most):
    """Of some refused decisions: some bounds, some rules, some conditions."""
    asked = world(seed)
    try:
        reading = Reading(asked.policy, asked.files)
        reading.allocations()
        model = load(asked.write(folder / str(seed)), look=False)
        solution = solve(compile(model), limits=Limits(threads=1))
    except (InputError, TooLarge):
        return
    if solution.allocation is None or solution.status != "optimal" or model.policy.seed is None:
        return
    random, best = Random(seed), solution.allocation
    refused = [cell for cell in reading.cells if cell not in best.amounts]
    random.shuffle(refused)
    tables = Database(model, best)
    levers = [
        (rule, one.label)
        for rule in tables.rules_in_force()
        if rule.kind not in ("per_unit", "repeat", "requires", "order", "keep")
        for one in rule.audit(tables)
    ]
    for key in refused[:most]:
        found = Changes(tables, best, key, Clock(Limits(threads=1)), (solution.proofs,))
        for rule, label in random.sample(levers, min(2 * most, len(levers))):
            for told in found.of_bound(rule, label):
                tried = [standing(Eased(asked, rule=rule.id, label=label, by=by), key) for by in (1, 2, 3)]
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


@pytest.mark.parametrize(("first", "number"), [(0, 10), *THOROUGH])
def test_the_smallest_move_of_a_bound_is_that_of_all_plans(first, number, tmp_path):
    seen = several(first, first + number, lambda seed, seen: bounds_agree(seed, seen, tmp_path, 2))
    assert seen.keys() >= SEEN or number == CHUNK, seen
