"""The office's documents of a run as files, by name.

Lives here: all of them, in Word and in PDF.
Not here: what they say (documents.py), how each is written (word.py, pdf.py), where they are put (the command).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from allocator.publish.content import Content
from allocator.publish.office.documents import Documents
from allocator.publish.office.parts import Document, Notice
from allocator.report.letter import Letters
from allocator.words import Say

Counted = Callable[[int, int], None]
Tell = Callable[[Say], None]


def word_files(
    content: Content, letters: Letters | None, notice: Notice, counted: Counted | None = None
) -> dict[str, bytes]:
    """Annex, public notice, final notice, and a letter a unit, as Word files. counted: hears how many are done, of how many."""
    from allocator.publish.office.word import word_file

    return _files(content, letters, notice, ".docx", word_file, counted)


def pdf_files(
    content: Content,
    letters: Letters | None,
    notice: Notice,
    counted: Counted | None = None,
    tell: Tell | None = None,
) -> dict[str, bytes]:
    """The same as PDF. tell: hears which font stands for which, and what no font has. Raises NoChineseFont."""
    from allocator.publish.office.pdf import Press

    said = tell or (lambda _: None)
    press = Press(
        content.names.lang, lambda file, sign: said(Say("office.rare", {"file": f"{file}.pdf", "sign": sign}))
    )
    made = _files(content, letters, notice, ".pdf", press.pdf, counted)
    for wanted, used in press.replaced:
        said(Say("office.font-replaced", {"wanted": wanted, "used": used}))
    return made


def _files(
    content: Content,
    letters: Letters | None,
    notice: Notice,
    ending: str,
    written: Callable[[Document], bytes],
    counted: Counted | None,
) -> dict[str, bytes]:
    units = [] if letters is None else [str(code) for code in content.names.model.units.columns["unit"].values]
    made: dict[str, bytes] = {}
    for document in _documents(Documents(content, notice), letters, units):
        made[document.name + ending] = written(document)
        if counted is not None:
            counted(len(made), len(units) + 3)
    return made


def _documents(documents: Documents, letters: Letters | None, units: list[str]) -> Iterator[Document]:
    yield from documents.all()
    if letters is not None:
        yield from (documents.letter(letters, unit) for unit in units)
