"""The plan along one value: on small worlds, every step of every piece is compared with an enumeration of all plans."""

import os
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from tests.oracle.enumeration import TooLarge
from tests.oracle.generator import world
from tests.oracle.otherwise import (
    column_of,
    data_of,
    dated,
    enumerated,
    files_of,
    kind_of,
    others_of,
    past_of,
    rows_of,
    steps_of,
    value_of,
)
from tests.oracle.worlds import World

from allocator.explain.along import Along
from allocator.explain.datum import put, written
from allocator.explain.gaming import Reported, gaming
from allocator.explain.objection import MOST_TURNS, objection
from allocator.explain.uses import dependence
from allocator.faults import InputError
from allocator.load import load
from allocator.model.source import PAST, UNITS
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 10
FIRSTS = [10, *(pytest.param(first, marks=pytest.mark.thorough) for first in (0, *range(20, MODELS, CHUNK)))]
WIDE = 5  # steps on both sides that are enumerated


def solved(seed, *, days=False):
    """A world with its model, its best plan and the proofs; None where it has no plan or makes no draw."""
    asked = dated(world(seed), seed) if days else world(seed)
    try:
        model = asked.model()
        solution = solve(compile(model), limits=Limits(threads=1))
    except InputError:
        return None
    if solution.allocation is None or solution.status != "optimal" or model.policy.seed is None:
        return None
    return asked, model, solution.allocation, (solution.proofs,)


def chosen(asked, model, random, each):
    """Some data whose prices alone change, some that are read otherwise, awards before the plan, one of any."""
    data, past = data_of(asked), past_of(asked)
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
    for datum in chosen(asked, model, Random(seed), each):
        along = Along(model, best, datum, Clock(Limits(threads=1)), proofs)
        seen[f"even {along.depends.even}" if along.depends.read else "not read"] += 1
        if datum.source == PAST:
            assert told(along, along.at(0)) == expected(asked, datum, 0), (seed, datum)
            seen["past"] += 1
            continue
        now = value_of(asked, datum)
        steps = steps_of(asked, datum, now + 5 * Decimal(str(now or 1)))
        at, wide = steps.place(now), WIDE if along.depends.even else WIDE // 3
        for end in (min(steps.count - 1, at + wide), max(0, at - wide)):
            for piece in along.pieces(steps, at, end):
                first, last = sorted((steps.place(piece.start), steps.place(piece.end)))
                seen["between"] += last - first > 1 and along.depends.read
                for place in range(first, last + 1):
                    value = steps.value(place)
                    assert told(along, piece.point) == expected(asked, datum, value), (seed, datum, value, piece.start)


def several(worlds, ask):
    seen: Counter[str] = Counter()
    for seed in worlds:
        try:
            ask(seed, seen)
        except TooLarge:
            continue
    return seen


@pytest.mark.parametrize("first", FIRSTS)
def test_every_step_of_every_piece_has_the_plan_that_all_plans_say(first):
    """Thorough: of all worlds; those from the tenth on hold every kind of step."""
    seen = several(range(first, min(first + CHUNK, MODELS)), agrees)
    assert first != 10 or (seen["even True"] and seen["even False"] and seen["between"] and seen["past"]), seen


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(40, 200, CHUNK))
def test_the_same_of_more_worlds_and_more_values(first):
    several(range(first, first + CHUNK), lambda seed, seen: agrees(seed, seen, each=3))


# Objections and lies ------------------------------------------------------------------------------------------------------


MOST_VALUES = 40  # of one figure, each of which is enumerated


def same_stretch(seed, seen, each=1):
    """The values around the present and the contested one with one plan are those that all plans say."""
    known = solved(seed)
    if known is None:
        return
    asked, model, best, proofs = known
    random = Random(seed)
    own = [datum for datum in chosen(asked, model, random, each) if datum.source != PAST]
    for datum in own[:each]:
        steps = steps_of(asked, datum)
        if not 1 < steps.count <= MOST_VALUES:
            continue
        values = [steps.first + n * steps.step for n in range(steps.count)]
        now = value_of(asked, datum)
        contested = random.choice([value for value in values if value != now])
        found = objection(Along(model, best, datum, Clock(Limits(threads=1)), proofs), contested)
        plans = [expected(asked, datum, value) for value in values]
        assert found is not None and found.complete, (seed, datum)
        assert found.range == (values[0], values[-1])
        assert awards_of(found.after) == plans[values.index(contested)], (seed, datum, contested)
        for stretch, value in ((found.around, now), (found.there, contested)):
            assert stretch is not None
            assert stretch.proved, (seed, datum)
            assert (stretch.low, stretch.high) == around(values, plans, values.index(value)), (seed, datum, value)
        turned(found, values, plans, now, contested)
        low, high = map(written, around(values, plans, values.index(now)))
        assert found.entry.stays == {"from": low, "to": high, "proved": True}
        assert found.entry.outcome == outcome(plans[values.index(now)], plans[values.index(contested)])
        seen["changes" if found.changes else "stays"] += 1


def outcome(before, after):
    return "no plan" if after is None else "unchanged" if after == before else "changed"


def turned(found, values, plans, now, contested):
    """From the present value to the contested one: where the plan becomes another one."""
    first, last = values.index(now), values.index(contested)
    way = 1 if last > first else -1
    told = [(values[n], plans[n]) for n in range(first + way, last + way, way) if plans[n] != plans[n - way]]
    assert [(turn.value, awards_of(turn.plan)) for turn in found.turns] == told[:MOST_TURNS], found.datum


def awards_of(plan):
    return None if plan is None else tuple(tuple(award) for award in plan.awards)


