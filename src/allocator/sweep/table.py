"""The rows of a sweep as tidy tables: one row a case; one row a unit and program, with the parameter that matters to it.

Lives here: the columns, frequencies, the share of variance that a parameter explains, the files.
Not here: solving (work.py), the page on a screen (report/sweep.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from allocator.sweep.cases import Sweep, told

if TYPE_CHECKING:
    import pandas as pd

CASES, UNITS = "cases", "units"


def cases_frame(asked: Sweep, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a case: scenario, the axes, status, gap, seconds, run, message, then every figure as a number."""
    import pandas as pd

    figures = list(dict.fromkeys(name for row in rows for name in row["figures"]))
    columns: dict[str, list[Any]] = {"scenario": [case.name for case in asked.cases]}
    for axis in asked.axes:
        columns[axis] = _alike([case.values[axis] for case in asked.cases])
    for key in ("status", "gap", "seconds", "run", "message"):
        columns[key] = [row[key] for row in rows]
    for name in figures:
        columns[name] = [_number(row["figures"].get(name)) for row in rows]
    frame = pd.DataFrame(columns)
    for name in [*figures, "gap", "seconds"]:
        frame[name] = frame[name].astype("float64")
    return frame


def units_frame(asked: Sweep, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> pd.DataFrame:
    """One row a unit and program that is awarded in some case: in how many of the cases with a plan, and what matters.

    awarded: cases with an award; share: of the cases with a plan; mean: the amount on average. `by.<axis>`: the share of the
    variance of the amount that the axis explains alone (the correlation ratio eta squared, 0..1: between-group sum of
    squares over the total; over a full grid it is the first-order Sobol index); empty where the amount never changes.
    matters: the axis with the largest share; empty where none explains anything.
    """
    import pandas as pd

    planned = [i for i, row in enumerate(rows) if row["awards"] or row["status"] in ("optimal", "within", "not proved")]
    place: dict[tuple[str, str], int] = {}
    entries: list[tuple[int, int, int]] = []
    for number, i in enumerate(planned):
        for unit, program, _, amount in rows[i]["awards"]:
            entries.append((number, place.setdefault((unit, program), len(place)), amount))
    made = np.zeros((len(planned), len(place)))
    for number, column, amount in entries:
        made[number, column] += amount
    awarded = (made > 0).sum(axis=0)
    centred = made - made.mean(axis=0) if len(planned) else made
    total = (centred**2).sum(axis=0)
    explained = {}
    for axis in asked.axes:
        values = [told(asked.cases[i].values[axis]) for i in planned]
        between = np.zeros(len(place))
        for value in sorted(set(values)):
            group = centred[[n for n, v in enumerate(values) if v == value]]
            between += len(group) * group.mean(axis=0) ** 2
        explained[axis] = np.where(
            total > 0, np.divide(between, total, where=total > 0, out=np.zeros(len(place))), np.nan
        )
    order = sorted(place, key=lambda key: (key[1], key[0]))
    records = []
    for unit, program in order:
        column = place[unit, program]
        own = {axis: float(share[column]) for axis, share in explained.items()}
        best = max(own, key=lambda axis: own[axis], default=None) if total[column] > 0 else None
        matters = best if best is not None and own[best] > 1e-9 else None
        records.append(
            {
                "unit": unit,
                "name": names.get(unit, unit),
                "program": program,
                "awarded": int(awarded[column]),
                "plans": len(planned),
                "share": float(awarded[column]) / len(planned),
                "mean": float(made[:, column].mean()),
                "matters": matters,
                **{f"by.{axis}": round(share, 9) for axis, share in own.items()},
            }
        )
    head = ["unit", "name", "program", "awarded", "plans", "share", "mean", "matters", *(f"by.{a}" for a in asked.axes)]
    return pd.DataFrame(records, columns=head)


def write_tables(frames: Mapping[str, pd.DataFrame], out: Path) -> list[Path]:
    """Each frame as Parquet and as CSV (with a mark for spreadsheets), each put in place in one rename."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in frames.items():
        csv, parquet = out / f"{name}.csv", out / f"{name}.parquet"
        beside = out / f".{name}.new"
        beside.write_bytes(b"\xef\xbb\xbf" + frame.to_csv(index=False).encode("utf-8"))
        beside.replace(csv)
        con = duckdb.connect(":memory:")
        con.register("frame", frame)
        quoted = str(beside).replace("'", "''")
        con.execute(f"copy frame to '{quoted}' (format parquet)")
        beside.replace(parquet)
        written += [csv, parquet]
    return written


def _alike(values: Sequence[Any]) -> list[Any]:
    """Numbers where all are numbers, else texts: a column has one type."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) and not isinstance(value, bool) for value in known):
        return list(values)
    if known and all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in known):
        return [None if value is None else float(value) for value in values]
    return [None if value is None else told(value) for value in values]


def _number(text: str | None) -> float | None:
    return None if text is None else float(Fraction(text))
