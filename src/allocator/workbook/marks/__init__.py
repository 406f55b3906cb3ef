"""A faulty workbook given back as the same book, with every faulty cell marked and a first sheet that lists all of them.

Lives here: what is said where (answer.py), the book with marks and without them (marked.py), the parts of its file that change.
Not here: the faults (load/, read/), writing a model as a workbook (the files beside this folder).
"""
