"""All that the page shows, in both languages, as plain values.

Lives here: putting it together from what was found out about a run, or about several.
Not here: the tables (publish/content.py, pictures.py), the letters (letters.py), the file (page.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from allocator.answer.reasons import Reasons
from allocator.audit.not_awarded import outcomes
from allocator.explain.names import Names
from allocator.publish.content import Content, Table
from allocator.publish.found import Found
from allocator.publish.made import content
from allocator.publish.map import Picture, tile_map
from allocator.publish.page.letters import Pool, pool_of
from allocator.publish.page.pictures import Pictures, coverage_of, thresholds
from allocator.publish.tables import AwardTables
from allocator.report.facts import marks
from allocator.words import LANGUAGES, Lang, say

Both = Mapping[Lang, str]
CHOICE = ("not-chosen", "repeat", "no-places")  # stages at which a unit could have been chosen


@dataclass(frozen=True)
class Program:
    """selects: a unit gets it or not; else it gets an amount."""

    id: str
    mark: str
    title: Both
    selects: bool


@dataclass(frozen=True)
class Unit:
    """group: the name of its group in the first column of groups; "" where there is none."""

    code: str
    name: Both
    group: Both


@dataclass(frozen=True)
class Refusal:
    """Why a unit did not get a program in a period: what settled it, or the score that it had and needed.

    open: it could have been chosen. worth: None where the score is private.
    """

    text: Both
    open: bool = True
    worth: Fraction | None = None
    needed: Fraction | None = None


@dataclass(frozen=True)
class Shown:
    """contents: the tables of the run; pictures: those behind the pictures; others: the units of further runs, by their names.

    refusals: by unit, program and period. without: why there are no letters, where there are none. objections: how to object.
    """

    contents: Mapping[Lang, Content]
    pictures: Mapping[Lang, tuple[Table, ...]]
    periods: tuple[int, ...]
    programs: tuple[Program, ...]
    units: tuple[Unit, ...]
    map: Picture
    objections: Both
    letters: Pool | None = None
    without: Both = field(default_factory=dict)
    refusals: Mapping[tuple[str, str, int], Refusal] = field(default_factory=dict)
    others: tuple[tuple[str, Mapping[Lang, Table]], ...] = ()


def shown_of(
    founds: Sequence[Found], reasons: Reasons | None, *, letters: bool = True, picture: Picture | None = None
) -> Shown:
    """What is shown of the first run, and the moves to each further one.

    reasons: of the first run; None where its plan is not proved. letters: whether they are wanted. picture: another map than
    that of the model's tiles.
    """
    found, model = founds[0], founds[0].run.model
    names = {lang: Names(model, lang) for lang in LANGUAGES}
    covered = coverage_of(found)
    pictures = {lang: Pictures(found, names[lang], covered, reasons) for lang in LANGUAGES}
    others = founds[1:]
    why = None if letters and reasons is not None else "page.no-letters" if not letters else "page.not-proved"
    return Shown(
        contents={lang: content(found, lang) for lang in LANGUAGES},
        pictures={
            lang: (*made.tables(), *(made.moves(other, number) for number, other in enumerate(others, 2)))
            for lang, made in pictures.items()
        },
        periods=tuple(model.policy.periods),
        programs=tuple(
            Program(
                program,
                mark,
                {lang: names[lang].program(program) for lang in LANGUAGES},
                model.programs[program].decides == "selection",
            )
            for program, mark in marks(model).items()
        ),
        units=_units(found, names),
        map=picture or tile_map(model),
        objections={lang: _objections(names[lang]) for lang in LANGUAGES},
        letters=pool_of(found, reasons) if reasons is not None and letters else None,
        without={} if why is None else {lang: say(why, lang) for lang in LANGUAGES},
        refusals=_refusals(found, names),
        others=tuple(
            (
                other.run.folder.name,
                {lang: AwardTables(other, Names(other.run.model, lang)).by_unit() for lang in LANGUAGES},
            )
            for other in others
        ),
    )


def _units(found: Found, names: Mapping[Lang, Names]) -> tuple[Unit, ...]:
    model = found.run.model
    units = model.units.columns
    column = next(iter(model.unit_groups), None)
    groups = units[column].values if column is not None else [None] * len(units["unit"].values)
    return tuple(
        Unit(
            str(code),
            {lang: names[lang].unit(str(code)) for lang in LANGUAGES},
            {lang: "" if column is None or group is None else names[lang].group(column, group) for lang in LANGUAGES},
        )
        for code, group in zip(units["unit"].values, groups, strict=True)
    )


def _objections(names: Names) -> str:
    own = names.model.policy.objections
    return names.say("report.letter.contest") if own is None else names.text(own)


def _refusals(found: Found, names: Mapping[Lang, Names]) -> dict[tuple[str, str, int], Refusal]:
    """Of every unit that could have been chosen or not; places in proportion are no refusals."""
    made: dict[tuple[str, str, int], Refusal] = {}
    compared = set()  # who could have been chosen and was not: of them a score says more than the stage
    for of in outcomes(found.facts.audit.tables):
        program = found.run.model.programs[of.program]
        if program.decides != "selection":
            continue
        told = [
            Refusal({lang: names[lang].text(reason.says(program)) for lang in LANGUAGES}, reason.stage in CHOICE)
            for reason in of.reasons
        ]
        for unit, period, reason in zip(of.unit.tolist(), of.period.tolist(), of.reason.tolist(), strict=True):
            made[of.units[unit], of.program, period] = told[reason]
            if of.reasons[reason].stage == "not-chosen":
                compared.add((of.units[unit], of.program, period))
    for cell, shows in thresholds(found):
        key = cell.unit, cell.program, cell.period
        if key in compared:
            made[key] = Refusal(made[key].text, True, cell.worth if shows else None, cell.threshold)
    return made
