"""How firm the decisions of a plan are, as a table, as records and as CSV; those of one unit, each in a sentence.

Lives here: what of each opposite decision is shown.
Not here: the losses themselves (explain/firmness.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from allocator.explain.by_stage import Differs
from allocator.explain.firmness import Firmness, Opposite
from allocator.explain.names import Names
from allocator.report.beside import MOST_FIGURES
from allocator.report.page import Page
from allocator.runs.sheets import rows_sheet

HEADS = ("unit", "program", "period", "amount", "instead", "decided", "loss")


ByStage = Mapping[Opposite, tuple[Differs, ...] | None]


def firmness_record(opposites: Sequence[Opposite], found: Firmness, stages: ByStage) -> dict[str, Any]:
    """Losses are exact texts; `decided`: rules, draw, or the id of an objective; `stages`: the objectives that come to something
    else in the best plan with the opposite, null where that is not kept.
    """
    return {
        "searched": found.searched,
        "decisions": [
            {
                "unit": one.unit,
                "program": one.program,
                "period": one.period,
                "amount": one.amount,
                "instead": one.amount + one.way,
                "decided": _decided(one),
                "loss": None if one.loss is None else str(one.loss),
                "stages": stages_record(stages.get(one)),
            }
            for one in opposites
        ],
    }


def stages_record(stages: tuple[Differs, ...] | None) -> list[dict[str, Any]] | None:
    if stages is None:
        return None
    told = [(one.objective, [*map(str, one.given)], [*map(str, one.opposite)]) for one in stages]
    return [{"objective": objective, "given": given, "opposite": opposite} for objective, given, opposite in told]


def firmness_csv(found: Firmness, names: Names) -> bytes:
    """A line a decision and way; texts that a spreadsheet would run as formulas are made text."""
    words = FirmnessWords(names)
    rows: list[list[object]] = [[names.say(f"report.firmness.head.{head}") for head in HEADS]]
    for one in found.opposites:
        what = [names.value("unit", one.unit), names.program(one.program), one.period]
        loss = "" if one.loss is None else one.loss
        rows.append([*what, one.amount, one.amount + one.way, words.decided(one), loss])
    return rows_sheet(rows)


@dataclass(frozen=True)
class Line:
    """The decisions of one program and year: how many there are, how many have an opposite against the rules, how many the draw
    alone decided; those whose opposite loses in an objective."""

    program: str
    period: int
    decisions: int
    rules: int
    drawn: int
    lost: tuple[Opposite, ...]


def lines(opposites: Sequence[Opposite]) -> Iterator[Line]:
    """By program and year."""
    ordered = sorted(opposites, key=lambda one: (one.program, one.period))
    for (program, period), own in groupby(ordered, key=lambda one: (one.program, one.period)):
        each = list(own)
        rules, drawn = sum(not one.possible for one in each), sum(one.drawn for one in each)
        lost = tuple(one for one in each if one.objective is not None)
        yield Line(program, period, len(each), rules, drawn, lost)


def show_firmness(page: Page, found: Firmness) -> None:
    names, words = page.names, FirmnessWords(page.names)
    page.heading("report.firmness.heading")
    page.line(page.say("report.firmness.lead"))
    heads = [("program", "left"), ("period", "left"), ("decisions", "right"), ("rules", "right"), ("draw", "right")]
    heads += [("objectives", "right"), ("weakest", "left")]
    table = page.new_table([(page.say(f"report.firmness.head.{head}"), side) for head, side in heads], keys=2)
    for one in lines(found.opposites):
        counts = [one.decisions, one.rules, one.drawn, len(one.lost)]
        table.add_row(
            names.program(one.program), str(one.period), *(f"{count:,}" for count in counts), words.weakest(one.lost)
        )
    page.table(table)


def show_unit(page: Page, opposites: Sequence[Opposite], unit: str, stages: ByStage) -> None:
    """Of each decision a sentence; below it the objectives after the one that decided that come to something else."""
    words = FirmnessWords(page.names)
    page.heading("report.firmness.unit", unit=page.names.value("unit", unit))
    for one in opposites:
        page.line(words.sentence(one), hang=2)
        for differs in stages.get(one) or ():
            if differs.objective != one.objective or one.loss is None:
                page.line(words.stage(differs), indent=4, hang=2)


class FirmnessWords:
    """What decided, and what the opposite loses, in words."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.objectives = {objective.id: objective for objective in names.model.policy.objectives}

    def decided(self, one: Opposite) -> str:
        if one.objective is None:
            return self.names.say(f"report.firmness.{'by-draw' if one.possible else 'by-rules'}")
        return self.names.objective(self.objectives[one.objective])

    def weakest(self, lost: Sequence[Opposite]) -> str:
        """The least loss in the last objective that decided anything here; those before it come first."""
        order = list(self.objectives)
        last = max((order.index(one.objective) for one in lost if one.objective is not None), default=None)
        if last is None:
            return "–"
        losses = [one.loss for one in lost if one.objective == order[last] and one.loss is not None]
        name = self.names.objective(self.objectives[order[last]])
        if not losses:
            return name
        return self.names.say("report.firmness.least", loss=self.names.figure(min(losses)), objective=name)

    def stage(self, one: Differs) -> str:
        objective = self.objectives[one.objective]
        given, opposite = (
            self.names.objective_value(objective, value, MOST_FIGURES) for value in (one.given, one.opposite)
        )
        told = {"objective": self.names.objective(objective), "given": given, "opposite": opposite}
        return self.names.say("report.firmness.stage", **told)

    def sentence(self, one: Opposite) -> str:
        told = {
            "program": self.names.program(one.program),
            "period": one.period,
            "amount": one.amount,
            "instead": one.amount + one.way,
        }
        head = self.names.say("report.firmness.decision", **told)
        if one.objective is None:
            return head + self.names.say(f"report.firmness.{'drawn' if one.possible else 'impossible'}", **told)
        named = {**told, "objective": self.names.objective(self.objectives[one.objective])}
        if one.loss is None:
            return head + self.names.say("report.firmness.worse", **named)
        return head + self.names.say("report.firmness.loses", **named, loss=self.names.figure(one.loss))


def _decided(one: Opposite) -> str:
    return one.objective or ("draw" if one.possible else "rules")
