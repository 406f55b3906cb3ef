"""Two questions for another plan at once, each to a solver in a process of its own.

Lives here: whether that is worth it, asking them, what both have proved.
Not here: the questions (another_plan.py), what follows from the answers (draw.py).

Which questions are asked depends on the problem alone, not on time: so a later solve asks the same, and finds them proved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from copy import copy
from typing import Any, TypeVar

from allocator.solve import guest
from allocator.solve.interrupt import LISTEN_S
from allocator.solve.neighbourhood_search import LARGE
from allocator.solve.proofs import Kept
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import silent

WORTH_IT = 200  # columns of a part from which on a search for another plan takes longer than a second process to begin

R = TypeVar("R")


class AtOnce:
    """A second thread with a solver of its own, which comes with its first question and ends with the context."""

    def __init__(self, course: StageSolver) -> None:
        self.may = guest.several(course.backend, course.clock)
        self._second = ThreadPoolExecutor(1)

    def __enter__(self) -> AtOnce:
        return self

    def __exit__(self, *_: object) -> None:
        self._second.shutdown(cancel_futures=True)

    def worth_it(self, course: StageSolver) -> bool:
        """Whether a question for another plan is a long search: its stage is held by a row, not by bounds that prices prove."""
        return self.may and any(WORTH_IT <= columns < LARGE for columns in course.held_columns())

    def asked(self, course: StageSolver, works: Sequence[Callable[[StageSolver], R]]) -> list[R]:
        """What one or two works give; the course goes on from what the first leaves behind. Raises what they raise."""
        first, *others = works
        aside = copy(course)
        aside.reporter, aside.kept = silent, Kept(course.kept.known)
        begun = [self._second.submit(work, aside) for work in others]
        found = [first(course)]
        for one in begun:
            found.append(_result(one, course))
            course.kept.add(aside.kept)
        return found


def _result(one: Any, course: StageSolver) -> Any:
    """What the other thread gives; Ctrl-C is heard meanwhile."""
    while not one.done():
        try:
            wait([one], LISTEN_S)
        except KeyboardInterrupt:
            course.clock.stop.set()
    return one.result()
