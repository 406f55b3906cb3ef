"""The same kinds of problem with other data, as a reader of the handbook writes them; each answer is computed beside it.

Lives here: models in the policy language, and plain enumeration of the same question that shares nothing with the engine.
Not here: worlds whose answer is argued by hand (test_twists.py), larger ones (test_larger.py).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, permutations, product
from math import prod
from random import Random

import pytest
from tests.instances.tiny import answer

PROJECTS = "abcdefghij"
DISTRICT = {p: "nsw"[i % 3] for i, p in enumerate(PROJECTS)}


def subsets(items: Iterable[str]) -> list[tuple[str, ...]]:
    items = list(items)
    return [chosen for size in range(len(items) + 1) for chosen in combinations(items, size)]


def projects(seed: int) -> tuple[dict[str, Decimal], dict[str, int], str]:
    """Costs with two decimals, points, and the table of both with the districts."""
    random = Random(seed)
    cost = {p: Decimal(random.randint(10_000, 99_999)) / 100 for p in PROJECTS}
    points = {p: random.randint(10, 99) for p in PROJECTS}
    rows = [f"{p},{cost[p]},{points[p]},{DISTRICT[p]}" for p in PROJECTS]
    return cost, points, " ".join(["unit,cost,points,district", *rows])


FUND = """
parameters: {budget: 2500.50}
programs: {fund: {decides: selection}}
objectives: [{id: points, total: {maximize: points, of: fund}}]
rules:
- {id: budget, total: {of: fund, measure: cost, at_most: budget}}
"""


def most_points(seed: int, keeps: Callable[[tuple[str, ...], dict[str, Decimal]], bool]) -> int:
    cost, points, _ = projects(seed)
    fits = [s for s in subsets(PROJECTS) if sum(cost[p] for p in s) <= Decimal("2500.50") and keeps(s, cost)]
    return max(sum(points[p] for p in s) for s in fits)


def in_district(chosen: tuple[str, ...], cost: dict[str, Decimal], district: str) -> Decimal:
    return sum((cost[p] for p in chosen if DISTRICT[p] == district), Decimal(0))


@pytest.mark.parametrize("seed", range(3))
def test_at_most_40_percent_of_the_money_that_is_spent_to_one_district(seed, tmp_path):
    rule = "- {id: part, share: {of: fund, by: district, measure: cost, at_most: 0.4}}\n"
    found = answer(tmp_path, FUND + rule, units=projects(seed)[2])

    def keeps(chosen, cost):
        whole = sum(cost[p] for p in chosen)
        return all(in_district(chosen, cost, d) <= Decimal("0.4") * whole for d in "nsw")

    assert found.values["points"] == most_points(seed, keeps)


@pytest.mark.parametrize("seed", range(3))
def test_each_district_a_least_amount_of_money_or_nothing(seed, tmp_path):
    rule = "- {id: least, total: {of: fund, by: district, measure: cost, at_least: 1200, or_none: true}}\n"
    found = answer(tmp_path, FUND + rule, units=projects(seed)[2])

    def keeps(chosen, cost):
        return all(in_district(chosen, cost, d) == 0 or in_district(chosen, cost, d) >= 1200 for d in "nsw")

    assert found.values["points"] == most_points(seed, keeps)


@pytest.mark.parametrize(("rounding", "bound"), [("down", 833), ("half_up", 834), ("up", 834)])
def test_a_third_of_the_budget_with_a_stated_rounding(rounding, bound, tmp_path):
    # 2500.50 / 3 = 833.5
    rule = (
        f"- {{id: third, total: {{of: fund, by: district, measure: cost, at_most: 'divide_{rounding}(budget, 3)'}}}}\n"
    )
    found = answer(tmp_path, FUND + rule, units=projects(5)[2])
    keeps = lambda chosen, cost: all(in_district(chosen, cost, d) <= bound for d in "nsw")  # noqa: E731
    assert found.values["points"] == most_points(5, keeps)


def test_a_part_of_the_total_of_another_table_with_large_decimals(tmp_path):
    # what was pledged: 11 thousand millions with six decimals; a quarter of a millionth of it, half up, is the budget
    pledged = [Decimal("9876543210.123456"), Decimal("1234567890.654321"), Decimal("1.000001")]
    policy = """
    tables: {pledges: {file: pledges.csv, key: [unit, donor]}}
    figures: {pledged: sum(pledges.money)}
    programs: {fund: {decides: selection}}
    objectives: [{id: points, total: {maximize: points, of: fund}}]
    rules: [{id: part, total: {of: fund, measure: cost, at_most: "divide_half_up(pledged, 4000000)"}}]
    """
    bound = int(sum(pledged, Decimal(0)) / 4_000_000 + Decimal("0.5"))
    cost, points, units = projects(6)
    pledges = "unit,donor,money " + " ".join(f"a,d{i},{m}" for i, m in enumerate(pledged))
    best = max(sum(points[p] for p in s) for s in subsets(PROJECTS) if sum(cost[p] for p in s) <= bound)
    assert answer(tmp_path, policy, units=units, pledges=pledges).values["points"] == best


@pytest.mark.parametrize("seed", range(2))
def test_owners_have_one_project_each_and_an_empty_owner_excludes_nobody(seed, tmp_path):
    random = Random(seed)
    owner = {p: random.choice(["ann", "bob", "eve", ""]) for p in PROJECTS}
    rows = projects(seed)[2].split()
    units = " ".join([rows[0] + ",owner", *(f"{row},{owner[row[0]]}" for row in rows[1:])])
    found = answer(tmp_path, FUND + "- {id: owner, total: {of: fund, by: owner, at_most: 1}}\n", units=units)

    def keeps(chosen, _):
        return all(sum(owner[p] == o for p in chosen) <= 1 for o in ("ann", "bob", "eve"))

    assert found.values["points"] == most_points(seed, keeps)


# Years: what must come before -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "late"), [("earlier", 1), ("by_then", 0)])
def test_a_project_needs_others_in_an_earlier_year(when, late, tmp_path):
    # two of five a year for three years; c needs a, d needs b and c; e is free. A later year counts less
    policy = f"""
    periods: [1, 2, 3]
    tables: {{first: {{file: first.csv, key: [unit, needed]}}}}
    programs: {{build: {{decides: selection, quota: {{at_most: 2}}, repeat: never}}}}
    rules: [{{id: first, requires: {{of: build, needs: build, at: needed, when: {when}}}}}]
    objectives: [{{id: worth, total: {{maximize: "points * (4 - period)", of: build}}}}]
    """
    points = dict(zip("abcde", (1, 2, 9, 20, 5), strict=True))
    needs = {"c": "a", "d": "bc"}
    units = "unit,points " + " ".join(f"{p},{n}" for p, n in points.items())
    first = "unit,needed c,a d,b d,c"
    best = 0
    for years in product((1, 2, 3, 99), repeat=5):  # 99: never
        year = dict(zip("abcde", years, strict=True))
        if max(years.count(y) for y in (1, 2, 3)) > 2:
            continue
        if all(year[p] == 99 or year[n] + late <= year[p] for p, ns in needs.items() for n in ns):
            best = max(best, sum(points[p] * (4 - y) for p, y in year.items() if y < 99))
    assert answer(tmp_path, policy, units=units, first=first).values["worth"] == best


# Nearest sites, opening, changes ----------------------------------------------------------------------------------------

SITES = """
tables: {ways: {file: ways.csv, key: [unit, program]}}
programs: {site: {from: {file: sites.csv, id: site}, decides: selection}}
rules:
- {id: once, total: {of: site, by: unit, exactly: 1}}
"""


def world_of_sites(
    seed: int,
) -> tuple[dict[str, int], dict[str, Decimal], dict[tuple[str, str], Decimal], dict[str, str]]:
    """People of eight clients, opening costs of five sites, kilometres between them; and the tables of all that."""
    random = Random(seed)
    people = {c: random.randint(1, 50) for c in "ABCDEFGH"}
    opening = {s: Decimal(random.randint(100_000, 400_000)) / 1000 for s in "pqrst"}
    km = {(c, s): Decimal(random.randint(100, 9999)) / 100 for c in people for s in opening}
    tables = {
        "units": "unit,people " + " ".join(f"{c},{n}" for c, n in people.items()),
        "sites": "site,opening " + " ".join(f"{s},{n}" for s, n in opening.items()),
        "ways": "unit,program,km " + " ".join(f"{c},{s},{n}" for (c, s), n in km.items()),
    }
    return people, opening, km, tables


def way(people, km, sites) -> Decimal:
    """Everybody goes to the nearest of the open sites."""
    return sum((n * min(km[c, s] for s in sites) for c, n in people.items()), Decimal(0))


@pytest.mark.parametrize("seed", range(2))
def test_two_sites_and_everybody_goes_to_the_nearest(seed, tmp_path):
    people, opening, km, tables = world_of_sites(seed)
    policy = SITES + "- {id: open, reach: {of: site, by: program, at_most: 2}}\n"
    policy += "objectives: [{id: way, total: {minimize: km * people, of: site}}]\n"
    found = answer(tmp_path, policy, **tables)
    assert found.values["way"] == Fraction(min(way(people, km, two) for two in combinations(opening, 2)))


@pytest.mark.parametrize("seed", range(2))
def test_sites_cost_their_opening_and_everybody_goes_to_the_nearest(seed, tmp_path):
    people, opening, km, tables = world_of_sites(seed)
    policy = (
        SITES
        + """
