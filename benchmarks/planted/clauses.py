"""What a planter of faults knows: the tables of a model as plain rows, and for each rule the groups that a plan breaks.

Lives here: Sheet, Clause, and the few forms of a clause that many programs share (quota, repeat, eligible, per_unit, ...).
Not here: the clauses of one model (sums.py, bonds.py, ...); changing a plan (changes.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

Cell = tuple[str, str, int]
Plan = Mapping[Cell, int]
Label = tuple[Hashable, ...]
Row = Mapping[str, str]


@dataclass(frozen=True)
class Clause:
    """One rule as the planter reads it: its id, its form in words, the programs it looks at, the groups that a plan breaks."""

    rule: str
    form: str
    programs: frozenset[str]
    broken: Callable[[Plan], set[Label]]


@dataclass(frozen=True)
class Sheet:
    """The tables of a model folder, read as text; `decides`: program -> the largest amount that makes sense to try."""

    folder: Path
    units: Mapping[str, Row]
    periods: tuple[int, ...]
    decides: Mapping[str, int]
    past: Plan
    signed: Plan

    @classmethod
    def read(
        cls, folder: Path, ids: str, units: Iterable[str], periods: Iterable[int], decides: Mapping[str, int]
    ) -> Sheet:
        rows = [row for name in units for row in table(folder / name)]
        return cls(
            folder,
            {row[ids]: row for row in rows},
            tuple(periods),
            decides,
            _awards(folder / "past.csv"),
            _awards(folder / "signed.csv"),
        )

    def values(self, column: str) -> set[str]:
        return {row[column] for row in self.units.values()}


@dataclass(frozen=True)
class Planted:
    """A model in which faults are planted: its name, its tables, its clauses; `loose`: rules that no single change breaks."""

    name: str
    sheet: Sheet
    clauses: tuple[Clause, ...]
    loose: frozenset[str] = frozenset()


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _awards(path: Path) -> Plan:
    rows = table(path) if path.exists() else []
    return {(row["unit"], row["program"], int(row["period"])): int(row["amount"]) for row in rows}


def number(text: str | None) -> Fraction | None:
    """A figure of a table; an empty field is no figure."""
    return Fraction(text) if text else None


# Sums -------------------------------------------------------------------------------------------------------------------

Weight = Callable[[str, str, int], Iterable[tuple[Label, Fraction | int]]]


def added(plan: Plan, programs: Iterable[str], weight: Weight) -> dict[Label, Fraction]:
    """The sum of each group: `weight` names the groups of an award, and what one of its amount counts in each."""
    of, sums = set(programs), dict[Label, Fraction]()
    for (u, p, t), amount in plan.items():
        if p in of:
            for label, each in weight(u, p, t):
                sums[label] = sums.get(label, Fraction(0)) + amount * each
    return sums


def total(
    rule: str,
    form: str,
    programs: Iterable[str],
    groups: Mapping[Label, tuple[Fraction | int | None, Fraction | int | None]],
    weight: Weight,
    *,
    past: Plan | None = None,
    or_none: bool = False,
) -> Clause:
    """`groups`: every group with its lower and upper bound."""
    of = frozenset(programs)

    def broken(plan: Plan) -> set[Label]:
        sums = added({**(past or {}), **plan}, of, weight)
        found = set[Label]()
        for label, (low, high) in groups.items():
            s = sums.get(label, Fraction(0))
            outside = (low is not None and s < low) or (high is not None and s > high)
            if outside and not (or_none and s == 0):
                found.add(label)
        return found

    return Clause(rule, form, of, broken)


def by_unit(u: str, _p: str, _t: int) -> list[tuple[Label, int]]:
    return [((u,), 1)]


def by_unit_and_period(u: str, _p: str, t: int) -> list[tuple[Label, int]]:
    return [((u, t), 1)]


def by_period(_u: str, _p: str, t: int) -> list[tuple[Label, int]]:
    return [((t,), 1)]


def by_column(sheet: Sheet, *columns: str, period: bool = False) -> Weight:
    """Groups by columns of the units, then by the period if asked."""

    def weight(u: str, _p: str, t: int) -> list[tuple[Label, int]]:
        if u not in sheet.units:
            return []
        return [((*(sheet.units[u][c] for c in columns), *([t] if period else [])), 1)]

    return weight


# Properties -------------------------------------------------------------------------------------------------------------


def quota(program: str, limits: Mapping[int, int | tuple[int | None, int | None]]) -> Clause:
    """`limits`: the exact total of a period, or its bounds."""
    groups: dict[Label, tuple[Fraction | int | None, Fraction | int | None]] = {
        (t,): (limit, limit) if isinstance(limit, int) else limit for t, limit in limits.items()
    }
    return total(f"{program}.quota", "quota", [program], groups, by_period)


def never(program: str, past: Plan) -> Clause:
    return apart(program, None, past)


def apart(program: str, gap: int | None, past: Plan) -> Clause:
    """Award years of one unit stand `gap` years apart; None: there is only one."""

    def broken(plan: Plan) -> set[Label]:
        years: dict[str, list[int]] = {}
        for u, p, t in [*past, *plan]:
            if p == program:
                years.setdefault(u, []).append(t)
        return {
            (u, t)
            for u, p, t in plan
            if p == program and any(s != t and (gap is None or abs(s - t) < gap) for s in years[u])
        }

    return Clause(f"{program}.repeat", "repeat never" if gap is None else "repeat gap", frozenset([program]), broken)


def eligible(sheet: Sheet, program: str, holds: Callable[[Row, int], bool | None], *, after: int = 0) -> Clause:
    """`holds`: whether a unit's row may be awarded in a period; None: not known. Signed years (up to `after`) are facts."""
    selection = sheet.decides[program] == 1

    def broken(plan: Plan) -> set[Label]:
        return {
            (u, p, t)
            for (u, p, t), amount in plan.items()
            if p == program
            and t > after
            and not (
                t in sheet.periods and u in sheet.units and holds(sheet.units[u], t) and not (selection and amount > 1)
            )
        }

    return Clause(f"{program}.eligible", "eligible", frozenset([program]), broken)


