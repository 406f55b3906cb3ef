"""Styles more in a book: those of the sheet that lists the faults, and the colours of marks.

Lives here: fonts, fills, borders, formats of cells and of conditions, each put behind those that are there.
Not here: which cells have them (sheet.py, listing.py).

What is there keeps its number; a style that is there already, letter by letter, is used again.
"""

from __future__ import annotations

from allocator.workbook.marks.package import Package, kind_of
from allocator.workbook.marks.splices import quoted

_ORDER = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors"),
    "extLst",
)
_NEW = """<styleSheet xmlns="{main}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"""
_SIDES = ("left", "right", "top", "bottom")


class Styles:
    """The styles of a book, to which some are added; `close` puts them in."""

    def __init__(self, package: Package) -> None:
        name = package.related(package.book, "styles")
        if name is None:
            name = package.free("xl/styles{}.xml")
            package.put(name, _NEW.format(main=package.main).encode(), kind_of("styles"))
            package.relate(package.book, "styles", name)
        self.text = package.text(name)
        self.new: dict[str, list[str]] = {}

    @property
    def font(self) -> str:
        """The name of the book's own font."""
        fonts = self.text.root.one("fonts")
        named = next(fonts.children[0].within("name"), None) if fonts and fonts.children else None
        return named.attributes.get("val", "") if named else "Calibri"

    def format(
        self, *, bold: bool = False, size: int = 11, link: bool = False, fill: str = "", border: bool = False
    ) -> int:
        """A format of cells with wrapped text: its number."""
        colour = '<color rgb="FF0563C1"/>' if link else ""
        font = self._number(
            "fonts",
            f"<font>{'<b/>' if bold else ''}{'<u/>' if link else ''}<sz val={quoted(str(size))}/>{colour}"
            f"<name val={quoted(self.font)}/></font>",
        )
        ground = self._number("fills", f"<fill>{_solid(fill)}</fill>") if fill else 0
        frame = self._number("borders", _border("FFBFBFBF", "<diagonal/>")) if border else 0
        aligned = '<alignment vertical="top" wrapText="1"/>' if border or not bold else '<alignment vertical="top"/>'
        return self._number(
            "cellXfs",
            f'<xf numFmtId="0" fontId="{font}" fillId="{ground}" borderId="{frame}" xfId="0" applyFont="1" applyFill="1" '
            f'applyBorder="1" applyAlignment="1">{aligned}</xf>',
        )

    def colour(self, ground: str, frame: str) -> int:
        """A format of conditions that fills cells and frames them: its number."""
        fill = f'<fill><patternFill patternType="solid"><fgColor rgb="{ground}"/><bgColor rgb="{ground}"/></patternFill></fill>'
        return self._number("dxfs", f"<dxf>{fill}{_border(frame)}</dxf>")

    def close(self) -> None:
        for name, added in self.new.items():
            parent, xml = self.text.root.one(name), self.text.own("".join(added))
            if parent is None:
                self.text.insert(
                    self.text.own(f'<{name} count="{len(added)}">') + xml + self.text.own(f"</{name}>"), name, _ORDER
                )
                continue
            self.text.append(parent, xml)
            self.text.set(parent, "count", str(len(parent.children) + len(added)))

    def _number(self, name: str, xml: str) -> int:
        parent, added = self.text.root.one(name), self.new.get(name, [])
        own = self.text.own(xml)
        there = [self.text.data[each.start : each.end] for each in parent.children] if parent else []
        if own in there:
            return there.index(own)
        if xml not in added:
            added = self.new[name] = [*added, xml]
        return len(there) + added.index(xml)


def _solid(colour: str) -> str:
    return f'<patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill>'


def _border(colour: str, more: str = "") -> str:
    sides = "".join(f'<{side} style="thin"><color rgb="{colour}"/></{side}>' for side in _SIDES)
    return f"<border>{sides}{more}</border>"
