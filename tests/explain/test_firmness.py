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

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "20"))
CHUNK = 20
SEVERAL = ("fair", "apportion")  # kinds whose objectives are several questions: what they lose is no one figure


def firm(model, solver="highs"):
    problem, clock = compile(model), Clock(Limits(threads=1))
    solution = solve(problem, solver=solver, clock=clock)
    chain = chain_of(problem, solution, clock)
    if chain is None:
        return solution, None, {}
    found = firmness(problem, chain, clock, solver)
    return solution, found, contrasts(problem, chain, found.opposites, clock, solver)


def enumerated(reading, x):
    """(unit, program, period, way): the first objective that gets worse, by how much if it has one figure, the fewest moves.

    An objective that gives something up is asked twice: where it stands, and once more when all have been asked.
    """
    stages = list(reading.policy.get("objectives", ()))
    asked = [(stage, Fraction(stage.get("give", 0))) for stage in stages]
    asked += [(stage, Fraction(0)) for stage in stages if stage.get("give")]
    faces = [x]
    for stage, give in asked:
        faces.append(reading._best(stage, faces[-1], give))
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
            stage = asked[lost][0]
            figures, _ = reading.objective(stage, np.concatenate([kept[lost], own[None]]))
            worth, scale = figures[0]
            loss, near = None, kept[lost]
            if len(figures) == 1 and not set(stage) & set(SEVERAL):
                loss = Fraction(int(worth[-1] - worth[:-1].max()), scale)
                near = near[worth[:-1] == worth[:-1].max()]
            found[*cell, way] = (stage["id"], loss, moves(near, own))
    return found


def moves(plans, own):
    """The fewest places that one of the plans gives or takes beside those of `own`."""
    return int(np.abs(plans[:, : len(own)] - own).sum(axis=1).min())


def compared(seed, seen):
    asked = world(seed)
    try:
        reading = Reading(asked.policy, asked.files)
        every = reading.allocations()
        solution, found, near = firm(asked.model())
    except (InputError, TooLarge):
        return
    if found is None or solution.status != "optimal" or asked.model().policy.seed is None:
        return
    wanted = enumerated(reading, every[reading.admissible(every)])
    for one in found.opposites:
        counted = wanted[one.unit, one.program, one.period, one.way]
        if not one.possible:
            assert counted == "impossible" and one not in near, (seed, one)
            seen["impossible"] += 1
            continue
        assert near[one].moves[0].by * one.way > 0, (seed, one)
        if one.drawn:
            assert counted[0] == "drawn", (seed, one)
        else:
            assert counted[0] == one.objective and (counted[1] is None or one.loss == counted[1]), (seed, one, counted)
        if one.drawn or one.loss == counted[1]:
            assert near[one].places == counted[-1], (seed, one, counted)
        seen["drawn" if one.drawn else "lost" if one.loss is not None else "worse"] += 1
    assert len(found.opposites) == len({(one.unit, one.program, one.period, one.way) for one in found.opposites})
    tied = {(one.unit, one.program, one.period) for one in found.opposites if one.drawn}
    assert tied == set(solution.drawn), seed
    seen["given up"] += any(stage.get("give") for stage in reading.policy.get("objectives", ()))


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_what_the_opposite_loses_is_what_all_plans_say(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        compared(seed, seen)
    assert {"lost", "worse", "drawn", "impossible"} <= set(seen) and seen["given up"]


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(MODELS, 200, CHUNK))
def test_it_is_what_all_plans_say_of_more_worlds(first):
    for seed in range(first, first + CHUNK):
        compared(seed, Counter())
