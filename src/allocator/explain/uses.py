"""How the best plan depends on one value of a model, read off the expressions of the policy.

Lives here: which expressions read a value; the values at which a condition on it turns; whether it is a price and nothing else.
Not here: what follows for the plan (along.py), the SQL of an expression (database/expression.py).

An expression that reads the value in any other way than by comparing it with figures that are known, or as a price that follows
it evenly, makes `even` False: then nothing is said of values that were not tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allocator.database.expression import AGGREGATES, BadExpression, parse
from allocator.database.names import ColumnNames
from allocator.explain.datum import Datum
from allocator.model.fields import Refers, Uses, marks
from allocator.model.model import Model
from allocator.model.objective import Objective
from allocator.model.source import PAST

MOST_CUTS = 400  # different values that one column compares with
_REFERS = ("columns", "units_column")


@dataclass(frozen=True)
class Dependence:
    """read: whether any plan can depend on the value. cuts: where a condition turns; between two of them the rows, the cells and
    the bounds are the same. even: so it is, and each objective's prices follow the value along a line. priced: the objectives
    whose prices do. shared: those of them that share places out by weights. owners: what reads it, as (section, id)."""

    read: bool
    cuts: frozenset[Decimal] = frozenset()
    even: bool = True
    priced: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()


class _Uneven(Exception):
    """The value is read in a way of which nothing is known."""


def dependence(model: Model, datum: Datum) -> Dependence:
    if datum.source == PAST:
        return _of_the_past(model, datum)
    return _Reader(model, datum).found()


def _of_the_past(model: Model, datum: Datum) -> Dependence:
    """Awards before the plan are read by rules of their own ways: every one that names the program is taken to."""
    owners: list[tuple[str, str]] = []
    for section, name, held in declarations(model):
        named = [value for _, mark, value in marks(held) if isinstance(mark, Refers)]
        names = {one for value in named for one in (value if isinstance(value, tuple) else (str(value),))}
        texts = [value for _, mark, value in marks(held) if isinstance(mark, Uses)]
        about = names & {datum.column, "all", model.family_of.get(datum.column, datum.column)}
        if about or getattr(held, "past", False) or any(_names_past(text) for text in texts):
            owners.append((section, name))
    if datum.column in model.programs:
        owners.append(("programs", model.family_of.get(datum.column, datum.column)))
    return Dependence(bool(owners), frozenset(), False, owners=tuple(dict.fromkeys(owners)))


def _names_past(sql: str) -> bool:
    try:
        return any(name.startswith("past.") for name in parse(sql).columns)
    except BadExpression:
        return True


def declarations(model: Model) -> Iterator[tuple[str, str, Any]]:
    """All that a plan follows from: programs, rules, objectives, figures, each as (section, id, declaration)."""
    for name, program in model.policy.programs.items():
        yield "programs", name, program
    for rule in model.policy.rules:
        yield "rules", rule.id, rule
    for objective in model.policy.objectives:
        yield "objectives", objective.id, objective
    for name, figure in model.policy.figures.items():
        yield "figures", name, figure


def tied(model: Model) -> dict[tuple[str, str], frozenset[str]]:
    """The programs that each rule and each objective ties together; a program's own fields tie it to those they name."""
    every = frozenset(model.policy.programs)
    found: dict[tuple[str, str], frozenset[str]] = {}
    rules: dict[str, frozenset[str]] = {}
    for section, name, held in declarations(model):
        if section == "figures":
            continue
        named = {name} if section == "programs" else set()
        for _, mark, value in marks(held):
            if isinstance(mark, Refers) and mark.to in ("programs", "program"):
                for one in value if isinstance(value, tuple) else (value,):
                    named |= every if one == "all" else every & {model.family_of.get(one, one)}
            elif isinstance(mark, Uses):
                named |= _named_in(model, value)
        if section == "rules":
            rules[name] = frozenset(named) or every
        if section == "objectives":
            missed = held.misses_of()
            of = rules if missed is None else missed
            for rule in of:
                soft = next((one for one in model.policy.rules if one.id == rule), None)
                if soft is None:
                    named |= every
                elif soft.soft is not None:
                    named |= rules[rule]
        found[section, name] = frozenset(named) or every
    return found


