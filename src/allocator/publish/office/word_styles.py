"""The styles of a Word file: what a title, a heading, a text, a cell looks like.

Lives here: the parts styles.xml and fontTable.xml, and the settings of the file.
Not here: the measures (measures.py), which part has which style (word.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Any

from docx.opc.oxml import serialize_part_xml
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from allocator.publish.office.measures import (
    BODY,
    CHINESE,
    LATIN,
    LATIN_BODY,
    LATIN_LETTERHEAD,
    LATIN_PITCH,
    LATIN_TITLE,
    LETTERHEAD,
    PAGE_NUMBER,
    PITCH,
    RED,
    SQUEEZE,
    TITLE,
    Role,
)
from allocator.publish.office.word_xml import element
from allocator.words import Lang

INSTEAD = {
    "仿宋_GB2312": "仿宋",
    "楷体_GB2312": "楷体",
    "方正小标宋简体": "方正小标宋_GBK",
}  # where the office has only these


@dataclass(frozen=True)
class Style:
    """size, line, before, after, indents: in points; first: of the first line, in characters. level: in the outline."""

    id: str
    name: str
    role: Role = "body"
    size: float = 0  # 0: as the text
    align: str = "both"
    first: float = 0
    left: float = 0
    hanging: float = 0
    line: float = 0  # 0: as the text
    before: float = 0
    after: float = 0
    bold: bool = False
    color: str = ""
    level: int | None = None
    next: bool = False
    edge: str = ""


# In one piece: a table, a style an entry.
def _styles(lang: Lang) -> list[Style]:
    zh = lang == "zh"
    title, pitch = (TITLE, PITCH) if zh else (LATIN_TITLE, LATIN_PITCH)
    first, latin = (2, False) if zh else (0, True)
    gap = 0 if zh else 6
    attached = 3 if zh else 5.5  # "附件：" is three characters wide
    return [
        Style("Text", "Body Text", first=first, after=gap),
        Style("Flush", "Flush Text", after=gap),
        Style("Strong", "Strong Text", "body" if zh else "black", first=first, after=gap, bold=True),
        Style(
            "Title",
            "Title",
            "title",
            title,
            "center",
            line=title * 1.4,
            before=0,
            after=pitch,
            bold=latin,
            level=0,
            next=True,
        ),
        Style(
            "Heading1",
            "heading 1",
            "black",
            first=first,
            before=gap,
            after=gap,
            bold=latin,
            level=1,
            next=True,
            align="left",
        ),
        Style("Heading2", "heading 2", "script", first=first, after=gap, level=2, next=True, align="left"),
        Style("Mark", "Annex Mark", "black", align="left", after=pitch, bold=latin, next=True),
        Style(
            "Letterhead",
            "Letterhead",
            "title",
            LETTERHEAD if zh else LATIN_LETTERHEAD,
            "center",
            line=(LETTERHEAD if zh else LATIN_LETTERHEAD) * 1.4,
            before=pitch,
            after=pitch * 1.5,
            bold=latin,
            color=RED,
        ),
        Style("DocumentNumber", "Document Number", align="center"),
        Style("RedLine", "Red Line", size=2, line=8, after=pitch * 1.5, edge=RED),
        Style("Attached", "Annexes", left=first + attached, hanging=attached, before=pitch, align="left", next=True),
        Style("AttachedNext", "Annexes, next", left=first + attached, align="left", next=True),
        Style("Office", "Issuing Office", align="right", before=pitch * 2, next=True),
        Style("Day", "Date of Issue", align="right"),
        Style(
            "TableTitle",
            "Table Title",
            "black",
            14 if zh else 12,
            "center",
            before=12,
            after=4,
            bold=latin,
            level=2,
            next=True,
        ),
        Style("TableNote", "Table Note", size=10.5 if zh else 9.5, line=16, align="left"),
        Style("Cell", "Table Cell", size=10.5, line=14, align="left"),
        Style("Head", "Table Head", "black", 10.5, "center", line=14, bold=latin),
        Style("PageNumber", "page number", "song", PAGE_NUMBER, "right", line=PAGE_NUMBER * 1.25),
        Style("Low", "Low Line", size=1, line=1),
    ]


def styles_part(word: Any, lang: Lang) -> None:
    """Puts our styles in the place of those that the library brings."""
    styles = word.styles.element
    for child in list(styles):
        styles.remove(child)
    size, pitch = (BODY, PITCH) if lang == "zh" else (LATIN_BODY, LATIN_PITCH)
    spoken = element("w:lang", val="en-US" if lang == "zh" else "en-GB", eastAsia="zh-CN")
    run = element(
        "w:rPr",
        _fonts("body", lang),
        element("w:sz", val=round(size * 2)),
        element("w:szCs", val=round(size * 2)),
        spoken,
    )
    styles.append(element("w:docDefaults", element("w:rPrDefault", run), element("w:pPrDefault")))
    line = element("w:spacing", before=0, after=0, line=round(pitch * 20), lineRule="exact")
    controls = [element("w:widowControl", val="0" if lang == "zh" else "1"), element("w:snapToGrid", val=0), line]
    controls.append(element("w:jc", val="both"))
    own = element("w:rPr", element("w:sz", val=round(size * 2)), element("w:szCs", val=round(size * 2)))
    normal = element(
        "w:style",
        element("w:name", val="Normal"),
        element("w:qFormat"),
        element("w:pPr", *controls),
        own,
        type="paragraph",
        default=1,
        styleId="Normal",
    )
    styles.append(normal)
    for style in _styles(lang):
        styles.append(_element(style, lang, size, pitch))


def _element(style: Style, lang: Lang, body: float, pitch: float) -> Any:
    size, own = style.size or body, round((style.size or body) * 2)
    spacing = {"before": style.before, "after": style.after, "line": style.line or pitch}
    indent = {"left": style.left, "hanging": style.hanging, "firstLine": style.first}
    told = {name: round(value * size * 20) for name, value in indent.items() if value}
    told |= {f"{name}Chars": round(value * 100) for name, value in indent.items() if value and lang == "zh"}
    paragraph = [
        *([element("w:keepNext")] if style.next else []),
        *([_edge(style.edge)] if style.edge else []),
        element("w:spacing", **{k: round(v * 20) for k, v in spacing.items()}, lineRule="exact"),
        *([element("w:ind", **told)] if told else []),
        element("w:jc", val=style.align),
        *([element("w:outlineLvl", val=style.level)] if style.level is not None else []),
    ]
    run = [
        _fonts(style.role, lang),
        *([element("w:b"), element("w:bCs")] if style.bold else []),
        *([element("w:color", val=style.color)] if style.color else []),
        *([element("w:spacing", val=floor(SQUEEZE * 20))] if lang == "zh" and not style.size else []),
        element("w:sz", val=own),
        element("w:szCs", val=own),
    ]
    return element(
        "w:style",
        element("w:name", val=style.name),
        element("w:basedOn", val="Normal"),
        element("w:qFormat"),
        element("w:pPr", *paragraph),
        element("w:rPr", *run),
        type="paragraph",
        styleId=style.id,
        **({} if style.name in ("Title", "heading 1", "heading 2", "Body Text") else {"customStyle": 1}),
    )


def _edge(color: str) -> Any:
    return element("w:pBdr", element("w:bottom", val="single", sz=12, space=1, color=color))


def _fonts(role: Role, lang: Lang) -> Any:
    chinese = CHINESE[role]
    latin = chinese if lang == "zh" else LATIN
    return element("w:rFonts", ascii=latin, hAnsi=latin, eastAsia=chinese, cs=latin)


def fonts_part(word: Any) -> None:
    """Which font may stand for one that is missing: the same face under another name."""
    fonts = element("w:fonts")
    for name in (*CHINESE.values(), LATIN):
        other = [element("w:altName", val=INSTEAD[name])] if name in INSTEAD else []
        fonts.append(element("w:font", *other, name=name))
    part = next(one for one in word.part.package.iter_parts() if str(one.partname) == "/word/fontTable.xml")
    part._blob = serialize_part_xml(fonts)


def altered(word: Any) -> None:
    """Odd and even pages differ, and their margins mirror each other."""
    settings = word.settings.element
    for child in list(settings):
        settings.remove(child)
    told = [
        "<w:mirrorMargins/>",
        "<w:evenAndOddHeaders/>",
        '<w:drawingGridVerticalSpacing w:val="579"/>',
        '<w:characterSpacingControl w:val="compressPunctuation"/>',
        '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        "</w:compat>",
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>',
    ]
    for child in parse_xml(f"<w:settings {nsdecls('w')}>{''.join(told)}</w:settings>"):
        settings.append(child)