def other_values(seed, seen, each=3):
    """What is no number, what is not known, and what is emptied: the plan with every other value that the column has."""
    known = solved(seed, days=True)
    if known is None:
        return
    asked, model, best, proofs = known
    data = others_of(asked)
    Random(seed).shuffle(data)
    own = [[datum for datum in data if kind_of(asked, datum) == kind] for kind in ("text", "yes_no", "date", "number")]
    for datum in (datum for some in own for datum in some[:each]):
        now = value_of(asked, datum)
        for value in [*dict.fromkeys(column_of(asked, datum)), None]:
            if value == now:
                continue
            found = objection(Along(model, best, datum, Clock(Limits(threads=1)), proofs), value)
            answer = enumerated(asked, datum, value)
            assert found is not None and found.complete, (seed, datum, value)
            assert found.wrong == (answer is None), (seed, datum, value)
            assert awards_of(found.after) == expected(asked, datum, value), (seed, datum, value)
            said = "no answer" if answer is None else outcome(awards_of(best), expected(asked, datum, value))
            assert found.entry.outcome == said, (seed, datum, value)
            seen[said] += 1
            empty = "emptied" if value is None else "filled" if now is None else "other"
            seen[kind_of(asked, datum), empty] += 1
            seen["changes" if found.changes else "stays"] += 1


def around(values, plans, at):
    low = high = at
    while low > 0 and plans[low - 1] == plans[at]:
        low -= 1
    while high < len(plans) - 1 and plans[high + 1] == plans[at]:
        high += 1
    return values[low], values[high]


def smallest_lie(seed, seen, each=1):
    """A gain, and the nearest value that brings one, are those that all plans say."""
    known = solved(seed, days=bool(seed % 2))
    if known is None:
        return
    asked, model, best, proofs = known
    random = Random(seed)
    others = [datum for datum in others_of(asked) if value_of(asked, datum) is not None]
    random.shuffle(others)
    data = [*chosen(asked, model, random, each), *others[: 2 * each]]
    for datum in [datum for datum in data if datum.source is not None and whose(asked, datum) is not None]:
        if len(observed(asked, datum)) <= MOST_VALUES:
            lie_agrees(asked, model, best, proofs, datum, seen)


def lie_agrees(asked, model, best, proofs, datum, seen):
    now, values, unit = value_of(asked, datum), observed(asked, datum), whose(asked, datum)
    (found,) = gaming(model, best, [Reported(unit, datum.name, (), datum)], Clock(Limits(threads=1)), proofs)
    before = totals(tuple(tuple(award) for award in best.awards), unit)
    kinds = {value: brings(before, expected(asked, datum, value), unit) for value in values if value != now}
    wanted = next((kind for kind in ("gain", "exchange") if kind in kinds.values()), "none")
    lies = [value for value, kind in kinds.items() if kind == wanted and kind != "none"]
    days = kind_of(asked, datum) == "date"  # of days there is no list
    unsaid = ("not read", "open") if days else ("not read",)
    assert found.verdict == wanted or (wanted == "none" and found.verdict in unsaid), (datum, found, kinds)
    assert found.proved == (found.verdict != "open") or days, (datum, found)
    if lies:
        assert kinds[found.lie] == wanted, (datum, found)
        if kind_of(asked, datum) == "number" and datum.source != PAST:
            assert abs(found.lie - now) == min(abs(value - now) for value in lies), (datum, found, kinds)
            seen["either way"] += min(lies) < now < max(lies)
    seen[found.verdict] += 1


def whose(asked, datum):
    """The unit that a value is about; None where it is about none."""
    if datum.source == PAST:
        return datum.unit
    row = rows_of(asked, datum.source)[datum.row]
    unit = row.get(asked.policy["units"]["id"] if datum.source == UNITS else "unit")
    return None if unit is None else str(unit)


def observed(asked, datum):
    """The values that are tried: of numbers every step, else those of the column."""
    if datum.source == PAST:
        return [0, 1]
    if kind_of(asked, datum) != "number":
        return list(dict.fromkeys(column_of(asked, datum)))
    steps = steps_of(asked, datum)
    return [steps.first + n * steps.step for n in range(min(steps.count, MOST_VALUES + 1))]


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
    """Thorough, as of the two below: of 200 worlds, and more of each."""
    seen = several(range(MODELS // 4), same_stretch)
    assert seen["changes"] and seen["stays"], seen


def test_with_a_text_a_day_or_nothing_instead_the_plan_is_that_of_all_plans():
    seen = several(range(30, 30 + MODELS // 8), lambda seed, seen: other_values(seed, seen, each=1))
    assert seen["changes"] and seen["stays"], seen
    assert all(seen[said] for said in ("unchanged", "changed", "no plan", "no answer")), seen
    kinds = {kind for kind, _ in (key for key in seen if isinstance(key, tuple))}
    assert kinds == {"text", "yes_no", "date", "number"}, seen


def test_the_smallest_lie_is_that_of_all_plans():
    seen = several((*range(3), *range(6, MODELS // 4)), smallest_lie)
    assert seen["gain"] and seen["none"], seen


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(0, 200, CHUNK))
def test_intervals_and_lies_of_more_worlds(first):
    several(range(first, first + CHUNK), lambda seed, seen: same_stretch(seed, seen, each=3))
    several(range(first, first + CHUNK), other_values)
    several(range(first, first + CHUNK), lambda seed, seen: smallest_lie(seed, seen, each=2))


def test_a_column_with_another_number_is_read_as_the_loader_reads_it(tmp_path):
    asked = world(3)
    model = load(asked.write(tmp_path / "world"))
    each = {(datum.source, datum.column): datum for datum in data_of(asked) if datum.source is not None}
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
