"""What others ask of such problems beyond the public ones: each twist in a tiny world, its answer argued beside it.

Lives here: one test a twist, said in the policy language.
Not here: the public instances (test_known.py), every kind to the letter (tests/cases, tests/oracle).
"""

from fractions import Fraction

import pytest
from tests.instances.tiny import answer

from allocator.faults import InputError

FUND = """
programs: {fund: {decides: selection}}
parameters: {budget: 10}
objectives: [{id: points, total: {maximize: points, of: fund}}]
rules:
- {id: budget, total: {of: fund, measure: cost, at_most: budget}}
"""
PROJECTS = "unit,points,cost a,9,6 b,6,5 c,5,5 d,4,4"


def test_without_a_twist(tmp_path):
    # 10 to spend: a + d (13 points) beats b + c (11) and every other pair that fits
    assert answer(tmp_path, FUND, units=PROJECTS).units == "a d"


def test_a_project_needs_another_one(tmp_path):
    # a needs b: a costs 11 then. Without a: b + c (11) beats b + d (10) and c + d (9)
    needs = "- {id: first, requires: {of: fund, needs: fund, at: needed, when: same}}\n"
    found = answer(tmp_path, FUND + needs, units="unit,points,cost,needed a,9,6,b b,6,5, c,5,5, d,4,4,")
    assert (found.units, found.values["points"]) == ("b c", 11)


def test_a_project_needs_several_others(tmp_path):
    # a (20 points, cost 2) needs c and d: 2 + 5 + 4 = 11 is too much for 10, and just enough for 11
    table = "tables: {first: {file: first.csv, key: [unit, needed]}}\n"
    needs = "- {id: first, requires: {of: fund, needs: fund, at: needed, when: same}}\n"
    tables = {"units": "unit,points,cost a,20,2 b,6,5 c,5,5 d,4,4", "first": "unit,needed a,c a,d"}
    assert answer(tmp_path / "10", table + FUND + needs, **tables).units == "b c"
    more = (table + FUND + needs).replace("budget: 10", "budget: 11")
    assert answer(tmp_path / "11", more, **tables).units == "a c d"


def test_a_need_names_a_unit(tmp_path):
    needs = "- {id: first, requires: {of: fund, needs: fund, at: needed, when: same}}\n"
    with pytest.raises(InputError, match=r'units.csv:2 column "needed" unknown-unit'):
        answer(tmp_path, FUND + needs, units="unit,points,cost,needed a,9,6,x b,6,5,")


# Exclusions, bundles ------------------------------------------------------------------------------------------------


def test_two_projects_exclude_each_other(tmp_path):
    # a and d stand in one list of conflicts: b + c (11) and b + d (10) are left, a alone has 9
    table = "tables: {conflicts: {file: conflicts.csv, key: [unit, conflict]}}\n"
    rule = "- {id: conflicts, total: {of: fund, by: conflict, at_most: 1}}\n"
    found = answer(tmp_path, table + FUND + rule, units=PROJECTS, conflicts="unit,conflict a,1 d,1 d,2 c,2")
    assert found.units == "b c"


def test_one_at_each_address(tmp_path):
    # a and d are neighbours; an empty address excludes nobody (and c and b have none)
    rule = "- {id: address, total: {of: fund, by: [street, number], at_most: 1}}\n"
    units = "unit,points,cost,street,number a,9,6,elm,1 b,6,5,, c,5,5,, d,4,4,elm,1"
    assert answer(tmp_path, FUND + rule, units=units).units == "b c"


def test_exactly_one_of_each_class(tmp_path):
    # class x: a or b, class y: c or d. Within 10: a + d (13), b + c (11), b + d (10)
    rule = "- {id: classes, total: {of: fund, by: class, exactly: 1}}\n"
    units = "unit,points,cost,class a,9,6,x b,6,5,x c,5,5,y d,4,4,y e,9,1,z f,8,1,z"
    found = answer(tmp_path, FUND.replace("budget: 10", "budget: 11") + rule, units=units)
    assert found.units == "a d e"  # 6 + 4 + 1 = 11; of e and f the class takes the better one


