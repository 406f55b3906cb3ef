"""The tables behind the pictures of the page that no other output has; the script draws each picture from its table.

Lives here: balance between groups, coverage as it grows, the points of the dot strip, firmness, moves between two runs.
Not here: the tables that every output has (publish/content.py), how a picture is drawn (assets/charts.js).

Each row says in `about` which program it is about, so that the page shows those of the chosen one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from allocator.answer.reasons import Reasons
from allocator.audit import audit
from allocator.compare.moves import moves
from allocator.explain.cutoffs import Cell as Threshold
from allocator.explain.names import Names
from allocator.explain.read_columns import columns_read, private_columns
from allocator.model.allocation import Allocation
from allocator.model.rule import Rule
from allocator.publish.content import Cell, Column, Row, Table
from allocator.publish.found import Found
from allocator.report.firmness import FirmnessWords, lines

NAME, TEXT, NUMBER = 22, 40, 10  # widths of columns


class Pictures:
    """The tables of one run in one language. coverage: of `coverage_of`, the same in both."""

    def __init__(self, found: Found, names: Names, coverage: Sequence[Covered], reasons: Reasons | None) -> None:
        self.found, self.facts, self.names, self.reasons = found, found.facts, names, reasons
        self.covered = coverage
        self.model = found.run.model
        self.periods = self.model.policy.periods

    def tables(self) -> tuple[Table, ...]:
        return (
            *(self.balance(column) for column in self.model.unit_groups[:1]),
            self.coverage(),
            *([self.dots()] if self.found.cutoffs is not None else []),
            *([self.firmness(self.reasons)] if self.reasons is not None else []),
        )

    def say(self, code: str, **params: object) -> str:
        return self.names.say(f"page.table.{code}", **params)

    def head(self, code: str) -> str:
        return self.names.say(f"publish.head.{code}")

    # Balance ----------------------------------------------------------------------------------------------------------

    def balance(self, column: str) -> Table:
        """What each group gets of each program, year by year, beside how many units it has."""
        units = self.model.units.columns
        of = dict(zip(units["unit"].values, units[column].values, strict=True))
        size = Counter(of.values())
        made: Counter[tuple[object, str, int]] = Counter()
        for award in self.facts.audit.allocation.awards:
            made[of.get(award.unit), award.program, award.period] += award.amount
        columns = (
            Column(self.head("no"), width=5),
            Column(self.names.column(column), width=NAME),
            Column(self.say("units"), "number", NUMBER),
            *(Column(str(period), "number", NUMBER) for period in self.periods),
            Column(self.head("total"), "number", NUMBER),
        )
        rows = []
        for line in self.facts.annex:
            for key in self.model.groups[column].columns["id"].values:
                own = [made[key, line.program, period] for period in self.periods]
                figures = [Cell(size[key]), *map(Cell, own), Cell(sum(own))]
                rows.append(Row((Cell(line.mark), Cell(self.names.group(column, key)), *figures), about=line.program))
        return Table("balance", self.say("balance", column=self.names.column(column)), columns, tuple(rows))

    # Coverage ---------------------------------------------------------------------------------------------------------

    def coverage(self) -> Table:
        """What is reached before the plan and at the end of each year, and what is required at the end."""
        columns = (
            Column(self.say("promise"), width=TEXT),
            Column(self.say("before"), "number", NUMBER),
            *(Column(str(period), "number", NUMBER) for period in self.periods),
            Column(self.head("required"), "number", NUMBER),
            Column(self.say("of"), "number", NUMBER),
        )
        rows = [
            Row((Cell(self._covered(one)), *map(Cell, one.reached), Cell(one.required), Cell(one.whole)))
            for one in self.covered
        ]
        return Table("coverage", self.say("coverage"), columns, tuple(rows), (self.say("coverage-how"),))

    def _covered(self, one: Covered) -> str:
        return self.say("anything") if one.rule is None else self.names.rule(one.rule)

    # Thresholds and firmness ------------------------------------------------------------------------------------------

    def dots(self) -> Table:
        """Each decision by a score: the score and what was needed; no score that the model calls private."""
        assert self.found.cutoffs is not None
        hidden = hidden_objectives(self.found)
        columns = (
            Column(self.head("year"), width=7),
            Column(self.head("unit"), width=NAME),
            Column(self.say("worth"), "number", NUMBER),
            Column(self.say("needed"), "number", NUMBER),
            Column(self.head("awarded"), width=8),
        )
        drawn = set() if self.facts.solution is None else set(self.facts.solution.drawn)
        rows = []
        for cell in sorted(self.found.cutoffs.cells, key=lambda one: (one.program, one.period, one.worth, one.unit)):
            own = cell.unit, cell.program, cell.period
            worth = Cell(None if cell.objective in hidden else cell.worth, "drawn" if own in drawn else "")
            figures = (worth, Cell(cell.threshold), Cell("✓" if cell.awarded else None))
            rows.append(Row((Cell(cell.period), Cell(self.names.unit(cell.unit)), *figures), about=cell.program))
        return Table("dots", self.say("dots"), columns, tuple(rows), (self.say("dots-how"),))

    def firmness(self, reasons: Reasons) -> Table:
        """Of each program and year: how many decisions there are, and what the opposite of each would break or worsen."""
        words = FirmnessWords(self.names)
        heads = ("decisions", "rules", "objectives", "draw")
        columns = (
            Column(self.names.say("report.firmness.head.program"), width=NAME),
            Column(self.names.say("report.firmness.head.period"), width=7),
            *(Column(self.names.say(f"report.firmness.head.{head}"), "number", NUMBER) for head in heads),
            Column(self.names.say("report.firmness.head.weakest"), width=TEXT),
        )
        order = {line.program: i for i, line in enumerate(self.facts.annex)}
        rows = []
        for one in sorted(lines(reasons.opposites), key=lambda one: (order[one.program], one.period)):
            counts = (one.decisions, one.rules, len(one.lost), one.drawn)
            told = (Cell(self.names.program(one.program)), Cell(one.period), *map(Cell, counts))
            rows.append(Row((*told, Cell(words.weakest(one.lost))), about=one.program))
        return Table("firmness", self.say("firmness"), columns, tuple(rows), (self.names.say("report.firmness.lead"),))

    # Two runs ---------------------------------------------------------------------------------------------------------

    def moves(self, other: Found, number: int) -> Table:
        """Who has other awards in another run: the years (and amounts) in this one and in that one."""
        columns = (
            Column(self.head("unit"), width=NAME),
            Column(self.head("program"), width=NAME),
            Column(self.say("here"), width=16),
            Column(self.say("there"), width=16),
            Column(self.say("kind"), width=14),
        )
        rows = []
        for move in moves(self.facts.audit.allocation, other.facts.audit.allocation):
            years = [self._years(move.program, held) for held in (move.before, move.after)]
            kind = self.say(f"move.{move.kind.replace(' ', '-')}")
            told = (self.names.unit(move.unit), self.names.program(move.program), *years, kind)
            rows.append(Row(tuple(map(Cell, told)), about=move.program))
        title = self.say("moves", first=self.found.run.folder.name, second=other.run.folder.name)
        return Table(f"moves-{number}", title, columns, tuple(rows), () if rows else (self.say("no-moves"),))

    def _years(self, program: str, held: Sequence[tuple[int, int]]) -> str:
        known = self.model.programs.get(program)
        selects = known is not None and known.decides == "selection"
        told = [
            str(period) if selects else self.say("in-year", period=period, amount=amount) for period, amount in held
        ]
        return self.names.listed(told) or "–"


class Covered:
    """What one rule reaches before the plan and after each year. rule: None for "any award at all"."""

    def __init__(
        self,
        rule: Rule | None,
        reached: Sequence[Fraction | int],
        required: Fraction | None,
        whole: Fraction | int | None,
    ) -> None:
        self.rule, self.reached, self.required, self.whole = rule, tuple(reached), required, whole


def coverage_of(found: Found) -> tuple[Covered, ...]:
    """Of every rule that asks which groups are reached, recounted from the awards up to each year; and units with any award."""
    model, counted = found.run.model, found.facts.audit
    plan, periods = counted.allocation, model.policy.periods
    cuts = [Allocation(tuple(a for a in plan.awards if a.period <= cut)) for cut in (periods[0] - 1, *periods[:-1])]
    asking = {
        declared.id
        for declared, served in counted.served
        if isinstance(declared, Rule) and not any(one.within for one in served)
    }
    told = []
    recounts = [*(audit(model, cut) for cut in cuts), counted] if asking else []
    for at, last in enumerate(counted.rules):
        if last.rule.id in asking and last.judged:
            reached = [one.rules[at].judged[0].found or Fraction(0) for one in recounts]
            told.append(Covered(last.rule, reached, last.judged[0].at_least, last.judged[0].whole))
    any_award = [len({award.unit for award in cut.awards}) for cut in (*cuts, plan)]
    return (*told, Covered(None, any_award, None, len(model.units.columns["unit"].values)))


def hidden_objectives(found: Found) -> frozenset[str]:
    """The objectives that read what the model calls private: no figure of a unit in them is shown."""
    tables = found.facts.audit.tables
    private = private_columns(tables)
    return frozenset(one.id for one in found.run.model.policy.objectives if columns_read(one, tables) & private)


def thresholds(found: Found) -> Iterator[tuple[Threshold, bool]]:
    """Every decision by a score, and whether the score may be shown."""
    if found.cutoffs is not None:
        hidden = hidden_objectives(found)
        for cell in found.cutoffs.cells:
            yield cell, cell.objective not in hidden
