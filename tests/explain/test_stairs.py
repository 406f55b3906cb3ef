"""What one more and one less is worth: on small worlds every step of a stair is what all plans written down say."""

import copy
import os
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from tests.oracle.enumeration import Fault, Reading, TooLarge
from tests.oracle.generator import world

from allocator.answer.otherwise import Otherwise
from allocator.explain.levers import levers, meant, promises, together, usual
from allocator.explain.stairs import excluding, stair
from allocator.faults import InputError
from allocator.load import load
from allocator.solve import Clock, Limits

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 10
FIRSTS = [3, *(pytest.param(first, marks=pytest.mark.thorough) for first in (0, *range(13, MODELS, CHUNK)))]


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


def chosen(seed, tmp_path, count):
    asked = world(seed)
    try:
        model = load(asked.write(tmp_path / str(seed)))
    except InputError:
        return asked, None, []
    if model.policy.seed is None or "." in "".join(map(str, asked.policy["programs"])):
        return asked, None, []
    every = levers(model)
    return asked, model, Random(f"stairs {seed}").sample(every, min(count, len(every)))


def compared(seed, tmp_path, seen, count, steps):
    """Some levers of a world, so many steps each way."""
    asked, model, some = chosen(seed, tmp_path, count)
    if model is None:
        return
    ask = Otherwise(Clock(Limits(threads=1)))
    for lever in some:
        found = stair(model, lever, steps, ask, ask.clock, lambda: None)
        assert found.whole and [tread.at for tread in found.treads] == list(range(-steps, steps + 1))
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


@pytest.mark.parametrize("first", FIRSTS)
def test_every_step_is_what_all_plans_say(first, tmp_path):
    """Thorough: of all worlds, and more steps of 200."""
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        compared(seed, tmp_path, seen, 1, 1)
    assert first != 3 or {"optimal", "infeasible", "parameter", "quota", "bound", "nested", "not nested"} <= set(seen)


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(MODELS, 200, CHUNK))
def test_more_steps_are_what_all_plans_say(first, tmp_path):
    for seed in range(first, first + CHUNK):
        compared(seed, tmp_path, Counter(), 2, 2)


MODEL = """
model: turned
title: turned
periods: [2026]
units: {file: units.csv, id: unit}
programs:
  aid: {decides: selection, title: Aid, quota: QUOTA}
rules:
RULES
objectives:
  - {id: merit, total: {maximize: merit, of: aid}}
"""


def model_of(tmp_path, quota, *rules):
    """Three units each in the east and the west."""
    tmp_path.mkdir(exist_ok=True)
    lines = ["unit,side,merit", *(f"{side[0]}{n},{side},{n}" for side in ("east", "west") for n in (1, 2, 3))]
    (tmp_path / "units.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = MODEL.replace("QUOTA", quota).replace("RULES", "\n".join(f"  - {rule}" for rule in rules))
    text = text if rules else text.replace("rules:\n", "")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path)


def test_a_step_may_be_impossible_between_two_that_are_not(tmp_path):
    """Half of all awards go to each side: only an even number of places can be shared so."""
    model = model_of(tmp_path, "2", "{id: half, share: {of: aid, by: side, at_least: 0.5, at_most: 0.5}}")
    ask = Otherwise(Clock(Limits(threads=1)))
    (lever,) = meant(levers(model), "aid")
    found = stair(model, lever, 4, ask, ask.clock, lambda: None)
    told = {str(tread.value): tread.status for tread in found.treads if tread.fault is None}
    assert told == {str(n): "infeasible" if n % 2 else "optimal" for n in range(7)}
    conflicts = {str(tread.value): tread.conflict is not None for tread in found.treads}
    assert [value for value, own in conflicts.items() if own] == ["1", "3"]  # of the first impossible step each way
    assert not found.broken and found.whole and not found.flat


def test_promises_that_exclude_one_another(tmp_path):
    """Three places: two for the east and one for the west can be promised, or the other way round, and not two for both."""
    least = "{id: SIDE, total: {of: aid, where: \"side = 'SIDE'\", at_least: 1}}"
    some = "{id: some, total: {of: aid, at_least: 1}}"
    all_of = "{id: every, total: {of: aid, at_least: 3}}"
    rules = [least.replace("SIDE", side) for side in ("east", "west")]
    model = model_of(tmp_path, "{at_most: 3}", *rules, some, all_of)
    ask = Otherwise(Clock(Limits(threads=1)))
    found = excluding(model, promises(levers(model)), ask.possible, ask.clock, lambda: None)
    assert found.whole and [(one.owner, two.owner) for one, two in found.pairs] == [("east", "west")]
    assert [one.owner for one in found.alone] == ["east", "west", "some"]
    assert [one.owner for one in found.not_alone] == ["every"]
    assert ask.solves == 4 + 3  # each alone, then each pair of those that can


def test_equal_problems_are_solved_once(tmp_path):
    """A bound that nothing reaches changes no plan, but is another problem; a parameter that nobody reads is none."""
    model = model_of(tmp_path, "2", "{id: few, total: {of: aid, by: side, at_most: 2}}")
    ask = Otherwise(Clock(Limits(threads=1)))
    once = ask(model)
    again = ask(model.changed({"set": {"title": "another"}}))
    assert again.solution is once.solution and ask.solves == 1 and again.model is not once.model


def test_levers_are_what_the_file_says(tmp_path):
    model = model_of(tmp_path, "{at_least: 2, at_most: 4}", '{id: few, total: {of: aid, by: side, at_most: "1 + 1"}}')
    every = levers(model)
    assert [(one.name, str(one.value), one.side) for one in every] == [
        ("programs.aid.quota.at_least", "2", "at_least"),
        ("programs.aid.quota.at_most", "4", "at_most"),
        ("rules.few.total.at_most", "1 + 1", "at_most"),
    ]
    assert every[2].said(-1) == {"rules.few.total.at_most": "(1 + 1) - 1"} and every[0].said(1) == {every[0].name: 3}
    assert meant(every, "aid") == meant(every, "aid.quota") == every[:2] and meant(every, "few") == [every[2]]
    assert usual(every) == every[:2]


def test_one_year_of_a_quota_that_is_the_same_in_every_year(tmp_path):
    model_of(tmp_path, "2")
    text = (tmp_path / "model.yaml").read_text(encoding="utf-8").replace("[2026]", "[2026, 2027]")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    every = levers(load(tmp_path))
    (one,) = meant(every, "aid.quota.2027")
    assert one.period == 2027 and one.said(1) == {"programs.aid.quota": {2026: 2, 2027: 3}}
    both = [*meant(every, "aid.quota.2026"), one]
    assert together(both, 1) == {"programs.aid.quota": {2026: 3, 2027: 3}}
    assert meant(every, "programs.aid.quota.2027") == [one] and meant(every, "aid.quota.2031") == []
