"""Model -> Problem: cells, columns, rows as plain integer arrays, each with the rule and the group it comes from.

Lives here: which cells exist, the matrix, provenance, exact scaling, stable LP text.
Not here: any solver (solve/), any judgement of an allocation (audit/).
"""

from allocator.problem.arrays import Problem
from allocator.problem.assemble import compile

__all__ = ["Problem", "compile"]
