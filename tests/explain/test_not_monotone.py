# mypy: disable-error-code="no-untyped-call,attr-defined,arg-type"
"""Levers that are not monotone, planted: one place more brings an award in and a second one takes it out again, or none can be
given out at all; a better figure of its own costs a unit its place. Each is told as all plans written down have it."""

from collections import Counter
from decimal import Decimal
from itertools import count, pairwise
from random import Random

import pytest
from tests.explain.test_along import lie_agrees
from tests.explain.test_changes import Eased, figure, judged, standing, standing_at
from tests.oracle.enumeration import Reading
from tests.oracle.otherwise import cells_of, value_of
from tests.oracle.worlds import World

from allocator.answer.otherwise import Otherwise
from allocator.database import Database
from allocator.explain.changes import Changes
from allocator.explain.datum import Steps
from allocator.explain.levers import levers, meant
from allocator.explain.stairs import stair
from allocator.load import load
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

STEPS = 3  # of places, one after the other
MERITS = range(1, 13)
MERIT = {"id": "merit", "total": {"maximize": "merit", "of": "aid"}}


def _world(random, units, places, rules, objectives):
    policy = {
        "model": "m",
        "title": "t",
        "periods": [2026],
        "units": {"file": "units.csv", "id": "unit"},
        "programs": {"aid": {"decides": "selection", "quota": places}},
        "rules": rules,
        "objectives": objectives,
        "ties": {"lottery": random.randint(0, 99)},
    }
    return World(policy, {"units.csv": units})


def _units(random, sides, number):
    return [
        {"unit": f"u{n}", "side": sides[n % len(sides)], "merit": random.choice(MERITS), "people": random.randint(1, 3)}
        for n in range(number)
    ]


def parts_of_all(random):
    """Each side has at most its part of all places: only some numbers of them can be given out."""
    sides, part = random.choice([(["n", "s"], "0.5"), (["n", "s", "w"], "0.34")])
    rule = {"id": "part", "share": {"of": "aid", "by": "side", "at_most": part}}
    return _world(random, _units(random, sides, 3 * len(sides)), len(sides), [rule], [MERIT])


def fair_places(random):
    """How far sides lie apart in places for each of their people comes before merit."""
    fair = {"of": "aid", "by": "side", "per": "sum(people)", "method": random.choice(["gap", "maximin", "minimax"])}
    units = _units(random, ["n", "s", "w"], 6)
    return _world(random, units, random.randint(1, 4), [], [{"id": "fair", "fair": fair}, MERIT])


def fair_figures(random):
    """How far sides lie apart in the figures of those who have a place comes before merit."""
    fair = {"of": "aid", "by": "side", "measure": "merit", "method": random.choice(["gap", "minimax"])}
    units = _units(random, ["n", "s"], 6)
    return _world(random, units, random.randint(2, 4), [], [{"id": "fair", "fair": fair}, MERIT])


def planted(kind, number):
    """The number-th world of its kind, with a refused award that a lever brings in and takes out again, as all plans say."""
    found = 0
    for seed in count():
        asked = kind(Random(f"{kind.__name__} {seed}"))
        reading = Reading(asked.policy, asked.files)
        plan = {award[:3] for award in reading.answer().plan}
        for key in [cell for cell in reading.cells if plan and cell not in plan]:
            held = [one.possible for one in (by_figures if kind is fair_figures else by_places)(asked, key).values()]
            if any(one and not two for one, two in pairwise(held)) or (kind is parts_of_all and held[0] < held[-1]):
                if found == number:
                    return asked, key
                found += 1
                break
    raise AssertionError


def by_places(asked, key):
    return {by: standing(Eased(asked, rule="aid.quota", label=(2026,), by=by), key) for by in range(1, STEPS + 1)}


def by_figures(asked, key):
    """At every better figure that the unit might have."""
    datum = merit_of(asked, key)
    return {value: standing_at(asked, datum, value, key) for value in MERITS if value > value_of(asked, datum)}


def merit_of(asked, key):
    return next(
        one for one in cells_of(asked) if one.column == "merit" and asked.files["units.csv"][one.row]["unit"] == key[0]
    )


def solved(asked, folder):
    model = load(asked.write(folder), look=False)
    best = solve(compile(model), limits=Limits(threads=1))
    assert best.allocation is not None
    return model, best


def places_are_told(kind, number, folder):
    asked, key = planted(kind, number)
    model, best = solved(asked, folder)
    tables = Database(model, best.allocation)
    found = Changes(tables, best.allocation, key, Clock(Limits(threads=1)), (best.proofs,))
    (quota,) = [rule for rule in tables.rules_in_force() if rule.id == "aid.quota"]
    wanted = by_places(asked, key)
    first = next((by for by, one in wanted.items() if one.possible), STEPS)
    (told,) = found.of_bound(quota, (2026,))
    assert (told.move.by, told.standing) == (first, wanted[first]), (kind, number)
    (lever,) = meant(levers(model), "aid")
    ask = Otherwise(Clock(Limits(threads=1)))
    steps = stair(model, lever, STEPS, ask, ask.clock, lambda: None)
    for tread in steps.treads:
        if tread.fault is None:
            answer = Eased(asked, rule="aid.quota", label=(2026,), by=tread.at).answer()
            plan = () if tread.plan is None else tuple(map(tuple, tread.plan.awards))
            assert (tread.status, plan) == (answer.status, answer.plan), (kind, number, tread.at)
    assert len([tread for tread in steps.treads if tread.at > 0]) == STEPS


def figures_are_told(number, folder):
    asked, key = planted(fair_figures, number)
    model, best = solved(asked, folder)
    datum = merit_of(asked, key)
    now = standing(Reading(asked.policy, asked.files), key)
    tables = Database(model, best.allocation)
    found = Changes(tables, best.allocation, key, Clock(Limits(threads=1)), (best.proofs,), tied=now.possible)
    assert datum in found.data()
    own = Decimal(value_of(asked, datum))
    wanted = {Decimal(v): now if v == own else standing_at(asked, datum, v, key) for v in MERITS}
    seen: Counter[str] = Counter()
    judged(figure(found, datum, Steps(Decimal(MERITS[0]), Decimal(1), len(MERITS))), wanted, own, seen)


EACH = 10  # levers of each of the three sorts
NUMBERS = [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, EACH))]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("kind", [parts_of_all, fair_places])
def test_places_that_bring_an_award_in_and_take_it_out_again(kind, number, tmp_path):
    places_are_told(kind, number, tmp_path / "world")


@pytest.mark.parametrize("number", NUMBERS)
def test_figures_that_bring_an_award_in_and_take_it_out_again(number, tmp_path):
    figures_are_told(number, tmp_path / "world")


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, EACH))])
def test_the_smallest_lie_where_more_and_less_may_both_bring_a_place(seed, tmp_path):
    seen: Counter[str] = Counter()
    for number in range(3 * seed, 3 * seed + 3):
        asked = fair_figures(Random(f"lie {number}"))
        model, best = solved(asked, tmp_path / str(number))
        for datum in [one for one in cells_of(asked) if one.column == "merit"]:
            lie_agrees(asked, model, best.allocation, (best.proofs,), datum, seen)
    assert seen["gain"] and seen["none"] and (seen["either way"] or seed), seen
