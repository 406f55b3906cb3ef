"""What units can make of the figures that they report, as a table, as records and as CSV; those of one unit, each in a sentence.

Lives here: what of each figure is shown.
Not here: the search (explain/gaming.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from allocator.compare.comparison import told_years
from allocator.compare.moves import Move, moves
from allocator.explain.datum import Value, written
from allocator.explain.gaming import Chance, Verdict
from allocator.explain.names import Names
from allocator.model.allocation import Allocation
from allocator.model.source import PAST
from allocator.report.page import Page
from allocator.runs.sheets import rows_sheet

HEADS = ("unit", "column", "row", "now", "lie", "verdict", "own", "others")
VERDICTS: tuple[Verdict, ...] = ("gain", "exchange", "none", "not read", "open")
MOST_TOLD = 40  # figures told one by one
MOST_OTHERS = 3  # who loses, named


class Gaming:
    """What was found, in the words of one model. plan: as it is."""

    def __init__(self, names: Names, plan: Allocation, found: Sequence[Chance]) -> None:
        self.names, self.plan, self.found = names, plan, found

    def records(self) -> list[dict[str, Any]]:
        return [
            {
                "unit": one.reported.unit,
                "column": one.reported.column,
                "row": list(one.reported.key),
                "value": written(one.now),
                "verdict": one.verdict,
                "proved": one.proved,
                "range": None if one.range is None else [written(end) for end in one.range],
                "lie": written(one.lie),
                "moves": [
                    {
                        "unit": m.unit,
                        "program": m.program,
                        "before": [*map(list, m.before)],
                        "after": [*map(list, m.after)],
                    }
                    for m in self._moves(one)
                ],
                "solves": one.solves,
            }
            for one in self.found
        ]

    def csv(self) -> bytes:
        """A line a figure; texts that a spreadsheet would run as formulas are made text."""
        rows: list[list[object]] = [[self.names.say(f"report.gaming.head.{head}") for head in HEADS]]
        for one in self.found:
            own, others = self._sides(one)
            verdict = self.names.say(f"report.gaming.{self._word(one)}")
            unit = self.names.value("unit", one.reported.unit)
            row = [unit, self._column(one), " ".join(one.reported.key), written(one.now), self._lie(one)]
            rows.append([*row, verdict, own, others])
        return rows_sheet(rows)

    def show(self, page: Page) -> None:
        """Counts of each column, then every gain."""
        page.heading("report.gaming.heading")
        page.line(page.say("report.gaming.lead"))
        heads = [("column", "left"), *((word.replace(" ", "-"), "right") for word in VERDICTS)]
        table = page.new_table([(page.say(f"report.gaming.head.{head}"), side) for head, side in heads])
        ordered = sorted(self.found, key=lambda one: one.reported.column)
        for _, held in groupby(ordered, key=lambda one: one.reported.column):
            own = list(held)
            counts = [sum(one.verdict == verdict for one in own) for verdict in VERDICTS]
            table.add_row(self._column(own[0]), *(f"{count:,}" for count in counts))
        page.table(table)
        told = [one for one in self.found if one.verdict in ("gain", "exchange")]
        told.sort(key=lambda one: one.verdict != "gain")
        if told:
            page.heading("report.gaming.gains")
        for one in told[:MOST_TOLD]:
            page.line(self.sentence(one, named=True), hang=2)
        page.more(len(told) - MOST_TOLD)
        self._proof(page)

    def show_unit(self, page: Page, unit: str) -> None:
        page.heading("report.gaming.unit", unit=self.names.value("unit", unit))
        for one in self.found:
            page.line(self.sentence(one), hang=2)
        if not self.found:
            page.line(page.say("report.gaming.reports-nothing"))
        self._proof(page)

    def _proof(self, page: Page) -> None:
        page.heading("report.gaming.proof")
        left = sum(one.verdict == "open" for one in self.found)
        told = {"solves": sum(one.solves for one in self.found), "figures": len(self.found), "open": left}
        page.line(page.say("report.gaming.some-open" if left else "report.gaming.all-settled", **told))

    # Words ------------------------------------------------------------------------------------------------------------

    def sentence(self, one: Chance, *, named: bool = False) -> str:
        own, others = self._sides(one)
        told = {"now": self._value(one.now), "lie": self._lie(one), "own": own, "others": others}
        told |= {} if one.range is None else {"first": self._value(one.range[0]), "last": self._value(one.range[1])}
        word = self._word(one)
        if one.verdict == "none" and one.range is not None:
            word = "none-in-range"
        elif one.verdict == "none" and self._hides(one):
            word = "none-hiding"
        head = self._column(one) + (f" ({self._row(one)})" if one.reported.key else "")
        if named:
            head = self.names.say("report.gaming.of", unit=self.names.value("unit", one.reported.unit), column=head)
        text = self.names.say(f"report.gaming.tells-{word}", **told)
        if others and one.verdict in ("gain", "exchange"):
            text += self.names.say("report.gaming.at-cost", others=others)
        return self.names.say("report.gaming.line", head=head, text=text)

    def _word(self, one: Chance) -> str:
        word = one.verdict.replace(" ", "-")
        if self._hides(one) and one.verdict in ("gain", "exchange"):
            return f"{word}-hiding"
        return word if one.proved or one.verdict not in ("gain", "exchange") else f"{word}-found"

    @staticmethod
    def _hides(one: Chance) -> bool:
        return one.reported.datum.source == PAST

    def _row(self, one: Chance) -> str:
        programs = self.names.model.programs
        return self.names.listed(self.names.program(part) if part in programs else part for part in one.reported.key)

    def _column(self, one: Chance) -> str:
        if self._hides(one):
            return self.names.say("report.gaming.past", program=self.names.program(one.reported.datum.column))
        return one.reported.column

    def _value(self, value: Value) -> str:
        return str(written(value))

    def _lie(self, one: Chance) -> str:
        return "" if one.lie is None else self._value(one.lie)

    def _moves(self, one: Chance) -> tuple[Move, ...]:
        return () if one.plan is None else moves(self.plan, one.plan)

    def _sides(self, one: Chance) -> tuple[str, str]:
        """What the unit then has otherwise, and who loses."""
        every = self._moves(one)
        own = [self._move(move) for move in every if move.unit == one.reported.unit]
        losers = [move for move in every if move.unit != one.reported.unit and self._loses(move)]
        told = [
            self.names.say("report.gaming.of", unit=self.names.value("unit", move.unit), column=self._move(move))
            for move in losers[:MOST_OTHERS]
        ]
        if len(losers) > MOST_OTHERS:
            told.append(self.names.say("report.gaming.others", count=len(losers) - MOST_OTHERS))
        between = self.names.say("report.semicolon")
        return between.join(own), between.join(told)

    @staticmethod
    def _loses(move: Move) -> bool:
        return move.change < 0

    def _move(self, move: Move) -> str:
        decides = self.names.model.programs[move.program].decides
        years = [told_years(held, decides) or "–" for held in (move.before, move.after)]
        told = {"program": self.names.program(move.program), "before": years[0], "after": years[1]}
        return self.names.say("report.gaming.move", **told)
