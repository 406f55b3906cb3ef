"""Worlds made at random: their certificates are complete, the checker accepts them, and no other plan of theirs."""

import os
import random

import pytest
from tests.certificate.checked import checked, folder_of, forged, worlds
from tests.oracle.enumeration import Reading
from tests.oracle.generator import world

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 10


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_certificates_of_random_worlds_are_accepted(first, tmp_path):
    for seed, model, solution, made in worlds(first, min(first + CHUNK, MODELS)):
        check = checked(folder_of(model, solution, made, tmp_path / str(seed)))
        assert (check.claims, check.proved, check.stated) == (made.claims, made.proved, made.stated)
        assert made.proved == made.claims, f"seed {seed}"


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
