"""The plan along one value: on small worlds, every step of every piece is compared with an enumeration of all plans."""

import os
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from tests.oracle.enumeration import TooLarge
from tests.oracle.generator import world
from tests.oracle.otherwise import data_of, enumerated, files_of, past_of
from tests.oracle.worlds import World

from allocator.explain.along import Along
from allocator.explain.datum import put, steps_of, value_of
from allocator.explain.gaming import Reported, gaming
from allocator.explain.objection import objection
from allocator.explain.uses import dependence
from allocator.faults import InputError
from allocator.load import load
from allocator.model.source import PAST
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 20
WIDE = 5  # steps on both sides that are enumerated


def solved(seed):
    """A world with its model, its best plan and the proofs; None where it has no plan or makes no draw."""
    asked = world(seed)
    try:
        model = asked.model()
        solution = solve(compile(model), limits=Limits(threads=1))
    except InputError:
        return None
    if solution.allocation is None or solution.status != "optimal" or model.policy.seed is None:
        return None
    return asked, model, solution.allocation, (solution.proofs,)


def chosen(model, random, each):
    """Some data whose prices alone change, some that are read otherwise, awards before the plan, one of any."""
    data, past = data_of(model), past_of(model)
    random.shuffle(data)
    random.shuffle(past)
    how = {datum: dependence(model, datum) for datum in data}
    even = [datum for datum in data if how[datum].even and how[datum].priced]
    uneven = [datum for datum in data if not how[datum].even]
    return [*even[: 2 * each], *uneven[:each], *past[:each], *data[: each - 1]]


def told(along, point):
    plan = along.whole(point)
    return None if plan is None else tuple(tuple(award) for award in plan.awards)


def expected(asked, datum, value):
    answer = enumerated(asked, datum, value)
    return answer.plan if answer is not None and answer.status == "optimal" else None


def agrees(seed, seen, each=1):
    known = solved(seed)
    if known is None:
        return
    asked, model, best, proofs = known
    for datum in chosen(model, Random(seed), each):
        along = Along(model, best, datum, Clock(Limits(threads=1)), proofs)
        seen[f"even {along.depends.even}" if along.depends.read else "not read"] += 1
        if datum.source == PAST:
            assert told(along, along.at(0)) == expected(asked, datum, 0), (seed, datum)
            seen["past"] += 1
            continue
        now = value_of(model, datum)
        steps = steps_of(model, datum, now + 5 * Decimal(str(now or 1)))
        at, wide = steps.place(now), WIDE if along.depends.even else WIDE // 3
        for end in (min(steps.count - 1, at + wide), max(0, at - wide)):
            for piece in along.pieces(steps, at, end):
                first, last = sorted((steps.place(piece.start), steps.place(piece.end)))
                seen["between"] += last - first > 1 and along.depends.read
                for place in range(first, last + 1):
                    value = steps.value(place)
                    assert told(along, piece.point) == expected(asked, datum, value), (seed, datum, value, piece.start)


def several(first, last, ask):
    seen: Counter[str] = Counter()
    for seed in range(first, last):
        try:
            ask(seed, seen)
        except TooLarge:
            continue
    return seen


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_every_step_of_every_piece_has_the_plan_that_all_plans_say(first):
    seen = several(first, min(first + CHUNK, MODELS), agrees)
    assert seen["even True"] and seen["even False"] and seen["between"] and seen["past"], seen


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(40, 200, CHUNK))
def test_the_same_of_more_worlds_and_more_values(first):
    several(first, first + CHUNK, lambda seed, seen: agrees(seed, seen, each=3))


# Objections and lies ------------------------------------------------------------------------------------------------------


def same_stretch(seed, seen):
    """The values around the present and the contested one with one plan are those that all plans say."""
    known = solved(seed)
    if known is None:
        return
    asked, model, best, proofs = known
    random = Random(seed)
    for datum in chosen(model, random, 1)[:1]:
        steps = None if datum.source == PAST else steps_of(model, datum)
        if steps is None or not 1 < steps.count <= 12:
            continue
        values = [steps.value(place) for place in range(steps.count)]
        now = value_of(model, datum)
        contested = random.choice([value for value in values if value != now])
        found = objection(Along(model, best, datum, Clock(Limits(threads=1)), proofs), contested)
        plans = [expected(asked, datum, value) for value in values]
        assert found is not None and found.complete, (seed, datum)
        after = None if found.after is None else tuple(tuple(award) for award in found.after.awards)
        assert after == plans[steps.place(contested)], (seed, datum, contested)
        for stretch, value in ((found.around, now), (found.there, contested)):
            assert stretch is not None
            assert stretch.proved, (seed, datum)
            assert (stretch.low, stretch.high) == around(values, plans, steps.place(value)), (seed, datum, value)
        seen["changes" if found.changes else "stays"] += 1


