"""Why an expression cannot stand: the nearest cause, looked for in its text.

Lives here: names that need double quotes, Chinese punctuation, open quotes and brackets, operators of other languages.
Not here: what an expression may hold (database/expression.py), which names there are (the callers give them).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from allocator.database.expression import BadExpression, parse
from allocator.database.names import quoted
from allocator.read.punctuation import SIGNS, blanked, first_sign, sign_params

# Found while an expression is parsed; the others come from what its names mean.
_OF_SYNTAX = {
    "expression-syntax", "expression-unfinished", "expression-brackets", "expression-statements", "expression-function",
    "expression-form", "expression-chained", "expression-division",
}  # fmt: skip
_OPERATORS = {
    "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "=>": ">=", "=<": "<=", "=!": "<>", "><": "<>",
}  # fmt: skip
_OPERATOR = re.compile(r"&&|\|\||=>|=<|=!|><|\*\*|[&|^@~#?$\\{}\[\]]|!(?!=)")
_THOUSANDS = re.compile(r"(?<![\w.])\d{1,3}(,\d{3})+(?![\w.])")
_MOST_NAMES = 2_000

Cause = tuple[str, dict[str, object]]


def cause(bad: BadExpression, sql: str, names: Iterable[str] = (), near: str | None = None) -> Cause | None:
    """The code of a fault that says more than `bad` does, with its parameters; None where `bad` says it best.

    names: the columns, parameters and figures that there are.
    """
    if bad.code == "unknown-column":
        return _of_name(bad.found, sql, names, near)
    if bad.code not in _OF_SYNTAX:
        return None
    names = list(names)
    bare = blanked(sql)
    if sign := first_sign(_without(sql, [name for name in names if any(char in SIGNS for char in name)])):
        return "expression-sign", sign_params(sign[1])
    if written := _with_quotes(sql, names):
        return written
    if bad.code in ("expression-syntax", "expression-unfinished", "expression-statements"):
        if "'" in bare or '"' in bare:
            return "expression-open-quote", {}
        if bare.count("(") != bare.count(")"):
            return "expression-brackets", {}
    if number := _THOUSANDS.search(bare):
        return "expression-thousands", {"what": number[0], "write": number[0].replace(",", "")}
    if bad.code in ("expression-statements", "expression-division"):
        return None
    if (operator := _OPERATOR.search(bare)) and bad.code != "expression-chained":
        write = _OPERATORS.get(operator[0])
        return (
            ("expression-operator", {"what": operator[0], "write": write})
            if write
            else ("expression-no-operator", {"what": operator[0]})
        )
    if bad.code == "expression-function" and bad.found not in bare.lower():
        return "expression-comma" if "," in bare else "expression-other-form", {}  # a name that DuckDB alone gives it
    return None


def _of_name(name: str, sql: str, names: Iterable[str], near: str | None) -> Cause | None:
    """Why a name is not known: it was cut out of one that needs quotes, or it holds a Chinese sign."""
    sign = next((char for char in name if char in SIGNS), None)
    if sign is not None and (near is None or sign not in near):
        return "expression-sign", sign_params(sign)
    return _with_quotes(sql, [other for other in names if not re.fullmatch(r"\w+", other)])


def _with_quotes(sql: str, names: Iterable[str]) -> Cause | None:
    """The names that need double quotes and have none, if the expression can be read with them."""
    spots = _unquoted(sql, names)
    by_name = [[spot for spot in spots if spot[2] == name] for name in dict.fromkeys(name for _, _, name in spots)]
    for chosen in (
        spots,
        *by_name,
        *([spot] for spot in spots),
    ):  # a word such as "and" may be a name in one place only
        written = sql
        for start, end, name in sorted(chosen, reverse=True):
            written = written[:start] + quoted(name) + written[end:]
        try:
            parse(written)
        except BadExpression:
            continue
        told = dict.fromkeys(quoted(name) for _, _, name in chosen)
        return ("expression-needs-quotes", {"names": list(told), "write": _as_yaml(written)}) if told else None
    return None


def _unquoted(sql: str, names: Iterable[str]) -> list[tuple[int, int, str]]:
    """Where names stand that need double quotes and have none, the longer name first."""
    bare, spots = blanked(sql), []
    for name in sorted({n for n in names if n and "." not in n}, key=len, reverse=True)[:_MOST_NAMES]:
        pattern = re.compile(rf"(?<![\w\"]){re.escape(name)}(?![\w\"])", re.IGNORECASE)
        found = [(match.start(), match.end(), name) for match in pattern.finditer(bare)]
        if found and not _stands_alone(name):
            spots += found
            bare = pattern.sub(lambda match: " " * len(match[0]), bare)
    return spots


def _without(sql: str, names: list[str]) -> str:
    for name in names:
        sql = sql.replace(name, "x" * len(name))
    return sql


def _stands_alone(name: str) -> bool:
    try:
        return parse(name).columns == (name,)
    except BadExpression:
        return False


def _as_yaml(sql: str) -> str:
    return "'" + sql.replace("'", "''") + "'"
