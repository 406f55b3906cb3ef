"""A model as a workbook, and a faulty workbook given back with its faults marked.

Lives here: the sheets of a model, the marks in a book.
Not here: how a book is read (read/), what is handed over of a run (publish/).
"""
