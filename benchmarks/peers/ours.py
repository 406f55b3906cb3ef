"""allocator itself, from the files to the solver that holds the rows: each step's seconds.

python -m benchmarks.peers.ours FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from allocator.database import Database
from allocator.load import load
from allocator.problem import compile
from allocator.solve.highs import loaded
from allocator.solve.part import Part


def main() -> None:
    clock = [time.perf_counter()]

    def lap() -> None:
        clock.append(time.perf_counter())

    model = load(Path(sys.argv[1]))
    lap()
    tables = Database(model)
    lap()
    problem = compile(model, tables)
    cells = tables.entries(tables.groups(("all",), ()), "score")
    cost = np.zeros(problem.columns, np.int64)
    cost[cells.col] = -cells.value
    lap()
    loaded(Part(problem.matrix, problem.row_lower, problem.row_upper, problem.lower, problem.upper, cost))
    lap()
    steps = dict(zip(("load", "database", "compile", "pass"), np.diff(clock).tolist(), strict=True))
    filled = int(np.sum(np.diff(problem.matrix.start) > 0))
    told = {"seconds": clock[-1] - clock[0], "rows": filled, "columns": problem.columns}
    print(json.dumps(told | {"coefficients": len(problem.matrix.value), "steps": steps}))


if __name__ == "__main__":
    main()
