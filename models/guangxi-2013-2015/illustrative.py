"""Write the tables of this model that nobody could find: every figure made here is invented, and life-like at best.

Lives here: ratings, support before 2013, applications and review scores, institutions in place, townships, rural population,
managers, parks. Not here: real data (counties.csv, cities.csv, prefectures.csv), which this script only reads.
Use: python illustrative.py [folder]     (default: beside this file). The same bytes every time: only random() of seeded
generators is used, one generator a table, so that a change to one table leaves the others as they are.
"""

import csv
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
SEED = "269"  # the number of the document
YEARS = (2013, 2014, 2015)

NEVER_SUPPORTED = 34  # 109 - 75: with the goal of 99 counties, 24 of the 30 new places must go to them
WITH_REGIONAL_ONLY, WITH_BOTH = 15, 10  # 25 counties with a regional project; 60 with a national one
RECORDED_NATIONAL = "451121"  # Zhaoping: a public page names it as supported; its year is not given there
COMPLETE_UNITS = 11  # cities and counties that lack none of the five institutions

# Townships as a part of township_units: street offices taken off, by unit (a unit that is not named has none).
STREET_OFFICES = {
    "450102": 3, "450103": 4, "450105": 4, "450107": 10, "450108": 2, "450202": 7, "450203": 7, "450204": 8, "450205": 7,
    "450302": 3, "450303": 2, "450304": 3, "450305": 4, "450311": 1, "450405": 2, "450502": 7, "450602": 3, "450603": 3,
    "450702": 5, "450703": 2, "450802": 2, "450803": 1, "450902": 7, "450981": 3, "451002": 2, "451102": 3, "451202": 1,
    "451302": 4, "451402": 2,
}  # fmt: skip
TOWNSHIPS_WITHOUT_SOURCE = {"450403": 2, "450404": 3}  # Wanxiu and Dieshan: the source cannot tell them apart

# How many counties of each prefecture were rated advanced in 2011 or 2013. No county of Fangchenggang was rated in 2011.
RATED = {
    "450100": 7, "450200": 6, "450300": 8, "450400": 4, "450500": 2, "450600": 2, "450700": 2, "450800": 3, "450900": 4,
    "451000": 4, "451100": 2, "451200": 3, "451300": 3, "451400": 2,
}  # fmt: skip
RATED_2013_ONLY = {"450603", "450621"}  # Fangchenggang's two
RATED_2011_SURELY = {"450421"}  # Cangwu: listed, without a year, as an advanced county by a weak source
MODEST_APPLICATIONS = {"450603": 69, "450621": 66}  # so that serving Fangchenggang costs merit
EARLIER_DEMONSTRATION = {"450323": 2010, "450422": 2011, "450681": 2012, "450981": 2011}

PARKS = [  # prefecture, kind, words of the name
    ("450100", "high_tech", "高新技术", "High-tech"),
    ("450100", "agricultural", "农业科技", "Agricultural S&T"),
    ("450200", "high_tech", "高新技术", "High-tech"),
    ("450300", "high_tech", "高新技术", "High-tech"),
    ("450400", "development", "经济开发", "Development"),
    ("450500", "development", "经济开发", "Development"),
    ("450600", "development", "经济开发", "Development"),
    ("450700", "development", "经济开发", "Development"),
    ("450900", "agricultural", "农业科技", "Agricultural S&T"),
    ("451000", "agricultural", "农业科技", "Agricultural S&T"),
    ("451100", "development", "经济开发", "Development"),
    ("451300", "development", "经济开发", "Development"),
]


class Draw:
    """Whole numbers, choices and shuffles from random() alone, whose stream Python promises never to change."""

    def __init__(self, table: str):
        self.random = random.Random(f"{SEED}:{table}").random

    def whole(self, low: int, high: int) -> int:
        """One of low, ..., high."""
        return low + int(self.random() * (high - low + 1))

    def points(self, low: int, high: int) -> int:
        """A score between low and high, the middle more likely: the mean of two draws."""
        return (self.whole(low, high) + self.whole(low, high) + 1) // 2

    def often(self, percent: int) -> bool:
        return self.whole(1, 100) <= percent

    def pick(self, tickets: dict[str, int], number: int) -> list[str]:
        """`number` different keys, each with as many tickets in the draw as its value says."""
        left = dict(tickets)
        picked: list[str] = []
        while len(picked) < number:
            pool = [key for key, count in left.items() for _ in range(count)]
            key = pool[self.whole(0, len(pool) - 1)]
            picked.append(key)
            del left[key]
        return picked


