"""A folder of runs as a store: which runs there are, which have the answer to a problem, which may go.

Not here: one run (runs/), the ledger of signed years (ledger/), whose proofs a solve uses (answer/hints.py).
"""
