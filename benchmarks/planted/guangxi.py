"""The planter's reading of models/guangxi-2013-2015, at the parameters that its file has.

Lives here: its clauses, in plain Python. Not here: the model itself.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from pathlib import Path

from benchmarks.planted.clauses import (
    Clause,
    Label,
    Plan,
    Planted,
    Row,
    Sheet,
    by_column,
    by_unit,
    eligible,
    known,
    never,
    per_unit,
    quota,
    requires,
    table,
    total,
)

FOLDER = Path(__file__).parents[2] / "models" / "guangxi-2013-2015"
YEARS = (2013, 2014, 2015)
QUOTAS = {
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
AMOUNTS = ("commissioners", "training_managers", "training_township_deputies", "training_spark_leaders")
Holds = Callable[[Row, int], bool]


def planted() -> Planted:
    decides = {program: 15 if program in AMOUNTS else 1 for program in QUOTAS}
    sheet = Sheet.read(FOLDER, "code", ["counties.csv", "cities.csv", "parks.csv"], YEARS, decides)
    holds = _eligibility()
    clauses = (
        *(eligible(sheet, program, holds[program]) for program in QUOTAS),
        *(quota(program, dict(zip(YEARS, limits, strict=True))) for program, limits in QUOTAS.items()),
        *(never(program, sheet.past) for program in QUOTAS if program not in AMOUNTS),
        *_per_unit(sheet, holds),
        *_rules(sheet),
        known(sheet),
    )
    # The plan has more pilots of every level than it must have: no single change takes that away.
    return Planted("guangxi", sheet, clauses, frozenset(["ip-pilots-of-every-level"]))


def _column(file: str, column: str) -> dict[str, int]:
    return {row["unit"]: int(row[column]) for row in table(FOLDER / file) if row[column]}


def _eligibility() -> dict[str, Holds]:
    lacking, townships = _column("institutions.csv", "lacking"), _column("rural.csv", "townships")
    rural, regional = _column("rural.csv", "rural_population"), _column("support.csv", "regional_before")
    first, second = _column("ratings.csv", "advanced_2011"), _column("ratings.csv", "advanced_2013")
    passed = {
        (row["unit"], row["program"], int(row["period"]))
        for row in table(FOLDER / "reviews.csv")
        if row["applied"] == "1" and row["score"] and float(row["score"]) >= 60
    }

    def county(row: Row) -> bool:
        return row["level"] == "county"

    def city_or_county(row: Row) -> bool:
        return row["level"] in ("county", "prefecture")

    def good(program: str, row: Row, t: int) -> bool:
        return (row["code"], program, t) in passed

    def rated(row: Row, t: int) -> bool:
        return first.get(row["code"]) == 1 or (second.get(row["code"]) == 1 and t >= 2014)

    return {
        "service_conditions": lambda row, _t: city_or_county(row) and lacking.get(row["code"], 0) > 0,
        "enrichment_new": lambda row, t: county(row) and regional[row["code"]] == 0 and good("enrichment_new", row, t),
        "enrichment_rolling": lambda row, t: (
            county(row) and regional[row["code"]] == 1 and good("enrichment_rolling", row, t)
        ),
        "demonstration": lambda row, t: county(row) and rated(row, t) and good("demonstration", row, t),
        "commissioners": lambda row, _t: county(row) and townships.get(row["code"], 0) > 0,
        "ip_pilots": lambda row, t: good("ip_pilots", row, t),
        "training_managers": lambda row, _t: city_or_county(row),
        "training_township_deputies": lambda row, _t: county(row) and townships.get(row["code"], 0) > 0,
        "training_spark_leaders": lambda row, _t: county(row) and rural.get(row["code"], 0) > 0,
        "pop_science_national": lambda row, t: county(row) and good("pop_science_national", row, t),
        "pop_science_regional": lambda row, t: county(row) and good("pop_science_regional", row, t),
    }


def _per_unit(sheet: Sheet, holds: dict[str, Holds]) -> list[Clause]:
    townships, managers = _column("rural.csv", "townships"), _column("staff.csv", "managers")
    return [
        per_unit(sheet, "commissioners", holds["commissioners"], lambda _row: (2, 12)),
        per_unit(sheet, "training_managers", holds["training_managers"], lambda row: (1, managers.get(row["code"]))),
        per_unit(
            sheet,
            "training_township_deputies",
            holds["training_township_deputies"],
            lambda row: (None, townships.get(row["code"])),
        ),
    ]


def _rules(sheet: Sheet) -> list[Clause]:
    counties = {u for u, row in sheet.units.items() if row["level"] == "county"}
    townships = {u: n for u, n in _column("rural.csv", "townships").items() if u in counties and n > 0}
    enriched = ("enrichment_new", "enrichment_rolling", "enrichment_regional", "enrichment_national")

    def coverage(plan: Plan) -> set[Label]:
        found = {u for u, p, _ in [*plan, *sheet.past] if p in enriched} & counties
        return set() if len(found) >= ceil(len(counties) * 9 / 10) else {()}

    def one_each(rule: str, programs: tuple[str, ...]) -> Clause:
        return total(rule, "total, exclusion", programs, {(u,): (None, 1) for u in counties}, by_unit)

    return [
        requires(
            "rolling-needs-earlier-project",
            "requires earlier",
            "enrichment_rolling",
            ["enrichment_new", "enrichment_regional"],
            lambda s, t: s < t,
            past=sheet.past,
        ),
        one_each("enrichment-counties-distinct", enriched[:2]),
        one_each("pop-science-one-title", ("pop_science_national", "pop_science_regional")),
        Clause("enrichment-coverage", "reach 1, past", frozenset(enriched), coverage),
        total(
            "demonstration-in-every-prefecture",
            "total",
            ["demonstration"],
            {(row["code"],): (1, None) for row in table(FOLDER / "prefectures.csv")},
            by_column(sheet, "prefecture"),
        ),
        total(
            "commissioner-in-every-township",
            "total",
            ["commissioners"],
            {(u,): (n, None) for u, n in townships.items()},
            by_unit,
        ),
        total(
            "ip-pilots-of-every-level",
            "total",
            ["ip_pilots"],
            {(level,): (3, None) for level in sheet.values("level")},
            by_column(sheet, "level"),
        ),
    ]
