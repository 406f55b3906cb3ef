"""The boxes that comments are shown in: the drawing that a sheet has of them.

Lives here: a box more, a box larger or smaller, a box less.
Not here: what the comments say (notes.py).

These drawings need be no well-formed XML (programs write HTML into them), so they are changed as bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rich.cells import cell_len

from allocator.workbook.marks.cells import coordinates
from allocator.workbook.marks.package import Package
from allocator.workbook.marks.sheet import ORDER
from allocator.workbook.marks.splices import Text

_PIXELS_WIDE = 300
_PIXELS_HIGH = 20  # of a row
_LINE = 16
_LETTER = 6  # a Chinese sign takes two
_BLOCK = 1024  # the numbers of shapes come in blocks of so many
_SHAPE = re.compile(rb"<(\w+:)shape\b.*?</\1shape>", re.DOTALL)
_NUMBER = re.compile(rb'id\s*=\s*"_x0000_s(\d+)"')
_BLOCKS = re.compile(rb'(<\w+:idmap\b[^>]*?\bdata\s*=\s*")([\d,]*)(")')
_ANCHOR = re.compile(rb"(<\w+:Anchor>)([^<]*)(</\w+:Anchor>)")
_HEIGHT = re.compile(rb"(?<=[;\"' ]height:)([\d.]+)(px|pt)")  # of a box without an anchor
_AT = {name: re.compile(rb"<\w+:" + name + rb">\s*(\d+)\s*</") for name in (b"Row", b"Column")}
_TYPE = b"""<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">\
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"""
_NEW = b"""<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout>\
</xml>"""
_SPACES = b"".join(re.findall(rb' xmlns:\w+="[^"]*"', _NEW)).decode()
_BOX = """<v:shape{spaces} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" \
fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>\
<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>\
<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"""
_TEXTS = "application/vnd.openxmlformats-officedocument.vmlDrawing"


def put_boxes(package: Package, sheet: str, new: Mapping[str, str], grown: Mapping[str, str]) -> None:
    """A box for each new comment of a sheet's part, and room in the boxes of those that grew; texts by their cells."""
    page = package.text(sheet)
    name = _drawing(package, page, sheet)
    data = _NEW if name is None else package.data(name)
    data = _resized(data, {coordinates(cell): rows_of(text) for cell, text in grown.items()})
    if new:
        data = _with(data, new, page, _taken(package))
    if name is not None:
        package.put(name, data)
    elif new:
        name = package.free("xl/drawings/vmlDrawing{}.vml")
        package.put(name, data)
        package.extension("vml", _TEXTS)
        of = package.relate(sheet, "vmlDrawing", name)
        page.insert(page.own(f'<legacyDrawing xmlns:r="{package.office}" r:id="{of}"/>'), "legacyDrawing", ORDER)


def take_boxes(package: Package, sheet: str, gone: Iterable[str], shorter: Mapping[str, str]) -> None:
    """The boxes of comments that are gone, and the room that others do not need any more."""
    page = package.text(sheet)
    name = _drawing(package, page, sheet)
    if name is None:
        return
    cells = {coordinates(cell) for cell in gone}
    data = _SHAPE.sub(lambda shape: b"" if _cell(shape[0]) in cells else shape[0], package.data(name))
    data = _resized(data, {coordinates(cell): -rows_of(text) for cell, text in shorter.items()})
    if _SHAPE.search(data):
        package.put(name, data)
        return
    package.drop(name)
    package.unrelate(sheet, name)
    for element in page.root.all("legacyDrawing"):
        page.cut(element)


