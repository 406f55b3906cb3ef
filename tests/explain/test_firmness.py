"""How firm each decision is: on small worlds, what the best plan with the opposite decision loses is counted over all plans."""

import os
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from tests.oracle.enumeration import Reading, TooLarge
from tests.oracle.generator import world

from allocator.certificate.chain import chain_of
from allocator.explain.firmness import firmness
from allocator.faults import InputError
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 20


def firm(model, solver="highs"):
    problem, clock = compile(model), Clock(Limits(threads=1))
    solution = solve(problem, solver=solver, clock=clock)
    chain = chain_of(problem, solution, clock)
    if chain is None:
        return solution, None
    names = [name for name, own in solution.trace for _ in own]
    return solution, firmness(problem, chain, names, clock, solver)


def enumerated(reading, x):
    """(unit, program, period, way): the first objective that gets worse, and by how much if it has one figure."""
    stages = reading.policy.get("objectives", ())
    if any(stage.get("give") for stage in stages):
        return None
    faces = [x]
    for stage in stages:
        faces.append(reading._best(stage, faces[-1], Fraction(0)))
    answer = reading.answer()
    plan = {award[:3]: award[3] for award in answer.plan}
    found: dict = {}
    for i, cell in enumerate(reading.cells):
        at = plan.get(cell, 0)
        for way in (1, -1):
            kept = [face[(face[:, i] - at) * way > 0] for face in faces]
            if not len(kept[0]):
                found[*cell, way] = "impossible"
                continue
            lost = next((n for n, face in enumerate(kept[1:]) if not len(face)), None)
            if lost is None:
                found[*cell, way] = "drawn"
                continue
            figures, _ = reading.objective(stages[lost], np.concatenate([kept[lost], faces[lost + 1][:1]]))
            told = stages[lost].get("id")
            worth, scale = figures[0]
            loss = (
                Fraction(int(worth[-1] - worth[:-1].max()), scale)
                if len(figures) == 1 and "total" in stages[lost]
                else None
            )
            found[*cell, way] = (told, loss)
    return found


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_what_the_opposite_loses_is_what_all_plans_say(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        asked = world(seed)
        try:
            reading = Reading(asked.policy, asked.files)
            every = reading.allocations()
            solution, found = firm(asked.model())
        except (InputError, TooLarge):
            continue
        if found is None or solution.status != "optimal" or asked.model().policy.seed is None:
            continue
        wanted = enumerated(reading, every[reading.admissible(every)])
        if wanted is None:
            continue
        for one in found.opposites:
            key = (one.unit, one.program, one.period, one.way)
            told = "drawn" if one.drawn else "impossible" if not one.possible else (one.objective, one.loss)
            if isinstance(told, tuple) and isinstance(wanted[key], tuple):
                assert wanted[key][0] in (told[0], None), (seed, one, wanted[key])
                if wanted[key][1] is not None and told[1] is not None:
                    assert wanted[key][1] == told[1], (seed, one, wanted[key])
                seen["lost"] += 1
            else:
                assert told == wanted[key], (seed, one)
                seen[told if isinstance(told, str) else "lost"] += 1
        tied = {(one.unit, one.program, one.period) for one in found.opposites if one.drawn}
        assert tied == set(solution.drawn), seed
    assert set(seen) == {"lost", "drawn", "impossible"}
