"""A figure of a file that was handed over, asked again; or all figures of one.

Lives here: finding the run, the figures that are meant, showing each with its query and its inputs.
Not here: the questions and their answers (publish/replayed/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from allocator.cli.commands._shared import write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place
from allocator.publish.book.read import read_book
from allocator.publish.found import Found, found
from allocator.publish.made import content
from allocator.publish.provenance import run_of
from allocator.publish.replayed import in_book, in_page
from allocator.publish.replayed.address import Address
from allocator.publish.replayed.figure import Figure, Value, same
from allocator.publish.replayed.in_html import read_html
from allocator.publish.replayed.in_letter import LetterFigures
from allocator.publish.replayed.recount import Answer, Recount, Unknown
from allocator.runs.read import Run
from allocator.solve import Clock, Limits
from allocator.words import LANGUAGES, Lang, say

MOST_LINES = 12  # of one file, named one by one
MOST_SHOWN = 40  # figures that differ


@dataclass(frozen=True)
class Asked:
    """A figure with the answer of the run; same: whether the file says that."""

    figure: Figure
    answer: Answer
    same: bool


def ask_again(address: Address, store: Path, folder: Path | None, lang: Lang, *, json: bool) -> Exit:
    """One figure, or all of a file. Raises InputError where the file, the run or the figure is not there."""
    clock = Clock(Limits())
    run, figures = _figures(address, store, folder, lang, clock)
    names = Names(run.model, lang)
    with Watch(names, clock, "commands.replay.asked") as watch:
        recount, asked = Recount(run, lang, clock, watch), []
        for number, figure in enumerate(figures, 1):
            asked.append(_asked(recount, figure, address, names))
            if len(figures) > 1:
                watch.counted(number, len(figures))
    if json:
        write_json({"file": str(address.file), "run": str(run.folder), "figures": [_record(one) for one in asked]})
    elif address.inside is None:
        _show_all(asked, address, run, lang)
    else:
        for one in asked:
            _show(one, address, run, names)
    return Exit.DONE if all(one.same for one in asked) else Exit.DEFECT


def _figures(
    address: Address, store: Path, folder: Path | None, lang: Lang, clock: Clock
) -> tuple[Run, Sequence[Figure]]:
    """The run of a file, and the figures of it that are meant."""
    if address.book:
        book = read_book(address.file)
        if book.said.kind == "comparison":
            raise InputError([Fault("replay-comparison", Place(str(address.file)), {"plans": book.said.run})])
        run = run_of(book.said, address.file, store, folder)
        held = _found(run, lang, clock)
        contents = {each: content(held, each) for each in LANGUAGES}
        if address.inside is None:
            return run, in_book.every_figure(book, contents)
        return run, [in_book.figure_at(book, contents, address)]
    html = read_html(address.file)
    run = run_of(html.said, address.file, store, folder)
    if html.said.kind == "letter":
        letter = LetterFigures(html, Names(run.model, html.said.lang))
        return run, list(letter.all.values()) if address.inside is None else [letter.at(address)]
    tables = {table.id: table for table in content(_found(run, lang, clock), lang).tables}
    if address.inside is None:
        return run, in_page.every_figure(html, tables)
    return run, in_page.figure_at(html, tables, address)


def _found(run: Run, lang: Lang, clock: Clock) -> Found:
    with Watch(Names(run.model, lang), clock) as watch:
        return found(run, clock=clock, reporter=watch)


def _asked(recount: Recount, figure: Figure, address: Address, names: Names) -> Asked:
    try:
        answer = recount.answer(figure.asked)
    except Unknown:
        if address.inside is None:  # one of many: it counts as one that is not the same
            return Asked(figure, Answer(names.say("commands.replay.unknown"), "", ()), same=False)
        place = Place(f"{address.file}{'!' if address.book else '#'}{figure.address}")
        raise InputError([Fault("replay-unknown", place, {"what": figure.about})]) from None
    return Asked(figure, answer, same(figure.value, answer.value, names))


# Shown ------------------------------------------------------------------------------------------------------------------


def _show(one: Asked, address: Address, run: Run, names: Names) -> None:
    lang = names.lang
    sign = "!" if address.book else "#"
    click.echo(f"{address.file}{sign}{one.figure.address}")
    again = say(f"commands.replay.is-{'same' if one.same else 'other'}", lang, value=_told(one.answer.value, names))
    lines = [("about", one.figure.about), ("file", _told(one.figure.value, names)), ("again", again)]
    lines += [("how", one.answer.how), ("run", f"{run.folder}")]
    lines += [("reads", text) for text in _reads(one.answer, lang)]
    for code, text in lines:
        click.echo(say(f"commands.replay.figure.{code}", lang, text=text))


def _show_all(asked: Sequence[Asked], address: Address, run: Run, lang: Lang) -> None:
    other = [one for one in asked if not one.same]
    names = Names(run.model, lang)
    for one in other[:MOST_SHOWN]:
        file, again = _told(one.figure.value, names), _told(one.answer.value, names)
        told = {"address": one.figure.address, "about": one.figure.about, "file": file, "again": again}
        click.echo(say("commands.replay.one-other", lang, **told))
    if len(other) > MOST_SHOWN:
        click.echo(say("report.more", lang, count=len(other) - MOST_SHOWN))
    code = "some-other" if other else "every-same"
    told_all = {"count": len(asked), "other": len(other), "file": str(address.file), "run": str(run.folder)}
    click.echo(say(f"commands.replay.{code}", lang, **told_all))


def _told(value: Value, names: Names) -> str:
    if value is None or value == "":
        return names.say("commands.replay.nothing")
    if isinstance(value, str):
        return value
    exact = Fraction(value)
    text = names.figure(exact.limit_denominator(10**9) if isinstance(value, float) else exact)
    return f"{text} = {exact}" if text.startswith("≈") and not isinstance(value, float) else text


def _reads(answer: Answer, lang: Lang) -> list[str]:
    told = []
    for one in answer.reads:
        parts = [one.file]
        if one.lines:
            listed = [*map(str, one.lines[:MOST_LINES]), *(["…"] if len(one.lines) > MOST_LINES else [])]
            told_lines = say("report.comma", lang).join(listed)
            parts.append(say("commands.replay.lines", lang, lines=told_lines, count=len(one.lines)))
        if one.column:
            parts.append(say("commands.replay.column", lang, column=one.column))
        told.append(say("report.comma", lang).join(parts))
    return list(dict.fromkeys(told))


def _record(one: Asked) -> dict[str, Any]:
    asked = one.figure.asked
    return {
        "address": one.figure.address,
        "about": one.figure.about,
        "in_file": _plain(one.figure.value),
        "recounted": _plain(one.answer.value),
        "same": one.same,
        "question": {"kind": asked.kind, "text": asked.text, "label": list(asked.label), "part": asked.part},
        "how": one.answer.how,
        "reads": [{"file": read.file, "lines": list(read.lines), "column": read.column} for read in one.answer.reads],
    }


def _plain(value: Value) -> Any:
    return str(value) if isinstance(value, Fraction) else value
