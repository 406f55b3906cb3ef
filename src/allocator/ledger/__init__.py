"""The ledger of signed years: whose signature fixed which plan, each line bound to the one before.

Not here: the form of a line as it is read back (read/ledger_lines.py), the run that is signed (runs/).
"""
