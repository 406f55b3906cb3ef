"""Several runs side by side, as the tables that a book is made of: what `allocator compare` tells.

Lives here: the plans, their figures, who moves from the first plan to each other one; in one language.
Not here: the comparison itself (compare/comparison.py), the sheets (book/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial

from allocator.answer import answer
from allocator.compare.comparison import (
    Ask,
    Comparison,
    Pair,
    Party,
    figures,
    kinds,
    side_by_side,
    told_years,
    unit_values,
)
from allocator.compare.moves import KINDS, Move
from allocator.compare.plans import distinct
from allocator.explain.names import Names
from allocator.publish.content import Cell, Column, Content, Row, Table, Value
from allocator.publish.found import Found
from allocator.publish.made import day_of, number_of
from allocator.read.stored import ALLOCATION
from allocator.report.called import called
from allocator.report.compare import titles, told_of_pair, value_of
from allocator.runs.write import STORE
from allocator.words import Lang

NAME, NUMBER, TEXT = 24, 12, 48  # widths of columns
SECTIONS = ("objectives", "indicators", "awards", "evenness")


def compared(founds: Sequence[Found], ask: Ask | None = None) -> Comparison:
    """Runs that were found out about, each against the first. ask: finds the nearest of equal plans; nothing is written."""
    parties = [
        Party(one.run.name, one.run.model, one.status, one.facts.audit, tuple(one.run.manifest.get("in_play", ())))
        for one in founds
    ]
    return side_by_side(distinct(parties), ask or (lambda model: answer(model, STORE, write=False)))


def comparison_content(founds: Sequence[Found], comparison: Comparison, lang: Lang) -> Content:
    """The comparison in one language."""
    made = _Tables(comparison, [number_of(one.run.files[ALLOCATION]) for one in founds], lang)
    names = made.names[0]
    illustrative = dict.fromkeys(name for one in founds for name in one.run.model.policy.illustrative)
    said = [names.say("report.illustrative", names=names.listed(map(names.illustrative, illustrative)))]
    return Content(
        names,
        names.say("report.compare.title"),
        tuple(said) if illustrative else (),
        tuple(made.tables()),
        " / ".join(made.numbers),
        " / ".join(one.run.folder.name for one in founds),
        founds[0].run.id,
        max(day_of(one.run) for one in founds),
    )


class _Tables:
    """The tables of one comparison in one language."""

    def __init__(self, found: Comparison, numbers: Sequence[str], lang: Lang) -> None:
        self.found, self.numbers = found, numbers
        self.names = [Names(party.model, lang) for party in found.parties]
        self.say = self.names[0].say

    def tables(self) -> Iterator[Table]:
        yield self.plans()
        yield self.side_by_side()
        for number, (pair, names) in enumerate(zip(self.found.pairs, self.names[1:], strict=True), 2):
            yield _PairTables(pair, names, number).counts()
            yield _PairTables(pair, names, number).moves()

    def plans(self) -> Table:
        heads = [("plan", NAME), ("called", TEXT), ("status", NAME)]
        columns = [Column(self.say(f"report.compare.{code}"), width=width) for code, width in heads]
        columns += [
            Column(self.say("report.compare.count"), "number", NUMBER),
            Column(self.say("book.number"), width=NUMBER),
        ]
        rows = []
        for party, names, number in zip(self.found.parties, self.names, self.numbers, strict=True):
            policy = party.model.policy
            word = called(party.status, objectives=bool(policy.objectives), drawn=policy.seed is not None)
            total = None if party.plan is None else sum(award.amount for award in party.plan.awards)
            status = self.say(f"report.runs.state.{word}")
            told = (party.name, names.text(policy.title), status, total, number)
            rows.append(Row(tuple(map(Cell, told))))
        return Table("plans", self.say("book.compare.plans"), tuple(columns), tuple(rows))

    def side_by_side(self) -> Table:
        """Every figure of each plan, and whether the plans differ in it."""
        held = [dict(figures(party)) for party in self.found.parties]
        named: dict[str, tuple[str, str]] = {}
        for party, names in reversed(list(zip(self.found.parties, self.names, strict=True))):
            named |= titles(party, names)
        columns = [
            Column(self.say("book.compare.what"), width=NAME),
            Column(self.say("book.compare.figure"), width=TEXT),
        ]
        columns += [Column(party.name, "number", NUMBER) for party in self.found.parties]
        columns += [Column(self.say("book.compare.unlike"), width=10)]
        every = list(dict.fromkeys(name for one in held for name in one))
        rows = [
            self._figure(section, named[name][1], [one.get(name) for one in held])
            for section in SECTIONS
            for name in every
            if named.get(name, ("",))[0] == section
        ]
        rows += [
            self._figure("quotas", named[f"awards.{name.removeprefix('quotas.')}"][1], [one.get(name) for one in held])
            for name in every
            if name.startswith("quotas.") and len({one.get(name) for one in held}) > 1
        ]
        return Table("figures", self.say("book.compare.figures"), tuple(columns), tuple(rows))

    def _figure(self, section: str, title: str, values: Sequence[str | Fraction | None]) -> Row:
        code = "book.compare.quotas" if section == "quotas" else f"report.compare.{section}"
        told = [Cell(self._value(value)) for value in values]
        unlike = self.say("book.compare.yes") if len(set(values)) > 1 else ""
        return Row((Cell(self.say(code)), Cell(title), *told, Cell(unlike)))

    def _value(self, value: str | Fraction | None) -> Value:
        """A figure as a number wherever it is one: a quota may be an expression, an objective many values."""
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        return value if isinstance(value, Fraction) else value_of(value, self.names[0])


class _PairTables:
    """The first plan and another one; number: which it is."""

    def __init__(self, pair: Pair, names: Names, number: int) -> None:
        self.pair, self.names, self.number, self.say = pair, names, number, names.say
        self.model = pair.second.model
        self.columns = kinds(self.model)
        self.values: Mapping[str, Mapping[str, object]] = unit_values(self.model, self.columns)

    def counts(self) -> Table:
        """How many gain and lose, by program and by each column that sorts the units."""
        columns = (
            Column(self.say("book.compare.by"), width=NAME),
            Column(self.say("book.compare.which"), width=NAME),
            *(Column(self.say(f"report.compare.kind.{_code(kind)}"), "number", NUMBER) for kind in KINDS),
        )
        rows = self._counted(
            self.names.column("program"), self.pair.count(lambda move: move.program), self.names.program
        )
        for column in self.columns:
            counted = self.pair.count(partial(self._of_unit, column))
            rows += self._counted(self.names.column(column), counted, partial(self._value, column))
        return Table(
            f"counts-{self.number}",
            self._title("counts"),
            columns,
            tuple(rows),
            tuple(told_of_pair(self.pair, self.say)),
        )

    def moves(self) -> Table:
        groups = self.model.unit_groups
        heads = [Column(self.say("report.compare.move.unit"), width=NAME)]
        heads += [Column(self.names.column(group), width=NAME) for group in groups]
        heads += [
            Column(self.say(f"report.compare.move.{code}"), width=NAME)
            for code in ("program", "change", "before", "after")
        ]
        rows = tuple(self._move(move) for move in self.pair.moves or ())
        notes = () if rows else (self.say("report.compare.same"),)
        return Table(f"moves-{self.number}", self._title("moves"), tuple(heads), rows, notes)

    def _title(self, what: str) -> str:
        return self.say(f"book.compare.{what}", first=self.pair.first.name, second=self.pair.second.name)

    def _counted(self, by: str, counted: Mapping[object, Mapping[str, int]], name: object) -> list[Row]:
        return [
            Row((Cell(by), Cell(str(name(value))), *(Cell(count.get(kind)) for kind in KINDS)))  # type: ignore[operator]
            for value, count in counted.items()
        ]

    def _of_unit(self, column: str, move: Move) -> object:
        return self.values.get(move.unit, {}).get(column)

    def _value(self, column: str, value: object) -> str:
        return "–" if value is None else self.names.value(column, str(value))

    def _move(self, move: Move) -> Row:
        decides = self.pair.decides(move)
        own = self.values.get(move.unit, {})
        groups = [self._value(group, own.get(group)) for group in self.model.unit_groups]
        years = [told_years(when, decides) or "–" for when in (move.before, move.after)]
        change = self.say(f"report.compare.kind.{_code(move.kind)}")
        return Row(
            tuple(map(Cell, (self.names.unit(move.unit), *groups, self.names.program(move.program), change, *years))),
            about=move.unit,
        )


def _code(kind: str) -> str:
    return kind.replace(" ", "-")
