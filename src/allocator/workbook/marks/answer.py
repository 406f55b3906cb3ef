"""A faulty book's answer: which cells are marked for its faults, what their comments say, what the first sheet lists.

Lives here: faults as marks and as lines of the list; the book with them.
Not here: the sentences of faults (faults.py), what to write instead (suggestion.py), how marks stand in the file (marked.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from allocator.faults import Fault, Notice, SheetFile, sentence
from allocator.words import LANGUAGES, Lang, say
from allocator.workbook.marks.cells import coordinates
from allocator.workbook.marks.listing import Line, Listing
from allocator.workbook.marks.marked import Mark, marked, unmarked
from allocator.workbook.marks.package import Package
from allocator.workbook.marks.suggestion import Texts, what_to_write

_COLUMNS = (("number", 6), ("sheet", 22), ("cell", 10), ("what", 70), ("write", 26))
_LINKED = 2
_FIRST_CELL = "A1"
_WORD = re.compile(r"[a-z]+ ")
MOST = 5_000  # are marked: programs become slow with more comments


@dataclass(frozen=True)
class _Told:
    """A fault as it is told in the book: its cell, what is wrong, what to write. `sheet`: None outside the book."""

    fault: Fault
    sheet: str | None
    cell: str | None
    what: str
    write: str | None

    @property
    def notice(self) -> bool:
        return isinstance(self.fault, Notice)


def names(lang: Lang = "en") -> tuple[str, ...]:
    """What the first sheet is called: in `lang`, and in other languages."""
    return tuple(say("marks.sheet", each) for each in sorted(LANGUAGES, key=lambda each: each != lang))


def answered(book: bytes, faults: Iterable[Fault], lang: Lang) -> bytes:
    """The book with a mark at every cell that one of these faults and notices names. Raises NotReadable."""
    sheets = list(Package(book).sheets)
    every = sorted(faults, key=lambda fault: _order(fault, sheets))
    texts = Texts(book)
    told = [_told(fault, sheets, texts, lang) for fault in every[:MOST]]
    marks = [
        Mark(each.sheet, each.cell, _comment(each, lang), each.notice)
        for each in told
        if each.sheet is not None and each.cell is not None
    ]
    return marked(book, marks, _listing(told, every, lang))


def cleaned(book: bytes) -> bytes | None:
    """The book without the marks of an earlier check; None where it has none. Raises NotReadable."""
    return unmarked(book, names())


def _sheet(fault: Fault, sheets: Sequence[str]) -> str | None:
    """The sheet of the book that a fault is in."""
    title = fault.place.sheet
    return title if isinstance(fault.place.file, SheetFile) and title in sheets else None


def _order(fault: Fault, sheets: Sequence[str]) -> tuple[object, ...]:
    """Faults before notices, each in the order of the sheets and their cells; those in no sheet at the end."""
    sheet, cell = _sheet(fault, sheets), fault.place.cell
    at = (len(sheets), -1, -1)
    if sheet is not None:
        at = (sheets.index(sheet), *(coordinates(cell) if cell is not None else (-1, -1)))
    return isinstance(fault, Notice), *at, *fault.place.order(), fault.code


def _told(fault: Fault, sheets: Sequence[str], texts: Texts, lang: Lang) -> _Told:
    sheet, cell = _sheet(fault, sheets), fault.place.cell
    write = None if sheet is None or cell is None else what_to_write(fault, texts.at(fault.place))
    what = sentence(fault if write is None else replace(fault, nearest=None), lang)
    if _WORD.match(what):
        what = what[0].upper() + what[1:]
    return _Told(fault, sheet, cell, what, write)


def _comment(told: _Told, lang: Lang) -> str:
    return told.what if told.write is None else told.what + "\n" + say("marks.write", lang, write=told.write)


def _listing(told: Sequence[_Told], every: Sequence[Fault], lang: Lang) -> Listing:
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
        tuple(_line(number, each, lang) for number, each in enumerate(told, 1)),
    )


def _line(number: int, told: _Told, lang: Lang) -> Line:
    what, write = told.what, told.write or ""
    if told.sheet is None:
        return Line((number, told.fault.place.text(lang), "", what, write))
    cell = told.cell or _FIRST_CELL
    return Line((number, told.sheet, cell, what, write), told.sheet, cell)
