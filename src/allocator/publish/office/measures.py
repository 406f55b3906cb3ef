"""The measures of GB/T 9704-2012, the form of official documents: page, type area, grid, sizes, fonts by name.

Lives here: the figures of the standard, once for Word and for PDF.
Not here: how wide the columns of a table are (layout.py), which installed font stands for which (fonts.py).

Clause 5.2: A4, head 37 mm, binding edge 28 mm, type area 156 x 225 mm. 5.2.3: 22 lines a page, 28 characters a line.
7.5: page numbers of 14 pt between dashes, the dashes 7 mm below the type area, outside, one character in.
7.4: a landscape table keeps the page number where it is on every page; its head lies at the left edge of the upright sheet.
A landscape page is shared out evenly (27 mm, 36 mm), so that odd and even sheets both keep to the 1 mm that the standard allows.
"""

from __future__ import annotations

from typing import Literal

MM = 72 / 25.4  # points

WIDTH, HEIGHT = 210, 297  # of the sheet, mm
HEAD, BINDING = 37, 28
AREA_WIDTH, AREA_HEIGHT = 156, 225
OUTER, FOOT = WIDTH - BINDING - AREA_WIDTH, HEIGHT - HEAD - AREA_HEIGHT
LANDSCAPE_HEAD, LANDSCAPE_SIDE = (WIDTH - AREA_WIDTH) / 2, (HEIGHT - AREA_HEIGHT) / 2
NUMBER_BELOW = 7  # from the type area to the dashes of the page number

LINES, CHARACTERS = 22, 28
PITCH = 28.95  # of lines, points; 22 of them are 224.7 mm
BODY, TITLE, PAGE_NUMBER = 16, 22, 14  # size three, two, four
LETTERHEAD = 36  # of the name of the office, at most: it stands in one line
SQUEEZE = AREA_WIDTH * MM / CHARACTERS - BODY  # what 28 characters in a line have to give, each: -0.21 pt

# An English document keeps the sheet and the type area; its letters are smaller.
LATIN_BODY, LATIN_TITLE, LATIN_PITCH, LATIN_LETTERHEAD = 12, 18, 18.0, 26

RED = "C00000"

Role = Literal["title", "body", "black", "script", "song"]
CHINESE: dict[Role, str] = {
    "title": "方正小标宋简体",
    "body": "仿宋_GB2312",
    "black": "黑体",
    "script": "楷体_GB2312",
    "song": "宋体",
}
LATIN = "Times New Roman"
TABLE_SIZES = (12.0, 10.5, 9.0)  # small four, five, small five: the largest in which a table can be read
TABLE_PITCH = 1.3  # a line of a table in ems
CELL_SIDE, CELL_EDGE = 1.2, 0.7  # inside of a cell, left and right, above and below, mm
