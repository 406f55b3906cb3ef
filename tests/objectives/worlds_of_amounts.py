"""Small worlds made at random from a seed in which a fairness shares out amounts of a few dozens.

Lives here: the choice of units, denominators, measures, past, caps, and of one fairness.
Not here: what it means (tests/oracle/enumeration.py), the asking (test_fair.py).
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from tests.oracle.worlds import World

METHODS = ("maximin", "minimax", "leximin", "gap")
HEADS = ((1, 1, 1, 1), (2, 2, 3, 3), (7, 11, 13, 17), (1009, 1013, 997, 2003), (10, 20, 33, 40))


def world(seed: int, method: str) -> World:
    """Two to four units, one or two periods; amounts up to about forty; the score decides after the fairness."""
    random = Random(f"{seed}-{method}")
    units = "abcd"[: random.choice([2, 3, 3, 4])]
    periods = [2013] if len(units) > 2 else random.choice([[2013], [2013, 2014]])
    cells = len(units) * len(periods)
    most = {2: 40, 3: 24, 4: 9}[cells]
    heads = random.choice(HEADS)
    rows = [
        {
            "unit": unit,
            "region": random.choice("nnw"),
            "heads": heads[i],
            "cost": random.choice([1, 1, 2, 3, 25, -1, -2]) * random.choice([Decimal(1), Decimal("0.5")]),
            "cap": random.randint(most // 2, most),
            "score": random.randint(0, 5),
        }
        for i, unit in enumerate(units)
    ]
    total = random.randint(0, most * len(units) // 2)
    quota: Any = random.choice([total, total, {"at_least": total // 2, "at_most": total}])
    by = random.choice(["unit", "unit", "unit", "region"])
    fair: dict[str, Any] = {"of": "aid", "by": by, "method": method}
    fair["per"] = random.choice(["heads", "heads", "1"]) if by == "unit" else random.choice(["sum(heads)", "count(*)"])
    policy: dict[str, Any] = {
        "model": "amounts",
        "title": "amounts",
        "periods": periods,
        "units": {"file": "units.csv", "id": "unit"},
        "programs": {"aid": {"decides": "amount", "quota": quota, "per_unit": {"at_most": "cap"}}},
        "rules": [],
        "ties": {"lottery": seed},
    }
    files: dict[str, Any] = {"units.csv": rows}
    if random.random() < 0.3:
        fair["measure"] = random.choice(["cost", "cost", "3", "cost + 0.25"])
    if random.random() < 0.3:
        fair["past"] = True
        policy["past"] = {"file": "past.csv"}
        files["past.csv"] = [
            {"unit": unit, "program": "aid", "period": 2012, "amount": random.randint(1, 20)}
            for unit in units
            if random.random() < 0.6
        ] or [{"unit": units[0], "program": "aid", "period": 2012, "amount": 1}]
    if random.random() < 0.2:
        fair["where"] = "score > 0"
    if random.random() < 0.3:  # a rule that pulls two units apart
        policy["rules"].append(
            {
                "id": "first",
                "total": {"of": "aid", "where": f"unit = '{units[0]}'", "at_least": random.randint(0, most // 2)},
            }
        )
    stage: dict[str, Any] = {"id": "even", "fair": fair}
    if method != "leximin" and random.random() < 0.3:
        stage["give"] = random.choice([1, Decimal("0.5"), Decimal("0.000001")])
    policy["objectives"] = [stage, {"id": "score", "total": {"maximize": "score", "of": "aid"}}]
    return World(policy, files)
