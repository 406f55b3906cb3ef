"""A figure of a file that was handed over, asked again of its run by another way than it was made.

    address = address_of("report.xlsx!Annex!D7")
    figures = in_book(book, content, address)              # the figures of the file: what stands there, how it is asked
    answer = Recount(run).answer(figures[0].asked)         # the same value again, with the query and what it reads

Lives here: addresses (address.py), the figures of a book, a page and a letter (in_book.py, in_page.py, in_letter.py), the
questions answered (recount.py) with the inputs that they read (inputs.py), and what is the same (figure.py).
Not here: which figure has which question (publish/tables.py, publish/lists.py), how it is shown (cli/commands/replay.py).
"""
