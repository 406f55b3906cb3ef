"""SQL expressions of a policy file: parsed by DuckDB itself, checked against what is allowed, and bound to columns.

Lives here: the parse tree, the list of allowed functions, which names an expression uses, the rewritten SQL.
Not here: which columns exist (names.py), where an expression stands in a file (load/expressions.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb

OPERATORS = {"+", "-", "*", "%", "||", "~~", "!~~", "~~*", "!~~*"}
SCALARS = {
    "abs", "ceil", "ceiling", "floor", "round", "greatest", "least", "length", "lower", "upper", "trim", "left", "right",
    "substring", "starts_with", "concat", "coalesce", "nullif", "divide_up", "divide_down", "divide_half_up",
}  # fmt: skip
ROUNDED = {"ceil", "ceiling", "floor", "round"}
AGGREGATES = {"count", "count_star", "sum", "min", "max"}
FUNCTIONS = OPERATORS | SCALARS | AGGREGATES
CLASSES = {"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "FUNCTION", "BETWEEN"}
OPERATOR_TYPES = {"OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE"}
OPERATOR_TYPES |= {"COMPARE_IN", "COMPARE_NOT_IN"}
WIDEST = 38  # digits of the widest exact numbers of DuckDB
LONGEST = 4000  # characters of one expression
MOST_JOINED = 20  # texts that concat and || put together in one expression: each may have 10,000 characters
DEEPEST = 100  # levels of one expression: each takes six of Python's thousand nested calls

# Exact division with a stated rounding, for whole numbers and decimals of at most six places.
MACROS = """
create macro _micro(x) as case when cast(x as decimal(38, 6)) <> x then error('divide_*: more than six decimal places')
    else cast(cast(x as decimal(38, 6)) * 1000000 as hugeint) end;
create macro _floor_div(p, q) as (p // q) - case when p % q <> 0 and (p < 0) <> (q < 0) then 1 else 0 end;
create macro divide_down(a, b) as cast(_floor_div(_micro(a), _micro(b)) as bigint);
create macro divide_up(a, b) as cast(-_floor_div(-_micro(a), _micro(b)) as bigint);
create macro divide_half_up(a, b) as cast(_floor_div(2 * _micro(a) + _micro(b), 2 * _micro(b)) as bigint);
"""


class BadExpression(Exception):
    """An expression that cannot stand: `code` (of a fault), what was found, and the names that were possible."""

    def __init__(self, code: str, found: str = "", options: tuple[str, ...] = (), expected: str = "") -> None:
        super().__init__(f"{code}: {found}")
        self.code, self.found, self.options, self.expected = code, found, options, expected


def failure(error: duckdb.Error, expression: str) -> BadExpression:
    """Why the database could not work out an expression, in our own terms: its words are for programmers."""
    code = "expression-types"
    if "Division by zero" in str(error):  # first: its words may hold those of our own
        code = "expression-by-zero"
    elif "divide_*" in str(error):
        code = "expression-six-places"
    elif isinstance(error, duckdb.OutOfMemoryException):
        code = "expression-memory"
    elif isinstance(error, (duckdb.OutOfRangeException, duckdb.ConversionException)):
        code = "expression-too-large"
    return BadExpression(code, expected=expression)


@dataclass(frozen=True)
class Expression:
    """A parsed expression: its tree, the columns it reads (as written, dotted), whether it aggregates."""

    sql: str
    tree: str  # JSON; kept as text so that the value is frozen
    columns: tuple[str, ...]
    aggregates: bool

    @property
    def root(self) -> Any:
        """The tree, to be changed at will."""
        return json.loads(self.tree)


_parser = duckdb.connect(":memory:")
_parser.execute("set enable_external_access = false; set lock_configuration = true")


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """The parts of a parse tree that are expressions, each before those inside it."""
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def _depth(root: Any) -> int:
    """Levels of expressions within expressions, counted without calls within calls."""
    deepest, open_nodes = 0, [(root, 0)]
    while open_nodes:
        node, depth = open_nodes.pop()
        if isinstance(node, dict):
            depth += "class" in node
            deepest = max(deepest, depth)
            open_nodes += [(held, depth) for held in node.values()]
        elif isinstance(node, list):
            open_nodes += [(held, depth) for held in node]
    return deepest


_IN_QUOTES = re.compile(r"""'[^']*'|"[^"]*\"""")
_COMMENT = re.compile(r"--|/\*")  # `score --1` would be the score: the rest of the line is no part of it


@lru_cache(maxsize=4096)
def parse(sql: str) -> Expression:
    """One SQL expression, checked for what is allowed; names are not looked up yet. Raises BadExpression."""
    if not sql.strip():
        raise BadExpression("expression-empty")
    if len(sql) > LONGEST:
        raise BadExpression("expression-long", str(len(sql)), expected=str(LONGEST))
    try:
        return _checked(sql)
    except RecursionError:
        raise BadExpression("expression-deep") from None


