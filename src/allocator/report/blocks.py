"""What a document is made of, in whatever form it is handed over: headings, paragraphs, lists, tables; and two plain forms.

Lives here: the parts as frozen values; the same as Markdown and as a page of HTML.
Not here: what a document says (letter.py, publish/), Word and PDF (publish/office/).

Every text is a text: no form reads marks in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "right", "center"]

_MARKS = re.compile(r"[\\`*_\[\]<>|]")
_START = re.compile(r"^(\s*)(#|[-+=~](?=\s|$|[-+=~])|\d+(?=[.)]))")


@dataclass(frozen=True)
class Title:
    """What the whole document is called."""

    text: str


@dataclass(frozen=True)
class Heading:
    """level: 1 a part of the document, 2 a part of that."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """strong: what it is about, told apart from the rest; flush: without the indent of a first line, as an address is."""

    text: str
    strong: bool = False
    flush: bool = False


@dataclass(frozen=True)
class Items:
    """A list without numbers."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """width: what it takes in characters of Latin text; over: what stands above several columns side by side."""

    title: str
    align: Align = "left"
    width: int = 10
    over: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of texts. title, notes: above and below; strong: the numbers of rows that are totals or heads."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    strong: frozenset[int] = field(default_factory=frozenset)


Block = Title | Heading | Paragraph | Items | Table


# Markdown ---------------------------------------------------------------------------------------------------------------


def markdown(blocks: Iterable[Block]) -> str:
    """Blocks as Markdown, each with an empty line after it."""
    return "\n".join(line for block in blocks for line in (*_marked(block), ""))


def _marked(block: Block) -> list[str]:
    match block:
        case Title(text):
            return [f"# {_plain(text)}"]
        case Heading(text, level):
            return [f"{'#' * (level + 1)} {_plain(text)}"]
        case Paragraph(text, strong):
            return [f"**{_plain(text)}**" if strong else _START.sub(_escaped, _plain(text))]
        case Items(texts):
            return [f"- {_START.sub(_escaped, _plain(text))}" for text in texts]
        case Table():
            marks = {"left": ":---", "right": "---:", "center": ":---:"}
            lines = [[_plain(one.title) for one in block.columns], [marks[one.align] for one in block.columns]]
            lines += [[_plain(cell) for cell in row] for row in block.rows]
            above = [f"**{_plain(block.title)}**", ""] if block.title else []
            below = [line for note in block.notes for line in ("", _START.sub(_escaped, _plain(note)))]
            return [*above, *(f"| {' | '.join(line)} |" for line in lines), *below]


def _plain(text: str) -> str:
    """A text in Markdown: what would be a mark there is none."""
    return _MARKS.sub(r"\\\g<0>", text)


def _escaped(match: re.Match[str]) -> str:
    """The first sign of a line, which would make a heading or a list of it."""
    first = match[2]
    return f"{match[1]}{first}\\" if first.isdigit() else f"{match[1]}\\{first}"


# HTML -------------------------------------------------------------------------------------------------------------------


def page(blocks: Sequence[Block], *, lang: str, title: str, style: str, said: str = "") -> str:
    """Blocks as one file of HTML, to be printed on A4; `said`: tags of its head."""
    body = "".join(f"{_tagged(block)}\n" for block in blocks)
    head = f'<meta charset="utf-8"><title>{html.escape(title, quote=False)}</title>\n{said}<style>{style}</style>'
    return f'<!doctype html>\n<html lang="{lang}"><head>{head}</head><body>\n{body}</body></html>\n'


def _tagged(block: Block) -> str:
    match block:
        case Title(text):
            return f"<h1>{html.escape(text, quote=False)}</h1>"
        case Heading(text, level):
            return f"<h{level + 1}>{html.escape(text, quote=False)}</h{level + 1}>"
        case Paragraph(text, strong):
            told = html.escape(text, quote=False)
            return f"<p><strong>{told}</strong></p>" if strong else f"<p>{told}</p>"
        case Items(texts):
            return "\n".join(["<ul>", *(f"<li>{html.escape(text, quote=False)}</li>" for text in texts), "</ul>"])
        case Table():
            return _html_table(block)


def _html_table(table: Table) -> str:
    def row(cells: Iterable[str], tag: str) -> str:
        told = (
            f'<{tag} style="text-align:{one.align}">{html.escape(cell, quote=False)}</{tag}>'
            for one, cell in zip(table.columns, cells, strict=True)
        )
        return "\n".join(["<tr>", *told, "</tr>"])

    caption = f"<caption>{html.escape(table.title)}</caption>" if table.title else ""
    head = row((one.title for one in table.columns), "th")
    body = "\n".join(row(cells, "td") for cells in table.rows)
    notes = "".join(f"\n<p>{html.escape(note, quote=False)}</p>" for note in table.notes)
    return f"<table>{caption}\n<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>{notes}"
