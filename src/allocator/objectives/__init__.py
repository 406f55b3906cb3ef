"""The kinds of objectives: one file a kind; the folder is scanned, no list is kept.

Lives here: total, reach, fair, apportion, keep, soft, sum, lottery.
Not here: the contract (model/objective.py), how a stage is solved and held (solve/).
"""
