"""SQL expressions of a policy, read a third time: a small parser and evaluator in plain Python, exact and three-valued.

Lives here: numbers as fractions, NULL as None, comparisons, and / or / not, case, the allowed functions, aggregates.
Not here: which names exist and what they stand for (oracle.py). Nothing of the package is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

Node = tuple[Any, ...]
Env = Callable[[str], Any]

ABSENT = object()  # in place of a value: a one-to-many table has no row there, so that there is nothing to be missing

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d+|\.\d+|\d+)|(?P<text>'(?:[^']|'')*')|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<op><>|!=|<=|>=|\|\||[-+*%=<>(),]))"
)
AGGREGATES = {"count", "sum", "min", "max"}
_WORDS = {
    "and", "or", "not", "is", "null", "in", "between", "case", "when", "then", "else", "end", "true", "false", "filter",
    "where", "distinct",
}  # fmt: skip


class _Parser:
    """Recursive descent; the levels from the loosest to the tightest: or, and, not, comparison, + -, * %, sign, operand."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"not understood: {text[at:]!r}")
            kind = match.lastgroup or ""
            word = match[kind]
            if kind == "name" and word.lower() in _WORDS:
                kind, word = "word", word.lower()
            self.tokens.append((kind, word))
            at = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *words: str) -> str | None:
        kind, word = self.peek()
        if kind in ("op", "word") and word in words:
            self.at += 1
            return word
        return None

    def need(self, word: str) -> None:
        if not self.take(word):
            raise ValueError(f"expected {word!r}, found {self.peek()}")

    def whole(self) -> Node:
        node = self.either()
        if self.peek()[0] != "end":
            raise ValueError(f"left over: {self.tokens[self.at :]}")
        return node

    def either(self) -> Node:
        node = self.both()
        while self.take("or"):
            node = ("or", node, self.both())
        return node

    def both(self) -> Node:
        node = self.negated()
        while self.take("and"):
            node = ("and", node, self.negated())
        return node

    def negated(self) -> Node:
        return ("not", self.negated()) if self.take("not") else self.compared()

    def compared(self) -> Node:
        node = self.sum()
        if op := self.take("=", "<>", "!=", "<", "<=", ">", ">="):
            return ("compare", "<>" if op == "!=" else op, node, self.sum())
        if self.take("is"):
            absent = self.take("not") is None
            self.need("null")
            return ("null", absent, node)
        negative = self.take("not") is not None
        if self.take("in"):
            self.need("(")
            options = [self.sum()]
            while self.take(","):
                options.append(self.sum())
            self.need(")")
            node = ("in", node, tuple(options))
        elif self.take("between"):
            low = self.sum()
            self.need("and")
            node = ("and", ("compare", ">=", node, low), ("compare", "<=", node, self.sum()))
        return ("not", node) if negative else node

    def sum(self) -> Node:
        node = self.product()
        while op := self.take("+", "-", "||"):
            node = ("call", op, (node, self.product()))
        return node

    def product(self) -> Node:
        node = self.signed()
        while op := self.take("*", "%"):
            node = ("call", op, (node, self.signed()))
        return node

    def signed(self) -> Node:
        return ("call", "-", (("value", Fraction(0)), self.signed())) if self.take("-") else self.operand()

    def operand(self) -> Node:
        kind, word = self.peek()
        self.at += 1
        if kind == "number":
            return ("value", Fraction(word))
        if kind == "text":
            return ("value", word[1:-1].replace("''", "'"))
        if kind == "word" and word in ("true", "false", "null"):
            return ("value", {"true": True, "false": False, "null": None}[word])
        if kind == "word" and word == "case":
            return self.case()
        if (kind, word) == ("op", "("):
            node = self.either()
            self.need(")")
            return node
        if kind == "name":
            return self.call(word.lower()) if self.take("(") else ("name", word)
        raise ValueError(f"not an operand: {word!r}")

    def case(self) -> Node:
        arms = []
        while self.take("when"):
            condition = self.either()
            self.need("then")
            arms.append((condition, self.either()))
        otherwise = self.either() if self.take("else") else ("value", None)
        self.need("end")
        return ("case", tuple(arms), otherwise)

    def call(self, name: str) -> Node:
        arguments: list[Node] = []
        distinct = self.take("distinct") is not None
        if name == "count" and self.take("*"):
            arguments.append(("rows",))
        elif self.peek() != ("op", ")"):
            arguments.append(self.either())
            while self.take(","):
                arguments.append(self.either())
        self.need(")")
        if name not in AGGREGATES:
            return ("call", name, tuple(arguments))
        condition: Node = ("value", True)
        if self.take("filter"):
            self.need("(")
            self.need("where")
            condition = self.either()
            self.need(")")
        return ("aggregate", name, arguments[0], condition, distinct)


@cache
def parsed(text: str) -> Node:
    """The tree of an expression. Raises ValueError for what this reading does not know."""
    return _Parser(text).whole()


