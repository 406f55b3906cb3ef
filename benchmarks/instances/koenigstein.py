"""Places to the 16 German Länder by the published key of 2016 (Königsteiner Schlüssel): the least total deviation.

Lives here: 500 places, the same with at least five each, 100 places with at least one each.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from benchmarks.instances import Instance, exact_shares, family, read


@family
def koenigstein() -> Sequence[Instance]:
    return [
        _places("koenigstein-500", 500, 0),
        _places("koenigstein-500-five-each", 500, 5),
        _places("koenigstein-100-one-each", 100, 1),
    ]


def _places(name: str, places: int, at_least: int) -> Instance:
    weights = {row["land"]: Fraction(row["share_percent"]) for row in read("koenigstein_2016.csv")}
    rests = sorted(share - floor(share) for share in exact_shares(weights, places, at_least).values())
    up = int(sum(rests))  # so many are rounded up, the largest remainders; the others down
    deviation = sum(rests[: len(rests) - up], Fraction(0)) + sum((1 - r for r in rests[len(rests) - up :]), Fraction(0))
    policy = {
        "title": {"zh": f"柯尼希施泰因分配比例 2016：{places} 个名额", "en": f"Königstein key 2016: {places} places"},
        "periods": [2016],
        "units": {"file": "laender.csv", "id": "land"},
        "programs": {"places": {"decides": "amount", "quota": places, "per_unit": {"at_least": at_least}}},
        "objectives": [
            {"id": "key", "apportion": {"of": "places", "weight": "share_percent", "method": "largest_remainder"}}
        ],
    }
    return Instance(name, policy, {"laender.csv": read("koenigstein_2016.csv")}, {"key": deviation})
