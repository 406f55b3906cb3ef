"""Every question a solve will ask of the tables, asked once before it: what is missing, what cannot be met.

Lives here: which questions are asked of conditions, programs, rules, objectives and indicators; measures missing on eligible
cells; errors of a run of an expression.
Not here: bounds (bounds.py), the cell of a table that is to blame (missing_figures.py), names, references and types
(references.py), whether rules can hold together (solve/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from allocator.database import Database, Failed, NoVector
from allocator.database.expression import BadExpression, parse
from allocator.database.missing import empty_of_units
from allocator.faults import Fault, Notice
from allocator.load.bad_expressions import bad_expression, label_text, short
from allocator.load.bounds import Bounds
from allocator.load.context import Context, signed
from allocator.load.missing_figures import Blame, most_rows
from allocator.load.owners import Owner
from allocator.model.fields import Refers, Uses, marks
from allocator.model.model import DIMS, Model
from allocator.model.query import MOST, NotKnown, TooFine
from allocator.model.rule import Rule
from allocator.model.source import PAST, Source
from allocator.read.fault_collector import FirstFaults
from allocator.read.places import KeyPath

_EXAMPLES = 3  # cells that are named where a measure is missing


class Trial:
    """One pass of questions over a database with no awards but signed ones.

    `db`: that of the context, which is there. Owners that have a fault already are passed over.
    """

    def __init__(self, context: Context, db: Database) -> None:
        self.shaped, self.data, self.faults, self.bad = context.shaped, context.data, context.faults, context.bad
        model = context.model
        self.tainted = self._tainted(model)
        self.model = self._without_bad_parts(model)
        self.db = db if self.model is model else Database(self.model, signed(self.model))
        self.few = FirstFaults(self.faults)
        self.blame = Blame(self.shaped, self.model, self.data, self.db, self.few)
        self.bounds = Bounds(self.shaped, self.model, self.db, self.blame, self.tainted)

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
        with suppress(Failed):
            self.db.open_or_signed()
            return True
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
                    told |= self.bounds.not_known((*path, *at), sql, groups, figures)
                    continue
                told |= self.bounds.out_of_range((*path, *at), mark, groups, self.db.bound(groups, sql), sql)
        over_cells = any(isinstance(m, Uses) and m.scope == "measure" for _, m, _ in marks(rule))
        if not told and not (over_cells and (program in self.tainted or (*path, rule.kind, "missing") in self.bad)):
            self.bounds.crossed((*path, rule.kind), rule)

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
                self._guarded(inner, self.bounds.judge, inner, at, mark, sql)
        if len(self.faults) == before and owner.path not in self.bad:
            self._guarded(owner, self._asked, owner)

    def _asked(self, owner: Owner) -> None:
        """The audit or the recount itself, over signed awards alone: every bound and every condition is evaluated."""
        if isinstance(owner.declared, Rule):
            if any(isinstance(m, Uses) and m.scope in ("bound", "groups_bound") for _, m, _ in marks(owner.declared)):
                self.bounds.crossed(owner.path, owner.declared)
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
        if self.bounds.not_known((*owner.path, *at), sql, groups, self.db.bound(groups, sql, missing=True)):
            self.bad.add(owner.path)

    # Missing figures --------------------------------------------------------------------------------------------------

    def _evaluated(self, owner: Owner, sql: str) -> None:
        """A measure over every cell that may be asked for it, also one made of numbers alone. Raises Failed."""
        names = [p for p in self.db.programs(owner.of) if p not in self.tainted]
        if names and not self._plainly_known(names, owner.where, sql):
            relation = self.db.possible(self.db.groups(names, (), owner.where), sql)
            ((least, most),) = self.db.rows(f"select min(value), max(value) from {relation.sql}")
            if max(abs(least or 0), abs(most or 0)) >= MOST:
                raise TooFine(sql)

    def _plainly_known(self, programs: Sequence[str], where: str, sql: str) -> bool:
        """Whether a measure is known for every candidate and every signed award, and none is too large to be counted with.

        Where that is not plain, SQL is asked of each of them.
        """
        try:
            cells = self.db.open_or_signed()
            value, known = cells.measure(sql)
            chosen = np.isin(cells.codes["program"], [self.db.axes["program"].index(p) for p in programs])
            chosen &= cells.holds(where)
        except (NoVector, BadExpression):
            return False
        known, value = known[chosen], value[chosen]
        return bool(known.all()) and int(value.min(initial=0)) > -MOST and int(value.max(initial=0)) < MOST

    def _missing_measure(self, owner: Owner, at: KeyPath, sql: str) -> None:
        """Cells that are eligible, and past awards that are counted, for which the measure is not known."""
        if not parse(sql).columns:
            return
        names = [p for p in self.db.programs(owner.of) if p not in self.tainted]
        path = (*owner.path, *at)
        relations = []
        if names and not self._plainly_known(names, owner.where, sql):
            relations.append(self.db.possible(self.db.groups(names, owner.by, owner.where), sql).sql)
        groups = self.db.groups(owner.of, owner.by, owner.where)
        relations.append(self.db.awards(groups, sql, past=owner.past).sql)  # signed awards, and those of the past
        for relation in relations:
            chosen = f"from (select distinct unit, program, period from {relation} where value is null)"
            rows = self.db.rows(f"select unit, program, period {chosen} order by all limit {most_rows()}")
            if not rows:
                continue
            self.bad.add((*owner.path, at[0], "missing"))
            without = [row for row in rows if not self.blame.of_cell(path, sql, row)]
            if without and not self.blame.rows_left_out(sql):
                total = int(self.db.rows(f"select count(*) {chosen}")[0][0]) - (len(rows) - len(without))
                params = {
                    "expression": short(sql),
                    "count": total,
                    "examples": "; ".join(label_text(row) for row in without[:_EXAMPLES]),
                }
                self.faults.append(Fault("figures-missing", self.shaped.place(*path), params))

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
        for empty in empty_of_units(self.db, sql, indicator.where, most_rows()):
            place = self.blame.rows.place_of(empty)
            if place is not None and place not in self.blame.empty:
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
            place = self.blame.find(text, cell) if text else None
            params = {
                "expression": short(unknown.what),
                "label": label_text(unknown.label),
                "needed": self.shaped.place(*path),
            }
            code = "figure-empty" if place else "figure-missing" if unknown.label else "expression-not-known"
            if not place and text and self.blame.rows_left_out(text):
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
        # conditions first: the others are asked where these hold
        for at, mark, sql in sorted(held, key=lambda one: one[1].scope != "condition"):
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
