"""The tables of a run that people open in Excel: awards.csv and not_awarded.csv.

Lives here: their columns and rows, UTF-8 with a byte order mark, headers in the language asked for.
Not here: allocation.csv, the one truth about the awards (model/allocation.py).

A row is put together of pieces of text, and each piece is made once: of a unit with its groups, of a reason, of a score.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from allocator.audit.not_awarded import Outcomes
from allocator.database import Database
from allocator.model.model import Model
from allocator.model.query import Figures, literal
from allocator.runs.sheets import cell as as_text
from allocator.words import Lang, say, spoken

END = "\r\n"  # what Excel writes itself


def people_tables(tables: Database, found: Iterable[Outcomes], lang: Lang) -> dict[str, bytes]:
    """The two files by name. `found`: what settled the candidates without an award."""
    people = _people(tables.model, lang)
    return {
        "awards.csv": _awards(tables, people, lang),
        "not_awarded.csv": _not_awarded(tables.model, people, found, lang),
    }


def _awards(tables: Database, people: Mapping[str, str], lang: Lang) -> bytes:
    """Every award with names, groups, titles and score, by program, period, unit."""
    model, end = tables.model, _end(tables.model, lang)
    of_program: dict[str, str] = {}
    scores: dict[str, dict[tuple[str, int], str]] = {}

    def lines() -> Iterator[str]:
        rows = "select program, period, unit, amount from awards where amount > 0 order by program, period, unit"
        for program, period, unit, amount in tables.rows(rows):
            if program not in of_program:
                declared = model.programs.get(program)
                action = declared.action if declared else None
                of_program[program] = _cells([program, model.program_title(program), action], lang)
                scores[program] = _scores(tables, program, lang)
            person = people.get(unit) or _cells([unit, *[None] * (1 + len(model.unit_groups))], lang)
            score = scores[program].get((unit, period), "")
            yield f"{of_program[program]},{period},{person},{amount},{score}{end}"

    head = ["program", "title", "action", "period", "unit", "name", *model.unit_groups, "amount", "score"]
    return _csv(model, head, lines(), lang)


def _not_awarded(model: Model, people: Mapping[str, str], found: Iterable[Outcomes], lang: Lang) -> bytes:
    """Every candidate without an award, what settled it, its score and the lowest score awarded, by program, period, unit."""
    end = _end(model, lang)
    head = ["program", "title", "period", "unit", "name", *model.unit_groups, "settled_at", "reason", "score", "lowest"]
    lines: list[str] = []
    for one in found:
        program = model.programs[one.program]
        start = _cells([one.program, spoken(program.title or one.program, lang)], lang)
        periods, period = np.unique(one.period, return_inverse=True)
        reasons = [_cells([why.settled_at(program), why.says(program)], lang) for why in one.reasons]
        pieces = [
            np.array([f"{start},{year}," for year in periods.tolist()], object)[period],
            np.array([people[unit] for unit in one.units], object)[one.unit],
            np.array([f",{reason}," for reason in reasons], object)[one.reason],
            _told(one.score, lang),
            np.full(len(one.unit), ",", object),
            _told(one.lowest, lang),
            np.full(len(one.unit), end, object),
        ]
        lines.append("".join(np.stack(pieces, axis=1).ravel().tolist()))
    return _csv(model, head, lines, lang)


def _people(model: Model, lang: Lang) -> dict[str, str]:
    """Of each unit its id, its name and the names of its groups, as they stand in a row."""
    columns = []
    for group in model.unit_groups:
        titles = {key: spoken(name, lang) for key, name in model.group_names(group).items()}
        columns.append([titles.get(key, key) for key in model.units.columns[group].values])
    names = {unit: spoken(name, lang) for unit, name in model.unit_names.items()}
    units = model.units.columns["unit"].values
    rows = zip(units, map(names.get, units), *columns, strict=True)
    return dict(zip(units, _lines(rows, lang), strict=True))


def _scores(tables: Database, program: str, lang: Lang) -> dict[tuple[str, int], str]:
    """The scores of the awarded, as they stand in a row."""
    declared = tables.model.programs.get(program)
    if declared is None or declared.score is None:
        return {}
    measured = tables.measure(program, declared.score)
    rows = tables.rows(
        f"select m.unit, m.period, m.value from {measured.sql} m join awards a on a.unit = m.unit and a.period = m.period "
        f"where a.program = {literal(program)} and m.value is not null"
    )
    told = {value: spoken(Fraction(value, measured.scale), lang) for value in {value for _, _, value in rows}}
    return {(unit, period): told[value] for unit, period, value in rows}


def _told(figures: Figures, lang: Lang) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Figures as they stand in a row; nothing where there is none."""
    numbers, number = np.unique(figures.number, return_inverse=True)
    told = np.array([spoken(Fraction(n, figures.scale), lang) for n in numbers.tolist()], object)
    return np.where(figures.given, told[number], "")


def _cells(values: Iterable[object], lang: Lang) -> str:
    """Cells as they stand in a row."""
    return next(_lines([values], lang))


def _lines(rows: Iterable[Iterable[object]], lang: Lang) -> Iterator[str]:
    """The cells of each row as they stand in it."""
    lines = _Lines()
    csv.writer(lines, lineterminator=END).writerows([*(_cell(value, lang) for value in row), None] for row in rows)
    return (line.removesuffix(f",{END}") for line in lines)


class _Lines(list[str]):
    """What the writer of a CSV file writes, a text a row."""

    write = list.append


def _cell(value: object, lang: Lang) -> object:
    if value is None or isinstance(value, int):
        return value
    return as_text(value if isinstance(value, str) else spoken(value, lang))


def _end(model: Model, lang: Lang) -> str:
    """What every row ends with: where the model has illustrative data, its last column says so."""
    note = [say("report.csv.illustrative", lang)] if model.policy.illustrative else []
    return "".join(f",{_cells([one], lang)}" for one in note) + END


def _csv(model: Model, head: Sequence[str], lines: Iterable[str], lang: Lang) -> bytes:
    """A table for people."""
    heads = [_header(model, name, lang) for name in head]
    heads += [say("report.csv.note", lang)] if model.policy.illustrative else []
    return codecs.BOM_UTF8 + "".join([_cells(heads, lang), END, *lines]).encode("utf-8")


def _header(model: Model, name: str, lang: Lang) -> str:
    if name in model.policy.groups:
        title = model.policy.groups[name].title
        return spoken(title, lang) if title else name
    return say(f"report.csv.{name}", lang)
