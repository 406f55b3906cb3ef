"""The planter's reading of the model `bonds`: requires, order, fix, repeat, eligible, frozen.

Lives here: its clauses, in plain Python. Not here: the model itself (models/bonds/model.yaml).
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
    apart,
    eligible,
    frozen,
    known,
    never,
    number,
    quota,
    requires,
    table,
)

FOLDER = Path(__file__).parent / "models" / "bonds"
YEARS = (2023, 2024, 2025, 2026)
CLOSED = 2023
Holds = Callable[[Row, int], bool | None]


def planted() -> Planted:
    decides = {"base": 1, "roll": 1, "host": 1, "visit": 1, "aid": 6, "prize": 6}
    sheet = Sheet.read(FOLDER, "unit", ["units.csv"], YEARS, decides)
    clauses = (*_properties(sheet), *_requires(sheet), *_orders(sheet), *_fixes(), frozen(sheet, CLOSED), known(sheet))
    return Planted("bonds", sheet, clauses)


def _passed() -> Holds:
    scores = {(row["unit"], int(row["period"])): number(row["score"]) for row in table(FOLDER / "reviews.csv")}

    def holds(row: Row, t: int) -> bool | None:
        score = scores.get((row["unit"], t))
        return row["level"] == "county" and score is not None and score >= 60

    return holds


def _farms(row: Row, _t: int) -> bool | None:
    farmers = number(row["farmers"])
    return None if farmers is None else farmers > 0


def _properties(sheet: Sheet) -> list[Clause]:
    return [
        eligible(sheet, "base", _passed(), after=CLOSED),
        eligible(sheet, "aid", _farms, after=CLOSED),
        *(eligible(sheet, p, lambda _row, _t: True, after=CLOSED) for p in ("roll", "host", "visit", "prize")),
        quota("base", {2023: 2, 2024: 1, 2025: 2, 2026: 1}),
        quota("roll", dict.fromkeys(YEARS, (None, 2))),
        quota("host", dict.fromkeys(YEARS, (None, 2))),
        quota("visit", dict.fromkeys(YEARS, (None, 3))),
        quota("aid", {2023: 6, 2024: 14, 2025: 14, 2026: 14}),
        quota("prize", dict.fromkeys(YEARS, (None, 6))),
        never("base", sheet.past),
        apart("roll", 2, sheet.past),
    ]


def _requires(sheet: Sheet) -> list[Clause]:
    def friend(unit: str) -> str | None:
        return sheet.units[unit]["friend"] if unit in sheet.units else None

    past = sheet.past
    return [
        requires("roll-after-base", "requires earlier", "roll", ["base", "pilot"], lambda s, t: s < t, past=past),
        requires("visit-with-host", "requires same period", "visit", ["host"], lambda s, t: s == t),
        requires("host-soon-after-base", "requires within", "host", ["base"], lambda s, t: t - 2 <= s < t, past=past),
        requires("roll-by-then-aided", "requires by then", "roll", ["aid"], lambda s, t: s <= t),
        requires("friend-is-aided", "requires at another", "host", ["aid"], lambda s, t: s == t, at=friend),
    ]


def _orders(sheet: Sheet) -> list[Clause]:
    sizes = {u: number(row["size"]) for u, row in sheet.units.items()}
    pairs = [(row["unit"], row["lower"]) for row in table(FOLDER / "ranks.csv")]
    # A unit without a cell sets no condition: who is not known to have farmers has none.
    farming = [u for u, row in sheet.units.items() if _farms(row, 0)]

    def larger(plan: Plan) -> set[Label]:
        return {
            ("aid", t, one, other)
            for t in YEARS
            if t > CLOSED
            for one in farming
            for other in farming
            if (sizes[one] or 0) > (sizes[other] or 0) and sizes[other] is not None
            if plan.get((one, "aid", t), 0) < plan.get((other, "aid", t), 0)
        }

    def ranked(plan: Plan) -> set[Label]:
        return {
            ("prize", t, one, other)
            for t in YEARS
            for one, other in pairs
            if plan.get((one, "prize", t), 0) < plan.get((other, "prize", t), 0)
        }

    return [
        Clause("larger-more-aid", "order of a measure", frozenset(["aid"]), larger),
        Clause("rank-of-prizes", "order of pairs", frozenset(["prize"]), ranked),
    ]


def _fixes() -> list[Clause]:
    def fix(rule: str, form: str, label: Label, wrong: Callable[[list[int]], bool]) -> Clause:
        def broken(plan: Plan) -> set[Label]:
            mine = [amount for cell, amount in plan.items() if cell[: len(label)] == label]
            return {label} if wrong(mine) else set()

        return Clause(rule, form, frozenset([str(label[1])]), broken)

    return [
        fix("gum-is-in", "fix in", ("gum", "base", 2025), lambda amounts: not any(amounts)),
        fix("cedar-hosts", "fix in", ("cedar", "host"), lambda amounts: not any(amounts)),
        fix("holly-out", "fix out", ("holly", "visit"), any),
        fix("oak-out-of-roll", "fix out", ("oak", "roll", 2025), any),
        fix("elm-aid", "fix amount", ("elm", "aid", 2025), lambda amounts: sum(amounts) != 2),
        fix("oak-prizes", "fix amount", ("oak", "prize"), lambda amounts: sum(amounts) != 5),
    ]
