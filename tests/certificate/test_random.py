"""Worlds made at random: their certificates are complete, the checker accepts them, and no other plan of theirs."""

import os
import random

import pytest
from tests.certificate.checked import checked, folder_of, forged, worlds
from tests.certificate.counted import counted
from tests.conftest import THOROUGH
from tests.oracle.enumeration import Reading
from tests.oracle.generator import world

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40" if THOROUGH else "20"))
CHUNK = 10


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_certificates_of_random_worlds_are_accepted(first):
    """Of 1,000 worlds, 2 in 100 may have a claim without a proof; of the first ones none has."""
    found = counted(first, min(first + CHUNK, MODELS))
    assert found["models"] >= 0.9 * min(CHUNK, MODELS - first)
    assert not found["open"] or first >= 200


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(0, 1000, 250))
def test_nearly_all_claims_of_a_thousand_random_worlds_are_proved(first):
    found = counted(first, first + 250)
    assert len(found["open"]) <= 0.02 * found["models"], found["open"]


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_no_other_plan_is_accepted(first, tmp_path):
    tried = 0
    for seed, model, solution, made in worlds(first, min(first + CHUNK, MODELS)):
        if solution.allocation is None or model.policy.seed is None:
            continue
        run = folder_of(model, solution, made, tmp_path / str(seed))
        best = {tuple(map(str, award[:3])): award[3] for award in solution.allocation.awards}
        reading = Reading(world(seed).policy, world(seed).files)
        every = reading.allocations()
        plans = [
            {(u, p, str(t)): int(a) for (u, p, t), a in zip(reading.cells, x, strict=True) if a}
            for x in every[reading.admissible(every)]
        ]
        others = [plan for plan in plans if plan != best]
        for number, other in enumerate(random.Random(seed).sample(others, min(3, len(others)))):

            def another(rows, proofs, plan, told, other=other):
                plan.clear()
                plan.update(other)

            tried += 1
            with pytest.raises(Exception, match=r".") as refused:
                checked(forged(run, tmp_path / f"{seed}-{number}", another))
            assert str(refused.value)
    assert tried or MODELS < CHUNK
