"""Larger worlds of the same kinds, each answer found another way: a plain algorithm, or a model for CP-SAT written here.

Lives here: one world of each kind, in a size that people ask for.
Not here: small worlds and twists (test_computed.py, test_twists.py).
"""

from collections import Counter
from fractions import Fraction
from heapq import heapify, heapreplace
from itertools import combinations
from math import floor, isqrt
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from benchmarks.instances import Instance
from ortools.sat.python import cp_model

from allocator.audit import audit
from allocator.load import load
from allocator.solve import solve
from allocator.solve.solution import Solution


def solved(folder: Path, policy: dict[str, Any], **tables: list[dict[str, Any]]) -> Solution:
    """The proved best plan of a world with one year, which the audit accepts."""
    policy = {"title": "Larger", "periods": [1], **policy}
    model = load(Instance("larger", policy, {f"{name}.csv": rows for name, rows in tables.items()}).write(folder))
    found = solve(model)
    assert found.status == "optimal" and found.allocation is not None
    assert audit(model, found.allocation).violations == ()
    return found


def seats(found: Solution) -> dict[str, int]:
    assert found.allocation is not None
    return {award.unit: award.amount for award in found.allocation.awards}


def test_300_projects_and_12_districts(tmp_path):
    random = Random(2)
    projects = [
        {
            "unit": f"p{i:03}",
            "cost": random.randint(50, 3000) * 10,
            "votes": random.randint(20, 3000),
            "district": i % 12,
        }
        for i in range(300)
    ]
    budget = 1_000_000
    policy = {
        "units": {"file": "projects.csv", "id": "unit"},
        "programs": {"fund": {"decides": "selection"}},
        "rules": [
            {"id": "budget", "total": {"of": "fund", "measure": "cost", "at_most": budget}},
            {"id": "districts", "total": {"of": "fund", "by": "district", "at_least": 2}},
        ],
        "objectives": [{"id": "votes", "total": {"maximize": "votes", "of": "fund"}}],
    }
    (stage,) = solved(tmp_path, policy, projects=projects).stages
    model = cp_model.CpModel()
    x = [model.new_bool_var(p["unit"]) for p in projects]
    model.add(sum(p["cost"] * v for p, v in zip(projects, x, strict=True)) <= budget)
    for district in range(12):
        model.add(sum(v for p, v in zip(projects, x, strict=True) if p["district"] == district) >= 2)
    model.maximize(sum(p["votes"] * v for p, v in zip(projects, x, strict=True)))
    other = cp_model.CpSolver()
    assert other.solve(model) == cp_model.OPTIMAL
    assert stage.value == (Fraction(round(other.objective_value)),)


