"""The tables of a run that people open in Excel: awards.csv and not_awarded.csv.

Lives here: their columns and rows, UTF-8 with a byte order mark, headers in the language asked for.
Not here: allocation.csv, the one truth about the awards (model/allocation.py).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from fractions import Fraction

from allocator.audit.not_awarded import NotAwarded
from allocator.database import Database
from allocator.model.model import Model
from allocator.runs.sheets import cell as as_text
from allocator.words import Lang, say, spoken


def awards_csv(tables: Database, lang: Lang) -> bytes:
    """Every award with names, groups, titles and score, by program, period, unit."""
    model, people = tables.model, _People(tables.model, lang)
    scores = {name: _scores(tables, name) for name, program in model.programs.items() if program.score is not None}
    rows = tables.rows(
        "select program, period, unit, amount from awards where amount > 0 order by program, period, unit"
    )
    head = ["program", "title", "action", "period", "unit", "name", *model.unit_groups, "amount", "score"]
    body = []
    for program, period, unit, amount in rows:
        declared = model.programs.get(program)
        score = scores.get(program, {}).get((unit, period))
        action = declared.action if declared else None
        title = model.program_title(program)
        body.append([program, title, action, period, unit, *people.of(unit), amount, score])
    return _csv(model, head, body, lang)


def not_awarded_csv(model: Model, found: Iterable[NotAwarded], lang: Lang) -> bytes:
    """Every candidate without an award, what settled it, its score and the lowest score awarded, by program, period, unit."""
    groups, people = model.unit_groups, _People(model, lang)
    head = ["program", "title", "period", "unit", "name", *groups, "settled_at", "reason", "score", "lowest"]
    body = []
    settled: dict[tuple[object, ...], list[str]] = {}
    for o in found:
        key = (o.program, o.stage, o.condition, o.other, o.decided)
        if key not in settled:
            program = model.programs[o.program]
            title = spoken(program.title or o.program, lang)
            settled[key] = [title, o.settled_at(program), o.reason(program).text(lang)]
        title, *why = settled[key]
        body.append([o.program, title, o.period, o.unit, *people.of(o.unit), *why, o.score, o.lowest])
    return _csv(model, head, body, lang)


class _People:
    """Names of units and of their groups, in one language."""

    def __init__(self, model: Model, lang: Lang) -> None:
        self.names = {unit: spoken(name, lang) for unit, name in model.unit_names.items()}
        self.place = {unit: row for row, unit in enumerate(model.units.columns["unit"].values)}
        self.groups = []
        for group in model.unit_groups:
            titles = {key: spoken(name, lang) for key, name in model.group_names(group).items()}
            self.groups.append([titles.get(key, key) for key in model.units.columns[group].values])
        self.known: dict[str, list[str | None]] = {}

    def of(self, unit: str) -> list[str | None]:
        """The unit's name, then the names of its groups; nothing for a unit that the model does not have."""
        if unit not in self.known:
            row = self.place.get(unit)
            self.known[unit] = [self.names.get(unit), *(None if row is None else names[row] for names in self.groups)]
        return self.known[unit]


def _scores(tables: Database, program: str) -> dict[tuple[str, int], Fraction]:
    declared = tables.model.programs[program]
    assert declared.score is not None
    measured = tables.measure(program, declared.score)
    rows = tables.rows(f"select unit, period, value from {measured.sql} where value is not null")
    return {(unit, period): Fraction(value, measured.scale) for unit, period, value in rows}


def _csv(model: Model, head: Sequence[str], body: Iterable[Sequence[object]], lang: Lang) -> bytes:
    """A table for people; where the model has illustrative data, its last column says so in every row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # what Excel writes itself
    note = [say("report.csv.illustrative", lang)] if model.policy.illustrative else []
    heads = [_header(model, name, lang) for name in head] + ([say("report.csv.note", lang)] if note else [])
    writer.writerow(map(as_text, heads))
    told: dict[Fraction, str] = {}  # scores: few of them differ

    def cell(value: object) -> object:
        if isinstance(value, str):
            return as_text(value)
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, Fraction):
            return told[value] if value in told else told.setdefault(value, spoken(value, lang))
        return as_text(spoken(value, lang))

    writer.writerows([*map(cell, row), *note] for row in body)
    return codecs.BOM_UTF8 + text.getvalue().encode("utf-8")


def _header(model: Model, name: str, lang: Lang) -> str:
    if name in model.policy.groups:
        title = model.policy.groups[name].title
        return spoken(title, lang) if title else name
    return say(f"report.csv.{name}", lang)