@lru_cache(maxsize=4096)
def _tree(select: str) -> dict[str, Any]:
    """DuckDB's parse tree of a statement, or its word about why there is none. Nobody changes it."""
    try:
        text = _parser.cursor().execute("select json_serialize_sql(?)", [select]).fetchall()[0][0]
    except duckdb.Error as error:
        return {"error": True, "error_message": str(error)}
    found: dict[str, Any] = json.loads(text)
    return found


def _checked(sql: str) -> Expression:
    root = _one_expression(sql)
    if _depth(root) > DEEPEST:
        raise BadExpression("expression-deep")
    nodes = list(walk(root))
    for node in nodes:
        _allowed(node)
    joined = sum(len(n["arguments"]) for n in nodes if _function(n) in ("concat", "||"))
    if joined > MOST_JOINED:
        raise BadExpression("expression-joined", str(joined), expected=str(MOST_JOINED))
    columns = [".".join(node["column_names"]) for node in nodes if node["class"] == "COLUMN_REF"]
    return Expression(sql, json.dumps(root), tuple(dict.fromkeys(columns)), any(map(_is_aggregate, nodes)))


def _one_expression(sql: str) -> dict[str, Any]:
    """The tree of the text, which is one expression and nothing else."""
    if comment := _COMMENT.search(_IN_QUOTES.sub("", sql)):
        raise BadExpression("expression-comment", comment[0])
    start = "select (\n"
    tree = _tree(f"{start}{sql}\n)")
    if tree.get("error"):
        raise _no_syntax(sql, tree, len(start))
    if tree["statements"][0]["node"].get("select_list", [{}])[0].get("class") == "SUBQUERY":
        raise BadExpression("expression-statements", sql.strip()[:80])
    if _tree(f"select\n{sql}\n").get("error"):  # `a) or (b` closes our bracket and opens another
        raise BadExpression("expression-brackets")
    if len(tree["statements"]) != 1:
        raise BadExpression("expression-statements", f"{len(tree['statements'])}")
    select = tree["statements"][0]["node"]
    plain = (
        select.get("type") == "SELECT_NODE"
        and len(select["select_list"]) == 1
        and select["from_table"]["type"] == "EMPTY"
        and not any(
            select.get(k) for k in ("where_clause", "group_expressions", "having", "qualify", "modifiers", "sample")
        )
        and not select.get("cte_map", {}).get("map")
    )
    if not plain:
        raise BadExpression("expression-statements", sql.strip()[:80])
    root: dict[str, Any] = select["select_list"][0]
    return root


def _no_syntax(sql: str, tree: dict[str, Any], start: int) -> BadExpression:
    """Why a text could not be parsed; it begins at a byte of the statement."""
    if ";" in sql:
        return BadExpression("expression-statements", sql.strip()[:80])
    at = int(tree.get("position", 0)) - start  # in bytes
    if at >= len(sql.encode()):
        return BadExpression("expression-unfinished")
    if "comparison" in str(tree.get("error_message", "")):
        return BadExpression("expression-chained")
    return BadExpression("expression-syntax", sql.encode()[max(at, 0) :].decode(errors="ignore").strip()[:40])


def _allowed(node: dict[str, Any]) -> None:
    """Raises BadExpression where a part of an expression is of a form, or calls a function, that cannot stand."""
    kind = node["class"]
    if kind == "FUNCTION":
        name = _function(node)
        if name in ("/", "//", "divide"):
            raise BadExpression("expression-division", name)
        if name not in FUNCTIONS:
            raise BadExpression("expression-function", name, tuple(sorted(SCALARS | AGGREGATES - {"count_star"})))
    elif kind == "CONSTANT":
        literal = node.get("literal") or {}
        if literal.get("kind") == "NUMERIC" and "e" in str(literal.get("text", "")).lower():
            raise BadExpression("expression-inexact", str(literal.get("text")))
    elif kind not in CLASSES or (kind == "OPERATOR" and node["type"] not in OPERATOR_TYPES):
        raise BadExpression("expression-form", kind.lower().replace("_", " "))


def _function(node: dict[str, Any]) -> str:
    """The name of the function that a part calls; nothing where it calls none."""
    return str(node.get("function_name", "")).lower()


_SEES_NULL = {"coalesce", "nullif"}
_ORDINARY = {"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN"}
_ORDINARY |= {"COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO"}


