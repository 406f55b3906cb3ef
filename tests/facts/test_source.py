"""The figures of the model are those of the policy, and its tables are what DATA.md says they are.

Lives here: quotas, numbers of units, consistency of the tables, the illustrative tables made again byte by byte.
Not here: the sentences of the policy (test_clauses.py).
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

YEARS = (2013, 2014, 2015)
# Annex, columns 2013, 2014, 2015.
ANNEX = {
    "service_conditions": (33, 34, 33),
    "enrichment_new": (10, 10, 10),
    "enrichment_rolling": (5, 5, 5),
    "demonstration": (10, 10, 10),
    "commissioners": (500, 500, 500),
    "ip_pilots": (10, 10, 10),
    "training_managers": (500, 500, 500),
    "training_township_deputies": (400, 400, 400),
    "training_spark_leaders": (1000, 1000, 1000),
    "pop_science_national": (5, 5, 5),
    "pop_science_regional": (3, 3, 4),
}
# Annex, column of contents, and main text II (3): (a phrase of the text with the total, what adds up to it).
TOTALS = [
    ("支持100市、县（市、区）", ["service_conditions"]),
    ("新增支持30个县（市、区）", ["enrichment_new"]),
    ("滚动支持15个县（市、区）", ["enrichment_rolling"]),
    ("支持45个县", ["enrichment_new", "enrichment_rolling"]),
    ("支持30个县（市、区）建设科技进步示范县", ["demonstration"]),
    ("选派农村科技特派员1500名", ["commissioners"]),
    ("支持30个市、县（市、区）、园区", ["ip_pilots"]),
    ("培训科技管理干部1500人次", ["training_managers"]),
    ("乡镇科技副镇长（科技助理）1200人次", ["training_township_deputies"]),
    ("农村星火科技带头人（科技致富带头人）3000人次", ["training_spark_leaders"]),
    ("支持15个县（市、区）创建“全国科普示范县", ["pop_science_national"]),
    ("10个县（市、区）创建广西科普示范县", ["pop_science_regional"]),
]
REVIEWED = {
    "enrichment_new", "enrichment_rolling", "demonstration", "ip_pilots", "pop_science_national", "pop_science_regional",
}  # fmt: skip
ILLUSTRATIVE = [
    "parks.csv", "past.csv", "ratings.csv", "support.csv", "institutions.csv", "rural.csv", "staff.csv", "reviews.csv",
]  # fmt: skip


# ---- the policy's figures ---------------------------------------------------------------------------------------------------


def test_quotas_are_the_annex(guangxi) -> None:
    quotas = {}
    for name, program in guangxi.model()["programs"].items():
        quota = program["quota"]
        quotas[name] = tuple(quota[year] if isinstance(quota, dict) else quota for year in YEARS)
    assert quotas == ANNEX
    assert guangxi.model()["periods"] == list(YEARS)


@pytest.mark.parametrize(("phrase", "programs"), TOTALS)
def test_totals_are_those_of_the_text(guangxi, phrase: str, programs: list[str]) -> None:
    assert phrase in guangxi.policy()
    assert int(re.findall(r"\d+", phrase)[0]) == sum(sum(ANNEX[name]) for name in programs)


def test_what_is_counted_once_is_awarded_once(guangxi) -> None:
    for name, program in guangxi.model()["programs"].items():
        assert (program["decides"] == "selection") == (program.get("repeat") == "never"), name


def test_coverage_of_nine_tenths_is_99_counties(guangxi) -> None:
    goal = str(guangxi.model()["parameters"]["coverage_goal"]["value"])
    assert "覆盖全区90%县（市、区）" in guangxi.policy() and goal == "0.9"
    assert -(-109 * 9 // 10) == 99


def test_open_readings_have_the_default_of_the_policy_page(guangxi) -> None:
    choices = {name: p["value"] for name, p in guangxi.model()["parameters"].items() if p.get("choice")}
    assert choices == {
        "rolling_goes_to": "supported_before_plan",
        "coverage_counts_national": True,
        "rating_needs_both": False,
        "ratings_known_after": 1,
        "demonstration_counts_earlier": False,
        "commissioners_stay": True,
        "deputies_per_township": 1,
        "spark_through_counties": True,
        "pop_science_exclusive": True,
    }


def test_every_parameter_turns_something(guangxi) -> None:
    """A setting that no expression reads would be a promise without effect."""
    text = guangxi.text("model.yaml")
    used = text[text.index("\nprograms:") :]
    for name in guangxi.model()["parameters"]:
        assert re.search(rf"\b{name}\b", used), name


def test_every_text_is_in_both_languages(guangxi) -> None:
    def walk(node: object, place: str) -> None:
        if isinstance(node, dict):
            if node.keys() & {"zh", "en"}:
                assert set(node) == {"zh", "en"} and all(node.values()), place
                if not place.endswith(".name"):
                    assert re.search("[\u4e00-\u9fff]", node["zh"]), f"{place}: {node['zh']}"
                    assert not re.search("[\u4e00-\u9fff]", node["en"]), f"{place}: {node['en']}"
            for key, value in node.items():
                walk(value, f"{place}.{key}")
        elif isinstance(node, list):
            for number, value in enumerate(node):
                walk(value, f"{place}[{number}]")

    walk(guangxi.model(), "model")


# ---- real data --------------------------------------------------------------------------------------------------------------


def test_there_are_109_counties_in_14_prefectures(guangxi) -> None:
    counties = guangxi.table("counties.csv")
    kinds = Counter(row["kind"] for row in counties)
    assert kinds == {"district": 34, "city": 7, "county": 56, "autonomous_county": 12}
    assert len(guangxi.codes("counties.csv")) == 109
    assert {row["level"] for row in counties} == {"county"}
    assert guangxi.codes("prefectures.csv") == {row["prefecture"] for row in counties}
    assert len(guangxi.codes("prefectures.csv")) == 14
    assert all(row["prefecture"] == row["code"][:4] + "00" for row in counties)
    assert "全区14个市、109个县（市、区）" in guangxi.policy()


def test_facts_of_the_counties(guangxi) -> None:
    counties = guangxi.table("counties.csv")
    assert sum(int(row["population_2010"]) for row in counties) == 46_023_761
    assert sum(row["poverty_county_2012"] == "1" for row in counties) == 28
    assert sum(row["border_county"] == "1" for row in counties) == 8
    assert sum(row["autonomous_county"] == "1" for row in counties) == 12
    assert {row["name"] for row in counties if not row["township_units_2015"]} == {"万秀区", "蝶山区"}


def test_the_14_cities_receive_in_their_own_right(guangxi) -> None:
    cities = guangxi.table("cities.csv")
    assert [row["code"] for row in cities] == [row["prefecture"] for row in cities]
    assert guangxi.codes("cities.csv") == guangxi.codes("prefectures.csv")
    assert {row["level"] for row in cities} == {"prefecture"}


# ---- illustrative data ------------------------------------------------------------------------------------------------------


def test_illustrative_tables_are_made_again_to_the_byte(guangxi, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(guangxi.folder / "illustrative.py"), str(tmp_path)], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(ILLUSTRATIVE)
    for name in ILLUSTRATIVE:
        assert (tmp_path / name).read_bytes() == (guangxi.folder / name).read_bytes(), name


def test_the_model_says_what_is_illustrative(guangxi) -> None:
    model = guangxi.model()
    said = {name.removeprefix("tables.") for name in model["illustrative"]}
    assert said == {name if name == "parks.csv" else name.removesuffix(".csv") for name in ILLUSTRATIVE}
    assert {spec["file"] for spec in model["tables"].values()} - {"tiles.csv"} <= set(ILLUSTRATIVE)
    data = guangxi.text("DATA.md")
    files = {path.name for path in guangxi.folder.iterdir() if path.is_file()} - {"DATA.md"}
    assert sorted(name for name in files if f"`{name}`" not in data) == []


def test_parks_are_plainly_invented(guangxi) -> None:
    parks = guangxi.table("parks.csv")
    assert len(parks) == 12
    assert all("示例" in row["name"] and "Illustrative" in row["name_en"] and row["level"] == "park" for row in parks)
    assert {row["prefecture"] for row in parks} <= guangxi.codes("prefectures.csv")


def test_support_before_2013_is_the_past(guangxi) -> None:
    """Eligibility asks a column, coverage asks the past: they must say the same."""
    past = guangxi.table("past.csv")
    support = guangxi.by_unit("support.csv")
    assert set(support) == guangxi.codes("counties.csv")
    for program, column in (("enrichment_national", "national_before"), ("enrichment_regional", "regional_before")):
        awarded = [row["unit"] for row in past if row["program"] == program]
        assert len(awarded) == len(set(awarded))
        assert set(awarded) == {unit for unit, row in support.items() if row[column] == "1"}
    assert all(int(row["period"]) < 2013 and row["amount"] == "1" for row in past)
    titled = guangxi.model()["past"]["programs"].keys() | guangxi.model()["programs"].keys()
    assert {row["program"] for row in past} <= titled


def test_24_of_the_30_new_places_must_reach_counties_never_supported(guangxi) -> None:
    support = guangxi.by_unit("support.csv")
    national = {unit for unit, row in support.items() if row["national_before"] == "1"}
    regional = {unit for unit, row in support.items() if row["regional_before"] == "1"}
    assert (len(national), len(regional), len(national | regional)) == (60, 25, 75)
    assert "451121" in national  # Zhaoping: the one project that a public page names
    applicants = {row["unit"] for row in guangxi.table("reviews.csv") if row["program"] == "enrichment_new"}
    assert 24 <= len(applicants - national - regional) <= 34


def test_ratings_make_the_promise_to_every_prefecture_possible_but_not_free(guangxi) -> None:
    ratings, place = (
        guangxi.by_unit("ratings.csv"),
        {row["code"]: row["prefecture"] for row in guangxi.table("counties.csv")},
    )
    assert set(ratings) == set(place)
    in_2011 = {unit for unit, row in ratings.items() if row["advanced_2011"] == "1"}
    either = in_2011 | {unit for unit, row in ratings.items() if row["advanced_2013"] == "1"}
    assert 45 <= len(either) <= 55
    assert {place[unit] for unit in either} == set(place.values())
    assert set(place.values()) - {place[unit] for unit in in_2011} == {"450600"}  # Fangchenggang: from 2014 on only
    assert min(Counter(place[unit] for unit in either).values()) == 2


def test_reviews_are_whole_points_with_ties(guangxi) -> None:
    reviews = guangxi.table("reviews.csv")
    keys = [(row["unit"], row["program"], row["period"]) for row in reviews]
    assert len(set(keys)) == len(keys)
    assert {row["program"] for row in reviews} == REVIEWED
    assert {row["unit"] for row in reviews} <= guangxi.codes("counties.csv") | guangxi.codes(
        "cities.csv"
    ) | guangxi.codes("parks.csv")
    assert {row["applied"] for row in reviews} == {"1"} and {int(row["period"]) for row in reviews} == set(YEARS)
    scores = [int(row["score"]) for row in reviews if row["score"]]
    assert min(scores) >= 60 and max(scores) <= 98
    assert len(scores) == len(reviews) - 3  # three applications were withdrawn before the review
    for program in REVIEWED:
        same = Counter((row["period"], row["score"]) for row in reviews if row["program"] == program)
        assert max(same.values()) > 1, program


def test_institutions_add_up(guangxi) -> None:
    table = guangxi.by_unit("institutions.csv")
    assert set(table) == guangxi.codes("counties.csv") | guangxi.codes("cities.csv")
    for unit, row in table.items():
        have = [row[column] for column in list(row)[1:6]]
        assert int(row["lacking"]) == have.count("0") and set(have) <= {"0", "1"}, unit
    assert sum(row["lacking"] != "0" for row in table.values()) >= 100


def test_townships_leave_room_for_commissioners_and_deputies(guangxi) -> None:
    counties, rural = {row["code"]: row for row in guangxi.table("counties.csv")}, guangxi.by_unit("rural.csv")
    assert set(rural) == set(counties) | guangxi.codes("cities.csv")
    townships = {code: int(rural[code]["townships"]) for code in counties}
    for code, row in counties.items():
        if row["township_units_2015"]:
            assert 0 <= townships[code] <= int(row["township_units_2015"])
        people = int(rural[code]["rural_population"])
        assert people <= int(row["population_2010"]) and (people > 0) == (townships[code] > 0)
    assert 400 <= sum(townships.values()) <= 1500


def test_a_citys_rural_population_is_that_of_its_districts(guangxi) -> None:
    rural = guangxi.by_unit("rural.csv")
    for city in guangxi.codes("cities.csv"):
        districts = [
            r["code"] for r in guangxi.table("counties.csv") if r["prefecture"] == city and r["kind"] == "district"
        ]
        assert int(rural[city]["rural_population"]) == sum(int(rural[code]["rural_population"]) for code in districts)
        assert rural[city]["townships"] == ""


def test_staff_can_fill_the_training_places(guangxi) -> None:
    staff = guangxi.by_unit("staff.csv")
    assert set(staff) == guangxi.codes("counties.csv") | guangxi.codes("cities.csv")
    managers = [int(row["managers"]) for row in staff.values()]
    assert min(managers) >= 1 and sum(managers) >= 500