def per_unit(
    sheet: Sheet,
    program: str,
    holds: Callable[[Row, int], bool | None],
    limits: Callable[[Row], tuple[Fraction | int | None, Fraction | int | None]],
) -> Clause:
    """Every eligible unit, every period: within its own limits."""

    def broken(plan: Plan) -> set[Label]:
        found = set[Label]()
        for u, row in sheet.units.items():
            low, high = limits(row)
            for t in sheet.periods:
                amount = plan.get((u, program, t), 0)
                if holds(row, t) and ((low is not None and amount < low) or (high is not None and amount > high)):
                    found.add((u, program, t))
        return found

    return Clause(f"{program}.per_unit", "per_unit", frozenset([program]), broken)


def frozen(sheet: Sheet, through: int) -> Clause:
    """Signed years stand as they were signed."""

    def broken(plan: Plan) -> set[Label]:
        closed = {cell for cell in [*plan, *sheet.signed] if cell[2] <= through}
        return {cell for cell in closed if plan.get(cell, 0) != sheet.signed.get(cell, 0)}

    return Clause("frozen", "frozen", frozenset(sheet.decides), broken)


def known(sheet: Sheet) -> Clause:
    """An award goes to a unit that there is."""
    return Clause(
        "known", "known units", frozenset(sheet.decides), lambda plan: {c for c in plan if c[0] not in sheet.units}
    )


# Bonds ------------------------------------------------------------------------------------------------------------------


def requires(
    rule: str,
    form: str,
    program: str,
    needs: Iterable[str],
    in_time: Callable[[int, int], bool],
    *,
    past: Plan | None = None,
    at: Callable[[str], str | None] | None = None,
) -> Clause:
    """`in_time(s, t)`: an award of year s helps one of year t; `at`: the unit that must have it, where it is another one."""
    helpers = frozenset(needs)

    def broken(plan: Plan) -> set[Label]:
        held = [*(past or {}), *plan]
        found = set[Label]()
        for u, p, t in plan:
            other = at(u) if at else u
            if p != program or not other:
                continue
            if not any(v == other and b in helpers and in_time(s, t) for v, b, s in held):
                found.add((u, p, t, other) if at else (u, p, t))
        return found

    return Clause(rule, form, helpers | {program}, broken)