def passes_null_on(expression: Expression) -> bool:
    """Whether an operand that is NULL can only make the parts around it NULL: nothing asks whether a value is there."""
    for node in walk(expression.root):
        kind, word = node["class"], str(node.get("function_name", "")).lower()
        if (kind == "FUNCTION" and word in _SEES_NULL) or (kind == "COMPARISON" and node["type"] not in _ORDINARY):
            return False
        if kind == "OPERATOR" and node["type"] not in ("OPERATOR_NOT", "COMPARE_IN", "COMPARE_NOT_IN"):
            return False
    return True


_SAYS_WHAT_EMPTY_MEANS = {"OPERATOR_COALESCE", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}


@dataclass(frozen=True)
class ExpressionPart:
    """What must be known of each row for an expression: the argument of an aggregate with its filter, or a plain column."""

    sql: str
    condition: str = "true"


def parts(expression: Expression) -> list[ExpressionPart]:
    """The parts of an expression that make it unknown where they are."""
    found: list[ExpressionPart] = []

    def add(node: Any) -> None:
        if isinstance(node, list):
            for value in node:
                add(value)
        elif isinstance(node, dict):
            word = str(node.get("function_name", "")).lower()
            if word in _OF_KNOWN:
                condition = _text(node["filter"]) if node.get("filter") else "true"
                found.append(ExpressionPart(_text(node["arguments"][0]["expression"]), condition))
            elif node.get("class") == "COLUMN_REF":
                found.append(ExpressionPart(_text(node)))
            elif not _is_aggregate(node) and node.get("type") not in _SAYS_WHAT_EMPTY_MEANS and word != "nullif":
                add(list(node.values()))

    add(expression.root)
    return found


def needed(expression: Expression) -> tuple[str, ...]:
    """The columns that an expression cannot do without: not those of which it says itself what an empty cell means."""
    return tuple(dict.fromkeys(name for part in parts(expression) for name in _needed_in(parse(part.sql))))


def _needed_in(part: Expression) -> tuple[str, ...]:
    return part.columns if part.root["class"] == "COLUMN_REF" else needed(part)


def _text(node: Any) -> str:
    """The SQL of a part of an expression."""
    return _written(json.dumps(node))


@lru_cache(maxsize=4096)
def _written(node: str) -> str:
    (held,) = _tree("select 1")["statements"]
    held = {**held, "node": {**held["node"], "select_list": [json.loads(node)]}}
    tree = json.dumps({"error": False, "statements": [held]})
    text = _parser.cursor().execute("select json_deserialize_sql(?)", [tree]).fetchall()[0][0]
    return str(text).removeprefix("SELECT ").rstrip(";")


def _is_aggregate(node: dict[str, Any]) -> bool:
    return node.get("class") == "FUNCTION" and node.get("function_name", "").lower() in AGGREGATES


_ARITHMETIC = {"+", "-", "*", "%"}
_PASS_OVER_NULL = {"greatest", "least", "concat"}  # SQL leaves out what is empty there
# What is summed or compared must be known for every row that is there; a sum over nobody is 0.
_OF_KNOWN = {
    "sum": "case when count(*) filter (where _f and _e and _x is null) > 0 then null "
    "else coalesce(sum(_x) filter (where _f and _e), 0) end",
    "min": "case when count(*) filter (where _f and _e and _x is null) > 0 then null "
    "else min(_x) filter (where _f and _e) end",
    "max": "case when count(*) filter (where _f and _e and _x is null) > 0 then null "
    "else max(_x) filter (where _f and _e) end",
}


def bind(
    expression: Expression,
    name: Callable[[str, bool], str],
    *,
    count: str | None = None,
    there: Callable[[str], str | None] = lambda _: None,
    wide: Callable[[str], str] = lambda _: "",
) -> str:
    """The expression's SQL with every column replaced by `name(column, inside_aggregate)`, itself SQL of a plain operand.

    What is missing makes unknown whatever needs it: also in sum, min, max, greatest, least, concat and case, which in SQL
    pass over it. Only coalesce, nullif, is null, count and filter say something of an empty cell.

    `count`: what count(*) counts, a column that is NULL where there is nothing to count. `there`: for a column, another one
    that is NULL where its table has no row. `wide`: the type in which a column is reckoned with.
    """

    return f"({_text(_Binder(name, count, there, wide).rewrite(expression.root, False))})"


