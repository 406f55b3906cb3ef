# mypy: disable-error-code="union-attr,attr-defined,comparison-overlap,no-untyped-call,call-overload,operator,arg-type"
"""The scenarios of the Guangxi plan: what each changes, and that every reading that the text leaves open has one."""

from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from allocator.load import load
from allocator.problem import compile
from allocator.solve import Limits, solve

FOLDER = Path(__file__).parents[2] / "scenarios"
BASE = Path(__file__).parents[2] / "models" / "guangxi-2013-2015"


@cache
def model_of(name):
    return load(BASE if name == "base" else FOLDER / f"{name}.yaml")


@cache
def solved(name):
    return solve(compile(model_of(name)), limits=Limits())


def plan_of(name):
    solution = solved(name)
    assert solution.status == "optimal"
    return solution.allocation


def counties(name, program, period=None):
    return {a.unit for a in plan_of(name).awards if a.program == program and period in (None, a.period)}


def test_every_reading_that_the_text_leaves_open_has_a_scenario():
    base = model_of("base").policy.parameters
    choices = {name for name, parameter in base.items() if parameter.choice}
    turned = {
        name
        for file in FOLDER.glob("*.yaml")
        for name, parameter in model_of(file.stem).policy.parameters.items()
        if parameter.value != base[name].value
    }
    assert choices <= turned


def test_a_scenario_has_a_name_and_a_title_of_its_own():
    for file in FOLDER.glob("*.yaml"):
        policy = model_of(file.stem).policy
        assert policy.model == file.stem
        assert policy.title.zh != policy.title.en


# What cannot hold, on purpose, and the rules that its run must name.
CANNOT_HOLD = {
    "coverage-regional-only": {"enrichment-coverage-regional"},
    "commissioners-of-2015-only": {"commissioner-in-every-township-2015", "commissioners.quota"},
    "rating-in-both-rounds": {"demonstration-in-every-prefecture"},
    "quotas-cut-by-a-fifth": {"commissioner-in-every-township", "commissioners.quota"},
}


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.yaml")))
def test_every_scenario_has_a_proved_plan_or_cannot_hold_on_purpose_and_says_why(name):
    solution = solved(name)
    assert solution.status == ("infeasible" if name in CANNOT_HOLD else "optimal")
    assert CANNOT_HOLD.get(name, set()) <= set(solution.in_play)
    if name in CANNOT_HOLD:
        told = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
        assert "cannot hold" in told.partition("\nscenario:")[0]


def test_the_readings_that_cannot_hold_would_with_the_default_reading():
    assert solved("base").status == "optimal"
    narrow = {"coverage-regional-only": "coverage_counts_national", "commissioners-of-2015-only": "commissioners_stay"}
    for name, parameter in {**narrow, "rating-in-both-rounds": "rating_needs_both"}.items():
        model = model_of(name)
        changed = {p for p, v in model.policy.parameters.items() if v != model_of("base").policy.parameters[p]}
        assert changed == {parameter}


def test_two_cities_have_no_county_rated_advanced_in_both_rounds():
    """Fangchenggang (450600) and Chongzuo (451400): the promise to every city is what cannot hold."""
    problem = compile(model_of("rating-in-both-rounds"))
    columns = model_of("base").units.columns
    prefecture = dict(zip(columns["unit"].values, columns["prefecture"].values, strict=True))
    with_cells = {prefecture[u] for u in problem.unit[problem.program == "demonstration"]}
    assert set(prefecture.values()) - with_cells == {"450600", "451400"}


def test_rolling_support_may_go_to_counties_first_supported_within_the_plan():
    assert not counties("base", "enrichment_new") & counties("base", "enrichment_rolling")
    both = counties("rolling-any-earlier-year", "enrichment_new") & counties(
        "rolling-any-earlier-year", "enrichment_rolling"
    )
    assert both


def test_ratings_known_at_once_open_2013_to_counties_rated_in_2013():
    advanced = model_of("base").tables["ratings"].columns
    late = {u for u, first in zip(advanced["unit"].values, advanced["advanced_2011"].values, strict=True) if not first}
    assert not counties("base", "demonstration", 2013) & late
    assert counties("ratings-known-at-once", "demonstration", 2013) & late


def test_earlier_demonstration_counties_are_counted_by_the_rule_in_force():
    rules = {rule.id for rule in compile(model_of("demonstration-counts-earlier")).rules}
    assert "demonstration-in-every-prefecture-with-earlier" in rules
    assert "demonstration-in-every-prefecture" not in rules
    columns = model_of("base").units.columns
    prefecture = dict(zip(columns["unit"].values, columns["prefecture"].values, strict=True))
    served = {prefecture[unit] for unit in counties("demonstration-counts-earlier", "demonstration")}
    left = set(prefecture.values()) - served  # a city that had one before goes without, and merit gains by it
    past = model_of("base").past.columns
    before = {
        prefecture[u] for u, p in zip(past["unit"].values, past["program"].values, strict=True) if p == "demonstration"
    }
    assert left and left <= before
    assert solved("demonstration-counts-earlier").stages[0].value > solved("base").stages[0].value