def read(name: str) -> dict[str, dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def townships_of(counties: dict) -> dict[str, int]:
    def of(code: str, units: str) -> int:
        return int(units) - STREET_OFFICES.get(code, 0) if units else TOWNSHIPS_WITHOUT_SOURCE[code]

    return {code: of(code, row["township_units_2015"]) for code, row in counties.items()}


def make_rural(counties: dict, cities: dict, townships: dict[str, int]) -> list[list]:
    """Townships and rural population, in hundreds of people. A city's own figure is that of its districts together."""
    draw, rows, of_city = Draw("rural"), [], dict.fromkeys(cities, 0)
    for code, row in counties.items():
        inner = STREET_OFFICES.get(code, 0) >= townships[code]
        low, high = (8, 25) if inner else (45, 70) if row["kind"] in ("district", "city") else (68, 86)
        share = draw.whole(low, high)
        rural = round(int(row["population_2010"]) * share / 10_000) * 100 if townships[code] else 0
        rows.append([code, townships[code], rural])
        if row["kind"] == "district":
            of_city[row["prefecture"]] += rural
    return rows + [[code, "", rural] for code, rural in of_city.items()]


def make_staff(counties: dict, cities: dict) -> list[list]:
    """Leading cadres and key staff of S&T management, and staff of S&T service agencies."""
    draw = Draw("staff")
    return [[code, draw.points(2, 6)] for code in counties] + [[code, draw.points(6, 12)] for code in cities]


def make_institutions(counties: dict, cities: dict) -> list[list]:
    draw, rows = Draw("institutions"), []
    units = dict.fromkeys(counties, 1) | dict.fromkeys(cities, 4)
    complete = set(draw.pick(units, COMPLETE_UNITS))
    for code in units:
        chances = (96, 70, 65, 60, 70) if code in cities else (92, 48, 45, 38, 42)
        have = [1] * 5
        if code not in complete:
            have = [int(draw.often(chance)) for chance in chances]
            if all(have):
                have[3] = 0  # the patent service is what most units lack
        rows.append([code, *have, have.count(0)])
    return rows


def make_support(counties: dict) -> tuple[set[str], set[str], list[list]]:
    """Enrichment projects before 2013: (counties with a national one, with a regional one, rows of past.csv)."""
    draw = Draw("support")
    never = draw.pick({c: 3 if r["kind"] == "district" else 1 for c, r in counties.items() if c != RECORDED_NATIONAL},
                      NEVER_SUPPORTED)  # fmt: skip
    supported = {c: 2 if r["poverty_county_2012"] == "1" else 3 for c, r in counties.items() if c not in set(never)}
    supported.pop(RECORDED_NATIONAL)
    regional_only = set(draw.pick(supported, WITH_REGIONAL_ONLY))
    national = (set(supported) - regional_only) | {RECORDED_NATIONAL}
    both = set(draw.pick(dict.fromkeys(sorted(national - {RECORDED_NATIONAL}), 1), WITH_BOTH))
    past = [[code, "enrichment_national", draw.whole(2005, 2012), 1] for code in sorted(national)]
    past += [[code, "enrichment_regional", draw.whole(2006, 2012), 1] for code in sorted(regional_only | both)]
    past += [[code, "demonstration", year, 1] for code, year in EARLIER_DEMONSTRATION.items()]
    return national, regional_only | both, sorted(past)


def make_ratings(counties: dict) -> dict[str, tuple[bool, bool]]:
    """(rated advanced in 2011, in 2013) of every county."""
    draw, rated = Draw("ratings"), {}
    for prefecture, number in RATED.items():
        surely = RATED_2013_ONLY | RATED_2011_SURELY
        there = {c: 1 for c, r in counties.items() if r["prefecture"] == prefecture and STREET_OFFICES.get(c, 0) < 6}
        chosen = [c for c in there if c in surely]
        for code in chosen:
            del there[code]
        for code in EARLIER_DEMONSTRATION:  # the second demonstration counties of a place come from others
            there.pop(code, None)
        chosen += draw.pick(there, number - len(chosen))
        for index, code in enumerate(chosen):
            kind = draw.whole(1, 10)
            if code in RATED_2013_ONLY:
                rated[code] = (False, True)
            elif index == 0 or code in RATED_2011_SURELY or kind <= 4:
                rated[code] = (True, kind % 2 == 0)  # in every other prefecture at least one is known from the start
            else:
                rated[code] = (kind <= 7, kind >= 6)
    return {code: rated.get(code, (False, False)) for code in counties}


def make_reviews(  # noqa: C901 - one program after the other, each with draws of its own; another order is another model
    counties: dict, cities: dict, parks: list[str], national: set, regional: set, rated: dict
) -> list[list]:
    """Applications and their scores: whole points, many of them equal. A row without a score was never reviewed."""
    draw, rows = Draw("reviews"), []

    def years(number: int, usable: tuple[int, ...] = YEARS) -> list[int]:
        return [int(y) for y in draw.pick({str(y): 1 for y in usable}, min(number, len(usable)))]

    def apply(unit: str, program: str, when: list[int], level: int) -> None:
        """A score of each year near the unit's level; who applies again is a little better prepared."""
        for again, year in enumerate(sorted(when)):
            rows.append([unit, program, year, 1, max(60, min(98, level + draw.whole(-3, 3) + again))])

    def level(code: str) -> int:  # counties that already ran a project write better applications
        return (
            draw.points(76, 97)
            if code in national
            else draw.points(68, 92)
            if code in regional
            else draw.points(62, 90)
        )

    levels = {code: level(code) for code in counties} | MODEST_APPLICATIONS

    for code, (in_2011, in_2013) in rated.items():  # demonstration counties
        if in_2011 or in_2013:
            times = 1 + draw.often(30)
            apply(code, "demonstration", years(times, YEARS if in_2011 else YEARS[1:]), levels[code])
            if not in_2011 and draw.often(40):
                apply(code, "demonstration", [2013], levels[code])  # too early: its rating is not known yet
        elif draw.often(8):
            apply(code, "demonstration", years(1), levels[code])

    stay_away = set(draw.pick({c: 1 + STREET_OFFICES.get(c, 0) for c in counties if c not in national | regional}, 3))
    hopeful = set()  # counties that apply for a new project before 2015, and may count on rolling support after it
    for code in counties:  # enrichment, new: the counties never reached apply, and many that had a national project
        if code in regional:
            if draw.often(12):
                apply(code, "enrichment_new", years(1), levels[code])
        elif code not in stay_away and (code not in national or draw.often(62)):
            when = years(draw.whole(1, 2))
            apply(code, "enrichment_new", when, levels[code])
            if min(when) < 2015:
                hopeful.add(code)

    for code in counties:  # enrichment, rolling: earlier regional projects; a few count on a new project first
        if code in regional:
            if draw.often(86):
                apply(code, "enrichment_rolling", years(draw.whole(1, 2)), levels[code])
        elif code in hopeful and draw.often(14):
            apply(code, "enrichment_rolling", [2015], levels[code])

    for code in cities:  # intellectual-property pilots
        if draw.often(70):
            apply(code, "ip_pilots", years(draw.whole(1, 3)), draw.points(74, 97))
    for code in counties:
        if draw.often(26):
            apply(code, "ip_pilots", years(draw.whole(1, 2)), levels[code])
    for code in parks:
        if draw.often(80):
            apply(code, "ip_pilots", years(draw.whole(1, 2)), draw.points(66, 97))

    for code in counties:  # science-popularisation counties: some apply for both titles in one year
        if draw.often(26):
            when = years(draw.whole(1, 2))
            apply(code, "pop_science_national", when, levels[code])
            if draw.often(35):
                apply(code, "pop_science_regional", when[:1], levels[code] + 2)
        elif draw.often(18):
            apply(code, "pop_science_regional", years(draw.whole(1, 2)), levels[code])

    unique = {
        (unit, program, year): [unit, program, year, applied, score] for unit, program, year, applied, score in rows
    }
    table = [unique[key] for key in sorted(unique)]
    for program in ("enrichment_new", "ip_pilots", "pop_science_national"):  # withdrawn before the review
        of_program = [row for row in table if row[1] == program and row[0] in national]
        of_program[draw.whole(0, len(of_program) - 1)][4] = ""
    return table


def main(folder: Path) -> None:
    """Write all the illustrative tables into `folder`."""
    counties, cities, prefectures = read("counties.csv"), read("cities.csv"), read("prefectures.csv")
    townships = townships_of(counties)
    national, regional, past = make_support(counties)
    rated = make_ratings(counties)
    parks = [
        [f"P{number:02}", f"示例{zh}园区{number:02}（{prefectures[place]['name']}）",
         f"Illustrative {en} Park {number:02} ({prefectures[place]['name_en']})", "park", place, f"park_{kind}"]
        for number, (place, kind, zh, en) in enumerate(PARKS, 1)
    ]  # fmt: skip
    tables = {
        "parks.csv": (["code", "name", "name_en", "level", "prefecture", "kind"], parks),
        "rural.csv": (["unit", "townships", "rural_population"], make_rural(counties, cities, townships)),
        "staff.csv": (["unit", "managers"], make_staff(counties, cities)),
        "institutions.csv": (
            ["unit", "st_office", "information_institute", "productivity_centre", "patent_service", "township_information",
             "lacking"], make_institutions(counties, cities)),
        "past.csv": (["unit", "program", "period", "amount"], past),
        "support.csv": (["unit", "national_before", "regional_before"],
                        [[code, int(code in national), int(code in regional)] for code in counties]),
        "ratings.csv": (["unit", "advanced_2011", "advanced_2013"],
                        [[code, *map(int, rounds)] for code, rounds in rated.items()]),
        "reviews.csv": (["unit", "program", "period", "applied", "score"],
                        make_reviews(counties, cities, [park[0] for park in parks], national, regional, rated)),
    }  # fmt: skip
    for name, (header, rows) in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
