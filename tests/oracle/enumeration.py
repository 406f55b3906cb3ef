"""The best plan of a tiny world by brute force: every allocation is written down, judged by the words of the design, compared.

Lives here: which cells exist, what each kind of rule and objective means, the stages, the draw.
Not here: anything of the package: this reading shares only the written policy and its tables with it.

All allocations stand in one matrix, a row an allocation, a column a cell; every figure is a whole number at a stated scale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from math import lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.oracle.expressions import ABSENT, evaluate, exact, names, plain_names

Cell = tuple[str, str, int]
Label = tuple[Any, ...]
Matrix = NDArray[np.int64]
Stage = tuple[list[tuple[Matrix, int]], Callable[[list[Fraction]], tuple[Fraction, ...] | None]]
DIMS = ("unit", "program", "period")
MOST_PLANS = 60_000


class Fault(Exception):
    """A figure that is needed is missing (or a weight is not positive): the input is wrong, there is no answer."""


class TooLarge(Exception):
    """More allocations than this reading wants to write down."""


@dataclass(frozen=True)
class Judged:
    """One group under one rule over all allocations: lower <= found / scale <= upper."""

    label: Label
    found: Matrix
    scale: int
    lower: Fraction | None
    upper: Fraction | None
    or_none: bool = False

    def miss(self) -> tuple[Matrix, int]:
        """The amount by which the bound is missed, and its scale."""
        scale = lcm(self.scale, *(b.denominator for b in (self.lower, self.upper) if b is not None))
        found = self.found * (scale // self.scale)
        missed = np.zeros(len(found), np.int64)
        if self.lower is not None:
            missed = np.maximum(missed, int(self.lower * scale) - found)
        if self.upper is not None:
            missed = np.maximum(missed, found - int(self.upper * scale))
        return (np.minimum(missed, np.abs(found)) if self.or_none else missed), scale


@dataclass(frozen=True)
class Answer:
    """`status`: optimal, infeasible or fault. `values`: of each stage, for the plan. `tied`: plans left to the draw."""

    status: str
    plan: tuple[tuple[str, str, int, int], ...] = ()
    values: tuple[tuple[Fraction, ...] | None, ...] = ()
    tied: int = 0
    allocations: int = 0
    feasible: int = -1
    because: str = ""


class Reading:
    """A world as this reading understands it: its tables, programs, cells, and every allocation."""

    def __init__(self, policy: Mapping[str, Any], files: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.policy, self.files = policy, files
        self.periods: tuple[int, ...] = tuple(policy["periods"])
        self.unit_id = policy["units"]["id"]
        self.units = {str(row[self.unit_id]): row for name in many(policy["units"]["file"]) for row in files[name]}
        self.groups = {
            name: {str(row[source["id"]]): row for row in files[source["file"]]}
            for name, source in policy.get("groups", {}).items()
        }
        self.programs: dict[str, Mapping[str, Any]] = {}
        self.family_of: dict[str, str] = {}
        self.family_row: dict[str, Mapping[str, Any]] = {}
        for name, program in policy["programs"].items():
            if "from" not in program:
                self.programs[str(name)] = program
                continue
            for row in files[program["from"]["file"]]:
                member = str(row[program["from"]["id"]])
                self.programs[member], self.family_of[member], self.family_row[member] = program, str(name), row
        past = policy.get("past")
        past = {"file": past} if isinstance(past, str) else past
        self.past = _awards(files[past["file"]]) if past else {}
        self.past_programs = tuple(sorted(set((past or {}).get("programs", {})) - set(self.programs)))
        frozen = policy.get("frozen")
        self.frozen = _awards(files[frozen["file"]]) if frozen else {}
        self.closed_through = frozen["through"] if frozen else min(self.periods) - 1
        self.parameters = {
            name: value["value"] if isinstance(value, Mapping) else value
            for name, value in policy.get("parameters", {}).items()
        }
        for name, figure in policy.get("figures", {}).items():
            self.parameters[name] = self._figure(text(figure["value"] if isinstance(figure, Mapping) else figure))
        self.eligible = {cell for cell in self.candidates(tuple(self.programs)) if self._is_eligible(cell)}
        self.cells: tuple[Cell, ...] = tuple(sorted(self.eligible | set(self.frozen)))

    def _figure(self, sql: str) -> Any:
        """An aggregate over the rows of the one table whose columns it reads."""
        sources = {name: self.source(name) for name in names(sql)}
        kind, table, _ = next(iter(sources.values()), ("units", "", ""))
        rows = self.files[self.policy["tables"][table]["file"]] if kind == "table" else list(self.units.values())
        return evaluate(sql, {}, [{name: row.get(s[2]) for name, s in sources.items()}.__getitem__ for row in rows])

    # Names ------------------------------------------------------------------------------------------------------------

    def source(self, name: str) -> tuple[str, str, str]:
        """(kind, table, column) of a written name."""
        if name in DIMS:
            return "cell", "", name
        head, _, column = name.rpartition(".")
        if head == "units" or (not head and any(column in row for row in self.units.values())):
            return "units", "", column
        if head in self.groups:
            if any(head in row for row in self.units.values()):
                return "group", head, column
            return "table", next(t for t, d in self.policy["tables"].items() if head in d["key"]), f"{head}.{column}"
        for table, declared in self.policy.get("tables", {}).items():
            held = any(column in row for row in self.files[declared["file"]])
            if head == table or (not head and held and column not in DIMS):
                return "table", table, column
        for family in set(self.family_of.values()):
            row = next(r for p, r in self.family_row.items() if self.family_of[p] == family)
            if head == family or (not head and column in row):
                return "family", family, column
        if not head and column in self.parameters:
            return "parameter", "", column
        raise KeyError(name)

    def rows(
        self, wanted: Iterable[str], unit: str | None, program: str | None, period: int | None, absent: Any = None
    ) -> list[dict[str, Any]]:
        """The values of names for one candidate: one dictionary, or several where a one-to-many table is read.

        `absent`: what stands for the values of a one-to-many table that has no row for it.
        """
        sources: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name in dict.fromkeys(wanted):
            kind, table, column = self.source(name)
            sources.setdefault((kind, table), []).append((name, column))
        own = {"unit": unit, "program": program, "period": period}
        parts: list[list[dict[str, Any]]] = []
        for (kind, table), asked in sources.items():
            found: list[Mapping[str, Any]]
            none: Any = None
            if kind == "cell":
                found = [own]
            elif kind == "units":
                found = [self.units[unit]] if unit in self.units else []
            elif kind == "group":
                held = self.units[unit].get(table) if unit in self.units else None
                found = [self.groups[table][str(held)]] if str(held) in self.groups[table] else []
            elif kind == "table":
                declared = self.policy["tables"][table]
                mine: Mapping[str, Any] = {**self.units.get(str(unit), {}), **own}
                keys = [k for k in declared["key"] if k in DIMS or any(k in row for row in self.units.values())]
                none = absent if len(keys) < len(declared["key"]) else None
                found = [
                    {**row, **self._own_groups(row)}
                    for row in self.files[declared["file"]]
                    if all(_key(row[k]) == _key(mine.get(k)) for k in keys)
                ]
            elif kind == "family":
                found = (
                    [self.family_row[program]] if program is not None and self.family_of.get(program) == table else []
                )
            else:
                found = [self.parameters]
            parts.append(
                [{name: row.get(column) for name, column in asked} for row in found]
                or [dict.fromkeys((n for n, _ in asked), none)]
            )
        return [{name: value for one in chosen for name, value in one.items()} for chosen in product(*parts)]

    def _own_groups(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of the groups' own tables for the groups that a table's row names, as `group.column`."""
        named = {g: self.groups[g].get(str(row[g]), {}) for g in self.groups if g in row}
        return {f"{g}.{column}": value for g, held in named.items() for column, value in held.items()}

    def members(self, of: Any, *, planned: bool = True) -> tuple[str, ...]:
        """The programs behind ids, families and `all`."""
        found: set[str] = set()
        for name in many(of):
            if name == "all":
                found |= set(self.programs)
            elif name in self.programs or (not planned and name in self.past_programs):
                found.add(name)
            else:
                found |= {p for p, family in self.family_of.items() if family == name}
        return tuple(sorted(found))

    def candidates(self, programs: Sequence[str]) -> Iterator[Cell]:
        yield from product(self.units, programs, self.periods)

    def _is_eligible(self, cell: Cell) -> bool:
        return all(
            any(evaluate(sql, row) is True for row in self.rows(names(sql), *cell))
            for sql in (text(e["if"]) for e in self.programs[cell[1]].get("eligible", ()))
        )

    # Groups -----------------------------------------------------------------------------------------------------------

    def groups_of(self, of: Any, by: Any, where: str = "true") -> list[Label]:
        """Every group: the rows of the group's own table, or every value that a candidate (after `where`) has."""
        by = many(by)
        if not by:
            return [()]
        found: set[Label] = set()
        for cell in self.candidates(self.members(of, planned=False)):
            for row in self.rows((*by, *names(where)), *cell):
                if evaluate(where, row) is True:
                    found.add(tuple(row[column] for column in by))
        own = [i for i, column in enumerate(by) if column in self.groups]
        if own and all(by[i] in ("program", "period") for i in range(len(by)) if i not in own):
            rest = {tuple(None if i in own else part for i, part in enumerate(label)) for label in found}
            for parts in product(*(self.groups[by[i]] for i in own)):
                for others in rest if len(own) < len(by) else {(None,) * len(by)}:
                    label = list(others)
                    for i, part in zip(own, parts, strict=True):
                        label[i] = part
                    if not self._ruled_out(by, tuple(label), where):
                        found.add(tuple(label))
        return sorted(label for label in found if None not in label)

    def _ruled_out(self, by: Sequence[str], label: Label, where: str) -> bool:
        """Whether a group's own columns alone make `where` untrue, whatever the other columns of a unit may be."""
        mine = {**self.parameters, **dict(zip(by, label, strict=True))}
        mine |= {f"units.{g}": mine[g] for g in by if g in self.groups and all(g in row for row in self.units.values())}
        for g in by:
            if g in self.groups:
                mine |= {f"{g}.{column}": value for column, value in self.groups[g].get(str(mine[g]), {}).items()}
        if set(names(where)) <= set(mine):
            return evaluate(where, mine) is not True
        sees_null = ("coalesce", "nullif", " null", "distinct from")
        return (
            not any(word in where for word in sees_null)
            and evaluate(where, {**dict.fromkeys(names(where)), **mine}) is False
        )

    def inside(
        self, cells: Iterable[Cell], of: Any, by: Any, where: str, measure: str = "1"
    ) -> Iterator[tuple[Label, Cell, Any]]:
        """(group, cell, measure) for every cell of `of` that passes `where`; several times where a table is one-to-many."""
        by, chosen = many(by), set(self.members(of, planned=False))
        for cell in cells:
            if cell[1] in chosen:
                for row in self.rows((*by, *names(where), *names(measure)), *cell):
                    label = tuple(row[column] for column in by)
                    if evaluate(where, row) is True and None not in label:
                        yield label, cell, evaluate(measure, row)

    def units_of(self, of: Any, by: Any, where: str, label: Label) -> list[tuple[str, str | None, int | None]]:
        """The units of a group, with the program and period that the group's own key says."""
        by, programs = many(by), self.members(of, planned=False)
        found: dict[tuple[str, str | None, int | None], None] = {}
        for cell in self.candidates(programs):
            for row in self.rows((*by, *names(where)), *cell):
                if evaluate(where, row) is True and tuple(row[column] for column in by) == label:
                    program = cell[1] if "program" in by or len(programs) == 1 else None
                    found[cell[0], program, cell[2] if "period" in by else None] = None
        return list(found)

    def bound(self, of: Any, by: Any, where: str, label: Label, sql: Any) -> Fraction | None:
        """A bound for one group, over the group's units."""
        if sql is None:
            return None
        sql, by = text(sql), many(by)
        own = dict(zip(by, label, strict=True))
        of_group: dict[str, Any] = {}
        asked = []
        for name in names(sql):
            kind, _, column = self.source(name) if name not in own else ("own", "", "")
            if name in own:
                of_group[name] = own[name]
            elif (group := name.rpartition(".")[0]) in self.groups and group in own:
                of_group[name] = self.groups[group].get(own[group], {}).get(name.rpartition(".")[2])
            elif kind == "parameter":
                of_group[name] = self.parameters[column]
            else:
                asked.append(name)
        rows = [
            {**of_group, **row}
            for member in self.units_of(of, by, where, label)
            for row in self.rows(asked, *member, absent=ABSENT)
        ]
        env = dict(of_group)
        for name in plain_names(sql):
            if name not in env:
                values = {exact(row[name]) for row in rows if row[name] is not ABSENT}
                if len(values - {None}) > 1:
                    raise Fault(f"{sql}: {name} has several values in {label}")
                env[name] = None if None in values else next(iter(values), None)
        return self._number(evaluate(sql, env, [row.__getitem__ for row in rows]), sql, label)

    @staticmethod
    def _number(value: Any, sql: str, label: Any) -> Fraction:
        if value is None:
            raise Fault(f"{sql}: not known for {label}")
        return Fraction(int(value)) if isinstance(value, bool) else Fraction(value)

    def setting(self, sql: Any) -> Any:
        return evaluate(text(sql), self.parameters)

    def measured(self, sql: Any, cell: Cell) -> Fraction:
        """A measure of one cell. Raises Fault where it is missing."""
        (row,) = self.rows(names(text(sql)), *cell)
        return self._number(evaluate(text(sql), row), text(sql), cell)

    # Allocations ------------------------------------------------------------------------------------------------------

    def limits(self, program: str, period: int) -> Mapping[str, Any]:
        """What the quota says of a period: at_least, at_most, exactly."""
        quota = self.programs[program].get("quota")
        if isinstance(quota, Mapping) and not set(quota) & {"at_least", "at_most", "exactly"}:
            quota = quota.get(period)
        if quota is None:
            return {}
        return quota if isinstance(quota, Mapping) else {"exactly": quota}

    def quota(self, program: str, period: int) -> tuple[Fraction | None, Fraction | None]:
        limits = self.limits(program, period)
        low, high = (
            self.bound(program, "period", "true", (period,), limits.get("exactly", limits.get(side)))
            for side in ("at_least", "at_most")
        )
        return low, high

    def largest(self, cell: Cell) -> int:
        """The most that a cell can hold by itself: 1, or the lesser of the period's quota and the unit's own maximum."""
        if cell[2] <= self.closed_through:
            return self.frozen.get(cell, 0)
        program = self.programs[cell[1]]
        if program["decides"] == "selection":
            return 1
        own = (program.get("per_unit") or {}).get("at_most")
        ends = [self.quota(cell[1], cell[2])[1], None if own is None else self.measured(own, cell)]
        known = [end for end in ends if end is not None]
        if not known:
            raise Fault(f"no largest amount: {cell}")
        return max(0, min(end.numerator // end.denominator for end in known))

    def allocations(self, *, quotas: bool = True) -> Matrix:
        """Every allocation within the cells' own limits (and the quotas); a row an allocation. Raises TooLarge."""
        blocks: dict[tuple[str, int], list[int]] = {}
        for i, cell in enumerate(self.cells):
            blocks.setdefault(cell[1:], []).append(i)
        parts, total = [], 1
        for (program, period), columns in blocks.items():
            low, high = self.quota(program, period) if quotas else (None, None)
            sizes = [self.largest(self.cells[i]) for i in columns]
            closed = period <= self.closed_through
            if not closed and prod(size + 1 for size in sizes) > MOST_PLANS:
                raise TooLarge
            every = [tuple(sizes)] if closed else product(*(range(size + 1) for size in sizes))
            kept = [x for x in every if (low is None or sum(x) >= low) and (high is None or sum(x) <= high)]
            total *= len(kept)
            if total > MOST_PLANS:
                raise TooLarge
            parts.append((columns, kept))
        x = np.zeros((total, len(self.cells)), np.int64)
        repeat, cycle = total, 1
        for columns, kept in parts:
            if total:
                repeat //= len(kept)
                x[:, columns] = np.tile(
                    np.repeat(np.array(kept, np.int64).reshape(len(kept), len(columns)), repeat, axis=0), (cycle, 1)
                )
                cycle *= len(kept)
        return x

    # Rules ------------------------------------------------------------------------------------------------------------

    def rules(self) -> list[tuple[str, Mapping[str, Any], str]]:
        """(kind, declaration, id) of every rule in force."""
        found = []
        for rule in self.policy.get("rules", ()):
            (kind,) = [key for key in rule if key in RULES]
            if "applies" not in rule or self.setting(rule["applies"]) is True:
                found.append((kind, rule, rule["id"]))
        return found

    def judge(self, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
        """The groups of a declared rule over all allocations."""
        (kind,) = [key for key in rule if key in RULES]
        return RULES[kind](self, rule[kind], x)

    def broken(self, x: Matrix) -> dict[str, NDArray[np.bool_]]:
        """For every rule in force, soft ones and the programs' properties too: which allocations break it."""
        found: dict[str, NDArray[np.bool_]] = {}
        judged = [*self.properties(x), *((name, one) for _, rule, name in self.rules() for one in self.judge(rule, x))]
        for name, one in judged:
            found[name] = found.get(name, np.zeros(len(x), np.bool_)) | (one.miss()[0] > 0)
        return found

    def admissible(self, x: Matrix) -> NDArray[np.bool_]:
        """Which allocations satisfy every hard rule and every property of a program."""
        good = np.ones(len(x), np.bool_)
        soft = {name for _, rule, name in self.rules() if "soft" in rule}
        for name, lost in self.broken(x).items():
            if name not in soft:
                good &= ~lost
        return good

    def properties(self, x: Matrix) -> Iterator[tuple[str, Judged]]:
        """Quota, repeat and per_unit of every program. (Eligible and frozen are what the cells are.)"""
        for name, program in self.programs.items():
            for period in self.periods:
                low, high = self.quota(name, period)
                mine: dict[Cell, int] = {c: 1 for c in self.cells if c[1:] == (name, period)}
                yield f"{name}.quota", self._sum((name, period), mine, x, low, high)
            unit_limits = program.get("per_unit") or {}
            for cell in (c for c in self.cells if c[1] == name):
                low, high = (
                    None if unit_limits.get(side) is None else self.measured(unit_limits[side], cell)
                    for side in ("at_least", "at_most")
                )
                yield f"{name}.per_unit", self._sum(cell, {cell: 1}, x, low, high)
            repeat = program.get("repeat", "yearly")
            if repeat != "yearly":
                gap = repeat["gap"] if isinstance(repeat, Mapping) else 10**6
                yield from ((f"{name}.repeat", judged) for judged in self._repeat(name, gap, x))

    def place(self, period: int) -> int:
        """Where a period stands in the plan's list; the years before it count backwards from its first."""
        ordered = sorted(self.periods)
        return ordered.index(period) if period in ordered else period - ordered[0]

    def _repeat(self, program: str, gap: int, x: Matrix) -> Iterator[Judged]:
        """No two awards of one unit, one of them in the plan, are nearer than `gap` places in the list of periods."""
        has = x > 0
        own = [(i, cell) for i, cell in enumerate(self.cells) if cell[1] == program]
        for i, (unit, _, year) in own:
            for j, (other_unit, _, other_year) in own:
                if unit == other_unit and 0 < self.place(other_year) - self.place(year) < gap:
                    yield Judged(
                        (unit, year, other_year), (has[:, i] & has[:, j]).astype(np.int64), 1, None, Fraction(0)
                    )
            if any(u == unit and p == program and self.place(year) - self.place(t) < gap for u, p, t in self.past):
                yield Judged((unit, year), has[:, i].astype(np.int64), 1, None, Fraction(0))

    def _sum(
        self,
        label: Label,
        coefficients: Mapping[Cell, Any],
        x: Matrix,
        lower: Fraction | None,
        upper: Fraction | None,
        fact: Fraction = Fraction(0),
    ) -> Judged:
        """The sum of coefficient * amount (+ what is fact already) over all allocations."""
        found, scale = self.linear(coefficients, x, fact)
        return Judged(label, found, scale, lower, upper)

    def linear(self, coefficients: Mapping[Cell, Any], x: Matrix, fact: Fraction = Fraction(0)) -> tuple[Matrix, int]:
        scale = lcm(fact.denominator, *(Fraction(c).denominator for c in coefficients.values()))
        place = {cell: i for i, cell in enumerate(self.cells)}
        weights = np.zeros(len(self.cells), np.int64)
        for cell, coefficient in coefficients.items():
            weights[place[cell]] += int(coefficient * scale)
        return x @ weights + int(fact * scale), scale

    def sums(
        self, of: Any, by: Any, where: str, measure: str, x: Matrix, past: bool
    ) -> dict[Label, tuple[dict[Cell, Fraction], Fraction]]:
        """Each group's coefficients, and what the past adds. Raises Fault where a measure is missing."""
        found: dict[Label, tuple[dict[Cell, Fraction], Fraction]] = {
            label: ({}, Fraction(0)) for label in self.groups_of(of, by, where)
        }
        for label, cell, value in self.inside(self.cells, of, by, where, measure):
            if label in found:
                coefficients = found[label][0]
                coefficients[cell] = coefficients.get(cell, Fraction(0)) + self._number(value, measure, cell)
        if past:
            for label, cell, value in self.inside(self.past, of, by, where, measure):
                if label in found:
                    known = self._number(value, measure, cell) * self.past[cell]
                    found[label] = (found[label][0], found[label][1] + known)
        return found

    def reached(
        self, of: Any, by: Any, where: str, needs: Any, past: bool, x: Matrix
    ) -> dict[Label, NDArray[np.bool_]]:
        """Which groups have at least k of their awards; `all`: every cell that exists, and at least one."""
        place = {cell: i for i, cell in enumerate(self.cells)}
        mine: dict[Label, set[int]] = {label: set() for label in self.groups_of(of, by, where)}
        before: dict[Label, set[Cell]] = {label: set() for label in mine}
        for label, cell, _ in self.inside(self.cells, of, by, where):
            mine[label].add(place[cell])
        if past and needs != "all":
            for label, cell, _ in self.inside(self.past, of, by, where):
                if label in before:
                    before[label].add(cell)
        has, found = x > 0, {}
        for label, columns in mine.items():
            count = has[:, sorted(columns)].sum(axis=1) + len(before[label])
            found[label] = (
                count >= len(columns) if needs == "all" and columns else count >= (1 if needs == "all" else needs)
            )
        return found

    # The stages -------------------------------------------------------------------------------------------------------

    def objective(self, declared: Mapping[str, Any], x: Matrix) -> Stage:
        """The stage's figures over all allocations, each to be made as large as can be, and how to tell the value."""
        (kind,) = [key for key in declared if key in OBJECTIVES]
        return OBJECTIVES[kind](self, declared[kind], x)

    def answer(self) -> Answer:
        """The one plan: stage after stage, then the stages that gave something again, then the draw."""
        try:
            return self._answer()
        except Fault as fault:
            return Answer("fault", because=str(fault))

    def _answer(self) -> Answer:
        every = self.allocations()
        x = every[self.admissible(every)]
        stages = self.policy.get("objectives", ())
        feasible = len(x)
        try:
            for declared in stages:
                self.objective(declared, x[:1])
        except Fault as fault:
            return Answer("fault", allocations=len(every), feasible=feasible, because=f"an objective: {fault}")
        if not feasible:
            return Answer("infeasible", allocations=len(every))
        x = self.equal(x)
        tied = len(x)
        seed = (self.policy.get("ties") or {}).get("lottery", 0)
        order = sorted(
            range(len(self.cells)),
            key=lambda i: hashlib.sha256("|".join(map(_in_ticket, (seed, *self.cells[i]))).encode()).hexdigest(),
        )
        for i in order:
            x = x[x[:, i] == x[:, i].max()]
        plan = tuple((*cell, int(a)) for cell, a in zip(self.cells, x[0], strict=True) if a)
        values = tuple(self.value(declared, x) for declared in stages)
        return Answer("optimal", plan, values, tied, len(every), feasible)

    def equal(self, x: Matrix) -> Matrix:
        """The allocations that are as good as any in every objective: those that the draw decides between."""
        stages = self.policy.get("objectives", ())
        for declared in stages:
            x = self._best(declared, x, Fraction(declared.get("give", 0)))
        for declared in stages:
            if declared.get("give"):
                x = self._best(declared, x, Fraction(0))
        return x

    def _best(self, declared: Mapping[str, Any], x: Matrix, give: Fraction) -> Matrix:
        """The allocations that are best in every figure, one after the other; the last figure may give something away."""
        figures, _ = self.objective(declared, x)
        kept = np.arange(len(x))
        for number, (found, scale) in enumerate(figures):
            allowed = give if number == len(figures) - 1 else Fraction(0)
            mine = found[kept] * allowed.denominator
            kept = kept[mine >= mine.max() - allowed.numerator * scale]
        (kind,) = [key for key in declared if key in OBJECTIVES]
        if kind in FINER and not give:
            kept = kept[FINER[kind](self, declared[kind], x[kept])]
        return x[kept]

    def value(self, declared: Mapping[str, Any], x: Matrix) -> tuple[Fraction, ...] | None:
        """The stage's value for the first allocation of x, as it is told."""
        figures, told = self.objective(declared, x[:1])
        return told([Fraction(int(found[0]), scale) for found, scale in figures])


def many(value: Any) -> tuple[Any, ...]:
    """`of: a` is `of: [a]`."""
    return () if value is None else (value,) if isinstance(value, (str, int)) else tuple(value)


def text(sql: Any) -> str:
    """A number or a truth value in the file is an expression too."""
    return str(sql).lower() if isinstance(sql, bool) else str(sql)


def _key(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def _awards(rows: Iterable[Mapping[str, Any]]) -> dict[Cell, int]:
    return {(str(row["unit"]), str(row["program"]), row["period"]): row["amount"] for row in rows}


# What each kind of rule says --------------------------------------------------------------------------------------------


def _bounds(
    q: Reading, of: Any, by: Any, where: str, rule: Mapping[str, Any], label: Label
) -> tuple[Fraction | None, Fraction | None]:
    low, high = (
        q.bound(of, by, where, label, rule["exactly"] if "exactly" in rule else rule.get(side))
        for side in ("at_least", "at_most")
    )
    return low, high


def _total(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """lo <= the sum of measure * amount <= hi for each group."""
    of, by, where = rule["of"], rule.get("by"), text(rule.get("where", "true"))
    sums = q.sums(of, by, where, text(rule.get("measure", "1")), x, rule.get("past", False))
    found = [q._sum(label, c, x, *_bounds(q, of, by, where, rule, label), fact) for label, (c, fact) in sums.items()]
    return [replace(judged, or_none=rule.get("or_none", False)) for judged in found]


def _share(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """lo T <= S <= hi T over what is actually awarded; T = 0 satisfies it."""
    of, within, where, measure = (
        rule["of"],
        many(rule.get("within")),
        text(rule.get("where", "true")),
        text(rule.get("measure", "1")),
    )
    both = f"({where}) and ({text(rule['part'])})" if "part" in rule else where
    past = rule.get("past", False)
    wholes = q.sums(of, within, where, measure, x, past)
    by = (*within, *many(rule.get("by")))
    found = []
    for label, (part, part_fact) in q.sums(of, by, both, measure, x, past).items():
        whole, whole_fact = wholes[label[: len(within)]]
        total, _ = q.linear(whole, x, whole_fact)
        for side in ("at_least", "at_most"):
            share = q.bound(of, by, both, label, rule.get(side))
            if share is not None and "rounding" in rule:
                mine, _ = q.linear(part, x, part_fact)
                least, most = (Fraction(0), None) if side == "at_least" else (None, Fraction(0))
                found.append(Judged((*label, side), mine - _rounded(total, share, rule["rounding"]), 1, least, most))
            elif share is not None:
                less = {c: part.get(c, Fraction(0)) - share * whole.get(c, Fraction(0)) for c in {*part, *whole}}
                sums, scale = q.linear(less, x, part_fact - share * whole_fact)
                sums = np.where(total == 0, 0, sums)
                zero = Fraction(0)
                found.append(
                    Judged(
                        (*label, side),
                        sums,
                        scale,
                        zero if side == "at_least" else None,
                        zero if side == "at_most" else None,
                    )
                )
    return found


def _rounded(total: Matrix, share: Fraction, way: str) -> Matrix:
    """share * total as a whole number: up, down, or to the nearest one, a half up."""
    p, q = share.numerator, share.denominator
    return {"up": -((-p * total) // q), "down": p * total // q, "half_up": (2 * p * total + q) // (2 * q)}[way]


def _reach(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """How many groups (weighted if asked) have at least k of their awards."""
    of, within, where = rule["of"], many(rule.get("within")), text(rule.get("where", "true"))
    by = (*within, *many(rule.get("by", "unit")))
    hit = q.reached(of, by, where, rule.get("needs", 1), rule.get("past", False), x)
    weights = {label: q.bound(of, by, where, label, rule.get("weight", "1")) or Fraction(0) for label in hit}
    scale = lcm(1, *(w.denominator for w in weights.values()))
    found = []
    for whole in q.groups_of(of, within, where):
        inside = [label for label in hit if label[: len(within)] == whole]
        count = sum((hit[label] * int(weights[label] * scale) for label in inside), np.zeros(len(x), np.int64))
        rows = [{"weight": weights[label]}.__getitem__ for label in inside]
        low, high = (
            None
            if (sql := rule.get("exactly", rule.get(side))) is None
            else q._number(
                evaluate(text(sql), {**q.parameters, **dict(zip(within, whole, strict=True))}, rows), text(sql), whole
            )
            for side in ("at_least", "at_most")
        )
        found.append(Judged(whole, count, scale, low, high))
    return found


def _requires(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """An award > 0 of A implies some award > 0 of B in time."""
    when, where = rule.get("when", "earlier"), text(rule.get("where", "true"))
    helpers = set(q.members(rule["needs"], planned=False))

    def in_time(needed: int, wanting: int) -> bool:
        if isinstance(when, Mapping):
            return bool(1 <= q.place(wanting) - q.place(needed) <= when["within"])
        return bool({"earlier": needed < wanting, "same": needed == wanting, "by_then": needed <= wanting}[when])

    has = x > 0
    found = []
    wanting = {(cell, label) for label, cell, _ in q.inside(q.cells, rule["of"], rule.get("at"), where)}
    for cell, label in sorted(wanting):
        i = q.cells.index(cell)
        for unit, period in [(str(label[0]) if label else cell[0], cell[2])]:
            helped = np.zeros(len(x), np.bool_)
            for j, (u, p, t) in enumerate(q.cells):
                if u == unit and p in helpers and in_time(t, period):
                    helped |= has[:, j]
            if rule.get("past", False) and any(u == unit and p in helpers and in_time(t, period) for u, p, t in q.past):
                helped |= True
            found.append(Judged((*cell, *label), (has[:, i] & ~helped).astype(np.int64), 1, None, Fraction(0)))
    return found


def _order(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """Within one program and period: a strictly larger measure implies an amount at least as large."""
    place = {cell: i for i, cell in enumerate(q.cells)}
    if "than" in rule:
        named = q.inside(q.cells, rule["of"], rule["than"], text(rule.get("where", "true")))
        pairs = {(cell, (str(unit), *cell[1:])) for (unit,), cell, _ in named}
        return [
            Judged((*one, other[0]), x[:, place[one]] - x[:, place[other]], 1, Fraction(0), None)
            for one, other in sorted(pairs)
            if other in place and other != one
        ]
    measured = {
        (cell, value)
        for _, cell, value in q.inside(q.cells, rule["of"], (), text(rule.get("where", "true")), text(rule["measure"]))
        if value is not None
    }
    return [
        Judged((*one, *other), x[:, place[one]] - x[:, place[other]], 1, Fraction(0), None)
        for one, large in sorted(measured)
        for other, small in sorted(measured)
        if one[1:] == other[1:] and large > small
    ]


def _fix(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """In: at least one award (in the period, or in any); out: none; an amount: exactly that, summed over the plan's years."""
    mine = [
        i
        for i, (u, p, t) in enumerate(q.cells)
        if (u, p) == (str(rule["unit"]), str(rule["program"])) and rule.get("period", t) == t
    ]
    if rule["award"] in ("in", "out"):
        count = (x[:, mine] > 0).sum(axis=1)
        one, zero = Fraction(1), Fraction(0)
        return [Judged((), count, 1, one if rule["award"] == "in" else None, zero if rule["award"] == "out" else None)]
    return [Judged((), x[:, mine].sum(axis=1), 1, Fraction(rule["award"]), Fraction(rule["award"]))]


def _keep(q: Reading, rule: Mapping[str, Any], x: Matrix) -> list[Judged]:
    """The sum of |x - x0| in each group; an award that has no cell now is a change of its whole amount."""
    of, by, where = rule.get("of", "all"), rule.get("by"), text(rule.get("where", "true"))
    before = _awards(q.files[rule["file"]])
    place = {cell: i for i, cell in enumerate(q.cells)}
    found = []
    for label in q.groups_of(of, by, where):
        changed = np.zeros(len(x), np.int64)
        for cell in {c for g, c, _ in q.inside([*q.cells, *before], of, by, where) if g == label}:
            now = x[:, place[cell]] if cell in place else 0
            changed = changed + np.abs(now - before.get(cell, 0))
        found.append(Judged(label, changed, 1, None, q.bound(of, by, where, label, rule["at_most"])))
    return found


RULES: dict[str, Callable[[Reading, Mapping[str, Any], Matrix], list[Judged]]] = {
    "total": _total,
    "share": _share,
    "reach": _reach,
    "requires": _requires,
    "order": _order,
    "fix": _fix,
    "keep": _keep,
}


# What each kind of objective wants: figures to be made as large as can be, in their order; and the value as it is told --------


def _same(figures: list[Fraction]) -> tuple[Fraction, ...]:
    return tuple(figures)


def _negative(figures: list[Fraction]) -> tuple[Fraction, ...]:
    return tuple(-figure for figure in figures)


def _o_total(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Stage:
    up = "maximize" in stage
    measure = text(stage["maximize" if up else "minimize"])
    ((coefficients, _),) = q.sums(stage["of"], (), text(stage.get("where", "true")), measure, x, False).values()
    found, scale = q.linear(coefficients, x)
    return [(found if up else -found, scale)], _same if up else _negative


def _o_reach(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Stage:
    of, by, where = stage["of"], stage.get("by", "unit"), text(stage.get("where", "true"))
    hit = q.reached(of, by, where, stage.get("needs", 1), stage.get("past", False), x)
    weights = {label: q.bound(of, by, where, label, stage.get("weight", "1")) or Fraction(0) for label in hit}
    scale = lcm(1, *(w.denominator for w in weights.values()))
    return [(sum((hit[g] * int(w * scale) for g, w in weights.items()), np.zeros(len(x), np.int64)), scale)], _same


def _o_fair(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Stage:
    """Awards / denominator of every group, zeros included; sorted from the smallest up."""
    of, by, where = stage["of"], stage["by"], text(stage.get("where", "true"))
    sums = q.sums(of, by, where, text(stage.get("measure", "1")), x, stage.get("past", False))
    if not sums:
        return [], lambda _: None
    per = {label: q.bound(of, by, where, label, stage.get("per", "1")) or Fraction(0) for label in sums}
    if any(d <= 0 for d in per.values()):
        raise Fault(f"a denominator is not positive: {per}")
    linear = {label: q.linear(coefficients, x, fact) for label, (coefficients, fact) in sums.items()}
    scale = lcm(*(d.numerator * linear[label][1] for label, d in per.items()))
    columns = [found * int(scale / (per[label] * at)) for label, (found, at) in linear.items()]
    values = np.sort(np.stack(columns, axis=1), axis=1)
    if stage["method"] == "maximin":
        return [(values[:, 0], scale)], _same
    if stage["method"] == "minimax":
        return [(-values[:, -1], scale)], _negative
    if stage["method"] == "gap":
        return [(values[:, 0] - values[:, -1], scale)], _negative
    return [(values[:, i], scale) for i in range(values.shape[1])], _same


def _ln(ratio: Fraction) -> Decimal:
    return Decimal(ratio.numerator).ln() - Decimal(ratio.denominator).ln()


@cache
def quotient(method: str, weight: Fraction, k: int) -> Fraction:
    """(weight / d(k)) squared; where d(k) = 0: weight squared."""
    squared = {
        "webster": Fraction(2 * k - 1, 2) ** 2,
        "huntington_hill": Fraction(k * (k - 1)),
        "jefferson": Fraction(k) ** 2,
        "adams": Fraction(k - 1) ** 2,
    }[method]
    return weight**2 / (squared or 1)


@cache
def gain(method: str, weight: Fraction, amount: int) -> Decimal:
    """The sum of ln(weight / d(k)) for k = 1 .. amount."""
    with localcontext() as context:
        context.prec = 60
        return sum((_ln(quotient(method, weight, k)) / 2 for k in range(1, amount + 1)), Decimal(0))


@cache
def worth_of(method: str, weight: Fraction, amount: int) -> Fraction:
    """The same without logarithms: the product of the squared quotients."""
    return prod((quotient(method, weight, k) for k in range(1, amount + 1)), start=Fraction(1))


def _o_apportion(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Stage:
    amounts, weights = _apportioned(q, stage, x)
    if stage["method"] == "largest_remainder":
        shares = _exact_shares(q, stage, x, weights)
        scale = lcm(1, *(share.denominator for share in shares))
        missed = sum((np.abs(a * scale - int(s * scale)) for a, s in zip(amounts, shares)), np.zeros(len(x), np.int64))
        return [(-missed, scale)], _negative
    first = sum(((a > 0).astype(np.int64) for a in amounts), np.zeros(len(x), np.int64))
    total = np.zeros(len(x), np.int64)
    with localcontext() as context:
        context.prec = 60
        different, of = _different(amounts, len(x))
        worth = [sum((gain(stage["method"], w, n) for w, n in zip(weights, plan)), Decimal(0)) for plan in different]
        rounded = [int((w * 10**9).to_integral_value(ROUND_HALF_EVEN)) for w in worth]
    total = np.array(rounded, np.int64)[of]
    if stage["method"] in ("huntington_hill", "adams"):
        return [(first, 1), (total, 10**9)], _same
    return [(total, 10**9)], _same


def _different(amounts: list[Matrix], count: int) -> tuple[list[list[int]], Matrix]:
    """The different plans of the groups' amounts, and which of them each allocation has."""
    plans, of = np.unique(
        np.stack(amounts, axis=1) if amounts else np.zeros((count, 0), np.int64), axis=0, return_inverse=True
    )
    return plans.tolist(), of.reshape(-1)


def _apportioned(q: Reading, stage: Mapping[str, Any], x: Matrix) -> tuple[list[Matrix], list[Fraction]]:
    """The amounts and the weight of each group."""
    of, where = stage["of"], text(stage.get("where", "true"))
    by = (*many(stage.get("within")), *many(stage.get("by", "unit")))
    sums = q.sums(of, by, where, "1", x, False)
    weights = {label: q.bound(of, by, where, label, stage["weight"]) or Fraction(0) for label in sums}
    for label, (coefficients, _) in sums.items():
        if weights[label] <= 0 and any(q.largest(cell) > 0 for cell in coefficients):
            raise Fault(f"weight {weights[label]} of {label}")
    return [q.linear(coefficients, x)[0] for coefficients, _ in sums.values()], list(weights.values())


def _finer_apportion(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Matrix:
    """Which allocations are best where the rounded figures are equal: by products of fractions, exactly."""
    amounts, weights = _apportioned(q, stage, x)
    method = stage["method"]
    if method == "largest_remainder":
        shares = _exact_shares(q, stage, x, weights)
        missed = sum((abs(int(a[0]) - s) for a, s in zip(amounts, shares)), Fraction(0))
        if missed == _textbook_deviation(q, stage, shares):
            return np.arange(len(x))
        method = "webster"  # what the rules keep from the textbook's result goes in proportion
    different, of = _different(amounts, len(x))
    worth = [prod((worth_of(method, w, n) for w, n in zip(weights, plan)), start=Fraction(1)) for plan in different]
    best = max(worth)
    return np.flatnonzero(np.array([w == best for w in worth])[of])


def _exact_shares(q: Reading, stage: Mapping[str, Any], x: Matrix, weights: list[Fraction]) -> list[Fraction]:
    """In proportion to the weights of those who can be awarded; caps and floors first, the rest shared anew."""
    of, where, within = stage["of"], text(stage.get("where", "true")), many(stage.get("within"))
    sums = q.sums(of, (*within, *many(stage.get("by", "unit"))), where, "1", x, False)
    labels = list(sums)
    shares = [Fraction(0)] * len(labels)
    for whole in {label[: len(within)] for label in labels}:
        mine = [i for i, label in enumerate(labels) if label[: len(within)] == whole]
        places = _places(q, of, within, whole)
        ends = {i: _declared_ends(q, set(sums[labels[i]][0]), int(places)) for i in mine}
        for i, share in shared({i: (weights[i], *ends[i]) for i in mine}, places).items():
            shares[i] = share
    return shares


def shared(groups: Mapping[int, tuple[Fraction, int, int]], places: Fraction) -> dict[int, Fraction]:
    """(weight, floor, cap) of each: at the multiplier that gives out all places, tried at every end of a group."""

    def at(m: Fraction) -> dict[int, Fraction]:
        return {i: min(Fraction(cap), max(Fraction(floor), m * w)) for i, (w, floor, cap) in groups.items()}

    ends = sorted({end / w for w, floor, cap in groups.values() if w > 0 for end in (Fraction(floor), Fraction(cap))})
    for low, high in pairwise([Fraction(0), *ends]):
        least, most = sum(at(low).values()), sum(at(high).values())
        if least <= places <= most and least < most:
            return at(low + (high - low) * (places - least) / (most - least))
    return at(Fraction(0)) if not ends or sum(at(Fraction(0)).values()) >= places else at(ends[-1])


def _declared_ends(q: Reading, cells: set[Cell], places: int) -> tuple[int, int]:
    """What a group of cells can get by what is declared of one cell of it or of exactly the group."""
    low = dict.fromkeys(cells, 0)
    high = {cell: min(q.largest(cell), places) for cell in cells}
    least, most = 0, places
    for rule in q.policy.get("rules", ()):
        if "soft" in rule or ("applies" in rule and not q.setting(rule["applies"])):
            continue
        for held, floor, cap in _caps(q, rule):
            if len(held) == 1 and held <= cells:
                (cell,) = held
                low[cell] = max(low[cell], -((-floor.numerator) // floor.denominator) if floor is not None else 0)
                high[cell] = min(high[cell], cap.numerator // cap.denominator if cap is not None else places)
            elif held == cells:
                least = max(least, -((-floor.numerator) // floor.denominator) if floor is not None else 0)
                most = min(most, cap.numerator // cap.denominator if cap is not None else places)
    for cell in cells:
        floor = (q.programs[cell[1]].get("per_unit") or {}).get("at_least")
        own = Fraction(0) if floor is None else q.measured(floor, cell)
        low[cell] = max(low[cell], -((-own.numerator) // own.denominator))
        if cell[2] <= q.closed_through:
            low[cell] = max(low[cell], q.largest(cell))
        if cells == {other for other in q.cells if other[1:] == cell[1:]}:
            fewest, greatest = q.quota(*cell[1:])
            least = max(least, -((-fewest.numerator) // fewest.denominator) if fewest is not None else 0)
            most = min(most, greatest.numerator // greatest.denominator if greatest is not None else places)
    top = max(min(sum(max(n, 0) for n in high.values()), most), 0) if cells else 0
    return min(max(sum(low.values()), least), top), top


def _caps(q: Reading, rule: Mapping[str, Any]) -> Iterable[tuple[set[Cell], Fraction | None, Fraction | None]]:
    if "total" in rule:
        said = rule["total"]
        if text(said.get("measure", "1")) == "1" and not said.get("past") and not said.get("or_none"):
            of, by, where = said["of"], said.get("by"), text(said.get("where", "true"))
            for label in q.groups_of(of, by, where):
                held = {cell for g, cell, _ in q.inside(q.cells, of, by, where) if g == label}
                yield held, *_bounds(q, of, by, where, said, label)
    if "fix" in rule and rule["fix"]["award"] != "in":
        said = rule["fix"]
        amount = Fraction(0 if said["award"] == "out" else said["award"])
        held = {
            c
            for c in q.cells
            if c[:2] == (str(said["unit"]), str(said["program"])) and said.get("period", c[2]) == c[2]
        }
        yield held, amount, amount


def _textbook_deviation(q: Reading, stage: Mapping[str, Any], shares: list[Fraction]) -> Fraction:
    """What the largest remainders come to: the whole places that are spare go to them, one each.

    Groups that do not have all cells between them need not get all places: there each share is rounded by itself.
    """
    of, where, within = stage["of"], text(stage.get("where", "true")), many(stage.get("within"))
    by = (*within, *many(stage.get("by", "unit")))
    held = [cell for _, cell, _ in q.inside(q.cells, of, by, where)]
    if sorted(held) != sorted(cell for cell in q.cells if cell[1] in q.members(of)):
        return sum((min(s % 1, 1 - s % 1) for s in shares), Fraction(0))
    total = Fraction(0)
    labels = list(q.groups_of(of, by, where))
    for whole in {label[: len(within)] for label in labels}:
        rest = sorted((s % 1 for s, label in zip(shares, labels) if label[: len(within)] == whole), reverse=True)
        spare = int(sum(rest))
        total += sum((1 - r for r in rest[:spare]), Fraction(0)) + sum(rest[spare:], Fraction(0))
    return total


def _places(q: Reading, of: Any, within: tuple[Any, ...], label: Label) -> Fraction:
    """The exact places that a whole has: the quotas of its programs and periods."""
    own = dict(zip(within, label, strict=False))
    total = Fraction(0)
    for program in q.members(of):
        for period in q.periods:
            if own.get("program", program) == program and own.get("period", period) == period:
                if "exactly" not in q.limits(program, period):
                    raise Fault("a largest remainder needs an exact quota")
                total += q.quota(program, period)[0] or 0
    return total


def _o_keep(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Stage:
    """The sum of |x - x0| over the programs asked; an award that has no cell now is a change of its whole amount."""
    chosen = set(q.members(stage.get("of", "all")))
    before = {cell: amount for cell, amount in _awards(q.files[stage["file"]]).items() if cell[1] in chosen}
    changed = np.full(len(x), sum(a for cell, a in before.items() if cell not in set(q.cells)), np.int64)
    for i, cell in enumerate(q.cells):
        if cell[1] in chosen:
            changed += np.abs(x[:, i] - before.get(cell, 0))
    return [(-changed, 1)], _negative


def _o_soft(q: Reading, stage: Mapping[str, Any] | None, x: Matrix) -> Stage:
    """Weight * the amount by which each bound is missed, summed over the groups of the soft rules (all, or those named)."""
    named = (stage or {}).get("rules")
    pieces: list[tuple[Matrix, Fraction]] = []
    for _, rule, name in q.rules():
        if "soft" in rule and (named is None or name in many(named)):
            for judged in q.judge(rule, x):
                missed, scale = judged.miss()
                pieces.append((missed, Fraction(rule["soft"]["weight"]) / scale))
    scale = lcm(1, *(price.denominator for _, price in pieces))
    total = sum((missed * int(price * scale) for missed, price in pieces), np.zeros(len(x), np.int64))
    return [(-total, scale)], _negative


def _o_sum(q: Reading, stage: Mapping[str, Any], x: Matrix) -> Stage:
    """The sum of the parts' figures, each times its number."""
    way = "maximize" if "maximize" in stage else "minimize"
    pieces: list[tuple[Matrix, Fraction]] = []
    for one in stage[way]:
        sign = Fraction(one.get("times", 1)) * (1 if way == "maximize" else -1)
        if "total" in one:
            fields = {k: v for k, v in one["total"].items() if k != "measure"}
            figures, _ = _o_total(q, {**fields, "maximize": one["total"].get("measure", "1")}, x)
        elif "reach" in one:
            figures, _ = _o_reach(q, one["reach"], x)
        else:
            figures, sign = _o_keep(q, one["keep"], x)[0], -sign
        pieces.append((figures[0][0], sign / figures[0][1]))
    scale = lcm(1, *(price.denominator for _, price in pieces))
    total = sum((found * int(price * scale) for found, price in pieces), np.zeros(len(x), np.int64))
    return [(total, scale)], _same if way == "maximize" else _negative


OBJECTIVES: dict[str, Callable[[Reading, Any, Matrix], Stage]] = {
    "total": _o_total,
    "reach": _o_reach,
    "fair": _o_fair,
    "apportion": _o_apportion,
    "keep": _o_keep,
    "soft": _o_soft,
    "sum": _o_sum,
}


def _in_ticket(part: object) -> str:
    """A backslash stands before "|" and backslash in an id, as the handbook says."""
    return "".join(f"\\{sign}" if sign in "|\\" else sign for sign in str(part))


# What decides between allocations whose figures, rounded, are equal
FINER = {"apportion": _finer_apportion}
