"""What is known of a plan, a stage or one question: one word with one meaning, from the solvers to the page.

Lives here: the words, and which of them say that something was proved.
Not here: how a thing is proved (solve/), the sentences for people (words/).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """`optimal`: a plan, and proved with a gap of zero that none is better. `within`: a plan, and proved that none is better
    by more than the gap that the user allows. `not proved`: a plan, and no more. `infeasible`: proved that there is no plan.
    `no plan`: none was found, and it is not proved that there is none. `disagreement`: a second solver found a better plan.
    """

    OPTIMAL = "optimal"
    WITHIN = "within"
    NOT_PROVED = "not proved"
    INFEASIBLE = "infeasible"
    NO_PLAN = "no plan"
    DISAGREEMENT = "disagreement"

    @property
    def proved(self) -> bool:
        """Nothing is left to be found: the best plan, or that there is none."""
        return self in (Status.OPTIMAL, Status.INFEASIBLE)

    @property
    def planned(self) -> bool:
        """There is a plan that may be used, whatever is known of it."""
        return self in (Status.OPTIMAL, Status.WITHIN, Status.NOT_PROVED)


def weakest(statuses: Iterable[Status]) -> Status:
    """Of what was proved of several stages of one plan, the least; optimal where there are none."""
    return max(statuses, key=(Status.OPTIMAL, Status.WITHIN, Status.NOT_PROVED).index, default=Status.OPTIMAL)
