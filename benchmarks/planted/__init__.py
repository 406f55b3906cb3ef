"""Right plans and what breaks them: small models with every rule form, and each rule read once more by whoever plants a fault.

Lives here: the planter's reading of five models (sums, bonds, coverage, and the two in models/), single changes of a plan.
Not here: anything of the package: the planter shares only the files with it. The command: benchmarks/faults.py.
"""
