"""The Guangxi plan by hand: pandas and highspy, the policy written into the script, its nine stages in order.

Lives here: what someone who knows the policy and HiGHS would write for this one plan, with none of our code.
Not here: reading the policy from a file, validation, provenance, the audit, the draw: this script has none of them.

Cells are columns, rules are rows, a stage that is solved is held by a row. Fairness counts the prefectures above each
level; proportion is a sum of concave steps around each exact share. Values are floats, held within 1e-6.

    python -m benchmarks.peers.bare_guangxi MODEL_FOLDER ALLOCATION_CSV
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pandas as pd

PERIODS = [2013, 2014, 2015]
PASS_MARK, COVERAGE, HELD = 60, 0.9, 1e-6
QUOTAS: dict[str, dict[int, int] | int] = {
    "service_conditions": {2013: 33, 2014: 34, 2015: 33},
    "enrichment_new": 10,
    "enrichment_rolling": 5,
    "demonstration": 10,
    "commissioners": 500,
    "ip_pilots": 10,
    "training_managers": 500,
    "training_township_deputies": 400,
    "training_spark_leaders": 1000,
    "pop_science_national": 5,
    "pop_science_regional": {2013: 3, 2014: 3, 2015: 4},
}
REVIEWED = ["enrichment_new", "enrichment_rolling", "demonstration", "ip_pilots", "pop_science_national",
            "pop_science_regional"]  # fmt: skip
ONCE = ["service_conditions", *REVIEWED]


def units_of(folder: Path) -> pd.DataFrame:
    """All units with the figures of every table about units."""
    parts = [pd.read_csv(folder / name, dtype={"code": str, "prefecture": str})
             for name in ("counties.csv", "cities.csv", "parks.csv")]  # fmt: skip
    units = pd.concat(parts)[["code", "level", "prefecture"]].rename(columns={"code": "unit"})
    for name in ("ratings", "support", "institutions", "rural", "staff"):
        units = units.merge(pd.read_csv(folder / f"{name}.csv", dtype={"unit": str}), on="unit", how="left")
    return units


def cells_of(folder: Path, units: pd.DataFrame) -> pd.DataFrame:
    """The eligible candidates, sorted: unit, program, period, lower, upper, score and the unit's figures."""
    reviews = pd.read_csv(folder / "reviews.csv", dtype={"unit": str})
    passed = reviews[(reviews["applied"] == 1) & (reviews["score"] >= PASS_MARK)].merge(units, on="unit")
    county, late = passed["level"] == "county", passed["period"] >= 2014
    fits = {
        "enrichment_new": county & (passed["regional_before"] == 0),
        "enrichment_rolling": county & (passed["regional_before"] == 1),
        "demonstration": county & ((passed["advanced_2011"] == 1) | (passed["advanced_2013"] == 1) & late),
        "ip_pilots": passed["level"].notna(),
        "pop_science_national": county,
        "pop_science_regional": county,
    }
    reviewed = [passed[(passed["program"] == name) & fits[name]].assign(lower=0, upper=1) for name in REVIEWED]
    every = units.merge(pd.DataFrame({"period": PERIODS}), how="cross")
    county, public = every["level"] == "county", every["level"] != "park"
    rural = every[county & (every["townships"] > 0)]
    others = [
        every[public & (every["lacking"] > 0)].assign(program="service_conditions", lower=0, upper=1),
        rural.assign(program="commissioners", lower=2, upper=12),
        every[public].assign(program="training_managers", lower=1, upper=every["managers"]),
        rural.assign(program="training_township_deputies", lower=0, upper=rural["townships"]),
        every[county & (every["rural_population"] > 0)].assign(program="training_spark_leaders", lower=0, upper=1000),
    ]
    return pd.concat([*reviewed, *others]).sort_values(["unit", "program", "period"], ignore_index=True)


