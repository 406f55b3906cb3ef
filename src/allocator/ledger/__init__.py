"""The ledger: whose signature fixed which plan, which objection had which answer; each line bound to the one before.

Not here: the form of a line as it is read back (read/ledger_lines.py), the run that is signed (runs/).
"""
