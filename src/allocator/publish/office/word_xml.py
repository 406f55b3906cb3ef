"""Elements of a Word file, and paragraphs of them.

Lives here: how they are made.
Not here: which ones stand where (word.py and its helpers).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from allocator.publish.office.shown import shown


def element(tag: str, *children: Any, **attributes: Any) -> Any:
    """`element("w:ind", right=20)` is <w:ind w:right="20"/>."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    for child in children:
        made.append(child)
    return made


def run(text: str, size: float | None = None) -> Any:
    """size: in points, where it is another one than the style's."""
    held = OxmlElement("w:t")
    held.text = shown(text)
    held.set(qn("xml:space"), "preserve")
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
