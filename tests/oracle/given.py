"""Small worlds made at random from a seed in which stage after stage gives something up to those below it.

Lives here: the choice of sizes (a few places, a few dozens, some hundreds), kinds, and of what each stage gives.
Not here: what it means (enumeration.py), the asking (test_given.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from tests.oracle.worlds import World

KINDS = ("total", "reach", "fair", "apportion", "keep", "soft", "sum")
SIZES = {"tiny": (3, 4, 2), "small": (3, 16, 1), "hundreds": (2, 240, 1)}  # units, most of the amount, periods
METHODS = ("webster", "huntington_hill", "jefferson", "adams", "largest_remainder")
Best = Callable[[World, Mapping[str, Any]], Fraction | None]


def world(seed: int, best: Best) -> World:
    """Two or three stages, each but the last giving an amount of its own unit or a part of its best; `best` says that one."""
    random = Random(f"give {seed}")
    size = random.choice(list(SIZES))
    count, most, years = SIZES[size]
    units = [
        {
            "unit": "abc"[i],
            "side": random.choice("xy"),
            "w": random.randint(1, 9),
            "cost": random.choice([Decimal("0.5"), Decimal(2), Decimal(-1), Decimal("1.25")]),
            "cap": random.randint(most // 2, most),
        }
        for i in range(count)
    ]
    periods = [2026, 2028][:years]
    quota: Any = random.randint(most // 2, most)
    quota = quota if random.random() < 0.7 else {"at_least": quota // 2, "at_most": quota}
    programs: dict[str, Any] = {"p": {"decides": "amount", "quota": quota, "per_unit": {"at_most": "cap"}}}
    if size != "hundreds":
        programs["s"] = {"decides": "selection", "quota": {"at_most": 2}}
    every = sorted(programs)
    former = [
        {"unit": row["unit"], "program": p, "period": periods[0], "amount": 1 if p == "s" else random.randint(1, most)}
        for row in units
        for p in every
        if random.random() < 0.6
    ] or [{"unit": "a", "program": "p", "period": periods[0], "amount": 1}]
    few = {
        "id": "few",
        "soft": {"weight": random.choice([1, 3])},
        "total": {"of": "p", "by": "unit", "at_most": most // 3},
    }
    policy: dict[str, Any] = {
        "model": "given", "title": "given", "periods": periods, "units": {"file": "units.csv", "id": "unit"},
        "programs": programs, "rules": [few], "objectives": [], "ties": {"lottery": seed},
    }  # fmt: skip
    made = World(policy, {"units.csv": units, "former.csv": former})
    kinds = [KINDS[seed % len(KINDS)], *random.sample(KINDS, random.choice([1, 1, 2]))]
    stages: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        stage = {"id": f"o{number}", **_stage(kind, every, quota, random)}
        if number < len(kinds) - 1:
            stage["give"] = _give(random, most, best(made, stage))
        stages.append(stage)
    return made.with_policy(objectives=stages)


def _give(random: Random, most: int, best: Fraction | None) -> Any:
    """An amount, or a part of what the stage can come to by itself."""
    if best and random.random() < 0.5:
        percent = random.choice([1, 5, 10, 50])
        return Decimal(int(abs(best) * percent * 10**4)) / 10**6
    return random.choice([1, 2, Decimal("0.5"), max(most // 10, 1), Decimal("0.000001")])


def _stage(kind: str, every: list[str], quota: Any, random: Random) -> dict[str, Any]:
    way, measure = random.choice(["maximize", "minimize"]), random.choice(["1", "w", "cost"])
    by = random.choice(["unit", "side"])
    reach = {"of": random.choice(every), "by": by, "weight": random.choice(["1", "sum(w)", "sum(w) - 9"])}
    if kind == "total":
        return {"total": {"of": random.choice([*every, "all"]), way: measure}}
    if kind == "reach":
        return {"reach": reach}
    if kind == "fair":
        per = random.choice(["1", "sum(w)"])
        return {"fair": {"of": "p", "by": by, "per": per, "method": random.choice(["maximin", "minimax", "gap"])}}
    if kind == "apportion":
        methods = METHODS if isinstance(quota, int) else METHODS[:-1]
        return {"apportion": {"of": "p", "weight": "w", "within": "period", "method": random.choice(methods)}}
    if kind == "keep":
        return {"keep": {"file": "former.csv"}}
    if kind == "soft":
        return {"soft": {}}
    parts = [{"total": {"of": "p", "measure": measure}}, {"reach": reach, "times": random.choice([2, Decimal("-0.5")])}]
    return {"sum": {way: parts}}
