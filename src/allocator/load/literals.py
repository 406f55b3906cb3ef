"""Values that conditions ask for, checked like names: `zone = 'nroth'` where no row has it, and conditions that nobody meets.

Lives here: the comparisons of a column with a written value in every expression of a policy; what follows for the condition.
Not here: names and types (references.py), whether a rule can hold (never.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from allocator.database import Database
from allocator.database.expression import BadExpression, outcomes, parse, walk
from allocator.database.vectors import Combinations, NoVector
from allocator.faults import Notice, nearest
from allocator.load.bad_expressions import short
from allocator.load.owners import Owner
from allocator.load.shaped import Shaped
from allocator.model.fields import Uses, marks
from allocator.model.model import Model
from allocator.model.source import CELL
from allocator.read.places import KeyPath
from allocator.words import Say

MOST_VALUES = 8  # told of a column; of one with more, the nearest is told and their number
MOST_CANDIDATES = 5_000_000  # over which a condition is tried
_EQUAL = {"COMPARE_EQUAL": False, "COMPARE_NOT_DISTINCT_FROM": False}  # what it comes to where no row has the value
_UNEQUAL = {"COMPARE_NOTEQUAL": True, "COMPARE_DISTINCT_FROM": True}
_PATTERNS = {"~~": False, "~~*": False, "!~~": True, "!~~*": True, "starts_with": False}
Node = dict[str, Any]


@dataclass(frozen=True)
class _Column:
    """A column that a comparison reads, or a text made of it: the values that rows have."""

    name: str
    values: frozenset[Any]


class Literals:
    """One pass over all expressions of a policy that has no fault."""

    def __init__(self, shaped: Shaped, model: Model, db: Database) -> None:
        self.shaped, self.model, self.db = shaped, model, db
        self.parameters = {name: parameter.value for name, parameter in model.policy.parameters.items()}
        self._values: dict[str, frozenset[Any] | None] = {}
        self._candidates: dict[tuple[str, ...], Combinations] = {}

    def notices(self) -> Iterator[Notice]:
        policy = self.model.policy
        for name, figure in policy.figures.items():
            yield from self._expression(("figures", name, "value"), figure.value, None, ())
        for name, program in policy.programs.items():
            for at, mark, sql in marks(program):
                if isinstance(mark, Uses):
                    yield from self._expression(("programs", name, *at), sql, mark, (name,))
        for section in ("rules", "objectives", "indicators"):
            for index, declared in enumerate(getattr(policy, section)):
                owner, applies = Owner.of_declared((section, index), declared), getattr(declared, "applies", None)
                in_force = applies is None or bool(self.db.setting(applies))
                for at, mark, sql in marks(declared):
                    if isinstance(mark, Uses):
                        of = owner.inside(at).of if section != "indicators" else ()
                        found = self._expression((section, index, *at), sql, mark, of)
                        yield from found if in_force else (one for one in found if one.code != "condition-nobody")

    def _expression(self, path: KeyPath, sql: str, mark: Uses | None, of: tuple[str, ...]) -> Iterator[Notice]:
        if not parse(sql).columns:
            return
        root = parse(sql).root
        condition = mark is not None and mark.scope == "condition"
        told = False
        for node in walk(root):
            for column, value, written in self._strange(node):
                told = True
                yield self._notice(path, sql, column, value, written, self._effect(root) if condition else "")
        if condition and not told and self._nobody(sql, of):
            yield Notice("condition-nobody", self.shaped.place(*path), {"expression": short(sql)})

    def _notice(self, path: KeyPath, sql: str, column: _Column, value: Any, written: str, effect: Say | str) -> Notice:
        known = sorted(column.values, key=str)
        few: object = (
            [str(one) for one in known]
            if len(known) <= MOST_VALUES
            else Say("notices.values.many", {"count": len(known)})
        )
        params = {
            "expression": short(sql),
            "column": column.name,
            "value": written,
            "values": few if known else Say("notices.values.none"),
            "effect": effect,
        }
        near = nearest(value, known) if isinstance(value, str) else None
        return Notice("value-nowhere", self.shaped.place(*path), params, nearest=near)

    # Comparisons ------------------------------------------------------------------------------------------------------

    def _strange(self, node: Node) -> Iterator[tuple[_Column, Any, str]]:
        """Values that a comparison asks for and no row has: the column, the value, the value as it is told."""
        kind = node.get("type")
        if kind in _EQUAL or kind in _UNEQUAL:
            for asked, given in ((node["left"], node["right"]), (node["right"], node["left"])):
                yield from self._absent(asked, [given])
        elif kind == "COMPARE_IN":
            yield from self._absent(node["children"][0], node["children"][1:])
        elif node.get("class") == "FUNCTION" and node["function_name"].lower() in _PATTERNS:
            asked, given = (argument["expression"] for argument in node["arguments"][:2])
            column, pattern = self._column(asked), self._given(given)
            if column is not None and isinstance(pattern, str) and self._matches(node, column) is False:
                yield column, pattern, pattern

    def _absent(self, asked: Node, given: list[Node]) -> Iterator[tuple[_Column, Any, str]]:
        column = self._column(asked)
        for one in given if column is not None else ():
            value = self._given(one)
            if value is not None and self._missing(column, value):
                yield column, value, str(value)  # type: ignore[misc]

    @staticmethod
    def _missing(column: _Column | None, value: Any) -> bool:
        """Whether no row has the value. Of numbers: 0, and 1 beside 0, say yes and no, and nobody mistypes them."""
        if column is None or value in column.values:
            return False
        if isinstance(value, str):
            return all(isinstance(one, str) for one in column.values)
        numbers = all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in column.values)
        flag = value == 0 or (value == 1 and column.values <= {0, 1})
        return numbers and bool(column.values) and not flag

    def _given(self, node: Node) -> Any:
        """A text or a number that stands in the expression, or is the value of a parameter; None for anything else."""
        if node.get("class") == "CONSTANT":
            literal = node.get("literal") or {}
            text = str(literal.get("text", ""))
            if literal.get("kind") == "STRING":
                return text
            return Decimal(text) if literal.get("kind") in ("INTEGER", "NUMERIC", "DECIMAL") else None
        if node.get("class") == "COLUMN_REF":
            value = self.parameters.get(".".join(node["column_names"]))
            return None if isinstance(value, bool) else value
        return None

    def _column(self, node: Node) -> _Column | None:
        """A column of the data with its values; of a text that is made of one column (`lower(zone)`) those that it has."""
        if node.get("class") == "COLUMN_REF":
            name = ".".join(node["column_names"])
            values = self._values_of(name)
            return None if values is None else _Column(name, values)
        names = {".".join(one["column_names"]) for one in walk(node) if one["class"] == "COLUMN_REF"}
        if node.get("class") != "FUNCTION" or len(names) != 1:
            return None
        (name,) = names
        values = self._values_of(name)
        made = None if values is None else outcomes(node, name, values)
        texts = made is not None and all(isinstance(value, str) for value in made)
        return _Column(name, frozenset(made)) if made is not None and texts else None

    def _matches(self, node: Node, column: _Column) -> bool | None:
        """Whether a pattern fits any value of its column; None where that is not known."""
        values = self._values_of(column.name)
        made = None if values is None else outcomes(node, column.name, values)
        if made is None or not values:
            return None
        return (not _PATTERNS[node["function_name"].lower()]) in made

    def _values_of(self, name: str) -> frozenset[Any] | None:
        """The values in the rows of a column, the ids of a group that has a table included; None for what is no column."""
        if name not in self._values:
            self._values[name] = self._looked_up(name)
        return self._values[name]

    def _looked_up(self, name: str) -> frozenset[Any] | None:
        model = self.model
        try:
            ref = self.db.names.look_up(name)
        except BadExpression:
            return None
        if ref.source == CELL:
            return self._axes[name]
        if ref.source is None:
            return None
        values = set(model.table_of(ref.source).columns[ref.column].values) - {None}
        if ref.column in model.groups:
            values |= set(model.groups[ref.column].columns["id"].values)
        return frozenset(values)

    @cached_property
    def _axes(self) -> Mapping[str, frozenset[Any]]:
        past = self.model.past
        held = {dim: set() if past is None else set(past.columns[dim].values) for dim in ("program", "period")}
        return {
            "unit": frozenset(self.model.units.columns["unit"].values),
            "program": frozenset({*self.model.programs, *self.model.past_programs, *held["program"]}),
            "period": frozenset({*self.model.policy.periods, *held["period"]}),
        }

    # What follows -----------------------------------------------------------------------------------------------------

    def _effect(self, root: Node) -> Say | str:
        always = self._always(root)
        return "" if always is None else Say(f"notices.effect.{'everybody' if always else 'nobody'}")

    def _always(self, node: Node) -> bool | None:
        """What a condition comes to for every row by the values that no row has; None where it depends."""
        kind = node.get("type")
        if node.get("class") == "COLUMN_REF":
            value = self.parameters.get(".".join(node["column_names"]))
            return value if isinstance(value, bool) else None
        if kind == "OPERATOR_NOT":
            inner = self._always(node["children"][0])
            return None if inner is None else not inner
        if node.get("class") == "CONJUNCTION":
            parts = [self._always(child) for child in node["children"]]
            deciding = kind == "CONJUNCTION_OR"
            if deciding in parts:
                return deciding
            return None if None in parts else not deciding
        if kind == "COMPARE_IN":
            strange = len(list(self._strange(node)))
            return False if strange == len(node["children"]) - 1 else None
        if list(self._strange(node)):
            name = str(node.get("function_name", "")).lower()
            return {**_EQUAL, **_UNEQUAL}.get(str(kind), _PATTERNS.get(name))
        return None

    def _nobody(self, sql: str, of: tuple[str, ...]) -> bool:
        """Whether no unit meets the condition, in no program and no period that it is about."""
        programs = self.db.programs(of) if of else self.db.programs(("all",))[:1]
        size = len(self.db.axes["unit"]) * len(programs) * len(self.db.axes["period"])
        if not 0 < size <= MOST_CANDIDATES:
            return False
        try:
            if programs not in self._candidates:
                self._candidates[programs] = self.db.candidates(programs)
            return not self._candidates[programs].holds(sql).any()  # which keeps what it was asked
        except (NoVector, BadExpression):
            return False
