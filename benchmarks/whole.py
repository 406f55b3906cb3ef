"""The whole path from files to files, step by step: load, compile, solve, audit, write. One line of JSON.

python -m benchmarks.whole FOLDER RUN [--time-limit S] [--threads N] [--solver NAME]
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

from allocator import Limits, audit, compile, load, solve, write_run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--time-limit", type=float)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--solver", default="highs")
    given = parser.parse_args()
    clock = [time.perf_counter()]

    def lap() -> None:
        clock.append(time.perf_counter())

    model = load(given.folder)
    lap()
    problem = compile(model)
    lap()
    solution = solve(problem, solver=given.solver, limits=Limits(given.time_limit, given.threads))
    lap()
    judged = None if solution.allocation is None else audit(model, solution.allocation)
    lap()
    write_run(model, solution, judged, given.run)
    lap()
    seconds = [b - a for a, b in pairwise(clock)]
    steps = dict(zip(("load", "compile", "solve", "audit", "write"), seconds, strict=True))
    stages = [
        {
            "id": stage.id,
            "status": stage.status,
            "value": None if stage.value is None else [str(figure) for figure in stage.value][:1],
            "bound": None if stage.bound is None else str(stage.bound),
            "gap": stage.gap,
            "seconds": stage.seconds,
        }
        for stage in solution.stages
    ]
    told = {"steps": steps, "status": solution.status, "draw": solution.draw_status, "stages": stages}
    violations = None if judged is None else len(judged.violations)
    print(json.dumps(told | {"cells": problem.cells, "rows": problem.matrix.height, "violations": violations}))


if __name__ == "__main__":
    main()
