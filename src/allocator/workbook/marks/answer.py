"""A faulty book's answer: which cells are marked for its faults, what their comments say, what the first sheet lists.

Lives here: faults as marks and as lines of the list; the book with them.
Not here: the sentences of faults (faults.py), how marks stand in the file (marked.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from allocator.faults import Fault, Notice, SheetFile, sentence
from allocator.words import LANGUAGES, Lang, say
from allocator.workbook.marks.cells import coordinates
from allocator.workbook.marks.listing import Line, Listing
from allocator.workbook.marks.marked import Mark, marked, unmarked
from allocator.workbook.marks.package import Package

_COLUMNS = (("number", 6), ("sheet", 22), ("cell", 10), ("what", 70), ("write", 26))
_LINKED = 2
MOST = 5_000  # are marked: programs become slow with more comments
_FIRST_CELL = "A1"


def names(lang: Lang = "en") -> tuple[str, ...]:
    """What the first sheet is called: in `lang`, and in other languages."""
    return tuple(say("marks.sheet", each) for each in sorted(LANGUAGES, key=lambda each: each != lang))


def answered(book: bytes, faults: Iterable[Fault], lang: Lang) -> bytes:
    """The book with a mark at every cell that one of these faults and notices names. Raises NotReadable."""
    sheets = list(Package(book).sheets)
    every = sorted(faults, key=lambda fault: _order(fault, sheets))
    told = every[:MOST]
    return marked(
        book, [mark for fault in told if (mark := _mark(fault, sheets, lang))], _listing(told, every, sheets, lang)
    )


def cleaned(book: bytes) -> bytes | None:
    """The book without the marks of an earlier check; None where it has none. Raises NotReadable."""
    return unmarked(book, names())


def what_to_write(fault: Fault) -> str | None:
    """What should stand in the cell instead, where that is one thing."""
    return fault.nearest


def _sheet(fault: Fault, sheets: Sequence[str]) -> str | None:
    """The sheet of the book that a fault is in."""
    title = fault.place.sheet
    return title if isinstance(fault.place.file, SheetFile) and title in sheets else None


def _order(fault: Fault, sheets: Sequence[str]) -> tuple[object, ...]:
    """Faults before notices, each in the order of the sheets and their cells; those in no sheet at the end."""
    sheet, cell = _sheet(fault, sheets), fault.place.cell
    row, column = coordinates(cell) if sheet is not None and cell is not None else (-1, -1)
    return (
        isinstance(fault, Notice),
        len(sheets) if sheet is None else sheets.index(sheet),
        row,
        column,
        *fault.place.order(),
        fault.code,
    )


def _mark(fault: Fault, sheets: Sequence[str], lang: Lang) -> Mark | None:
    sheet, cell = _sheet(fault, sheets), fault.place.cell
    if sheet is None or cell is None:
        return None
    what, write = _what(fault, lang), what_to_write(fault)
    text = what if write is None else what + "\n" + say("marks.write", lang, write=write)
    return Mark(sheet, cell, text, isinstance(fault, Notice))


def _what(fault: Fault, lang: Lang) -> str:
    """The sentence, without what stands in a column or a line of its own."""
    text = sentence(replace(fault, nearest=None), lang)
    return text[0].upper() + text[1:]


def _listing(told: Sequence[Fault], every: Sequence[Fault], sheets: Sequence[str], lang: Lang) -> Listing:
    notices = sum(isinstance(fault, Notice) for fault in every)
    count = {"faults": len(every) - notices, "notices": notices}
    said = [say("marks.said.how", lang)]
    if count["faults"]:
        said.append(say("marks.said.then", lang))
    if notices:
        said.append(say("marks.said.notices", lang, **count))
    if len(told) < len(every):
        said.append(say("marks.said.more", lang, most=len(told), count=len(every)))
    return Listing(
        names(lang),
        say("marks.title.faults" if count["faults"] else "marks.title.notices", lang, **count),
        tuple(said),
        tuple((say(f"marks.column.{name}", lang), width) for name, width in _COLUMNS),
        _LINKED,
        tuple(_line(number, fault, sheets, lang) for number, fault in enumerate(told, 1)),
    )


def _line(number: int, fault: Fault, sheets: Sequence[str], lang: Lang) -> Line:
    what, write = _what(fault, lang), what_to_write(fault) or ""
    sheet, cell = _sheet(fault, sheets), fault.place.cell or _FIRST_CELL
    if sheet is None:
        return Line((number, fault.place.text(lang), "", what, write))
    return Line((number, sheet, cell, what, write), sheet, cell)
