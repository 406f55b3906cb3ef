"""Whether the declarations of a policy fit its tables and each other: names, references, expressions, plain sense.

Lives here: every check that needs no award and no query over the rows: it walks all declarations by their marks, so that
a kind it has never heard of is checked too. What a kind alone can know, it tells itself (`sanity`).
Not here: the shape (structure.py), the rows of tables (data.py), figures that turn out to be missing or crossed (evaluation.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from allocator.database import Database
from allocator.database.expression import BadExpression, Expression, parse
from allocator.database.missing import empty_in_table
from allocator.database.names import ColumnNames, Ref
from allocator.faults import Fault, Place, nearest
from allocator.load.evaluation import Owner, Trial, bad_expression, gives, short, signed
from allocator.load.row_checks import Data
from allocator.load.rows import RowFinder
from allocator.load.structure import Shaped
from allocator.model.fields import Refers, Uses, marks
from allocator.model.model import DIMS, Model
from allocator.model.policy import Program
from allocator.model.query import NotKnown, TooFine
from allocator.model.rule import RULES
from allocator.model.source import CELL, UNITS, Source
from allocator.read.fault_collector import MOST_FAULTS, Collector
from allocator.read.places import KeyPath

_BOUNDS = ("at_least", "at_most", "exactly")


def check(shaped: Shaped, model: Model, data: Data, faults: list[Fault]) -> Database | None:
    """Add to `faults` whatever does not fit. `model` may lack what has faults of its own already.

    Gives the model's database with the signed awards in it; None where the model lacks too much for one.
    """
    checker = _Checker(shaped, model, data, faults)
    checker.all()
    return checker.db


@dataclass
class _Unseen:
    """What cannot be known because a part of the model could not be read: no fault may follow from that."""

    names: set[str] = field(default_factory=set)  # bare names that exist in a lost part
    prefixes: set[str] = field(default_factory=set)  # names of lost tables, groups, families
    columns: bool = False  # a table is lost with columns that nobody knows
    everything: bool = False  # so many names are lost that even a near one says nothing

    def explains(self, name: str, near: str | None) -> bool:
        if self.everything:
            return True
        prefix = name.partition(".")[0] if "." in name else None
        return name in self.names or prefix in self.prefixes or (self.columns and near is None)


class _Checker(Collector):
    def __init__(self, shaped: Shaped, model: Model, data: Data, faults: list[Fault]) -> None:
        self.shaped, self.model, self.data, self.faults = shaped, model, data, faults
        self.policy = model.policy
        self.names = ColumnNames(model)
        self.unseen = self._unseen()
        self.bad: set[KeyPath] = set(data.ill_used)  # owners (and conditions) that have a fault already
        ready = bool(model.policy.programs and model.policy.periods and UNITS not in data.lost)
        # Signed awards are facts of every plan: what is asked of awards is asked of them.
        self.db = Database(model, signed(model)) if ready else None

    def all(self) -> None:
        self._clashes()
        self._illustrative()
        self._parameters()
        self._figures()
        for name in self.policy.programs:
            self._program(name)
        for section in ("rules", "objectives", "indicators"):
            for index, declared in enumerate(getattr(self.policy, section)):
                owner = Owner.of_declared((section, index), declared)
                before = len(self.faults)
                self._marks(owner)
                self._sense(owner)
                if len(self.faults) > before:
                    self.bad.add(owner.path)
        self._soft()
        if self.db is not None:
            Trial(self.shaped, self.model, self.data, self.faults, self.bad, self.db).all()

    def _unseen(self) -> _Unseen:
        unseen = _Unseen()
        for section in ("parameters", "figures", "missing"):
            unseen.names |= self.shaped.names_lost(section)
        for section in ("tables", "groups", "programs"):
            gone = self.shaped.names_lost(section)
            unseen.prefixes |= gone
            families = {name for name in gone if self.shaped.positions.has((section, name, "from"))}
            unseen.columns |= bool({"tables": gone, "programs": families}.get(section))
        for section in ("parameters", "figures", "missing", "tables", "units"):
            unseen.everything |= (section,) in self.shaped.lost
        sources = {Source("table", n): s.file for n, s in self.shaped.policy.tables.items()}
        sources |= {Source("group", n): s.file for n, s in self.shaped.policy.groups.items()}
        sources |= {Source("family", n): p.source.file for n, p in self.shaped.policy.programs.items() if p.source}
        for lost in self.data.lost:
            if lost == UNITS:
                unseen.columns = True
            elif lost in sources:
                unseen.prefixes.add(lost.name)
                columns = self.data.files.get(sources[lost])
                unseen.names |= set(columns or ())
                unseen.columns |= columns is None and lost.kind != "group"
        return unseen

    # ColumnNames that stand for two things ----------------------------------------------------------------------------------

    def _clashes(self) -> None:
        policy, found = self.policy, self.names.found
        for section in ("parameters", "figures"):
            for name in getattr(policy, section):
                if name in found and found[name].source:
                    params = {"name": name, "column": self._whose(name)}
                    self._fault("parameter-is-column", (section, name), params, key=True)
        for name in set(policy.figures) & set(policy.parameters):
            before = self.shaped.place("parameters", name, key=True)
            self._fault("figure-is-parameter", ("figures", name), {"name": name, "first": before}, key=True)
        for name in policy.missing:
            if name in found:
                self._fault("missing-exists", ("missing", name), {"name": name, "column": self._whose(name)}, key=True)
        first: dict[str, KeyPath] = {}
        for section in ("groups", "tables", "programs"):
            for name, declared in getattr(policy, section).items():
                if section == "programs" and declared.source is None:
                    continue
                if name in first:
                    before = self.shaped.place(*first[name], key=True)
                    self._fault("name-twice", (section, name), {"name": name, "first": before}, key=True)
                first.setdefault(name, (section, name))
        properties: dict[str, KeyPath] = {}
        for kind in (k for k in RULES.kinds().values() if k.is_property):
            for rule in kind.declared_in(self.model):
                properties[rule.id] = self._property_path(rule)
        for index, rule in enumerate(policy.rules):
            if rule.id in properties:
                first_at = self.shaped.place(*properties[rule.id], key=True)
                self._fault("duplicate-id", ("rules", index, "id"), {"id": rule.id, "first": first_at})

    def _property_path(self, rule: Any) -> KeyPath:
        program = getattr(rule, "program", None)
        if program is None:
            return (rule.id,)
        return ("programs", self.model.family_of.get(program, program), rule.kind)

    def _whose(self, name: str) -> str:
        """A bare name with the table it belongs to."""
        source = self.names.found[name].source if name in self.names.found else None
        return name if source is None or source == CELL else f"{source.called}.{name}"

    def _illustrative(self) -> None:
        policy = self.policy
        known = {"units", *(["past"] if policy.past else []), *(["frozen"] if policy.frozen else [])}
        files: list[str] = [*(policy.units.file if policy.units else ())]
        files += [s.file for s in self.shaped.policy.groups.values()]
        files += [s.file for s in self.shaped.policy.tables.values()]
        files += [s.file for s in (policy.past, policy.frozen) if s]
        files += [p.source.file for p in self.shaped.policy.programs.values() if p.source]
        known |= set(files) | set(self.model.allocations)
        known |= {f"tables.{t}" for t in self.shaped.policy.tables} | {f"groups.{g}" for g in self.shaped.policy.groups}
        known |= {f"parameters.{p}" for p in policy.parameters}
        known |= {name for name in self.names.found if "." in name}
        known |= {f"{n}.{c}" for n in ("past", "frozen") if getattr(policy, n) for c in (*DIMS, "amount")}
        for index, name in enumerate(policy.illustrative):
            if name not in known:
                near = nearest(name, known)
                if not self.unseen.explains(name, near):
                    self._fault("unknown-illustrative", ("illustrative", index), {"name": name}, near=near)

    def _parameters(self) -> None:
        """A parameter with options has one of them (1 is not true, and not '1')."""
        for name, parameter in self.policy.parameters.items():
            options, value = parameter.options, parameter.value
            if options is None or any(
                isinstance(o, str | bool) == isinstance(value, str | bool) and o == value for o in options
            ):
                continue
            near = nearest(value, [o for o in options if isinstance(o, str)]) if isinstance(value, str) else None
            self._fault(
                "not-an-option", ("parameters", name, "value"), {"name": name}, found=value, expected=options, near=near
            )

    def _figures(self) -> None:
        """Computed figures: each has a value. The name of one that has none is known to no expression, silently."""
        for name, figure in self.policy.figures.items():
            path, before = ("figures", name, "value"), len(self.faults)
            owner = Owner(path[:2], figure, (), (), "true", False)
            self._expression(owner, path, Uses("data"), figure.value)
            if len(self.faults) == before and self.db is not None:
                try:
                    self.db.figure(figure.value)
                except BadExpression as bad:
                    self._bad(owner, path, bad, figure.value)
                except NotKnown:
                    self._empty_figure(path, figure.value)
            if len(self.faults) > before:
                self.unseen.names.add(name)
                if not self.names.found[name].source:
                    self.names.set_figure(name, None)

    def _empty_figure(self, path: KeyPath, sql: str) -> None:
        """A figure that is not known: each empty cell that makes it so."""
        assert self.db is not None
        rows = RowFinder(self.model)
        found = [place for empty in empty_in_table(self.db, sql, MOST_FAULTS) if (place := rows.place_of(empty))]
        for place in found:
            if place not in self.data.spoiled:
                params = {"expression": short(sql), "needed": self.shaped.place(*path)}
                self.faults.append(Fault("figure-empty-cell", place, params))
        self.data.spoiled.update(found)
        if not found:
            self._fault("expression-not-known", path, {"expression": short(sql)})

    # Programs ---------------------------------------------------------------------------------------------------------

    def _program(self, name: str) -> None:
        program, path = self.policy.programs[name], ("programs", name)
        for at, mark, value in marks(program):
            length = 2 if at[0] == "eligible" else 1  # each condition, and each other field, can be wrong by itself
            by = ("period",) if at[0] == "quota" else ()
            part = Owner((*path, *at[:length]), program, (name,), by, "true", False)
            before = len(self.faults)
            self._mark(part, at[length:], mark, value)
            if len(self.faults) > before:
                self.bad.add(part.path)
        self._sense(Owner(path, program, (name,), (), "true", False))
        self._quota_periods(name, program)
        if program.decides == "amount":
            self._limited(name, program)

    def _quota_periods(self, name: str, program: Program) -> None:
        for period in program.quota.periods if program.quota else ():
            if self.policy.periods and period not in self.policy.periods:
                self._fault(
                    "unknown-period",
                    ("programs", name, "quota", period),
                    {"period": period},
                    expected=list(self.policy.periods),
                    key=True,
                )

    def _limited(self, name: str, program: Program) -> None:
        """An amount needs a largest one: by the quota of every open period, or for each unit."""
        path = ("programs", name)
        if self.shaped.is_lost(*path, "quota") or self.shaped.is_lost(*path, "per_unit"):
            return
        if program.per_unit is not None and program.per_unit.at_most is not None:
            return
        through = self.policy.frozen.through if self.policy.frozen else None
        limits = {p: program.quota.of(p) if program.quota else None for p in self.policy.periods}
        free = [
            p
            for p, limit in limits.items()
            if (through is None or p > through) and (limit is None or not (limit.exactly or limit.at_most))
        ]
        if free:
            self._fault("no-upper-limit", path, {"program": name, "periods": free}, key=True)

    # Plain sense ------------------------------------------------------------------------------------------------------

    def _sense(self, owner: Owner) -> None:
        """Bounds that say nothing or the same twice; what the kind itself knows to be wrong; softness."""
        declared = owner.declared
        for path, inner in _inside(owner.path, declared):
            fields = [f for f in _BOUNDS if f in type(inner).model_fields]
            given = [f for f in fields if getattr(inner, f) is not None]
            if fields and not given and not self.shaped.is_lost(*path):
                self._fault("no-bound", self._body(path, inner), {"options": fields}, key=True)
            if "exactly" in given and len(given) > 1:
                self._fault("exactly-and", (*path, "exactly"), {"other": given[0]}, key=True)
        quota = getattr(declared, "quota", None)
        if quota is not None and quota.every is None and not quota.periods:
            self._fault("no-bound", (*owner.path, "quota"), {"options": list(_BOUNDS)}, key=True)
        if hasattr(declared, "sanity"):
            for code, name, params in declared.sanity(self.model):
                self._fault(code, (*owner.path, name), params, found=_plain(getattr(declared, name)))
        if getattr(declared, "soft", None) is not None and not getattr(declared, "can_be_soft", True):
            kind = str(getattr(declared, "kind", ""))
            self._fault("never-soft", (*owner.path, "soft"), {"kind": kind}, key=True)

    def _body(self, path: KeyPath, inner: BaseModel) -> KeyPath:
        """The place of a rule's own fields: the key that names its kind."""
        kind = getattr(inner, "kind", None)
        return (*path, kind) if kind else path

    def _soft(self) -> None:
        """Soft rules that no objective counts; soft objectives that name a hard rule."""
        everything = any(stage.misses_of() is None for stage in self.policy.objectives)
        counted = {rule for stage in self.policy.objectives for rule in stage.misses_of() or ()}
        lost = self.shaped.names_lost("objectives")
        soft = {}
        for index, rule in enumerate(self.policy.rules):
            if self.shaped.is_lost("rules", index, "soft"):
                soft[rule.id] = rule
            elif rule.soft is not None:
                soft[rule.id] = rule
                if not everything and rule.id not in counted and not lost:
                    self._fault("soft-not-counted", ("rules", index, "soft"), {"rule": rule.id}, key=True)
        hard = {rule.id for rule in self.policy.rules} - set(soft)
        for index, stage in enumerate(self.policy.objectives):
            for number, named in enumerate(stage.misses_of() or ()):
                if named in hard:
                    self._fault("rule-not-soft", ("objectives", index, "rules", number), {"rule": named})
            if stage.misses_of() is None and not soft and not self.shaped.names_lost("rules"):
                self._fault("no-soft-rule", ("objectives", index, stage.kind), key=True)

    # Marks: references and expressions --------------------------------------------------------------------------------

    def _marks(self, owner: Owner) -> None:
        for at, mark, value in marks(owner.declared):
            self._mark(owner.inside(at), at, mark, value)

    def _mark(self, owner: Owner, at: KeyPath, mark: Uses | Refers, value: Any) -> None:
        path = (*owner.path, *at)
        if isinstance(mark, Uses):
            self._expression(owner, path, mark, value)
            return
        names = [((*path, i), v) for i, v in enumerate(value)] if isinstance(value, tuple) else [(path, value)]
        if isinstance(value, tuple) and not value and self.shaped.positions.has(self.shaped.in_file(path)):
            if self.shaped.in_file(path)[-1:] == path[-1:]:
                self._fault("empty-list", path, {"key": path[-1]})
        for where, name in names:
            match mark.to:
                case "programs" | "program":
                    self._program_name(owner, where, name, single=mark.to == "program")
                case "columns":
                    if owner.path[0] in ("rules", "objectives", "indicators"):
                        self._column_name(owner, where, name)
                case "unit":
                    self._unit_name(where, name)
                case "units_column":
                    self._column_name(owner, where, name)
                    self._names_units(name)
                case "period":
                    if self.policy.periods and name not in self.policy.periods:
                        self._fault("unknown-period", where, {"period": name}, expected=list(self.policy.periods))
                case "rules":
                    self._rule_name(where, name)

    def _program_name(self, owner: Owner, path: KeyPath, name: str, *, single: bool) -> None:
        planned = set(self.data.programs)
        families = {n for n, p in self.shaped.policy.programs.items() if p.source}
        past = set(self.data.past_programs)
        if name in planned or (not single and (name in families or name == "all")):
            return
        if name in past:
            if not owner.past and not self.shaped.is_lost(*owner.path):
                takes = "past" in type(owner.declared).model_fields
                self._fault("program-of-the-past" if takes else "program-not-planned", path, {"program": name})
            return
        lost = self.shaped.names_lost("programs") | {n for n in families if Source("family", n) in self.data.lost}
        untold = any(d.kind == "family" for d in self.data.lost) or (owner.past and self.shaped.is_lost("past"))
        near = nearest(name, planned | families | (past if owner.past else set()))
        if name in lost or ("programs",) in self.shaped.lost or (near is None and untold):
            self.bad.add(owner.path)
            return
        self._fault("unknown-program", path, {"program": name}, near=near)

    def _column_name(self, owner: Owner, path: KeyPath, name: str) -> None:
        try:
            ref = self.names.look_up(name)
        except BadExpression as bad:
            self._bad(owner, path, bad, name)
            return
        if not ref.source:
            self._fault("by-parameter", path, {"name": name})

    def _unit_name(self, path: KeyPath, name: str) -> None:
        known = self.model.units.columns["unit"].values
        if name not in known and UNITS not in self.data.lost:
            self._fault("unknown-unit", path, {"unit": name}, near=nearest(name, (str(u) for u in known)))

    def _names_units(self, name: str) -> None:
        """Every value of a column that names units is one."""
        ref = self._known(name)
        if ref is None or ref.source is None or ref.source.kind not in ("units", "table") or UNITS in self.data.lost:
            return
        table, known = self.model.table_of(ref.source), set(self.model.units.columns["unit"].values)
        labels = table.columns[ref.column].labels
        strange = [row for row, value in enumerate(labels) if value is not None and str(value) not in known]
        for row in strange[:MOST_FAULTS]:
            value, place = str(labels[row]), table.place(row, ref.column)
            self.faults.append(Fault("unknown-unit", place, {"unit": value}, nearest=nearest(value, known)))

    def _rule_name(self, path: KeyPath, name: str) -> None:
        known = [rule.id for rule in self.policy.rules]
        if name not in known and name not in self.shaped.names_lost("rules"):
            self._fault("unknown-rule", path, {"rule": name}, near=nearest(name, known))

    def _expression(self, owner: Owner, path: KeyPath, mark: Uses, sql: str) -> None:
        before = len(self.faults)
        try:
            parsed = parse(sql)
        except BadExpression as bad:
            self._bad(owner, path, bad, sql)
            return
        many = {ref.source for ref in map(self._known, owner.by) if ref is not None and ref.many}
        columns = {group: self.names.group_column(group) for group in self.policy.groups}
        many |= {
            Source("group", group) for group, column in columns.items() if column is not None and column.source in many
        }
        unseen = [not self._name(owner, path, mark, sql, name, many) for name in parsed.columns]
        if parsed.aggregates and mark.scope in ("condition", "measure", "setting"):
            self._fault("expression-aggregate", path, {"expression": short(sql)})
        if len(self.faults) > before or any(unseen):
            self.bad.add(owner.path)
            return
        if self.db is None or owner.path in self.bad:
            return
        try:
            self._type(owner, path, mark, parsed)
        except BadExpression as bad:
            self._bad(owner, path, bad, sql)
        except TooFine as fine:
            self._fault("figure-too-fine", path, {"expression": short(fine.what)})

    def _known(self, name: str) -> Ref | None:
        try:
            return self.names.look_up(name)
        except BadExpression:
            return None

    def _name(self, owner: Owner, path: KeyPath, mark: Uses, sql: str, name: str, many: set[Source | None]) -> bool:
        """Whether a name in an expression is known; tells it where it is not, or where it cannot stand here."""
        if mark.scope == "indicator" or (mark.scope == "condition" and owner.path[0] == "indicators"):
            if name in self.policy.missing or self._share_of_plan(owner, path, mark, name):
                return name not in self.policy.missing
        if mark.scope == "groups_bound":
            if name == "weight" or name in owner.within:
                return True
        try:
            ref = self.names.look_up(name)
        except BadExpression as bad:
            told = len(self.faults)
            if bad.code == "unknown-column" and self._is_awarded(name):
                self._fault(
                    "awards-in-expression",
                    path,
                    {"expression": short(sql), "what": name, "program": name.partition(".")[2]},
                )
                return True
            self._bad(owner, path, bad, sql)
            return len(self.faults) > told
        params = {"expression": short(sql), "column": name, "what": name}
        if name in self._not_yet(owner):
            self._fault("figure-not-yet", path, params)
        elif mark.scope == "setting" and ref.source:
            self._fault("setting-column", path, params, near=nearest(name, self.policy.parameters))
        elif mark.scope == "groups_bound" and ref.source:
            self._fault("bound-over-groups", path, params)
        elif owner.path[0] == "indicators" and (ref.many or not ref.dims <= {"unit"}):
            self._fault("indicator-column", path, params)
        elif ref.many and ref.source is not None and ref.source not in many and mark.scope != "data":
            table = ref.source.name
            code = "one-to-many" if _groups_by_column(owner, path) else "one-to-many-alone"
            key = ", ".join(self.policy.tables[table].key) if table in self.policy.tables else table
            self._fault(code, path, params | {"table": table, "key": key})
        return True

    def _is_awarded(self, name: str) -> bool:
        """Whether a name is `awarded.<program>`, which only an indicator's figures know."""
        prefix, _, program = name.partition(".")
        return prefix == "awarded" and program in {*self.data.programs, *self.policy.programs, "all"}

    def _share_of_plan(self, owner: Owner, path: KeyPath, mark: Uses, name: str) -> bool:
        """Whether a name is `awarded.<program>` or `past.<program>`; tells an unknown program."""
        prefix, _, program = name.partition(".")
        if mark.scope != "indicator" or prefix not in ("awarded", "past") or not program:
            return False
        families = {n for n, p in self.shaped.policy.programs.items() if p.source}
        known = {*self.data.programs, *families, "all"} | (set(self.data.past_programs) if prefix == "past" else set())
        if program not in known:
            near = nearest(program, known)
            lost = self.shaped.names_lost("programs")
            if program in lost or (near is None and any(d.kind == "family" for d in self.data.lost)):
                self.bad.add(owner.path)
            elif prefix == "awarded" and program in self.data.past_programs:
                self._fault("program-not-planned", path, {"program": program})
            else:
                self._fault("unknown-program", path, {"program": program}, near=near)
        return True

    def _type(self, owner: Owner, path: KeyPath, mark: Uses, parsed: Expression) -> None:
        assert self.db is not None
        params = {"expression": short(parsed.sql)}
        if mark.scope == "condition":
            try:
                scale = self.db.scale(parsed)
            except BadExpression as bad:
                if bad.code != "expression-number":
                    raise
                self._fault("expression-condition", path, params, found=gives(bad.found))
                return
            if scale not in (None, 1):
                self._fault("expression-condition", path, params, found=gives("DECIMAL"))
        elif mark.scope == "measure":
            self.db.scale(parsed)
        elif mark.scope == "setting":
            value = self.db.setting(parsed.sql)
            if value is None:
                self._fault("expression-not-known", path, params)
            elif not isinstance(value, (bool, int)):
                self._fault(
                    "expression-condition",
                    path,
                    params,
                    found=gives("VARCHAR" if isinstance(value, str) else "DECIMAL"),
                )

    # Faults -----------------------------------------------------------------------------------------------------------

    def _bad(self, owner: Owner, path: KeyPath, bad: BadExpression, sql: str) -> None:
        self.bad.add(owner.path)
        near = self._near(bad, self._not_yet(owner))
        if bad.code == "unknown-column" and self.unseen.explains(bad.found, near):
            return
        names = {*self.names.found, *self.names.ambiguous, *self.names.missing}
        self.faults.append(bad_expression(bad, self.shaped.place(*path), sql, near, names))

    def _not_yet(self, owner: Owner) -> set[str]:
        """Figures that a figure cannot read: itself and those that are declared after it."""
        if owner.path[0] != "figures":
            return set()
        names = list(self.policy.figures)
        return set(names[names.index(str(owner.path[1])) :])

    def _near(self, bad: BadExpression, not_yet: set[str]) -> str | None:
        """The nearest possible name: for `table.column` a column of that table, else one that a table has, or a plain name."""
        prefix, dot, _ = bad.found.partition(".")
        options: Iterable[str] = [option for option in bad.options if option not in not_yet]
        if bad.code == "unknown-column":
            if not dot:
                owned = sorted(option for option in options if option.partition(".")[2] == bad.found)
                if owned:
                    return owned[0]
                options = [*(option for option in options if "." not in option), *self.names.ambiguous]
            else:
                dotted = [option for option in options if "." in option]
                options = [option for option in dotted if option.startswith(f"{prefix}.")] or dotted
        return nearest(bad.found, options)

    def _at(self, path: KeyPath, key: bool = False) -> Place:
        return self.shaped.place(*path, key=key)


def _groups_by_column(owner: Owner, path: KeyPath) -> bool:
    """Whether the part of a declaration that holds the value at `path` can name groups by columns."""
    held: Any = owner.declared
    part: Any = held
    for step in path[len(owner.path) : -1]:
        held = getattr(held, str(step), None) if isinstance(held, BaseModel) else held[step]
        part = held if hasattr(held, "of") else part
    return "by" in getattr(type(part), "model_fields", {})


def _plain(value: Any) -> object:
    return value if isinstance(value, (int, str)) else None


def _inside(path: KeyPath, declared: Any) -> Iterator[tuple[KeyPath, BaseModel]]:
    """A declaration and those inside it, each with its path."""
    if isinstance(declared, BaseModel):
        yield path, declared
        for name in type(declared).model_fields:
            yield from _inside((*path, name), getattr(declared, name))
    elif isinstance(declared, dict):
        for key, held in declared.items():
            yield from _inside((*path, key), held)
    elif isinstance(declared, tuple):
        for index, held in enumerate(declared):
            yield from _inside((*path, index), held)
