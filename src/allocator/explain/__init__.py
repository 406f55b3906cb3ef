"""Claims about a plan, each with the solves that back it.

Lives here: which rules cannot hold together (conflict.py).
Not here: showing a claim (report/).
"""