def test_a_bonus_for_complete_bundles(tmp_path):
    # a bundle counts when all of its projects are funded: b + c complete the bundle north (2 people more than east)
    policy = """
    groups: {bundle: {file: bundles.csv, id: bundle}}
    tables: {parts: {file: parts.csv, key: [unit, bundle]}}
    programs: {fund: {decides: selection}}
    rules: [{id: budget, total: {of: fund, measure: cost, at_most: 10}}]
    objectives:
    - {id: bundles, reach: {of: fund, by: bundle, needs: all, weight: bundle.people}}
    - {id: points, total: {maximize: points, of: fund}}
    """
    tables = {
        "bundles": "bundle,people north,7 east,5 far,99",
        "parts": "unit,bundle b,north c,north a,east d,east a,far b,far c,far",
    }
    found = answer(tmp_path, policy, units=PROJECTS, **tables)
    assert (found.units, found.values) == ("b c", {"bundles": 7, "points": 11})


def test_all_or_none_of_a_bundle(tmp_path):
    # a and b only together: they cost 11. Within 10: c + d (9); alone the best pair was a + d
    table = "tables: {pairs: {file: pairs.csv, key: [unit, other]}}\n"
    rule = "- {id: together, requires: {of: fund, needs: fund, at: other, when: same}}\n"
    found = answer(tmp_path, table + FUND + rule, units=PROJECTS, pairs="unit,other a,b b,a")
    assert found.units == "c d"


# Shares, roundings, computed totals ---------------------------------------------------------------------------------

MONEY = """
programs: {fund: {decides: selection}}
objectives: [{id: points, total: {maximize: points, of: fund}}]
rules:
- {id: count, total: {of: fund, at_most: 3}}
"""


def test_a_share_of_the_money_that_is_actually_spent(tmp_path):
    # roads at most half of what is spent. a alone (all of 6 is roads) breaks it: a + c (6 of 11) too; a + b + c: 6 of 16
    units = "unit,points,cost,kind a,9,6,roads b,1,5,green c,2,5,green d,8,6,roads"
    rule = "- {id: half, share: {of: fund, part: \"kind = 'roads'\", measure: cost, at_most: 0.5}}\n"
    found = answer(tmp_path, MONEY + rule, units=units)
    assert (found.units, found.values["points"]) == ("a b c", 12)  # a + d + one green: 12 of 17


@pytest.mark.parametrize(
    ("rounding", "roads"),
    [("down", 1), ("half_up", 1), ("up", 2)],  # a share of 0.45 of three projects is 1.35
)
def test_a_share_that_is_rounded(rounding, roads, tmp_path):
    # roads are worth more, so as many as may; three projects are always best
    rule = f"- {{id: some, share: {{of: fund, part: \"kind = 'roads'\", at_most: 0.45, rounding: {rounding}}}}}\n"
    units = "unit,points,kind a,9,roads b,8,roads c,7,roads d,3,green e,2,green f,1,green"
    found = answer(tmp_path, MONEY + rule, units=units)
    assert sum(unit in "abc" for unit in found.plan) == roads
    assert len(found.plan) == 3


@pytest.mark.parametrize(("rounding", "green"), [("down", 1), ("half_up", 2), ("up", 2)])
def test_a_least_share_that_is_rounded(rounding, green, tmp_path):
    # 0.5 of three projects is 1.5: the half goes up
    rule = f"- {{id: some, share: {{of: fund, part: \"kind = 'green'\", at_least: 0.5, rounding: {rounding}}}}}\n"
    units = "unit,points,kind a,9,roads b,8,roads c,7,roads d,3,green e,2,green f,1,green"
    found = answer(tmp_path, MONEY + rule, units=units)
    assert sum(unit in "def" for unit in found.plan) == green


def test_a_bound_that_is_a_rounded_part_of_a_computed_total(tmp_path):
    # All costs are 27. Half of them: 13.5. Rounded down a + c fit no more with d (15), and 13 is b + d + e (5 + 4 + 4)
    policy = """
    figures: {all_costs: sum(cost)}
    programs: {fund: {decides: selection}}
    objectives: [{id: cost, total: {maximize: cost, of: fund}}]
    rules: [{id: half, total: {of: fund, by: kind, measure: cost, at_most: "divide_down(all_costs, 4)"}}]
    """
    # 27 / 4 = 6.75: at most 6 for each kind. x: 6 (of 6, 5, 3), y: 5 (of 5, 4, 4: no two of them are within 6)
    units = "unit,cost,kind a,6,x b,5,x c,3,x d,5,y e,4,y f,4,y"
    assert answer(tmp_path, policy, units=units).values["cost"] == 11


