"""Raw values into a Model: every check, every fault at once.

Lives here: `load`, the order of its stages: shape, tables, references, evaluation; notices; allocations made by hand.
Not here: opening files (read/), what a scenario changes (scenario/), what a policy is (model/).
"""

from allocator.load.allocation import read_allocation
from allocator.load.model import load
from allocator.scenario.layers import Override

__all__ = ["Override", "load", "read_allocation"]
