"""Every question a solve will ask of the tables, asked once before it: what is missing, what cannot be met.

Lives here: measures missing on eligible cells, bounds that are not known, bounds that cross, errors of a run of an
expression; the row of a table that is to blame.
Not here: names, references and types (references.py), whether rules can hold together (solve/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np
from pydantic import BaseModel

from allocator.database import Database, Empty, Failed
from allocator.database.expression import BadExpression, needed, parse
from allocator.database.missing import empty_cells, empty_of_units
from allocator.faults import Fault, Notice, Place
from allocator.load.mistakes import cause
from allocator.load.row_checks import Data
from allocator.load.rows import RowFinder
from allocator.load.structure import Shaped
from allocator.model.allocation import Allocation, Award
from allocator.model.fields import Refers, Uses, marks
from allocator.model.model import DIMS, Model
from allocator.model.query import MOST, Figures, Groups, Label, NotKnown, TooFine
from allocator.model.rule import Rule
from allocator.model.source import CELL, PAST, Source
from allocator.read.fault_collector import FirstFaults
from allocator.read.places import KeyPath
from allocator.words import Say
from allocator.words import known as known_words

_MOST_ROWS = 21  # one more than is told
_EXAMPLES = 3
_SHOWN = 80  # characters of an expression in a message


@dataclass(frozen=True)
class Owner:
    """A declaration that holds expressions, and the cells they are about. `path` is its place in the policy."""

    path: KeyPath
    declared: Any
    of: tuple[str, ...]
    by: tuple[str, ...]
    where: str
    past: bool
    within: tuple[str, ...] = ()

    @classmethod
    def of_declared(cls, path: KeyPath, declared: Any) -> Owner:
        """Of a rule, an objective or an indicator, by the names that all kinds use for the same things."""
        within = tuple(getattr(declared, "within", ()))
        where, part = getattr(declared, "where", "true"), getattr(declared, "part", None)
        of = getattr(declared, "of", None)
        if of is None:
            program = getattr(declared, "program", None)
            of = (program,) if program else ()
        return cls(
            path,
            declared,
            tuple(of),
            (*within, *getattr(declared, "by", ())),
            where if part is None else f"({where}) and ({part})",
            bool(getattr(declared, "past", False)),
            within,
        )

    def inside(self, at: KeyPath) -> Owner:
        """The same for a value at a path of the declaration: about the cells of the innermost part that names programs."""
        held: Any = self.declared
        part: Any = self.declared
        for step in at[:-1]:
            held = getattr(held, str(step)) if isinstance(held, BaseModel) else held[step]
            part = held if hasattr(held, "of") else part
        return self if part is self.declared else replace(Owner.of_declared(self.path, part), declared=self.declared)


class Trial:
    """One pass of questions over a database with no awards but signed ones.

    Owners in `bad` have a fault already and are passed over.
    """

    def __init__(
        self, shaped: Shaped, model: Model, data: Data, faults: list[Fault], bad: set[KeyPath], db: Database
    ) -> None:
        self.shaped, self.data, self.faults, self.bad = shaped, data, faults, bad
        self.tainted = self._tainted(model)
        self.model = self._without_bad_parts(model)
        self.db = db if self.model is model else Database(self.model, signed(self.model))
        self.few = FirstFaults(faults)
        self.empty: set[Place] = set(data.spoiled)
        self.no_row: set[tuple[str, str]] = set()
        self.rows = RowFinder(self.model)

    def all(self) -> None:
        if self._conditions():
            for name in self.model.policy.programs:
                self._program(name)
            for section in ("rules", "objectives"):
                for index, declared in enumerate(getattr(self.model.policy, section)):
                    path = (section, index)
                    if path not in self.bad and not self.shaped.is_lost(*path) and self._in_force(declared):
                        self._declared(Owner.of_declared((section, index), declared))
        for index, indicator in enumerate(self.model.policy.indicators):
            if ("indicators", index) not in self.bad:
                self._indicator(index, indicator)
        self.few.close()

    # What is left to ask about ----------------------------------------------------------------------------------------

    def _tainted(self, model: Model) -> set[str]:
        """Programs whose cells are not known, since a condition of theirs is wrong or a table of theirs is lost."""
        tainted = {
            name
            for name, program in model.policy.programs.items()
            if self.shaped.is_lost("programs", name, "eligible")
            or any(("programs", name, "eligible", i) in self.bad for i in range(len(program.eligible)))
        }
        return tainted | {m for m, family in model.family_of.items() if family in tainted}

    def _without_bad_parts(self, model: Model) -> Model:
        """Conditions of eligibility left out where they are wrong, and rules taken to be in force where that is."""
        programs = dict(model.policy.programs)
        for name, program in programs.items():
            kept = tuple(
                condition
                for i, condition in enumerate(program.eligible)
                if ("programs", name, "eligible", i) not in self.bad
            )
            if len(kept) < len(program.eligible):
                programs[name] = program.model_copy(update={"eligible": kept})
        rules = tuple(
            rule.model_copy(update={"applies": None}) if rule.applies and ("rules", i) in self.bad else rule
            for i, rule in enumerate(model.policy.rules)
        )
        if all(programs[n] is p for n, p in model.policy.programs.items()) and rules == model.policy.rules:
            return model
        return replace(model, policy=model.policy.model_copy(update={"programs": programs, "rules": rules}))

    def _in_force(self, declared: Any) -> bool:
        applies = getattr(declared, "applies", None)
        return applies is None or bool(self.db.setting(applies))

    def _usable(self, owner: Owner) -> bool:
        """Whether all programs of an owner, and the awards it counts, could be read."""
        lost = self.data.lost
        if owner.past and PAST in lost:
            return False
        files = [value for _, mark, value in marks(owner.declared) if isinstance(mark, Refers) and mark.to == "file"]
        return not any(Source("former", file) in lost for file in files)

    # Conditions -------------------------------------------------------------------------------------------------------

    def _conditions(self) -> bool:
        """Whether every condition can be evaluated on every candidate; tells those that cannot."""
        try:
            self.db.possible(self.db.groups(("all",), ()))
            return True
        except Failed:
            pass
        told: set[KeyPath] = set()
        for name in self.model.programs:
            declared = self.model.family_of.get(name, name)
            for i in range(len(self.model.programs[name].eligible)):
                path = ("programs", declared, "eligible", i, "condition")
                if path in told:
                    continue
                try:
                    self.db.rows(f"select count(c{i}) from {self.db.conditions(name)}")
                except Failed as failed:
                    told.add(path)
                    self._told(path, failed, self.model.programs[name].eligible[i].condition)
        return False

    # Programs ---------------------------------------------------------------------------------------------------------

    def _program(self, name: str) -> None:
        program, path = self.model.policy.programs[name], ("programs", name)
        owner = Owner(path, program, (name,), (), "true", False)
        for at, mark, sql in marks(program):
            if not isinstance(mark, Uses) or mark.scope != "measure" or (*path, at[0]) in self.bad:
                continue
            before = len(self.faults)
            self._guarded(owner, self._evaluated, owner, sql)
            if len(self.faults) > before:  # what the property makes of it would be told once more
                self.bad.add((*path, at[0]))
                continue
            self._guarded(owner, self._missing_measure, owner, at, sql)
        for rule in self._properties(name):
            if (*path, rule.kind) not in self.bad and not self.shaped.is_lost(*path, rule.kind):
                whole = Owner(path, rule, (rule.id.rpartition(".")[0],), ("period",), "true", False)
                self._guarded(whole, self._property, name, rule)

    @cached_property
    def _rules_of_programs(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        declared = {rule.id for rule in self.model.policy.rules}
        for rule in self.model.rules:
            program = getattr(rule, "program", None)
            if rule.id not in declared and isinstance(program, str):
                found.setdefault(self.model.family_of.get(program, program), []).append(rule)
        return found

    def _properties(self, name: str) -> list[Rule]:
        """A program's own rules that hold bounds."""
        return [rule for rule in self._rules_of_programs.get(name, []) if rule.is_property and rule.limits_amounts]

    def _property(self, name: str, rule: Rule) -> None:
        program = str(getattr(rule, "program"))  # noqa: B009 - of some kinds only
        groups = self.db.groups((program,), ("period",))
        path = ("programs", name)
        told = False
        for at, mark, sql in marks(rule):
            if isinstance(mark, Uses) and mark.scope == "bound":
                figures = self.db.bound(groups, sql, missing=True)
                if not figures.given.all():
                    told |= self._unknown_bounds((*path, *at), sql, groups, figures)
                    continue
                told |= self._range((*path, *at), mark, groups, self.db.bound(groups, sql), sql)
        over_cells = any(isinstance(m, Uses) and m.scope == "measure" for _, m, _ in marks(rule))
        if not told and not (over_cells and (program in self.tainted or (*path, rule.kind, "missing") in self.bad)):
            self._crossed((*path, rule.kind), rule)

    # Rules and objectives ---------------------------------------------------------------------------------------------

    def _declared(self, owner: Owner) -> None:
        if not self._usable(owner):
            return
        before = len(self.faults)
        for at, mark, sql in marks(owner.declared):
            if not isinstance(mark, Uses):
                continue
            inner = owner.inside(at)
            if mark.scope == "bound" and not mark.positive:
                self._guarded(inner, self._known_bound, inner, at, sql)
            if mark.scope == "measure":
                self._guarded(inner, self._evaluated, inner, sql)
            if mark.scope == "measure" and at[0] not in getattr(owner.declared, "may_be_missing", ()):
                self._guarded(inner, self._missing_measure, inner, at, sql)
            elif mark.scope == "bound" and owner.path not in self.bad and mark != Uses("bound"):
                self._guarded(inner, self._bound, inner, at, mark, sql)
        if len(self.faults) == before and owner.path not in self.bad:
            self._guarded(owner, self._asked, owner)

    def _asked(self, owner: Owner) -> None:
        """The audit or the recount itself, over signed awards alone: every bound and every condition is evaluated."""
        if isinstance(owner.declared, Rule):
            if any(isinstance(m, Uses) and m.scope in ("bound", "groups_bound") for _, m, _ in marks(owner.declared)):
                self._crossed(owner.path, owner.declared)
            else:
                self._run(owner)
        else:
            owner.declared.recount(self.db)

    def _run(self, owner: Owner) -> None:
        """A rule without bounds: its groups and conditions."""
        groups = self.db.groups(owner.of, owner.by, owner.where)
        self.db.rows(f"select count(*) from {self.db.possible(groups).sql}")

    def _known_bound(self, owner: Owner, at: KeyPath, sql: str) -> None:
        """Every group for which a bound is not known, with the empty cells that make it so."""
        groups = self.db.groups(owner.of, owner.by, owner.where)
        if self._unknown_bounds((*owner.path, *at), sql, groups, self.db.bound(groups, sql, missing=True)):
            self.bad.add(owner.path)

    def _unknown_bounds(self, path: KeyPath, sql: str, groups: Groups, figures: Figures) -> bool:
        """Whether a bound is not known for some group; tells it."""
        unknown = [int(g) for g in np.flatnonzero(~figures.given)]
        for g in unknown[:_MOST_ROWS]:
            if not self._tell_empty(path, sql, groups, g) and not self._left_out(sql):
                params = {
                    "expression": short(sql),
                    "label": _label(groups.labels[g]),
                    "needed": self.shaped.place(*path),
                }
                self.few.add(Fault("figure-missing", self.shaped.place(*path), params), len(unknown))
        return bool(unknown)

    def _tell_empty(self, path: KeyPath, sql: str, groups: Groups, g: int) -> bool:
        """Whether there are empty cells that leave a bound unknown for a group; tells those that are not told yet."""
        return self._tell_cells(path, sql, empty_cells(self.db, groups, g, sql, _MOST_ROWS))

    def _tell_cells(self, path: KeyPath, sql: str, empties: Sequence[Empty]) -> bool:
        """Whether cells are to blame for what is not known. Of a row that is not there, the table is."""
        blamed = False
        for empty in empties:
            key = ", ".join(str(value) for value in empty.key.values() if value is not None)
            place = self.rows.place_of(empty)
            params = {"expression": short(sql), "label": key, "needed": self.shaped.place(*path)}
            if place is not None:
                blamed = True
                if place not in self.empty:
                    self.empty.add(place)
                    self.few.add(Fault("figure-empty-cell", place, params))
            elif empty.source.kind == "table":
                blamed = True
                file = self.model.table_of(empty.source).files[0]
                if (file, key) not in self.no_row and file not in self.data.partial:
                    self.no_row.add((file, key))
                    self.few.add(Fault("figure-no-row", Place(file, field=empty.column), params))
        return blamed

    def _bound(self, owner: Owner, at: KeyPath, mark: Uses, sql: str) -> None:
        groups = self.db.groups(owner.of, owner.by, owner.where)
        if not mark.positive:
            figures = self.db.bound(groups, sql)
            if not self._range((*owner.path, *at), mark, groups, figures, sql):
                other = getattr(owner.declared, "at_most", None)
                if at == ("at_least",) and other is not None:
                    self._crossing((*owner.path, *at), groups.labels, figures, self.db.bound(groups, other))
            return
        figures = self.db.bound(groups, sql, missing=True)
        can = self._can_be_awarded(groups)
        zero = [g for g in range(len(groups)) if can[g] and not (figures.at(g) or 0) > 0]
        for g in zero[:_MOST_ROWS]:
            label = groups.labels[g]
            cell = self._cell_of(groups, label)
            if not figures.given[g] and self._tell_empty((*owner.path, *at), sql, groups, g):
                continue
            place = None if figures.given[g] else self._blame(sql, cell)
            if place in self.empty:
                continue
            self.empty |= {place} if place else set()
            self.few.add(
                Fault(
                    "weight-not-positive" if figures.given[g] else "weight-missing",
                    place or self.shaped.place(*owner.path, *at),
                    {"expression": short(sql), "label": _label(label)},
                    found=figures.at(g),
                ),
                len(zero),
            )

    def _can_be_awarded(self, groups: Groups) -> list[bool]:
        """Which groups have an eligible cell whose unit may get more than 0."""
        can = [False] * len(groups)
        for name in groups.of:
            if name not in self.model.programs or name in self.tainted:
                continue
            one = replace(groups, of=(name,))
            limits = self.model.programs[name].per_unit
            upper = limits.at_most if limits and limits.at_most is not None else "1"
            for (gid,) in self.db.rows(f"select distinct gid from {self.db.possible(one, upper).sql} where value > 0"):
                can[gid] = True
        return can

    def _range(self, path: KeyPath, mark: Uses, groups: Groups, figures: Figures, sql: str) -> bool:
        """Whether a bound leaves the range that its field has; the first group where it does is told."""
        for g in np.flatnonzero(figures.given):
            value = figures.at(int(g)) or Fraction(0)
            if mark.above is not None and value <= mark.above:
                params = {"expression": short(sql), "label": _label(groups.labels[g]), "above": mark.above}
                self.faults.append(Fault("bound-not-above", self.shaped.place(*path), params, found=value))
                return True
            if (mark.least is not None and value < mark.least) or (mark.most is not None and value > mark.most):
                params = {
                    "expression": short(sql),
                    "least": "" if mark.least is None else mark.least,
                    "most": mark.most or "",
                }
                code = "bound-below" if mark.most is None else "bound-outside"
                self.faults.append(Fault(code, self.shaped.place(*path), params, found=value))
                return True
        return False

    def _crossed(self, path: KeyPath, rule: Rule) -> None:
        """Tells the first group whose lower bound is above its upper one, or with no whole number between the two."""
        judged = [(j.label, j.at_least, j.at_most) for j in rule.audit(self.db)]
        both = [(label, low, high) for label, low, high in judged if low is not None and high is not None]
        crossed = [one for one in both if one[1] > one[2]]
        if crossed:
            self._crossed_fault(path, *crossed[0], len(crossed))
        elif rule.soft is None and any(ceil(low) > floor(high) for _, low, high in both) and rule.counts_whole(self.db):
            between = [one for one in both if ceil(one[1]) > floor(one[2])]
            self._between_fault(path, *between[0], len(between))

    def _between_fault(self, path: KeyPath, label: Label, low: Fraction, high: Fraction, count: int) -> None:
        steps = [("exactly",), *((part, "exactly") for part in label), *((part,) for part in label), ()]
        places = [self.shaped.in_file((*path, *step)) for step in steps]
        place = self.shaped.positions.at(max(places, key=len))
        code = "not-whole-amount" if low == high else "no-whole-amount"
        self.faults.append(Fault(code, place, {"at_least": low, "at_most": high, "count": count}))

    def _crossing(self, path: KeyPath, labels: Sequence[Label], lower: Figures, upper: Figures) -> None:
        pairs = [(label, lower.at(g), upper.at(g)) for g, label in enumerate(labels)]
        crossed = [
            (label, low, high) for label, low, high in pairs if low is not None and high is not None and low > high
        ]
        if crossed:
            self._crossed_fault(path[:-1], *crossed[0], len(crossed))

    def _crossed_fault(self, path: KeyPath, label: Label, low: Any, high: Any, count: int) -> None:
        code = "bounds-crossed-in" if label else "bounds-crossed"
        params = {"at_least": low, "at_most": high, "label": _label(label), "count": count}
        self.faults.append(Fault(code, self._bounds_place(path, label), params))

    def _bounds_place(self, path: KeyPath, label: Label) -> Place:
        """Where the lower bound stands, or else the declaration."""
        for inner in ((*path, "at_least"), *((*path, part, "at_least") for part in label)):
            raw = self.shaped.in_file(inner)
            if raw and raw[-1] == "at_least":
                return self.shaped.place(*inner)
        return self.shaped.place(*path)

    # Missing figures --------------------------------------------------------------------------------------------------

    def _evaluated(self, owner: Owner, sql: str) -> None:
        """A measure over every cell that may be asked for it, also one made of numbers alone. Raises Failed."""
        names = [p for p in self.db.programs(owner.of) if p not in self.tainted]
        if names:
            relation = self.db.possible(self.db.groups(names, (), owner.where), sql)
            ((least, most),) = self.db.rows(f"select min(value), max(value) from {relation.sql}")
            if max(abs(least or 0), abs(most or 0)) >= MOST:
                raise TooFine(sql)

    def _missing_measure(self, owner: Owner, at: KeyPath, sql: str) -> None:
        """Cells that are eligible, and past awards that are counted, for which the measure is not known."""
        if not parse(sql).columns:
            return
        names = [p for p in self.db.programs(owner.of) if p not in self.tainted]
        path = (*owner.path, *at)
        relations = []
        if names:
            relations.append(self.db.possible(self.db.groups(names, owner.by, owner.where), sql).sql)
        groups = self.db.groups(owner.of, owner.by, owner.where)
        relations.append(self.db.awards(groups, sql, past=owner.past).sql)  # signed awards, and those of the past
        for relation in relations:
            chosen = f"from (select distinct unit, program, period from {relation} where value is null)"
            rows = self.db.rows(f"select unit, program, period {chosen} order by all limit {_MOST_ROWS}")
            if not rows:
                continue
            self.bad.add((*owner.path, at[0], "missing"))
            without = [row for row in rows if not self._missing_figure(path, sql, row)]
            if without and not self._left_out(sql):
                total = int(self.db.rows(f"select count(*) {chosen}")[0][0]) - (len(rows) - len(without))
                params = {
                    "expression": short(sql),
                    "count": total,
                    "examples": "; ".join(_label(row) for row in without[:_EXAMPLES]),
                }
                self.faults.append(Fault("figures-missing", self.shaped.place(*path), params))

    def _missing_figure(self, path: KeyPath, sql: str, label: Label) -> bool:
        """Whether an empty cell of a table is to blame for a measure that is not known for a cell of the plan; tells it."""
        place = self._blame(sql, dict(zip(DIMS, label, strict=True)))
        if place is not None and place not in self.empty:  # one empty cell is missed by many cells of the plan
            self.empty.add(place)
            params = {"expression": short(sql), "label": _label(label), "needed": self.shaped.place(*path)}
            self.few.add(Fault("figure-empty", place, params))
        return place is not None

    def _blame(self, sql: str, cell: Mapping[str, Any]) -> Place | None:
        """The empty cell of a table that leaves an expression unknown for a candidate; None where a row is lacking."""
        for column in needed(parse(sql)):
            ref = self.db.names.look_up(column)
            if ref.source is not None and ref.source.kind in ("units", "table", "family") and not ref.many:
                place = self.rows.place(ref.source, ref.column, cell, empty=True)
                if place is not None:
                    return place
        return None

    def _left_out(self, sql: str) -> bool:
        """Whether rows are left out of a table that an expression reads, since they have faults of their own."""
        return any(not self.data.partial.isdisjoint(self._files(column)) for column in parse(sql).columns)

    def _files(self, column: str) -> tuple[str, ...]:
        source = self.db.names.look_up(column).source
        return self.model.table_of(source).files if source is not None and source != CELL else ()

    @staticmethod
    def _cell_of(groups: Groups, label: Label) -> dict[str, Any]:
        """What a group's label says of a candidate."""
        cell = {column: value for column, value in zip(groups.by, label) if column in DIMS}
        if len(groups.of) == 1:
            cell.setdefault("program", groups.of[0])
        return cell

    # Indicators -------------------------------------------------------------------------------------------------------

    def _indicator(self, index: int, indicator: Any) -> None:
        goal = indicator.goal
        figures: dict[KeyPath, str] = {("value",): indicator.value}
        figures |= {
            ("goal", side): getattr(goal, side) for side in ("at_least", "at_most") if goal and getattr(goal, side)
        }
        for at, sql in figures.items():
            if PAST in self.data.lost:
                return
            owner = Owner(("indicators", index), indicator, (), (), "true", False)
            self._guarded(owner, self._figure, (*owner.path, *at), sql, indicator)

    def _figure(self, path: KeyPath, sql: str, indicator: Any) -> None:
        try:
            found = self.db.indicator(sql, indicator.where, indicator.by)
        except BadExpression as bad:
            if bad.code != "missing-column":
                raise
            return
        if all(value is not None for _, value in found):
            return
        for empty in empty_of_units(self.db, sql, indicator.where, _MOST_ROWS):
            place = self.rows.place_of(empty)
            if place is not None and place not in self.empty:
                self.few.add(Notice("indicator-no-data", place, {"indicator": indicator.id, "expression": short(sql)}))

    # Errors of a run --------------------------------------------------------------------------------------------------

    def _guarded(self, owner: Owner, ask: Callable[..., None], *arguments: Any) -> None:
        """Ask; whatever the database or the kind cannot answer becomes a fault at the expression it is about."""
        try:
            ask(*arguments)
        except NotKnown as unknown:
            path, text = self._which(owner, unknown.what)
            cell = dict(zip(owner.by, unknown.label)) if len(owner.by) == len(unknown.label) else {}
            if len(owner.by) != len(unknown.label) and len(unknown.label) == 3:
                cell = dict(zip(DIMS, unknown.label, strict=True))
            place = self._blame(text, cell) if text else None
            params = {
                "expression": short(unknown.what),
                "label": _label(unknown.label),
                "needed": self.shaped.place(*path),
            }
            code = "figure-empty" if place else "figure-missing" if unknown.label else "expression-not-known"
            if not place and text and self._left_out(text):
                return
            self.faults.append(Fault(code, place or self.shaped.place(*path), params))
        except BadExpression as bad:
            if isinstance(bad, Failed) and not bad.expected:
                path, text = self._that_fails(owner)
                self._told(path, bad, text)
            else:
                path, text = self._which(owner, bad.expected, bad.found)
                self._told(path, bad, text or "")
        except OverflowError:
            self.faults.append(Fault("figure-too-large", self.shaped.place(*owner.path)))
        except TooFine as fine:
            path, _ = self._which(owner, fine.what)
            self.faults.append(Fault("figure-too-fine", self.shaped.place(*path), {"expression": short(fine.what)}))

    def _which(self, owner: Owner, what: str, column: str = "") -> tuple[KeyPath, str | None]:
        """The expression of an owner that a message is about: its path and text; the owner itself where that is not said."""
        held = [(at, sql) for at, mark, sql in marks(owner.declared) if isinstance(mark, Uses)]
        reads = [(at, sql) for at, sql in held if column in parse(sql).columns]
        exact = [(at, sql) for at, sql in held if sql == what]
        part = [(at, sql) for at, sql in held if len(sql) > 1 and sql in what]
        for at, sql in exact or part or reads:
            return (*owner.path, *at), sql
        return owner.path, None

    def _told(self, path: KeyPath, bad: BadExpression, sql: str) -> None:
        self.faults.append(bad_expression(bad, self.shaped.place(*path), sql))

    def _that_fails(self, owner: Owner) -> tuple[KeyPath, str]:
        """The expression of an owner that cannot be evaluated, asked one by one; the owner where none fails alone."""
        held = [(at, mark, sql) for at, mark, sql in marks(owner.declared) if isinstance(mark, Uses)]
        for at, mark, sql in sorted(
            held, key=lambda one: one[1].scope != "condition"
        ):  # the others are asked where these hold
            try:
                if mark.scope == "condition":
                    self.db.groups(owner.of, owner.by, sql)
                    self.db.rows(f"select count(*) from {self.db.possible(self.db.groups(owner.of, (), sql)).sql}")
                elif mark.scope == "measure":
                    groups = self.db.groups(owner.of, owner.by, owner.where)
                    self.db.rows(f"select max(value) from {self.db.possible(groups, sql).sql}")
                elif mark.scope == "bound":
                    self.db.bound(self.db.groups(owner.of, owner.by, owner.where), sql, missing=True)
            except BadExpression:
                return (*owner.path, *at), sql
        return owner.path, str(getattr(owner.declared, "id", owner.path[-1]))