def test_two_places_for_deputies_per_township():
    def largest(name):
        problem = compile(model_of(name))
        return dict(
            zip(
                problem.unit[problem.program == "training_township_deputies"],
                problem.upper[: problem.cells][problem.program == "training_township_deputies"],
                strict=True,
            )
        )

    before, after = largest("base"), largest("two-deputies-per-township")
    assert before.keys() == after.keys() and all(after[unit] == min(2 * before[unit], 400) for unit in before)
    # 400 places for 1,132 townships: shared out by townships, no county comes near either bound.
    assert plan_of("two-deputies-per-township") == plan_of("base")


def test_spark_places_of_districts_go_through_their_cities():
    def units(name):
        problem = compile(model_of(name))
        return set(problem.unit[problem.program == "training_spark_leaders"])

    kinds = dict(zip(*(model_of("base").units.columns[c].values for c in ("unit", "kind")), strict=True))
    assert {kinds[u] for u in units("base") - units("spark-through-cities")} == {"district"}
    assert {kinds[u] for u in units("spark-through-cities") - units("base")} == {"prefecture_city"}


def test_a_county_may_have_both_titles():
    rules = {rule.id for rule in compile(model_of("pop-science-both-titles")).rules}
    assert "pop-science-one-title" not in rules
    both = [
        counties(n, "pop_science_national") & counties(n, "pop_science_regional")
        for n in ("base", "pop-science-both-titles")
    ]
    assert not both[0] and both[1]


def test_two_demonstration_counties_where_there_are_more_than_ten():
    columns = model_of("base").units.columns
    prefecture = dict(zip(columns["unit"].values, columns["prefecture"].values, strict=True))
    size = Counter(
        p for p, level in zip(columns["prefecture"].values, columns["level"].values, strict=True) if level == "county"
    )
    found = Counter(prefecture[unit] for unit in counties("two-in-large-prefectures", "demonstration"))
    assert any(count > 10 for count in size.values())
    assert all(found[p] >= (2 if count > 10 else 1) for p, count in size.items())


def test_fewer_demonstration_counties_in_2014():
    assert [len(counties("fewer-in-2014", "demonstration", year)) for year in (2013, 2014, 2015)] == [10, 8, 10]


def test_a_coverage_of_95_percent():
    support = model_of("base").tables["support"].columns
    flags = zip(*(support[c].values for c in ("unit", "national_before", "regional_before")), strict=True)
    before = {unit for unit, *had in flags if any(had)}
    reached = before | counties("coverage-95", "enrichment_new") | counties("coverage-95", "enrichment_rolling")
    assert len(reached) >= 104  # ceil(0.95 * 109)
    assert len(before | counties("base", "enrichment_new") | counties("base", "enrichment_rolling")) < 104


def test_a_pinned_county_is_in_with_its_reason_and_name():
    pin = next(rule for rule in model_of("one-county-must-be-in").rules if rule.id.startswith("pin-"))
    assert pin.name and pin.reason.zh
    assert "450302" not in counties("base", "demonstration", 2013)
    assert "450302" in counties("one-county-must-be-in", "demonstration", 2013)


def test_a_late_rating_makes_one_county_eligible():
    assert "450821" not in counties("base", "demonstration")
    assert "450821" in counties("late-rating", "demonstration")


def test_commissioners_follow_rural_population():
    assert solved("need-by-rural-population").stages[5].value != solved("base").stages[5].value
    objective = model_of("need-by-rural-population").policy.objectives[5]
    assert objective.weight == "rural_population"


def test_every_quota_is_cut_by_a_fifth_to_the_nearest_whole():
    base, cut = model_of("base").policy.programs, model_of("quotas-cut-by-a-fifth").policy.programs
    for name, program in base.items():
        for year in (2013, 2014, 2015):
            whole, less = (Fraction(str(p.quota.of(year).exactly)) for p in (program, cut[name]))
            assert less == (whole * 8 * 2 + 10) // 20, (name, year)


def test_a_softened_promise_is_missed_by_as_little_as_the_quota_lacks():
    """A commissioner for each township, two a year for each county: 1,202 are needed, 1,200 are there."""
    rural, units = (model_of("base").tables["rural"].columns, model_of("base").units.columns)
    townships = dict(zip(rural["unit"].values, rural["townships"].values, strict=True))
    level = dict(zip(units["unit"].values, units["level"].values, strict=True))
    needed = sum(max(count, 3 * 2) for unit, count in townships.items() if count and level[unit] == "county")
    assert needed == 1202
    assert solved("quotas-cut-promise-softened").stages[0].value == (needed - 3 * 400,)
    assert sum(a.amount for a in plan_of("quotas-cut-promise-softened").awards if a.program == "commissioners") == 1200


def test_no_prefecture_has_more_than_its_share():
    columns = model_of("base").units.columns
    prefecture = dict(zip(columns["unit"].values, columns["prefecture"].values, strict=True))
    programs = model_of("base").programs
    chosen = [a for a in plan_of("no-prefecture-above-15-percent").awards if programs[a.program].decides == "selection"]
    found = Counter(prefecture[a.unit] for a in chosen)
    assert max(found.values()) * 100 <= 15 * len(chosen)
