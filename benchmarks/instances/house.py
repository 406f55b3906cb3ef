"""The 435 seats of the US House of Representatives to 50 states by the census of 2010, at least one each.

Lives here: the method in force (Huntington-Hill) and the four others that were debated, each with its published seats.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from benchmarks.instances import RAW, Instance, exact_shares, family, read

SEATS = 435
PUBLISHED = {"hamilton": "largest_remainder"}  # the name here, where it differs


@family
def house() -> Sequence[Instance]:
    rows = read("us_house_2010.csv")
    seats = {"huntington_hill": {row["state"]: int(row["seats_published"]) for row in rows}}
    others = json.loads((RAW / "us_house_2010_other_methods.json").read_text())
    seats |= {name: by_state for name, by_state in others.items() if isinstance(by_state, dict)}
    return [_by(PUBLISHED.get(name, name), rows, by_state) for name, by_state in seats.items()]


def _by(method: str, rows: Sequence[dict[str, str]], seats: dict[str, int]) -> Instance:
    policy = {
        "title": {"zh": f"美国众议院 2010 年席位（{method}）", "en": f"US House of Representatives 2010 ({method})"},
        "periods": [2010],
        "units": {"file": "states.csv", "id": "state", "name": "state"},
        "programs": {"seats": {"decides": "amount", "quota": SEATS, "per_unit": {"at_least": 1}}},
        "objectives": [{"id": "fair", "apportion": {"of": "seats", "weight": "population", "method": method}}],
    }
    states = [{"state": row["state"], "population": row["apportionment_population"]} for row in rows]
    optimum = {}
    if method == "largest_remainder":  # what the objective comes to, in exact fractions, from the published seats
        exact = exact_shares({row["state"]: Fraction(row["apportionment_population"]) for row in rows}, SEATS, 1)
        optimum = {"fair": sum((abs(seats[state] - share) for state, share in exact.items()), Fraction(0))}
    awards = {(state, "seats"): count for state, count in seats.items()}
    return Instance(f"house-2010-{method.replace('_', '-')}", policy, {"states.csv": states}, optimum, awards)
