"""A country to test size with: the counties of China, invented scores, quotas and budgets.

Lives here: the generator of the two families, plain and money, as model folders; everything invented is seeded.
Not here: timing (benchmarks/run.py).

    python -m benchmarks.country plain DIRECTORY [--units 2861] [--programs 20] [--years 5] [--seed 1]
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

COUNTIES = Path(__file__).parent / "data" / "china_counties.csv"
FAMILIES = ("plain", "money")


def counties(units: int) -> list[dict[str, str]]:
    """The real counties, in order of their codes; beyond their number they are repeated under new codes."""
    with COUNTIES.open(encoding="utf-8", newline="") as file:
        real = sorted(csv.DictReader(file), key=lambda row: row["code"])
    rows = []
    for index in range(units):
        copy, row = index // len(real), dict(real[index % len(real)])
        suffix = f"-{copy}" if copy else ""
        prefecture = row["prefecture_code"] or row["province_code"]
        rows.append(
            {
                "code": row["code"] + suffix,
                "name": row["name"],
                "prefecture": prefecture + suffix,
                "province": row["province_code"] + suffix,
                "population": row["population_2010"] or "0",
            }
        )
    return rows


def build(
    family: str,
    folder: Path,
    *,
    units: int = 2861,
    programs: int = 20,
    years: int = 5,
    seed: int = 1,
    more: bool = False,
) -> Path:
    """Write a model folder. Cells: some 70 % of units x programs x years. Returns the folder.

    more: two more rules that every cell is in, by prefecture and year, and by county.
    """
    draw = random.Random(f"{family}-{units}-{programs}-{years}-{seed}")
    folder.mkdir(parents=True, exist_ok=True)
    rows = counties(units)
    for row in rows:
        row["poor"] = str(int(draw.random() < 0.25))
    _write(folder / "units.csv", rows)
    names = [f"program_{p:02d}" for p in range(1, programs + 1)]
    periods = list(range(2021, 2021 + years))
    reviews = [
        {"unit": row["code"], "program": name, "period": period, "score": draw.randint(0, 100)}
        | ({"cost": draw.randint(20, 200)} if family == "money" else {})
        for row in rows
        for name in names
        for period in periods
        if draw.random() < 0.7
    ]
    covering = names[: max(programs // 5, 1)]  # these reach every prefecture, so somebody applies there
    applied = {(row["unit"], row["program"]) for row in reviews}
    prefectures: dict[str, list[str]] = {}
    for row in rows:
        prefectures.setdefault(row["prefecture"], []).append(row["code"])
    for name in covering:
        for counties_there in prefectures.values():
            if not any((county, name) in applied for county in counties_there):
                cost = {"cost": draw.randint(20, 200)} if family == "money" else {}
                own = {"unit": counties_there[0], "program": name, "period": periods[0], "score": draw.randint(0, 100)}
                reviews.append(own | cost)
    _write(folder / "reviews.csv", reviews)
    provinces = sorted({row["province"] for row in rows})
    quotas = {name: draw.randint(max(units // 60, 1), max(units // 20, 2)) for name in names}
    for name in covering:  # and they are large enough to
        quotas[name] = max(quotas[name], -(-len(prefectures) * 6 // (5 * years)))
    policy: dict[str, Any] = {
        "model": f"country-{family}",
        "title": {"zh": f"全国算例（{family}）", "en": f"A country, {family}"},
        "periods": periods,
        "units": {"file": "units.csv", "id": "code", "name": "name"},
        "tables": {"reviews": {"file": "reviews.csv", "key": ["unit", "program", "period"]}},
        "illustrative": ["tables.reviews", "units.poor"],
        "programs": {
            name: {
                "decides": "selection",
                "quota": quotas[name] if family == "plain" else {"at_most": quotas[name]},
                "repeat": "never",
                "eligible": [
                    {"id": "applied", "if": "score is not null", "says": {"zh": "未申报", "en": "did not apply"}}
                ],
            }
            for name in names
        },
        "rules": [
            {"id": "at-most-three", "total": {"of": "all", "by": ["unit", "period"], "at_most": 3}},
            {"id": "in-every-prefecture", "total": {"of": covering, "by": ["program", "prefecture"], "at_least": 1}},
        ],
        "objectives": [{"id": "merit", "total": {"maximize": "score", "of": "all"}}],
        "ties": {"lottery": seed},
    }
    if family == "plain":
        ceiling = {name: -(-quotas[name] * 3 // len(provinces)) + 2 for name in names}
        policy["rules"] += [
            {"id": f"ceiling-{name}", "total": {"of": name, "by": ["province", "period"], "at_most": ceiling[name]}}
            for name in names
        ]
    else:
        policy["parameters"] = {"budget": int(sum(quotas.values()) * 70 / len(provinces))}
        policy["rules"] += [
            {
                "id": "budget",
                "total": {"of": "all", "by": ["province", "period"], "measure": "cost", "at_most": "budget"},
            },
            *(
                {
                    "id": f"poor-{name}",
                    "total": {
                        "of": name,
                        "by": "period",
                        "where": "poor = 1",
                        "at_least": -(-quotas[name] * 15 // 100),
                    },
                }
                for name in names
            ),
        ]
    if more:
        most = units  # they bind nowhere: they are there for their size
        policy["rules"] += [
            {"id": "prefecture-year", "total": {"of": "all", "by": ["prefecture", "period"], "at_most": most}},
            {"id": "county", "total": {"of": "all", "by": "unit", "at_most": 3 * years}},
        ]
    with (folder / "model.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(policy, file)
    return folder


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("folder", type=Path)
    for name, default in (("units", 2861), ("programs", 20), ("years", 5), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    build(given.family, given.folder, units=given.units, programs=given.programs, years=given.years, seed=given.seed)


if __name__ == "__main__":
    main()
