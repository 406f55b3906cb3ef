"""The page of a Word file: margins, grid, the page number where the standard wants it.

Lives here: that, upright and landscape.
Not here: the measures (measures.py), the body (word.py).

On a landscape page the number stands where it stands on the upright sheet: in a box beside the type area, turned.
"""

from __future__ import annotations

from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
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

TWIPS, EMU = MM * 20, 36000  # a millimetre
NUMBER_LINE = PAGE_NUMBER * 1.25  # points
BOX_LENGTH, BOX_DEPTH = 50, 10  # of the box of a turned number, mm
_BOX = """
<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
  xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
  xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
  xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" {w}><mc:Choice Requires="wps">
<w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="0" locked="0"
  layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>
<wp:positionH relativeFrom="page"><wp:posOffset>{x}</wp:posOffset></wp:positionH>
<wp:positionV relativeFrom="page"><wp:posOffset>{y}</wp:posOffset></wp:positionV>
<wp:extent cx="{depth}" cy="{length}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>
<wp:docPr id="{id}" name="page number {id}"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{depth}" cy="{length}"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>
<wps:txbx><w:txbxContent/></wps:txbx>
<wps:bodyPr rot="0" vert="vert" wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="t"><a:noAutofit/></wps:bodyPr>
</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent>"""


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
    """The box of a landscape page: the left margin there is the foot of the upright sheet, its top the left edge."""
    line = NUMBER_LINE / MM
    x = LANDSCAPE_SIDE - NUMBER_BELOW + line / 2 - BOX_DEPTH
    y = LANDSCAPE_HEAD + (WIDTH - 2 * LANDSCAPE_HEAD - BOX_LENGTH if odd else 0)
    told = {"x": x, "y": y, "depth": BOX_DEPTH, "length": BOX_LENGTH}
    box = parse_xml(
        _BOX.format(w=nsdecls("w"), id=1 if odd else 2, **{name: round(value * EMU) for name, value in told.items()})
    )
    content = next(box.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}txbxContent"))
    content.append(_number(odd))
    return element("w:p", element("w:pPr", element("w:pStyle", val="Low")), element("w:r", box))
