"""A table of a Word file: head rows that come again on every page, rows that no page cuts.

Lives here: that.
Not here: how wide its columns are (layout.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from allocator.publish.office.layout import Layout, grouped, layout
from allocator.publish.office.measures import CELL_EDGE, CELL_SIDE, MM, TABLE_PITCH
from allocator.publish.office.word_xml import element, run
from allocator.report.blocks import Table

TWIPS = MM * 20  # a millimetre


def word_table(table: Table, width: float) -> Any:
    """On `width` mm."""
    laid = layout(table, width)
    widths = [round(one * TWIPS) for one in laid.widths]
    rows = [*_head(table, widths, laid)]
    for number, cells in enumerate(table.rows):
        style = "Head" if number in table.strong else "Cell"
        made = [
            _cell(text, one, style, column.align, laid)
            for text, one, column in zip(cells, widths, table.columns, strict=True)
        ]
        rows.append(_row(made, head=False))
    grid = element("w:tblGrid", *(element("w:gridCol", w=one) for one in widths))
    return element("w:tbl", _properties(sum(widths)), grid, *rows)


def _properties(width: int) -> Any:
    edges = [
        element(f"w:{side}", val="single", sz=8, space=0, color="auto") for side in ("top", "left", "bottom", "right")
    ]
    edges += [element(f"w:inside{side}", val="single", sz=4, space=0, color="auto") for side in "HV"]
    inside = [
        element(f"w:{side}", w=round(size * TWIPS), type="dxa")
        for side, size in (("top", CELL_EDGE), ("left", CELL_SIDE), ("bottom", CELL_EDGE), ("right", CELL_SIDE))
    ]
    return element(
        "w:tblPr",
        element("w:tblW", w=width, type="dxa"),
        element("w:jc", val="center"),
        element("w:tblBorders", *edges),
        element("w:tblLayout", type="fixed"),
        element("w:tblCellMar", *inside),
        element("w:tblLook", val="0020", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
    )


def _head(table: Table, widths: Sequence[int], laid: Layout) -> Iterable[Any]:
    """One row of titles; two where something stands over several of them."""
    groups = grouped(table)
    if all(not over for over, _ in groups):
        titles = zip(table.columns, widths, strict=True)
        yield _row([_cell(one.title, width, "Head", "center", laid) for one, width in titles], head=True)
        return
    upper, lower, place = [], [], 0
    for over, count in groups:
        own = widths[place : place + count]
        if over:
            upper.append(_cell(over, sum(own), "Head", "center", laid, element("w:gridSpan", val=count)))
            named = zip(table.columns[place : place + count], own, strict=True)
            lower += [_cell(one.title, width, "Head", "center", laid) for one, width in named]
        else:
            title = table.columns[place].title
            upper.append(_cell(title, own[0], "Head", "center", laid, element("w:vMerge", val="restart")))
            lower.append(_cell("", own[0], "Head", "center", laid, element("w:vMerge")))
        place += count
    yield _row(upper, head=True)
    yield _row(lower, head=True)


def _row(cells: Sequence[Any], *, head: bool) -> Any:
    told = [element("w:cantSplit"), *([element("w:tblHeader")] if head else [])]
    return element("w:tr", element("w:trPr", *told), *cells)


def _cell(text: str, width: int, style: str, align: str, laid: Layout, *merged: Any) -> Any:
    """The size stands at the paragraph's runs: it differs from table to table."""
    properties = element(
        "w:pPr",
        element("w:pStyle", val=style),
        element("w:spacing", line=round(laid.size * TABLE_PITCH * 20), lineRule="exact"),
        element("w:jc", val=align),
    )
    made = element("w:p", properties, *([run(text, laid.size)] if text else []))
    told = element("w:tcPr", element("w:tcW", w=width, type="dxa"), *merged, element("w:vAlign", val="center"))
    return element("w:tc", told, made)