objectives:
- id: cost
  sum:
    minimize:
    - {total: {of: site, measure: km * people}}
    - {reach: {of: site, by: program, weight: opening}, times: 1.5}
"""
    )
    found = answer(tmp_path, policy, **tables)
    costs = [
        way(people, km, sites) + Decimal("1.5") * sum(opening[s] for s in sites) for sites in subsets(opening) if sites
    ]
    assert found.values["cost"] == Fraction(min(costs))


def test_sites_in_a_budget_one_in_each_region(tmp_path):
    # the money for opening is a bound, not a price; each region (p and q, r and s, t) has one open site at least
    people, opening, km, tables = world_of_sites(7)
    region = dict(zip("pqrst", "eewwm", strict=True))
    tables["sites"] = "site,opening,region " + " ".join(f"{s},{n},{region[s]}" for s, n in opening.items())
    policy = (
        SITES
        + """
- {id: money, reach: {of: site, by: program, weight: opening, at_most: 800}}
- {id: regions, reach: {of: site, by: program, within: region, at_least: 1}}
objectives: [{id: way, total: {minimize: km * people, of: site}}]
"""
    )
    allowed = [
        sites
        for sites in subsets(opening)
        if sum(opening[s] for s in sites) <= 800 and {region[s] for s in sites} == set("ewm")
    ]
    assert answer(tmp_path, policy, **tables).values["way"] == Fraction(min(way(people, km, s) for s in allowed))


@pytest.mark.parametrize("most", [0, 2, 5])
def test_at_most_so_many_changes_from_the_former_allocation(most, tmp_path):
    # four counties, eight places; the former plan was 3 3 2 0, and d is the thirsty one
    policy = f"""
    programs: {{places: {{decides: amount, quota: 8}}}}
    rules: [{{id: near, keep: {{file: former.csv, at_most: {most}}}}}]
    objectives: [{{id: wish, total: {{maximize: wish, of: places}}}}]
    """
    former, wish = (3, 3, 2, 0), (2, 1, 1, 5)
    plans = [x for x in product(range(9), repeat=4) if sum(x) == 8]
    near = [x for x in plans if sum(abs(a - b) for a, b in zip(x, former, strict=True)) <= most]
    best = max(sum(a * w for a, w in zip(x, wish, strict=True)) for x in near)
    rows = "unit,program,period,amount a,places,1,3 b,places,1,3 c,places,1,2"
    found = answer(tmp_path, policy, units="unit,wish a,2 b,1 c,1 d,5", former=rows)
    assert found.values["wish"] == best


def test_points_against_changes_in_one_figure(tmp_path):
    policy = """
    programs: {fund: {decides: selection, quota: 4}}
    objectives: [{id: both, sum: {maximize: [{total: {of: fund, measure: points}}, {keep: {file: former.csv}, times: -7.5}]}}]
    """
    _, points, units = projects(3)
    former = set("abcd")
    rows = "unit,program,period,amount " + " ".join(f"{p},fund,1,1" for p in former)
    best = max(sum(points[p] for p in s) - 7.5 * len(former ^ set(s)) for s in combinations(PROJECTS, 4))
    assert answer(tmp_path, policy, units=units, former=rows).values["both"] == Fraction(best)


# Voters, fairness, seats ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("needs", [1, 3])
@pytest.mark.parametrize("seed", range(2))
def test_weighted_voters_with_one_or_three_funded_projects(seed, needs, tmp_path):
    random = Random(seed)
    cost, _, units = projects(seed)
    approves = {f"v{i:02}": random.sample(PROJECTS, random.randint(1, 6)) for i in range(30)}
    weight = {v: Decimal(random.randint(5, 30)) / 10 for v in approves}
    policy = f"""
    groups: {{voter: {{file: voters.csv, id: voter}}}}
    tables: {{approvals: {{file: approvals.csv, key: [unit, voter]}}}}
    programs: {{fund: {{decides: selection}}}}
    rules: [{{id: budget, total: {{of: fund, measure: cost, at_most: 2000}}}}]
    objectives: [{{id: voters, reach: {{of: fund, by: voter, weight: voter.weight, needs: {needs}}}}}]
    """
    tables = {
        "voters": "voter,weight " + " ".join(f"{v},{w}" for v, w in weight.items()),
        "approvals": "unit,voter " + " ".join(f"{p},{v}" for v, ps in approves.items() for p in ps),
    }
    best = max(
        sum(w for v, w in weight.items() if len(set(approves[v]) & set(s)) >= needs)
        for s in subsets(PROJECTS)
        if sum(cost[p] for p in s) <= 2000
    )
    assert answer(tmp_path, policy, units=units, **tables).values["voters"] == Fraction(best)


@pytest.mark.parametrize("seed", range(3))
def test_the_poorest_district_first_in_money_per_head(seed, tmp_path):
    cost, _, units = projects(seed)
    heads = {"n": 3, "s": 5, "w": 4}
    policy = """
    groups: {district: {file: districts.csv, id: district}}
    programs: {fund: {decides: selection}}
    rules: [{id: budget, total: {of: fund, measure: cost, at_most: 2500.50}}]
    objectives: [{id: even, fair: {of: fund, by: district, measure: cost, per: district.heads, method: leximin}}]
    """
    districts = "district,heads " + " ".join(f"{d},{n}" for d, n in heads.items())
    best = max(
        sorted(Fraction(in_district(s, cost, d)) / n for d, n in heads.items())
        for s in subsets(PROJECTS)
        if sum(cost[p] for p in s) <= Decimal("2500.50")
    )
    assert answer(tmp_path, policy, units=units, districts=districts).values["even"] == tuple(best)


def squared(method: str, k: int) -> Fraction:
    """The divisor of a k-th seat, squared (that of Huntington-Hill is a root)."""
    return {
        "webster": Fraction(2 * k - 1, 2) ** 2,
        "huntington_hill": Fraction(k * (k - 1)),
        "jefferson": Fraction(k) ** 2,
        "adams": Fraction(k - 1) ** 2,
    }[method]


@pytest.mark.parametrize("method", ["webster", "huntington_hill", "jefferson", "adams"])
def test_biproportional_seats_by_several_methods(method, tmp_path):
    # of all tables with these margins the one with the largest product of votes / divisor over all seats
    random = Random(11)
    votes = {(d, p): random.randint(50, 900) for d in "xyz" for p in "kln"}
    seats, parties = {"x": 5, "y": 4, "z": 6}, {"k": 6, "l": 5, "n": 4}
    policy = f"""
    tables: {{lists: {{file: lists.csv, key: [unit, program]}}}}
    programs: {{party: {{from: {{file: parties.csv, id: party}}, decides: amount, quota: places}}}}
    rules: [{{id: districts, total: {{of: party, by: unit, exactly: seats}}}}]
    objectives: [{{id: fair, apportion: {{of: party, by: [unit, program], weight: votes, method: {method}}}}}]
    """
    tables = {
        "units": "unit,seats " + " ".join(f"{d},{n}" for d, n in seats.items()),
        "parties": "party,places " + " ".join(f"{p},{n}" for p, n in parties.items()),
        "lists": "unit,program,votes " + " ".join(f"{d},{p},{n}" for (d, p), n in votes.items()),
    }

    def quality(table):
        worth = prod(
            Fraction(votes[cell] ** 2) / squared(method, k)
            for cell, amount in table.items()
            for k in range(1, amount + 1)
            if squared(method, k)
        )
        return (sum(n > 0 for n in table.values()) if not squared(method, 1) else 0, worth)

    tables_of = []
    for four in product(range(7), repeat=4):
        rest = dict(zip((("x", "k"), ("x", "l"), ("y", "k"), ("y", "l")), four, strict=True))
        for d in "xy":
            rest[d, "n"] = seats[d] - rest[d, "k"] - rest[d, "l"]
        for p in "kln":
            rest["z", p] = parties[p] - rest["x", p] - rest["y", p]
        if min(rest.values()) >= 0:
            tables_of.append(rest)
    best = max(tables_of, key=quality)
    assert sum(quality(t) == quality(best) for t in tables_of) == 1
    found = answer(tmp_path, policy, **tables).plan
    assert found == {f"{d} {p}": n for (d, p), n in best.items() if n}


# Exact figures ----------------------------------------------------------------------------------------------------------


def test_the_sum_of_thousands_of_large_decimals_is_exact(tmp_path):
    # 2,000 jobs, each to the cheapest of three: the sum of the least costs, to the last of six decimals
    random = Random(1)
    cost = {(f"j{i:04}", p): Decimal(random.randint(10**11, 10**13)) / 10**6 for i in range(2000) for p in "pqr"}
    policy = """
    tables: {pairs: {file: pairs.csv, key: [unit, program]}}
    programs: {agent: {from: {file: agents.csv, id: agent}, decides: selection}}
    rules: [{id: once, total: {of: agent, by: unit, exactly: 1}}]
    objectives: [{id: cost, total: {minimize: cost, of: agent}}]
    """
    jobs = sorted({j for j, _ in cost})
    tables = {
        "units": "unit " + " ".join(jobs),
        "agents": "agent p q r",
        "pairs": "unit,program,cost " + " ".join(f"{j},{p},{n}" for (j, p), n in cost.items()),
    }
    least = sum(min(cost[j, p] for p in "pqr") for j in jobs)
    assert answer(tmp_path, policy, **tables).values["cost"] == Fraction(least)


def test_an_assignment_with_six_decimals(tmp_path):
    random = Random(4)
    cost = [[Decimal(random.randint(10**12, 10**13)) / 10**6 for _ in range(6)] for _ in range(6)]
    policy = """
    tables: {pairs: {file: pairs.csv, key: [unit, program]}}
    programs: {post: {from: {file: posts.csv, id: post}, decides: selection, quota: 1}}
    rules: [{id: once, total: {of: post, by: unit, exactly: 1}}]
    objectives: [{id: cost, total: {minimize: cost, of: post}}]
    """
    tables = {
        "units": "unit " + " ".join("abcdef"),
        "posts": "post " + " ".join("uvwxyz"),
        "pairs": "unit,program,cost "
        + " ".join(f"{u},{p},{cost[i][j]}" for i, u in enumerate("abcdef") for j, p in enumerate("uvwxyz")),
    }
    least = min(sum(cost[i][j] for i, j in enumerate(order)) for order in permutations(range(6)))
    assert answer(tmp_path, policy, **tables).values["cost"] == Fraction(least)
