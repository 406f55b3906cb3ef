"""The CP-SAT Python API: the rows of a plain country, group by group with LinearExpr.sum.

python -m benchmarks.peers.cpsat_api FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ortools.sat.python import cp_model

from benchmarks.peers.plain_tables import bound, read


def main() -> None:
    began = time.perf_counter()
    tables = read(Path(sys.argv[1]))
    read_s = time.perf_counter() - began
    model = cp_model.CpModel()
    x = [model.new_bool_var(f"x{i}") for i in range(len(tables.cells))]
    model.maximize(cp_model.LinearExpr.weighted_sum(x, tables.cells["score"].tolist()))
    rows = coefficients = 0
    for by, cells, least, most in tables.rows():
        for key, index in cells.groupby(by).groups.items():
            total = cp_model.LinearExpr.sum([x[i] for i in index])
            low, high = bound(least, key, by), bound(most, key, by)
            if low is not None and low == high:
                model.add(total == int(low))
            elif low is not None:
                model.add(total >= int(low))
            else:
                model.add(total <= int(high))
            rows, coefficients = rows + 1, coefficients + len(index)
    seconds = time.perf_counter() - began
    told = {"read": read_s, "seconds": seconds, "rows": rows, "columns": len(x), "coefficients": coefficients}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
