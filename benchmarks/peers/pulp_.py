"""PuLP: the rows of a plain country, group by group with lpSum, handed to HiGHS.

Lives here: the quickest form that PuLP's own names allow: groups as places, the objective from pairs.
Not here: the tables (plain_tables.py).

    python -m benchmarks.peers.pulp_ FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pulp

from benchmarks.peers.matrix import of_highs
from benchmarks.peers.plain_tables import bound, read


def main() -> None:
    began = time.perf_counter()
    tables = read(Path(sys.argv[1]))
    read_s, before = time.perf_counter() - began, time.process_time()
    problem = pulp.LpProblem("plain", pulp.LpMaximize)
    x = np.array([pulp.LpVariable(f"x{i}", cat="Binary") for i in range(len(tables.cells))], dtype=object)
    problem += pulp.LpAffineExpression(zip(x, tables.cells["score"].tolist(), strict=True))
    for by, cells, least, most in tables.rows():
        own = x[cells.index.to_numpy()]
        for key, places in cells.groupby(by).indices.items():
            total = pulp.lpSum(own[places].tolist())
            low, high = bound(least, key, by), bound(most, key, by)
            if low is not None and low == high:
                problem += total == low
            elif low is not None:
                problem += total >= low
            else:
                problem += total <= high
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    seconds, processor_s = time.perf_counter() - began, time.process_time() - before
    told = {"read": read_s, "seconds": seconds, "processor_s": processor_s}
    print(json.dumps(told | of_highs(problem.solverModel.getLp(), order=[v.index for v in x])))


if __name__ == "__main__":
    main()
