"""The office's documents of a run: the annex, the public notice, the final notice, letters; as Word files and as PDF.

Lives here: what they say (documents.py), of what parts (parts.py), on which measures (measures.py, layout.py), in which fonts
(fonts.py), and the two forms: Word (word.py and its helpers), PDF by typst (pdf.py, document.typ). files.py gives all by name.
Not here: the figures (publish/content.py), the reasons (report/letter.py), the command.
"""
