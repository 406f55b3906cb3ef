"""One number for all of a loaded model, whatever the order of its rows: peers that hold the same rows have the same one.

Lives here: the fingerprint of rows, bounds and objective; the columns have one order, that of the sorted cells.
Not here: making rows (the peers).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

FAR = 2.0**60  # beyond: no limit


def of_highs(lp: Any, *, order: list[int] | None = None) -> dict[str, Any]:
    """Sizes and fingerprint of a HiGHS model; order: the column of each cell, where they are not in the cells' order."""
    entries = lp.a_matrix_
    outer = np.repeat(np.arange(len(entries.start_) - 1), np.diff(entries.start_))
    inner, value = np.array(entries.index_), np.array(entries.value_)
    rowwise = str(entries.format_).endswith("kRowwise")
    row, column = (outer, inner) if rowwise else (inner, outer)
    cost = np.array(lp.col_cost_)
    if order is not None:
        column, cost = np.argsort(order)[column], cost[order]
    return of_arrays(row, column, value, np.array(lp.row_lower_), np.array(lp.row_upper_), cost)


def of_cpsat(proto: Any) -> dict[str, Any]:
    """Sizes and fingerprint of a CP-SAT model of linear rows."""
    rows = [constraint.linear for constraint in proto.constraints]
    row = np.repeat(np.arange(len(rows)), [len(r.vars) for r in rows])
    column = np.concatenate([np.array(r.vars) for r in rows])
    value = np.concatenate([np.array(r.coeffs) for r in rows])
    low, high = (np.array([r.domain[k] for r in rows], dtype=np.float64) for k in (0, 1))
    cost = np.zeros(len(proto.variables))
    cost[np.array(proto.objective.vars)] = np.array(proto.objective.coeffs)
    return of_arrays(row, column, value, low, high, cost)


def of_arrays(row: Any, column: Any, value: Any, low: Any, high: Any, cost: Any) -> dict[str, Any]:
    """The same from triplets; all figures are whole numbers. Rows without an entry say nothing and are left out."""
    key = np.random.default_rng(1).integers(0, 2**63, len(cost), dtype=np.uint64)
    order = np.argsort(row, kind="stable")
    filled, first = np.unique(np.asarray(row)[order], return_index=True)
    weighed = (np.rint(value).astype(np.int64).astype(np.uint64) * key[column])[order]
    said = [np.add.reduceat(weighed, first)]
    for limit in (low, high):
        near = np.where(np.abs(limit) < FAR, np.rint(limit), np.copysign(FAR, limit))[filled]
        said.append(near.astype(np.int64).astype(np.uint64))
    table = np.stack(said)
    digest = hashlib.sha256(table[:, np.lexsort(table)].tobytes())
    digest.update(np.abs(np.rint(cost)).astype(np.int64).tobytes())  # some solvers minimise the negative
    return {"rows": len(filled), "columns": len(cost), "coefficients": len(order), "matrix": digest.hexdigest()[:16]}
