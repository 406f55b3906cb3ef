"""What one more and one less is worth: on small worlds every step of a stair is what all plans written down say."""

import copy
import os
from collections import Counter
from itertools import combinations, pairwise
from random import Random

import pytest
from tests.oracle.enumeration import Fault, Reading, TooLarge
from tests.oracle.generator import world

from allocator.answer.otherwise import Otherwise
from allocator.explain.levers import levers
from allocator.explain.stairs import excluding, stair
from allocator.faults import InputError
from allocator.load import load
from allocator.solve import Clock, Limits

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 20
STEPS = 2


def turned(policy, said):
    """The policy with values at written paths, none of which has dots in its steps."""
    new = copy.deepcopy(policy)
    for path, value in said.items():
        *above, last = path.replace('"', "").split(".")
        held = new
        for step in above:
            held = _below(held, step)
        if above == ["parameters"] and isinstance(held[last], dict):
            held[last]["value"] = value
        else:
            held[_key(held, last)] = value
    return new


def _below(held, step):
    return next(v for v in held if v["id"] == step) if isinstance(held, list) else held[_key(held, step)]


def _key(held, step):
    return next((key for key in held if str(key) == step), step)


def enumerated(asked, said):
    """(status, plan, values) of a world with some values otherwise; None where this reading has no answer."""
    try:
        answer = Reading(turned(asked.policy, said), asked.files).answer()
    except (TooLarge, Fault):
        return None
    return None if answer.status == "fault" else (answer.status, answer.plan, answer.values)


def chosen(seed, tmp_path):
    asked = world(seed)
    try:
        model = load(asked.write(tmp_path / str(seed)))
    except InputError:
        return asked, None, []
    if model.policy.seed is None or "." in "".join(map(str, asked.policy["programs"])):
        return asked, None, []
    every = levers(model)
    return asked, model, Random(f"stairs {seed}").sample(every, min(2, len(every)))


def compared(seed, tmp_path, seen):
    asked, model, some = chosen(seed, tmp_path)
    if model is None:
        return
    ask = Otherwise(Clock(Limits(threads=1)))
    for lever in some:
        found = stair(model, lever, STEPS, ask, ask.clock, lambda: None)
        assert found.whole and [tread.at for tread in found.treads] == list(range(-STEPS, STEPS + 1))
        for tread in found.treads:
            wanted = enumerated(asked, lever.said(tread.at))
            if tread.fault is not None or wanted is None:
                seen["not allowed"] += 1
                continue
            plan = () if tread.plan is None else tuple(map(tuple, tread.plan.awards))
            values = () if tread.audit is None else tuple(one.figures for one in tread.audit.objectives)
            assert (tread.status, plan, values) == wanted, (seed, lever.name, tread.at)
            seen[str(tread.status)] += 1
        planned = [tread for tread in found.treads if tread.plan is not None]
        for one, two in pairwise(planned):
            assert one.plan is not None and two.plan is not None
            small, large = sorted((one.plan.amounts, two.plan.amounts), key=lambda held: sum(held.values()))
            inside = not [cell for cell in small if small[cell] > large.get(cell, 0)]
            assert inside == ((one, two) not in found.broken)
            seen["nested" if inside else "not nested"] += 1
        seen[lever.kind] += 1


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_every_step_is_what_all_plans_say(first, tmp_path):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        compared(seed, tmp_path, seen)
    assert {"optimal", "infeasible", "parameter", "quota", "bound", "nested", "not nested", "not allowed"} <= set(seen)


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(MODELS, 200, CHUNK))
def test_more_steps_are_what_all_plans_say(first, tmp_path):
    for seed in range(first, first + CHUNK):
        compared(seed, tmp_path, Counter())


def test_what_excludes_what_is_what_all_plans_say(tmp_path):
    seen: Counter[bool] = Counter()
    for seed in range(8):
        asked, model, _ = chosen(seed, tmp_path)
        if model is None:
            continue
        ask = Otherwise(Clock(Limits(threads=1)))
        some = levers(model)[:4]
        found = excluding(model, some, ask.possible, ask.clock, lambda: None)
        allowed = [one for one in some if _plans(asked, one.said(1)) is not None]
        alone = [one for one in allowed if _plans(asked, one.said(1))]
        assert found.whole and [one for one in found.alone if one in allowed] == alone, seed
        for one, two in combinations(alone, 2):
            both = _plans(asked, one.said(1) | two.said(1))
            if both is not None:
                assert ((one, two) in found.pairs) == (not both), (seed, one.name, two.name)
                seen[both] += 1
    assert set(seen) == {True, False}


def _plans(asked, said):
    wanted = enumerated(asked, said)
    return None if wanted is None else wanted[0] == "optimal"
