"""Other plans within a loss: on small worlds, each is the one that all plans written down say, and so is that none is left."""

import hashlib
import os
from collections import Counter
from fractions import Fraction
from math import prod
from random import Random

import numpy as np
import pytest
from tests.oracle.enumeration import Reading, TooLarge, _apportioned, _in_ticket, worth_of
from tests.oracle.generator import world

from allocator.explain.alternatives import Unheld, alternatives
from allocator.faults import InputError
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 10
FIRSTS = [0, *(pytest.param(first, marks=pytest.mark.thorough) for first in range(CHUNK, MODELS, CHUNK))]


def asked_of(seed, policy):
    """Losses and a distance, drawn for a seed."""
    random = Random(f"alternatives {seed}")
    losses = {}
    for stage in policy.get("objectives", ()):
        if random.random() < 0.5:
            losses[stage["id"]] = random.choice([Fraction(0), Fraction(1), Fraction(1, 2), Fraction(3), None])
    programs = sorted(policy["programs"])
    of = None if random.random() < 0.7 else {random.choice(programs)}
    return losses, random.randint(1, 4), of


def worths(reading, stage, x):
    """What a stage comes to for each plan, the more the better; of shares by quotients the product of them, exactly."""
    figures, _ = reading.objective(stage, x)
    found = [[Fraction(int(n), scale) for n in column] for column, scale in figures]
    shared = stage.get("apportion")
    if shared and shared["method"] != "largest_remainder":
        amounts, weights = _apportioned(reading, shared, x)
        plans = zip(*(a.tolist() for a in amounts), strict=True) if amounts else [()] * len(x)
        found[-1] = [
            prod((worth_of(shared["method"], w, n) for w, n in zip(weights, plan, strict=True)), start=Fraction(1))
            for plan in plans
        ]
    return found


def within(reading, x, plan, losses):
    """The plans that may be taken: no figure of an objective is worse than in the given one by more than its loss."""
    kept = np.ones(len(x), np.bool_)
    for stage in reading.policy.get("objectives", ()):
        loss = losses.get(stage["id"], Fraction(0))
        if loss is None:
            continue
        both = worths(reading, stage, np.concatenate([x, plan[None]]))
        shared = stage.get("apportion")
        if shared and shared["method"] != "largest_remainder" and loss:
            figures, _ = reading.objective(stage, np.concatenate([x, plan[None]]))
            both = [[Fraction(int(n), scale) for n in column] for column, scale in figures]
        for column in both:
            kept &= np.array([value >= column[-1] - loss for value in column[:-1]], np.bool_)
    return x[kept]


def drawn(reading, x):
    """The one that the draw of the world takes among plans."""
    seed = (reading.policy.get("ties") or {}).get("lottery", 0)
    names = ["|".join(map(_in_ticket, (seed, *cell))) for cell in reading.cells]
    for i in sorted(range(len(names)), key=lambda i: hashlib.sha256(names[i].encode()).hexdigest()):
        x = x[x[:, i] == x[:, i].max()]
    return x[0]


def enumerated(reading, x, plan, losses, apart, counts, count):
    """The plans one after the other, and whether none is left after them."""
    left = within(reading, x, plan, losses)
    found = [plan]
    while len(found) <= count:
        left = left[np.abs(left - found[-1])[:, counts].sum(axis=1) >= apart]
        if not len(left):
            return found[1:], "none"
        best = reading.equal(left)
        found.append(drawn(reading, best))
    return found[1:], "enough"


def compared(seed, seen):
    asked = world(seed)
    try:
        reading = Reading(asked.policy, asked.files)
        every = reading.allocations()
        problem = compile(asked.model())
        clock = Clock(Limits(threads=1))
        best = solve(problem, clock=clock)
    except (InputError, TooLarge):
        return
    if best.status != "optimal" or problem.model.policy.seed is None:
        return
    losses, apart, of = asked_of(seed, asked.policy)
    try:
        found = alternatives(problem, best, losses, count=3, apart=apart, of=of, clock=clock)
    except Unheld:
        seen["unheld"] += 1
        return
    assert best.allocation is not None
    plan = best.allocation.amounts
    given = np.array([plan.get(cell, 0) for cell in reading.cells], np.int64)
    counts = np.array([of is None or cell[1] in of for cell in reading.cells], np.bool_)
    wanted, end = enumerated(reading, every[reading.admissible(every)], given, losses, apart, counts, 3)
    told = [[one.plan.amounts.get(cell, 0) for cell in reading.cells] for one in found.plans]
    assert (told, found.end) == ([one.tolist() for one in wanted], end), seed
    seen[end] += 1
    seen["lossy" if any(loss != 0 for loss in losses.values()) else "as good"] += bool(told)


@pytest.mark.parametrize("first", FIRSTS)
def test_alternatives_are_those_that_all_plans_say(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        compared(seed, seen)
    assert {"enough", "none", "lossy", "as good"} <= set(seen) and not seen["unheld"]


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(MODELS, 200, CHUNK))
def test_more_alternatives_are_those_that_all_plans_say(first):
    for seed in range(first, first + CHUNK):
        compared(seed, Counter())
