"""Every expression of a policy: the names in it, where they may stand, and what it gives.

Lives here: unknown names with the nearest one, figures that come later, several rows for one cell, shares of the plan in an
indicator, the type of a condition, a measure or a setting.
Not here: SQL and its forms (database/expression.py), references outside expressions (references.py), figures that turn out to
be missing (evaluation.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from allocator.database.expression import BadExpression, Expression, parse
from allocator.database.names import Ref
from allocator.faults import nearest
from allocator.load.bad_expressions import bad_expression, gives, short
from allocator.load.context import Context
from allocator.load.owners import Owner
from allocator.model.fields import Uses
from allocator.model.query import TooFine
from allocator.model.source import Source
from allocator.read.places import KeyPath


class Expressions:
    def __init__(self, context: Context) -> None:
        self.context = context

    def judge(self, owner: Owner, path: KeyPath, mark: Uses, sql: str) -> None:
        before = len(self.context.faults)
        try:
            parsed = parse(sql)
        except BadExpression as bad:
            self.bad(owner, path, bad, sql)
            return
        many = {ref.source for ref in map(self.column, owner.by) if ref is not None and ref.many}
        columns = {group: self.context.names.group_column(group) for group in self.context.policy.groups}
        many |= {
            Source("group", group) for group, column in columns.items() if column is not None and column.source in many
        }
        unseen = [not self._name(owner, path, mark, sql, name, many) for name in parsed.columns]
        if parsed.aggregates and mark.scope in ("condition", "measure", "setting"):
            self.context.fault("expression-aggregate", path, {"expression": short(sql)})
        if len(self.context.faults) > before or any(unseen):
            self.context.bad.add(owner.path)
            return
        if self.context.db is None or owner.path in self.context.bad:
            return
        try:
            self._type(owner, path, mark, parsed)
        except BadExpression as bad:
            self.bad(owner, path, bad, sql)
        except TooFine as fine:
            self.context.fault("figure-too-fine", path, {"expression": short(fine.what)})

    def column(self, name: str) -> Ref | None:
        try:
            return self.context.names.look_up(name)
        except BadExpression:
            return None

    def _name(self, owner: Owner, path: KeyPath, mark: Uses, sql: str, name: str, many: set[Source | None]) -> bool:
        """Whether a name in an expression is known; tells it where it is not, or where it cannot stand here."""
        if mark.scope == "indicator" or (mark.scope == "condition" and owner.path[0] == "indicators"):
            if name in self.context.policy.missing or self._share_of_plan(owner, path, mark, name):
                return name not in self.context.policy.missing
        if mark.scope == "groups_bound":
            if name == "weight" or name in owner.within:
                return True
        try:
            ref = self.context.names.look_up(name)
        except BadExpression as bad:
            told = len(self.context.faults)
            if bad.code == "unknown-column" and self._is_awarded(name):
                params = {"expression": short(sql), "what": name, "program": name.partition(".")[2]}
                self.context.fault("awards-in-expression", path, params)
                return True
            self.bad(owner, path, bad, sql)
            return len(self.context.faults) > told
        params = {"expression": short(sql), "column": name, "what": name}
        if name in self._not_yet(owner):
            self.context.fault("figure-not-yet", path, params)
        elif mark.scope == "setting" and ref.source:
            self.context.fault("setting-column", path, params, near=nearest(name, self.context.policy.parameters))
        elif mark.scope == "groups_bound" and ref.source:
            self.context.fault("bound-over-groups", path, params)
        elif owner.path[0] == "indicators" and (ref.many or not ref.dims <= {"unit"}):
            self.context.fault("indicator-column", path, params)
        elif ref.many and ref.source is not None and ref.source not in many and mark.scope != "data":
            table = ref.source.name
            code = "one-to-many" if _groups_by_column(owner, path) else "one-to-many-alone"
            key = ", ".join(self.context.policy.tables[table].key) if table in self.context.policy.tables else table
            self.context.fault(code, path, params | {"table": table, "key": key})
        return True

    def _is_awarded(self, name: str) -> bool:
        """Whether a name is `awarded.<program>`, which only an indicator's figures know."""
        prefix, _, program = name.partition(".")
        return prefix == "awarded" and program in {*self.context.data.programs, *self.context.policy.programs, "all"}

    def _share_of_plan(self, owner: Owner, path: KeyPath, mark: Uses, name: str) -> bool:
        """Whether a name is `awarded.<program>` or `past.<program>`; tells an unknown program."""
        prefix, _, program = name.partition(".")
        if mark.scope != "indicator" or prefix not in ("awarded", "past") or not program:
            return False
        known = {*self.context.data.programs, *self.context.families, "all"}
        if prefix == "past":
            known |= set(self.context.data.past_programs)
        if program not in known:
            near = nearest(program, known)
            lost = self.context.shaped.names_lost("programs")
            if program in lost or (near is None and any(d.kind == "family" for d in self.context.data.lost)):
                self.context.bad.add(owner.path)
            elif prefix == "awarded" and program in self.context.data.past_programs:
                self.context.fault("program-not-planned", path, {"program": program})
            else:
                self.context.fault("unknown-program", path, {"program": program}, near=near)
        return True

    def _type(self, owner: Owner, path: KeyPath, mark: Uses, parsed: Expression) -> None:
        assert self.context.db is not None
        params = {"expression": short(parsed.sql)}
        if mark.scope == "condition":
            try:
                scale = self.context.db.scale(parsed)
            except BadExpression as bad:
                if bad.code != "expression-number":
                    raise
                self.context.fault("expression-condition", path, params, found=gives(bad.found))
                return
            if scale not in (None, 1):
                self.context.fault("expression-condition", path, params, found=gives("DECIMAL"))
        elif mark.scope == "measure":
            self.context.db.scale(parsed)
        elif mark.scope == "setting":
            value = self.context.db.setting(parsed.sql)
            if value is None:
                self.context.fault("expression-not-known", path, params)
            elif not isinstance(value, (bool, int)):
                self.context.fault(
                    "expression-condition",
                    path,
                    params,
                    found=gives("VARCHAR" if isinstance(value, str) else "DECIMAL"),
                )

    def bad(self, owner: Owner, path: KeyPath, bad: BadExpression, sql: str) -> None:
        self.context.bad.add(owner.path)
        near = self._near(bad, self._not_yet(owner))
        if bad.code == "unknown-column" and self.context.unseen.explains(bad.found, near):
            return
        names = {*self.context.names.found, *self.context.names.ambiguous, *self.context.names.missing}
        self.context.faults.append(bad_expression(bad, self.context.shaped.place(*path), sql, near, names))

    def _not_yet(self, owner: Owner) -> set[str]:
        """Figures that a figure cannot read: itself and those that are declared after it."""
        if owner.path[0] != "figures":
            return set()
        names = list(self.context.policy.figures)
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
                options = [*(option for option in options if "." not in option), *self.context.names.ambiguous]
            else:
                dotted = [option for option in options if "." in option]
                options = [option for option in dotted if option.startswith(f"{prefix}.")] or dotted
        return nearest(bad.found, options)


def _groups_by_column(owner: Owner, path: KeyPath) -> bool:
    """Whether the part of a declaration that holds the value at `path` can name groups by columns."""
    held: Any = owner.declared
    part: Any = held
    for step in path[len(owner.path) : -1]:
        held = getattr(held, str(step), None) if isinstance(held, BaseModel) else held[step]
        part = held if hasattr(held, "of") else part
    return "by" in getattr(type(part), "model_fields", {})
