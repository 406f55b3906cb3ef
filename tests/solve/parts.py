"""Small integer programmes made at random, with every plan written down.

Lives here: Subproblem from a seed, all its plans. Not here: what is asked of them.
"""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np

from allocator.model.query import NO_LIMIT, Ints
from allocator.problem.arrays import Matrix
from allocator.solve.subproblem import Subproblem


def part_of(seed: int) -> Subproblem:
    """Up to 6 columns of up to 3 values, up to 5 rows with small or with large figures, one- and two-sided, equalities."""
    random = Random(seed)
    n, m = random.randint(1, 6), random.randint(0, 5)
    size = random.choice([2, 5, 1_000_003])
    lower = np.array([random.choice([0, 0, 0, -1, 1]) for _ in range(n)], np.int64)
    upper = lower + np.array([random.choice([0, 1, 1, 2]) for _ in range(n)], np.int64)
    entries = [(r, c, random.randint(-size, size)) for r in range(m) for c in range(n) if random.random() < 0.6]
    table = np.array(entries, np.int64).reshape(-1, 3)
    matrix = Matrix.of(m, table[:, 0], table[:, 1], table[:, 2])
    inside = matrix.times(
        np.array([random.randint(int(a), int(b)) for a, b in zip(lower, upper, strict=True)], np.int64)
    )
    low, high = np.full(m, -NO_LIMIT), np.full(m, NO_LIMIT)
    for r in range(m):
        kind = random.choice(["least", "most", "both", "equal"])
        if kind != "most":
            low[r] = inside[r] - (0 if kind == "equal" else random.randint(-1, size))
        if kind != "least":
            high[r] = max(low[r], inside[r] + (0 if kind == "equal" else random.randint(-1, size)))
    cost = np.array([random.randint(-size, size) if random.random() < 0.8 else 0 for _ in range(n)], np.int64)
    return Subproblem(matrix, low, high, lower, upper, cost)


def plans_of(part: Subproblem) -> Ints:
    """Every plan of the part, a row a plan."""
    every = product(*(range(int(a), int(b) + 1) for a, b in zip(part.lower, part.upper, strict=True)))
    kept = [x for x in every if part.feasible(np.array(x, np.int64))]
    return np.array(kept, np.int64).reshape(len(kept), len(part.cost))