def test_seats_by_quota_rounded_either_way(tmp_path):
    # 10 seats by 1,000 voters: exact shares 4.15, 3.35, 2.50: between floor and ceil each, and the rest to the thirsty
    policy = """
    figures: {voters: sum(lists.votes)}
    tables: {lists: {file: lists.csv, key: [unit, list]}}
    programs: {seats: {decides: amount, quota: 10, per_unit: {at_most: 10}}}
    rules:
    - id: quota
      total: {of: seats, by: unit, at_least: "divide_down(10 * own, voters)", at_most: "divide_up(10 * own, voters)"}
    objectives: [{id: thirst, total: {maximize: thirst, of: seats}}]
    """
    tables = {
        "units": "unit,own,thirst a,415,1 b,335,2 c,250,3",
        "lists": "unit,list,votes a,1,400 a,2,15 b,1,335 c,1,250",
    }
    assert answer(tmp_path, policy, **tables).plan == {"a": 4, "b": 3, "c": 3}


def test_a_threshold_of_all_votes(tmp_path):
    # Lists under 5 % of all votes get nothing: c has 4.9 %; nine seats among 500 and 451 by Webster: 5 and 4
    policy = """
    figures: {votes_cast: sum(votes)}
    programs:
      seats:
        decides: amount
        quota: 9
        eligible: [{id: threshold, if: "100 * votes >= 5 * votes_cast", says: under five percent}]
    objectives: [{id: fair, apportion: {of: seats, weight: votes, method: webster}}]
    """
    assert answer(tmp_path, policy, units="unit,votes a,500 b,451 c,49").plan == {"a": 5, "b": 4}


def test_a_list_without_votes_gets_no_seat(tmp_path):
    # biproportional, 2 seats each for districts a, b and lists p, q; q has no list in a: p 2 in a, q 2 in b
    policy = """
    tables: {lists: {file: lists.csv, key: [unit, program]}}
    programs:
      list:
        from: {file: parties.csv, id: party}
        decides: amount
        quota: 2
        eligible: [{id: stands, if: votes > 0, says: has no list there}]
    rules: [{id: district, total: {of: list, by: unit, exactly: 2}}]
    objectives: [{id: fair, apportion: {of: list, by: [unit, program], weight: votes, method: webster}}]
    """
    lists = "unit,program,votes a,p,90 b,p,80 b,q,20"
    assert answer(tmp_path, policy, units="unit a b", parties="party p q", lists=lists).plan == {"a p": 2, "b q": 2}


def test_a_bound_of_a_prefecture_and_a_program_from_a_table(tmp_path):
    # a table keyed by a column of the units and the program is joined on both: north may have 1 of p and 2 of q
    policy = """
    tables: {caps: {file: caps.csv, key: [prefecture, program]}}
    programs: {p: {decides: selection}, q: {decides: selection}}
    rules: [{id: caps, total: {of: [p, q], by: [prefecture, program], at_most: cap}}]
    objectives: [{id: points, total: {maximize: points, of: all}}]
    """
    tables = {
        "units": "unit,points,prefecture a,3,north b,2,north c,1,north d,1,south",
        "caps": "prefecture,program,cap north,p,1 north,q,2 south,p,0 south,q,1",
    }
    assert set(answer(tmp_path, policy, **tables).plan) == {"a p", "a q", "b q", "d q"}


# Amounts: order, distance, minimum -----------------------------------------------------------------------------------


def test_an_order_between_given_pairs(tmp_path):
    # c would take all 9 places; c gets no more than b, b no more than a: 3 each is the most that c can have
    policy = """
    tables: {ranks: {file: ranks.csv, key: [unit, lower]}}
    programs: {places: {decides: amount, quota: 9}}
    rules: [{id: ranks, order: {of: places, than: lower}}]
    objectives: [{id: wish, total: {maximize: wish, of: places}}]
    """
    tables = {"units": "unit,wish a,0 b,1 c,5 d,2", "ranks": "unit,lower a,b b,c"}
    # d has no rank: each place to d brings 2, each three to a, b, c bring 6 = 3 x 2: equal, so the draw decides
    found = answer(tmp_path, policy, **tables)
    assert found.values["wish"] == 18
    assert found.plan.get("a", 0) >= found.plan.get("b", 0) >= found.plan.get("c", 0)


def test_the_order_by_a_measure_or_by_pairs_not_both(tmp_path):
    for fields in ("of: fund", "of: fund, measure: cost, than: points"):
        with pytest.raises(InputError, match="order-by-one"):
            answer(tmp_path, FUND + f"- {{id: ranks, order: {{{fields}}}}}\n", units=PROJECTS)


