"""The key of a compiled problem: equal keys have the same best plan, whatever the files say besides.

Lives here: what the plan depends on, hashed: the arrays, what the soft rules' misses cost, all that the objectives read,
the seed of the draw.
Not here: the identity of a model's content (model/identity.py), who looks for an answer (entries.py, answer/hints.py).

Why it is sound: the plan follows from the problem's arrays, from what each objective asks, and from the draw. What an
objective asks follows from its declared fields, from what it reads of the tables, and from the answers it gets; the best
value of each question follows from the ones before. An objective reads before it asks (model/objective.py), so its reading
is heard by running it up to its first question. Words, names, indicators and columns that nobody reads are never heard.
Figures alone are hashed, not the SQL that fetched them: "score" and "score + 0" are told apart by the declared fields.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, NoReturn, cast

import numpy as np
from pydantic import BaseModel

from allocator.database.judged import judged
from allocator.model.objective import Objective
from allocator.model.query import Entries, Figures, Groups, Ints, Relation, Rows, Stage, StageAnswer, Tables
from allocator.model.shared_out import SharedOut
from allocator.problem import Problem

WORDS = {"id", "text", "clause", "ours"}  # of an objective: they name it and decide nothing
_QUERIES = {"fetch", "rows"}
_OPAQUE = {"conditions", "former"}  # give a name to ask further with; what is read there comes through fetch and rows


def problem_key(problem: Problem) -> str:
    """SHA-256, 64 hexadecimal digits. Raises InputError where an objective lacks a figure."""
    told = _KeyHash()
    told.say("draw", problem.model.policy.seed)
    told.bytes("cells", _cells(problem).encode("utf-8"))
    for array in (problem.lower, problem.upper, problem.row_lower, problem.row_upper):
        told.array(array)
    for array in (problem.matrix.start, problem.matrix.column, problem.matrix.value):
        told.array(array)
    told.array(problem.misses.column)
    told.say("misses", [[problem.rules[r].id, str(p)] for r, p in zip(problem.misses.rule, problem.misses.price)])
    for index, objective in enumerate(problem.model.policy.objectives):
        told.say("objective", [objective.kind, objective.model_dump(mode="json", exclude=WORDS)])
        judged(problem.model, ("objectives", index), lambda objective=objective: _hear(objective, problem, told))  # type: ignore[misc]
    return told.whole.hexdigest()


def _hear(objective: Objective, problem: Problem, told: _KeyHash) -> None:
    with suppress(_Asked):
        objective.pursue(cast(Tables, _Heard(problem.tables, told)), _FirstQuestion(problem), Fraction(objective.give))


class _Asked(Exception):
    pass


class _FirstQuestion:
    """An Asker that ends at the first question: what comes after it follows from what was told before."""

    def __init__(self, problem: Problem) -> None:
        self.columns = problem.columns

    def ask(
        self,
        stage: Stage,
        *,
        hold: bool = True,
        give: Fraction = Fraction(0),
        under: Sequence[Rows] = (),
        accept: Callable[[StageAnswer], bool] | None = None,
    ) -> NoReturn:
        raise _Asked

    def relaxed(self, stage: Stage, *, under: Sequence[Rows] = ()) -> NoReturn:
        raise _Asked

    def require(self, rows: Rows, because: SharedOut | None = None) -> Ints:
        first, self.columns = self.columns, self.columns + len(rows.helper_upper)
        return np.arange(first, self.columns, dtype=np.int64)

    def misses(self, rules: Sequence[str] | None) -> Stage:
        raise _Asked

    def span(self, entries: tuple[Ints, Ints, Ints], groups: int) -> NoReturn:
        raise _Asked

    def joint(self, entries: tuple[Ints, Ints, Ints], groups: int) -> NoReturn:
        raise _Asked

    def go_on(self) -> None:
        """The key has no limit."""


class _Heard:
    """The model's tables; every answer they give is told."""

    def __init__(self, tables: Tables, told: _KeyHash) -> None:
        self.tables, self.told = tables, told

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in vars(Tables):
            raise AttributeError(name)
        method = getattr(self.tables, name)
        if not callable(method):  # the axes: the names of the cells tell them
            return method

        def answered(*args: Any, **options: Any) -> Any:
            answer = method(*args, **options)
            self.told.say("asked", name)
            if name in _QUERIES and "order by" not in str(args[0]).lower():
                self.told.answer(_in_order(answer))
            elif name not in _OPAQUE:
                self.told.answer(answer)
            return answer

        return answered


class _KeyHash:
    """A hash over values, each with its kind and length: no two lists of values run into one another."""

    def __init__(self) -> None:
        self.whole = hashlib.sha256()

    def say(self, what: str, value: Any) -> None:
        self.bytes(what, json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain).encode("utf-8"))

    def array(self, values: Any) -> None:
        held = np.ascontiguousarray(values)
        self.bytes(held.dtype.str, held.tobytes())

    def bytes(self, what: str, data: bytes) -> None:
        self.whole.update(f"{what} {len(data)} ".encode())
        self.whole.update(data)

    def answer(self, answer: Any) -> None:
        """What a question to the tables was answered with."""
        match answer:
            case Groups():
                self.say("groups", [answer.labels, answer.of, answer.by])
            case Entries():
                self.say("entries", answer.scale)
                for array in (answer.gid, answer.col, answer.mark, answer.lower, answer.upper, answer.value):
                    self.array(array)
            case Relation():  # its rows come through fetch and rows
                self.say("relation", answer.scale)
            case Figures():
                self.say("figures", answer.scale)
                self.array(np.where(answer.given, answer.number, 0))
                self.array(answer.given)
            case Mapping():
                self.say("columns", [[key, None if isinstance(v, np.ndarray) else v] for key, v in answer.items()])
                for value in answer.values():
                    if isinstance(value, np.ndarray):
                        self.array(value)
            case list() | tuple():
                self.say("rows", answer)
            case _:
                raise TypeError(f"an answer of a kind that the key does not know: {type(answer).__name__}")


def _cells(problem: Problem) -> str:
    """The names of the cells, as JSON."""
    quoted = {text: json.dumps(str(text), ensure_ascii=False) for text in {*problem.unit, *problem.program}}
    named = zip(problem.unit, problem.program, problem.period.tolist(), strict=True)
    return "[" + ", ".join([f"[{quoted[unit]}, {quoted[program]}, {period}]" for unit, program, period in named]) + "]"


def _in_order(answer: Any) -> Any:
    """The rows of a query that asks for no order, sorted: the database gives them in any."""
    if isinstance(answer, Mapping):
        place = np.lexsort(tuple(answer.values())) if answer else ()
        return {name: values[place] for name, values in answer.items()}
    return sorted(answer, key=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return [type(value).__name__, value.model_dump(mode="json")]
    return [type(value).__name__, str(value)]  # Decimal, Fraction, numpy's whole numbers
