"""One sheet of a book: the colour of marked cells, put over it and taken away.

Lives here: the order of a sheet's elements, conditional formats that are ours, whether a sheet is the one that is shown.
Not here: comments (notes.py, boxes.py), the sheet that lists the faults (listing.py).

The colour is a conditional format that always holds. So no cell and no style of the book is touched, cells that do not exist
need none, and the mark goes along where rows are put in. Our formats are known by the word in their formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from allocator.workbook.marks.cells import ranges
from allocator.workbook.marks.splices import Element, Text

CELLS = "sheetData"  # the element that holds them: never looked into
ORDER = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", CELLS, "sheetCalcPr", "sheetProtection"),
    *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *(
        "phoneticPr",
        "conditionalFormatting",
        "dataValidations",
        "hyperlinks",
        "printOptions",
        "pageMargins",
        "pageSetup",
    ),
    *(
        "headerFooter",
        "rowBreaks",
        "colBreaks",
        "customProperties",
        "cellWatches",
        "ignoredErrors",
        "smartTags",
        "drawing",
    ),
    *(
        "legacyDrawing",
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
    ),
    "extLst",
)
_WORD = '"allocator"'
_FORMULA = f"N({_WORD})=0"  # a text counts as 0: this holds always
_MOST = 100  # ranges in one format


def put_colours(page: Text, colours: Sequence[tuple[Iterable[str], int]]) -> None:
    """Colour cells: each group of them with the number of its format among those of conditions."""
    pieces = []
    for cells, colour in colours:
        found = list(ranges(cells))
        pieces += [(" ".join(found[at : at + _MOST]), colour) for at in range(0, len(found), _MOST)]
    rules = list(page.root.within("cfRule"))
    first = 1
    if any(each.attributes.get("pivot") in ("1", "true") for each in page.root.all("conditionalFormatting")):
        # Tables name their formats by the priority.
        first += max((int(rule.attributes.get("priority", 0)) for rule in rules), default=0)
    else:
        _move(page, rules, len(pieces))
    for priority, (cells, colour) in enumerate(pieces, first):
        rule = (
            f'<cfRule type="expression" dxfId="{colour}" priority="{priority}"><formula>{_FORMULA}</formula></cfRule>'
        )
        page.insert(
            page.own(f'<conditionalFormatting sqref="{cells}">{rule}</conditionalFormatting>'),
            "conditionalFormatting",
            ORDER,
        )


def _move(page: Text, rules: Iterable[Element], by: int) -> None:
    """Other rules come after ours, or where they were before."""
    for rule in rules:
        if (priority := rule.attributes.get("priority")) is not None and by:
            page.set(rule, "priority", str(int(priority) + by))


def take_colours(page: Text) -> bool:
    """Take our formats away; False where there are none."""
    ours: list[Element] = []
    for group in page.root.all("conditionalFormatting"):
        mine = [rule for rule in group.all("cfRule") if any(_WORD in each.text for each in rule.all("formula"))]
        for element in [group] if len(mine) == len(group.all("cfRule")) else mine:
            page.cut(element)
        ours += mine
    others = [rule for rule in page.root.within("cfRule") if rule not in ours and "priority" in rule.attributes]
    least = min((int(rule.attributes["priority"]) for rule in others), default=0)
    if ours and least > len(ours):
        _move(page, others, -len(ours))
    return bool(ours)


def select(page: Text, selected: bool) -> None:
    """Whether the sheet is the one that is shown. Two that are selected would both take what is typed."""
    for views in page.root.all("sheetViews"):
        for view in views.all("sheetView"):
            if selected or view.attributes.get("tabSelected") in ("1", "true"):
                page.set(view, "tabSelected", "1" if selected else None)