def _named_in(model: Model, sql: str) -> set[str]:
    """The programs whose awards an expression counts."""
    try:
        columns = parse(sql).columns
    except BadExpression:
        return set(model.policy.programs)
    found: set[str] = set()
    for column in columns:
        head, _, last = column.partition(".")
        if head in ("past", "awarded"):
            named = {model.family_of.get(last, last)} & set(model.policy.programs)
            found |= set(model.policy.programs) if last == "all" else named
        if head in model.families:
            found.add(head)
    return found


def _program_of(model: Model, datum: Datum) -> str | None:
    """The program whose awards alone can read a row of a table, where the table has a row a program."""
    if datum.source is None or datum.source.kind not in ("table", "family"):
        return None
    key = "program" if "program" in model.key_of(datum.source) else None
    return None if key is None else str(model.table_of(datum.source).columns[key].values[datum.row])


class _Reader:
    def __init__(self, model: Model, datum: Datum) -> None:
        self.model, self.datum = model, datum
        self.names = ColumnNames(model)
        self.program = _program_of(model, datum)
        self.tied = None if self.program is None else tied(model)
        self.cuts: set[Decimal] = set()
        self.even = True
        self.priced: dict[str, str] = {}
        self.owners: dict[tuple[str, str], None] = {}

    def found(self) -> Dependence:
        for section, name, held in declarations(self.model):
            if self._of_other_programs(section, name):
                continue
            for path, mark, value in marks(held):
                if section == "programs" and path == ("score",):
                    continue  # told beside the plan; no plan follows from it
                if isinstance(mark, Uses):
                    self._expression(section, name, held, path, value)
                elif mark.to in _REFERS and self._groups(value):
                    self.even = False
                    self.owners[section, name] = None
        if self._ties_tables():
            self.even = False
            self.owners["tables", self.datum.column] = None
        shared = tuple(name for name, way in self.priced.items() if way == "shares")
        if shared:
            self.cuts.add(Decimal(0))
            self.even = self.even and len(shared) == len(self.priced)
        objectives = self.model.policy.objectives
        first = next((n for n, one in enumerate(objectives) if one.id in self.priced), len(objectives))
        self.even = self.even and not any(one.give for one in objectives[first:])
        few = len(self.cuts) <= MOST_CUTS
        return Dependence(
            bool(self.owners),
            frozenset(self.cuts if few else ()),
            self.even and few,
            tuple(self.priced),
            shared,
            tuple(self.owners),
        )

    def _of_other_programs(self, section: str, name: str) -> bool:
        """Whether a declaration is about programs to which the row of the value does not belong."""
        if self.program is None or self.tied is None or section == "figures":
            return False
        if section == "programs":
            return name != self.model.family_of.get(self.program, self.program)
        return self.model.family_of.get(self.program, self.program) not in self.tied[section, name]

    def _ties_tables(self) -> bool:
        """Whether the value says which row of another table, or which group, belongs to a unit."""
        if self.datum.source is None:
            return False
        keys = {key for table in self.model.policy.tables.values() for key in table.key}
        return self.datum.column in {*self.model.policy.groups, *keys}

    def _groups(self, value: Any) -> bool:
        return any(self._is(name) for name in (value if isinstance(value, tuple) else (value,)))

    def _is(self, name: str) -> bool:
        try:
            ref = self.names.look_up(name)
        except BadExpression:
            return False
        if self.datum.source is None:
            return ref.source is None and name == self.datum.column and name in self.model.policy.parameters
        return ref.source == self.datum.source and ref.column == self.datum.column

    def _expression(self, section: str, name: str, held: Any, path: tuple[Any, ...], sql: str) -> None:
        try:
            parsed = parse(sql)
        except BadExpression:
            return
        if not any(map(self._is, parsed.columns)):
            return
        self.owners[section, name] = None
        try:
            if isinstance(held, Objective) and (way := held.follows(path)):
                if way == "shares" and parsed.root["class"] != "COLUMN_REF":
                    raise _Uneven
                if self._degree(parsed.root) > 1:
                    raise _Uneven
                self.priced[name] = way
            else:
                self._turns(parsed.root)
        except _Uneven:
            self.even = False

    # Prices -----------------------------------------------------------------------------------------------------------

    def _degree(self, node: Any) -> int:
        """1 where a part follows the value along a line, 0 where it does not depend on it. Raises _Uneven."""
        if not self._reads(node):
            return 0
        kind, word = node["class"], str(node.get("function_name", "")).lower()
        if kind == "COLUMN_REF":
            return 1
        if kind == "FUNCTION" and word in ("+", "-"):
            return max(self._degree(part["expression"]) for part in node["arguments"])
        if kind == "FUNCTION" and word == "*":
            return sum(self._degree(part["expression"]) for part in node["arguments"])
        if node["type"] == "OPERATOR_COALESCE":
            return max(map(self._degree, node["children"]))
        if kind == "CASE" and not any(self._reads(check["when_expr"]) for check in node["case_checks"]):
            results = [check["then_expr"] for check in node["case_checks"]]
            return max(map(self._degree, (*results, node["else_expr"])))
        raise _Uneven

    # Conditions -------------------------------------------------------------------------------------------------------

    def _turns(self, node: Any) -> None:
        """Notes where a part turns. Raises _Uneven where it depends on the value in another way."""
        if not self._reads(node):
            return
        kind, word = node["class"], node["type"]
        if kind == "COMPARISON":
            self._compared(node["left"], node["right"])
        elif kind == "BETWEEN":
            self._compared(node["input"], node["lower"], node["upper"])
        elif word in ("COMPARE_IN", "COMPARE_NOT_IN"):
            self._compared(*node["children"])
        elif kind == "FUNCTION" and str(node["function_name"]).lower() in AGGREGATES:
            if any(self._reads(part["expression"]) for part in node["arguments"]):
                raise _Uneven
            self._turns(node["filter"])
        elif not (word in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL") and self._bare(node["children"][0])):
            for part in self._parts(node):
                self._turns(part)

    @staticmethod
    def _parts(node: Any) -> Iterator[Any]:
        """The conditions that a part is made of. Raises _Uneven where it is made in another way."""
        kind, word = node["class"], node["type"]
        if kind == "FUNCTION":
            yield from (part["expression"] for part in node["arguments"])
        elif kind == "CONJUNCTION" or word in ("OPERATOR_NOT", "OPERATOR_COALESCE"):
            yield from node["children"]
        else:
            raise _Uneven

    def _compared(self, first: Any, *others: Any) -> None:
        for other in others:
            if not self._reads(first) and not self._reads(other):
                continue
            own, against = (first, other) if self._reads(first) else (other, first)
            if self._reads(against) or not self._bare(own):
                raise _Uneven
            self.cuts.update(self._figures(against))

    def _bare(self, node: Any) -> bool:
        """The value itself, whatever stands for an empty cell."""
        if node["type"] == "OPERATOR_COALESCE":
            first, *others = node["children"]
            return self._bare(first) and not any(map(self._reads, others))
        return bool(node["class"] == "COLUMN_REF")

    def _figures(self, node: Any) -> Iterable[Decimal]:
        """What a part that does not depend on the value can come to: a number, a parameter, the figures of a column."""
        if node["class"] == "CONSTANT":
            literal = node.get("literal") or {}
            if literal.get("kind") in ("INTEGER", "NUMERIC"):
                return [Decimal(str(literal["text"]))]
        if node["class"] == "COLUMN_REF":
            return self._figures_of(".".join(node["column_names"]))
        raise _Uneven

    def _figures_of(self, name: str) -> Iterable[Decimal]:
        ref = self.names.look_up(name)
        if ref.source is None:
            declared = self.model.policy.parameters.get(name)
            values: Iterable[Any] = () if declared is None else (declared.value,)
        elif ref.source.kind in ("cell", "earlier"):
            values = self.model.policy.periods if name == "period" else ()
        else:
            values = set(self.model.table_of(ref.source).columns[ref.column].values) - {None}
        found = [
            Decimal(value) for value in values if isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        ]
        if not found:
            raise _Uneven
        return found

    def _reads(self, node: Any) -> bool:
        if isinstance(node, dict):
            if node.get("class") == "COLUMN_REF" and self._is(".".join(node["column_names"])):
                return True
            return any(self._reads(part) for part in node.values())
        return isinstance(node, list) and any(self._reads(part) for part in node)
