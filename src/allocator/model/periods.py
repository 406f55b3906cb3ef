"""How far apart two periods are: a period is a place in the plan's list of periods.

Lives here: that place, as a number, as an array, and in SQL. 2026 and 2028 are neighbours where 2027 is no period of the plan.
Not here: the rules that count in places (repeat, requires).

Years before the first period count one by one: the past knows no list. A year that is no period of the plan (in an allocation
that somebody made) has the place of the last period before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.model.query import Ints


def place(periods: Sequence[int], period: int) -> int:
    """The place of a period; 0 is the first of the plan."""
    return int(places(periods, np.array([period], np.int64))[0])


def places(periods: Sequence[int], given: Ints) -> Ints:
    """The same for many."""
    ordered = np.array(sorted(periods), np.int64)
    found: Ints = np.minimum(given - ordered[0], 0) + np.searchsorted(ordered[1:], given, side="right")
    return found


def place_sql(periods: Sequence[int], period: str) -> str:
    """The same as SQL, of a column."""
    first, *later = sorted(periods)
    steps = "".join(f" + ({period} >= {other})::bigint" for other in later)
    return f"(least({period} - {first}, 0){steps})"
