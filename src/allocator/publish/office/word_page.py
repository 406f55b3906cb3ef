"""The page of a Word file: margins, grid, the page number where the standard wants it.

Lives here: that, upright and landscape.
Not here: the measures (measures.py), the body (word.py).

On a landscape page the number stands where it stands on the upright sheet: in a box beside the type area, turned.
"""

from __future__ import annotations

from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section

from allocator.publish.office.measures import (
    BINDING,
    FOOT,
    HEAD,
    HEIGHT,
    LANDSCAPE_HEAD,
    LANDSCAPE_SIDE,
    LATIN_PITCH,
    MM,
    NUMBER_BELOW,
    OUTER,
    PAGE_NUMBER,
    PITCH,
    WIDTH,
)
from allocator.publish.office.word_xml import element, run

TWIPS = MM * 20  # a millimetre
NUMBER_LINE = PAGE_NUMBER * 1.25  # points
BOX_LENGTH = 50  # of the box of a turned number, mm; it is as deep as its line, so that nobody can place the line otherwise in it
_BOX = """
<w:pict {w} xmlns:v="urn:schemas-microsoft-com:vml"><v:shape id="PageNumber{id}" filled="f" stroked="f"
  style="position:absolute;margin-left:{x}pt;margin-top:{y}pt;width:{depth}pt;height:{length}pt;z-index:1;\
mso-position-horizontal-relative:page;mso-position-vertical-relative:page">
<v:textbox style="layout-flow:vertical" inset="0,0,0,0"><w:txbxContent/></v:textbox></v:shape></w:pict>"""


def page_of(properties: Any, landscape: bool, lang: str) -> None:
    """Writes size, margins and grid into the properties of a section."""
    for child in list(properties):
        properties.remove(child)
    size = {"w": HEIGHT, "h": WIDTH} if landscape else {"w": WIDTH, "h": HEIGHT}
    if landscape:
        margins = {"top": LANDSCAPE_HEAD, "right": LANDSCAPE_SIDE, "bottom": LANDSCAPE_HEAD, "left": LANDSCAPE_SIDE}
    else:
        margins = {"top": HEAD, "right": OUTER, "bottom": FOOT, "left": BINDING}
    line = NUMBER_LINE / MM
    margins |= {"header": 15, "footer": FOOT - NUMBER_BELOW - line / 2, "gutter": 0}
    properties.append(
        element(
            "w:pgSz", **{k: round(v * TWIPS) for k, v in size.items()}, **({"orient": "landscape"} if landscape else {})
        )
    )
    properties.append(element("w:pgMar", **{k: round(v * TWIPS) for k, v in margins.items()}))
    pitch = PITCH if lang == "zh" else LATIN_PITCH
    grid = {"type": "lines", "linePitch": round(pitch * 20)}
    properties.append(element("w:docGrid", **grid))


def dress(section: Section, landscape: bool) -> None:
    """Puts the page number on odd and on even pages, at the outer side of the upright sheet."""
    for odd, header, footer in (
        (True, section.header, section.footer),
        (False, section.even_page_header, section.even_page_footer),
    ):
        for part in (header, footer):
            part.is_linked_to_previous = False
            for child in list(part._element):
                part._element.remove(child)
        if landscape:
            header._element.append(_turned(odd))
            footer._element.append(element("w:p", element("w:pPr", element("w:pStyle", val="Low"))))
        else:
            header._element.append(element("w:p", element("w:pPr", element("w:pStyle", val="Low"))))
            footer._element.append(_number(odd))


def _number(odd: bool) -> Any:
    inset = round(PAGE_NUMBER * 20)
    properties = element(
        "w:pPr",
        element("w:pStyle", val="PageNumber"),
        element("w:ind", right=inset) if odd else element("w:ind", left=inset),
        element("w:jc", val="right" if odd else "left"),
    )
    field = element("w:fldSimple", run("1"), instr=" PAGE ")
    return element("w:p", properties, run("— "), field, run(" —"))


def _turned(odd: bool) -> Any:
    """The box of a landscape page: the left margin there is the foot of the upright sheet, its top the left edge.

    As the older kind of drawing: LibreOffice loses the place of a newer one where the section has one page.
    """
    line = NUMBER_LINE / MM
    x = LANDSCAPE_SIDE - NUMBER_BELOW - line / 2
    y = LANDSCAPE_HEAD + (WIDTH - 2 * LANDSCAPE_HEAD - BOX_LENGTH if odd else 0)
    told = {"x": x, "y": y, "depth": line, "length": BOX_LENGTH}
    sizes = {name: f"{value * MM:.2f}" for name, value in told.items()}
    box = parse_xml(_BOX.format(w=nsdecls("w"), id="Odd" if odd else "Even", **sizes))
    content = next(box.iter(qn("w:txbxContent")))
    content.append(_number(odd))
    return element("w:p", element("w:pPr", element("w:pStyle", val="Low")), element("w:r", box))
