"""Plain HiGHS on our own arrays: one call, its defaults but for the gap of zero; what it has after a time.

It writes its plan's value and its bound each time that it tells them, so that they are known when it is killed.

    python -m benchmarks.peers.plain_highs FOLDER SECONDS FILE
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from allocator import compile, load
from allocator.solve.highs import loaded
from allocator.solve.subproblem import Subproblem


def main() -> None:
    folder, limit, file = Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
    problem = compile(load(folder))
    cells = problem.tables.entries(problem.tables.groups(("all",), ()), "score")
    cost = np.zeros(problem.columns, np.int64)
    cost[cells.col] = -cells.value
    part = Subproblem(problem.matrix, problem.row_lower, problem.row_upper, problem.lower, problem.upper, cost)
    solver = loaded(part)
    n = problem.columns
    solver.changeColsIntegrality(
        n, np.arange(n, dtype=np.int32), np.full(n, highspy.HighsVarType.kInteger, dtype=object)
    )
    solver.setOptionValue("time_limit", limit)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("threads", 2)
    began = time.perf_counter()

    def write(plan: float, bound: float, *, done: bool) -> None:
        seconds = time.perf_counter() - began
        told = {"plan": -plan if np.isfinite(plan) else None, "bound": -bound if np.isfinite(bound) else None}
        file.write_text(json.dumps(told | {"seconds": seconds, "done": done}), encoding="utf-8")

    def heard(event: Any) -> None:
        write(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound, done=False)

    solver.cbMipLogging.subscribe(heard)
    solver.run()
    info = solver.getInfo()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    write(info.objective_function_value, info.mip_dual_bound, done=bool(optimal))


if __name__ == "__main__":
    main()
