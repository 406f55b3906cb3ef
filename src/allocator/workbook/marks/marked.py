"""A book with marks at some of its cells and a first sheet that lists them; the same book without them.

Lives here: `marked`, `unmarked`, in which order the parts of the file are changed.
Not here: which cells are at fault and what is said of them (answer.py), what a part looks like (the files beside).

The parts are changed where a mark needs it, and nowhere else: every other byte of every part is given back as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from allocator.workbook.marks.boxes import put_boxes, take_boxes
from allocator.workbook.marks.cells import coordinates
from allocator.workbook.marks.listing import Listing, put_listing, take_listing, untouched
from allocator.workbook.marks.notes import comment_lines, put_comments, take_comments
from allocator.workbook.marks.package import Package
from allocator.workbook.marks.sheet import CELLS, put_colours, take_colours
from allocator.workbook.marks.splices import NotReadable
from allocator.workbook.marks.styles import Styles

FAULT, NOTICE = ("FFFFC7CE", "FFC00000"), ("FFFFEB9C", "FFBF8F00")  # ground and frame


@dataclass(frozen=True)
class Mark:
    """A cell, and what its comment says. `notice`: there is something to look at, nothing to mend."""

    sheet: str
    cell: str
    text: str
    notice: bool = False


def marked(book: bytes, marks: Sequence[Mark], listing: Listing) -> bytes:
    """The book with these marks alone and this first sheet; earlier ones are taken away.

    Marks of one cell share its comment. Raises NotReadable where the bytes are no workbook, or hold no such sheet or cell.
    """
    package = Package(book)
    _take(package, listing.names)
    package.settle()
    styles = Styles(package)
    by_sheet: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_sheet[mark.sheet].append(mark)
    colours = {
        notice: styles.colour(*(NOTICE if notice else FAULT)) for notice in sorted({mark.notice for mark in marks})
    }
    for sheet, part in _pages(package):
        if sheet in by_sheet:
            _put(package, part, by_sheet.pop(sheet), colours, styles.font)
    if by_sheet:
        raise NotReadable
    put_listing(package, styles, listing)
    styles.close()
    return package.bytes()


def unmarked(book: bytes, names: Iterable[str]) -> bytes | None:
    """The book without marks and without a first sheet of one of these names; None where it has neither. Raises NotReadable."""
    package = Package(book)
    return package.bytes() if _take(package, names) else None


def as_marked(book: bytes) -> bool:
    """Whether these bytes are a marked book that nobody has saved since."""
    try:
        return untouched(Package(book))
    except NotReadable:
        return False


def _put(package: Package, part: str, marks: Sequence[Mark], colours: dict[bool, int], font: str) -> None:
    texts: dict[str, list[str]] = defaultdict(list)
    notices: dict[str, bool] = {}
    for mark in marks:
        cell = mark.cell.replace("$", "").upper()
        coordinates(cell)
        texts[cell].append(mark.text)
        notices[cell] = mark.notice and notices.get(cell, True)
    page = package.text(part, CELLS)
    groups = ((notice, [cell for cell in texts if notices[cell] == notice]) for notice in colours)
    put_colours(page, [(cells, colours[notice]) for notice, cells in groups if cells])
    said = {cell: "\n\n".join(dict.fromkeys(lines)) for cell, lines in texts.items()}
    new, grown = put_comments(package, part, said, font)
    lines = {cell: comment_lines(text) for cell, text in said.items()}
    put_boxes(
        package, part, {cell: lines[cell] for cell in texts if cell in new}, {cell: lines[cell] for cell in grown}
    )


def _take(package: Package, names: Iterable[str]) -> bool:
    found = False
    for _, part in _pages(package):
        page = package.text(part, CELLS)
        took = take_colours(page)
        gone, shorter = take_comments(package, part)
        if gone or shorter:
            take_boxes(package, part, gone, shorter)
        found |= took or bool(gone or shorter)
    return take_listing(package, names) or found


def _pages(package: Package) -> Iterable[tuple[str, str]]:
    """The sheets with cells, not those that are one chart."""
    for name, (_, part) in package.sheets.items():
        if package.text(part, CELLS).root.name == "worksheet":
            yield name, part
