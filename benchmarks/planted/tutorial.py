"""The planter's reading of models/tutorial.

Lives here: its clauses, in plain Python. Not here: the model itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.planted.clauses import (
    Clause,
    Label,
    Plan,
    Planted,
    Row,
    Sheet,
    by_column,
    eligible,
    known,
    never,
    per_unit,
    quota,
    requires,
    table,
    total,
)

FOLDER = Path(__file__).parents[2] / "models" / "tutorial"


def planted() -> Planted:
    decides = {"model_county": 1, "upgrade": 1, "training": 4}
    sheet = Sheet.read(FOLDER, "unit", ["units.csv"], [2026, 2027], decides)
    scored = {(row["unit"], row["program"], int(row["period"])) for row in table(FOLDER / "reviews.csv")}

    def applied(program: str) -> Callable[[Row, int], bool]:
        return lambda row, t: (row["unit"], program, t) in scored

    def reached(plan: Plan) -> set[Label]:
        found = {u for u, p, _ in [*plan, *sheet.past] if p in ("model_county", "pilot")}
        return set() if len(found & set(sheet.units)) >= 5 else {()}  # 80 % of six counties, rounded up

    clauses = (
        *(eligible(sheet, p, applied(p)) for p in ("model_county", "upgrade")),
        eligible(sheet, "training", lambda _row, _t: True),
        quota("model_county", {2026: 1, 2027: 1}),
        quota("upgrade", {2026: 0, 2027: 1}),
        quota("training", {2026: 12, 2027: 12}),
        never("model_county", sheet.past),
        never("upgrade", sheet.past),
        per_unit(sheet, "training", lambda _row, _t: True, lambda _row: (1, None)),
        total(
            "one-in-every-prefecture",
            "total",
            ["model_county"],
            {("north",): (1, None), ("south",): (1, None)},
            by_column(sheet, "prefecture"),
        ),
        requires("upgrade-needs-model-county", "requires earlier", "upgrade", ["model_county"], lambda s, t: s < t),
        Clause("reach-counties", "reach 1, past", frozenset(["model_county", "pilot"]), reached),
        known(sheet),
    )
    return Planted("tutorial", sheet, clauses)