def test_a_soft_order_between_pairs_counts_every_place(tmp_path):
    # quota 3, all to b: a is 3 behind. Each place for a closes 2 of that: a 1, b 2 misses by 1; a 2, b 1 by none
    policy = """
    programs: {places: {decides: amount, quota: 3}}
    rules: [{id: ranks, order: {of: places, than: lower}, soft: {weight: 1}}]
    objectives:
    - {id: wish, total: {maximize: wish, of: places}, give: 2}
    - {id: order, soft: {}}
    """
    found = answer(tmp_path, policy, units="unit,wish,lower a,0,b b,2,")
    assert (found.plan, found.values) == ({"a": 1, "b": 2}, {"wish": 4, "order": 1})


def test_the_least_distance_to_a_given_allocation(tmp_path):
    # former: a 4, b 4, c 2. Now at most 3 each and 10 in all with d: a 3, b 3 (lost 2), c 3 or d 1 take the two: 4 changes
    policy = """
    programs: {places: {decides: amount, quota: 10, per_unit: {at_most: 3}}}
    objectives:
    - {id: near, keep: {file: former.csv}}
    - {id: wish, total: {maximize: wish, of: places}}
    """
    former = "unit,program,period,amount a,places,1,4 b,places,1,4 c,places,1,2"
    found = answer(tmp_path, policy, units="unit,wish a,1 b,1 c,1 d,2", former=former)
    assert (found.plan, found.values) == ({"a": 3, "b": 3, "c": 2, "d": 2}, {"near": 4, "wish": 12})


def test_at_least_five_or_none(tmp_path):
    # 12 places, each unit none or 5 to 7: two units share them; the third wish is left with none
    policy = """
    programs: {places: {decides: amount, quota: 12}}
    rules: [{id: size, total: {of: places, by: unit, at_least: 5, at_most: 7, or_none: true}}]
    objectives: [{id: wish, total: {maximize: wish, of: places}}]
    """
    found = answer(tmp_path, policy, units="unit,wish a,3 b,2 c,1")
    assert (found.plan, found.values["wish"]) == ({"a": 7, "b": 5}, 31)


def test_three_projects_of_a_district_or_none(tmp_path):
    # without the rule a d e (20). North has a, b, c: all three (14) or none; south d, e, f: all three (13) or none
    rule = "- {id: three, total: {of: fund, by: district, at_least: 3, or_none: true}}\n"
    units = "unit,points,district a,9,n b,3,n c,2,n d,6,s e,5,s f,2,s"
    assert answer(tmp_path, MONEY + rule, units=units).units == "a b c"


def test_soft_or_none_misses_the_nearer_of_the_two(tmp_path):
    # 4 places for a alone: none misses by 4 what... the quota asks for 4; 5 to 7 or none: 4 is 1 short of 5, 4 away from none
    policy = """
    programs: {places: {decides: amount, quota: 4}}
    rules: [{id: size, total: {of: places, by: unit, at_least: 5, or_none: true}, soft: {weight: 1}}]
    objectives: [{id: small, soft: {}}]
    """
    assert answer(tmp_path / "one", policy, units="unit a").values["small"] == 1
    # two units, each at most 2: 2 and 2 are 2 away from none each
    two = policy.replace("quota: 4", "quota: 4, per_unit: {at_most: 2}")
    assert answer(tmp_path / "two", two, units="unit a b").values["small"] == 4


# Assignment: loads, sites, decimals -----------------------------------------------------------------------------------

ASSIGN = """
tables: {pairs: {file: pairs.csv, key: [unit, program]}}
programs: {agent: {from: {file: agents.csv, id: agent}, decides: selection}}
rules: [{id: once, total: {of: agent, by: unit, exactly: 1}}]
"""


def pairs(measure, **rows):
    """A table of units by programs p, q, ...: pairs("cost", a="3 4") has a,p,3 and a,q,4."""
    lines = [f"{u},{p},{v}" for u, values in rows.items() for p, v in zip("pqr", values.split(), strict=False)]
    return " ".join([f"unit,program,{measure}", *lines])


ROOM = ASSIGN.replace("rules: [", "rules: [{id: room, total: {of: agent, by: program, measure: need, at_most: room}}, ")


