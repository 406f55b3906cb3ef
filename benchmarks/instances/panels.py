"""Panels drawn by lot under lower and upper quotas on every value of every attribute (sortition).

Lives here: OpenDLP's sample (20 volunteers, sizes 7 to 13), the panels of the tests of sortition-algorithms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from benchmarks.instances import RAW, Instance, Row, family, read

RELAXED = {7: 3, 8: 0, 9: 0, 10: 0, 11: 0, 12: 0, 13: 1}  # by how much the quotas must give way, panel by panel


@family
def panels() -> Sequence[Instance]:
    people = {row["ID"]: {f: v for f, v in row.items() if f != "ID"} for row in read("opendlp_respondents.csv")}
    quotas = {(row["feature"], row["value"]): (int(row["min"]), int(row["max"])) for row in read("opendlp_targets.csv")}
    found = []
    for size, relaxed in RELAXED.items():
        found.append(panel(f"opendlp-{size}", people, quotas, size, feasible=relaxed == 0))
        found.append(panel(f"opendlp-{size}-soft", people, quotas, size, relaxed=relaxed))
    for name, example in json.loads((RAW / "quota_panel_examples.json").read_text()).items():
        quotas = {
            (f, v): (q["min"], q["max"]) for f, values in example["categories"].items() for v, q in values.items()
        }
        home = {p: f"{a['street']} {a['home']}" for p, a in example["address"].items()}
        number, size = name.removeprefix("example"), example["panel_size"]
        feasible = number != "4"
        found.append(panel(f"panel-{number}", example["people"], quotas, size, feasible=feasible))
        if home:
            people = {p: {**values, "home": home[p]} for p, values in example["people"].items()}
            found.append(panel(f"panel-{number}-homes", people, quotas, size, feasible=feasible))
    return found


def panel(
    name: str,
    people: Mapping[str, Mapping[str, str]],
    quotas: Mapping[tuple[str, str], tuple[int, int]],
    size: int,
    *,
    relaxed: int | None = None,
    feasible: bool = True,
) -> Instance:
    """Units are the volunteers; each quota is a group; a one-to-many table says who counts for which.

    `relaxed`: the quotas are soft, and this is the least by which they must be missed. A column `home`: one person a home.
    """
    rule: dict[str, Any] = {"id": "quotas"}
    rule["total"] = {"of": "panel", "by": "quota", "at_least": "quota.low", "at_most": "quota.high"}
    policy: dict[str, Any] = {
        "title": {"zh": f"抽选小组 {name}", "en": f"A panel: {name}"},
        "periods": [1],
        "units": {"file": "people.csv", "id": "person"},
        "groups": {"quota": {"file": "quotas.csv", "id": "quota"}},
        "tables": {"counts": {"file": "counts.csv", "key": ["unit", "quota"]}},
        "programs": {"panel": {"decides": "selection", "quota": size}},
        "rules": [rule],
    }
    if any("home" in values for values in people.values()):
        policy["rules"] = [rule, {"id": "one-a-home", "total": {"of": "panel", "by": "home", "at_most": 1}}]
    optimum = {}
    if relaxed is not None:
        rule["soft"] = {"weight": 1}
        policy["objectives"] = [{"id": "relaxed", "soft": {}}]
        optimum = {"relaxed": Fraction(relaxed)}
    features = sorted({feature for feature, _ in quotas})
    tables: dict[str, Sequence[Row]] = {
        "people.csv": [{"person": p, **values} for p, values in people.items()],
        "quotas.csv": [{"quota": f"{f}: {v}", "low": low, "high": high} for (f, v), (low, high) in quotas.items()],
        "counts.csv": [{"unit": p, "quota": f"{f}: {values[f]}"} for p, values in people.items() for f in features],
    }
    return Instance(name, policy, tables, optimum, feasible=feasible)
