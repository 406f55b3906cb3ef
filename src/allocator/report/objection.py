"""The answer to an objection: on a screen, as a page for the file (Markdown), as a record, as one line.

Lives here: what of it is said, in which order.
Not here: the answer itself (explain/objection.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from allocator.audit import Audit, audit
from allocator.compare.comparison import told_years
from allocator.compare.moves import Move, moves
from allocator.explain.datum import Value, written
from allocator.explain.names import Names
from allocator.explain.objection import Objection, Stretch
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.report.page import Page

MOST_TABLE = 40  # moves that are listed one by one


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Line:
    text: str


@dataclass(frozen=True)
class Rows:
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Heading | Line | Rows


@dataclass(frozen=True)
class Told:
    """An objection in words. corrected: the model with the contested value; unit: whose; run: of the plan."""

    found: Objection
    corrected: Model
    unit: str
    run: Path
    names: Names

    def blocks(self) -> list[Block]:
        found, say = self.found, self.names.say
        told: list[Block] = [Heading(say("report.objection.heading", unit=self.names.value("unit", self.unit)))]
        told += [Line(text) for text in (self._figure(), self.answer, *self._stretches())]
        if found.model.policy.illustrative:
            listed = self.names.listed(self.names.illustrative(name) for name in found.model.policy.illustrative)
            told.append(Line(say("report.illustrative", names=listed)))
        if found.changes and found.after is not None:
            told += self._moves(found.after)
            told += self._figures()
        told += self._turns()
        told.append(Heading(say("report.objection.proof")))
        code = "complete" if found.complete else "stopped"
        counts = {"values": len(found.tried), "solves": found.solves}
        told.append(Line(say(f"report.objection.{code}" if found.read else "report.objection.no-solve", **counts)))
        return told

    # Sentences --------------------------------------------------------------------------------------------------------

    def value(self, value: Value) -> str:
        return self.names.say("report.objection.empty") if value is None else str(written(value))

    def _figure(self) -> str:
        datum, model = self.found.datum, self.found.model
        assert datum.source is not None
        table = model.table_of(datum.source)
        key = [name for name in model.key_of(datum.source) if name != "unit"]
        row = [self._key(name, table.columns[name].values[datum.row]) for name in key]
        file, line = table.places[datum.row]
        told = {"column": datum.name, "row": self.names.listed(row), "file": file, "line": line}
        values = {"now": self.value(self.found.now), "contested": self.value(self.found.contested)}
        return self.names.say("report.objection.figure" if row else "report.objection.figure-of-unit", **told, **values)

    def _key(self, name: str, value: object) -> str:
        return self.names.program(str(value)) if name == "program" else self.names.value(name, value)  # type: ignore[arg-type]

    @cached_property
    def answer(self) -> str:
        """In one sentence what the objection brings."""
        found, say = self.found, self.names.say
        told = {"contested": self.value(found.contested), "column": found.datum.name}
        if not found.read:
            return say("report.objection.not-read", **told)
        if found.wrong:
            return say("report.objection.wrong", **told)
        if found.after is None:
            return say("report.objection.no-plan", **told)
        if found.changes:
            own = [move for move in self.moves if move.unit == self.unit]
            return say(f"report.objection.{'changes-own' if own else 'changes-others'}", **told)
        if found.around is not None and found.around is found.there:
            return say("report.objection.nothing", **self._ends(found.around))
        return say("report.objection.same", **told)

    def _ends(self, stretch: Stretch) -> dict[str, str]:
        return {"low": self.value(stretch.low), "high": self.value(stretch.high)}

    def _stretches(self) -> list[str]:
        found, say = self.found, self.names.say
        if not found.read or found.range is None:
            return []
        ends = {"first": self.value(found.range[0]), "last": self.value(found.range[1])}
        told = []
        if found.around is not None and not (found.around is found.there and not found.changes):
            code = "stays" if found.around.proved else "stays-tried"
            told.append(say(f"report.objection.{code}", **self._ends(found.around)))
        if found.there is not None and found.there is not found.around:
            code = "holds" if found.there.proved else "holds-tried"
            told.append(say(f"report.objection.{code}", **self._ends(found.there)))
        return [*told, say("report.objection.range", **ends)]

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        return () if self.found.after is None else moves(self.found.before, self.found.after)

    def _moves(self, after: Allocation) -> list[Block]:
        say = self.names.say
        contested = self.value(self.found.contested)
        own = sorted(self.moves, key=lambda move: (move.unit != self.unit, move.program, move.unit))
        heads = [say(f"report.objection.head.{head}") for head in ("unit", "program", "before", "after")]
        rows = []
        for move in own[:MOST_TABLE]:
            decides = self.found.model.programs[move.program].decides
            years = [told_years(held, decides) or "–" for held in (move.before, move.after)]
            rows.append([self.names.value("unit", move.unit), self.names.program(move.program), *years])
        told: list[Block] = [Heading(say("report.objection.moves", contested=contested)), Rows(heads, rows)]
        if len(own) > MOST_TABLE:
            told.append(Line(say("report.more", count=len(own) - MOST_TABLE)))
        return told

    @cached_property
    def _audits(self) -> tuple[Audit, Audit]:
        assert self.found.after is not None
        return audit(self.found.model, self.found.before), audit(self.corrected, self.found.after)

    def figures(self) -> list[tuple[str, str, str]]:
        """Objectives and indicators that come to something else: (what, before, after)."""
        before, after = self._audits
        told = []
        objectives = {one.id: one for one in self.found.model.policy.objectives}
        for one, other in zip(before.objectives, after.objectives, strict=True):
            if one.figures != other.figures:
                objective = objectives[one.id]
                shown = [self.names.objective_value(objective, value.figures, 4) for value in (one, other)]
                told.append((self.names.objective(objective), *shown))
        for mine, its in zip(before.indicators, after.indicators, strict=False):
            if mine.name == its.name and mine.value != its.value:
                told.append((self._indicator(mine.name), self.names.figure(mine.value), self.names.figure(its.value)))
        return told  # type: ignore[return-value]

    def _indicator(self, name: str) -> str:
        for one in self.found.model.policy.indicators:
            if name.split(".", 1)[-1].split("[")[0] == one.id and one.text is not None:
                return self.names.text(one.text)
        return name

    def _figures(self) -> list[Block]:
        rows = self.figures()
        heads = [self.names.say(f"report.objection.head.{head}") for head in ("figure", "before", "after")]
        return [Heading(self.names.say("report.objection.figures")), Rows(heads, rows)] if rows else []

    def _turns(self) -> list[Block]:
        if len(self.found.turns) < 2:
            return []
        told: list[Block] = [Heading(self.names.say("report.objection.turns"))]
        before: Allocation | None = self.found.before
        for turn in self.found.turns:
            if turn.plan is None or before is None:
                text = self.names.say(
                    "report.objection.turn-none" if turn.plan is None else "report.objection.turn-again"
                )
            else:
                each = [
                    f"{self.names.value('unit', m.unit)}, {self.names.program(m.program)}: "
                    f"{told_years(m.before, '') or '–'} → {told_years(m.after, '') or '–'}"
                    for m in moves(before, turn.plan)[:4]
                ]
                text = self.names.say("report.semicolon").join(each)
            told.append(Line(self.names.say("report.objection.turn", value=self.value(turn.value), moves=text)))
            before = turn.plan
        return told

    def line(self) -> str:
        """All of it in one line."""
        told = {"run": str(self.run), "unit": self.unit, "column": self.found.datum.name}
        values = {"now": self.value(self.found.now), "contested": self.value(self.found.contested)}
        return self.names.say("report.objection.line", **told, **values, answer=self.answer)

    def record(self) -> dict[str, Any]:
        found = self.found
        return {
            "run": str(self.run),
            "unit": self.unit,
            "column": found.datum.name,
            "value": written(found.now),
            "contested": written(found.contested),
            "read": found.read,
            "changes": found.changes,
            "plan": None if found.after is None else [list(award) for award in found.after.awards],
            "moves": [
                {"unit": m.unit, "program": m.program, "before": [*map(list, m.before)], "after": [*map(list, m.after)]}
                for m in self.moves
            ],
            "stays": None if found.around is None else found.around.record(),
            "holds": None if found.there is None else found.there.record(),
            "range": None if found.range is None else [written(end) for end in found.range],
            "turns": [written(turn.value) for turn in found.turns],
            "tried": [written(value) for value in found.tried],
            "solves": found.solves,
            "complete": found.complete,
            "line": self.line(),
            "illustrative": list(found.model.policy.illustrative),
        }


def show_blocks(page: Page, blocks: Sequence[Block]) -> None:
    for block in blocks:
        match block:
            case Heading(text):
                page.heading("report.as-it-is", text=text)
            case Line(text):
                page.line(text, hang=2)
            case Rows(heads, rows):
                table = page.new_table([(head, "left") for head in heads], keys=2, across=True)
                for row in rows:
                    table.add_row(*row)
                page.table(table)


def markdown(blocks: Sequence[Block]) -> str:
    """The same as a page for the file."""
    told: list[str] = []
    for number, block in enumerate(blocks):
        match block:
            case Heading(text):
                told.append(f"{'#' if not number else '##'} {_plain(text)}")
            case Line(text):
                told.append(_plain(text))
            case Rows(heads, rows):
                lines = [heads, ["---"] * len(heads), *rows]
                told.append("\n".join("| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines))
    return "\n\n".join(told) + "\n"


def _plain(text: str) -> str:
    """Signs that Markdown would take for its own, shown as they are."""
    for sign in "\\`*_<>|[]#":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())
