"""allocator itself, from the files to the solver that holds the rows: each step's seconds.

Lives here: the steps, timed; the whole numbers are told to the solver too, as every peer does.
Not here: the peers.

    python -m benchmarks.peers.ours FOLDER [--large]

--large: sizes only; the fingerprint of millions of entries would count as memory of ours.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from allocator.database import Database
from allocator.load import load
from allocator.model.objective import OBJECTIVES
from allocator.model.rule import RULES
from allocator.problem import compile
from allocator.solve.highs import loaded
from allocator.solve.subproblem import Subproblem
from benchmarks.peers.matrix import of_highs


def main() -> None:
    for registry in (RULES, OBJECTIVES):  # imports count for nobody
        registry.kinds()
    clock = [time.perf_counter()]

    def lap() -> None:
        clock.append(time.perf_counter())

    model = load(Path(sys.argv[1]))
    lap()
    before = time.process_time()
    tables = Database(model)
    lap()
    problem = compile(model, tables)
    cells = tables.entries(tables.groups(("all",), ()), "score")
    cost = np.zeros(problem.columns, np.int64)
    cost[cells.col] = -cells.value
    lap()
    part = Subproblem(problem.matrix, problem.row_lower, problem.row_upper, problem.lower, problem.upper, cost)
    solver = loaded(part, whole=True)
    lap()
    processor_s = time.process_time() - before
    steps = dict(zip(("load", "database", "compile", "pass"), np.diff(clock).tolist(), strict=True))
    told = {"seconds": clock[-1] - clock[0], "processor_s": processor_s, "steps": steps}
    sizes = {"columns": problem.columns, "coefficients": len(problem.matrix.value)}
    print(json.dumps(told | (sizes if "--large" in sys.argv else of_highs(solver.getLp()))))


if __name__ == "__main__":
    main()