def around(values, plans, at):
    low = high = at
    while low > 0 and plans[low - 1] == plans[at]:
        low -= 1
    while high < len(plans) - 1 and plans[high + 1] == plans[at]:
        high += 1
    return values[low], values[high]


def smallest_lie(seed, seen):
    """A gain, and the nearest value that brings one, are those that all plans say."""
    known = solved(seed)
    if known is None:
        return
    asked, model, best, proofs = known
    own = [datum for datum in chosen(model, Random(seed), 1) if datum.source is not None]
    units = [str(unit) for unit in model.units.columns["unit"].values]
    for datum in own[:1]:
        values = [0, 1]
        if datum.source != PAST:
            steps = steps_of(model, datum)
            if steps.count > 12 or "unit" not in model.table_of(datum.source).columns:
                continue
            values = [steps.value(place) for place in range(steps.count)]
        unit = datum.unit or str(model.table_of(datum.source).columns["unit"].values[datum.row])
        if unit not in units:
            continue
        (found,) = gaming(model, best, [Reported(unit, datum.name, (), datum)], Clock(Limits(threads=1)), proofs)
        before = totals(tuple(tuple(award) for award in best.awards), unit)
        now = value_of(model, datum)
        kinds = {value: brings(before, expected(asked, datum, value), unit) for value in values if value != now}
        gains = sorted((abs(value - now), value) for value, kind in kinds.items() if kind == "gain")
        if gains:
            assert found.verdict == "gain" and found.proved, (seed, datum, found)
            assert abs(found.lie - now) == gains[0][0] and kinds[found.lie] == "gain", (seed, datum, found)
        else:
            wanted = "exchange" if "exchange" in kinds.values() else "none"
            assert found.verdict in (wanted, *(["not read"] if wanted == "none" else [])), (seed, datum, found, kinds)
            assert found.proved
        seen[found.verdict] += 1


def totals(plan, unit):
    found: Counter[str] = Counter()
    for one, program, _, amount in plan or ():
        found[program] += amount if one == unit else 0
    return found


def brings(before, plan, unit):
    if plan is None:
        return "none"
    after = totals(plan, unit)
    more = any(after[program] > before[program] for program in after)
    less = any(before[program] > after[program] for program in before)
    return "none" if not more else "exchange" if less else "gain"


def test_the_interval_of_an_objection_is_that_of_all_plans():
    seen = several(0, MODELS // 2, same_stretch)
    assert seen["changes"] and seen["stays"], seen


def test_the_smallest_lie_is_that_of_all_plans():
    seen = several(0, MODELS // 2, smallest_lie)
    assert seen["gain"] and seen["none"], seen


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(20, 200, CHUNK))
def test_intervals_and_lies_of_more_worlds(first):
    several(first, first + CHUNK, same_stretch)
    several(first, first + CHUNK, smallest_lie)


def test_a_column_with_another_number_is_read_as_the_loader_reads_it(tmp_path):
    asked = world(3)
    model = load(asked.write(tmp_path / "world"))
    each = {(datum.source, datum.column): datum for datum in data_of(model) if datum.source is not None}
    for datum in list(each.values())[:5]:
        assert datum.source is not None
        name = files_of(asked, datum.source)[0]
        if datum.row >= len(asked.files[name]):
            continue
        for value in (12, Decimal("1.5")):
            rows = [dict(row) for row in asked.files[name]]
            rows[datum.row][datum.column] = value
            folder = World(asked.policy, {**asked.files, name: rows}).write(tmp_path / "other")
            try:
                loaded = load(folder, look=False)
            except InputError:
                continue
            changed = put(model, datum, value)
            assert changed.table_of(datum.source).columns == loaded.table_of(datum.source).columns, (datum, value)