@cache
def names(text: str) -> tuple[str, ...]:
    """The names that an expression reads, as written."""
    return _names_in(parsed(text))


def _names_in(node: Any) -> tuple[str, ...]:
    found: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, tuple):
            if len(node) == 2 and node[0] == "name":
                found[node[1]] = None
            for part in node:
                walk(part)

    walk(node)
    return tuple(found)


def plain_names(text: str) -> tuple[str, ...]:
    """Those that stand outside every aggregate."""
    found: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, tuple) and not (node and node[0] == "aggregate"):
            if len(node) == 2 and node[0] == "name":
                found[node[1]] = None
            for part in node:
                walk(part)

    walk(parsed(text))
    return tuple(found)


def evaluate(text: str, env: Env | Mapping[str, Any], rows: Sequence[Env] = ()) -> Any:
    """The value: a Fraction, a text, a truth value, or None. Aggregates run over `rows`, plain names are asked of `env`."""
    return _value(parsed(text), env.__getitem__ if isinstance(env, Mapping) else env, rows)


def _value(node: Node, env: Env, rows: Sequence[Env]) -> Any:  # noqa: C901 - one case a kind of expression
    kind = node[0]
    if kind == "value":
        return node[1]
    if kind == "name":
        value = env(node[1])
        return None if value is ABSENT else exact(value)
    if kind in ("and", "or"):
        sides = [_value(side, env, rows) for side in node[1:]]
        decisive = kind == "or"
        return decisive if decisive in sides else None if None in sides else not decisive
    if kind == "not":
        value = _value(node[1], env, rows)
        return None if value is None else not value
    if kind == "null":
        return (_value(node[2], env, rows) is None) == node[1]
    if kind == "compare":
        return _compare(node[1], _value(node[2], env, rows), _value(node[3], env, rows))
    if kind == "in":
        value = _value(node[1], env, rows)
        hits = [_compare("=", value, _value(option, env, rows)) for option in node[2]]
        return True if True in hits else None if None in hits else False
    if kind == "case":
        for condition, result in node[1]:
            holds = _value(condition, env, rows)
            if holds is None:  # which arm is meant is not known
                return None
            if holds:
                return _value(result, env, rows)
        return _value(node[2], env, rows)
    if kind == "aggregate":
        return _aggregate(node, rows)
    return _call(node[1], [_value(argument, env, rows) for argument in node[2]])


def exact(value: Any) -> Any:
    """Numbers as fractions; everything else as it is."""
    return value if value is None or isinstance(value, (bool, str, date)) else Fraction(value)


def _compare(op: str, one: Any, other: Any) -> bool | None:
    if one is None or other is None:
        return None
    if isinstance(one, date) != isinstance(other, date):  # a day is written as a text
        one, other = (date.fromisoformat(side) if isinstance(side, str) else side for side in (one, other))
    return bool(
        {
            "=": one == other,
            "<>": one != other,
            "<": one < other,
            "<=": one <= other,
            ">": one > other,
            ">=": one >= other,
        }[op]
    )


def _aggregate(node: Node, rows: Sequence[Env]) -> Any:
    _, name, argument, condition, distinct = node
    kept = [row for row in rows if _value(condition, row, ()) is True]
    if argument == ("rows",):
        return Fraction(len(kept))
    there = [row for row in kept if not any(row(read) is ABSENT for read in _names_in(argument))]
    values = [_value(argument, row, ()) for row in there]
    if name == "count":
        known = [v for v in values if v is not None]
        return Fraction(len(set(known) if distinct else known))
    if None in values:  # a missing figure is no figure
        return None
    values = list(dict.fromkeys(values)) if distinct else values
    if not values:
        return Fraction(0) if name == "sum" else None
    return {"sum": lambda: sum(values, Fraction(0)), "min": lambda: min(values), "max": lambda: max(values)}[name]()


def _down(value: Fraction) -> int:
    return value.numerator // value.denominator


def _call(name: str, values: list[Any]) -> Any:
    if name == "coalesce":
        return next((v for v in values if v is not None), None)
    if any(v is None for v in values):
        return None
    if name in ("greatest", "least"):
        return (max if name == "greatest" else min)(values)
    return _FUNCTIONS[name](*values)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "%": lambda a, b: (abs(a) % abs(b)) * (-1 if a < 0 else 1),  # the sign of the first, as in SQL
    "||": lambda a, b: a + b,
    "abs": abs,
    "ceil": lambda a: Fraction(-_down(-a)),
    "floor": lambda a: Fraction(_down(a)),
    "round": lambda a: Fraction((1 if a >= 0 else -1) * _down(abs(a) + Fraction(1, 2))),
    "nullif": lambda a, b: None if a == b else a,
    "length": lambda a: Fraction(len(a)),
    "divide_down": lambda a, b: Fraction(_down(a / b)),
    "divide_up": lambda a, b: Fraction(-_down(-a / b)),
    "divide_half_up": lambda a, b: Fraction(_down(a / b + Fraction(1, 2))),
}
