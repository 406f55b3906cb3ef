"""Elements of a Word file, and paragraphs of them.

Lives here: how they are made.
Not here: which ones stand where (word.py and its helpers).
"""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from allocator.publish.office.shown import shown


def element(tag: str, *children: Any, text: str | None = None, **attributes: object) -> Any:
    """`element("w:ind", right=20)` is <w:ind w:right="20"/>; a tag of another space has attributes without one."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}") if tag.startswith("w:") else name, str(value))
    for child in children:
        made.append(child)
    if text is not None:
        made.text = text
    return made


def run(text: str, size: float | None = None) -> Any:
    """size: in points, where it is another one than the style's."""
    made = element("w:t", text=shown(text))
    made.set(qn("xml:space"), "preserve")
    own = (
        []
        if size is None
        else [element("w:rPr", *(element(f"w:{name}", val=round(size * 2)) for name in ("sz", "szCs")))]
    )
    return element("w:r", *own, made)


def paragraph(style: str, text: str, size: float | None = None) -> Any:
    properties = element("w:pPr", element("w:pStyle", val=style))
    return element("w:p", properties, *([run(text, size)] if text else []))