def test_large_decimals_are_exact(tmp_path):
    # the two ways to share out a and b differ by one in the sixth of six decimal places, behind nine digits
    costs = pairs("cost,need", a="123456789.000001,1 123456789.000002,1", b="987654321.000003,1 987654321.000003,1")
    policy = ROOM + "objectives: [{id: cost, total: {minimize: cost, of: agent}}]\n"
    found = answer(tmp_path, policy, units="unit a b", agents="agent,room p,1 q,1", pairs=costs)
    assert set(found.plan) == {"a p", "b q"}
    assert found.values["cost"] == Fraction("1111111110.000004")


def test_a_capacity_with_large_decimals_is_exact(tmp_path):
    # p has room for a or b and for both but for a millionth: b, the dearer one, goes to p
    costs = pairs("cost,need", a="0,123456789.123456 1,1", b="0,876543210.876545 2,1")
    policy = ROOM + "objectives: [{id: cost, total: {minimize: cost, of: agent}}]\n"
    agents = "agent,room p,1000000000.000000 q,9"
    assert set(answer(tmp_path, policy, units="unit a b", agents=agents, pairs=costs).plan) == {"a q", "b p"}


def test_figures_that_do_not_fit_are_told(tmp_path):
    # 19 digits at the scale of the column: five of them do not fit in 64 bits
    policy = FUND + "- {id: sum, total: {of: fund, measure: fine, at_most: 5}}\n"
    units = "unit,points,cost,fine " + " ".join(f"{u},1,1,1.00000000000000000{n}" for n, u in enumerate("abcde"))
    with pytest.raises(InputError, match="figure-too-fine"):
        answer(tmp_path, policy, units=units)


def test_the_largest_load_is_smallest(tmp_path):
    # times 7, 5, 4, 4 on two equal machines: 20 in all, and 10 each is not possible (7 + 5, 4 + 4; 7 + 4, 5 + 4): 11
    times = pairs("time", a="7 7", b="5 5", c="4 4", d="4 4")
    policy = ASSIGN + "objectives: [{id: span, fair: {of: agent, by: program, measure: time, method: minimax}}]\n"
    assert answer(tmp_path, policy, units="unit a b c d", agents="agent p q", pairs=times).values["span"] == 11


def test_the_largest_load_for_each_capacity(tmp_path):
    # the same times; p works three times as fast: 15 and 5 -> 5 each
    times = pairs("time", a="7 7", b="5 5", c="4 4", d="4 4")
    fair = "{of: agent, by: program, measure: time, per: speed, method: minimax}"
    policy = ASSIGN + f"objectives: [{{id: span, fair: {fair}}}]\n"
    found = answer(tmp_path, policy, units="unit a b c d", agents="agent,speed p,3 q,1", pairs=times)
    assert (found.values["span"], "b q" in found.plan) == (5, True)


def test_the_smallest_load_and_the_gap(tmp_path):
    times = pairs("time", a="7 7", b="5 5", c="4 4", d="4 4")
    tables = {"units": "unit a b c d", "agents": "agent p q", "pairs": times}
    for method, value in (("maximin", 9), ("gap", 2)):  # 11 and 9
        policy = (
            ASSIGN + f"objectives: [{{id: even, fair: {{of: agent, by: program, measure: time, method: {method}}}}}]\n"
        )
        assert answer(tmp_path / method, policy, **tables).values["even"] == value


def test_the_largest_load_where_no_common_grid_is_exact(tmp_path):
    # denominators with 40 digits of common multiple: the answer is still the exact fraction. Two jobs, 9 on p or on q:
    # 9 / 1000000000039 for p is less than 9 / 999999999989 for q, and one each is less than both on one
    times = pairs("time", a="9 9 9", b="9 9 9", c="9 9 9")
    fair = "{of: agent, by: program, measure: time, per: size, method: minimax}"
    policy = ASSIGN + f"objectives: [{{id: span, fair: {fair}}}]\n"
    agents = "agent,size p,1000000000039 q,999999999989 r,1000000000061"
    found = answer(tmp_path, policy, units="unit a b c", agents=agents, pairs=times)
    assert found.values["span"] == Fraction(9, 999999999989)


