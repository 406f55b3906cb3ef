"""What kind of value expressions ask of the columns they read: a number, a text, yes or no, a date.

Lives here: the kinds that follow from how a column is used: `score >= 60` asks for a number, `zone = '1.10'` for a text.
Not here: what the cells are (load/readings.py), SQL (expression.py), where expressions stand (load/).

Columns that are compared with each other, or stand in for each other (coalesce, case), are of one kind: what is asked of one
is asked of all. So the uses of a policy are gathered in one `Asked`, each expression added after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from allocator.database.expression import Expression
from allocator.model.source import Source

Kind = Literal["number", "text", "yes_no", "date"]
Wanted = Literal["number", "truth"] | None  # of a whole expression; truth: yes or no, or a whole number (0 is no)
Column = tuple[Source, str]  # and its name in it
Where = Any  # where an expression stands: handed through

_NUMBERS = {
    "+",
    "-",
    "*",
    "%",
    "abs",
    "ceil",
    "ceiling",
    "floor",
    "round",
    "divide_up",
    "divide_down",
    "divide_half_up",
}
_TEXTS = {"||", "concat", "lower", "upper", "trim"}
_TEXT_FIRST = {"left", "right", "substring"}  # their other arguments are numbers
_TESTS = {"~~", "!~~", "~~*", "!~~*", "starts_with"}
_ALIKE = {"greatest", "least", "nullif"}
_ORDERED = {"COMPARE_LESSTHAN", "COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO"}
_LITERALS: dict[str, Kind] = {"INTEGER": "number", "NUMERIC": "number", "STRING": "text", "BOOLEAN": "yes_no"}


@dataclass
class Demands:
    """What is asked of columns that are of one kind.

    `by`: each kind with the places that ask for it; `truth`: places of bare conditions; `texts`: the texts that they are
    compared with; `ordered`: places that ask which is more.
    """

    columns: set[Column] = field(default_factory=set)
    by: dict[Kind, list[Where]] = field(default_factory=dict)
    truth: list[Where] = field(default_factory=list)
    ordered: list[Where] = field(default_factory=list)
    texts: dict[str, Where] = field(default_factory=dict)
    into: Demands | None = None  # the uses that these have become a part of

    @property
    def live(self) -> Demands:
        found = self
        while found.into is not None:
            found = found.into
        return found

    def ask(self, kind: Kind, where: Where) -> None:
        self.live.by.setdefault(kind, []).append(where)

    def take(self, other: Demands) -> None:
        other.into = self
        self.columns |= other.columns
        for kind, places in other.by.items():
            self.by.setdefault(kind, []).extend(places)
        self.truth += other.truth
        self.ordered += other.ordered
        self.texts |= other.texts


class Asked:
    """The uses of all columns, gathered from one expression after the other."""

    def __init__(self) -> None:
        self._place: dict[Column, Demands] = {}
        self._joined: list[Demands] = []  # what is compared with each other

    def add(
        self,
        expression: Expression,
        wanted: Wanted,
        known: Callable[[str], Column | Kind | None],
        where: Where,
    ) -> None:
        """`known`: the column behind a name, or the kind of what is no column; None where that is not known."""
        self._want(_Walk(self, known, where).visit(expression.root), wanted, where)

    @staticmethod
    def _want(demands: Demands, wanted: Wanted, where: Where) -> None:
        if wanted == "number":
            demands.ask("number", where)
        elif wanted == "truth":
            demands.live.truth.append(where)

    def of(self, column: Column) -> Demands:
        if column not in self._place:
            self._place[column] = Demands({column})
        return self._place[column].live

    def one(self, held: Iterable[Demands]) -> Demands:
        """All of these as one."""
        first, *others = (demands.live for demands in held)
        for other in others:
            if other.live is not first:
                first.take(other.live)
        self._joined.append(first)
        return first

    def all(self) -> list[Demands]:
        """Each set of values of one kind, once, in the order of their first demands; some hold no column."""
        return list({id(demands.live): demands.live for demands in (*self._place.values(), *self._joined)}.values())


class _Walk:
    """One expression. Visiting a part gives what is asked of its value."""

    def __init__(self, asked: Asked, known: Callable[[str], Column | Kind | None], where: Where) -> None:
        self.asked, self.known, self.where = asked, known, where

    def visit(self, node: Mapping[str, Any]) -> Demands:
        match node["class"]:
            case "COLUMN_REF":
                return self._column(".".join(node["column_names"]))
            case "CONSTANT":
                return self._constant(node.get("literal") or {})
            case "COMPARISON":
                return self._compared([node["left"], node["right"]], ordered=node["type"] in _ORDERED)
            case "BETWEEN":
                return self._compared([node["input"], node["lower"], node["upper"]], ordered=True)
            case "CONJUNCTION":
                return self._conditions(node["children"])
            case "CASE":
                return self._case(node)
            case "OPERATOR":
                return self._operator(node)
        return self._function(node)

    def _given(self, kind: Kind | None) -> Demands:
        demands = Demands()
        if kind is not None:
            demands.ask(kind, self.where)
        return demands

    def _column(self, name: str) -> Demands:
        found = self.known(name)
        if not isinstance(found, tuple):
            return self._given(found)
        return self.asked.of(found)

    def _constant(self, literal: Mapping[str, Any]) -> Demands:
        demands = self._given(_LITERALS.get(str(literal.get("kind"))))
        if literal.get("kind") == "STRING":
            demands.texts[str(literal["text"])] = self.where
        return demands

    def _compared(self, parts: Iterable[Mapping[str, Any]], *, ordered: bool) -> Demands:
        demands = self.asked.one([self.visit(part) for part in parts])
        if ordered:
            demands.live.ordered.append(self.where)
        return self._given("yes_no")

    def _conditions(self, parts: Iterable[Mapping[str, Any]]) -> Demands:
        for part in parts:
            self.visit(part).live.truth.append(self.where)
        return self._given("yes_no")

    def _case(self, node: Mapping[str, Any]) -> Demands:
        self._conditions(check["when_expr"] for check in node["case_checks"])
        results = [check["then_expr"] for check in node["case_checks"]]
        return self.asked.one([self.visit(part) for part in (*results, node["else_expr"])])

    def _operator(self, node: Mapping[str, Any]) -> Demands:
        parts = node["children"]
        if node["type"] == "OPERATOR_COALESCE":
            return self.asked.one([self.visit(part) for part in parts])
        if node["type"] in ("COMPARE_IN", "COMPARE_NOT_IN"):
            return self._compared(parts, ordered=False)
        if node["type"] == "OPERATOR_NOT":
            return self._conditions(parts)
        for part in parts:  # is null, is not null
            self.visit(part)
        return self._given("yes_no")

    def _function(self, node: Mapping[str, Any]) -> Demands:
        name = str(node["function_name"]).lower()
        if node.get("filter"):
            self._conditions([node["filter"]])
        parts = [self.visit(argument["expression"]) for argument in node["arguments"]]
        if name in _NUMBERS or name == "sum":
            self._ask(parts, "number")
            return self._given("number")
        if name in _TEXTS or name in _TESTS or name == "length":
            self._ask(parts, "text")
            return self._given("yes_no" if name in _TESTS else "number" if name == "length" else "text")
        if name in _TEXT_FIRST:
            self._ask(parts[:1], "text")
            self._ask(parts[1:], "number")
            return self._given("text")
        if name in _ALIKE or name in ("min", "max"):
            demands = self.asked.one(parts) if parts else Demands()
            if name != "nullif":
                demands.live.ordered.append(self.where)
            return demands
        return self._given("number")  # count

    def _ask(self, parts: Iterable[Demands], kind: Kind) -> None:
        for part in parts:
            part.ask(kind, self.where)