class _Binder:
    """Rewrites the parts of one expression; see bind."""

    def __init__(
        self,
        name: Callable[[str, bool], str],
        count: str | None,
        there: Callable[[str], str | None],
        wide: Callable[[str], str],
    ) -> None:
        self.name, self.count, self.there, self.wide = name, count, there, wide

    def rewrite(self, node: Any, inside: bool) -> Any:
        if isinstance(node, list):
            return [self.rewrite(value, inside) for value in node]
        if not isinstance(node, dict):
            return node
        if node.get("class") == "COLUMN_REF":
            return _operand(self.name(".".join(node["column_names"]), inside))
        word = str(node.get("function_name", "")).lower()
        if word in _OF_KNOWN:
            return self._of_known(word, node)
        inside = inside or _is_aggregate(node)
        given = node
        node = {key: self.rewrite(value, inside) for key, value in node.items()}
        if word == "count_star" and self.count is not None:
            node |= {"function_name": "count", "arguments": [{"name": "", "expression": _operand(self.count)}]}
            node["qualified_name"] = {"path": ["count"]}
        if word in _ARITHMETIC:
            node["arguments"] = [
                after | {"expression": _cast(after["expression"], _width(before["expression"], self.wide))}
                for before, after in zip(given["arguments"], node["arguments"], strict=True)
            ]
        if word in ROUNDED:  # of whole numbers DuckDB makes floats there; of decimals it does not
            decimal = _filled("_x + 0.0", _x=node["arguments"][0]["expression"])
            node["arguments"] = [node["arguments"][0] | {"expression": decimal}, *node["arguments"][1:]]
        if word in _PASS_OVER_NULL:
            parts = {f"_a{i}": argument["expression"] for i, argument in enumerate(node["arguments"])}
            unknown = " or ".join(f"{part} is null" for part in parts)
            return _filled(f"case when {unknown} then null else {word}({', '.join(parts)}) end", **parts)
        if node.get("class") == "CASE":
            node["case_checks"] = [each for check in node["case_checks"] for each in _known_first(check)]
        return node

    def _of_known(self, word: str, node: dict[str, Any]) -> Any:
        argument = node["arguments"][0]["expression"]
        sources = dict.fromkeys(
            self.there(".".join(n["column_names"])) for n in walk(argument) if n["class"] == "COLUMN_REF"
        )
        rows = [f"{column} is not null" for column in sources if column] or (
            [f"{self.count} is not null"] if self.count else []
        )
        given = node.get("filter")
        return _filled(
            _OF_KNOWN[word].replace(f"{word}(_x", f"{word}(distinct _x") if node.get("distinct") else _OF_KNOWN[word],
            _x=self.rewrite(argument, True),
            _f=self.rewrite(given, True) if given else _operand("true"),
            _e=_operand(" and ".join(rows) or "true"),
        )


def _known_first(check: dict[str, Any]) -> list[dict[str, Any]]:
    """An arm of a case after one that is taken where the arm's condition is not known: the value is then not known either."""
    unknown = _filled("_x is null", _x=check["when_expr"])
    return [{"when_expr": unknown, "then_expr": _operand("null")}, check]


def _width(node: dict[str, Any], wide: Callable[[str], str]) -> str:
    """The type in which an operand of arithmetic is reckoned with; "" where it stays as it is."""
    if node["class"] == "COLUMN_REF":
        return wide(".".join(node["column_names"]))
    literal = node.get("literal") or {}
    text = str(literal.get("text", ""))
    if literal.get("kind") == "INTEGER" and len(text) <= WIDEST:
        return "hugeint"
    if literal.get("kind") == "NUMERIC" and len(text) <= WIDEST:
        return f"decimal({WIDEST}, {len(text.partition('.')[2])})"
    return ""


def _cast(node: Any, to: str) -> Any:
    return _filled(f"cast(_x as {to})", _x=node) if to else node


def _operand(sql: str) -> Any:
    return json.loads(_serialized(sql))


def _filled(sql: str, **parts: Any) -> Any:
    """The tree of an SQL text of ours in which other trees stand for the names."""
    return _put(_operand(sql), parts)


def _put(node: Any, parts: Mapping[str, Any]) -> Any:
    """A tree in which other trees stand for the columns of these names."""
    if isinstance(node, list):
        return [_put(value, parts) for value in node]
    if not isinstance(node, dict):
        return node
    if node.get("class") == "COLUMN_REF" and (name := ".".join(node["column_names"])) in parts:
        return parts[name]
    return {key: _put(value, parts) for key, value in node.items()}


@lru_cache(maxsize=4096)
def _serialized(sql: str) -> str:
    return json.dumps(_tree(f"select {sql}")["statements"][0]["node"]["select_list"][0])


def outcomes(node: Any, column: str, values: Iterable[Any]) -> set[Any] | None:
    """What a part of a parse tree that reads one column comes to for each of some texts; None where that cannot be said."""
    texts = list(values)
    if not all(isinstance(value, str) for value in texts):
        return None
    select = f"select {_text(_put(node, {column: _operand('v')}))} from (select unnest(?::varchar[]) as v)"
    try:
        rows = _parser.cursor().execute(select, [texts]).fetchall()
    except duckdb.Error:
        return None
    return {value for (value,) in rows if value is not None}
