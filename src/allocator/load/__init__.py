"""Files into a Model: read, then validate, every fault at once.

Lives here: `load`, the order of its stages; beside it yaml, tables, their places; shape, references and sanity.
Not here: what a policy is (model/), expressions over its tables (database/).
"""

from allocator.load.allocation import read_allocation
from allocator.load.model import load
from allocator.load.scenario import Override

__all__ = ["Override", "load", "read_allocation"]
