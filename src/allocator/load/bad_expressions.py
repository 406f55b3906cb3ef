"""What is told of an expression that cannot stand: the fault, the expression and the cells in it as a message shows them.

Lives here: the fault of a BadExpression, the words for what an expression gives, how an expression and a label are shown.
Not here: the nearest cause of the mistake (mistakes.py), where expressions are checked (references.py, evaluation.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from allocator.database.expression import BadExpression
from allocator.faults import Fault, Place
from allocator.load.mistakes import cause
from allocator.model.query import Label
from allocator.read.written import near_figure
from allocator.words import Say
from allocator.words import known as known_words

_SHOWN = 80  # characters of an expression in a message
_FAILED = (
    "expression-types",
    "expression-too-large",
    "expression-six-places",
    "expression-by-zero",
    "expression-memory",
    "expression-slow",
)


def bad_expression(
    bad: BadExpression, place: Place, sql: str, near: str | None = None, names: Iterable[str] = ()
) -> Fault:
    """The fault that says why an expression cannot stand; `names`: those that it could have used."""
    if (known := cause(bad, sql, names, near)) is not None:
        code, params = known
        return Fault(code, place, {"expression": short(sql), **params})
    if near is None and bad.code == "expression-syntax":
        near = near_figure(sql)
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


def label_text(label: Label) -> str:
    """The group or cell that a message is about."""
    return ", ".join(str(part) for part in label) or "-"
