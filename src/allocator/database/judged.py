"""Work on what a policy declares: a figure that is missing, too large, too fine or none at all becomes a fault with its place.

Lives here: the fault, the place of a declaration.
Not here: whoever does the work (problem/, solve/, audit/), the same told of every expression of a model (load/evaluation.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from allocator.database.connection import Failed
from allocator.database.expression import BadExpression
from allocator.faults import Fault, InputError
from allocator.model.model import Model
from allocator.model.query import NotKnown, TooFine
from allocator.model.rule import Rule

T = TypeVar("T")


def place_of(model: Model, rule: Rule) -> tuple[str | int, ...]:
    """The path of a rule's declaration: its own entry, or the program that declares it as a property."""
    for index, declared in enumerate(model.policy.rules):
        if declared.id == rule.id:
            return ("rules", index)
    program = rule.id.rsplit(".", 1)[0]
    return ("programs", model.family_of.get(program, program), rule.id.rsplit(".", 1)[-1])


def judged(model: Model, path: tuple[str | int, ...], work: Callable[[], T]) -> T:
    """The work's result. Raises InputError."""
    try:
        return work()
    except NotKnown as unknown:
        told = {"expression": unknown.what, "label": ", ".join(map(str, unknown.label)) or "-"}
        fault = Fault("figure-missing", model.place(*path), told)
    except TooFine as fine:
        fault = Fault("figure-too-fine", model.place(*path), {"expression": fine.what})
    except OverflowError:
        fault = Fault("figure-too-large", model.place(*path))
    except BadExpression as bad:
        expression = bad.expected or bad.found or str(path[-1])
        if isinstance(bad, Failed):  # which of several is not known here
            expression = bad.expected or ".".join(map(str, path))
        fault = Fault(bad.code, model.place(*path), {"expression": expression, "what": bad.found}, bad.found or None)
    raise InputError([fault])
