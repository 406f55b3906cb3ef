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
from allocator.explain.nearest import contrasts
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
        return solution, None, {}
    found = firmness(problem, chain, clock, solver)
    return solution, found, contrasts(problem, chain, found.opposites, clock, solver)


def enumerated(reading, x):
    """(unit, program, period, way): the first objective that gets worse, by how much if it has one figure, the fewest moves."""
    stages = reading.policy.get("objectives", ())
    if any(stage.get("give") for stage in stages):
        return None
    faces = [x]
    for stage in stages:
        faces.append(reading._best(stage, faces[-1], Fraction(0)))
    answer = reading.answer()
    plan = {award[:3]: award[3] for award in answer.plan}
    own = np.array([plan.get(cell, 0) for cell in reading.cells])
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
                found[*cell, way] = "drawn", moves(kept[-1], own)
                continue
            figures, _ = reading.objective(stages[lost], np.concatenate([kept[lost], faces[lost + 1][:1]]))
            told = stages[lost].get("id")
            worth, scale = figures[0]
            loss, near = None, kept[lost]
            if len(figures) == 1 and "total" in stages[lost]:
                loss = Fraction(int(worth[-1] - worth[:-1].max()), scale)
                near = near[worth[:-1] == worth[:-1].max()]
            found[*cell, way] = (told, loss, moves(near, own))
    return found


def moves(plans, own):
    """The fewest places that one of the plans gives or takes beside those of `own`."""
    return int(np.abs(plans[:, : len(own)] - own).sum(axis=1).min())


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_what_the_opposite_loses_is_what_all_plans_say(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        asked = world(seed)
        try:
            reading = Reading(asked.policy, asked.files)
            every = reading.allocations()
            solution, found, near = firm(asked.model())
        except (InputError, TooLarge):
            continue
        if found is None or solution.status != "optimal" or asked.model().policy.seed is None:
            continue
        wanted = enumerated(reading, every[reading.admissible(every)])
        if wanted is None:
            continue
        for one in found.opposites:
            key = (one.unit, one.program, one.period, one.way)
            counted = wanted[key]
            if not one.possible:
                assert counted == "impossible" and one not in near, (seed, one)
                seen["impossible"] += 1
                continue
            assert near[one].moves[0].by * one.way > 0, (seed, one)
            assert near[one].places == counted[-1] or (len(counted) == 3 and one.loss != counted[1]), (seed, one)
            if one.drawn:
                assert counted[0] == "drawn", (seed, one)
            else:
                assert counted[0] in (one.objective, None), (seed, one, counted)
                assert None in (counted[1], one.loss) or counted[1] == one.loss, (seed, one, counted)
            seen["drawn" if one.drawn else "lost"] += 1
        tied = {(one.unit, one.program, one.period) for one in found.opposites if one.drawn}
        assert tied == set(solution.drawn), seed
    assert set(seen) == {"lost", "drawn", "impossible"}
