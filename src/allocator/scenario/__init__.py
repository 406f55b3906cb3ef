"""Scenarios looked at before anything is solved: what differs between two models as they are declared.

Not here: what a scenario file may say and how it is laid over a model (load/), what differs between plans (compare/).
"""

from allocator.scenario.differences import Differences, differences

__all__ = ["Differences", "differences"]
