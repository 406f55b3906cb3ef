"""Elements of a Word file, and paragraphs of them.

Lives here: how they are made.
Not here: which ones stand where (word.py and its helpers).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from docx.oxml.ns import nsmap, qn
from docx.oxml.parser import oxml_parser

from allocator.publish.office.shown import shown

_name = cache(qn)  # a quarter of a million of these stand in 135 letters
_SPACE = {"w": nsmap["w"]}


def element(tag: str, *children: Any, **attributes: Any) -> Any:
    """`element("w:ind", right=20)` is <w:ind w:right="20"/>."""
    told = {_name(f"w:{name}"): str(value) for name, value in attributes.items()}
    made = oxml_parser.makeelement(_name(tag), told, _SPACE)
    made.extend(children)
    return made


def run(text: str, size: float | None = None) -> Any:
    """size: in points, where it is another one than the style's."""
    held = element("w:t")
    held.text = shown(text)
    held.set(_name("xml:space"), "preserve")
    own = (
        []
        if size is None
        else [element("w:rPr", *(element(f"w:{name}", val=round(size * 2)) for name in ("sz", "szCs")))]
    )
    return element("w:r", *own, held)


def paragraph(style: str, text: str, size: float | None = None) -> Any:
    properties = element("w:pPr", element("w:pStyle", val=style))
    return element("w:p", properties, *([run(text, size)] if text else []))


def lines(style: str, texts: Sequence[str]) -> Any:
    """A paragraph whose lines end where they are told to."""
    made = paragraph(style, texts[0])
    for text in texts[1:]:
        made.append(element("w:r", element("w:br")))
        made.append(run(text))
    return made
