"""What a group is called: the values of its columns, in order.

Lives here: a label; many of them, made only when one is read.
Not here: groups and rows (query.py), their words (explain/names.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import overload

Label = tuple[str | int, ...]


class Labels(Sequence[Label]):
    """A label for each row, made when one is first read: of most plans nobody asks for any."""

    def __init__(self, length: int, make: Callable[[], Iterable[Label]]) -> None:
        self._length, self._make = length, make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, row: int) -> Label: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Label, ...]: ...
    def __getitem__(self, row: int | slice) -> Label | tuple[Label, ...]:
        return self._made[row]

    @cached_property
    def _made(self) -> tuple[Label, ...]:
        made = tuple(self._make())
        assert len(made) == self._length
        return made
