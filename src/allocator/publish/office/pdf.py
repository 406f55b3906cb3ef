"""A document as a PDF file, tagged, with its fonts inside: PDF/UA-1 and PDF/A-2a, by typst.

Lives here: the data that document.typ sets; a way out where no font has a character.
Not here: the page (document.typ), the fonts (fonts.py), what the document says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import typst

from allocator.publish.office.fonts import Fonts, fonts, installed
from allocator.publish.office.layout import grouped, layout, letterhead, ragged, signed
from allocator.publish.office.measures import (
    AREA_HEIGHT,
    AREA_WIDTH,
    BINDING,
    BODY,
    CELL_EDGE,
    CELL_SIDE,
    CHARACTERS,
    FOOT,
    HEAD,
    LANDSCAPE_HEAD,
    LANDSCAPE_SIDE,
    LATIN_BODY,
    LATIN_LETTERHEAD,
    LATIN_PITCH,
    LATIN_TITLE,
    LETTERHEAD,
    MM,
    NUMBER_BELOW,
    OUTER,
    PAGE_NUMBER,
    PITCH,
    RED,
    SQUEEZE,
    TITLE,
)
from allocator.publish.office.numbering import Numbers
from allocator.publish.office.parts import Attached, Document, Letterhead, Mark, Part, Signed
from allocator.publish.office.shown import shown
from allocator.publish.office.title import title_lines
from allocator.report.blocks import Heading, Items, Paragraph, Table, Title
from allocator.words import Lang

Standard = Literal["ua-1", "a-2a"]
STANDARDS: list[Standard] = ["ua-1", "a-2a"]
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_RARE = re.compile(r'(?:the text|the codepoint) `"(.+?)"`')  # of which it says that no font shows it


class Press:
    """Sets documents of one language. replaced: what the fonts say; rare: hears a file and a sign that no font has."""

    def __init__(self, lang: Lang, rare: Callable[[str, str], None], families: list[str] | None = None) -> None:
        self.lang, self.rare = lang, rare
        self.installed = installed() if families is None else families
        self.compiler = typst.Compiler(str(Path(__file__).with_name("document.typ")))
        self.replaced: tuple[tuple[str, str], ...] = ()

    def pdf(self, document: Document) -> bytes:
        """Raises NoChineseFont."""
        data = _data(document)
        told = json.dumps(data, ensure_ascii=False)
        chosen = fonts(self.installed, self.lang, chinese=bool(_CHINESE.search(told)))
        self.replaced = chosen.replaced
        data |= _set(chosen)
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        try:
            return self._made(inputs, STANDARDS)
        except typst.TypstError as error:
            found = _RARE.search(str(error))
            if found is None:
                raise
            self.rare(document.name, found[1])
            return self._made(inputs, [])

    def _made(self, inputs: dict[str, str], standards: Sequence[Standard]) -> bytes:
        made = self.compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=list(standards), timestamp=0)
        assert isinstance(made, bytes)
        return made


def _set(chosen: Fonts) -> dict[str, Any]:
    return {"fonts": {role: list(names) for role, names in chosen.families.items()}, "bold": chosen.bold_title}


def _data(document: Document) -> dict[str, Any]:
    lang, numbers = document.lang, Numbers(document.lang)
    sections = []
    for section in document.sections:
        width = AREA_HEIGHT if section.landscape else AREA_WIDTH
        parts = [told for part in section.parts for told in _part(part, numbers, lang, width)]
        for told, after in pairwise(parts):
            told["sticky"] = after["kind"] == "signed"  # a signature never stands alone on a page
        sections.append({"landscape": section.landscape, "parts": parts})
    written = [document.written.year, document.written.month, document.written.day]
    return {
        "lang": lang,
        "title": shown(document.title),
        "written": written,
        "sections": sections,
        "measures": _measures(lang),
    }


def _part(part: Part, numbers: Numbers, lang: Lang, width: float) -> Iterator[dict[str, Any]]:
    match part:
        case Title(text):
            lines = title_lines(text, width, TITLE if lang == "zh" else LATIN_TITLE)
            yield {"kind": "title", "lines": lines}
        case Heading(text, level):
            yield {"kind": "heading", "text": shown(numbers.heading(text, level)), "level": min(level, 2)}
        case Paragraph(text, strong, flush):
            yield {
                "kind": "paragraph",
                "text": shown(text),
                "strong": strong,
                "flush": flush,
                "ragged": ragged(text, lang),
            }
        case Items(texts):
            for i, text in enumerate(texts, 1):
                yield {
                    "kind": "paragraph",
                    "text": shown(numbers.item(i, text)),
                    "strong": False,
                    "flush": False,
                    "ragged": ragged(text, lang),
                }
        case Table():
            yield _table(part, width)
        case Letterhead(office, number):
            size = letterhead(office, LETTERHEAD if lang == "zh" else LATIN_LETTERHEAD)
            yield {"kind": "letterhead", "office": shown(office), "number": shown(number), "size": size}
        case Mark(text):
            yield {"kind": "mark", "text": shown(text)}
        case Attached(head, texts):
            yield {"kind": "attached", "head": head, "texts": [shown(text) for text in texts]}
        case Signed(office, day):
            insets = signed(office, day, CHARACTERS if lang == "zh" else width * MM / LATIN_BODY)
            yield {"kind": "signed", "office": shown(office), "day": shown(day), "insets": insets}


def _table(table: Table, width: float) -> dict[str, Any]:
    laid = layout(table, width)
    columns = [
        {"title": shown(one.title), "align": one.align, "width": size}
        for one, size in zip(table.columns, laid.widths, strict=True)
    ]
    rows = [
        {"cells": [shown(cell) for cell in row], "strong": number in table.strong}
        for number, row in enumerate(table.rows)
    ]
    return {
        "kind": "table",
        "title": shown(table.title),
        "size": laid.size,
        "columns": columns,
        "over": [{"text": text, "count": count} for text, count in grouped(table)],
        "rows": rows,
        "notes": [shown(note) for note in table.notes],
    }


def _measures(lang: Lang) -> dict[str, float | str]:
    zh = lang == "zh"
    return {
        "body": BODY if zh else LATIN_BODY,
        "title": TITLE if zh else LATIN_TITLE,
        "pitch": PITCH if zh else LATIN_PITCH,
        "squeeze": SQUEEZE - 0.01 if zh else 0,
        "table-title": 14 if zh else 12,
        "note": 10.5 if zh else 9.5,
        "number": PAGE_NUMBER,
        "width": AREA_WIDTH,
        "height": AREA_HEIGHT,
        "head": HEAD,
        "foot": FOOT,
        "binding": BINDING,
        "outer": OUTER,
        "top": LANDSCAPE_HEAD,
        "side": LANDSCAPE_SIDE,
        "below": NUMBER_BELOW,
        "cell-side": CELL_SIDE,
        "cell-edge": CELL_EDGE,
        "red": f"#{RED}",
    }
