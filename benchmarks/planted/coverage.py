"""The planter's reading of the model `coverage`: reach in all its forms.

Lives here: its clauses, in plain Python. Not here: the model itself (models/coverage/model.yaml).
"""

from __future__ import annotations

from collections import Counter
from math import ceil
from pathlib import Path

from benchmarks.planted.clauses import Clause, Label, Plan, Planted, Row, Sheet, eligible, known, quota, table

FOLDER = Path(__file__).parent / "models" / "coverage"
YEARS = (2025, 2026)


def planted() -> Planted:
    decides = {"base": 1, "care": 1, "aid": 11, "kit": 1, "tool": 1}
    sheet = Sheet.read(FOLDER, "unit", ["units.csv"], YEARS, decides)
    return Planted("coverage", sheet, (*_properties(sheet), *_reaches(sheet), known(sheet)))


def _properties(sheet: Sheet) -> list[Clause]:
    def county(row: Row, _t: int) -> bool:
        return row["level"] == "county"

    return [
        *(eligible(sheet, p, lambda _row, _t: True) for p in ("base", "care", "aid", "tool")),
        eligible(sheet, "kit", county),
        quota("base", dict.fromkeys(YEARS, 3)),
        quota("care", dict.fromkeys(YEARS, (2, 6))),
        quota("aid", dict.fromkeys(YEARS, 12)),
        quota("kit", dict.fromkeys(YEARS, (1, 3))),
        quota("tool", dict.fromkeys(YEARS, (1, 3))),
    ]


def _reaches(sheet: Sheet) -> list[Clause]:
    counties = {u for u, row in sheet.units.items() if row["level"] == "county"}
    townships = [(row["unit"], int(row["households"])) for row in table(FOLDER / "townships.csv")]
    prefecture = {u: row["prefecture"] for u, row in sheet.units.items()}
    living = {g: sum(h for u, h in townships if prefecture[u] == g) for g in prefecture.values()}

    def times(plan: Plan, *programs: str, past: bool = False) -> Counter[str]:
        """How many awards each unit has."""
        return Counter(u for u, p, _ in [*plan, *(sheet.past if past else {})] if p in programs and u in sheet.units)

    def reached(plan: Plan) -> set[Label]:
        found = counties & set(times(plan, "base", "pilot", past=True))
        return set() if len(found) >= ceil(len(counties) * 9 / 10) else {()}

    def twice(plan: Plan) -> set[Label]:
        return set() if sum(n >= 2 for n in times(plan, "care").values()) == 4 else {()}

    def thrice(plan: Plan) -> set[Label]:
        held = times(plan, "base", "care", "pilot", past=True)
        return set() if sum(n >= 3 for n in held.values()) <= 3 else {()}

    def bundle(plan: Plan) -> set[Label]:
        whole = [(u, t) for u in counties for t in YEARS if plan.get((u, "kit", t)) and plan.get((u, "tool", t))]
        return set() if len(whole) == 3 else {()}

    def households(plan: Plan) -> set[Label]:
        aided = {u for u, p, _ in plan if p == "aid"}
        served = {g: sum(h for u, h in townships if prefecture[u] == g and u in aided) for g in living}
        return {(g,) for g in living if 10 * served[g] < 6 * living[g]}

    def yearly(plan: Plan) -> set[Label]:
        return {(t,) for t in YEARS if len({u for u, p, s in plan if p == "aid" and s == t}) > 5}

    return [
        Clause("counties-reached", "reach 1, past", frozenset(["base", "pilot"]), reached),
        Clause("cared-twice", "reach 2", frozenset(["care"]), twice),
        Clause("both-years-or-three", "reach 3, past", frozenset(["base", "care", "pilot"]), thrice),
        Clause("whole-bundle", "reach all", frozenset(["kit", "tool"]), bundle),
        Clause("households-served", "reach, weighted", frozenset(["aid"]), households),
        Clause("aided-a-year", "reach within", frozenset(["aid"]), yearly),
    ]
