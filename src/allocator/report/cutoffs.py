"""The price list of a plan as a table, as records and as CSV; the sums of one unit.

Lives here: what of each class and each cell is shown.
Not here: thresholds and classes (explain/cutoffs.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from allocator.explain.cutoffs import Amount, Cell, Class, Cutoffs
from allocator.explain.names import Names
from allocator.model.objective import Objective
from allocator.model.rule import Rule
from allocator.report.page import Page
from allocator.runs.sheets import rows_sheet

HEADS = (
    "program",
    "period",
    "threshold",
    "lowest",
    "highest",
    "because",
    "awarded",
    "refused",
    "worth_awarded",
    "worth_refused",
)
MOST_LABELS = 6  # groups of a class that are named with their thresholds


def cutoffs_record(found: Cutoffs) -> dict[str, Any]:
    """Figures are exact texts."""
    return {
        "classes": found.record,
        "cells": [cell_record(cell) for cell in found.cells],
        "cost_nothing": list(found.free),
        "without_prices": list(found.open),
    }


def cell_record(cell: Cell) -> dict[str, Any]:
    return {
        "unit": cell.unit,
        "program": cell.program,
        "period": cell.period,
        "objective": cell.objective,
        "worth": str(cell.worth),
        "threshold": str(cell.threshold),
        "less_is_better": cell.less,
        "awarded": cell.awarded,
        "amounts": [
            {"from": amount.source, "group": list(amount.label), "by": str(amount.by)} for amount in cell.amounts
        ],
    }


def cutoffs_csv(found: Cutoffs, names: Names) -> bytes:
    """A line a class, in words; texts that a spreadsheet would run as formulas are made text."""
    words = ThresholdWords(found.declared, names)
    rows: list[list[object]] = [[names.say(f"report.cutoffs.head.{head}") for head in HEADS]]
    for one in found.classes:
        span = one.thresholds
        cells = [names.program(one.program), one.period, _span(span, names), span[0], span[-1], words.because(one)]
        counts = [sum(c.awarded for c in one.cells), sum(not c.awarded for c in one.cells)]
        rest = ["" if worth is None else worth for worth in (one.lowest_awarded, one.highest_refused)]
        rows.append([*cells, *counts, *rest])
    return rows_sheet(rows)


def show_cutoffs(page: Page, found: Cutoffs) -> None:
    names, words = page.names, ThresholdWords(found.declared, page.names)
    page.heading("report.cutoffs.heading")
    page.line(page.say("report.cutoffs.lead"))
    for program, classes in groupby(found.classes, key=lambda one: one.program):
        page.console.print()
        page.line(names.program(program), style="bold")
        heads = [
            ("period", "left"),
            ("threshold", "right"),
            ("because", "left"),
            ("awarded", "right"),
            ("refused", "right"),
        ]
        heads += [("worth_awarded", "right"), ("worth_refused", "right")]
        table = page.new_table([(page.say(f"report.cutoffs.head.{head}"), side) for head, side in heads])
        for one in classes:
            table.add_row(
                str(one.period),
                _span(one.thresholds, names),
                words.because(one),
                str(sum(cell.awarded for cell in one.cells)),
                str(sum(not cell.awarded for cell in one.cells)),
                _or_none(one.lowest_awarded, names),
                _or_none(one.highest_refused, names),
            )
        page.table(table)
    page.console.print()
    equal = sum(cell.equal for cell in found.cells)
    page.line(page.say("report.cutoffs.equal", count=equal))
    if found.free:
        page.line(page.say("report.cutoffs.free", count=len(found.free)))
    for name in found.open:
        page.line(page.say("report.cutoffs.open", objective=words.source(name)), style="yellow")


def show_unit(page: Page, found: Cutoffs, unit: str) -> None:
    """The sums of one unit: it can follow them from its own figures and the published list."""
    names, words = page.names, ThresholdWords(found.declared, page.names)
    page.heading("report.cutoffs.unit", unit=names.value("unit", unit))
    for cell in found.of(unit):
        sums = names.listed(map(words.amount, cell.amounts))
        page.line(
            page.say(
                f"report.cutoffs.{'equal-to' if cell.equal else 'awarded-at' if cell.awarded else 'refused-at'}",
                program=names.program(cell.program),
                period=cell.period,
                worth=names.figure(cell.worth),
                threshold=names.figure(cell.threshold),
                ending=page.say(f"report.cutoffs.{'awarded' if cell.awarded else 'refused'}"),
            ),
            hang=2,
        )
        page.line(
            page.say("report.cutoffs.sum", threshold=names.figure(cell.threshold), amounts=sums), indent=4, hang=2
        )


class ThresholdWords:
    """What the parts of a threshold are called. declared: what each source of an amount is."""

    def __init__(self, declared: Mapping[str, Rule | Objective], names: Names) -> None:
        self.declared, self.names = declared, names

    def because(self, one: Class) -> str:
        """The rules that make this class another one than the first; groups with their thresholds where they differ."""
        if one.otherwise:
            return self.names.say("report.cutoffs.otherwise", rules=self._listed(map(self.source, one.sources)))
        told = []
        for source in one.sources:
            groups = {a.label: c.threshold for c in one.cells for a in c.amounts if a.source == source and a.label}
            listed = [self.label(source, label) for label in sorted(groups)]
            if len(one.thresholds) > 1:
                listed = [
                    self.names.say("report.cutoffs.at", group=group, threshold=self.names.figure(groups[label]))
                    for group, label in zip(listed, sorted(groups), strict=True)
                ]
            told.append(self.source(source) + self._of(listed[:MOST_LABELS]))
        return self._listed(told) if told else self.names.say("report.cutoffs.first")

    def amount(self, amount: Amount) -> str:
        sign = "+" if amount.by > 0 else "−"
        label = [self.label(amount.source, amount.label)] if amount.label else []
        return f"{sign}{self.names.figure(abs(amount.by))} {self.source(amount.source)}{self._of(label)}"

    def source(self, source: str) -> str:
        """A rule or an objective in words, with its clause."""
        declared = self.declared.get(source)
        if isinstance(declared, Rule):
            return self.names.judged(declared)
        return source if declared is None else self.names.objective(declared)

    def label(self, source: str, label: Sequence[str | int]) -> str:
        declared = self.declared.get(source)
        return self.names.label(declared, tuple(label))

    def _of(self, groups: Sequence[str]) -> str:
        return self.names.of_groups(groups)

    def _listed(self, parts: Iterable[str]) -> str:
        return self.names.say("report.semicolon").join(parts)


def _span(thresholds: Sequence[Fraction], names: Names) -> str:
    first, last = names.figure(thresholds[0]), names.figure(thresholds[-1])
    return first if first == last else names.say("report.cutoffs.span", first=first, last=last)


def _or_none(figure: Fraction | None, names: Names) -> str:
    return "–" if figure is None else names.figure(figure)
