# mypy: disable-error-code="arg-type,union-attr,no-untyped-call,no-untyped-def,attr-defined"
"""Why so many places and not one more: shares and quotients, reckoned by hand."""

from fractions import Fraction

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


def shared(tmp_path, method):
    (tmp_path / "units.csv").write_text("unit,people\nx,53\ny,24\nz,23\n")
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
