"""Multidimensional knapsacks: the most profit within every capacity (OR-Library; C. C. Petersen 1967).

Lives here: the seven problems of mknap1.txt. Each: `n m optimum`, n profits, an m x n table of uses, m capacities.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from benchmarks.instances import RAW, Instance, family


@family
def mknap() -> Sequence[Instance]:
    words = iter((RAW / "mknap1.txt").read_text().split())
    return [knapsack(f"mknap1-{k + 1}", words) for k in range(int(next(words)))]


def knapsack(name: str, words: object) -> Instance:
    """Units are the items; a one-to-many table has what each item uses of each resource."""
    numbers = iter(map(Decimal, words))  # type: ignore[call-overload]
    n, m, optimum = int(next(numbers)), int(next(numbers)), next(numbers)
    items, resources = [f"item_{j + 1:02d}" for j in range(n)], [f"resource_{i + 1:02d}" for i in range(m)]
    profits = [next(numbers) for _ in items]
    uses = [[next(numbers) for _ in items] for _ in resources]
    capacities = [next(numbers) for _ in resources]
    policy = {
        "title": {"zh": f"多维背包 {name}", "en": f"Multidimensional knapsack {name}"},
        "periods": [1],
        "units": {"file": "items.csv", "id": "item"},
        "groups": {"resource": {"file": "resources.csv", "id": "resource"}},
        "tables": {"uses": {"file": "uses.csv", "key": ["unit", "resource"]}},
        "programs": {"pack": {"decides": "selection"}},
        "rules": [
            {
                "id": "capacity",
                "total": {"of": "pack", "by": "resource", "measure": "need", "at_most": "resource.capacity"},
            }
        ],
        "objectives": [{"id": "profit", "total": {"maximize": "profit", "of": "pack"}}],
    }
    tables = {
        "items.csv": [{"item": item, "profit": p} for item, p in zip(items, profits, strict=True)],
        "resources.csv": [{"resource": r, "capacity": c} for r, c in zip(resources, capacities, strict=True)],
        "uses.csv": [
            {"unit": item, "resource": r, "need": uses[i][j]}
            for i, r in enumerate(resources)
            for j, item in enumerate(items)
        ],
    }
    return Instance(name, policy, tables, {"profit": Fraction(optimum)})