def test_every_client_goes_to_the_nearest_open_site(tmp_path):
    # clients at 0, 1, 2, 10, 11 on a line, sites at 1, 2, 10: two may open. 1 and 10: 1 + 0 + 1 + 0 + 1 = 3;
    # 2 and 10: 2 + 1 + 0 + 0 + 1 = 4; 1 and 2: 1 + 0 + 0 + 8 + 9
    away = pairs("km", a="1 2 10", b="0 1 9", c="1 0 8", d="9 8 0", e="10 9 1")
    policy = """
    tables: {pairs: {file: pairs.csv, key: [unit, program]}}
    programs: {site: {from: {file: sites.csv, id: site}, decides: selection}}
    rules:
    - {id: once, total: {of: site, by: unit, exactly: 1}}
    - {id: open, reach: {of: site, by: program, at_most: 2}}
    objectives: [{id: way, total: {minimize: km, of: site}}]
    """
    found = answer(tmp_path, policy, units="unit a b c d e", sites="site p q r", pairs=away)
    assert (found.values["way"], set(found.plan)) == (3, {"a p", "b p", "c p", "d r", "e r"})


def test_a_site_costs_its_opening(tmp_path):
    # opening is an award to a unit of its own; a client is served only by an open site. p costs 5, q 2:
    # p alone 5 + 1 + 1 = 7, q alone 2 + 4 + 4 = 10, both 7 + 1 + 1 = 9
    policy = """
    tables: {pairs: {file: pairs.csv, key: [unit, program]}, opening: {file: opening.csv, key: [unit, client]}}
    programs: {site: {from: {file: sites.csv, id: site}, decides: selection}}
    rules:
    - {id: once, total: {of: site, by: unit, where: "unit <> 'open'", exactly: 1}}
    - {id: first-open, order: {of: site, than: client}}
    objectives: [{id: cost, total: {minimize: cost, of: site}}]
    """
    tables = {
        "units": "unit open a b",
        "sites": "site p q",
        "opening": "unit,client open,a open,b",
        "pairs": pairs("cost", open="5 2", a="1 4", b="1 4"),
    }
    found = answer(tmp_path, policy, **tables)
    assert (found.values["cost"], set(found.plan)) == (7, {"open p", "a p", "b p"})


def test_the_fewest_agents(tmp_path):
    # bins of 10 for 6, 5, 5, 4: two are enough (6 + 4, 5 + 5). Each used agent counts -1
    fewest = "objectives: [{id: used, reach: {of: agent, by: program, weight: -1}}]\n"
    needs = pairs("need", a="6 6 6", b="5 5 5", c="5 5 5", d="4 4 4")
    found = answer(tmp_path, ROOM + fewest, units="unit a b c d", agents="agent,room p,10 q,10 r,10", pairs=needs)
    assert found.values["used"] == -2


# Panels ---------------------------------------------------------------------------------------------------------------


def test_quotas_as_parts_of_the_panel(tmp_path):
    # of 5: at least 0.4 (2) and at most 0.6 (3) women; members in and out by hand
    policy = """
    parameters: {size: 5}
    groups: {sex: {file: sexes.csv, id: sex}}
    programs: {panel: {decides: selection, quota: size}}
    rules:
    - id: quotas
      total: {of: panel, by: sex, at_least: "divide_up(sex.low * size, 100)", at_most: "divide_down(sex.high * size, 100)"}
    - {id: chair, fix: {unit: c, program: panel, award: in, reason: the chair, name: the office}}
    - {id: ill, fix: {unit: a, program: panel, award: out, reason: ill, name: the office}}
    objectives: [{id: wish, total: {maximize: wish, of: panel}}]
    """
    tables = {
        "units": "unit,sex,wish a,f,9 b,f,8 c,f,0 d,f,7 e,f,6 g,m,1 h,m,1 i,m,0",
        "sexes": "sex,low,high f,41,65 m,30,60",  # f: ceil(2.05) = 3 to floor(3.25) = 3; m: 2 to 3
    }
    assert answer(tmp_path, policy, **tables).units == "b c d g h"


def test_a_quota_that_nobody_counts_for_cannot_be_met(tmp_path):
    # a group with a table of its own is there without a single unit: at least one of nobody is infeasible
    policy = """
    groups: {quota: {file: quotas.csv, id: quota}}
    tables: {counts: {file: counts.csv, key: [unit, quota]}}
    programs: {panel: {decides: selection, quota: 1}}
    rules: [{id: quotas, total: {of: panel, by: quota, at_least: quota.low}}]
    """
    tables = {"units": "unit a b", "counts": "unit,quota a,x b,x", "quotas": "quota,low x,1 y,1"}
    assert answer(tmp_path, policy, **tables).status == "infeasible"
