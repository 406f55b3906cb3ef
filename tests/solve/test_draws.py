"""Chances of the draw: on small worlds they are those of all orders, each enumerated over all plans."""

from collections import Counter
from fractions import Fraction
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from tests.conftest import few
from tests.oracle.enumeration import Reading, TooLarge
from tests.oracle.generator import world

from allocator.explain.chances import chances
from allocator.faults import InputError
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve
from allocator.solve.draws import draws
from allocator.solve.parts import Infeasible

MOST_TIED = 5


def enumerated(reading, x):
    """The share of orders in which each tied cell, and each unit in a program, gets each amount."""
    tied = [i for i in range(x.shape[1]) if len(np.unique(x[:, i])) > 1]
    if not tied or len(tied) > MOST_TIED:
        return None
    seen: dict = {}
    for order in permutations(tied):
        left = x
        for i in order:
            left = left[left[:, i] == left[:, i].max()]
        plan = dict(zip(reading.cells, left[0].tolist(), strict=True))
        for i in tied:
            unit, program, period = reading.cells[i]
            total = sum(amount for (u, p, _), amount in plan.items() if (u, p) == (unit, program))
            seen.setdefault((unit, program, period), Counter())[plan[reading.cells[i]]] += 1
            seen.setdefault((unit, program, None, period), Counter())[total] += 1
    shares = {}
    for key, of in seen.items():
        shares[key[:3]] = {amount: Fraction(count, factorial(len(tied))) for amount, count in of.items()}
    return shares


@pytest.mark.parametrize("first", few(range(0, 1000, 40), 1))
def test_chances_of_small_worlds_are_those_of_all_orders(first):
    compared = 0
    for seed in range(first, first + 40):
        asked = world(seed)
        try:
            model = asked.model()
            reading = Reading(asked.policy, asked.files)
            every = reading.allocations()
        except (InputError, TooLarge):
            continue
        if reading.answer().status != "optimal" or model.policy.seed is None:
            continue
        wanted = enumerated(reading, reading.equal(every[reading.admissible(every)]))
        if wanted is None:
            continue
        problem = compile(model)
        plan, outcomes = draws(problem, 1000, clock=Clock(Limits(threads=1)))
        assert plan == solve(problem, limits=Limits(threads=1)).allocation
        found = {(one.unit, one.program, one.period): one for one in chances(outcomes, plan.amounts)}
        assert {key: dict(one.amounts) for key, one in found.items()} == wanted, seed
        assert all(one.exact and one.between() is None for one in found.values())
        compared += 1
    assert compared > 2


def test_sampled_chances_hold_the_exact_ones_in_their_interval():
    for seed in range(60):
        asked = world(seed)
        try:
            problem = compile(asked.model())
            _, exact = draws(problem, 1000, clock=Clock(Limits(threads=1)))
        except (InputError, Infeasible, ValueError):
            continue
        if len(exact) >= 6 and all(one.all for one in exact):
            break
    else:
        pytest.fail("no world with several tied cells")
    _, few = draws(problem, 1, clock=Clock(Limits(threads=1)))
    assert {one.unit for one in few} == {one.unit for one in exact}
    assert not all(one.all for one in few)
