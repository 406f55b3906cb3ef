"""The rows of a sweep as tidy tables: one row a case; one row a unit and program, with the parameter that matters to it.

Lives here: the columns, frequencies, the share of variance that a parameter explains, the files.
Not here: solving (work.py), the page on a screen (report/sweep.py).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from allocator.model.status import Status
from allocator.runs.sheets import sheet
from allocator.sweep.cases import Sweep, Value, told
from allocator.words import Lang

if TYPE_CHECKING:
    import pandas as pd

WITH_PLAN = tuple(status for status in Status if status.planned)
MOST_GROUPS = 10  # of an axis of numbers, where it has more values


def cases_frame(asked: Sweep, rows: Sequence[Mapping[str, Any]], lang: Lang = "en") -> pd.DataFrame:
    """One row a case: scenario, the axes, status, value of the first objective, gap, seconds, run, message, every figure.

    gap: the largest relative gap of an objective, 0 where all is proved, empty where none is known. seconds: of the solve
    that found the plan. Two sweeps of the same files differ in `seconds` and in nothing else, where all is proved.
    """
    import pandas as pd

    figures = list(dict.fromkeys(name for row in rows for name in row["figures"]))
    columns: dict[str, Any] = {"scenario": pd.Series([case.name for case in asked.cases], dtype="str")}
    for axis in asked.axes:
        columns[axis] = _alike([case.values[axis] for case in asked.cases])
    columns["status"] = pd.Series([row["status"] for row in rows], dtype="str")
    columns["value"] = [_number(row["value"]) for row in rows]
    for key in ("gap", "seconds"):
        columns[key] = [row[key] for row in rows]
    columns["run"] = pd.Series([row["run"] for row in rows], dtype="str")
    columns["message"] = pd.Series([_spoken(row["message"], lang) for row in rows], dtype="str")
    for name in figures:
        columns[name] = [_number(row["figures"].get(name)) for row in rows]
    frame = pd.DataFrame(columns)
    for name in ["value", "gap", "seconds", *figures]:
        frame[name] = frame[name].astype("float64")
    return frame


def units_frame(asked: Sweep, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> pd.DataFrame:
    """One row a unit and program that is awarded in some case: in how many of the cases with a plan, and what matters.

    awarded: cases with an award; share: of the cases with a plan; mean: the amount on average. `by.<axis>`: the share of the
    variance of the amount that the axis explains alone (the correlation ratio eta squared, 0..1: between-group sum of
    squares over the total; over a full grid it is the first-order Sobol index); empty where the amount never changes, or
    where the axis has too many values to tell (see _grouped). matters: the axis with the largest share; empty where none
    explains anything.
    """
    import pandas as pd

    planned = [i for i, row in enumerate(rows) if row["status"] in WITH_PLAN]
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
    groups = _grouped({axis: [asked.cases[i].values[axis] for i in planned] for axis in asked.axes})
    explained = {axis: _explained(centred, total, groups[axis]) for axis in asked.axes}
    order = sorted(place, key=lambda key: (key[1], key[0]))
    records = []
    for unit, program in order:
        column = place[unit, program]
        own = {axis: float(share[column]) for axis, share in explained.items()}
        told = {axis: share for axis, share in own.items() if share > 1e-9}  # never so for what is empty
        records.append(
            {
                "unit": unit,
                "name": names.get(unit, unit),
                "program": program,
                "awarded": int(awarded[column]),
                "plans": len(planned),
                "share": float(awarded[column]) / len(planned),
                "mean": float(made[:, column].mean()),
                "matters": max(told, key=lambda axis: told[axis], default=None),
                **{f"by.{axis}": round(share, 9) for axis, share in own.items()},
            }
        )
    head = ["unit", "name", "program", "awarded", "plans", "share", "mean", "matters", *(f"by.{a}" for a in asked.axes)]
    frame = pd.DataFrame(records, columns=head)
    for name in ("unit", "name", "program", "matters"):
        frame[name] = frame[name].astype("str")
    return frame


def _grouped(axes: Mapping[str, Sequence[Value]]) -> dict[str, list[int] | None]:
    """The group of every case by each axis: one a value; numbers of more than ten values in ten groups of equal size.

    None: on average a group has fewer than two cases while other axes vary too. Each case alone would "explain" everything.
    """
    varied = [axis for axis, values in axes.items() if len(set(map(told, values))) > 1]
    found: dict[str, list[int] | None] = {}
    for axis, values in axes.items():
        known: list[Any] = sorted({value for value in values if value is not None}, key=_order)
        number = {told(value): place for place, value in enumerate(known)}
        if len(known) > MOST_GROUPS and all(_numeric(value) for value in known):
            ranked = sorted(value for value in values if value is not None)
            number = {told(v): bisect_left(ranked, v) * MOST_GROUPS // len(ranked) for v in known}
        group = [number.get(told(value), -1) if value is not None else -1 for value in values]
        few = len(set(group)) * 2 > len(group) and len(varied) > 1
        found[axis] = None if few else group
    return found


def _explained(centred: np.ndarray, total: np.ndarray, group: Sequence[int] | None) -> np.ndarray:
    """Between-group sum of squares over the total, for each column; NaN where there is nothing to explain."""
    if group is None:
        return np.full(len(total), np.nan)
    of = np.asarray(group)
    between = np.zeros(len(total))
    for one in sorted(set(group)):
        part = centred[of == one]
        between += len(part) * part.mean(axis=0) ** 2
    shares = np.full(len(total), np.nan)
    np.divide(between, total, where=total > 0, out=shares)
    return shares


def write_tables(frames: Mapping[str, pd.DataFrame], out: Path) -> list[Path]:
    """Each frame as Parquet and as CSV (with a mark for spreadsheets), each put in place in one rename."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in frames.items():
        csv, parquet = out / f"{name}.csv", out / f"{name}.parquet"
        beside = out / f".{name}.new"
        beside.write_bytes(sheet(frame))
        beside.replace(csv)
        con = duckdb.connect(":memory:")
        con.register("frame", frame)
        quoted = str(beside).replace("'", "''")
        con.execute(f"copy frame to '{quoted}' (format parquet)")
        beside.replace(parquet)
        written += [csv, parquet]
    return written


def _numeric(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _order(value: Value) -> tuple[bool, Any]:
    return (False, value) if _numeric(value) else (True, told(value))


def _alike(values: Sequence[Value]) -> pd.Series:
    """Numbers where all are numbers, else texts: a column has one type."""
    import pandas as pd

    known = [value for value in values if value is not None]
    if known and all(_numeric(value) for value in known):
        if all(isinstance(value, int) for value in known):
            return pd.Series(values, dtype="int64" if len(known) == len(values) else "Int64")
        return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
    return pd.Series([None if value is None else told(value) for value in values], dtype="str")


def _number(text: str | None) -> float | None:
    return None if text is None else float(Fraction(text))


def _spoken(message: str | Mapping[str, str] | None, lang: Lang) -> str | None:
    return message[lang] if isinstance(message, Mapping) else message
