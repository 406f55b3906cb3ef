"""What is handed over of a run: workbook, Word files, PDF, page; all made of the same tables (content.py).

Lives here: one folder or file a form. The libraries that they need are the extra `outputs`, imported where they are used.
Not here: the facts (report/), the reasons (explain/), workbooks that are read (workbook/).
"""
