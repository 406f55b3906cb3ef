"""The first sheet of a marked book: all its faults in a table, with links to their cells.

Lives here: that sheet as a part, its place before the others, what counts the sheets by their number; taking it away.
Not here: what stands in it (answer.py), the marks (marked.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from allocator.faults import column_letters
from allocator.workbook.marks.cells import at_cell
from allocator.workbook.marks.package import Package, kind_of
from allocator.workbook.marks.sheet import CELLS, select
from allocator.workbook.marks.splices import Element, content, quoted
from allocator.workbook.marks.styles import Styles

_BOOK_ORDER = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups"),
    *("externalReferences", "definedNames", "calcPr"),
)
_PART = "xl/worksheets/allocator.xml"  # a program that saves the book gives it another name: then it was edited


@dataclass(frozen=True)
class Line:
    """A row of the table; its link stands in the column `linked`."""

    cells: tuple[str | int, ...]
    sheet: str | None = None
    cell: str | None = None


@dataclass(frozen=True)
class Listing:
    """The first sheet: title, lines of text, a table. `columns`: headings with their widths in letters; `names`: every name
    that such a sheet may have, the first of them this one's."""

    names: tuple[str, ...]
    title: str
    said: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]
    linked: int
    lines: tuple[Line, ...]


def put_listing(package: Package, styles: Styles, listing: Listing) -> None:
    """Put the sheet before all others, and show it."""
    workbook, name = package.text(package.book), listing.names[0]
    listed = workbook.root.one("sheets")
    if listed is None:
        return
    for _, part in package.sheets.values():
        select(package.text(part, CELLS), False)
    package.put(_PART, _sheet(package, styles, listing).encode(), kind_of("worksheet"))
    of = package.relate(package.book, "worksheet", _PART)
    number = max(int(each.attributes.get("sheetId", 0)) for each in listed.children) + 1
    line = f'<sheet name={quoted(name)} sheetId="{number}" xmlns:r="{package.office}" r:id="{of}"/>'
    workbook.put(listed.inside, workbook.own(line))
    _count(package, lambda at: at + 1)
    for view in workbook.root.within("workbookView"):
        workbook.set(view, "activeTab", None)
        workbook.set(view, "firstSheet", None)
    heads = content(at_cell(name, f"${_head(listing)}:${_head(listing)}"))
    titles = f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{heads}</definedName>'
    if (named := workbook.root.one("definedNames")) is not None:
        workbook.append(named, workbook.own(titles))
    else:
        workbook.insert(workbook.own(f"<definedNames>{titles}</definedNames>"), "definedNames", _BOOK_ORDER)


def take_listing(package: Package, names: Iterable[str]) -> bool:
    """Take the sheet away, if there is one; the first one that can be seen is shown instead."""
    found = {name: package.sheets[name] for name in names if name in package.sheets}
    if not found or len(found) == len(package.sheets):
        return False
    workbook = package.text(package.book)
    places = [place for place, name in enumerate(_listed(package)) if name in found]
    for element, part in found.values():
        workbook.cut(element)
        package.drop(part)
        package.unrelate(package.book, part)
    _count(package, lambda at: None if at in places else at - sum(place < at for place in places))
    others = {name: sheet for name, sheet in package.sheets.items() if name not in found}
    for view in workbook.root.within("workbookView"):
        at = int(view.attributes.get("activeTab", 0))
        if at not in places:
            workbook.set(view, "activeTab", str(at - sum(place < at for place in places)))
            continue
        shown = next((name for name, (each, _) in others.items() if _visible(each)), next(iter(others)))
        workbook.set(view, "activeTab", str(list(others).index(shown)) if list(others).index(shown) else None)
        select(package.text(others[shown][1], CELLS), True)
    return True


def untouched(package: Package) -> bool:
    """Whether the book is as it was when its faults were listed: nobody has saved it since."""
    return package.named(_PART) is not None


def _visible(sheet: Element) -> bool:
    return sheet.attributes.get("state", "visible") == "visible"


def _listed(package: Package) -> list[str]:
    listed = package.text(package.book).root.one("sheets")
    return [each.attributes.get("name", "") for each in listed.children] if listed else []


def _count(package: Package, moved: Callable[[int], int | None]) -> None:
    """Names that belong to one sheet say which by its number."""
    workbook = package.text(package.book)
    for each in workbook.root.within("definedName"):
        if (at := each.attributes.get("localSheetId")) is None:
            continue
        if (now := moved(int(at))) is None:
            workbook.cut(each)
        elif now != int(at):
            workbook.set(each, "localSheetId", str(now))


def _head(listing: Listing) -> int:
    """The row with the headings, from 1: below the title, the texts and an empty row."""
    return len(listing.said) + 3


def _sheet(package: Package, styles: Styles, listing: Listing) -> str:
    title = styles.format(bold=True, size=16)
    plain = styles.format()
    head = styles.format(bold=True, fill="FFD9E1F2", border=True)
    cell = styles.format(border=True)
    link = styles.format(link=True, border=True)
    last, first = column_letters(len(listing.columns)), _head(listing)
    wide = sum(width for _, width in listing.columns)
    rows = [_row(1, 26, [_text("A1", listing.title, title)])]
    for number, said in enumerate(listing.said, 2):
        rows.append(_row(number, 16 * _lines(said, wide), [_text(f"A{number}", said, plain)]))
    rows.append(
        _row(
            first,
            20,
            [_text(f"{column_letters(at + 1)}{first}", name, head) for at, (name, _) in enumerate(listing.columns)],
        )
    )
    links = []
    for number, line in enumerate(listing.lines, first + 1):
        lines = max(_lines(str(text), width) for text, (_, width) in zip(line.cells, listing.columns, strict=True))
        linked = line.sheet is not None and line.cell is not None
        styled = [link if linked and at == listing.linked else cell for at in range(len(line.cells))]
        names = [f"{column_letters(at + 1)}{number}" for at in range(len(line.cells))]
        rows.append(_row(number, min(15 * lines + 5, 400), map(_text, names, line.cells, styled)))
        if line.sheet is not None and line.cell is not None:
            to = quoted(at_cell(line.sheet, line.cell))
            links.append(f'<hyperlink ref="{names[listing.linked]}" location={to} display={quoted(line.cell)}/>')
    merged = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in range(1, first - 1))
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, (_, width) in enumerate(listing.columns, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{package.main}">'
        '<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{first + len(listing.lines)}"/><sheetViews><sheetView tabSelected="1" showGridLines="0" '
        f'workbookViewId="0"><pane ySplit="{first}" topLeftCell="A{first + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{first + 1}" sqref="A{first + 1}"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{"".join(rows)}</sheetData>'
        f'<autoFilter ref="A{first}:{last}{first + len(listing.lines)}"/>'
        f'<mergeCells count="{first - 2}">{merged}</mergeCells>'
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
    )


def _row(number: int, points: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}" ht="{points}" customHeight="1">{"".join(cells)}</row>'


def _text(name: str, value: str | int, style: int) -> str:
    if isinstance(value, int):
        return f'<c r="{name}" s="{style}"><v>{value}</v></c>'
    if not value:
        return f'<c r="{name}" s="{style}"/>'
    return f'<c r="{name}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{content(value)}</t></is></c>'


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column of so many letters: a Chinese sign counts as two."""
    return sum(1 + int(cell_len(line) * 1.1) // max(width - 1, 1) for line in text.split("\n"))
