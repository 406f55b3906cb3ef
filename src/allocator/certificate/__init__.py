"""A certificate of a plan: every claim from the rows of the problem to the one plan, with what proves it.

Lives here: made.py: `certified`; proofs are found anew along the plan, as linear programmes, and checked in whole numbers.
Not here: who checks it (allocator_check.py imports nothing of this package), the second opinion (solve/certify.py).
"""
