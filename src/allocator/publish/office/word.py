"""A document as a Word file in the form of GB/T 9704.

Lives here: the body, part by part; the package, the same bytes every time.
Not here: styles (word_styles.py), tables (word_table.py), page, header and footer (word_page.py), what the document says.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from functools import cache
from itertools import zip_longest
from typing import Any

import docx
from docx.section import Section as WordSection

from allocator.publish.office.layout import letterhead, ragged, signed
from allocator.publish.office.measures import (
    AREA_HEIGHT,
    AREA_WIDTH,
    BODY,
    CHARACTERS,
    LATIN_BODY,
    LATIN_LETTERHEAD,
    LATIN_TITLE,
    LETTERHEAD,
    MM,
    TITLE,
)
from allocator.publish.office.numbering import Numbers
from allocator.publish.office.parts import Attached, Document, Letterhead, Mark, Part, Section, Signed
from allocator.publish.office.shown import shown
from allocator.publish.office.title import title_lines
from allocator.publish.office.word_page import dress, page_of
from allocator.publish.office.word_styles import altered, fonts_part, styles_part
from allocator.publish.office.word_table import word_table
from allocator.publish.office.word_xml import element, lines, paragraph, run
from allocator.report.blocks import Heading, Items, Paragraph, Table, Title
from allocator.words import Lang

_MADE = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # of every file inside: a Word file is a zip file, and this is the first day that one knows
_STRANGE = {
    "thumbnail",
    "customXml",
    "stylesWithEffects",
    "numbering",
    "webSettings",
}  # the library's own, of another document


def word_file(document: Document) -> bytes:
    """The document as the bytes of a .docx file."""
    word = docx.Document(io.BytesIO(_empty(document.lang)))
    body = word.element.body
    last = body.sectPr
    numbers = Numbers(document.lang)
    for number, section in enumerate(document.sections):
        for made in _section(section, numbers, document.lang):
            last.addprevious(made)
        own = last
        if number < len(document.sections) - 1:
            own = element("w:sectPr")
            _ends(last.getprevious()).append(own)
        page_of(own, section.landscape, document.lang)
        dress(WordSection(own, word.part), section.landscape)
    written = datetime.combine(document.written, time())
    core = word.core_properties
    core.title, core.language = shown(document.title), "zh-CN" if document.lang == "zh" else "en-GB"
    core.author, core.last_modified_by, core.comments, core.revision = "", "", "", 1
    core.created = core.modified = written
    data = io.BytesIO()
    word.save(data)
    return _again(data.getvalue())


@cache
def _empty(lang: Any) -> bytes:
    """A file without text, with our styles."""
    word = docx.Document()
    for rels in (word.part.package.rels, word.part.rels):
        for name in [name for name, one in rels.items() if one.reltype.rsplit("/", 1)[1] in _STRANGE]:
            del rels[name]
    for child in list(word.element.body)[:-1]:
        word.element.body.remove(child)
    styles_part(word, lang)
    fonts_part(word)
    altered(word)
    data = io.BytesIO()
    word.save(data)
    return data.getvalue()


def _again(data: bytes) -> bytes:
    """The same files, packed without the time of the day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _MADE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            new.writestr(info, old.read(name))
    return out.getvalue()


def _ends(last: Any) -> Any:
    """The properties of the paragraph that ends a section; behind a table one of its own, as low as can be."""
    if last.tag != element("w:p").tag:
        low = paragraph("Low", "")
        last.addnext(low)
        last = low
    return last.get_or_add_pPr()


def _section(section: Section, numbers: Numbers, lang: Lang) -> Iterator[Any]:
    width = AREA_HEIGHT if section.landscape else AREA_WIDTH
    for part, after in zip_longest(section.parts, section.parts[1:]):
        made = list(_part(part, numbers, lang, width))
        if isinstance(part, Paragraph) and isinstance(after, Signed):  # a signature never stands alone on a page
            made[-1].get_or_add_pPr().insert(1, element("w:keepNext"))
        yield from made


def _part(part: Part, numbers: Numbers, lang: Lang, width: float) -> Iterator[Any]:
    match part:
        case Title(text):
            yield lines("Title", title_lines(text, width, TITLE if lang == "zh" else LATIN_TITLE))
        case Heading(text, level):
            yield paragraph(f"Heading{min(level, 2)}", numbers.heading(text, level))
        case Paragraph(text, strong, flush):
            yield _text("Strong" if strong else "Flush" if flush else "Text", text, lang)
        case Items(texts):
            yield from (_text("Text", numbers.item(i, text), lang) for i, text in enumerate(texts, 1))
        case Table():
            if part.title:
                yield paragraph("TableTitle", part.title)
            yield word_table(part, width)
            yield from (paragraph("TableNote", note) for note in part.notes)
            yield paragraph("Low", "")
        case Letterhead(office, number):
            size = letterhead(office, LETTERHEAD if lang == "zh" else LATIN_LETTERHEAD)
            yield paragraph("Letterhead", office, size)
            yield paragraph("DocumentNumber", number)
            yield paragraph("RedLine", "")
        case Mark(text):
            yield paragraph("Mark", text)
        case Attached(head, texts):
            yield from _attached(head, texts)
        case Signed(office, day):
            size = BODY if lang == "zh" else LATIN_BODY
            insets = signed(office, day, CHARACTERS if lang == "zh" else width * MM / size)
            for style, text, inset in zip(("Office", "Day"), (office, day), insets, strict=True):
                made = paragraph(style, text)
                made.get_or_add_pPr().append(element("w:ind", right=round(inset * size * 20)))
                yield made


def _text(style: str, text: str, lang: Lang) -> Any:
    made = paragraph(style, text)
    if ragged(text, lang):
        made.get_or_add_pPr().append(element("w:jc", val="left"))
    return made


def _attached(head: str, texts: tuple[str, ...]) -> Iterator[Any]:
    """The first annex behind the word, the others below it (7.3.4)."""
    for number, text in enumerate(texts):
        made = paragraph("Attached" if number == 0 else "AttachedNext", head if number == 0 else text)
        if number == 0:
            made.append(element("w:r", element("w:tab")))
            made.append(run(text))
        yield made
