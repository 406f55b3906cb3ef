"""linopy: the rows of a plain country, vectorised with groupby, handed to HiGHS.

Lives here: linopy's quickest form, sparse models (of its semantics v1), a family of rows a call.
Not here: the tables (plain_tables.py).

    python -m benchmarks.peers.linopy_ FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.peers.matrix import of_highs
from benchmarks.peers.plain_tables import read


def main() -> None:
    began = time.perf_counter()
    tables = read(Path(sys.argv[1]))
    read_s, before = time.perf_counter() - began, time.process_time()
    cells = tables.cells
    linopy.options["semantics"] = "v1"
    model = linopy.Model(sparse=True)
    x = model.add_variables(binary=True, coords=[pd.RangeIndex(len(cells), name="cell")], name="x")
    for number, (by, chosen, least, most) in enumerate(tables.rows()):
        number_of = chosen.groupby(by).ngroup()
        code = pd.Series(number_of.to_numpy(), index=pd.Index(chosen.index, name="cell"), name="row")
        total = x.loc[chosen.index.to_numpy()].groupby(code).sum()
        first = chosen.loc[~number_of.duplicated()].sort_values(by)
        limit = most if least is None else least
        right = first["program"].map(limit).to_numpy() if isinstance(limit, pd.Series) else np.full(len(first), limit)
        side = xr.DataArray(right, dims="row", coords={"row": np.arange(len(first))})
        sign = "==" if least is not None and most is not None else "<=" if least is None else ">="
        model.add_constraints(total, sign, side, name=f"rows{number}")
    score = xr.DataArray(cells["score"].to_numpy(), dims="cell", coords={"cell": np.arange(len(cells))})
    model.add_objective((x * score).sum(), sense="max")
    solver = model.to_highspy()
    seconds, processor_s = time.perf_counter() - began, time.process_time() - before
    told = {"read": read_s, "seconds": seconds, "processor_s": processor_s}
    print(json.dumps(told | of_highs(solver.getLp())))


if __name__ == "__main__":
    main()
