"""Scenarios: what differs from a model, file by file, and what differs between two models as they are declared.

Lives here: paths into a model's values, the layers of a scenario, what each of their keys changes, putting that in.
Not here: what the values mean (load/), what differs between plans (compare/).
"""

from allocator.scenario.differences import Differences, differences

__all__ = ["Differences", "differences"]
