"""Fairness of amounts: the four methods against enumeration, what a stage leaves, figures of real populations and of money."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from tests.cases.compact import world as brief
from tests.conftest import few
from tests.objectives.worlds_of_amounts import METHODS, world
from tests.oracle.agreement import SOLVERS, differences
from tests.oracle.enumeration import Reading, TooLarge

from allocator.model.query import Ints
from allocator.objectives import gap
from allocator.problem import compile
from allocator.solve import Clock, Limits, Solution, backend, solve
from allocator.solve.certify import certify
from allocator.solve.parts import Infeasible
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import Report, SolverResult, Subproblem, silent


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("first", few(range(0, 24, 8), 1))
def test_engine_and_enumeration_agree_on_amounts_of_a_few_dozens(method, first):
    for seed in range(first, first + 8):
        asked = world(seed, method)
        try:
            expected = Reading(asked.policy, asked.files).answer()
        except TooLarge:
            continue
        assert differences(asked, expected) == [], asked.text()


@pytest.mark.parametrize("method", [*METHODS, "gap by pairs", "gap by steps"])
@pytest.mark.parametrize("seed", few(range(100, 108), 4))
def test_a_stage_leaves_the_plans_that_it_holds_and_no_other(method, seed, monkeypatch):
    if method in ("gap by pairs", "gap by steps"):
        monkeypatch.setattr(gap._GapSearch, "by_pairs", lambda *_: method == "gap by pairs")
    asked = world(seed, method.split()[0])
    reading = Reading(asked.policy, asked.files)
    try:
        every = reading.allocations()
    except TooLarge:
        return
    every = every[reading.admissible(every)]
    if not len(every):
        return
    problem = compile(asked.model())
    course = StageSolver(problem, backend("highs"), Clock(Limits(threads=1)), silent)
    objective = problem.model.policy.objectives[0]
    give = Fraction(objective.give)
    objective.pursue(problem.tables, course, give)
    best = {tuple(x) for x in reading._best(asked.policy["objectives"][0], every, give).tolist()}
    chance = np.random.default_rng(seed)
    some = {tuple(x) for x in every[chance.permutation(len(every))[:25]].tolist()}
    near = {tuple(x) for x in every.tolist() if any(np.abs(np.subtract(x, b)).sum() <= 2 for b in list(best)[:3])}
    for x in sorted(some | set(sorted(best)[:25]) | set(sorted(near)[:25])):
        assert _left(course, np.array(x)) == (x in best), (x, asked.text())


def _left(course: StageSolver, amounts: Ints) -> bool:
    """Whether a plan is among those that the course has left."""
    before, best = course.state, course.best
    try:
        if np.any(amounts < before.lower[: len(amounts)]) or np.any(amounts > before.upper[: len(amounts)]):
            return False
        course.fix(np.arange(len(amounts)), amounts)
        course.finish()
    except Infeasible:
        return False
    finally:
        course.state, course.best = before, best
    return True


# Figures of real size -------------------------------------------------------------------------------------------------

PEOPLE = [
    *(32081838, 41108047, 14246710, 53558037, 64673970, 21200026, 12493050, 9327505, 3059816),
    *(54300633, 74139467, 39239355, 8298318, 30186695, 70238754, 72431971, 48751253, 37535715),
    *(23574640, 14651680, 35527407, 29176338, 3841299, 35330720, 36873366, 26362489, 22521532),
]


def shared(method: str, quota: int, people: list[int], **fair: Any) -> Any:
    """One sum shared among units, per head."""
    entry = {
        "about": "one sum",
        "world": {
            "units": {f"u{i:03}": {"people": p} for i, p in enumerate(people)},
            "programs": {"p": {"decides": "amount", "quota": quota}},
        },
        "objectives": [{"fair": {"of": "p", "by": "unit", "per": "people", "method": method, **fair}}],
    }
    return brief(entry)


def given(found: Solution) -> list[int]:
    """The amounts of a plan, in the order of its units."""
    assert found.allocation is not None
    return [amount for *_, amount in found.allocation.awards]


def smallest(quota: int, people: list[int]) -> Fraction:
    """The highest level (it is not above the mean) at which everybody's whole shares are not more than there is."""
    levels = {Fraction(a, d) for d in set(people) for a in range(quota * d // sum(people) + 1)}
    return max(v for v in levels if sum(ceil(v * d) for d in people) <= quota)


def narrowest(quota: int, people: list[int]) -> Fraction:
    """For every lower end the least upper end between which whole shares come to the sum.

    Shares rounded down or up are within 1 / d of the mean: no end of the smallest gap is further from it than two such.
    """
    mean, room = Fraction(quota, sum(people)), Fraction(2, min(people))
    ends = {
        Fraction(a, d) for d in people for a in range(max(ceil((mean - room) * d), 0), floor((mean + room) * d) + 1)
    }
    high = sorted(e for e in ends if e >= mean)
    best, at = 2 * room, 0
    for v in sorted(e for e in ends if e <= mean):
        if sum(ceil(v * d) for d in people) > quota:
            break
        while sum(floor(high[at] * d) for d in people) < quota or any(
            floor(high[at] * d) < ceil(v * d) for d in people
        ):
            at += 1
        best = min(best, high[at] - v)
    return best


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_sum_of_money_goes_to_three_units_per_head(solver):
    # 100,000 by 10 : 20 : 33 is 15,873.02 / 31,746.03 / 52,380.95. 15,873 / 10 each: 15,873, 31,746, 52,381 (52,380.9 rounded
    # up), and that is all there is: nothing above 15,873 / 10 is possible
    found = solve(compile(shared("maximin", 100_000, [10, 20, 33]).model()), solver=solver)
    assert found.stages[0].value == (Fraction(15873, 10),)
    assert given(found) == [15873, 31746, 52381]


@pytest.mark.parametrize("money", [10**9, 10**12, 10**15])
@pytest.mark.parametrize("method", METHODS)
def test_money_for_the_people_of_a_country(method, money):
    """What is left after everybody has the whole share of a level says whether the level is the highest."""
    found = solve(compile(shared(method, money, PEOPLE).model()))
    shares = [Fraction(amount, d) for amount, d in zip(given(found), PEOPLE, strict=True)]
    least, most, value = min(shares), max(shares), found.stages[0].value
    assert (found.status, sum(given(found))) == ("optimal", money)
    if method in ("maximin", "leximin"):
        assert value is not None and value[0] == least
        assert sum(floor(least * d) + 1 for d in PEOPLE) > money  # above it there is not enough for all
    elif method == "minimax":
        assert value == (most,)
        assert sum(ceil(most * d) - 1 for d in PEOPLE) < money  # below it all is not given out
    else:
        assert value == (most - least,) == (narrowest(money, PEOPLE),)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_smallest_gap_of_seats_per_head(solver):
    found = solve(compile(shared("gap", 751, PEOPLE).model()), solver=solver)
    assert (found.status, found.stages[0].value) == ("optimal", (narrowest(751, PEOPLE),))


@pytest.mark.parametrize(("quota", "count"), [(500, 109), (2000, 30), (60, 40)])
def test_the_smallest_share_per_head_of_many_units(quota, count):
    people = [17 * (i * i + 5) % 260 + 12 for i in range(count)]
    found = solve(compile(shared("maximin", quota, people).model()))
    assert (found.status, found.stages[0].value) == ("optimal", (smallest(quota, people),))


TOWNS = """
    187 632 871 832 114 311 170 557 829 510 533 717 438 857 264 146 549 79 449 493 672 830 835 52 762 506 322 788
    871 284 655 154 375 81 72 76 715 604 59 440 752 271 482 793 79 590 277 832 498 557 616 288 403 286 743 274 829
    520 346 72 476 619 707 152 240 694 791 353 173 810 390 788 778 562 482 569 899 736 244 360 340 651 561 567 452
    653 85 541 298 811 866 463 474 730 227 425 611 769 844 740 805 433 138 499 729 570 160 847 217
"""


def test_the_smallest_share_per_head_of_a_hundred_towns_and_five_hundred_places():
    """One place for every begun 122 heads are the 500 places; at the next level, 3 for 365 heads, one would be missing."""
    people = [int(heads) for heads in TOWNS.split()]
    found = solve(compile(shared("maximin", 500, people).model()))
    assert (found.status, found.stages[0].value) == ("optimal", (Fraction(1, 122),))
    assert [sum(ceil(level * d) for d in people) for level in (Fraction(1, 122), Fraction(3, 365))] == [500, 501]


@pytest.mark.parametrize(("quota", "left"), [(1000, 4), (1004, 2), (1001, 0)])
def test_the_sorted_vector_of_one_sum_is_the_best_of_all_that_is_left_above_the_smallest(quota, left):
    # 42 heads. 1,000: 166 for seven heads, 332 for fourteen are 996, and one more for each group would be 1,001: 4 are left
    people = [7, 7, 7, 7, 14]
    found = solve(compile(shared("leximin", quota, people).model())).stages[0].value
    level = smallest(quota, people)
    base = [ceil(level * d) for d in people]
    assert quota - sum(base) == left
    every = (extra for extra in np.ndindex(*[left + 1] * 5) if sum(extra) == left)
    assert found == max(
        tuple(sorted(Fraction(b + more, d) for b, more, d in zip(base, extra, people, strict=True))) for extra in every
    )


# city, people and elderly (10,000), risk, doses that can be kept cold in a week
DISTRICTS = """
    a 49 11.8 high 300, b 17 3.7 mid 2000, c 15 3.5 low 400, c 63 9.5 low 1900, d 62 5.6 low 900,
    b 88 16.4 high 2000, c 58 5.1 low 1900, a 117 12.0 low 1900, d 23 4.1 high 700, c 21 3.8 mid 500,
    d 78 15.7 low 800, a 71 13.9 mid 1600, e 82 19.4 mid 900, c 109 12.1 low 2000, e 46 7.8 high 1600,
    b 44 8.1 low 1800, e 61 6.6 low 1700, b 61 5.3 high 2000, e 109 24.9 mid 1300, a 84 13.8 low 400,
    b 42 6.7 low 1100, a 90 16.0 mid 1400, a 93 12.9 mid 700, b 86 8.6 low 1100, a 24 4.9 mid 1700,
    a 18 1.9 high 1000, d 25 5.5 mid 1500, a 53 10.4 low 600, c 18 2.0 high 900, d 9 1.5 low 1000,
    a 44 3.6 high 1300, c 86 15.2 high 1800, b 87 16.6 mid 1900, a 58 8.6 low 1700, c 89 13.2 low 800,
    e 64 6.9 high 300, c 21 1.7 high 500, b 54 10.0 low 1400, e 27 5.1 high 1300, a 68 6.9 mid 1700,
    c 69 9.2 low 1200, c 102 12.8 high 200, d 34 8.2 mid 600, b 96 16.5 high 1100, e 90 20.4 high 1300
"""


def doses(by: str, per: str) -> Any:
    """Doses for 45 districts in six weeks: caps, a least part for the elderly, 40 % a week where the risk is high."""
    kinds = {"city": str, "people": int, "old": Decimal, "risk": str, "cold": int}
    rows = [line.split() for line in DISTRICTS.replace("\n", " ").split(",")]
    units = {
        f"d{i:02}": {name: kind(v) for (name, kind), v in zip(kinds.items(), row, strict=True)}
        for i, row in enumerate(rows, start=1)
    }
    quota = {1: 12000, 2: 15000, 3: 18000, 4: 22000, 5: 22000, 6: 25000}
    old = {"of": "dose", "by": "unit", "at_least": "least(ceil(old * 200), 6 * cold)"}
    risk = {"of": "dose", "part": "risk = 'high'", "within": "period", "at_least": Decimal("0.4")}
    entry = {
        "about": "doses",
        "world": {
            "periods": list(quota),
            "units": units,
            "programs": {"dose": {"decides": "amount", "quota": quota, "per_unit": {"at_most": "cold"}}},
            "rules": [{"id": "old", "total": old}, {"id": "risk", "share": risk}],
        },
        "objectives": [{"fair": {"of": "dose", "by": by, "per": per, "method": "leximin"}}],
    }
    return brief(entry)


def test_doses_of_thousands_for_cities_in_six_weeks():
    # No rule keeps a city from its part of the 114,000: the smallest is that of one sum for five cities
    people = {"a": 769, "b": 575, "c": 479, "d": 231, "e": 651}
    problem = compile(doses("city", "sum(people)").model())
    found = solve(problem)
    values = found.stages[0].value
    assert found.status == "optimal" and values is not None and found.allocation is not None
    assert sum(given(found)) == 114_000
    assert values[0] == smallest(114_000, list(people.values())) == Fraction(32408, 769)
    assert certify(problem, found.allocation, backend("cpsat"), Clock(Limits())).verdict == "certified"


def test_doses_of_thousands_for_districts_in_six_weeks():
    # The worst three can keep 200, 300 and 400 a week cold: 1,200 for 102, 1,800 for 64, 2,400 for 84
    found = solve(compile(doses("unit", "people").model()))
    values = found.stages[0].value
    assert found.status == "optimal" and values is not None and len(values) == 45
    assert values[:3] == (Fraction(1200, 102), Fraction(1800, 64), Fraction(2400, 84))


@pytest.mark.thorough
def test_doses_of_thousands_for_districts_are_the_same_by_the_other_solver():
    problem = compile(doses("unit", "people").model())
    assert solve(problem, solver="cpsat").allocation == solve(problem).allocation


# Scale ----------------------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@drawn(seed=st.integers(0, 200), method=st.sampled_from(METHODS), money=st.integers(1, 9), heads=st.integers(0, 6))
def test_all_money_and_all_heads_times_a_power_of_ten_give_the_same_plan(seed, method, money, heads):
    asked = world(seed, method)
    fair = asked.policy["objectives"][0]["fair"]
    first = asked.policy["objectives"][0]
    measure, per = fair.get("measure", "1"), fair["per"]
    larger = {**fair, "measure": f"({measure}) * {10**money}", "per": f"({per}) * {10**heads}"}
    give = {"give": first["give"] * 10**money / 10**heads} if "give" in first and money >= heads else {}
    if "give" in first and not give:
        return
    scaled = asked.with_policy(objectives=[{"id": "even", "fair": larger, **give}, *asked.policy["objectives"][1:]])
    plans = [solve(compile(one.model()), limits=Limits(threads=1)) for one in (asked, scaled)]
    assert plans[0].status == plans[1].status
    assert plans[0].allocation == plans[1].allocation


# Limits ---------------------------------------------------------------------------------------------------------------


class Interrupted:
    """A solver that is told to stop at its n-th question."""

    name = "highs"

    def __init__(self, n: int) -> None:
        self.left, self.inner = n, backend("highs")

    def version(self) -> str:
        return self.inner.version()

    def __call__(self, part: Subproblem, clock: Clock, report: Report) -> SolverResult:
        self.left -= 1
        if self.left == 0:
            clock.stop.set()
        return self.inner(part, clock, report)


@pytest.mark.parametrize("method", METHODS)
def test_a_limit_leaves_the_plan_found_on_the_way(method):
    asked = compile(shared(method, 10**6, PEOPLE).model())
    values = []
    for n in (2, 6):
        found = solve(asked, solver=Interrupted(n))
        assert (found.status, sum(given(found))) == ("not proved", 10**6)
        values.append(found.stages[0].value)
    better = {"maximin": 1, "leximin": 1, "minimax": -1, "gap": -1}[method]
    first, later = ([better * v for v in value or ()] for value in values)
    assert first <= later
