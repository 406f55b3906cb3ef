"""Generalised assignment: every job goes to exactly one agent, within the agents' capacities (OR-Library, J. E. Beasley).

Lives here: gap4-2 in both directions, a05100. Raw files: `m n`, an m x n table of costs, an m x n table of needs, m capacities.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from benchmarks.instances import RAW, Instance, Row, family


@family
def gap() -> Sequence[Instance]:
    return [
        assignment("gap4-2-least", "gap4-2.txt", "minimize", 426),
        assignment("gap4-2-most", "gap4-2.txt", "maximize", 673),
        assignment("a05100", "a05100.txt", "minimize", 1698),
    ]


def assignment(name: str, file: str, way: str, optimum: int) -> Instance:
    """Units are the jobs; the agents are a family of programs with a capacity each."""
    numbers = iter(map(int, (RAW / file).read_text().split()))
    m, n = next(numbers), next(numbers)
    agents, jobs = [f"agent_{i + 1}" for i in range(m)], [f"job_{j + 1:03d}" for j in range(n)]
    costs, needs = ([[next(numbers) for _ in jobs] for _ in agents] for _ in range(2))
    capacities = [next(numbers) for _ in agents]
    pairs = [
        {"unit": job, "program": agent, "cost": costs[i][j], "need": needs[i][j]}
        for i, agent in enumerate(agents)
        for j, job in enumerate(jobs)
    ]
    policy = {
        "title": {"zh": f"广义指派 {file}", "en": f"Generalised assignment {file}"},
        "periods": [1],
        "units": {"file": "jobs.csv", "id": "job"},
        "tables": {"pairs": {"file": "pairs.csv", "key": ["unit", "program"]}},
        "programs": {"agent": {"from": {"file": "agents.csv", "id": "agent"}, "decides": "selection"}},
        "rules": [
            {"id": "every-job-once", "total": {"of": "agent", "by": "unit", "exactly": 1}},
            {"id": "capacity", "total": {"of": "agent", "by": "program", "measure": "need", "at_most": "capacity"}},
        ],
        "objectives": [{"id": "cost", "total": {way: "cost", "of": "agent"}}],
    }
    tables: dict[str, Sequence[Row]] = {
        "jobs.csv": [{"job": job} for job in jobs],
        "agents.csv": [{"agent": a, "capacity": c} for a, c in zip(agents, capacities, strict=True)],
        "pairs.csv": pairs,
    }
    return Instance(name, policy, tables, {"cost": Fraction(optimum)})
