"""The CP-SAT Python API: the rows of a plain country, group by group with LinearExpr.sum.

Lives here: the quickest form of the API: groups as places, sums of lists. The model that it builds is what CP-SAT takes.
Not here: the tables (plain_tables.py).

    python -m benchmarks.peers.cpsat_api FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.peers.matrix import of_cpsat
from benchmarks.peers.plain_tables import bound, read


def main() -> None:
    began = time.perf_counter()
    tables = read(Path(sys.argv[1]))
    read_s, before = time.perf_counter() - began, time.process_time()
    model = cp_model.CpModel()
    variables = [model.new_bool_var(f"x{i}") for i in range(len(tables.cells))]
    model.maximize(cp_model.LinearExpr.weighted_sum(variables, tables.cells["score"].tolist()))
    x = np.array(variables, dtype=object)
    for by, cells, least, most in tables.rows():
        own = x[cells.index.to_numpy()]
        for key, places in cells.groupby(by).indices.items():
            total = cp_model.LinearExpr.sum(own[places].tolist())
            low, high = bound(least, key, by), bound(most, key, by)
            if low is not None and low == high:
                model.add(total == int(low))
            elif low is not None:
                model.add(total >= int(low))
            else:
                model.add(total <= int(high))
    seconds, processor_s = time.perf_counter() - began, time.process_time() - before
    told = {"read": read_s, "seconds": seconds, "processor_s": processor_s}
    print(json.dumps(told | of_cpsat(model.proto)))


if __name__ == "__main__":
    main()
