"""The planter's reading of the model `sums`: total, share, quota, per_unit.

Lives here: its clauses, in plain Python. Not here: the model itself (models/sums/model.yaml).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from pathlib import Path

from benchmarks.planted.clauses import (
    Clause,
    Label,
    Plan,
    Planted,
    Sheet,
    Weight,
    added,
    by_column,
    by_period,
    by_unit,
    by_unit_and_period,
    eligible,
    known,
    per_unit,
    quota,
    table,
    total,
)

FOLDER = Path(__file__).parent / "models" / "sums"
FIELDS = {"tess": "tea", "fred": "fruit"}


def planted() -> Planted:
    decides = {"places": 6, "grants": 20, "seats": 1, "talks": 1, "tess": 1, "fred": 1}
    sheet = Sheet.read(FOLDER, "unit", ["units.csv"], [2025, 2026], decides)
    return Planted("sums", sheet, (*_properties(sheet), *_totals(sheet), *_shares(sheet), known(sheet)))


def _properties(sheet: Sheet) -> list[Clause]:
    every = [eligible(sheet, program, lambda _row, _t: True) for program in ("places", "grants", "seats", "talks")]
    return [
        *every,
        *(eligible(sheet, e, lambda row, _t, e=e: row["field"] == FIELDS[e]) for e in FIELDS),  # type: ignore[misc]
        quota("places", {2025: 24, 2026: 24}),
        quota("grants", {2025: (None, 20), 2026: (None, 20)}),
        quota("seats", {2025: 3, 2026: (1, 2)}),
        quota("talks", {2025: 2, 2026: 2}),
        quota("tess", {2025: (None, 2), 2026: (None, 2)}),
        quota("fred", {2025: (None, 1), 2026: (None, 1)}),
        per_unit(sheet, "places", lambda _row, _t: True, lambda row: (1, 2 + int(row["size"]))),
    ]


def _totals(sheet: Sheet) -> list[Clause]:
    units, years = sheet.units, sheet.periods
    prefectures = sorted(sheet.values("prefecture"))
    living: dict[str, list[str]] = {}
    for row in table(FOLDER / "townships.csv"):
        living.setdefault(row["unit"], []).append(row["township"])
    townships = {t for named in living.values() for t in named}
    counties = {g: sum(row["prefecture"] == g for row in units.values()) for g in prefectures}

    def cost(u: str, _p: str, t: int) -> list[tuple[Label, Fraction]]:
        """Nobody knows what a stranger costs: no budget can be said to hold."""
        return [((t,), Fraction(units[u]["cost"]) if u in units else Fraction(10**9))]

    def by_township(u: str, _p: str, _t: int) -> list[tuple[Label, int]]:
        return [((township,), 1) for township in living.get(u, [])]

    return [
        total(
            "seat-everywhere",
            "total",
            ["seats"],
            {(g,): (1, None) for g in prefectures},
            by_column(sheet, "prefecture"),
        ),
        total(
            "seats-with-earlier",
            "total, past",
            ["seats", "pilot"],
            {(u,): (None, 1) for u in units},
            by_unit,
            past=sheet.past,
        ),
        total(
            "seat-or-talk",
            "total, exclusion",
            ["seats", "talks"],
            {(u, t): (None, 1) for u in units for t in years},
            by_unit_and_period,
        ),
        total("budget", "total, budget", ["grants"], {(t,): (None, Fraction("28.5")) for t in years}, cost),
        total(
            "seven-grants-or-none",
            "total, or none",
            ["grants"],
            {(u, t): (7, None) for u in units for t in years},
            by_unit_and_period,
            or_none=True,
        ),
        total(
            "places-of-a-township", "total, one-to-many", ["places"], {(g,): (8, None) for g in townships}, by_township
        ),
        total(
            "places-of-a-prefecture",
            "total, two-way",
            ["places"],
            {(g, t): (None, 3 * counties[g] + 1) for g in prefectures for t in years},
            by_column(sheet, "prefecture", period=True),
        ),
        total(
            "two-experts-a-field",
            "total, exactly",
            FIELDS,
            {(f, t): (1, 1) for f in FIELDS.values() for t in years},
            by_column(sheet, "field", period=True),
        ),
    ]


def _shares(sheet: Sheet) -> list[Clause]:
    prefectures, years = sheet.values("prefecture"), sheet.periods

    def poor(plan: Plan) -> Plan:
        return {cell: amount for cell, amount in plan.items() if sheet.units.get(cell[0], {}).get("poor") == "true"}

    def half(plan: Plan) -> set[Label]:
        part, whole = (
            _sums(plan, ["places"], by_column(sheet, "prefecture", period=True)),
            _sums(plan, ["places"], by_period),
        )
        return {(t, g) for t in years for g in prefectures if 5 * part.get((g, t), 0) > 2 * whole.get((t,), 0)}

    def grants(plan: Plan) -> set[Label]:
        part, whole = _all(poor(plan), ["grants"]), _all(plan, ["grants"])
        return set() if 45 * whole <= 100 * part <= 55 * whole else {()}

    def seats(plan: Plan) -> set[Label]:
        part, whole = _sums(poor(plan), ["seats"], by_period), _sums(plan, ["seats"], by_period)
        return {(t,) for t in years if part.get((t,), 0) < ceil(Fraction(3, 10) * whole.get((t,), Fraction(0)))}

    def ever(plan: Plan) -> set[Label]:
        held = {**sheet.past, **plan}
        part, whole = _sums(held, ["seats", "pilot"], by_column(sheet, "prefecture")), _all(held, ["seats", "pilot"])
        return {(g,) for g in prefectures if 5 * part.get((g,), 0) > 2 * whole}

    return [
        Clause("half-at-most", "share within", frozenset(["places"]), half),
        Clause("grants-for-the-poor", "share of a part", frozenset(["grants"]), grants),
        Clause("seats-for-the-poor", "share, rounded", frozenset(["seats"]), seats),
        Clause("seats-ever", "share, past", frozenset(["seats", "pilot"]), ever),
    ]


def _sums(plan: Plan, programs: Iterable[str], weight: Weight) -> dict[Label, Fraction]:
    return added(plan, programs, weight)


def _all(plan: Plan, programs: Iterable[str]) -> Fraction:
    return sum(added(plan, programs, by_unit).values(), Fraction(0))