class Solver:
    """One HiGHS model that grows: columns, rows, a stage at a time."""

    def __init__(self) -> None:
        self.highs = highspy.Highs()
        for name, value in (("output_flag", False), ("mip_rel_gap", 0.0), ("threads", 2)):
            self.highs.setOptionValue(name, value)
        self.width = 0
        self.x = np.zeros(0)

    def columns(self, lower: Any, upper: Any, *, whole: bool = True) -> np.ndarray:
        """New columns; their numbers."""
        count = len(upper)
        self.highs.addVars(count, np.asarray(lower, dtype=float), np.asarray(upper, dtype=float))
        new = np.arange(self.width, self.width + count, dtype=np.int32)
        if whole:
            self.highs.changeColsIntegrality(count, new, np.full(count, highspy.HighsVarType.kInteger, dtype=object))
        self.width += count
        return new

    def rows(self, entries: list[tuple[Any, Any]], lower: Any, upper: Any) -> None:
        """One row an entry (columns, coefficients)."""
        starts = np.cumsum([0, *(len(columns) for columns, _ in entries)])
        index = np.concatenate([np.asarray(columns, dtype=np.int32) for columns, _ in entries])
        value = np.concatenate([np.broadcast_to(np.asarray(v, dtype=float), len(c)) for c, v in entries])
        low = np.broadcast_to(np.asarray(lower, dtype=float), len(entries)).copy()
        high = np.broadcast_to(np.asarray(upper, dtype=float), len(entries)).copy()
        self.highs.addRows(len(entries), low, high, len(index), starts[:-1].astype(np.int32), index, value)

    def most(self, columns: np.ndarray, coefficients: Any = 1.0) -> float:
        """The largest sum of coefficient x column, proved; held from now on."""
        cost = np.zeros(self.width)
        cost[columns] = coefficients
        self.highs.changeColsCost(self.width, np.arange(self.width, dtype=np.int32), cost)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        known = len(self.x)
        if known == self.width:
            self.highs.setSolution(known, np.arange(known, dtype=np.int32), self.x)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SystemExit(f"not solved: {self.highs.getModelStatus()}")
        self.x = np.array(self.highs.getSolution().col_value)
        value = float(cost @ self.x)
        self.rows([(columns, cost[columns])], value - HELD, highspy.kHighsInf)
        return value


def policy_rows(solver: Solver, cells: pd.DataFrame, units: pd.DataFrame, past: pd.DataFrame) -> None:
    """Quotas, once only, coverage, a demonstration county in every prefecture, townships served, pilots, one title."""
    places = pd.DataFrame({name: q if isinstance(q, dict) else dict.fromkeys(PERIODS, q) for name, q in QUOTAS.items()})
    groups = cells.groupby(["program", "period"])["col"]
    quotas = groups.first().index.map(lambda key: places.loc[key[1], key[0]]).to_numpy()
    solver.rows([(of, 1.0) for _, of in groups], quotas, quotas)

    def sums(of: list[str], by: str, lower: float, upper: float, level: str | None = None) -> None:
        chosen = cells["program"].isin(of) & ((cells["level"] == level) if level else True)
        solver.rows([(of_group, 1.0) for _, of_group in cells[chosen].groupby(by)["col"]], lower, upper)

    infinite = highspy.kHighsInf
    for program in ONCE:
        sums([program], "unit", 0, 1)
    sums(["enrichment_new", "enrichment_rolling"], "unit", 0, 1, "county")
    sums(["pop_science_national", "pop_science_regional"], "unit", 0, 1, "county")
    sums(["demonstration"], "prefecture", 1, infinite)
    sums(["ip_pilots"], "level", 3, infinite)
    sent = cells[cells["program"] == "commissioners"].groupby("unit")
    solver.rows([(of, 1.0) for _, of in sent["col"]], sent["townships"].first().to_numpy(), infinite)

    counties = units.loc[units["level"] == "county", "unit"]
    covered = counties.isin(past.loc[past["program"].isin(["enrichment_national", "enrichment_regional"]), "unit"])
    wanted = math.ceil(COVERAGE * len(counties)) - int(covered.sum())
    enriched = cells[cells["program"].isin(["enrichment_new", "enrichment_rolling"])]
    new = enriched[enriched["unit"].isin(counties[~covered])].groupby("unit")["col"]
    reached = solver.columns(np.zeros(len(new)), np.ones(len(new)))
    links = [([*of, y], [*np.ones(len(of)), -1.0]) for (_, of), y in zip(new, reached, strict=True)]
    solver.rows(links, 0, infinite)
    solver.rows([(reached, 1.0)], wanted, infinite)


def leximin(solver: Solver, cells: pd.DataFrame, size: pd.Series) -> list[Fraction]:
    """The served part of every prefecture, the smallest as large as possible, then the next; held. The parts, sorted."""
    groups = {name: cells.loc[cells["prefecture"] == name, "col"].to_numpy() for name in size.index}
    steps = {}
    for name, of in groups.items():
        most = min(int(size[name]), len(of))
        y = steps[name] = solver.columns(np.zeros(most), np.ones(most))
        solver.rows([([*of, *y], [*np.ones(len(of)), *(-np.ones(most))])], 0, 0)
        if most > 1:
            solver.rows([([a, b], [1.0, -1.0]) for a, b in pairwise(y)], 0, highspy.kHighsInf)

    def above(level: Fraction) -> np.ndarray:
        """The steps that say: this prefecture is above the level."""
        needed = {name: math.floor(level * int(size[name])) for name in groups}
        return np.array([steps[name][k] for name, k in needed.items() if k < len(steps[name])])

    def parts() -> list[Fraction]:
        return sorted(Fraction(round(solver.x[of].sum()), int(size[name])) for name, of in groups.items())

    levels = sorted({Fraction(k, int(n)) for n in size for k in range(int(n) + 1)})
    held, found = 0, None
    for k, level in enumerate(levels[:-1]):
        if held == len(groups):
            break
        following = levels[k + 1]
        if found is not None and sum(part <= level for part in found) == held:
            if sum(part <= following for part in found) != held:  # the last level of a run at which nothing changes
                columns = above(level)
                solver.rows([(columns, 1.0)], len(groups) - held, highspy.kHighsInf)
            continue
        solver.most(above(level))
        found = parts()
        held = sum(part <= level for part in found)
    return parts()


