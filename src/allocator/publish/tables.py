"""Who gets what, as tables: the annex, each program, units by year, each group.

Lives here: their columns and rows, and the question behind each figure.
Not here: what is promised and proved (lists.py), the values they are made of (content.py), the facts (report/facts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Literal

from allocator.explain.names import Names
from allocator.model.program import NUMBER as NUMBER_SIGN
from allocator.model.query import literal
from allocator.publish.content import Cell, CellKind, Column, Row, Table
from allocator.publish.found import Found
from allocator.publish.question import Question
from allocator.report.facts import AnnexLine

NAME, NUMBER, TEXT = 18, 7, 40  # widths of columns


class AwardTables:
    """The tables of the awards of one run in one language."""

    def __init__(self, found: Found, names: Names) -> None:
        self.found, self.facts, self.names, self.model = found, found.facts, names, found.run.model
        self.periods = self.model.policy.periods
        self.programs = {line.program: line for line in self.facts.annex}
        units = self.model.units.columns
        self.units = sorted(map(str, units["unit"].values))
        self.groups = {
            column: dict(zip(map(str, units["unit"].values), units[column].values, strict=True))
            for column in self.model.unit_groups
        }
        self.amounts = dict(self.facts.audit.allocation.amounts)
        self.drawn = set() if self.facts.solution is None else set(self.facts.solution.drawn)
        self.by_hand = {
            (made.unit, made.program, period)
            for made in self.facts.by_hand
            for period in ((made.period,) if made.period is not None else self.periods)
        }

    def say(self, code: str, **params: object) -> str:
        return self.names.say(f"publish.{code}", **params)

    def tables(self) -> Iterator[Table]:
        yield self.annex()
        for line in self.facts.annex:
            yield self.program(line)
        yield self.by_unit()
        for column in self.model.unit_groups:
            for key in self.model.groups[column].columns["id"].values:
                yield self.group(column, str(key))

    # The annex --------------------------------------------------------------------------------------------------------

    def annex(self) -> Table:
        """One row a program: what is awarded in each year, where and by whom."""
        held = [action for line in self.facts.annex if (action := self._action(line)) in self.model.policy.actions]
        several = len(set(held)) < len(held)
        columns = [
            self._head("no", 5),
            self._head("action", 24),
            self._head("task", TEXT),
            *([self._head("item", NAME)] if several else []),
            *self._years(),
            self._head("total", NUMBER + 2, "number"),
            self._head("place", 22),
            self._head("departments", 30),
        ]
        rows = []
        for number, line in enumerate(self.facts.annex):
            follows = number > 0 and self._action(line) == self._action(self.facts.annex[number - 1])
            rows.append(self._annex_row(line, several, follows))
        notes = [self.say("annex.outside")] if any(c.kind == "broken" for row in rows for c in row.cells) else []
        return Table("annex", self.say("annex.title"), tuple(columns), tuple(rows), tuple(notes))

    def _action(self, line: AnnexLine) -> str:
        """What the line belongs to; a program of no action stands for itself."""
        action = self.model.programs[line.program].action
        return f"+{line.program}" if action is None else str(action)

    def _annex_row(self, line: AnnexLine, several: bool, follows: bool) -> Row:
        """follows: the row above is of the same action."""
        program = self.model.programs[line.program]
        declared = self.model.policy.actions.get(str(program.action))
        own = self.names.program(line.program)
        action = own if declared is None else self.names.text(declared.title)
        text = program.text if declared is None else declared.task
        place = None if declared is None else declared.place
        departments = self.names.listed(self.names.text(one) for one in program.departments)
        years = zip(self.periods, line.planned, line.awarded, strict=True)
        same: CellKind = "same" if follows and declared is not None else ""
        return Row(
            (
                Cell(line.mark),
                Cell(action, same),
                Cell("" if text is None else self.names.text(text), same),
                *([Cell(own)] if several else []),
                *(self._planned(line, planned, awarded, period) for period, planned, awarded in years),
                self._planned(line, *line.total, None),
                Cell("" if place is None else self.names.text(place), same),
                Cell(departments, same),
            )
        )

    def _planned(
        self, line: AnnexLine, planned: tuple[Fraction | None, Fraction | None], awarded: int, period: int | None
    ) -> Cell:
        low, high = planned
        outside = (low is not None and awarded < low) or (high is not None and awarded > high)
        words = self.model.programs[line.program].yearly
        said = "" if words is None or period is None else self.names.text(words).replace(NUMBER_SIGN, f"{awarded:,}")
        return Cell(awarded, "broken" if outside else "", amount_of(program=line.program, period=period), said)

    # One program ------------------------------------------------------------------------------------------------------

    def program(self, line: AnnexLine) -> Table:
        """Who gets it: of a selection a row an award, of amounts a row a unit."""
        selects = self.model.programs[line.program].decides == "selection"
        title = self.say("program.title", no=line.mark, program=self.names.program(line.program))
        columns, rows = self._chosen(line.program) if selects else self._amounts(line.program)
        notes = [*self._marks(rows), *([] if rows else [self.say("program.none")])]
        return Table(f"program-{latin(line.mark)}", title, columns, rows, tuple(notes), line.program)

    def _chosen(self, program: str) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        awards = sorted(self._made[program], key=lambda award: (award[1], self._order[award[0]]))
        columns = (self._head("year", NUMBER), *self._who, self._head("decided", 16))
        rows = tuple(self._award(program, period, unit) for unit, period in awards)
        return columns, rows

    def _award(self, program: str, period: int, unit: str) -> Row:
        kind = self._kind(unit, program, period)
        asked = Question("sql", f"select period from awards where {_where(unit=unit, program=program, period=period)}")
        decided = Cell(self.say(f"mark.{kind}") if kind else "")
        return Row((Cell(period, kind, asked), *self._called(unit), decided), about=unit)

    def _amounts(self, program: str) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        units = {unit for unit, _ in self._made[program]}
        columns = (*self._who, *self._years(), self._head("total", NUMBER + 2, "number"))
        rows = [self._line(unit, program) for unit in self._ordered(units)]
        awarded = self.programs[program].awarded
        sums = [
            Cell(total, "", amount_of(program=program, period=period))
            for period, total in zip(self.periods, awarded, strict=True)
        ]
        every = Cell(sum(awarded), "", amount_of(program=program))
        blank = [Cell("") for _ in self._who[1:]]
        return columns, (*rows, Row((Cell(self.say("head.total")), *blank, *sums, every), "total"))

    def _line(self, unit: str, program: str) -> Row:
        made = [self._amount(unit, program, period) for period in self.periods]
        total = Cell(self._total(unit, program), "", amount_of(unit=unit, program=program))
        return Row((*self._called(unit), *made, total), about=unit)

    # Units and groups -------------------------------------------------------------------------------------------------

    def by_unit(self) -> Table:
        """Unit × year: what each one gets of every program."""
        columns = (*self._who, self._head("year", NUMBER), *self._marked())
        rows = tuple(
            Row(
                (
                    *self._called(unit),
                    Cell(period),
                    *(self._amount(unit, program, period) for program in self.programs),
                ),
                about=unit,
            )
            for unit in self._ordered(self.units)
            for period in self.periods
        )
        notes = (self._key(), *self._marks(rows))
        return Table("units", self.say("units.title"), columns, rows, notes)

    def group(self, column: str, key: str) -> Table:
        """One group: its units, the years in which they are chosen, and their amounts of all years."""
        units = [unit for unit in self.units if str(self.groups[column][unit]) == key]
        rows = [
            Row(
                (Cell(self.names.unit(unit)), *(self._all_years(unit, program) for program in self.programs)),
                about=unit,
            )
            for unit in units
        ]
        inside = f"unit in (select unit from units where {_quoted(column)} = {literal(key)})"
        totals = [
            Cell(
                sum(self._total(unit, program) for unit in units),
                "",
                amount_of(program=program, also=inside),
            )
            for program in self.programs
        ]
        rows.append(Row((Cell(self.say("head.total")), *totals), "total"))
        title = self.say("group.title", column=self.names.column(column), group=self.names.group(column, key))
        columns = (self._head("unit", NAME), *self._marked())
        return Table(
            f"{latin(column)}-{latin(key)}", title, columns, tuple(rows), (self.say("group.how"), self._key()), key
        )

    def _all_years(self, unit: str, program: str) -> Cell:
        """Years of a selection, the sum of amounts."""
        held = [period for period in self.periods if self.amounts.get((unit, program, period))]
        if self.model.programs[program].decides != "selection":
            return Cell(self._total(unit, program) or None, "", amount_of(unit=unit, program=program))
        kinds = {self._kind(unit, program, period) for period in held}
        told = f"select string_agg(period, ' ' order by period) from awards where {_where(unit=unit, program=program)}"
        return Cell(" ".join(map(str, held)) or None, "drawn" if "drawn" in kinds else "", Question("sql", told))

    # Cells ------------------------------------------------------------------------------------------------------------

    def _amount(self, unit: str, program: str, period: int) -> Cell:
        amount = self.amounts.get((unit, program, period), 0)
        return Cell(
            amount or None, self._kind(unit, program, period), amount_of(unit=unit, program=program, period=period)
        )

    def _kind(self, unit: str, program: str, period: int) -> CellKind:
        if (unit, program, period) in self.drawn:
            return "drawn"
        return "by-hand" if (unit, program, period) in self.by_hand else ""

    def _total(self, unit: str, program: str) -> int:
        """Of all years."""
        return sum(self.amounts.get((unit, program, period), 0) for period in self.periods)

    @cached_property
    def _made(self) -> dict[str, list[tuple[str, int]]]:
        """Of each program the units and years with an award."""
        found: dict[str, list[tuple[str, int]]] = {program: [] for program in self.programs}
        for unit, program, period in self.amounts:
            found[program].append((unit, period))
        return found

    def _called(self, unit: str) -> list[Cell]:
        groups = [self.names.group(column, str(of[unit])) if of[unit] else "" for column, of in self.groups.items()]
        return [Cell(self.names.unit(unit)), *map(Cell, groups)]

    @cached_property
    def _who(self) -> tuple[Column, ...]:
        groups = [Column(self.names.column(column), width=NAME) for column in self.groups]
        return (self._head("unit", NAME + 4), *groups)

    def _head(self, code: str, width: int, kind: Literal["text", "number"] = "text") -> Column:
        return Column(self.say(f"head.{code}"), kind, width, code)

    def _years(self) -> list[Column]:
        return [Column(str(period), "number", NUMBER) for period in self.periods]

    def _marked(self) -> list[Column]:
        """A column a program, headed by its number in the annex."""
        return [Column(line.mark, "number", NUMBER) for line in self.programs.values()]

    def _key(self) -> str:
        """What the numbers of the columns stand for."""
        told = [self.say("key.one", no=line.mark, program=self.names.program(p)) for p, line in self.programs.items()]
        return self.say("key.all", programs=self.names.say("report.semicolon").join(told))

    def _marks(self, rows: Iterable[Row]) -> list[str]:
        """What the marks of the cells say, of those that there are."""
        kinds = {cell.kind for row in rows for cell in row.cells}
        return [self.say(f"marks.{kind}") for kind in ("drawn", "by-hand") if kind in kinds]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {unit: i for i, unit in enumerate(self._ordered(self.units))}

    def _ordered(self, units: Iterable[str]) -> list[str]:
        """By the groups of the first column in their order, then by code."""
        first = next(iter(self.groups.values()), {})
        return sorted(units, key=lambda unit: (str(first.get(unit) or ""), unit))


def amount_of(
    *, unit: str | None = None, program: str | None = None, period: int | None = None, also: str = ""
) -> Question:
    where = _where(unit=unit, program=program, period=period, also=also)
    return Question("sql", f"select sum(amount) from awards where {where}")


def _where(*, unit: str | None = None, program: str | None = None, period: int | None = None, also: str = "") -> str:
    parts = [] if unit is None else [f"unit = {literal(unit)}"]
    parts += [] if program is None else [f"program = {literal(program)}"]
    parts += [] if period is None else [f"period = {period}"]
    return " and ".join([*parts, *([also] if also else [])]) or "true"


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def latin(text: str) -> str:
    """A code as part of an id: what is no Latin letter, digit or hyphen as its number."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign == "-") else f"_{ord(sign):x}" for sign in text)
