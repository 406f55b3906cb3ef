# mypy: disable-error-code="no-untyped-call,attr-defined,arg-type"
"""What would have to change: on small worlds, the first values with each of the three words are those of all plans."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from tests.explain.test_along import several, solved
from tests.oracle import otherwise
from tests.oracle.enumeration import Fault, Reading

from allocator.database import Database
from allocator.explain import changes as room
from allocator.explain.changes import Changes
from allocator.explain.datum import Steps, value_of
from allocator.solve import Clock, Limits

CHUNK = 20
WIDE = 4  # steps on both sides


def enumerated(asked, datum, value, key):
    """(some best plan has the award, every one has, that of the draw has) over all plans; None where there is no plan."""
    try:
        reading = Reading(*otherwise._with(asked, datum, value))
        every = reading.allocations()
        best = every[reading.admissible(every)]
        answer = reading.answer()
    except Fault:
        return None
    if answer.status != "optimal" or key not in reading.cells:
        return None
    for stage in reading.policy.get("objectives", ()):
        best = reading._best(stage, best, Fraction(0))
    having = best[:, list(reading.cells).index(key)] > 0
    return bool(having.any()), bool(having.all()), key in {award[:3] for award in answer.plan}


def agrees(seed, seen):
    known = solved(seed)
    if known is None or any(stage.get("give") for stage in known[0].policy.get("objectives", ())):
        return
    asked, model, best, proofs = known
    reading = Reading(asked.policy, asked.files)
    refused = [cell for cell in reading.cells if cell not in best.amounts]
    Random(seed).shuffle(refused)
    for key in refused[:2]:
        now = standing_now(reading, key)
        found = Changes(Database(model, best), best, key, Clock(Limits(threads=1)), proofs, tied=now[0])
        for datum in found.data()[:2]:
            at = value_of(model, datum)
            step = Decimal(1)
            steps = Steps(Decimal(at) - WIDE * step, step, 2 * WIDE + 1)
            told = figure(found, datum, steps)
            values = sorted(
                (steps.value(p) for p in range(steps.count)), key=lambda value: (abs(value - at), value < at)
            )
            wanted = {value: now if value == at else enumerated(asked, datum, value, key) for value in values}
            for place, word in enumerate(("possible", "certain", "drawn")):
                first = next((v for v in values if wanted[v] is not None and wanted[v][place]), None)
                assert same(getattr(told, word), first, at), (seed, key, datum, word, told, wanted)
                seen[word if first is not None else f"not {word}"] += 1


def same(found, first, now):
    return found == first or (None not in (found, first) and abs(found - now) == abs(first - now))


def standing_now(reading, key):
    best = reading.allocations()
    best = best[reading.admissible(best)]
    for stage in reading.policy.get("objectives", ()):
        best = reading._best(stage, best, Fraction(0))
    having = best[:, list(reading.cells).index(key)] > 0
    return bool(having.any()), bool(having.all()), False


def figure(found, datum, steps):
    held = room.steps_of
    room.steps_of = lambda *_: steps
    try:
        return found.of_figure(datum)
    finally:
        room.steps_of = held


THOROUGH = [pytest.param(first, marks=pytest.mark.thorough) for first in range(CHUNK, 200, CHUNK)]


@pytest.mark.parametrize("first", [0, *THOROUGH])
def test_the_first_values_with_each_word_are_those_of_all_plans(first):
    seen: Counter[str] = several(first, first + CHUNK, agrees)
    assert seen["possible"] and seen["certain"] and seen["drawn"] and seen["not possible"], seen