def signed(model: Model) -> Allocation:
    """The awards of the plan years that are signed."""
    if model.frozen is None:
        return Allocation(())
    return Allocation.of(zip(*(model.frozen.columns[c].values for c in Award._fields), strict=True))


def bad_expression(
    bad: BadExpression, place: Place, sql: str, near: str | None = None, names: Iterable[str] = ()
) -> Fault:
    """The fault that says why an expression cannot stand; `names`: those that it could have used."""
    if (known := cause(bad, sql, names, near)) is not None:
        code, params = known
        return Fault(code, place, {"expression": short(sql), **params})
    expected: object = bad.expected or None
    found: object = None
    if bad.code == "ambiguous-column":
        expected = Say("faults.expect.one-of", {"options": ", ".join(bad.options)})
    elif bad.code == "expression-number":
        expected, found = None, gives(bad.found)
    elif bad.code in ("bound-too-fine", *_FAILED):
        expected = None
    elif bad.code == "expression-long":
        found = bad.found
    what: object = bad.found
    if bad.code == "expression-form":
        form = f"faults.form.{bad.found}"
        what = Say(form if known_words(form, "en") else "faults.form.other")
    return Fault(
        bad.code, place, {"expression": short(sql or bad.expected), "what": what or "?"}, found, expected, near
    )


def gives(kind: str) -> Say:
    """What kind of value an expression gives, by the type that the database has for it."""
    known = {"VARCHAR": "text", "BOOLEAN": "yes_no", "DATE": "date"}
    if kind.startswith("DECIMAL"):
        return Say("faults.gives.decimal")
    return Say(f"faults.gives.{known.get(kind, 'inexact')}")


def short(sql: str) -> str:
    """An expression as a message shows it, between quotation marks: a name that has marks of its own needs no second pair."""
    text = " ".join(sql.split())
    if re.fullmatch('"[^"]*"', text):
        text = text[1:-1]
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


_FAILED = (
    "expression-types",
    "expression-too-large",
    "expression-six-places",
    "expression-by-zero",
    "expression-memory",
    "expression-slow",
)


def _label(label: Label) -> str:
    return ", ".join(str(part) for part in label) or "-"
