"""PuLP: the rows of a plain country, group by group with lpSum, handed to HiGHS.

python -m benchmarks.peers.pulp_ FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pulp

from benchmarks.peers.plain_tables import bound, read


def main() -> None:
    began = time.perf_counter()
    tables = read(Path(sys.argv[1]))
    read_s = time.perf_counter() - began
    problem = pulp.LpProblem("plain", pulp.LpMaximize)
    x = [pulp.LpVariable(f"x{i}", cat="Binary") for i in range(len(tables.cells))]
    problem += pulp.lpSum(s * v for s, v in zip(tables.cells["score"].tolist(), x, strict=True))
    for by, cells, least, most in tables.rows():
        for key, index in cells.groupby(by).groups.items():
            total = pulp.lpSum([x[i] for i in index])
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
    lp = problem.solverModel.getLp()
    seconds = time.perf_counter() - began
    told = {"read": read_s, "seconds": seconds, "rows": lp.num_row_, "columns": lp.num_col_}
    print(json.dumps(told | {"coefficients": len(lp.a_matrix_.value_)}))


if __name__ == "__main__":
    main()
