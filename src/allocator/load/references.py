"""Whether the declarations of a policy fit its tables and each other.

Lives here: the order of the checks, over all declarations by their marks, so that a kind that nobody has heard of is checked
too; references to programs, columns, units, years and rules; computed figures.
Not here: the form (structure.py), the rows of tables (data.py), names that clash (clashes.py), expressions (expressions.py),
plain sense (sense.py), figures that turn out to be missing or crossed (evaluation.py).
"""

from __future__ import annotations

from typing import Any

from allocator.database import Database
from allocator.database.expression import BadExpression
from allocator.database.missing import empty_in_table
from allocator.faults import Fault, nearest
from allocator.load.bad_expressions import short
from allocator.load.clashes import clashes, illustrative, options, private, titled_files
from allocator.load.context import Context
from allocator.load.evaluation import Trial
from allocator.load.expressions import Expressions
from allocator.load.owners import Owner
from allocator.load.row_checks import Data
from allocator.load.rows import RowFinder
from allocator.load.sense import actions, limited, quota_periods, sense, softness
from allocator.load.shaped import Shaped
from allocator.load.tiles import tiles
from allocator.model.fields import Refers, Uses, marks
from allocator.model.model import Model
from allocator.model.query import NotKnown
from allocator.model.source import UNITS, Source
from allocator.read.fault_collector import most_faults
from allocator.read.places import KeyPath


def check(shaped: Shaped, model: Model, data: Data, faults: list[Fault], *, tried: bool = True) -> Database | None:
    """Add to `faults` whatever does not fit. `model` may lack what has faults of its own already. tried: on the tables too.

    Gives the model's database with the signed awards in it; None where the model lacks too much for one.
    """
    context = Context(shaped, model, data, faults)
    clashes(context)
    illustrative(context)
    titled_files(context)
    private(context)
    options(context)
    tiles(context)
    _References(context).all()
    softness(context)
    actions(context)
    if context.db is not None and tried:
        Trial(context, context.db).all()
    return context.db


