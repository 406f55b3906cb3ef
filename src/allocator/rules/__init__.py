"""The kinds of rules: one file a kind; the folder is scanned, no list is kept.

Lives here: total, share, reach, requires, order, fix; and a program's quota, repeat, per_unit, eligible, frozen.
Not here: the contract (model/rule.py), the tables they ask (database/), the problem (problem/).
"""
