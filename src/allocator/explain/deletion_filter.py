"""The deletion filter: of many things that together come to something, a few that do so as well, none of which can be spared.

Lives here: the order in which things are tried, in large chunks first and at last one by one.
Not here: what is tried (conflict.py: rules and groups; blame.py: signed awards; guard.py: facts).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def thin_out(
    kept: list[T],
    spare: Callable[[list[T], list[T]], bool],
    *,
    part: int = 2,
    again: bool = True,
    over: Callable[[], bool] = lambda: False,
) -> bool:
    """Takes out of `kept` what can be spared; whether every item was tried before time was `over`.

    spare(chunk, rest): whether the rest of what is kept does without the chunk. part: chunks become smaller by this factor.
    again: whether an item that could not be spared is asked once more; False where what is taken out cannot change that.
    """
    size = max(len(kept) // 2, 1)
    needed: set[T] = set()
    while True:
        place = 0
        while place < len(kept):
            if over():
                return False
            chunk = [item for item in kept[place : place + size] if item not in needed]
            if chunk and spare(chunk, rest := [item for item in kept if item not in chunk]):
                kept[:] = rest
                continue
            if len(chunk) == 1 and not again:
                needed.update(chunk)
            place += size
        if size == 1:
            return True
        size = max(size // part, 1)
