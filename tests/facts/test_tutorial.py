"""The tutorial's best plan, argued by hand in its README, found again by trying every plan.

Lives here: enumeration over the tutorial's few choices, written from its README. Not here: the package.
"""

import csv
from itertools import product
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "models" / "tutorial"


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


UNITS = {row["unit"]: row for row in table("units.csv")}
SCORE = {(row["unit"], row["program"], row["period"]): int(row["score"]) for row in table("reviews.csv")}
PILOTS = {row["unit"] for row in table("past.csv")}


def plans(one_in_every_prefecture: bool = True, reach_counties: bool = True) -> dict[tuple[str, str, str], int]:
    """(model county 2026, model county 2027, upgrade 2027) -> merit, for every plan that keeps the rules."""
    found = {}
    for first, second, upgrade in product(UNITS, repeat=3):
        awards = [(first, "model_county", "2026"), (second, "model_county", "2027"), (upgrade, "upgrade", "2027")]
        if first == second or upgrade != first or any(award not in SCORE for award in awards):
            continue
        if one_in_every_prefecture and UNITS[first]["prefecture"] == UNITS[second]["prefecture"]:
            continue
        if reach_counties and len(PILOTS | {first, second}) < 5:
            continue
        found[first, second, upgrade] = sum(SCORE[award] for award in awards)
    return found


def best(found: dict[tuple[str, str, str], int]) -> tuple[int, list[tuple[str, str, str]]]:
    top = max(found.values())
    return top, [plan for plan, merit in found.items() if merit == top]


def test_the_best_plan_is_the_one_argued_by_hand() -> None:
    assert best(plans()) == (239, [("pine", "cedar", "pine")])


def test_what_each_promise_costs() -> None:
    assert best(plans(one_in_every_prefecture=False)) == (241, [("pine", "oak", "pine")])
    assert best(plans(reach_counties=False)) == (251, [("pine", "ash", "pine")])
    assert best(plans(one_in_every_prefecture=False, reach_counties=False)) == (251, [("pine", "ash", "pine")])


def test_training_places_are_the_rounded_shares() -> None:
    # 180 thousand people, 12 places: 15 thousand a place; no share ends in one half
    people = [int(row["rural_population_thousand"]) for row in UNITS.values()]
    assert sum(people) == 12 * 15
    assert [(2 * number + 15) // 30 for number in people] == [1, 1, 2, 1, 3, 4]