def rows_of(text: str) -> int:
    """How many rows a text needs in a box."""
    lines = sum(1 + cell_len(line) * _LETTER // (_PIXELS_WIDE - 20) for line in text.strip("\n").split("\n"))
    return -(-(lines * _LINE + 8) // _PIXELS_HIGH)


def _drawing(package: Package, page: Text, sheet: str) -> str | None:
    """The part with the boxes: not the one with pictures of the page's head, which is of the same kind."""
    found = page.root.one("legacyDrawing")
    of = next((value for key, value in found.attributes.items() if key.rpartition(":")[2] == "id"), "") if found else ""
    parts = (to for element, _, to in package.relations(sheet) if element.attributes.get("Id") == of)
    return package.named(next(parts, ""))


def _cell(shape: bytes) -> tuple[int, int] | None:
    row, column = (pattern.search(shape) for pattern in (_AT[b"Row"], _AT[b"Column"]))
    return (int(row[1]), int(column[1])) if row and column and b'"Note"' in shape else None


def _resized(data: bytes, by: Mapping[tuple[int, int], int]) -> bytes:
    def sized(shape: re.Match[bytes]) -> bytes:
        rows = by.get(_cell(shape[0]) or (-1, -1), 0)
        if not rows:
            return shape[0]
        if not _ANCHOR.search(shape[0]):
            return _HEIGHT.sub(lambda found: _higher(float(found[1]), found[2], rows), shape[0], count=1)
        return _ANCHOR.sub(lambda found: found[1] + _longer(found[2], rows) + found[3], shape[0])

    return _SHAPE.sub(sized, data)


def _longer(anchor: bytes, rows: int) -> bytes:
    """The anchor of a box with so many rows more: left, top, right, bottom, each a cell and pixels."""
    parts = anchor.split(b",")
    if len(parts) != 8 or not parts[6].strip().isdigit():
        return anchor
    last = parts[6].strip()
    parts[6] = parts[6].replace(last, b"%d" % max(int(last) + rows, 0))
    return b",".join(parts)


def _higher(height: float, unit: bytes, rows: int) -> bytes:
    more = rows * _PIXELS_HIGH * (1 if unit == b"px" else 0.75)
    return f"{max(height + more, 10):g}".encode() + unit


def _with(data: bytes, new: Mapping[str, str], page: Text, taken: set[int]) -> bytes:
    """The drawing with a box a text more, under numbers of blocks that no drawing of the book has."""
    numbers = {int(number) // _BLOCK for number in _NUMBER.findall(data)}
    own = _BLOCKS.search(data)
    said = [int(block) for block in own[2].split(b",") if block] if own else []
    blocks = [block for block in said if block not in numbers]
    first = max([0, *taken, *numbers]) + 1
    blocks = (blocks + list(range(first, first + len(new) // (_BLOCK - 1) + 1)))[: len(new) // (_BLOCK - 1) + 1]
    shapes = []
    spaces = "" if b"xmlns:v=" in data.partition(b">")[0] else _SPACES
    for count, (cell, text) in enumerate(new.items()):
        block, within = divmod(count, _BLOCK - 1)
        row, column = coordinates(cell)
        number, anchor = blocks[block] * _BLOCK + within + 1, _anchor(row, column, rows_of(text), page)
        shapes.append(_BOX.format(spaces=spaces, number=number, anchor=anchor, row=row, column=column).encode())
    listed = ",".join(map(str, sorted({*said, *blocks}))).encode()
    data = _BLOCKS.sub(lambda found: found[1] + listed + found[3], data, count=1)
    if b'id="_x0000_t202"' not in data:
        shapes.insert(0, _TYPE.replace(b"<v:shapetype", b"<v:shapetype" + spaces.encode()))
    end = data.rindex(b"</")
    return data[:end] + b"".join(shapes) + data[end:]


def _taken(package: Package) -> set[int]:
    """The blocks of all drawings of the book."""
    drawings = (package.data(name) for name in package.names() if name.lower().endswith(".vml"))
    return {
        int(block) for data in drawings for found in _BLOCKS.findall(data) for block in found[1].split(b",") if block
    }


def _anchor(row: int, column: int, rows: int, page: Text) -> str:
    """Right of the cell, as wide as a comment needs, whatever widths the columns there have."""
    left = right = column + 1
    room = 15
    while (width := _width(page, right)) < _PIXELS_WIDE + room:
        room -= width
        right += 1
    top = max(row - 1, 0)
    return f"{left}, 15, {top}, 4, {right}, {_PIXELS_WIDE + room}, {top + rows}, 4"


def _width(page: Text, column: int) -> int:
    """The width of a column in pixels."""
    form, columns = page.root.one("sheetFormatPr"), page.root.one("cols")
    letters = float(form.attributes.get("defaultColWidth", 9)) if form else 9.0
    for each in columns.children if columns else []:
        said = each.attributes
        if int(said.get("min", 0)) <= column + 1 <= int(said.get("max", 0)):
            hidden = said.get("hidden") in ("1", "true")
            letters = 0.0 if hidden else float(said.get("width", letters))
    return max(int(letters * 7), 1)  # a hidden one too: the walk over columns must come to an end