def test_a_panel_of_110_from_2000(tmp_path):
    random = Random(3)
    values = {"sex": "fm", "age": "abcde", "school": "123", "region": "ghijklmnopqr", "origin": "xyz", "view": "pqrs"}
    people = [
        {
            "unit": f"v{i:04}",
            **{f: random.choice(vs) for f, vs in values.items()},
            "address": f"h{random.randint(0, 1500)}",
        }
        for i in range(2000)
    ]
    limits = {
        (f, v): (110 * 9 // (10 * len(vs)), -(-110 * 11 // (10 * len(vs)))) for f, vs in values.items() for v in vs
    }
    policy = {
        "units": {"file": "people.csv", "id": "unit"},
        "groups": {"quota": {"file": "quotas.csv", "id": "quota"}},
        "tables": {"counts": {"file": "counts.csv", "key": ["unit", "quota"]}},
        "programs": {"panel": {"decides": "selection", "quota": 110}},
        "rules": [
            {"id": "quotas", "total": {"of": "panel", "by": "quota", "at_least": "quota.low", "at_most": "quota.high"}},
            {"id": "address", "total": {"of": "panel", "by": "address", "at_most": 1}},
        ],
    }
    quotas = [{"quota": f"{f}: {v}", "low": low, "high": high} for (f, v), (low, high) in limits.items()]
    counts = [{"unit": p["unit"], "quota": f"{f}: {p[f]}"} for p in people for f in values]
    panel = set(seats(solved(tmp_path, policy, people=people, quotas=quotas, counts=counts)))
    chosen = [p for p in people if p["unit"] in panel]
    assert len(chosen) == len({p["address"] for p in chosen}) == 110
    for feature in values:
        found = Counter(p[feature] for p in chosen)
        assert all(low <= found[v] <= high for (f, v), (low, high) in limits.items() if f == feature)


COUNTIES = 2850
PLACES = 5000


def people_of_counties() -> dict[str, int]:
    random = Random(5)
    return {f"c{i:04}": random.randint(20_000, 900_000) for i in range(COUNTIES)}


def largest_remainder(people: dict[str, int]) -> dict[str, int]:
    whole = sum(people.values())
    exact = {c: Fraction(PLACES * n, whole) for c, n in people.items()}
    found = {c: floor(share) for c, share in exact.items()}
    rest = sorted(people, key=lambda c: (found[c] - exact[c], c))
    for county in rest[: PLACES - sum(found.values())]:
        found[county] += 1
    return found


def huntington_hill(people: dict[str, int]) -> dict[str, int]:
    found = dict.fromkeys(people, 1)

    def claim(county: str) -> tuple[Fraction, str]:
        k = found[county] + 1
        return (-Fraction(people[county] ** 2, k * (k - 1)), county)

    claims = [claim(county) for county in people]
    heapify(claims)
    for _ in range(PLACES - len(people)):
        county = claims[0][1]
        found[county] += 1
        heapreplace(claims, claim(county))
    return found


@pytest.mark.parametrize("method", [largest_remainder, huntington_hill])
def test_5000_places_to_2850_counties(method, tmp_path):
    people = people_of_counties()
    policy = {
        "units": {"file": "counties.csv", "id": "unit"},
        "programs": {"places": {"decides": "amount", "quota": PLACES}},
        "objectives": [{"id": "fair", "apportion": {"of": "places", "weight": "people", "method": method.__name__}}],
    }
    rows = [{"unit": c, "people": n} for c, n in people.items()]
    assert seats(solved(tmp_path, policy, counties=rows)) == {c: n for c, n in method(people).items() if n}


def test_biproportional_seats_of_40_districts_and_10_parties(tmp_path):
    random = Random(6)
    districts, parties = [f"d{i:02}" for i in range(40)], [f"p{i}" for i in range(10)]
    votes = {(d, p): random.randint(200, 30_000) for d in districts for p in parties}
    size = {d: random.randint(3, 15) for d in districts}
    whole = {p: sum(votes[d, p] for d in districts) for p in parties}
    exact = {p: Fraction(sum(size.values()) * n, sum(whole.values())) for p, n in whole.items()}
    places = {p: floor(share) for p, share in exact.items()}
    for party in sorted(parties, key=lambda p: places[p] - exact[p])[: sum(size.values()) - sum(places.values())]:
        places[party] += 1
    policy = {
        "units": {"file": "districts.csv", "id": "unit"},
        "tables": {"lists": {"file": "lists.csv", "key": ["unit", "program"]}},
        "programs": {"party": {"from": {"file": "parties.csv", "id": "party"}, "decides": "amount", "quota": "places"}},
        "rules": [{"id": "districts", "total": {"of": "party", "by": "unit", "exactly": "size"}}],
        "objectives": [
            {
                "id": "fair",
                "apportion": {"of": "party", "by": ["unit", "program"], "weight": "votes", "method": "webster"},
            }
        ],
    }
    found = solved(
        tmp_path,
        policy,
        districts=[{"unit": d, "size": n} for d, n in size.items()],
        parties=[{"party": p, "places": n} for p, n in places.items()],
        lists=[{"unit": d, "program": p, "votes": n} for (d, p), n in votes.items()],
    )
    assert found.allocation is not None
    table = Counter({(a.unit, a.program): a.amount for a in found.allocation.awards})
    # A table is best when no cycle of transfers gains; here every cycle of two districts and two parties: a seat of d goes
    # from p to q and one of e from q to p, and the product of votes / divisor must not rise.
    for d, e in ((d, e) for d in districts for e in districts if d != e):
        for p, q in ((p, q) for p in parties for q in parties if p != q):
            if table[d, p] and table[e, q]:
                gain = votes[d, q] * votes[e, p] * (2 * table[d, p] - 1) * (2 * table[e, q] - 1)
                loss = votes[d, p] * votes[e, q] * (2 * table[d, q] + 1) * (2 * table[e, p] + 1)
                assert gain <= loss


def test_five_of_20_sites_for_80_clients(tmp_path):
    random = Random(8)
    clients = [(random.randint(0, 999), random.randint(0, 999)) for _ in range(80)]
    sites = [(random.randint(0, 999), random.randint(0, 999)) for _ in range(20)]
    people = [random.randint(1, 400) for _ in clients]
    opening = [random.randint(50_000, 600_000) for _ in sites]
    way = [[isqrt((a - c) ** 2 + (b - d) ** 2) for c, d in sites] for a, b in clients]
    policy = {
        "units": {"file": "clients.csv", "id": "unit"},
        "tables": {"ways": {"file": "ways.csv", "key": ["unit", "program"]}},
        "programs": {"site": {"from": {"file": "sites.csv", "id": "site"}, "decides": "selection"}},
        "rules": [
            {"id": "once", "total": {"of": "site", "by": "unit", "exactly": 1}},
            {"id": "open", "reach": {"of": "site", "by": "program", "at_most": 5}},
        ],
        "objectives": [
            {
                "id": "cost",
                "sum": {
                    "minimize": [
                        {"total": {"of": "site", "measure": "way * people"}},
                        {"reach": {"of": "site", "by": "program", "weight": "opening"}},
                    ]
                },
            }
        ],
    }
    (stage,) = solved(
        tmp_path,
        policy,
        clients=[{"unit": f"c{i:02}", "people": n} for i, n in enumerate(people)],
        sites=[{"site": f"s{j:02}", "opening": n} for j, n in enumerate(opening)],
        ways=[
            {"unit": f"c{i:02}", "program": f"s{j:02}", "way": n}
            for i, row in enumerate(way)
            for j, n in enumerate(row)
        ],
    ).stages
    cost = np.array(way) * np.array(people)[:, None]
    chosen = (list(some) for size in range(1, 6) for some in combinations(range(20), size))
    least = min(int(cost[:, some].min(axis=1).sum()) + sum(opening[j] for j in some) for some in chosen)
    assert stage.value == (Fraction(least),)
