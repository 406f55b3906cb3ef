"""A workbook (.xlsx) as raw values with their cells: the model or the scenarios in it, and its tables.

Lives here: the parts of the file and their limits, the cells of a sheet, a sheet as a table, the sheets of a model.
Not here: writing a workbook (workbook/), which file of a command is a workbook (read/documents.py).
"""
