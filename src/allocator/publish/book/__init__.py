"""The plan as a workbook (.xlsx): a sheet a table, printable on A4 as it is.

Lives here: which table stands on which sheet (layout.py), how wide and high its cells are (measure.py), how they look
(style.py), the bytes (write.py), a book of ours read back (read.py).
Not here: the tables themselves (publish/content.py, publish/side_by_side.py), workbooks of a model (workbook/).

Only the plain part of the format is written, which WPS Office and LibreOffice show as Excel does: no formulas, no macros, no
charts, no threaded comments.
"""