class _References:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.expressions = Expressions(context)

    def all(self) -> None:
        context = self.context
        self._figures()
        for name in context.policy.programs:
            self._program(name)
        for section in ("rules", "objectives", "indicators"):
            for index, declared in enumerate(getattr(context.policy, section)):
                owner = Owner.of_declared((section, index), declared)
                before = len(context.faults)
                self._marks(owner)
                sense(context, owner)
                if len(context.faults) > before:
                    context.bad.add(owner.path)

    def _figures(self) -> None:
        """Computed figures: each has a value. The name of one that has none is known to no expression, silently."""
        for name, figure in self.context.policy.figures.items():
            path, before = ("figures", name, "value"), len(self.context.faults)
            owner = Owner(path[:2], figure, (), (), "true", False)
            self.expressions.judge(owner, path, Uses("data"), figure.value)
            if len(self.context.faults) == before and self.context.db is not None:
                try:
                    self.context.db.figure(figure.value)
                except BadExpression as bad:
                    self.expressions.bad(owner, path, bad, figure.value)
                except NotKnown:
                    self._empty_figure(path, figure.value)
            if len(self.context.faults) > before:
                self.context.unseen.names.add(name)
                if not self.context.names.found[name].source:
                    self.context.names.set_figure(name, None)

    def _empty_figure(self, path: KeyPath, sql: str) -> None:
        """A figure that is not known: each empty cell that makes it so."""
        assert self.context.db is not None
        rows = RowFinder(self.context.model)
        found = [
            place for empty in empty_in_table(self.context.db, sql, most_faults()) if (place := rows.place_of(empty))
        ]
        for place in found:
            if place not in self.context.data.spoiled:
                params = {"expression": short(sql), "needed": self.context.shaped.place(*path)}
                self.context.faults.append(Fault("figure-empty-cell", place, params))
        self.context.data.spoiled.update(found)
        if not found:
            self.context.fault("expression-not-known", path, {"expression": short(sql)})

    def _program(self, name: str) -> None:
        program, path = self.context.policy.programs[name], ("programs", name)
        for at, mark, value in marks(program):
            length = 2 if at[0] == "eligible" else 1  # each condition, and each other field, can be wrong by itself
            by = ("period",) if at[0] == "quota" else ()
            part = Owner((*path, *at[:length]), program, (name,), by, "true", False)
            before = len(self.context.faults)
            self._mark(part, at[length:], mark, value)
            if len(self.context.faults) > before:
                self.context.bad.add(part.path)
        sense(self.context, Owner(path, program, (name,), (), "true", False))
        quota_periods(self.context, name, program)
        if program.decides == "amount":
            limited(self.context, name, program)

    def _marks(self, owner: Owner) -> None:
        for at, mark, value in marks(owner.declared):
            self._mark(owner.inside(at), at, mark, value)

    def _mark(self, owner: Owner, at: KeyPath, mark: Uses | Refers, value: Any) -> None:
        path = (*owner.path, *at)
        if isinstance(mark, Uses):
            self.expressions.judge(owner, path, mark, value)
        elif not isinstance(value, tuple):
            self._reference(owner, path, mark, value)
        else:
            in_file = self.context.shaped.in_file(path)
            if not value and self.context.shaped.positions.has(in_file) and in_file[-1:] == path[-1:]:
                self.context.fault("empty-list", path, {"key": path[-1]})
            for index, name in enumerate(value):
                self._reference(owner, (*path, index), mark, name)

    def _reference(self, owner: Owner, path: KeyPath, mark: Refers, name: Any) -> None:
        match mark.to:
            case "programs" | "program":
                self._program_name(owner, path, name, single=mark.to == "program")
            case "columns":
                if owner.path[0] in ("rules", "objectives", "indicators"):
                    self._column_name(owner, path, name)
            case "unit":
                self._unit_name(path, name)
            case "units_column":
                self._column_name(owner, path, name)
                self._names_units(name)
            case "period":
                self._period(path, name)
            case "rules":
                self._rule_name(path, name)

    def _program_name(self, owner: Owner, path: KeyPath, name: str, *, single: bool) -> None:
        planned = set(self.context.data.programs)
        families = self.context.families
        past = set(self.context.data.past_programs)
        if name in planned or (not single and (name in families or name == "all")):
            return
        if name in past:
            if not owner.past and not self.context.shaped.is_lost(*owner.path):
                takes = "past" in type(owner.declared).model_fields
                self.context.fault("program-of-the-past" if takes else "program-not-planned", path, {"program": name})
            return
        lost = self.context.shaped.names_lost("programs") | {
            n for n in families if Source("family", n) in self.context.data.lost
        }
        untold = any(d.kind == "family" for d in self.context.data.lost) or (
            owner.past and self.context.shaped.is_lost("past")
        )
        near = nearest(name, planned | families | (past if owner.past else set()))
        if name in lost or ("programs",) in self.context.shaped.lost or (near is None and untold):
            self.context.bad.add(owner.path)
            return
        self.context.fault("unknown-program", path, {"program": name}, near=near)

    def _column_name(self, owner: Owner, path: KeyPath, name: str) -> None:
        try:
            ref = self.context.names.look_up(name)
        except BadExpression as bad:
            self.expressions.bad(owner, path, bad, name)
            return
        if not ref.source:
            self.context.fault("by-parameter", path, {"name": name})

    def _unit_name(self, path: KeyPath, name: str) -> None:
        known = self.context.model.units.columns["unit"].values
        if name not in known and UNITS not in self.context.data.lost:
            self.context.fault("unknown-unit", path, {"unit": name}, near=nearest(name, (str(u) for u in known)))

    def _names_units(self, name: str) -> None:
        """Every value of a column that names units is one."""
        ref = self.expressions.column(name)
        if (
            ref is None
            or ref.source is None
            or ref.source.kind not in ("units", "table")
            or UNITS in self.context.data.lost
        ):
            return
        table, known = self.context.model.table_of(ref.source), set(self.context.model.units.columns["unit"].values)
        labels = table.columns[ref.column].labels
        strange = [row for row, value in enumerate(labels) if value is not None and str(value) not in known]
        for row in strange[: most_faults()]:
            value, place = str(labels[row]), table.place(row, ref.column)
            self.context.faults.append(Fault("unknown-unit", place, {"unit": value}, nearest=nearest(value, known)))

    def _period(self, path: KeyPath, period: int) -> None:
        periods = self.context.policy.periods
        if periods and period not in periods:
            self.context.fault("unknown-period", path, {"period": period}, expected=list(periods))

    def _rule_name(self, path: KeyPath, name: str) -> None:
        known = [rule.id for rule in self.context.policy.rules]
        if name not in known and name not in self.context.shaped.names_lost("rules"):
            self.context.fault("unknown-rule", path, {"rule": name}, near=nearest(name, known))
