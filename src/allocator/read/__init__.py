"""Files as raw values with their places: YAML, tables, and what a run, a ledger or a sweep wrote.

Lives here: which files are opened, what a text and a cell says, faults of reading.
Not here: what the values mean (scenario/, load/), who writes runs (runs/), signs (ledger/) or keeps entries (store/).
"""
