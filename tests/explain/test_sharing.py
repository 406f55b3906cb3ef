# mypy: disable-error-code="arg-type,union-attr,operator,no-untyped-call,no-untyped-def,attr-defined"
"""Why so many places and not one more: shares and quotients, reckoned by hand."""

import random
from fractions import Fraction
from math import ceil

import pytest

from allocator.certificate.chain import chain_of
from allocator.explain.sharing import sharings
from allocator.load import load
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

POLICY = """model: small
title: Small
periods: [2026]
units: {{file: units.csv, id: unit}}
programs: {{a: {{title: A, decides: amount, quota: 10}}}}
objectives: [{{id: even, text: even, apportion: {{of: a, weight: people, method: {method}, within: period}}}}]
"""
# 10 places for 53, 24 and 23: the quotients by hand, squared; none of them are equal.
QUOTIENTS = {
    "webster": ({"x": 6, "y": 2, "z": 2}, lambda w, k: Fraction(2 * w, 2 * k - 1) ** 2),
    "jefferson": ({"x": 6, "y": 2, "z": 2}, lambda w, k: Fraction(w, k) ** 2),
    "huntington_hill": ({"x": 5, "y": 3, "z": 2}, lambda w, k: Fraction(w * w, k * (k - 1))),
}


def shared(tmp_path, method, people=(53, 24, 23)):
    rows = "".join(f"{unit},{weight}\n" for unit, weight in zip("xyzuvw", people, strict=False))
    (tmp_path / "units.csv").write_text(f"unit,people\n{rows}")
    (tmp_path / "model.yaml").write_text(POLICY.format(method=method))
    problem, clock = compile(load(tmp_path)), Clock(Limits(threads=1))
    solution = solve(problem, clock=clock)
    chain = chain_of(problem, solution, clock)
    return {one.label[-1]: one for one in sharings(chain)}


@pytest.mark.parametrize("method", QUOTIENTS)
def test_quotients_of_the_places_beside_the_last_one(tmp_path, method):
    amounts, quotient = QUOTIENTS[method]
    weights = {"x": 53, "y": 24, "z": 23}
    found = shared(tmp_path, method)
    assert {unit: one.amount for unit, one in found.items()} == amounts
    given = min((quotient(weights[u], k), u, k) for u in weights for k in range(2, amounts[u] + 1))
    refused = max((quotient(weights[u], amounts[u] + 1), u) for u in weights)
    for unit, one in found.items():
        assert one.exact == Fraction(weights[unit], 10)
        assert one.next.squared == quotient(weights[unit], amounts[unit] + 1)
        assert (one.given.squared, one.given.label[-1], one.given.number) == given
        assert (one.refused.squared, one.refused.label[-1]) == refused
        assert one.refused.rank < one.given.rank


# How a quotient is rounded, by hand.
ROUNDED = {
    "webster": lambda q: int(q + Fraction(1, 2)),
    "jefferson": int,
    "adams": ceil,
    "huntington_hill": lambda q: int(q) + (q * q > int(q) * (int(q) + 1)),
}


@pytest.mark.parametrize("method", ROUNDED)
@pytest.mark.parametrize("seed", range(4))
def test_every_weight_by_one_divisor_and_rounded_is_its_places(tmp_path, method, seed):
    """And no divisor with fewer decimals does that; where places tie at the end, the quotient is on the line between two."""
    drawn = random.Random(f"{method} {seed}")
    people = [drawn.choice([drawn.randint(1, 9) * 100, drawn.randint(1, 9999)]) for _ in range(6)]
    found = shared(tmp_path, method, people)
    divisor = next(iter(found.values())).divisor
    told = [one for one in found.values() if one.quotient is not None]
    assert len(told) == len(found) and {one.divisor for one in told} == {divisor}
    for one in told:
        assert one.quotient * divisor == one.weight
        assert ROUNDED[method](one.quotient) == one.amount
    step = Fraction(1)
    while (divisor / step).denominator == 1:
        step *= 10
    while (divisor / step).denominator > 1:
        step /= 10
    for fewer in (divisor // (10 * step) * 10 * step, -(-divisor // (10 * step)) * 10 * step):
        assert not fewer or sum(ROUNDED[method](Fraction(weight) / fewer) for weight in people) != 10


def test_the_divisor_is_not_the_quotient_of_the_place_that_was_refused(tmp_path):
    found = shared(tmp_path, "webster", (52, 43, 15))
    assert {one.refused.squared for one in found.values()} == {100}
    assert {(one.amount, one.divisor) for one in found.values()} == {(5, 11), (4, 11), (1, 11)}


def test_two_with_an_equal_claim_to_the_last_place_have_quotients_on_the_line(tmp_path):
    found = shared(tmp_path, "webster", (30, 30, 13))
    assert sorted(one.amount for one in found.values()) == [2, 4, 4]
    found = shared(tmp_path, "webster", (30, 30, 20, 20))
    assert {one.quotient for one in found.values()} == {Fraction(3), Fraction(2)}
    found = shared(tmp_path, "webster", (30, 30))
    assert {(one.amount, one.divisor, one.quotient) for one in found.values()} == {(5, 6, Fraction(5))}
    found = shared(tmp_path, "webster", (10, 10, 10))
    assert {(one.divisor, one.quotient) for one in found.values()} == {(Fraction(20, 7), Fraction(7, 2))}
    found = shared(tmp_path, "huntington_hill", (10, 10, 10))
    assert {one.quotient is None for one in found.values()} == {False, True}  # a root that no decimal says
    one = next(one for one in found.values() if one.quotient is not None)
    assert one.divisor**2 <= one.given.squared < (one.divisor + Fraction(1, 10**20)) ** 2


def test_of_largest_remainders_there_is_no_divisor(tmp_path):
    assert {one.divisor for one in shared(tmp_path, "largest_remainder").values()} == {None}


def test_of_largest_remainders_the_exact_share(tmp_path):
    found = shared(tmp_path, "largest_remainder")
    assert {unit: (one.amount, one.exact) for unit, one in found.items()} == {
        "x": (5, Fraction(53, 10)),
        "y": (3, Fraction(24, 10)),
        "z": (2, Fraction(23, 10)),
    }


def test_a_group_at_its_limit_says_so_and_the_others_share_the_rest(tmp_path):
    (tmp_path / "units.csv").write_text("unit,people\nx,53\ny,24\nz,23\n")
    policy = POLICY.format(method="webster").replace("quota: 10", 'quota: 10, per_unit: {at_most: "4"}')
    (tmp_path / "model.yaml").write_text(policy)
    problem, clock = compile(load(tmp_path)), Clock(Limits(threads=1))
    solution = solve(problem, clock=clock)
    chain = chain_of(problem, solution, clock)
    found = {one.label[-1]: one for one in sharings(chain)}
    assert {unit: (one.amount, one.held) for unit, one in found.items()} == {
        "x": (4, "most"),
        "y": (3, None),
        "z": (3, None),
    }
    assert found["y"].shared == 6 and found["y"].exact == Fraction(24 * 6, 47) and found["y"].places == 10
