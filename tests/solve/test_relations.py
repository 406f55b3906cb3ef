"""What must not change a plan, and what can only make it worse: relations between solves of random small worlds."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.conftest import THOROUGH, few
from tests.oracle.enumeration import Reading
from tests.oracle.generator import world
from tests.oracle.worlds import World

from allocator.faults import InputError
from allocator.problem import compile
from allocator.solve import Clock, Limits, backend, solve
from allocator.solve.certify import certify

some = settings(max_examples=12 if THOROUGH else 6)
seeds = st.integers(0, 10**6)


def solved(asked, solver="highs"):
    """Status, plan and values; None where a figure is missing."""
    try:
        solution = solve(compile(asked.model()), solver=solver, limits=Limits(threads=1))
    except InputError:
        return None
    return solution.status, solution.allocation, tuple(stage.value for stage in solution.stages)


def shuffled(asked: World, random: Random) -> World:
    """The same policy, written in another order: rows, keys, rules, lists of programs; not the stages."""

    def mixed(value: Any, path: tuple[Any, ...]) -> Any:
        if isinstance(value, dict):
            return {key: mixed(value[key], (*path, key)) for key in random.sample(list(value), len(value))}
        if isinstance(value, list):
            held = [mixed(item, (*path, i)) for i, item in enumerate(value)]
            free = path == ("rules",) or (path and path[-1] in ("of", "needs", "eligible"))
            return random.sample(held, len(held)) if free else held
        return value

    files = {name: random.sample(list(rows), len(rows)) for name, rows in asked.files.items()}
    return World(mixed(dict(asked.policy), ()), files)


@some
@given(seeds)
def test_the_order_of_rows_rules_and_keys_changes_nothing(seed):
    asked = world(seed)
    assert solved(shuffled(asked, Random(seed))) == solved(asked)


@some
@given(seeds)
def test_dropping_a_hard_rule_never_worsens_the_first_stage(seed):
    asked = world(seed)
    stages = [{k: v for k, v in stage.items() if k != "give"} for stage in asked.policy["objectives"][:1]]
    hard = [rule for rule in asked.policy["rules"] if "soft" not in rule]
    assume(hard and stages and "soft" not in stages[0])
    asked = asked.with_policy(objectives=stages)
    with_all = solved(asked)
    assume(with_all is not None and with_all[0] == "optimal" and with_all[2][0] is not None)
    assert with_all is not None
    better = solve(compile(asked.model()), limits=Limits(threads=1)).stages[0].better
    for dropped in hard:
        fewer = solved(asked.with_policy(rules=[rule for rule in asked.policy["rules"] if rule is not dropped]))
        assert fewer is not None and fewer[0] == "optimal"
        assert fewer[2][0] >= with_all[2][0] if better == "more" else fewer[2][0] <= with_all[2][0]


SCALES = [("10", Fraction(10)), ("1.000", Fraction(1)), ("0.01", Fraction(1, 100))]


@some
@given(seeds, st.sampled_from(SCALES))
def test_scaling_every_score_keeps_the_plan(seed, scale):
    """Scores times ten, or written with more decimals, are the same scores; what is given away is scaled with them."""
    written, factor = scale
    asked = world(seed)
    stages = [dict(stage) for stage in asked.policy["objectives"] if "total" in stage or "reach" in stage]
    assume(stages)
    scaled = []
    for stage in stages:
        new = {**stage}
        if "total" in stage:
            way = "maximize" if "maximize" in stage["total"] else "minimize"
            new["total"] = {**stage["total"], way: f"{written} * ({stage['total'][way]})"}
        else:
            new["reach"] = {**stage["reach"], "weight": f"{written} * ({stage['reach'].get('weight', 1)})"}
        if "give" in stage:
            new["give"] = World.read(f"policy: {float(Fraction(stage['give']) * factor)}").policy
        scaled.append(new)
    assume(all("applied is null" not in str(stage) for stage in stages))  # a truth value cannot be multiplied
    before = solved(asked.with_policy(objectives=stages))
    assume(before is not None and before[0] == "optimal")
    after = solved(asked.with_policy(objectives=scaled))
    assert before is not None and after is not None
    assert after[:2] == before[:2]
    for was, now in zip(before[2], after[2], strict=True):
        assert now == tuple(figure * factor for figure in was)


@some
@given(seeds)
def test_both_solvers_and_any_seed_give_the_same(seed):
    asked = world(seed)
    first = solved(asked)
    assert solved(asked, "cpsat") == first
    if first is not None:
        problem = compile(asked.model())
        again = solve(problem, limits=Limits(threads=2, seed=seed))
        assert (again.status, again.allocation) == first[:2]


@pytest.mark.parametrize("first", few(range(300_000, 300_040, 10), 2))
def test_the_second_solver_certifies_the_plan_and_no_other(first):
    """The other solver certifies the plan of the enumeration; of a plan that is not it, it says so."""
    asked_of_others = 0
    for seed in range(first, first + 10):
        asked = world(seed)
        reading = Reading(asked.policy, asked.files)
        expected = reading.answer()
        if expected.status != "optimal":
            continue
        problem = compile(asked.model())
        solution = solve(problem, limits=Limits(threads=1))
        assert solution.allocation is not None
        told = certify(problem, solution.allocation, backend("cpsat"), Clock(Limits(threads=1)))
        assert told.verdict == "certified", f"seed {seed}: {told}"
        x = reading.allocations()
        x = x[reading.admissible(x)]
        other = problem.allocation(x[Random(seed).randrange(len(x))])
        if other != solution.allocation:
            asked_of_others += 1
            wrong = certify(problem, other, backend("cpsat"), Clock(Limits(threads=1)))
            assert wrong.verdict == "disagreement", f"seed {seed}: {other} {wrong}"
    assert asked_of_others
