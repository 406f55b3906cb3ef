"""The tables of a plain country as a practitioner has them: pandas, read from the same files.

Lives here: reading, and the groups of rows that every modelling library is given.
Not here: any library (pulp_.py, linopy_.py, cpsat_api.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML


@dataclass(frozen=True)
class Tables:
    """`cells`: one row a cell with unit, program, period, score, province, prefecture; and the policy as it was declared."""

    cells: pd.DataFrame
    policy: dict[str, Any]

    def rows(self) -> Iterator[tuple[list[str], pd.DataFrame, Any, Any]]:
        """Each family of rows: (columns to group by, cells, at least, at most), a bound a number or a Series by program."""
        cells, policy = self.cells, self.policy
        quota = pd.Series({name: program["quota"] for name, program in policy["programs"].items()})
        yield ["program", "period"], cells, quota, quota
        yield ["unit", "program"], cells, None, 1
        for rule in policy["rules"]:
            total = rule["total"]
            of = total["of"]
            chosen = cells if of == "all" else cells[cells["program"].isin([of] if isinstance(of, str) else of)]
            yield list(total["by"]), chosen, total.get("at_least"), total.get("at_most")


def read(folder: Path) -> Tables:
    policy = YAML(typ="safe", pure=True).load((folder / "model.yaml").read_text(encoding="utf-8"))
    units = pd.read_csv(folder / "units.csv", dtype={"code": str, "prefecture": str, "province": str})
    reviews = pd.read_csv(folder / "reviews.csv", dtype={"unit": str})
    cells = reviews.merge(units[["code", "province", "prefecture"]], left_on="unit", right_on="code")
    return Tables(cells.sort_values(["unit", "program", "period"], ignore_index=True), policy)


def bound(limit: Any, key: Any, by: list[str]) -> Any:
    """The bound of one group."""
    return limit[key[by.index("program")]] if isinstance(limit, pd.Series) else limit