def proportion(solver: Solver, cells: pd.DataFrame, weight: str, method: str) -> float:
    """The sum of ln(weight / d(k)) over the places of every cell, as steps around its exact share; held."""

    def worth(w: float, k: int) -> float:
        if method == "webster":
            return math.log(w) - math.log(k - 0.5)
        return math.log(w) - (math.log(k * (k - 1)) / 2 if k > 1 else 0.0)

    weights = cells[weight].to_numpy(dtype=float)
    places = cells.groupby("period")["program"].transform("first").map(lambda name: QUOTAS[name]).to_numpy(dtype=float)
    share = places * weights / cells.groupby("period")[weight].transform("sum").to_numpy(dtype=float)
    lower, upper = cells["lower"].to_numpy(dtype=int), cells["upper"].to_numpy(dtype=int)
    low = np.clip((share * 0.9).astype(int) - 4, lower, upper)
    high = np.clip((share * 1.1).astype(int) + 4, low, upper)
    sizes = high - low
    gains = np.array([worth(w, k) for w, a, b in zip(weights, low, high, strict=True) for k in range(a + 1, b + 1)])
    y = solver.columns(np.zeros(len(gains)), np.ones(len(gains)), whole=False)  # concave: the best steps come first
    of = np.split(y, np.cumsum(sizes)[:-1])
    rows = [([x, *steps], [1.0, *(-np.ones(len(steps)))]) for x, steps in zip(cells["col"], of, strict=True)]
    solver.rows(rows, low, low)
    base = sum(worth(w, k) for w, a in zip(weights, low, strict=True) for k in range(1, a + 1))
    value = solver.most(y, gains) + base
    amounts = np.rint(solver.x[cells["col"]]).astype(int)
    if np.any((amounts == low) & (low > lower)) or np.any((amounts == high) & (high < upper)):
        raise SystemExit(f"the window of {weight} is too narrow")
    return value


def stages(solver: Solver, cells: pd.DataFrame, units: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """The nine stages in order; each is held before the next."""

    def of(*programs: str) -> pd.DataFrame:
        return cells[cells["program"].isin(programs)]

    first = of("demonstration", "ip_pilots")
    yield "merit", solver.most(first["col"].to_numpy(), first["score"].to_numpy())
    other = of("enrichment_new", "enrichment_rolling", "pop_science_national", "pop_science_regional")
    yield "merit-other-actions", solver.most(other["col"].to_numpy(), other["score"].to_numpy())
    service = of("service_conditions")
    need = service["lacking"] * (2016 - service["period"])
    yield "need", solver.most(service["col"].to_numpy(), need.to_numpy())
    lacking = units[(units["level"] != "park") & (units["lacking"] > 0)]
    yield "service-balance", leximin(solver, service, lacking.groupby("prefecture").size())
    counties = units[units["level"] == "county"]
    enriched = of("enrichment_new", "enrichment_rolling")
    yield "enrichment-balance", leximin(solver, enriched, counties.groupby("prefecture").size())
    for name, program, weight, method in (
        ("commissioners-by-townships", "commissioners", "townships", "huntington_hill"),
        ("managers-by-staff", "training_managers", "managers", "webster"),
        ("deputies-by-townships", "training_township_deputies", "townships", "webster"),
        ("spark-leaders-by-rural-population", "training_spark_leaders", "rural_population", "webster"),
    ):
        yield name, proportion(solver, of(program), weight, method)


def main() -> None:
    began = time.perf_counter()
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    units = units_of(folder)
    cells = cells_of(folder, units)
    past = pd.read_csv(folder / "past.csv", dtype={"unit": str})
    solver = Solver()
    cells["col"] = solver.columns(cells["lower"], cells["upper"])
    policy_rows(solver, cells, units, past)
    told: dict[str, Any] = {"built": time.perf_counter() - began, "cells": len(cells), "stages": {}, "seconds": {}}
    for name, value in stages(solver, cells, units):
        told["stages"][name] = [str(part) for part in value] if isinstance(value, list) else round(value, 6)
        told["seconds"][name] = time.perf_counter() - began
        print(name, f"{told['seconds'][name]:.1f}", file=sys.stderr, flush=True)
    cells["amount"] = np.rint(solver.x[cells["col"]]).astype(int)
    cells.loc[cells["amount"] > 0, ["unit", "program", "period", "amount"]].to_csv(out, index=False)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
