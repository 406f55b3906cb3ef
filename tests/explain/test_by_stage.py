"""What the best plan with each opposite yes/no decision comes to, objective by objective: on small worlds as all plans say."""

import os
from collections import Counter

import pytest
from tests.oracle.enumeration import Reading, TooLarge
from tests.oracle.generator import world

from allocator.certificate.chain import chain_of
from allocator.explain.by_stage import by_stage
from allocator.explain.firmness import firmness
from allocator.faults import InputError
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "10"))
CHUNK = 10


def compared(seed, seen):
    asked = world(seed)
    try:
        reading = Reading(asked.policy, asked.files)
        every = reading.allocations()
        problem, clock = compile(asked.model()), Clock(Limits(threads=1))
        solution = solve(problem, clock=clock)
    except (InputError, TooLarge):
        return
    if solution.allocation is None or solution.status != "optimal":
        return
    chain = chain_of(problem, solution, clock)
    assert chain is not None
    opposites = firmness(problem, chain, clock).opposites
    found = by_stage(problem.model, opposites, clock)
    x = every[reading.admissible(every)]
    stages = reading.policy.get("objectives", ())
    given = [reading.value(stage, reading.equal(x)) for stage in stages]
    for one in opposites:
        at = list(reading.cells).index((one.unit, one.program, one.period))
        kept = x[(x[:, at] - one.amount) * one.way > 0]
        if one not in found:
            assert not len(kept) or reading.programs[one.program]["decides"] == "amount", (seed, one)
            seen["none"] += 1
            continue
        best = [reading.value(stage, reading.equal(kept)) for stage in stages]
        wanted = [(stage["id"], was, now) for stage, was, now in zip(stages, given, best, strict=True) if was != now]
        assert [(told.objective, told.given, told.opposite) for told in found[one]] == wanted, (seed, one)
        seen["several" if len(wanted) > 1 else "one" if wanted else "drawn"] += 1


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_every_objective_comes_to_what_all_plans_say(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        compared(seed, seen)
    assert {"several", "one", "drawn", "none"} <= set(seen), seen


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(MODELS, 200, CHUNK))
def test_so_it_does_in_more_worlds(first):
    for seed in range(first, first + CHUNK):
        compared(seed, Counter())
